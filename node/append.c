#include "node/append.h"

#include "node/shown.h"
#include "node/views.h"
#include "store/log.h"

/* What is said: of which kind, in which lane (NULL: lane 0), claimed when. */
struct own {
    uint16_t kind;
    const struct uid *lane;
    instant now;
};

/* What follows a record that is not there would, signed, part this lane for good. */
static int check_head(struct txn *t, const struct log_head *head, struct err *e) {
    if (head->seq == 0 || log_has(t, &head->id))
        return 0;
    int rc = txn_failed(t, e);
    return rc != 0 ? rc : log_damaged(&head->id, e);
}

int append_sign(struct txn *t, const struct signer *by, uint16_t kind, const struct uid *lane,
                struct slice payload, struct buf *bytes, struct record *ret_record, struct err *e) {
    struct record_header h = {
        .kind = kind,
        .payload_version = PAYLOAD_VERSION,
        .epoch = by->epoch,
        .claimed = by->now,
        .deployment = by->deployment,
        .actor = by->actor,
    };
    struct hash id;
    if (lane)
        h.lane = *lane;
    struct log_head head = log_head_of(t, &h.actor, h.epoch, &h.lane);
    h.seq = head.seq + 1;
    h.prev = head.id;
    int rc = check_head(t, &head, e);
    if (rc == 0)
        rc = record_build(&h, payload, by->key, bytes, &id, e);
    return rc == 0 ? record_parse(buf_slice(bytes), ret_record, e) : rc;
}

/* The next record of our own into `bytes`, and `ret_record`, which points there. */
static int build_own(struct actor *a, struct txn *t, const struct own *own, struct slice payload,
                     struct buf *bytes, struct record *ret_record, struct err *e) {
    struct signer self = {a->id, a->deployment, a->epoch, a->sign, own->now};
    if (actor_may_sign(a, e) != 0)
        return ERR_REFUSED;
    return append_sign(t, &self, own->kind, own->lane, payload, bytes, ret_record, e);
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

/* What is to be told apart of a tree before and after a record. */
struct tree_state {
    size_t units, moves;
    uint64_t remade;
};

static struct tree_state tree_state(const struct catalog *c) {
    if (!c->units)
        return (struct tree_state){0};
    return (struct tree_state){units_count(c->units), units_moves(c->units), c->units_read.remade};
}

/* Lanes of units that lie where they did went where they have to: a hub that states new ones, or
 * new names, without end must not have all of them looked at each time. */
static void route_units(struct actor *a, struct txn *t, const struct tree_state *before) {
    struct tree_state now = tree_state(&a->catalog);
    bool same = now.moves == before->moves && now.remade == before->remade;
    route_moved(a, t, same ? before->units : 0);
}

int append_record(struct actor *a, struct txn *t, const struct record *r, enum origin origin,
                  struct err *e) {
    struct tree_state before = tree_state(&a->catalog);
    log_append(t, r);
    int rc = roster_apply(t, r, e);
    if (rc == 0)
        rc = views_apply(t, r, e);
    if (rc == 0 && (catalog_reads(r->h.kind) || a->catalog.endings != roster_endings(t)))
        rc = catalog_refresh(&a->catalog, t, e);
    if (rc == 0)
        route_record(a, t, r, origin);
    if (rc == 0 && r->h.kind == KIND_UNITS)
        route_units(a, t, &before);
    return rc == 0 ? txn_failed(t, e) : rc;
}

int append_void(struct actor *a, struct txn *t, const struct record *r, enum origin origin,
                struct err *e) {
    log_append(t, r);
    shown_forget(t, &r->id);
    route_record(a, t, r, origin);
    return txn_failed(t, e);
}
