#include "tests/sim/fault.h"

#include "tests/sim/network.h"
#include "tests/sim/process.h"
#include "tests/sim/world.h"

#include <assert.h>

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

static void crash_root(struct sim *sim, struct strike *s) {
    (void)s;
    root_crash(sim,
               prng_between(&sim->luck, SECOND, prng_chance(&sim->luck, 200000) ? DAY : MINUTE));
}

static void crash_node(struct sim *sim, struct strike *s) {
    node_crash(sim, s->node, prng_between(&sim->luck, SECOND, HOUR));
}

static void jump_clock(struct sim *sim, struct strike *s) {
    static const int64_t spans[] = {10 * SECOND, 2 * MINUTE, 3 * HOUR, 400 * DAY};
    (void)s;
    int64_t span = spans[prng_below(&sim->luck, 4)];
    sim->root.wall_shift = prng_between(&sim->luck, -span, span);
    scheduler_add(&sim->s, prng_between(&sim->luck, MINUTE, 12 * HOUR),
                  (struct event){.kind = EVENT_CLOCK});
}

static void turn_clock(struct sim *sim, struct strike *s) {
    s->node->wall_shift = prng_between(&sim->luck, -3650 * DAY, 3650 * DAY);
}

static void rebuild(struct sim *sim, struct strike *s) {
    node_rebuild_outbox(sim, s->node);
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
    {"hub-crash", AT_ROOT, 30000, crash_root},
    {"hub-clock", AT_ROOT, 20000, jump_clock},
    {"node-crash", AT_NODE, 60000, crash_node},
    {"node-clock", AT_NODE, 30000, turn_clock},
    {"outbox-rebuilt", AT_NODE, 15000, rebuild},
    {"commit-lost", AT_COMMIT, 60000, lose_commit},
    {"commit-unknown-kept", AT_COMMIT, 50000, keep_unknown},
    {"commit-unknown-lost", AT_COMMIT, 50000, lose_unknown},
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

enum commit_fault fault_at_commit(void *sim) {
    struct strike s = {.commit = COMMIT_AS_IS};
    fault_strike(sim, AT_COMMIT, &s);
    return s.commit;
}
