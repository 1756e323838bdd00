#include "tests/sim/fault.h"

#include "tests/sim/accident.h"
#include "tests/sim/machine.h"
#include "tests/sim/network.h"
#include "tests/sim/world.h"

#include <assert.h>
#include <string.h>

static void delay(struct sim *sim, struct strike *s) {
    s->delay += prng_between(&sim->luck, SECOND, 2 * MINUTE);
}

static void reorder(struct sim *sim, struct strike *s) {
    s->out_of_order = true;
    s->delay += prng_between(&sim->luck, 0, 5 * SECOND);
}

static void duplicate(struct sim *sim, struct strike *s) {
    (void)sim;
    s->twice = true;
}

static void lose(struct sim *sim, struct strike *s) {
    (void)sim;
    s->lost = true;
}

static void cut(struct sim *sim, struct strike *s) {
    network_cut_soon(sim, s->conn, prng_between(&sim->luck, 0, 3 * SECOND), true);
}

static void half_open(struct sim *sim, struct strike *s) {
    network_cut_soon(sim, s->conn, prng_between(&sim->luck, 0, SECOND), false);
}

static void truncate_frame(struct sim *sim, struct strike *s) {
    *s->len = prng_below(&sim->luck, (uint32_t)*s->len);
    network_garbled(sim, s);
}

static void flip(struct sim *sim, struct strike *s) {
    s->bytes[prng_below(&sim->luck, (uint32_t)*s->len)] ^=
        (uint8_t)(1u << prng_below(&sim->luck, 8));
    network_garbled(sim, s);
}

static void no_way(struct sim *sim, struct strike *s) {
    (void)sim;
    s->refused = true;
}

static void crash(struct sim *sim, struct strike *s) {
    int64_t most = s->machine->is_hub ? prng_chance(&sim->luck, 200000) ? DAY : MINUTE : HOUR;
    machine_crash(sim, s->machine, prng_between(&sim->luck, SECOND, most));
}

static void jump_clock(struct sim *sim, struct strike *s) {
    static const int64_t spans[] = {10 * SECOND, 2 * MINUTE, 3 * HOUR, 400 * DAY, 3650 * DAY};
    int64_t span = spans[prng_below(&sim->luck, 5)];
    sim_set_clock(s->machine, prng_between(&sim->luck, -span, span));
    s->machine->shifted = true;
    sim_plan(s->machine, prng_between(&sim->luck, MINUTE, 12 * (int64_t)HOUR),
             (struct event){.kind = EVENT_CLOCK});
}

static void turn_clock(struct sim *sim, struct strike *s) {
    sim_set_clock(s->machine, prng_between(&sim->luck, -3650 * DAY, 3650 * DAY));
}

static void rebuild(struct sim *sim, struct strike *s) {
    accident_rebuild_outbox(sim, s->machine);
}

static void fill_disk(struct sim *sim, struct strike *s) {
    s->machine->full_until = sim->s.now + prng_between(&sim->luck, MINUTE, 6 * (int64_t)HOUR);
}

static void lose_commit(struct sim *sim, struct strike *s) {
    (void)sim;
    s->commit = COMMIT_LOST;
}

static void keep_unknown(struct sim *sim, struct strike *s) {
    (void)sim;
    s->commit = COMMIT_UNKNOWN_KEPT;
}

static void lose_unknown(struct sim *sim, struct strike *s) {
    (void)sim;
    s->commit = COMMIT_UNKNOWN_LOST;
}

const struct fault faults[] = {
    {"delay", AT_FRAME, 100000, delay},
    {"reorder", AT_FRAME, 100000, reorder},
    {"duplicate", AT_FRAME, 150000, duplicate},
    {"lose", AT_FRAME, 150000, lose},
    {"cut", AT_FRAME, 150000, cut},
    {"half-open", AT_FRAME, 50000, half_open},
    {"truncate", AT_FRAME, 40000, truncate_frame},
    {"flip", AT_FRAME, 40000, flip},
    {"no-connection", AT_CONNECT, 400000, no_way},
    {"hub-crash", AT_HUB, 20000, crash},
    {"hub-clock", AT_HUB, 10000, jump_clock},
    {"hub-disk-full", AT_HUB, 4000, fill_disk},
    {"node-crash", AT_NODE, 60000, crash},
    {"node-disk-full", AT_NODE, 10000, fill_disk},
    {"node-clock", AT_NODE, 30000, turn_clock},
    {"outbox-rebuilt", AT_NODE, 15000, rebuild},
    {"commit-lost", AT_COMMIT, 60000, lose_commit},
    {"commit-unknown-kept", AT_COMMIT, 50000, keep_unknown},
    {"commit-unknown-lost", AT_COMMIT, 50000, lose_unknown},
    {"cut-in-parts", AT_PART, 400000, cut},
    {"dark-line", AT_PLAN, 0, NULL},
    {"wipe", AT_PLAN, 0, NULL},
    {"rollback", AT_PLAN, 0, NULL},
    {"clone", AT_PLAN, 0, NULL},
};
const unsigned n_faults = sizeof faults / sizeof *faults;
static_assert(sizeof faults / sizeof *faults <= FAULTS_MAX, "the sim has room for each");

void fault_draw(struct sim *sim) {
    if (!sim->faulty)
        return;
    for (unsigned i = 0; i < n_faults; i++)
        if (prng_chance(&sim->luck, 450000))
            sim->rate[i] = faults[i].per_million / (1 + prng_below(&sim->luck, 8));
}

void fault_count(struct sim *sim, const char *name) {
    for (unsigned i = 0; i < n_faults; i++)
        sim->count[i] += strcmp(faults[i].name, name) == 0;
}

bool fault_strike(struct sim *sim, enum fault_site site, struct strike *s) {
    bool any = false;
    if (!sim->armed)
        return false;
    for (unsigned i = 0; i < n_faults; i++) {
        if (faults[i].site != site || sim->rate[i] == 0 || !prng_chance(&sim->luck, sim->rate[i]))
            continue;
        sim->count[i]++;
        sim_say(sim, "fault: %s", faults[i].name);
        faults[i].act(sim, s);
        any = true;
    }
    return any;
}

/* A full disk: the map cannot grow, or the write fails. */
static enum commit_fault on_full_disk(struct machine *m) {
    return prng_chance(&m->sim->luck, 500000) ? COMMIT_LOST : COMMIT_UNKNOWN_LOST;
}

enum commit_fault fault_at_commit(void *machine) {
    struct machine *m = machine;
    struct strike s = {.machine = m, .commit = COMMIT_AS_IS};
    m->commits++;
    if (m->sim->armed && m->full_until > m->sim->s.now)
        return on_full_disk(m);
    fault_strike(m->sim, AT_COMMIT, &s);
    return s.commit;
}
