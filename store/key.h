/*
 * Keys of tables: fixed fields in big-endian, so that the store's order is the order meant. Built
 * on the stack; a key that would be too long is a bug.
 */
#ifndef STORE_KEY_H
#define STORE_KEY_H

#include "core/bytes.h"
#include "core/id.h"

#include <assert.h>
#include <string.h>

#define KEY_BYTES_MAX 256

struct key {
    uint8_t b[KEY_BYTES_MAX];
    size_t n;
};

static inline void key_put(struct key *k, const void *data, size_t n) {
    assert(n <= sizeof k->b - k->n);
    if (n > 0)
        memcpy(k->b + k->n, data, n);
    k->n += n;
}

static inline void key_hash(struct key *k, const struct hash *h) {
    key_put(k, h->b, sizeof h->b);
}

static inline void key_uid(struct key *k, const struct uid *u) {
    key_put(k, u->b, sizeof u->b);
}

static inline void key_u16(struct key *k, uint16_t v) {
    key_put(k, (uint8_t[]){(uint8_t)(v >> 8), (uint8_t)v}, 2);
}

static inline void key_u32(struct key *k, uint32_t v) {
    key_u16(k, (uint16_t)(v >> 16));
    key_u16(k, (uint16_t)v);
}

static inline void key_u64(struct key *k, uint64_t v) {
    key_u32(k, (uint32_t)(v >> 32));
    key_u32(k, (uint32_t)v);
}

/* A lane's: what the keys of its places start with. */
static inline struct key key_lane(const struct hash *actor, uint32_t epoch,
                                  const struct uid *lane) {
    struct key k = {.n = 0};
    key_hash(&k, actor);
    key_u32(&k, epoch);
    key_uid(&k, lane);
    return k;
}

/* Text with its NUL, so that "a" sorts and matches apart from "ab". */
static inline void key_text(struct key *k, const char *s) {
    key_put(k, s, strlen(s) + 1);
}

static inline struct slice key_slice(const struct key *k) {
    return slice_of(k->b, k->n);
}

#endif
