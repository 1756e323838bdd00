/*
 * Names of things: 32-byte hashes (records, actors, deployments) and 16-byte random ids (units,
 * subjects, persons; a lane is named by its unit). Value types: copy, compare, print.
 */
#ifndef CORE_ID_H
#define CORE_ID_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define HASH_BYTES 32
#define UID_BYTES 16
#define HASH_TEXT (2 * HASH_BYTES + 1)
#define UID_TEXT (2 * UID_BYTES + 1)

struct hash {
    uint8_t b[HASH_BYTES];
};

struct uid {
    uint8_t b[UID_BYTES];
};

static_assert(sizeof(struct hash) == HASH_BYTES, "hash is exactly its bytes");
static_assert(sizeof(struct uid) == UID_BYTES, "uid is exactly its bytes");

/* They are asked on every path, millions of times: so inline, and eight bytes at a time. */
static inline uint64_t id_word(const uint8_t *p) {
    return (uint64_t)p[0] << 56 | (uint64_t)p[1] << 48 | (uint64_t)p[2] << 40 |
           (uint64_t)p[3] << 32 | (uint64_t)p[4] << 24 | (uint64_t)p[5] << 16 |
           (uint64_t)p[6] << 8 | p[7];
}
/* Below, at or above zero as `n` bytes at `a`, a multiple of eight, sort against those at `b`. */
static inline int id_cmp(const uint8_t *a, const uint8_t *b, size_t n) {
    for (size_t i = 0; i < n; i += 8) {
        uint64_t x = id_word(a + i), y = id_word(b + i);
        if (x != y)
            return x < y ? -1 : 1;
    }
    return 0;
}

static inline int hash_cmp(const struct hash *a, const struct hash *b) {
    return id_cmp(a->b, b->b, HASH_BYTES);
}
static inline bool hash_equal(const struct hash *a, const struct hash *b) {
    return memcmp(a->b, b->b, HASH_BYTES) == 0;
}
static inline bool hash_is_zero(const struct hash *h) {
    static const struct hash zero;
    return hash_equal(h, &zero);
}
void hash_text(const struct hash *h, char out[HASH_TEXT]);
/* Whether `text` is 8 to 64 hex digits, what a hash may be called by; the whole bytes of it go into
 * `out`. */
bool hash_prefix(const char *text, uint8_t out[HASH_BYTES], size_t *ret_whole);

static inline int uid_cmp(const struct uid *a, const struct uid *b) {
    return id_cmp(a->b, b->b, UID_BYTES);
}
static inline bool uid_equal(const struct uid *a, const struct uid *b) {
    return memcmp(a->b, b->b, UID_BYTES) == 0;
}
static inline bool uid_is_zero(const struct uid *u) {
    static const struct uid zero;
    return uid_equal(u, &zero);
}
void uid_text(const struct uid *u, char out[UID_TEXT]);

#endif
