/*
 * What the programs of the bench share: clocks, and how they give up. A figure that cannot be
 * measured is worth nothing, so whatever fails here ends the program with its reason.
 */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include "core/err.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline void bench_fail(const char *what, const struct err *e) {
    char text[1024];
    fprintf(stderr, "%s: %s\n", what, e ? err_text(e, NULL, text, sizeof text) : "failed");
    exit(1);
}

/* End the program unless `rc` is 0. */
static inline void bench_must(int rc, const char *what, const struct err *e) {
    if (rc != 0)
        bench_fail(what, e);
}

static inline int64_t bench_ns(clockid_t clock) {
    struct timespec ts;
    if (clock_gettime(clock, &ts) != 0)
        bench_fail("clock_gettime", NULL);
    return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

/* Wall clock for spans. */
static inline int64_t bench_now_ns(void) {
    return bench_ns(CLOCK_MONOTONIC);
}

/* A whole number from the command line. */
static inline uint32_t bench_number(const char *text) {
    char *end;
    unsigned long n = strtoul(text, &end, 10);
    if (*text == '\0' || *end != '\0' || n > UINT32_MAX) {
        fprintf(stderr, "not a number: %s\n", text);
        exit(2);
    }
    return (uint32_t)n;
}

#endif
