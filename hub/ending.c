#include "hub/ending.h"

#include "core/mem.h"
#include "store/key.h"

void ending_done(struct ending *ending) {
    mem_free(ending->list);
    *ending = (struct ending){0};
}

/* The place of `end` in `out`: that of its lane, or a new one. */
static void put(struct buf *out, const struct last_good *end) {
    struct last_good *list = buf_items(out);
    size_t n = out->len / sizeof *list;
    if (n > 0 && list[n - 1].epoch == end->epoch && uid_equal(&list[n - 1].lane, &end->lane))
        list[n - 1].seq = end->seq; /* keys rise: the last of a lane stands */
    else
        buf_put(out, end, sizeof *end);
}

static void put_epoch(struct txn *t, const struct member *m, struct buf *out) {
    struct key prefix = {.n = 0};
    struct walk w;
    struct slice k;
    size_t before = out->len;
    key_hash(&prefix, &m->actor);
    key_u32(&prefix, m->epoch);
    walk_init(&w, t, TABLE_LANES, key_slice(&prefix));
    while (walk_next(&w, &k, NULL)) {
        struct reader r = reader_of(slice_of(k.data + prefix.n, k.len - prefix.n));
        struct last_good end = {.actor = m->actor, .epoch = m->epoch};
        reader_copy(&r, end.lane.b, UID_BYTES);
        end.seq = reader_u64(&r);
        put(out, &end);
    }
    walk_done(&w);
    if (out->len == before) { /* nothing of it is held: nothing of it is good */
        struct last_good end = {m->actor, m->epoch, m->unit, 0};
        put(out, &end);
    }
}

int ending_heads(struct txn *t, const struct hash *actor, struct ending *ret_ending,
                 struct err *e) {
    struct buf out;
    struct member m;
    uint32_t last = roster_epoch(t, actor);
    buf_init(&out);
    for (uint32_t epoch = 1; epoch <= last; epoch++)
        if (roster_find(t, actor, epoch, &m))
            put_epoch(t, &m, &out);
    int rc = out.failed ? err_nomem(e) : txn_failed(t, e);
    if (rc != 0) {
        buf_done(&out);
        return rc;
    }
    ret_ending->list = buf_items(&out);
    ret_ending->n = (uint32_t)(out.len / sizeof *ret_ending->list);
    return 0;
}
