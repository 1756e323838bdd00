#include "node/restate.h"

#include "core/mem.h"
#include "node/append.h"
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
        rc = rewrite(c, &r, &payload, e);
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

int restate(struct actor *a, struct txn *t, uint32_t epoch, instant now, struct err *e) {
    struct carried carried = {0};
    struct lane_walk w;
    struct log_head head;
    struct hash id;
    int rc = 0;
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
