#include "store/stream.h"

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

uint64_t stream_append(struct txn *t, const struct uid *stream, const struct hash *id) {
    uint64_t position = stream_end(t, stream) + 1;
    struct key k = {.n = 0}, queued = {.n = 0};
    key_uid(&k, stream);
    key_u64(&k, position);
    txn_put(t, TABLE_STREAMS, key_slice(&k), slice_of(id->b, HASH_BYTES));
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

static struct key cursor_key(const struct hash *peer, const struct uid *instance) {
    struct key k = {.n = 0};
    key_hash(&k, peer);
    key_uid(&k, instance);
    return k;
}

uint64_t cursor_get(struct txn *t, const struct hash *peer, const struct uid *instance) {
    struct key k = cursor_key(peer, instance);
    struct slice v;
    return txn_get(t, TABLE_CURSORS, key_slice(&k), &v) ? get_u64(v) : 0;
}

void cursor_put(struct txn *t, const struct hash *peer, const struct uid *instance,
                uint64_t position) {
    struct key k = cursor_key(peer, instance);
    put_value(t, TABLE_CURSORS, &k, position);
}
