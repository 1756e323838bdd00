/*
 * Lines: what will happen when, on virtual time: a heap of events, each for one machine, with the
 * bytes of the frame that it carries, if any.
 */
#ifndef TESTS_BENCH_LINES_H
#define TESTS_BENCH_LINES_H

#include "core/bytes.h"

#include <stdbool.h>
#include <stdint.h>

struct lines_event {
    int64_t at;
    uint64_t order; /* of two at one time the one that was put first comes first */
    int kind;
    uint32_t machine, peer;
    uint8_t *bytes; /* owned: whoever takes the event frees it */
    size_t len;
};

struct lines {
    struct lines_event *heap;
    size_t n, cap;
    uint64_t order;
};

void lines_put(struct lines *l, const struct lines_event *event);
/* The earliest, taken out; false: there is none. */
bool lines_next(struct lines *l, struct lines_event *ret_event);
void lines_done(struct lines *l);

/* A copy of `frame` to put into an event. */
uint8_t *lines_copy(struct slice frame);

#endif
