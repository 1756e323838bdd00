#include "store/meta.h"

#include <string.h>

/* The row `name` into `out` if it has exactly `n` bytes. */
static bool get_fixed(struct txn *t, const char *name, void *out, size_t n) {
    struct slice v;
    if (!txn_get(t, TABLE_META, slice_str(name), &v) || v.len != n)
        return false;
    memcpy(out, v.data, n);
    return true;
}

uint64_t meta_u64(struct txn *t, const char *name) {
    uint8_t raw[8];
    if (!get_fixed(t, name, raw, sizeof raw))
        return 0;
    struct reader r = reader_of(slice_of(raw, sizeof raw));
    return reader_u64(&r);
}

void meta_put_u64(struct txn *t, const char *name, uint64_t v) {
    uint8_t raw[8];
    for (int i = 0; i < 8; i++)
        raw[i] = (uint8_t)(v >> (56 - 8 * i));
    txn_put(t, TABLE_META, slice_str(name), slice_of(raw, sizeof raw));
}

bool meta_hash(struct txn *t, const char *name, struct hash *ret_hash) {
    return get_fixed(t, name, ret_hash->b, HASH_BYTES);
}

void meta_put_hash(struct txn *t, const char *name, const struct hash *h) {
    txn_put(t, TABLE_META, slice_str(name), slice_of(h->b, HASH_BYTES));
}

bool meta_uid(struct txn *t, const char *name, struct uid *ret_uid) {
    return get_fixed(t, name, ret_uid->b, UID_BYTES);
}

void meta_put_uid(struct txn *t, const char *name, const struct uid *u) {
    txn_put(t, TABLE_META, slice_str(name), slice_of(u->b, UID_BYTES));
}

bool meta_text(struct txn *t, const char *name, char *out, size_t cap) {
    struct slice v;
    if (!txn_get(t, TABLE_META, slice_str(name), &v) || v.len >= cap)
        return false;
    if (v.len > 0)
        memcpy(out, v.data, v.len);
    out[v.len] = '\0';
    return true;
}

void meta_put_text(struct txn *t, const char *name, const char *text) {
    txn_put(t, TABLE_META, slice_str(name), slice_str(text));
}
