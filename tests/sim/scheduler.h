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
    EVENT_FRAME,     /* a frame comes out at the other end of a connection */
    EVENT_CONNECTED, /* a connection stands, or does not */
    EVENT_CLOSED,    /* the child learns that its connection is gone */
    EVENT_CUT,       /* a connection breaks */
    EVENT_STEP,      /* a hub takes its queue */
    EVENT_TICK,      /* time has passed at a hub */
    EVENT_KEEP,      /* a hub has nothing else to do, and brings its rankings on */
    EVENT_START,     /* a process starts */
    EVENT_ACT,       /* people do what they planned */
    EVENT_CLOCK,     /* a clock is set right */
    EVENT_SYNC,      /* a machine tries to reach the hub above */
    EVENT_TALK,      /* time has passed in a session */
    EVENT_LOOK,      /* somebody asks a hub for its board */
    EVENT_OLD_COPY,  /* a copy of a directory takes its place */
    EVENT_HEAL,      /* from here on nothing goes wrong */
    EVENT_CALL,      /* everybody calls once more, after the hubs stated contact */
};

struct event {
    int64_t at; /* ms of virtual time */
    uint64_t order;
    enum event_kind kind;
    uint32_t who;  /* a machine */
    uint32_t conn; /* a connection, or which start of a process this is meant for */
    uint32_t side; /* EVENT_FRAME: direction */
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
