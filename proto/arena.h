/*
 * Arena: where foreign protobuf bytes are decoded. Capped, so that a small message cannot ask for
 * much memory; freed as one. Everything that a decoder returns lives until arena_done.
 */
#ifndef PROTO_ARENA_H
#define PROTO_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *blocks;
    size_t used, cap; /* bytes handed out, and the most that may be */
    bool failed;      /* sticky: out of memory, or past the cap */
    bool over_cap;    /* it was the cap */
};

/* Start empty, handing out at most `cap` bytes in all. */
void arena_init(struct arena *a, size_t cap);
void arena_done(struct arena *a);

/* `n` bytes aligned for any object; NULL when failed. */
void *arena_alloc(struct arena *a, size_t n);

#endif
