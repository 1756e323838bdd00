#include "node/shown.h"

#include "store/key.h"
#include "store/log.h"

#include <stdlib.h>
#include <string.h>

#define SHOWN_ROW "shown"

/* The row of table meta that has the enrolment called `id`. */
static struct key shown_key(const struct hash *id) {
    struct key k = {.n = 0};
    key_text(&k, SHOWN_ROW);
    key_hash(&k, id);
    return k;
}

void shown_keep(struct txn *t, const struct record *r) {
    struct key k = shown_key(&r->id);
    txn_put(t, TABLE_META, key_slice(&k), r->bytes);
}

int shown_get(struct txn *t, const struct hash *id, struct record *ret_record, struct err *e) {
    struct key k = shown_key(id);
    struct slice bytes;
    struct record r;
    int rc = log_seek(t, id, ret_record, e);
    if (rc != ERR_ABSENT || !txn_get(t, TABLE_META, key_slice(&k), &bytes))
        return rc;
    err_clear(e);
    if (record_parse(bytes, &r, NULL) != 0 || !hash_equal(&r.id, id))
        return err_set(e, ERR_CORRUPT,
                       "the store is damaged: an enrolment is not what was shown any more");
    *ret_record = r;
    return 0;
}

bool shown_held(struct txn *t, const struct hash *id, struct record *ret_record) {
    struct err why = {0};
    int rc = shown_get(t, id, ret_record, &why);
    if (rc != 0 && rc != ERR_ABSENT)
        txn_fail(t, &why);
    return rc == 0;
}

void shown_forget(struct txn *t, const struct hash *id) {
    struct key k = shown_key(id);
    txn_delete(t, TABLE_META, key_slice(&k));
}

/* The place of an enrolment in the lane of its hub. */
struct place {
    uint32_t epoch;
    uint64_t seq;
    struct hash id;
};

static int by_place(const void *pa, const void *pb) {
    const struct place *a = pa, *b = pb;
    if (a->epoch != b->epoch)
        return a->epoch < b->epoch ? -1 : 1;
    if (a->seq != b->seq)
        return a->seq < b->seq ? -1 : 1;
    return hash_cmp(&a->id, &b->id);
}

/* The places of all that is kept, sorted, into `out`. */
static int read_places(struct txn *t, struct buf *out, struct err *e) {
    struct key prefix = {.n = 0};
    struct walk w;
    struct slice k, bytes;
    int rc = 0;
    key_text(&prefix, SHOWN_ROW);
    walk_init(&w, t, TABLE_META, key_slice(&prefix));
    while (rc == 0 && walk_next(&w, &k, &bytes)) {
        struct record r;
        if (k.len != prefix.n + HASH_BYTES)
            continue;
        rc = record_parse(bytes, &r, e);
        struct place at = {.epoch = 0};
        if (rc == 0) {
            at.epoch = r.h.epoch;
            at.seq = r.h.seq;
            at.id = r.id;
            buf_put(out, &at, sizeof at);
        }
    }
    walk_done(&w);
    if (rc == 0 && out->failed)
        rc = err_nomem(e);
    if (rc == 0 && out->len > 0)
        qsort(out->data, out->len / sizeof(struct place), sizeof(struct place), by_place);
    return rc == 0 ? txn_failed(t, e) : rc;
}

int shown_each(struct txn *t, int (*each)(void *arg, const struct record *r, struct err *e),
               void *arg, struct err *e) {
    struct buf places, copy; /* what is written moves what was read */
    buf_init(&places);
    buf_init(&copy);
    int rc = read_places(t, &places, e);
    for (size_t at = 0; rc == 0 && at < places.len; at += sizeof(struct place)) {
        struct place place;
        struct record r;
        struct slice bytes;
        memcpy(&place, places.data + at, sizeof place);
        struct key k = shown_key(&place.id);
        if (!txn_get(t, TABLE_META, key_slice(&k), &bytes))
            continue; /* forgotten by now */
        buf_clear(&copy);
        buf_put(&copy, bytes.data, bytes.len);
        rc = copy.failed ? err_nomem(e) : record_parse(buf_slice(&copy), &r, e);
        if (rc == 0)
            rc = each(arg, &r, e);
    }
    buf_done(&places);
    buf_done(&copy);
    return rc;
}
