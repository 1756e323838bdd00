#include "tests/sim/world.h"

#include "core/mem.h"
#include "tests/sim/fault.h"
#include "tests/sim/network.h"
#include "tests/sim/office.h"
#include "tests/sim/process.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define EVENTS_MAX 400000u
#define TRIES_MAX 12u        /* sessions of one node after healing */
#define SETTLE_MAX (2 * DAY) /* after healing */

struct moment sim_moment(const struct sim *sim, int64_t shift) {
    return (struct moment){sim->begun + sim->s.now + shift, sim->s.now + 3600000};
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
    if (sim->trace)
        (void)printf("# %12lld %s\n", (long long)sim->s.now, text);
}

/* ---- beginning ---- */

void sim_init(struct sim *sim, uint64_t seed, bool faulty, uint32_t n_nodes, const char *dir) {
    bool trace = sim->trace;
    *sim = (struct sim){.seed = seed, .faulty = faulty, .trace = trace};
    scheduler_init(&sim->s);
    history_init(&sim->history);
    prng_seed(&sim->plan, seed, 1);
    prng_seed(&sim->net, seed, 2);
    prng_seed(&sim->luck, seed, 3);
    prng_seed(&sim->root.random, seed, 4);
    uint32_t drawn = 1 + prng_below(&sim->plan, 5);
    sim->n_nodes = n_nodes == 0 ? drawn : n_nodes < NODES_MAX ? n_nodes : NODES_MAX;
    (void)snprintf(sim->dir, sizeof sim->dir, "%s", dir);
    (void)snprintf(sim->root.dir, sizeof sim->root.dir, "%.180s/root", dir);
    for (uint32_t i = 0; i < sim->n_nodes; i++) {
        struct node *n = &sim->nodes[i];
        n->index = i;
        prng_seed(&n->random, seed, 16 + i);
        (void)snprintf(n->dir, sizeof n->dir, "%.180s/n%u", dir, i);
    }
    (void)mkdir(dir, 0700);
    office_plan(sim);
    fault_draw(sim);
}

static void schedule(struct sim *sim) {
    scheduler_add(&sim->s, prng_between(&sim->plan, 0, 2 * DAY),
                  (struct event){.kind = EVENT_ROOT_ISSUE, .side = 1});
    if (sim->amends)
        scheduler_add(&sim->s, prng_between(&sim->plan, 2 * DAY, sim->heal_at - 1),
                      (struct event){.kind = EVENT_ROOT_ISSUE, .side = 2});
    for (uint32_t i = 0; i < sim->n_nodes; i++) {
        struct node *n = &sim->nodes[i];
        int64_t join = prng_between(&sim->plan, 0, 3 * DAY);
        scheduler_add(&sim->s, join, (struct event){.kind = EVENT_NODE_START, .who = i});
        scheduler_add(&sim->s, join + MINUTE, (struct event){.kind = EVENT_NODE_SYNC, .who = i});
        for (uint32_t k = 0; k < n->n_syncs; k++)
            scheduler_add(&sim->s, n->syncs[k], (struct event){.kind = EVENT_NODE_SYNC, .who = i});
        for (uint32_t k = 0; k < n->n_deeds; k++)
            scheduler_add(&sim->s, n->deeds[k].at,
                          (struct event){.kind = EVENT_NODE_ACT, .who = i});
    }
    scheduler_add(&sim->s, sim->heal_at, (struct event){.kind = EVENT_HEAL});
}

/* ---- going on ---- */

/* Nothing goes wrong any more: whoever is down comes up, whoever has something to say says it. */
static void heal(struct sim *sim) {
    sim_say(sim, "heal");
    sim->armed = false;
    sim->healed = true;
    sim->root.wall_shift = 0;
    scheduler_add(&sim->s, SECOND, (struct event){.kind = EVENT_ROOT_START});
    for (uint32_t i = 0; i < sim->n_nodes; i++) {
        scheduler_add(&sim->s, SECOND, (struct event){.kind = EVENT_NODE_START, .who = i});
        scheduler_add(&sim->s, MINUTE, (struct event){.kind = EVENT_NODE_ACT, .who = i});
    }
}

static void happen_at_root(struct sim *sim, struct event *e) {
    bool same = sim->root.up && e->conn == sim->root.starts;
    if (e->kind == EVENT_ROOT_START)
        root_start(sim);
    else if (e->kind == EVENT_ROOT_ISSUE)
        root_issue(sim, e->side);
    else if (e->kind == EVENT_CLOCK)
        sim->root.wall_shift = 0;
    else if (e->kind == EVENT_ROOT_STEP && same)
        root_step(sim);
    else if (e->kind == EVENT_ROOT_TICK && same)
        root_tick(sim);
}

static void happen_on_wire(struct sim *sim, struct event *e) {
    struct conn *c = &sim->conns[e->conn];
    struct slice frame = slice_of(e->data, e->len);
    if (e->kind == EVENT_CUT) {
        network_cut(sim, e->conn, e->side != 0);
    } else if (!c->dead) {
        scheduler_trace(&sim->s, e->data, e->len);
        sim_say(sim, "frame %u %s type %d, %zu bytes", e->conn, e->side == SIDE_UP ? "up" : "down",
                e->len > 4 ? e->data[4] : -1, e->len);
        if (e->side == SIDE_UP)
            root_frame(sim, e->conn, frame);
        else
            node_frame(sim, &sim->nodes[c->node], e->conn, frame);
    }
}

static void happen(struct sim *sim, struct event *e) {
    struct node *n = &sim->nodes[e->who];
    scheduler_trace_u64(&sim->s, (uint64_t)e->at);
    scheduler_trace_u64(&sim->s, (uint64_t)e->kind << 32 | e->who);
    switch (e->kind) {
    case EVENT_FRAME:
    case EVENT_CUT:
        happen_on_wire(sim, e);
        return;
    case EVENT_CONNECTED:
        node_connected(sim, n, e->conn, network_connected(sim, e->conn));
        return;
    case EVENT_CLOSED:
        node_closed(sim, n, e->conn);
        return;
    case EVENT_ROOT_STEP:
    case EVENT_ROOT_TICK:
    case EVENT_ROOT_START:
    case EVENT_ROOT_ISSUE:
    case EVENT_CLOCK:
        happen_at_root(sim, e);
        return;
    case EVENT_NODE_START:
        node_start(sim, n);
        return;
    case EVENT_NODE_SYNC:
        node_sync(sim, n);
        return;
    case EVENT_NODE_TICK:
        node_tick(sim, n, e->conn);
        return;
    case EVENT_NODE_ACT:
        node_act(sim, n);
        return;
    case EVENT_HEAL:
        heal(sim);
        return;
    }
}

/* Whether every node has said all that its office did. */
static bool at_rest(struct sim *sim) {
    for (uint32_t i = 0; i < sim->n_nodes; i++) {
        struct node *n = &sim->nodes[i];
        if (!n->calm || n->in_session)
            return false;
        for (uint32_t k = 0; k < n->n_deeds; k++)
            if (!n->deeds[k].done)
                return false;
    }
    return sim->healed && !sim->root.step_planned;
}

static void check_bounds(struct sim *sim) {
    if (++sim->events > EVENTS_MAX)
        sim_violate(sim, "8 settles", "more than %u events", EVENTS_MAX);
    if (sim->healed && sim->s.now > sim->heal_at + SETTLE_MAX)
        sim_violate(sim, "8 settles", "not at rest %d days after healing", 2);
    for (uint32_t i = 0; i < sim->n_nodes; i++)
        if (sim->nodes[i].tries > TRIES_MAX)
            sim_violate(sim, "8 settles", "node %u needs more than %u sessions", i, TRIES_MAX);
}

void sim_run(struct sim *sim) {
    struct event e;
    root_found(sim);
    schedule(sim);
    sim->armed = sim->faulty;
    while (sim->violation[0] == '\0' && !at_rest(sim) && scheduler_next(&sim->s, &e)) {
        happen(sim, &e);
        mem_free(e.data);
        check_bounds(sim);
    }
    if (sim->violation[0] == '\0' && !at_rest(sim))
        sim_violate(sim, "8 settles", "nothing happens any more, and not all is said");
}

/* ---- the end ---- */

static void remove_store(const char *dir) {
    static const char *const names[] = {"data.mdb", "lock.mdb", "actor.key"};
    char path[PATH_MAX_BYTES + 16];
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(dir);
}

void sim_done(struct sim *sim) {
    sim->armed = false;
    root_close(sim);
    for (uint32_t i = 0; i < sim->n_nodes; i++)
        node_close(&sim->nodes[i]);
    remove_store(sim->root.dir);
    for (uint32_t i = 0; i < sim->n_nodes; i++)
        remove_store(sim->nodes[i].dir);
    (void)rmdir(sim->dir);
    scheduler_done(&sim->s);
    history_done(&sim->history);
    mem_free(sim->conns);
    sim->conns = NULL;
}
