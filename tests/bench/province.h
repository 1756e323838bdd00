/*
 * A province on virtual time: a tree of hubs with offices below it, each the real engines over a
 * store of its own.
 */
#ifndef TESTS_BENCH_PROVINCE_H
#define TESTS_BENCH_PROVINCE_H

#include "tests/bench/lines.h"
#include "tests/bench/virtual.h"

#define PROVINCE_REPORTS 5u /* of an office in the year: four, and an amendment */
#define PROVINCE_LATENCY_MS 300

struct machine {
    struct actor actor;
    struct hub hub;
    struct machine *above; /* NULL: the province */
    bool is_hub;
    struct hash subjects; /* the record of its list */
    uint32_t stated;

    /* The rush. */
    struct uplink up;
    bool calls;
    uint32_t session, peer;
    int64_t free_at[2];          /* when its line is, up and down */
    bool step_planned, has_news; /* from above, for those below */
    int64_t busy_until, cpu_ns;
};

struct province {
    struct virtual_world v;
    struct lines lines;
    uint32_t n, n_joined, n_offices, people;
    struct machine *machines; /* hubs come before those below them */
    const char *campaign;
    instant due;
    uint64_t stated, held; /* reports, by offices and at the root */
    uint64_t backlog;      /* the most that were stated and not yet held there */
    uint64_t queue;        /* the most frames that waited at a hub */
    uint64_t dials, cuts;
    instant complete; /* the root holds everything; 0: not yet */
};

struct moment province_now(const struct province *p);
/* End the program unless `rc` is 0. */
void province_must(struct province *p, int rc, const char *what);

/* A number for the next connection of `m`. */
uint32_t province_new_peer(struct province *p, struct machine *m);
/* End the connection of `m` in the rush, if it has one. */
void province_hang_up(struct machine *m);
/* `m` is connected: what the hub above says of its clock is what its own is held against. */
void province_heed(struct machine *m);
/* Let the office `m` state its next report. */
void province_report(struct province *p, struct machine *m);

/* Time has passed at the hub `h`, or other hands put records into its store. */
void province_look_round(struct province *p, struct machine *h);
/* Bring on the rankings of `h`. */
void province_catch_up(struct province *p, struct machine *h);
/* Note what `h` came to in its last steps. */
void province_count(struct province *p, struct machine *h);

/*
 * From now until `due`, and on until the province holds everything: each office states what it has
 * left, more of it towards the end. Each line takes 8,000 bytes a second and PROVINCE_LATENCY_MS
 * each way; one connection of an office in four does not come about, one in eight is cut, and each
 * is tried again later. A hub takes as long for a step as its CPU took here, and 10 ms for the
 * disk.
 */
void province_rush(struct province *p);

#endif
