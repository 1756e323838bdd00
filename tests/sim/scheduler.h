/*
 * What makes a run repeatable: one queue of events in virtual time, random numbers that follow from
 * the seed alone, and a hash of everything that happened.
 */
#ifndef TESTS_SIM_SCHEDULER_H
#define TESTS_SIM_SCHEDULER_H

#include "core/bytes.h"

/* xoshiro256**, seeded by splitmix64. */
struct prng {
    uint64_t s[4];
};
/* Stream `stream` of `seed`: streams know nothing of each other. */
void prng_seed(struct prng *p, uint64_t seed, uint64_t stream);
uint64_t prng_next(struct prng *p);
uint32_t prng_below(struct prng *p, uint32_t n);                 /* 0 … n − 1; n > 0 */
int64_t prng_between(struct prng *p, int64_t low, int64_t high); /* both included */
bool prng_chance(struct prng *p, uint32_t per_million);
void prng_bytes(struct prng *p, uint8_t *out, size_t n);

enum event_kind {
    EVENT_FRAME,      /* a frame comes out at the other end of a connection */
    EVENT_CONNECTED,  /* a connection stands, or does not */
    EVENT_CLOSED,     /* the node learns that its connection is gone */
    EVENT_CUT,        /* a connection breaks */
    EVENT_ROOT_STEP,  /* the hub takes its queue */
    EVENT_ROOT_TICK,  /* time has passed at the hub */
    EVENT_ROOT_START, /* the hub's process starts again */
    EVENT_ROOT_ISSUE, /* the office of the hub states a campaign */
    EVENT_CLOCK,      /* the hub's clock is set */
    EVENT_NODE_START, /* a node's process starts */
    EVENT_NODE_SYNC,  /* a node tries to reach the hub */
    EVENT_NODE_TICK,  /* time has passed in a node's session */
    EVENT_NODE_ACT,   /* an office does its next planned deed */
    EVENT_HEAL,       /* from here on nothing goes wrong */
};

struct event {
    int64_t at; /* ms of virtual time */
    uint64_t order;
    enum event_kind kind;
    uint32_t who;  /* a node */
    uint32_t conn; /* a connection, or which start of a process this is meant for */
    uint32_t side; /* EVENT_FRAME: direction; EVENT_ROOT_ISSUE: version */
    uint8_t *data; /* EVENT_FRAME: owned by the event */
    size_t len;
};

struct scheduler {
    int64_t now;
    uint64_t order, hash;
    size_t n, cap;
    struct event *heap;
};

void scheduler_init(struct scheduler *s);
void scheduler_done(struct scheduler *s);
/* Let `e` happen `delay` ms from now; takes over e.data. Out of memory ends the program. */
void scheduler_add(struct scheduler *s, int64_t delay, struct event e);
/* The next event, whose data the caller frees; the clock moves on to it. False: nothing is left. */
bool scheduler_next(struct scheduler *s, struct event *ret_event);
/* Mix `n` bytes at `data` into the trace hash. */
void scheduler_trace(struct scheduler *s, const void *data, size_t n);
void scheduler_trace_u64(struct scheduler *s, uint64_t v);

#endif
