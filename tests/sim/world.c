#include "tests/sim/world.h"

#include "core/mem.h"
#include "store/key.h"
#include "tests/sim/accident.h"
#include "tests/sim/checker.h"
#include "tests/sim/fault.h"
#include "tests/sim/machine.h"
#include "tests/sim/network.h"
#include "tests/sim/office.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define EVENTS_EACH 30000u /* of one machine, in a whole run */
#define TRIES_MAX 24u      /* sessions of one machine in a round, and one for each machine */
#define CALL_AFTER (3 * (int64_t)HOUR)
#define SETTLE_MAX (3 * (int64_t)HOUR) /* after the last call */
#define LOOKS 3u                       /* at boards of a campaign, in the middle of things */

struct moment sim_moment(const struct machine *m) {
    const struct sim *sim = m->sim;
    return (struct moment){sim->begun + sim->s.now + m->wall_shift, sim->s.now + 3600000};
}

void sim_set_clock(struct machine *m, int64_t shift) {
    m->wall_shift = shift;
    history_clock(m);
}

struct machine *sim_above(const struct machine *m) {
    return m->parent == NOBODY ? NULL : &m->sim->machines[m->parent];
}

struct machine *sim_hub_of(const struct machine *m, uint32_t level) {
    struct machine *at = &m->sim->machines[m->index];
    while (at && at->level > level)
        at = sim_above(at);
    return at;
}

bool sim_under(const struct machine *m, const struct machine *top) {
    return m->level >= top->level && sim_hub_of(m, top->level) == top;
}

void sim_plan(struct machine *m, int64_t delay, struct event e) {
    e.who = m->index;
    scheduler_add(&m->sim->s, delay, e);
}

void sim_violate(struct sim *sim, const char *property, const char *format, ...) {
    char text[400];
    va_list ap;
    if (sim->violation[0] != '\0')
        return;
    va_start(ap, format);
    (void)vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    (void)snprintf(sim->violation, sizeof sim->violation, "%s: %s (at %lld ms)", property, text,
                   (long long)sim->s.now);
}

void sim_broken(struct sim *sim, const char *doing, const struct err *e) {
    char text[300];
    sim_violate(sim, "0 goes on", "%s: %s", doing, err_text(e, NULL, text, sizeof text));
}

void sim_say(struct sim *sim, const char *format, ...) {
    char text[300];
    va_list ap;
    va_start(ap, format);
    int n = vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    scheduler_trace(&sim->s, text, n < (int)sizeof text ? (size_t)n : sizeof text - 1);
    if (sim->asked.trace)
        (void)printf("# %12lld %s\n", (long long)sim->s.now, text);
}

/* ---- beginning ---- */

void sim_init(struct sim *sim, uint64_t seed, bool faulty, const struct sim_options *asked,
              const char *dir) {
    *sim = (struct sim){.seed = seed, .faulty = faulty, .asked = *asked};
    scheduler_init(&sim->s);
    history_init(&sim->history);
    prng_seed(&sim->plan, seed, 1);
    prng_seed(&sim->net, seed, 2);
    prng_seed(&sim->luck, seed, 3);
    prng_seed(&sim->fate, seed, 4);
    prng_seed(&sim->keep, seed, 5);
    (void)snprintf(sim->dir, sizeof sim->dir, "%s", dir);
    (void)mkdir(dir, 0700);
    office_plan(sim);
    fault_draw(sim);
}

static void schedule_machine(struct sim *sim, struct machine *m) {
    if (m->parent != NOBODY) {
        int64_t join = prng_between(&sim->plan, 0, m->is_hub ? 6 * HOUR : 3 * DAY);
        sim_plan(m, join, (struct event){.kind = EVENT_START});
    }
    for (uint32_t i = 0; i < m->n_syncs; i++)
        sim_plan(m, m->syncs[i], (struct event){.kind = EVENT_SYNC});
    for (uint32_t i = 0; i < m->n_deeds; i++)
        sim_plan(m, m->deeds[i].at, (struct event){.kind = EVENT_ACT});
    for (uint32_t i = 1; i < m->n_acts; i++)
        sim_plan(m, m->acts[i].at, (struct event){.kind = EVENT_ACT});
}

/* Soon after a due instant it shows who knows what; most ask at the top. */
static void schedule_looks(struct sim *sim) {
    struct prng *p = &sim->plan;
    for (uint32_t i = 0; i < sim->n_hubs; i++) {
        const struct issue *k = &sim->machines[i].issue;
        for (uint32_t look = 0; k->planned && look < LOOKS; look++) {
            struct machine *asked =
                &sim->machines[prng_chance(p, 500000) ? i : prng_below(p, sim->n_hubs)];
            int64_t at = k->due[1 + look % 2] - sim->begun + prng_between(p, 0, 2 * DAY);
            if (at < sim->heal_at)
                sim_plan(asked, at, (struct event){.kind = EVENT_LOOK});
        }
    }
}

static void schedule(struct sim *sim) {
    for (uint32_t i = 0; i < sim->n; i++)
        schedule_machine(sim, &sim->machines[i]);
    schedule_looks(sim);
    accident_plan(sim);
    scheduler_add(&sim->s, sim->heal_at, (struct event){.kind = EVENT_HEAL});
}

/* ---- going on ---- */

/* Nothing goes wrong any more: whoever is down comes up, whoever has something to say says it. */
static void heal(struct sim *sim) {
    sim_say(sim, "heal");
    sim->armed = false;
    sim->healed = true;
    for (uint32_t i = 0; i < sim->n; i++) {
        struct machine *m = &sim->machines[i];
        if (m->shifted)
            sim_set_clock(m, 0);
        m->full_until = 0;
        sim_plan(m, SECOND, (struct event){.kind = EVENT_START});
        sim_plan(m, MINUTE, (struct event){.kind = EVENT_ACT});
        session_soon(sim, m, prng_between(&sim->net, MINUTE, 2 * MINUTE));
    }
    accident_heal(sim);
    scheduler_add(&sim->s, CALL_AFTER, (struct event){.kind = EVENT_CALL, .side = sim->levels});
}

/* Nobody needed more than a bounded number of sessions. */
static void check_tries(struct sim *sim) {
    for (uint32_t i = 0; i < sim->n; i++)
        if (sim->machines[i].tries > (sim->n_struck ? 4 : 1) * (TRIES_MAX + sim->n))
            sim_violate(sim, "8 settles", "%s needs %u sessions", sim->machines[i].code,
                        sim->machines[i].tries);
    for (uint32_t i = 0; i < sim->n; i++)
        sim->machines[i].tries = 0;
}

/* By now an hour has passed: hubs state contact, the lower ones first, so that those above hear. */
static void call_all(struct sim *sim, uint32_t rounds) {
    sim_say(sim, "call");
    check_tries(sim);
    for (uint32_t i = 0; i < sim->n; i++) {
        if (sim->machines[i].is_hub)
            machine_tick_soon(sim, &sim->machines[i]);
        session_soon(sim, &sim->machines[i], prng_between(&sim->net, MINUTE, 2 * MINUTE));
    }
    sim->called = rounds <= 1;
    if (!sim->called)
        scheduler_add(&sim->s, CALL_AFTER, (struct event){.kind = EVENT_CALL, .side = rounds - 1});
}

static void happen_on_wire(struct sim *sim, struct event *e) {
    struct conn *c = &sim->conns[e->conn];
    struct machine *child = &sim->machines[c->child];
    struct slice frame = slice_of(e->data, e->len);
    if (e->kind == EVENT_CUT) {
        network_cut(sim, e->conn, e->side != 0);
    } else if (!c->dead) {
        scheduler_trace_u64(&sim->s, (uint64_t)e->conn << 32 | e->side);
        scheduler_trace(&sim->s, e->data, e->len);
        if (sim->asked.trace)
            (void)printf("# %12lld frame %u %s type %d, %zu bytes\n", (long long)sim->s.now,
                         e->conn, e->side == SIDE_UP ? "up" : "down", e->len > 4 ? e->data[4] : -1,
                         e->len);
        if (e->side == SIDE_UP)
            machine_frame(sim, sim_above(child), e->conn, frame);
        else
            session_frame(sim, child, e->conn, frame);
    }
}

static void happen(struct sim *sim, struct event *e) {
    struct machine *m = &sim->machines[e->who];
    bool same = m->up && e->conn == m->starts;
    scheduler_trace_u64(&sim->s, (uint64_t)e->at);
    scheduler_trace_u64(&sim->s, (uint64_t)e->kind << 32 | e->who);
    switch (e->kind) {
    case EVENT_FRAME:
    case EVENT_CUT:
        happen_on_wire(sim, e);
        return;
    case EVENT_CONNECTED:
        session_connected(sim, m, e->conn, network_connected(sim, e->conn));
        return;
    case EVENT_CLOSED:
        session_closed(sim, m, e->conn);
        return;
    case EVENT_STEP:
        if (same)
            machine_step(sim, m);
        return;
    case EVENT_TICK:
        if (same)
            machine_tick(sim, m);
        return;
    case EVENT_KEEP:
        if (same)
            machine_keep(sim, m);
        return;
    case EVENT_START:
        machine_start(sim, m);
        return;
    case EVENT_ACT:
        machine_act(sim, m);
        return;
    case EVENT_CLOCK:
        sim_set_clock(m, 0);
        return;
    case EVENT_SYNC:
        if (m->sync_at <= sim->s.now)
            m->sync_at = NEVER;
        session_begin(sim, m);
        return;
    case EVENT_TALK:
        session_tick(sim, m, e->conn);
        return;
    case EVENT_LOOK:
        checker_look(sim, m);
        return;
    case EVENT_OLD_COPY:
        accident_strike(sim, m);
        return;
    case EVENT_HEAL:
        heal(sim);
        return;
    case EVENT_CALL:
        call_all(sim, e->side);
        return;
    }
}

/* ---- at rest ---- */

static bool machine_rests(const struct sim *sim, const struct machine *m) {
    return m->up && m->joined && !m->in_session && !m->step_planned && !m->tick_planned &&
           !m->keep_planned && machine_all_done(m) && !m->actor.spent &&
           (m->parent == NOBODY || m->sync_at > sim->s.now + HOUR);
}

/* Whether everybody has done what was planned and said it, and all is where it belongs. */
static bool at_rest(struct sim *sim) {
    if (!sim->called)
        return false;
    for (uint32_t i = 0; i < sim->n; i++) { /* begin where it failed the last time */
        uint32_t at = (sim->awake + i) % sim->n;
        if (!machine_rests(sim, &sim->machines[at])) {
            sim->awake = at;
            return false;
        }
    }
    return checker_drained(sim, NULL);
}

/* Who has not said all, or not heard all, goes on. */
static void check_bounds(struct sim *sim) {
    if (++sim->events > EVENTS_EACH * (uint64_t)sim->n)
        sim_violate(sim, "8 settles", "more than %u events a machine", EVENTS_EACH);
    if (sim->healed && sim->s.now > sim->heal_at + sim->levels * CALL_AFTER + SETTLE_MAX)
        sim_violate(sim, "8 settles", "not at rest %d hours after the last call", 3);
}

void sim_run(struct sim *sim) {
    struct event e;
    bool resting = false;
    machine_found(sim);
    schedule(sim);
    sim->armed = sim->faulty;
    while (sim->violation[0] == '\0' && !resting && scheduler_next(&sim->s, &e)) {
        happen(sim, &e);
        mem_free(e.data);
        check_bounds(sim);
        resting = at_rest(sim);
    }
    check_tries(sim);
    if (sim->violation[0] == '\0' && !resting)
        if (sim->violation[0] == '\0' && !resting && checker_drained(sim, "8 settles"))
            sim_violate(sim, "8 settles", "nothing happens any more, and not all is said");
}

/* ---- the end ---- */

void sim_done(struct sim *sim) {
    sim->armed = false;
    for (uint32_t i = 0; i < sim->n; i++) {
        machine_close(&sim->machines[i]);
        mem_free(sim->machines[i].arrivals);
        accident_remove(&sim->machines[i]);
    }
    (void)rmdir(sim->dir);
    scheduler_done(&sim->s);
    history_done(&sim->history);
    mem_free(sim->conns);
    mem_free(sim->machines);
    sim->conns = NULL;
    sim->machines = NULL;
    sim->n = 0;
}
