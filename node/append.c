#include "node/append.h"

#include "node/views.h"
#include "store/log.h"

/* What is said: of which kind, in which lane (NULL: lane 0), claimed when. */
struct own {
    uint16_t kind;
    const struct uid *lane;
    instant now;
};

/* The next record of our own into `bytes`, and `ret_record`, which points there. */
static int build_own(struct actor *a, struct txn *t, const struct own *own, struct slice payload,
                     struct buf *bytes, struct record *ret_record, struct err *e) {
    struct record_header h = {
        .kind = own->kind,
        .payload_version = PAYLOAD_VERSION,
        .epoch = a->epoch,
        .claimed = own->now,
        .deployment = a->deployment,
        .actor = a->id,
    };
    struct hash id;
    if (own->lane)
        h.lane = *own->lane;
    if (actor_may_sign(a, e) != 0)
        return ERR_REFUSED;
    struct log_head head = log_head_of(t, &a->id, a->epoch, &h.lane);
    h.seq = head.seq + 1;
    h.prev = head.id;
    int rc = record_build(&h, payload, a->sign, bytes, &id, e);
    return rc == 0 ? record_parse(buf_slice(bytes), ret_record, e) : rc;
}

int append_own(struct actor *a, struct txn *t, uint16_t kind, const struct uid *lane,
               struct slice payload, instant now, struct hash *ret_id, struct err *e) {
    struct buf bytes;
    struct record r;
    buf_init(&bytes);
    int rc = build_own(a, t, &(struct own){kind, lane, now}, payload, &bytes, &r, e);
    if (rc == 0)
        rc = append_record(a, t, &r, ORIGIN_OWN, e);
    if (rc == 0)
        *ret_id = r.id;
    buf_done(&bytes);
    return rc;
}

int append_receipt(struct actor *a, struct txn *t, const struct payload_receipt *p,
                   const struct uid *lane, instant now, struct err *e) {
    struct buf payload, bytes;
    struct record r;
    buf_init(&payload);
    buf_init(&bytes);
    int rc = payload_receipt_encode(p, &payload, e);
    if (rc == 0)
        rc = build_own(a, t, &(struct own){KIND_RECEIPT, lane, now}, buf_slice(&payload), &bytes,
                       &r, e);
    if (rc == 0) {
        log_append(t, &r);
        views_state_receipt(t, &r, p);
        route_record(a, t, &r, ORIGIN_OWN);
        rc = txn_failed(t, e);
    }
    buf_done(&payload);
    buf_done(&bytes);
    return rc;
}

int append_record(struct actor *a, struct txn *t, const struct record *r, enum origin origin,
                  struct err *e) {
    log_append(t, r);
    int rc = roster_apply(t, r, e);
    if (rc == 0)
        rc = views_apply(t, r, e);
    if (rc == 0 && (catalog_reads(r->h.kind) || a->catalog.endings != roster_endings(t)))
        rc = catalog_refresh(&a->catalog, t, e);
    if (rc == 0)
        route_record(a, t, r, origin);
    if (rc == 0 && r->h.kind == KIND_UNITS)
        route_moved(a, t);
    return rc == 0 ? txn_failed(t, e) : rc;
}

int append_void(struct actor *a, struct txn *t, const struct record *r, enum origin origin,
                struct err *e) {
    log_append(t, r);
    route_record(a, t, r, origin);
    return txn_failed(t, e);
}
