/*
 * An ordered index: small numbers kept in the order of keys that live elsewhere, so that tens of
 * thousands of things are found in a few comparisons. Sorted blocks under a sorted directory: no
 * hashing, so no choice of keys by a stranger makes it slow.
 *
 * Invariant: every block holds 1 to INDEX_BLOCK numbers; numbers ascend by key within and across
 * blocks; numbers of equal keys stand in the order of insertion.
 */
#ifndef CORE_INDEX_H
#define CORE_INDEX_H

#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INDEX_BLOCK 256u

/* Below, at or above zero as `key` sorts before, at or after the key of `value`, within `arg`. */
typedef int (*index_order)(const void *arg, const void *key, uint32_t value);

struct index_block {
    uint32_t n;
    uint32_t value[INDEX_BLOCK];
};

struct index {
    index_order order;
    const void *arg;
    struct index_block **blocks, *spare;
    size_t n_blocks, cap_blocks;
};

/* A place in an index; valid until the next insertion. */
struct index_at {
    size_t block;
    uint32_t slot;
};

/* Start `ix` empty, sorted by `order`, which is handed `arg`. */
void index_init(struct index *ix, index_order order, const void *arg);
void index_done(struct index *ix);

/* Make sure that the next index_insert into `ix` needs no memory. ERR_NOMEM. */
int index_reserve(struct index *ix, struct err *e);
/* Put `value` in at `key`, after those with an equal key. index_reserve must have succeeded. */
void index_insert(struct index *ix, const void *key, uint32_t value);
/* The same at the place `where`, which index_seek gave for that key: no other one is equal to it.
 */
void index_insert_at(struct index *ix, struct index_at where, uint32_t value);

/* The first place in `ix` whose key is not before `key`. */
struct index_at index_seek(const struct index *ix, const void *key);
/* The value at `at` into `ret_value`, and step `at` on; false at the end of `ix`. */
bool index_next(const struct index *ix, struct index_at *at, uint32_t *ret_value);

/* The first value whose key equals `key`; false if there is none. */
bool index_find(const struct index *ix, const void *key, uint32_t *ret_value);

#endif
