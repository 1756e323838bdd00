#include "hub/ending.h"

#include "core/mem.h"
#include "store/log.h"

void ending_done(struct ending *ending) {
    mem_free(ending->list);
    *ending = (struct ending){0};
}

/* The heads of the lanes of an actor, one after the other. */
struct heads {
    struct lane_walk walk;
    struct log_head head; /* of its lane */
    bool any;
};

static void heads_next(struct heads *h) {
    h->any = lane_walk_next(&h->walk, &h->head);
}

/*
 * Put what stands of `m` into `out`; `h` has come to its epoch at most, and comes to the next. What
 * ended before stays ended where it was: whoever was put back may hold less of it, or another
 * branch, and of two words the one that leaves less holds.
 */
static void put_epoch(struct txn *t, const struct member *m, struct heads *h, struct buf *out) {
    struct last_good end = {m->actor, m->epoch, m->unit, 0};
    size_t before = out->len;
    for (; h->any && h->walk.epoch <= m->epoch; heads_next(h)) {
        end.lane = h->walk.lane;
        end.seq = h->head.seq;
        if (h->walk.epoch == m->epoch && !m->ended)
            buf_put(out, &end, sizeof end);
    }
    if (m->ended)
        roster_ends(t, m, out);
    if (out->len == before) { /* nothing of it is good */
        end.lane = m->unit;
        end.seq = 0;
        buf_put(out, &end, sizeof end);
    }
}

int ending_heads(struct txn *t, const struct hash *actor, struct ending *ret_ending,
                 struct err *e) {
    struct buf out;
    struct member m;
    struct heads h;
    uint32_t last = roster_epoch(t, actor);
    buf_init(&out);
    lane_walk_init(&h.walk, t, actor);
    heads_next(&h);
    for (uint32_t epoch = 1; epoch <= last; epoch++)
        if (roster_find(t, actor, epoch, &m))
            put_epoch(t, &m, &h, &out);
    int rc = out.failed ? err_nomem(e) : txn_failed(t, e);
    if (rc != 0) {
        buf_done(&out);
        return rc;
    }
    ret_ending->list = buf_items(&out);
    ret_ending->n = (uint32_t)(out.len / sizeof *ret_ending->list);
    return 0;
}
