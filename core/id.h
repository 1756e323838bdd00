/*
 * Names of things: 32-byte hashes (records, actors, deployments) and 16-byte random ids (units,
 * subjects, persons; a lane is named by its unit). Value types: copy, compare, print.
 */
#ifndef CORE_ID_H
#define CORE_ID_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

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

int hash_cmp(const struct hash *a, const struct hash *b);
bool hash_equal(const struct hash *a, const struct hash *b);
bool hash_is_zero(const struct hash *h);
void hash_text(const struct hash *h, char out[HASH_TEXT]);

int uid_cmp(const struct uid *a, const struct uid *b);
bool uid_equal(const struct uid *a, const struct uid *b);
bool uid_is_zero(const struct uid *u);
void uid_text(const struct uid *u, char out[UID_TEXT]);

#endif
