#include "store/stream.h"

#include "core/crypto.h"
#include "core/limits.h"
#include "store/key.h"

static uint64_t get_u64(struct slice s) {
    struct reader r = reader_of(s);
    return reader_u64(&r);
}

/* `v` as the eight bytes that a value holds. */
static void put_value(struct txn *t, enum store_table table, const struct key *k, uint64_t v) {
    struct key value = {.n = 0};
    key_u64(&value, v);
    txn_put(t, table, key_slice(k), key_slice(&value));
}

uint64_t stream_end(struct txn *t, const struct uid *stream) {
    struct slice k;
    if (!walk_last(t, TABLE_STREAMS, slice_of(stream->b, UID_BYTES), &k, NULL))
        return 0;
    return get_u64(slice_of(k.data + UID_BYTES, k.len - UID_BYTES));
}

struct uid stream_digest_next(const struct uid *before, const struct hash *id) {
    struct key k = {.n = 0};
    struct hash h;
    struct uid next;
    key_uid(&k, before);
    key_hash(&k, id);
    crypto_hash_tagged(TAG_STREAM, key_slice(&k), &h);
    memcpy(next.b, h.b, UID_BYTES);
    return next;
}

/* The last position of `stream` and the digest there; zeros where it is empty. */
static struct cursor last_of(struct txn *t, const struct uid *stream) {
    struct cursor last = {0};
    struct slice k, v;
    if (walk_last(t, TABLE_STREAMS, slice_of(stream->b, UID_BYTES), &k, &v)) {
        last.position = get_u64(slice_of(k.data + UID_BYTES, k.len - UID_BYTES));
        struct reader r = reader_of(v);
        reader_bytes(&r, HASH_BYTES);
        reader_copy(&r, last.digest.b, UID_BYTES);
    }
    return last;
}

uint64_t stream_append(struct txn *t, const struct uid *stream, const struct hash *id) {
    struct cursor last = last_of(t, stream);
    uint64_t position = last.position + 1;
    struct uid digest = stream_digest_next(&last.digest, id);
    struct key k = {.n = 0}, v = {.n = 0}, queued = {.n = 0};
    key_uid(&k, stream);
    key_u64(&k, position);
    key_hash(&v, id);
    key_uid(&v, &digest);
    txn_put(t, TABLE_STREAMS, key_slice(&k), key_slice(&v));
    key_uid(&queued, stream);
    key_hash(&queued, id);
    put_value(t, TABLE_QUEUED, &queued, position);
    return position;
}

bool stream_at(struct txn *t, const struct uid *stream, uint64_t position, struct hash *ret_id) {
    struct key k = {.n = 0};
    key_uid(&k, stream);
    key_u64(&k, position);
    struct slice v;
    if (!txn_get(t, TABLE_STREAMS, key_slice(&k), &v))
        return false;
    struct reader r = reader_of(v);
    reader_copy(&r, ret_id->b, HASH_BYTES);
    return !r.failed;
}

uint64_t stream_position_of(struct txn *t, const struct uid *stream, const struct hash *id) {
    struct key k = {.n = 0};
    key_uid(&k, stream);
    key_hash(&k, id);
    struct slice v;
    return txn_get(t, TABLE_QUEUED, key_slice(&k), &v) ? get_u64(v) : 0;
}

bool stream_digest(struct txn *t, const struct uid *stream, uint64_t position,
                   struct uid *ret_digest) {
    struct key k = {.n = 0};
    struct slice v;
    key_uid(&k, stream);
    key_u64(&k, position);
    if (position == 0)
        return *ret_digest = (struct uid){{0}}, true;
    if (!txn_get(t, TABLE_STREAMS, key_slice(&k), &v))
        return false;
    struct reader r = reader_of(v);
    reader_bytes(&r, HASH_BYTES);
    reader_copy(&r, ret_digest->b, UID_BYTES);
    return !r.failed;
}

/* Delete every row of `table` whose key begins with `stream`. */
static void drop_rows(struct txn *t, enum store_table table, const struct uid *stream) {
    struct slice k;
    while (walk_last(t, table, slice_of(stream->b, UID_BYTES), &k, NULL)) {
        struct key copy = {.n = 0};
        key_put(&copy, k.data, k.len);
        txn_delete(t, table, key_slice(&copy));
    }
}

void stream_drop(struct txn *t, const struct uid *stream) {
    drop_rows(t, TABLE_STREAMS, stream);
    drop_rows(t, TABLE_QUEUED, stream);
}

static struct key cursor_key(const struct hash *peer, const struct uid *instance) {
    struct key k = {.n = 0};
    key_hash(&k, peer);
    key_uid(&k, instance);
    return k;
}

struct cursor cursor_get(struct txn *t, const struct hash *peer, const struct uid *instance) {
    struct key k = cursor_key(peer, instance);
    struct cursor c = {0};
    struct slice v;
    if (txn_get(t, TABLE_CURSORS, key_slice(&k), &v)) {
        struct reader r = reader_of(v);
        c.position = reader_u64(&r);
        reader_copy(&r, c.digest.b, UID_BYTES);
    }
    return c;
}

/* Forget one stream of `peer` where too many are remembered: it costs duplicates, nothing else. */
static void make_room(struct txn *t, const struct hash *peer) {
    struct walk w;
    struct slice k;
    struct key first = {.n = 0};
    unsigned n = 0;
    walk_init(&w, t, TABLE_CURSORS, slice_of(peer->b, HASH_BYTES));
    while (walk_next(&w, &k, NULL))
        if (n++ == 0)
            key_put(&first, k.data, k.len);
    walk_done(&w);
    if (n >= LIMIT_CURSORS)
        txn_delete(t, TABLE_CURSORS, key_slice(&first));
}

void cursor_put(struct txn *t, const struct hash *peer, const struct uid *instance,
                const struct cursor *cursor) {
    struct key k = cursor_key(peer, instance), v = {.n = 0};
    if (!txn_get(t, TABLE_CURSORS, key_slice(&k), NULL))
        make_room(t, peer);
    key_u64(&v, cursor->position);
    key_uid(&v, &cursor->digest);
    txn_put(t, TABLE_CURSORS, key_slice(&k), key_slice(&v));
}
