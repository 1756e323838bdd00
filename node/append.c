#include "node/append.h"

#include "node/views.h"
#include "store/log.h"

int append_own(struct actor *a, struct txn *t, uint16_t kind, const struct uid *lane,
               struct slice payload, instant now, struct hash *ret_id, struct err *e) {
    struct record_header h = {
        .kind = kind,
        .payload_version = PAYLOAD_VERSION,
        .epoch = a->epoch,
        .claimed = now,
        .deployment = a->deployment,
        .actor = a->id,
    };
    if (lane)
        h.lane = *lane;
    if (actor_may_sign(a, e) != 0)
        return ERR_REFUSED;
    struct log_head head = log_head_of(t, &a->id, a->epoch, &h.lane);
    h.seq = head.seq + 1;
    h.prev = head.id;
    struct buf bytes;
    struct record r;
    buf_init(&bytes);
    int rc = record_build(&h, payload, a->sign, &bytes, ret_id, e);
    if (rc == 0)
        rc = record_parse(buf_slice(&bytes), &r, e);
    if (rc == 0)
        rc = append_record(a, t, &r, ORIGIN_OWN, e);
    buf_done(&bytes);
    return rc;
}

int append_record(struct actor *a, struct txn *t, const struct record *r, enum origin origin,
                  struct err *e) {
    log_append(t, r);
    int rc = roster_apply(t, r, e);
    if (rc == 0)
        rc = views_apply(t, r, e);
    if (rc == 0 && catalog_reads(r->h.kind))
        rc = catalog_refresh(&a->catalog, t, e);
    if (rc == 0)
        route_record(a, t, r, origin);
    return rc == 0 ? txn_failed(t, e) : rc;
}

int append_void(struct actor *a, struct txn *t, const struct record *r, enum origin origin,
                struct err *e) {
    log_append(t, r);
    route_record(a, t, r, origin);
    return txn_failed(t, e);
}
