#include "node/check_walks.h"

#include "node/check.h"
#include "store/key.h"
#include "store/log.h"
#include "store/stream.h"

#include <string.h>

/* One stream after another: positions from 1 without gaps, of records that are held. */
static void check_positions(struct txn *t, struct findings *f) {
    struct walk w;
    struct slice key, value;
    struct uid stream = {{0}};
    uint64_t want = 1;
    walk_init(&w, t, TABLE_STREAMS, slice_of(NULL, 0));
    while (walk_next(&w, &key, &value)) {
        struct reader k = reader_of(key), v = reader_of(value);
        struct uid at;
        struct hash id;
        reader_copy(&k, at.b, UID_BYTES);
        uint64_t position = reader_u64(&k);
        reader_copy(&v, id.b, HASH_BYTES);
        f->rows++;
        if (!uid_equal(&at, &stream))
            want = 1;
        stream = at;
        if (k.failed || v.failed || position != want)
            check_findings_add(f, &id, "a stream jumps to %llu", (unsigned long long)position);
        if (!log_has(t, &id))
            check_findings_add(f, &id, "it is on a stream, but not among the records");
        if (stream_position_of(t, &stream, &id) < position)
            check_findings_add(f, &id, "it is on a stream, but is not found there");
        want = position + 1;
    }
    walk_done(&w);
}

static void check_queued(struct txn *t, struct findings *f) {
    struct walk w;
    struct slice key, value;
    walk_init(&w, t, TABLE_QUEUED, slice_of(NULL, 0));
    while (walk_next(&w, &key, &value)) {
        struct reader k = reader_of(key), v = reader_of(value);
        struct uid stream;
        struct hash id, there;
        reader_copy(&k, stream.b, UID_BYTES);
        reader_copy(&k, id.b, HASH_BYTES);
        f->rows++;
        if (!stream_at(t, &stream, reader_u64(&v), &there) || !hash_equal(&there, &id))
            check_findings_add(f, &id, "it should be on a stream, and is not there");
    }
    walk_done(&w);
}

/* All that was stated here is to be told above. */
static void check_outbox(struct actor *a, struct txn *t, struct findings *f) {
    struct log_walk w;
    struct hash id;
    struct record r;
    log_walk_init(&w, t, 0, 0);
    while (!a->is_root && log_walk_next(&w, NULL, &id))
        if (log_get(t, &id, &r, NULL) == 0 && hash_equal(&r.h.actor, &a->id) &&
            stream_position_of(t, &a->outbox, &id) == 0)
            check_findings_add(f, &id, "it was stated here, but is not queued for the hub above");
    log_walk_done(&w);
}

int check_streams(struct actor *a, struct txn *t, struct findings *f, struct err *e) {
    check_positions(t, f);
    check_queued(t, f);
    check_outbox(a, t, f);
    return txn_failed(t, e);
}
