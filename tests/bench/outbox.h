/*
 * An office's outbox, read from its directory into memory as frames that are ready to leave: what
 * the parent has not acknowledged, in runs as the real sender cuts them.
 */
#ifndef TESTS_BENCH_OUTBOX_H
#define TESTS_BENCH_OUTBOX_H

#include "node/actor.h"
#include "proto/endpoint.h"
#include "proto/link.h"
#include "store/stream.h"

struct outbox_run {
    uint64_t last; /* position of its last record */
    uint32_t n;    /* records */
    size_t start, len;
};

struct outbox {
    struct link_keys keys;
    uint8_t hub_key[DOOR_KEY];
    char address[ENDPOINT_TEXT];
    struct hash deployment, actor;
    uint32_t epoch;
    struct uid stream, inbox;
    uint64_t start, end;
    struct cursor inbox_read; /* how far it has read its hub's stream */
    uint32_t n_runs;
    struct outbox_run *runs;
    struct buf frames;
    uint64_t n_reports;
};

/* Read the directory `dir` into `ret_outbox`; ends the program where that fails. */
void outbox_load(const char *dir, struct outbox *ret_outbox);

/* The greeting of its owner, appended to `out`. */
void outbox_hello(const struct outbox *o, instant now, struct buf *out);

#endif
