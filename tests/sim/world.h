/*
 * A whole one-hop deployment in one process: a root hub and a few nodes, each the product's own
 * engines over a store of its own, driven by one scheduler. What a process would do around its
 * engine (sockets, clocks, starting again) is done here, and can fail in every way that the table
 * in fault.c names.
 *
 *     office ──deeds──► node ──frames──► network ──frames──► root        fault: at every step
 *                        └──────────── history ◄──────────────┘          checker: at the end
 */
#ifndef TESTS_SIM_WORLD_H
#define TESTS_SIM_WORLD_H

#include "hub/hub.h"
#include "node/uplink.h"
#include "proto/ticket.h"
#include "tests/sim/history.h"
#include "tests/sim/scheduler.h"

#define NODES_MAX 16u
#define DEEDS_MAX 24u
#define FAULTS_MAX 32u
#define PATH_MAX_BYTES 200u
#define NEVER INT64_MAX
#define SECOND 1000
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * (int64_t)HOUR)

/* What an office does, and what must come of it. */
enum deed_kind {
    DEED_GOOD,       /* a whole report of its own unit: valid */
    DEED_BELOW,      /* … of a unit below it that has no node: valid */
    DEED_NIL,        /* nothing to report: valid */
    DEED_INCOMPLETE, /* rejected, or valid where the campaign takes it */
    DEED_PERIOD,     /* rejected: all others */
    DEED_KIND,
    DEED_UNIT,
    DEED_SUBJECTS,
    DEED_SHAPE,
    DEED_VALUE,
    DEED_CAMPAIGN, /* names a campaign that nobody issued: held for ever */
    DEED_MANY,     /* no report: a few hundred other records */
    DEED_KINDS
};

struct deed {
    enum deed_kind kind;
    int64_t at;
    bool interim; /* the other kind of report */
    bool wordy;   /* with notes, so that a few reports fill a frame */
    uint32_t revision, cells;
    bool done;
};

struct node {
    uint32_t index;
    char dir[PATH_MAX_BYTES];
    struct ticket ticket;
    struct prng random;
    struct world world; /* lent to joining: clock and randomness */
    struct sim *sim;
    struct actor actor;
    struct uplink uplink;
    struct post post; /* of a join */
    bool up, in_session, joined;
    uint32_t starts;        /* of its process; events of an earlier one are void */
    uint32_t conn;          /* the session's */
    int64_t since;          /* when the session began */
    int64_t linger;         /* how long it stays on after all is said */
    int64_t settled;        /* when all was said; NEVER: not yet */
    int64_t wall_shift;     /* how wrong its clock is */
    struct uid unit, below; /* its own, and one under it without a node */
    struct hash subjects[2];
    bool has_subjects[2];
    uint32_t n_deeds;
    struct deed deeds[DEEDS_MAX];
    int64_t syncs[DEEDS_MAX * 4]; /* when it means to sync */
    uint32_t n_syncs, tries;      /* tries: since healing */
    bool calm;                    /* healed and settled */
};

struct root {
    char dir[PATH_MAX_BYTES];
    struct prng random;
    struct world world;
    struct actor actor;
    struct hub hub;
    bool up, step_planned;
    uint32_t starts;
    int64_t wall_shift;    /* how wrong its clock is */
    uint32_t version;      /* of the campaign issued last */
    struct uid unit, lone; /* lone: a unit right under the root without a node */
};

struct conn {
    uint32_t node;
    bool guest, stands, dead, told; /* told: both sides can see that it is dead */
    struct hash actor;
    struct public_key key;
    int64_t disturbed;        /* when an accident last befell it */
    int64_t latency, last[2]; /* when the last frame of a direction comes out */
};

struct sim {
    uint64_t seed;
    bool faulty, armed, healed; /* armed: things may go wrong now */
    bool trace;
    struct scheduler s;
    struct prng plan, net, luck;
    char dir[PATH_MAX_BYTES];
    uint32_t rate[FAULTS_MAX];  /* per million, of each fault in this run */
    uint64_t count[FAULTS_MAX]; /* how often each happened */
    int64_t begun;              /* the wall clock's true value at virtual time 0 */
    int64_t due[3];             /* true due instants of versions 1 and 2, [1] and [2] */
    int due_date[3][3];         /* as the campaign writes them: year, month, day */
    bool inclusive, allow_incomplete, amends;
    char period[8];
    int64_t heal_at;
    uint64_t events;
    struct root root;
    uint32_t n_nodes;
    struct node nodes[NODES_MAX];
    uint32_t n_conns, conns_cap;
    struct conn *conns;
    struct history history;
    char violation[600]; /* empty: none */
};

#define SIDE_UP 0u   /* to the hub */
#define SIDE_DOWN 1u /* to the node */

/* A deployment for `seed` with `n_nodes` (0: as the seed says) in the new directory `dir`. */
void sim_init(struct sim *sim, uint64_t seed, bool faulty, uint32_t n_nodes, const char *dir);
/* Let everything happen, heal, settle. */
void sim_run(struct sim *sim);
/* Close everything and remove the directory. */
void sim_done(struct sim *sim);

/* Note that `property` does not hold; the first one stays. */
void sim_violate(struct sim *sim, const char *property, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* What cannot go wrong here went wrong: as a violation, with what `e` says. */
void sim_broken(struct sim *sim, const char *doing, const struct err *e);
/* A line of the trace, if anybody reads it; the hash gets it anyway. */
void sim_say(struct sim *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The moment that a machine shows whose clock is off by `shift`. */
struct moment sim_moment(const struct sim *sim, int64_t shift);

#endif
