#include "node/enrol_right.h"

#include "node/pending.h"
#include "node/renewal.h"
#include "proto/kinds.h"
#include "store/key.h"
#include "store/log.h"

static const struct hash any_unit; /* what these wait for: any fact may be it */

static int read_enrol(const struct record *r, struct payload_grant *ret_grant, struct err *why) {
    struct arena a;
    struct payload_enrol p;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    int rc = payload_enrol_decode(r->payload, &a, &p, why);
    if (rc == 0)
        *ret_grant = p.grant;
    arena_done(&a);
    return rc == 0 || rc == ERR_NOMEM ? rc : ERR_REFUSED;
}

/* Whether `m` runs the root hub, whose subtree is everything. */
static bool is_root_hub(struct txn *t, const struct member *m) {
    struct member granter;
    return roster_find(t, &m->enroller, 1, &granter) && granter.by == BY_ROOT_KEY;
}

int enrol_right_check(const struct actor *a, struct txn *t, const struct member *m,
                      const struct record *r, enum origin origin, bool *ret_now, struct err *why) {
    struct payload_grant g;
    *ret_now = true;
    if (r->h.kind != KIND_ENROL || r->h.payload_version != PAYLOAD_VERSION || is_root_hub(t, m))
        return 0;
    int rc = read_enrol(r, &g, why);
    if (rc == 0)
        *ret_now = catalog_ever_under(&a->catalog, &g.unit, &m->unit) ||
                   (origin == ORIGIN_ABOVE && !catalog_unit(&a->catalog, &g.unit));
    return rc;
}

static struct key row_key(const struct record *r) {
    struct key k = {.n = 0};
    key_hash(&k, &any_unit);
    key_hash(&k, &r->id);
    key_hash(&k, &r->h.actor);
    return k;
}

int enrol_right_hold(struct actor *a, struct txn *t, const struct member *m, const struct record *r,
                     enum origin origin, struct err *e) {
    struct key k = row_key(r), v = {.n = 0};
    struct payload_grant g;
    int rc = read_enrol(r, &g, e);
    if (rc != 0)
        return rc;
    key_put(&v, &(uint8_t){PENDING_RIGHT}, 1);
    key_uid(&v, &g.unit);
    key_uid(&v, &m->unit);
    txn_put(t, TABLE_AWAITED, key_slice(&k), key_slice(&v));
    return append_void(a, t, r, origin, e);
}

bool enrol_right_waits(struct txn *t, const struct record *r) {
    struct key k = row_key(r);
    return txn_get(t, TABLE_AWAITED, key_slice(&k), NULL);
}

/* A place in lane 0 of one author. */
struct place {
    struct hash author;
    uint32_t epoch;
    uint64_t seq;
};

static bool is_before(const struct record_header *h, const struct place *at) {
    int order = hash_cmp(&h->actor, &at->author);
    if (order != 0 || h->epoch != at->epoch)
        return order != 0 ? order < 0 : h->epoch < at->epoch;
    return h->seq < at->seq;
}

/* Whether the enrolment of `row` has its right now; its id into `ret_id`. */
static bool has_right(const struct actor *a, struct slice key, struct slice row,
                      struct hash *ret_id) {
    struct reader k = reader_of(key), v = reader_of(row);
    struct uid unit, above;
    reader_bytes(&k, HASH_BYTES);
    reader_copy(&k, ret_id->b, HASH_BYTES);
    reader_u8(&v);
    reader_copy(&v, unit.b, UID_BYTES);
    reader_copy(&v, above.b, UID_BYTES);
    return !k.failed && !v.failed && catalog_ever_under(&a->catalog, &unit, &above);
}

/* The first place of those that wait and have their right now; its author zero: there is none. */
static int find_place(const struct actor *a, struct txn *t, struct place *ret_at, struct err *e) {
    struct place at = {.seq = 0};
    struct walk w;
    struct slice k, v;
    struct hash id;
    struct record r;
    int rc = 0;
    walk_init(&w, t, TABLE_AWAITED, slice_of(any_unit.b, HASH_BYTES));
    while (rc == 0 && walk_next(&w, &k, &v)) {
        if (!has_right(a, k, v, &id))
            continue;
        rc = log_get(t, &id, &r, e);
        if (rc == 0 && roster_overruled(t, &r.h))
            continue; /* nobody's enrolment */
        if (rc == 0 && (hash_is_zero(&at.author) || is_before(&r.h, &at)))
            at = (struct place){r.h.actor, r.h.epoch, r.h.seq};
    }
    walk_done(&w);
    *ret_at = at;
    return rc;
}

struct offer {
    struct actor *a;
    struct txn *t;
    int (*counts)(void *arg, const struct hash *actor, struct err *e);
    void *arg;
};

/* Whether `r` says only again who is a member: it is not news, but for whom it ends. */
static bool is_known(struct txn *t, const struct record *r, const struct payload_grant *g) {
    struct member m;
    return roster_find(t, &g->actor, g->epoch, &m) && hash_equal(&m.enroller, &r->h.actor);
}

static int offer_enrolment(const struct offer *o, const struct record *r, struct err *e) {
    struct key k = row_key(r);
    struct member m;
    struct payload_grant g;
    struct err why = {0};
    bool now = false;
    int rc = read_enrol(r, &g, &why);
    if (rc != 0 || !roster_find(o->t, &r->h.actor, r->h.epoch, &m))
        return rc == ERR_NOMEM ? err_nomem(e) : 0;
    rc = enrol_right_check(o->a, o->t, &m, r, ORIGIN_BELOW, &now, &why);
    if (rc != 0 || !now)
        return rc == ERR_NOMEM ? err_nomem(e) : 0;
    if (txn_get(o->t, TABLE_AWAITED, key_slice(&k), NULL))
        txn_delete(o->t, TABLE_AWAITED, key_slice(&k)); /* else it would be found for ever */
    rc = roster_check(o->t, r, &why);
    if (rc != 0)
        return rc == ERR_NOMEM ? err_nomem(e) : 0; /* it could not be, whatever the units */
    bool known = is_known(o->t, r, &g);
    rc = roster_apply(o->t, r, e);
    if (rc != 0 || known)
        return rc;
    rc = renewal_held(o->a, o->t, r, e);
    return rc == 0 ? o->counts(o->arg, &g.actor, e) : rc;
}

/* Said once more, a revocation says the same: whom a hub ended gets no later epoch. */
static int offer_revocation(const struct offer *o, const struct record *r, struct err *e) {
    struct err why = {0};
    int rc = roster_check(o->t, r, &why);
    if (rc != 0)
        return rc == ERR_NOMEM ? err_nomem(e) : 0;
    return roster_apply(o->t, r, e);
}

static int offer_one(const struct offer *o, const struct hash *id, struct err *e) {
    struct record r;
    struct buf copy; /* what is written moves what was read */
    int rc = log_get(o->t, id, &r, e);
    if (rc != 0 || r.h.payload_version != PAYLOAD_VERSION ||
        (r.h.kind != KIND_ENROL && r.h.kind != KIND_REVOKE))
        return rc;
    buf_init(&copy);
    buf_put(&copy, r.bytes.data, r.bytes.len);
    rc = copy.failed ? err_nomem(e) : record_parse(buf_slice(&copy), &r, e);
    if (rc == 0)
        rc = r.h.kind == KIND_ENROL ? offer_enrolment(o, &r, e) : offer_revocation(o, &r, e);
    buf_done(&copy);
    return rc;
}

/* Everything that `at`'s author said of machines from there on was said on top of it. */
static int offer_from(const struct offer *o, const struct place *at, struct err *e) {
    const struct uid zero = {{0}};
    struct hash id;
    int rc = 0;
    for (uint32_t epoch = at->epoch; epoch <= roster_epoch(o->t, &at->author); epoch++) {
        struct log_head head = log_head_of(o->t, &at->author, epoch, &zero);
        uint64_t seq = epoch == at->epoch ? at->seq : 1;
        for (; rc == 0 && seq <= head.seq; seq++)
            if (log_at(o->t, &at->author, epoch, &zero, seq, &id))
                rc = offer_one(o, &id, e);
    }
    return rc;
}

int enrol_right_offer(struct actor *a, struct txn *t,
                      int (*counts)(void *arg, const struct hash *actor, struct err *e), void *arg,
                      struct err *e) {
    const struct offer o = {a, t, counts, arg};
    struct place at;
    int rc = find_place(a, t, &at, e);
    while (rc == 0 && !hash_is_zero(&at.author)) {
        rc = offer_from(&o, &at, e);
        if (rc == 0)
            rc = find_place(a, t, &at, e);
    }
    return rc == 0 ? txn_failed(t, e) : rc;
}
