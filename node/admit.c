#include "node/admit.h"

#include "core/limits.h"
#include "core/mem.h"
#include "proto/kinds.h"
#include "store/key.h"
#include "store/log.h"

/* A build of its own, which no program is made from, takes what is held for new: the simulator has
 * to notice. */
#ifdef THIDUA_CANARY_NO_DEDUP
#define FORGETS_DUPLICATES true
#else
#define FORGETS_DUPLICATES false
#endif

/* ---- what waits ---- */

enum waiting { WAITS_ADMISSION = 1, WAITS_JUDGEMENT = 2 };

static void await(struct txn *t, const struct hash *awaited, const struct hash *record,
                  enum waiting how, const struct hash *carrier) {
    struct key k = {.n = 0}, v = {.n = 0};
    key_hash(&k, awaited);
    key_hash(&k, record);
    key_put(&v, &(uint8_t){(uint8_t)how}, 1);
    key_hash(&v, carrier);
    txn_put(t, TABLE_AWAITED, key_slice(&k), key_slice(&v));
}

void admit_await(struct txn *t, const struct hash *awaited, const struct hash *record) {
    await(t, awaited, record, WAITS_JUDGEMENT, &(struct hash){0});
}

static struct key pending_key(const struct hash *carrier, const struct hash *record) {
    struct key k = {.n = 0};
    key_hash(&k, carrier);
    key_hash(&k, record);
    return k;
}

/* Whether the carrier may have one more pending record of `bytes`. */
static bool has_room(const struct admit *a, size_t bytes) {
    struct walk w;
    struct slice v;
    size_t n = 0, total = bytes;
    walk_init(&w, a->t, TABLE_PENDING, slice_of(a->carrier.b, HASH_BYTES));
    while (walk_next(&w, NULL, &v)) {
        n++;
        total += v.len;
    }
    walk_done(&w);
    return n < LIMIT_PENDING_RECORDS && total <= LIMIT_PENDING_BYTES;
}

/* Keep `r` until `awaited` (a record, or an actor) is here. */
static int keep_pending(const struct admit *a, const struct record *r, const struct hash *awaited,
                        instant received_at, enum admission *ret, struct err *e) {
    if (!has_room(a, r->bytes.len)) {
        *ret = ADMIT_NO_ROOM;
        return 0;
    }
    struct buf value;
    buf_init(&value);
    buf_put_u64(&value, (uint64_t)received_at);
    buf_put(&value, r->bytes.data, r->bytes.len);
    struct key k = pending_key(&a->carrier, &r->id);
    int rc = value.failed ? err_nomem(e) : 0;
    if (rc == 0) {
        txn_put(a->t, TABLE_PENDING, key_slice(&k), buf_slice(&value));
        await(a->t, awaited, &r->id, WAITS_ADMISSION, &a->carrier);
        *ret = ADMIT_PENDING;
    }
    buf_done(&value);
    return rc;
}

/* ---- one record ---- */

static enum admission refuse(struct err *why, const char *msgid) {
    err_set(why, ERR_REFUSED, "%s", msgid);
    return ADMIT_REFUSED;
}

/* Whether the author, as enrolled, may state a record of this kind in this lane. */
static bool may_state(const struct admit *a, const struct member *m,
                      const struct record_header *h) {
    const struct kind_rule *rule = kind_rule(h->kind);
    if (!rule)
        return true;
    if (!(rule->by & m->by))
        return false;
    switch (rule->lane) {
    case LANE_ZERO:
        return uid_is_zero(&h->lane);
    case LANE_OWN:
        return uid_equal(&h->lane, &m->unit);
    case LANE_CHILD:
        return !uid_is_zero(&h->lane) && catalog_under(&a->actor->catalog, &h->lane, &m->unit);
    }
    return false;
}

/* Whether `m` runs the root hub, whose subtree is everything. */
static bool is_root_hub(const struct admit *a, const struct member *m) {
    struct member granter;
    return roster_find(a->t, &m->enroller, 1, &granter) && granter.by == BY_ROOT_KEY;
}

/*
 * An enrolment reaches no further than the subtree of whoever states it. Our own way up to the root
 * comes before we know any unit: it is ours because it leads to us.
 */
static bool within_subtree(const struct admit *a, const struct member *m, const struct record *r) {
    struct arena arena;
    struct payload_enrol p;
    if (r->h.kind != KIND_ENROL || is_root_hub(a, m))
        return true;
    arena_init(&arena, PAYLOAD_ARENA_BYTES);
    bool ok = payload_enrol_decode(r->payload, &arena, &p, NULL) == 0;
    bool unknown = ok && !catalog_unit(&a->actor->catalog, &p.grant.unit);
    ok = ok && (unknown ? a->origin == ORIGIN_ABOVE
                        : catalog_under(&a->actor->catalog, &p.grant.unit, &m->unit));
    arena_done(&arena);
    return ok;
}

/* A genesis record is its own proof: its id is the deployment, its key is in it. */
static bool genesis_holds(const struct admit *a, const struct record *r) {
    struct arena arena;
    struct payload_genesis p;
    struct hash actor;
    if (!hash_equal(&r->id, &a->actor->deployment) || !hash_is_zero(&r->h.deployment))
        return false;
    arena_init(&arena, PAYLOAD_ARENA_BYTES);
    bool ok = payload_genesis_decode(r->payload, &arena, &p, NULL) == 0;
    if (ok) {
        crypto_actor(&p.root_key, &actor);
        ok = hash_equal(&actor, &r->h.actor) && record_verify(r, &p.root_key);
    }
    arena_done(&arena);
    return ok;
}

/* Everything that can be said of `r` from its author alone. */
static enum admission check_author(const struct admit *a, const struct record *r,
                                   const struct member *m, struct err *why) {
    if (!record_verify(r, &m->sign_key))
        return refuse(why, "the signature does not hold");
    if (m->ended && r->h.seq > roster_last_good(a->t, m, &r->h.lane))
        return refuse(why, "its author was replaced or revoked before it was stated");
    if (!may_state(a, m, &r->h))
        return refuse(why, "its author may not state this kind of record in this lane");
    if (!within_subtree(a, m, r))
        return refuse(why, "it enrols a unit that is not below its author");
    const struct kind_rule *rule = kind_rule(r->h.kind);
    if (r->erased && !(rule && rule->erasable))
        return refuse(why, "its payload is missing");
    return roster_check(a->t, r, why) == 0 ? ADMIT_HELD : ADMIT_REFUSED;
}

/* Where `r` stands in its lane: held, pending on its predecessor, or a fork. */
static int place(const struct admit *a, const struct record *r, instant received_at,
                 enum admission *ret, struct err *e) {
    struct log_head head = log_head_of(a->t, &r->h.actor, r->h.epoch, &r->h.lane);
    bool forgotten = FORGETS_DUPLICATES && log_has(a->t, &r->id);
    if (!forgotten && r->h.seq > head.seq + 1)
        return keep_pending(a, r, &r->h.prev, received_at, ret, e);
    if (!forgotten && (r->h.seq <= head.seq || !hash_equal(&r->h.prev, &head.id))) {
        log_fork(a->t, r);
        *ret = ADMIT_FORK;
        return 0;
    }
    int rc = append_record(a->actor, a->t, r, a->origin, e);
    if (rc == 0 && a->sink.held)
        rc = a->sink.held(a->sink.arg, a->t, r, received_at, e);
    *ret = ADMIT_HELD;
    return rc;
}

static int admit_record(const struct admit *a, const struct record *r, instant received_at,
                        enum admission *ret, struct err *why, struct err *e) {
    struct key k = pending_key(&a->carrier, &r->id);
    struct member m;
    if (!FORGETS_DUPLICATES && log_has(a->t, &r->id)) {
        *ret = ADMIT_DUPLICATE;
        return a->sink.again ? a->sink.again(a->sink.arg, a->t, r, e) : 0;
    }
    if (r->h.kind == KIND_GENESIS) {
        if (!genesis_holds(a, r)) {
            *ret = refuse(why, "it is the genesis of another deployment");
            return 0;
        }
        return place(a, r, received_at, ret, e);
    }
    if (!hash_equal(&r->h.deployment, &a->actor->deployment)) {
        *ret = refuse(why, "it belongs to another deployment");
        return 0;
    }
    if (txn_get(a->t, TABLE_PENDING, key_slice(&k), NULL)) {
        *ret = ADMIT_DUPLICATE;
        return 0;
    }
    if (!roster_find(a->t, &r->h.actor, r->h.epoch, &m))
        return keep_pending(a, r, &r->h.actor, received_at, ret, e);
    *ret = check_author(a, r, &m, why);
    return *ret == ADMIT_HELD ? place(a, r, received_at, ret, e) : txn_failed(a->t, e);
}

/* ---- waking what waited ---- */

struct waiter {
    struct hash record, carrier;
    enum waiting how;
};

/* A queue of names (records held, actors enrolled) that something may wait for. */
struct wake {
    uint32_t n, cap;
    struct hash *names;
};

static int wake_add(struct wake *w, const struct hash *name, struct err *e) {
    if (w->n == w->cap) {
        uint32_t cap = w->cap ? w->cap * 2 : 8;
        struct hash *names = mem_realloc(w->names, cap * sizeof *names);
        if (!names)
            return err_nomem(e);
        w->names = names;
        w->cap = cap;
    }
    w->names[w->n++] = *name;
    return 0;
}

/* What `r`, just held, may wake: itself, and the actors that it enrols. */
static int wake_from(struct wake *w, const struct record *r, struct err *e) {
    int rc = wake_add(w, &r->id, e);
    if (rc != 0 || (r->h.kind != KIND_GRANT && r->h.kind != KIND_ENROL))
        return rc;
    struct arena arena;
    struct payload_grant grant;
    struct payload_enrol enrol;
    arena_init(&arena, PAYLOAD_ARENA_BYTES);
    if (r->h.kind == KIND_GRANT && payload_grant_decode(r->payload, &arena, &grant, NULL) == 0)
        rc = wake_add(w, &grant.actor, e);
    if (r->h.kind == KIND_ENROL && payload_enrol_decode(r->payload, &arena, &enrol, NULL) == 0)
        rc = wake_add(w, &enrol.grant.actor, e);
    arena_done(&arena);
    return rc;
}

/* Take the first that waits for `name` off the table; false if nobody does. */
static bool next_waiter(struct txn *t, const struct hash *name, struct waiter *ret_waiter) {
    struct walk w;
    struct slice k, v;
    walk_init(&w, t, TABLE_AWAITED, slice_of(name->b, HASH_BYTES));
    bool found = walk_next(&w, &k, &v);
    struct key copy = {.n = 0};
    if (found) {
        struct reader key = reader_of(k), value = reader_of(v);
        key_put(&copy, k.data, k.len);
        reader_bytes(&key, HASH_BYTES);
        reader_copy(&key, ret_waiter->record.b, HASH_BYTES);
        ret_waiter->how = reader_u8(&value);
        reader_copy(&value, ret_waiter->carrier.b, HASH_BYTES);
    }
    walk_done(&w);
    if (found)
        txn_delete(t, TABLE_AWAITED, key_slice(&copy));
    return found;
}

/* Offer a pending record again, now that what it waited for is here. */
static int retry(const struct admit *a, const struct waiter *waiter, struct wake *wake,
                 struct err *e) {
    struct admit again = *a;
    again.carrier = waiter->carrier;
    struct key k = pending_key(&waiter->carrier, &waiter->record);
    struct slice v;
    struct buf copy;
    buf_init(&copy);
    if (!txn_get(a->t, TABLE_PENDING, key_slice(&k), &v))
        return txn_failed(a->t, e);
    buf_put(&copy, v.data, v.len);
    txn_delete(a->t, TABLE_PENDING, key_slice(&k));
    struct reader in = reader_of(buf_slice(&copy));
    instant received_at = (instant)reader_u64(&in);
    struct record r;
    enum admission admission = ADMIT_REFUSED;
    int rc = copy.failed ? err_nomem(e) : record_parse(slice_of(in.data, in.left), &r, e);
    if (rc == 0)
        rc = admit_record(&again, &r, received_at, &admission, NULL, e);
    if (rc == 0 && admission == ADMIT_HELD)
        rc = wake_from(wake, &r, e);
    buf_done(&copy);
    return rc;
}

static int wake_all(const struct admit *a, struct wake *wake, struct err *e) {
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < wake->n; i++) {
        struct hash name = wake->names[i];
        struct waiter waiter;
        while (rc == 0 && next_waiter(a->t, &name, &waiter)) {
            if (waiter.how == WAITS_ADMISSION)
                rc = retry(a, &waiter, wake, e);
            else if (a->sink.ready)
                rc = a->sink.ready(a->sink.arg, a->t, &waiter.record, e);
        }
    }
    return rc;
}

int admit_bytes(const struct admit *a, struct slice bytes, instant received_at,
                enum admission *ret_admission, struct err *ret_why, struct err *e) {
    struct record r;
    enum admission admission = ADMIT_REFUSED;
    if (record_parse(bytes, &r, ret_why) != 0) {
        *ret_admission = ADMIT_REFUSED;
        return 0;
    }
    int rc = admit_record(a, &r, received_at, &admission, ret_why, e);
    if (rc == 0 && admission == ADMIT_HELD) {
        struct wake wake = {0};
        rc = wake_from(&wake, &r, e);
        if (rc == 0)
            rc = wake_all(a, &wake, e);
        mem_free(wake.names);
    }
    if (rc == 0)
        rc = txn_failed(a->t, e);
    if (rc == 0)
        *ret_admission = admission;
    return rc;
}
