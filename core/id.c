#include "core/id.h"

#include "core/bytes.h"

#include <string.h>

static bool all_zero(const uint8_t *p, size_t n) {
    uint8_t any = 0;
    for (size_t i = 0; i < n; i++)
        any |= p[i];
    return any == 0;
}

int hash_cmp(const struct hash *a, const struct hash *b) {
    return memcmp(a->b, b->b, HASH_BYTES);
}

bool hash_equal(const struct hash *a, const struct hash *b) {
    return hash_cmp(a, b) == 0;
}

bool hash_is_zero(const struct hash *h) {
    return all_zero(h->b, HASH_BYTES);
}

void hash_text(const struct hash *h, char out[HASH_TEXT]) {
    hex_encode(h->b, HASH_BYTES, out);
}

int uid_cmp(const struct uid *a, const struct uid *b) {
    return memcmp(a->b, b->b, UID_BYTES);
}

bool uid_equal(const struct uid *a, const struct uid *b) {
    return uid_cmp(a, b) == 0;
}

bool uid_is_zero(const struct uid *u) {
    return all_zero(u->b, UID_BYTES);
}

void uid_text(const struct uid *u, char out[UID_TEXT]) {
    hex_encode(u->b, UID_BYTES, out);
}
