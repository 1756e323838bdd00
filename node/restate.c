#include "node/restate.h"

#include "core/mem.h"
#include "node/append.h"
#include "node/views.h"
#include "proto/kinds.h"
#include "proto/payload_act.h"
#include "store/key.h"
#include "store/log.h"

/* Records that are stated again: the old id and the new one. */
struct carried {
    uint32_t n, cap;
    struct hash (*ids)[2];
};

static int carry(struct carried *c, const struct hash *from, const struct hash *to, struct err *e) {
    if (c->n == c->cap) {
        uint32_t cap = c->cap ? c->cap * 2 : 8;
        struct hash(*ids)[2] = mem_realloc(c->ids, cap * sizeof *ids);
        if (!ids)
            return err_nomem(e);
        c->ids = ids;
        c->cap = cap;
    }
    c->ids[c->n][0] = *from;
    c->ids[c->n++][1] = *to;
    return 0;
}

static bool renamed(const struct carried *c, struct hash *id) {
    for (uint32_t i = 0; i < c->n; i++)
        if (hash_equal(&c->ids[i][0], id))
            return *id = c->ids[i][1], true;
    return false;
}

/*
 * Keep of `p`, a receipt of our own, the lines that nothing said by us since has overtaken: those
 * whose word in the view is that of `of`, or none, or less.
 */
static void keep_standing(struct actor *a, struct txn *t, const struct hash *of,
                          struct payload_receipt *p) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->n; i++) {
        struct receipt_row said;
        if (!views_receipt(t, &p->entries[i].record, &a->id, &said) ||
            hash_equal(&said.receipt, of) || views_says_more(&p->entries[i], &said))
            p->entries[n++] = p->entries[i];
    }
    p->n = n;
}

/* The payload of the receipt `r` without what was overtaken, into `out`; empty if nothing is left.
 */
static int rewrite_receipt(struct actor *a, struct txn *t, const struct record *r, struct buf *out,
                           struct err *e) {
    struct arena arena;
    struct payload_receipt p;
    arena_init(&arena, PAYLOAD_ARENA_BYTES);
    int rc = payload_receipt_decode(r->payload, &arena, &p, e);
    if (rc == 0) {
        struct log_head known = log_head_of(t, &a->id, a->epoch, &(struct uid){0});
        p.as_of = known.seq;
        keep_standing(a, t, &r->id, &p);
        rc = p.n > 0 ? payload_receipt_encode(&p, out, e) : 0;
    }
    arena_done(&arena);
    return rc;
}

/* The payload of `r` with references to what was stated again carried over, into `out`. */
static int rewrite(const struct carried *c, const struct record *r, struct buf *out,
                   struct err *e) {
    struct arena a;
    struct payload_report report;
    struct payload_withdrawal withdrawal;
    int rc = 0;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    if (r->h.kind == KIND_REPORT && payload_report_decode(r->payload, &a, &report, NULL) == 0 &&
        renamed(c, &report.subjects))
        rc = payload_report_encode(&report, out, e);
    else if (r->h.kind == KIND_WITHDRAWAL &&
             payload_withdrawal_decode(r->payload, &a, &withdrawal, NULL) == 0 &&
             renamed(c, &withdrawal.record))
        rc = payload_withdrawal_encode(&withdrawal, out, e);
    else
        buf_put(out, r->payload.data, r->payload.len);
    arena_done(&a);
    return rc == 0 && out->failed ? err_nomem(e) : rc;
}

static int state_again(struct actor *a, struct txn *t, struct carried *c, const struct hash *id,
                       instant now, struct err *e) {
    struct record r;
    struct hash again;
    struct buf payload;
    buf_init(&payload);
    int rc = log_get(t, id, &r, e);
    uint16_t kind = rc == 0 ? r.h.kind : 0;
    struct uid lane = rc == 0 ? r.h.lane : (struct uid){{0}};
    if (rc == 0)
        rc = kind == KIND_RECEIPT ? rewrite_receipt(a, t, &r, &payload, e)
                                  : rewrite(c, &r, &payload, e);
    if (rc == 0 && kind == KIND_RECEIPT && payload.len == 0) {
        buf_done(&payload);
        return 0;
    }
    if (rc == 0)
        rc = append_own(a, t, kind, uid_is_zero(&lane) ? NULL : &lane, buf_slice(&payload), now,
                        &again, e);
    if (rc == 0)
        rc = carry(c, id, &again, e);
    buf_done(&payload);
    return rc;
}

/* The first seq of `lane` in `epoch` at which a fork shows another record; 0: there is none. */
static uint64_t first_fork(struct actor *a, struct txn *t, uint32_t epoch, const struct uid *lane) {
    struct key prefix = {.n = 0};
    struct walk w;
    struct slice k;
    uint64_t seq = 0;
    key_hash(&prefix, &a->id);
    key_u32(&prefix, epoch);
    key_uid(&prefix, lane);
    walk_init(&w, t, TABLE_FORKS, key_slice(&prefix));
    if (walk_next(&w, &k, NULL)) {
        struct reader r = reader_of(slice_of(k.data + prefix.n, k.len - prefix.n));
        seq = reader_u64(&r);
    }
    walk_done(&w);
    return seq;
}

bool restate_is_void(struct actor *a, struct txn *t, const struct record_header *h) {
    if (h->epoch >= a->epoch)
        return false;
    uint64_t seq = first_fork(a, t, h->epoch, &h->lane);
    return seq > 0 && h->seq >= seq;
}

/* The fork of our own in `epoch` after `*last` (empty: the first), its bytes into `ret_bytes`. */
static bool next_fork(struct actor *a, struct txn *t, uint32_t epoch, struct key *last,
                      struct buf *ret_bytes) {
    struct key prefix = {.n = 0};
    struct walk w;
    struct slice k, v;
    key_hash(&prefix, &a->id);
    key_u32(&prefix, epoch);
    if (last->n > 0)
        key_put(last, "", 1);
    walk_init_from(&w, t, TABLE_FORKS, key_slice(&prefix),
                   last->n ? key_slice(last) : key_slice(&prefix));
    bool found = walk_next(&w, &k, &v);
    buf_clear(ret_bytes);
    if (found) {
        last->n = 0;
        key_put(last, k.data, k.len);
        buf_put(ret_bytes, v.data, v.len);
    }
    walk_done(&w);
    return found;
}

/*
 * What others hold as receipts of ours, and this log has no place for, is said again first: it is
 * the earlier word.
 */
static int restate_forks(struct actor *a, struct txn *t, uint32_t epoch, instant now,
                         struct err *e) {
    struct key last = {.n = 0};
    struct buf bytes, payload;
    struct hash id;
    int rc = 0;
    buf_init(&bytes);
    buf_init(&payload);
    while (rc == 0 && next_fork(a, t, epoch, &last, &bytes)) {
        struct record r;
        rc = bytes.failed ? err_nomem(e) : record_parse(buf_slice(&bytes), &r, e);
        if (rc != 0 || r.h.kind != KIND_RECEIPT)
            continue;
        buf_clear(&payload);
        rc = rewrite_receipt(a, t, &r, &payload, e);
        if (rc == 0 && payload.len > 0)
            rc = append_own(a, t, KIND_RECEIPT, &r.h.lane, buf_slice(&payload), now, &id, e);
    }
    buf_done(&bytes);
    buf_done(&payload);
    return rc;
}

int restate(struct actor *a, struct txn *t, uint32_t epoch, instant now, struct err *e) {
    struct carried carried = {0};
    struct lane_walk w;
    struct log_head head;
    struct hash id;
    int rc = restate_forks(a, t, epoch, now, e);
    lane_walk_init(&w, t, &a->id);
    while (rc == 0 && lane_walk_next(&w, &head)) {
        uint64_t seq = w.epoch == epoch ? first_fork(a, t, epoch, &w.lane) : 0;
        for (; rc == 0 && seq > 0 && seq <= head.seq; seq++)
            if (log_at(t, &a->id, epoch, &w.lane, seq, &id))
                rc = state_again(a, t, &carried, &id, now, e);
    }
    mem_free(carried.ids);
    return rc == 0 ? txn_failed(t, e) : rc;
}
