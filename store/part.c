#include "store/part.h"

#include "core/limits.h"
#include "store/key.h"

/* Bytes of one row: with more in each, one part more would write more of them anew; a value of so
 * many fills whole pages of LMDB. */
#define ROW_BYTES (4u * 4096u - 16u)

/* Row `n` of the bytes, from 1; 0: what they are of. */
static struct key row_key(const struct hash *peer, uint32_t n) {
    struct key k = {.n = 0};
    key_hash(&k, peer);
    key_u32(&k, n);
    return k;
}

bool part_find(struct txn *t, const struct hash *peer, struct part *ret_part) {
    struct key k = row_key(peer, 0);
    struct slice v;
    struct part p;
    if (!txn_get(t, TABLE_PARTS, key_slice(&k), &v))
        return false;
    struct reader r = reader_of(v);
    reader_copy(&r, p.stream.b, UID_BYTES);
    p.position = reader_u64(&r);
    p.size = reader_u32(&r);
    p.had = reader_u32(&r);
    p.anew = reader_u8(&r) != 0;
    if (r.failed || p.size > LIMIT_RECORD || p.had > p.size)
        return false;
    *ret_part = p;
    return true;
}

static void put_head(struct txn *t, const struct hash *peer, const struct part *p) {
    struct key k = row_key(peer, 0), v = {.n = 0};
    key_uid(&v, &p->stream);
    key_u64(&v, p->position);
    key_u32(&v, p->size);
    key_u32(&v, p->had);
    key_put(&v, &(uint8_t){p->anew}, 1);
    txn_put(t, TABLE_PARTS, key_slice(&k), key_slice(&v));
}

void part_begin(struct txn *t, const struct hash *peer, const struct part *p) {
    part_drop(t, peer);
    put_head(t, peer, p);
}

/* Put behind what row `n` holds as much of `bytes` as it has room for; how much that was. */
static size_t fill_row(struct txn *t, const struct hash *peer, uint32_t n, size_t held,
                       struct slice bytes) {
    uint8_t row[ROW_BYTES];
    struct key k = row_key(peer, n);
    struct slice v;
    size_t room = ROW_BYTES - held, more = bytes.len < room ? bytes.len : room;
    memset(row, 0, held); /* where its row is gone, no record will come of it */
    if (held > 0 && txn_get(t, TABLE_PARTS, key_slice(&k), &v) && v.len == held)
        memcpy(row, v.data, held);
    memcpy(row + held, bytes.data, more);
    txn_put(t, TABLE_PARTS, key_slice(&k), slice_of(row, held + more));
    return more;
}

void part_add(struct txn *t, const struct hash *peer, struct part *p, struct slice bytes) {
    assert(bytes.len <= p->size - p->had);
    while (bytes.len > 0) {
        size_t n = fill_row(t, peer, 1 + p->had / ROW_BYTES, p->had % ROW_BYTES, bytes);
        bytes = slice_of(bytes.data + n, bytes.len - n);
        p->had += (uint32_t)n;
    }
    put_head(t, peer, p);
}

bool part_read(struct txn *t, const struct hash *peer, const struct part *p, struct buf *out) {
    size_t start = out->len;
    struct slice v;
    for (uint32_t n = 1; out->len - start < p->had && !out->failed; n++) {
        struct key k = row_key(peer, n);
        if (!txn_get(t, TABLE_PARTS, key_slice(&k), &v) || v.len == 0)
            return false;
        buf_put(out, v.data, v.len);
    }
    return !out->failed && out->len - start == p->had;
}

void part_drop(struct txn *t, const struct hash *peer) {
    struct slice k;
    while (walk_last(t, TABLE_PARTS, slice_of(peer->b, HASH_BYTES), &k, NULL)) {
        struct key copy = {.n = 0};
        key_put(&copy, k.data, k.len);
        txn_delete(t, TABLE_PARTS, key_slice(&copy));
    }
}
