#include "node/admit.h"

#include "core/limits.h"
#include "core/mem.h"
#include "node/enrol_right.h"
#include "node/renewal.h"
#include "proto/kinds.h"
#include "store/key.h"
#include "store/log.h"

/* ---- what waits ---- */

enum waiting { WAITS_ADMISSION = 1, WAITS_JUDGEMENT = 2 };

static void await(struct txn *t, const struct hash *awaited, const struct hash *record,
                  enum waiting how, const struct hash *carrier) {
    struct key k = {.n = 0}, v = {.n = 0};
    key_hash(&k, awaited);
    key_hash(&k, record);
    key_hash(&k, carrier);
    key_put(&v, &(uint8_t){(uint8_t)how}, 1);
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

/* Whether `table` has room for one more of `bytes` under `actor`, beside what stands there. */
static bool has_room(const struct admit *a, enum store_table table, const struct hash *actor,
                     size_t bytes, size_t n_max, size_t bytes_max) {
    struct walk w;
    struct slice v;
    size_t n = 0, total = bytes;
    walk_init(&w, a->t, table, slice_of(actor->b, HASH_BYTES));
    while (walk_next(&w, NULL, &v)) {
        n++;
        total += v.len;
    }
    walk_done(&w);
    return n < n_max && total <= bytes_max;
}

/* Keep `r` until `awaited` (a record, or an actor) is here. */
static int keep_pending(const struct admit *a, const struct record *r, const struct hash *awaited,
                        instant received_at, enum admission *ret, struct err *e) {
    if (!has_room(a, TABLE_PENDING, &a->carrier, r->bytes.len, LIMIT_PENDING_RECORDS,
                  LIMIT_PENDING_BYTES)) {
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

/* What a check comes to: 0, ERR_REFUSED with the reason in `why`, or ERR_NOMEM. */
static int refuse(struct err *why, const char *msgid) {
    if (why->code == 0)
        *why = (struct err){.code = ERR_REFUSED, .msgid = msgid};
    return ERR_REFUSED;
}

/* Whether this program reads the payload of `r`: another version is as an unknown kind. */
static bool reads(const struct record *r, uint16_t kind) {
    return r->h.kind == kind && r->h.payload_version == PAYLOAD_VERSION;
}

/* Whether the author, as enrolled, may state this kind in such a lane; the tree is asked later. */
static bool may_state(const struct member *m, const struct record_header *h) {
    const struct kind_rule *rule = kind_rule(h->kind);
    if (!rule) /* of a later version: a node speaks for its unit, a hub for all below it */
        return m->by == BY_HUB || uid_equal(&h->lane, &m->unit);
    if (!(rule->by & m->by))
        return false;
    switch (rule->lane) {
    case LANE_ZERO:
        return uid_is_zero(&h->lane);
    case LANE_OWN:
        return uid_equal(&h->lane, &m->unit);
    case LANE_CHILD:
        return !uid_is_zero(&h->lane);
    }
    return false;
}

/* A genesis record is its own proof: its id is the deployment, its key is in it. */
static int check_genesis(const struct admit *a, const struct record *r, struct err *why) {
    struct arena arena;
    struct payload_genesis p;
    struct hash actor;
    if (!hash_equal(&r->id, &a->actor->deployment) || !hash_is_zero(&r->h.deployment) ||
        !reads(r, KIND_GENESIS))
        return refuse(why, "it is the genesis of another deployment");
    arena_init(&arena, PAYLOAD_ARENA_BYTES);
    int rc = payload_genesis_decode(r->payload, &arena, &p, why);
    if (rc == 0) {
        crypto_actor(&p.root_key, &actor);
        if (!hash_equal(&actor, &r->h.actor) || !record_verify(r, &p.root_key))
            rc = refuse(why, "the signature does not hold");
    }
    arena_done(&arena);
    return rc == 0 || rc == ERR_NOMEM ? rc : ERR_REFUSED;
}

/* Everything that can be said of `r` from its author alone. */
static int check_author(const struct admit *a, const struct checked *c, const struct member *m,
                        struct err *why) {
    const struct record *r = &c->r;
    if (!checked_by(c, &m->sign_key))
        return refuse(why, "the signature does not hold");
    if (m->ended && r->h.seq > roster_last_good(a->t, m, &r->h.lane))
        return refuse(why, "its author was replaced or revoked before it was stated");
    if (!may_state(m, &r->h))
        return refuse(why, "its author may not state this kind of record in this lane");
    if (r->erased)
        return refuse(why, "its payload is missing");
    return 0;
}

/* Hold `r`, whose place is free and whose predecessor is here; `waits`: an enrolment by `m` that is
 * held without counting yet. */
static int hold(const struct admit *a, const struct record *r, const struct member *m, bool waits,
                instant received_at, enum admission *ret, struct err *e) {
    int rc = waits ? enrol_right_hold(a->actor, a->t, m, r, a->origin, e)
                   : append_record(a->actor, a->t, r, a->origin, e);
    if (a->sink.kept)
        a->sink.kept(a->sink.arg, r, &a->carrier);
    if (rc == 0 && (!waits || hash_equal(&r->h.actor, &a->actor->id)))
        rc = renewal_held(a->actor, a->t, r, e);
    if (rc == 0 && a->sink.held)
        rc = a->sink.held(a->sink.arg, a->t, r, received_at, e);
    *ret = ADMIT_HELD;
    return rc;
}

/* Keep `r` as evidence, of another author only as much as convinces. Of our own it says that this
 * store was put back to an older state; what it says of others' records is true all the same. */
static int keep_fork(const struct admit *a, const struct record *r, struct err *e) {
    bool own = hash_equal(&r->h.actor, &a->actor->id);
    if (own || has_room(a, TABLE_FORKS, &r->h.actor, r->bytes.len, LIMIT_FORKS, LIMIT_FORK_BYTES))
        log_fork(a->t, r);
    if (!own)
        return renewal_answer_fork(a->actor, a->t, &a->carrier, r, e);
    if (r->h.epoch >= a->actor->epoch)
        renewal_lost(a->actor, a->t);
    return 0;
}

/*
 * Where `r` by `m` (NULL: genesis) stands in its lane: pending on its predecessor, a fork, or next.
 * What others have to have said before, of units and by enrolments, is asked last: until its
 * predecessor is here, it may be on its way too. What is said of a unit counts or not when it is
 * read: facts that give the right to it may come later.
 */
static int place(const struct admit *a, const struct record *r, const struct member *m,
                 instant received_at, enum admission *ret, struct err *why, struct err *e) {
    struct log_head head = log_head_of(a->t, &r->h.actor, r->h.epoch, &r->h.lane);
    bool next = r->h.seq == head.seq + 1 && hash_equal(&r->h.prev, &head.id);
    bool ahead = r->h.seq > head.seq + 1 && !log_follows_fork(a->t, &r->h), now = true;
    if (!next && !ahead) {
        *ret = ADMIT_FORK;
        return keep_fork(a, r, e);
    }
    *ret = a->sink.room ? a->sink.room(a->sink.arg, r, &a->carrier) : ADMIT_HELD;
    if (*ret != ADMIT_HELD)
        return 0;
    if (ahead)
        return keep_pending(a, r, &r->h.prev, received_at, ret, e);
    int rc = m ? enrol_right_check(a->actor, a->t, m, r, a->origin, &now, why) : 0;
    if (rc == 0 && m && now)
        rc = roster_check(a->t, r, why);
    if (rc == 0 || rc == ERR_NOMEM)
        return rc == 0 ? hold(a, r, m, !now, received_at, ret, e) : rc;
    *ret = ADMIT_VOID; /* well stated, and not its author's to say: the lane goes on behind it */
    if (a->sink.kept)
        a->sink.kept(a->sink.arg, r, &a->carrier);
    return append_void(a->actor, a->t, r, a->origin, e);
}

/* As admit_record, with a refusal returned as ERR_REFUSED. */
static int try_record(const struct admit *a, const struct checked *c, instant received_at,
                      enum admission *ret, struct err *why, struct err *e) {
    const struct record *r = &c->r;
    struct key k = pending_key(&a->carrier, &r->id);
    struct member m;
    int rc;
    if (log_has(a->t, &r->id)) {
        *ret = ADMIT_DUPLICATE;
        return a->sink.again ? a->sink.again(a->sink.arg, a->t, r, e) : 0;
    }
    if (r->h.kind == KIND_GENESIS) {
        rc = check_genesis(a, r, why);
        return rc == 0 ? place(a, r, NULL, received_at, ret, why, e) : rc;
    }
    if (!hash_equal(&r->h.deployment, &a->actor->deployment))
        return refuse(why, "it belongs to another deployment");
    if (txn_get(a->t, TABLE_PENDING, key_slice(&k), NULL)) {
        *ret = ADMIT_DUPLICATE;
        return 0;
    }
    if (!roster_find(a->t, &r->h.actor, r->h.epoch, &m))
        return keep_pending(a, r, &r->h.actor, received_at, ret, e);
    rc = check_author(a, c, &m, why);
    return rc == 0 ? place(a, r, &m, received_at, ret, why, e) : rc;
}

static int admit_record(const struct admit *a, const struct checked *c, instant received_at,
                        enum admission *ret, struct err *ret_why, struct err *e) {
    struct err why = {0};
    int rc = try_record(a, c, received_at, ret, &why, e);
    if (txn_failed(a->t, e) != 0)
        return txn_failed(a->t, NULL);
    if (why.code == 0)
        return rc;
    if (why.code == ERR_NOMEM)
        return err_nomem(e);
    if (*ret != ADMIT_VOID)
        *ret = ADMIT_REFUSED;
    if (ret_why && ret_why->code == 0)
        *ret_why = why;
    return 0;
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

static int wake_enrolled(void *arg, const struct hash *actor, struct err *e) {
    return wake_add(arg, actor, e);
}

/*
 * Facts about units came: whom they make enrolled is awaited too. As with what waits from below, a
 * hub does that where it receives.
 */
static int wake_units(const struct admit *a, struct wake *w, struct err *e) {
    if (a->actor->role == ROLE_HUB && !a->sink.ready)
        return 0;
    return enrol_right_offer(a->actor, a->t, wake_enrolled, w, e);
}

/* What `r`, just held, may wake: itself, the actors that it enrols, or lets be enrolled. */
static int wake_from(const struct admit *a, struct wake *w, const struct record *r, struct err *e) {
    struct arena arena;
    struct payload_grant grant;
    struct payload_enrol enrol;
    int said = ERR_ABSENT, rc = wake_add(w, &r->id, e);
    arena_init(&arena, PAYLOAD_ARENA_BYTES);
    if (rc == 0 && reads(r, KIND_GRANT)) {
        said = payload_grant_decode(r->payload, &arena, &grant, NULL);
        rc = said == 0 ? wake_add(w, &grant.actor, e) : 0;
    } else if (rc == 0 && reads(r, KIND_ENROL)) {
        said = payload_enrol_decode(r->payload, &arena, &enrol, NULL);
        rc = said == 0 ? wake_add(w, &enrol.grant.actor, e) : 0;
    } else if (rc == 0 && reads(r, KIND_UNITS)) {
        rc = wake_units(a, w, e);
    }
    arena_done(&arena);
    return said == ERR_NOMEM ? err_nomem(e) : rc;
}

/*
 * The first that waits for `name` after `last`, its key into `last` (empty: begin); false if nobody
 * does. Each is asked once, even where it has to wait for the same name again.
 */
static bool next_waiter(struct txn *t, const struct hash *name, struct key *last,
                        struct waiter *ret_waiter) {
    struct walk w;
    struct slice k, v;
    if (last->n == 0)
        key_hash(last, name);
    else
        key_put(last, "", 1);
    walk_init_from(&w, t, TABLE_AWAITED, slice_of(name->b, HASH_BYTES), key_slice(last));
    bool found = walk_next(&w, &k, &v);
    if (found) {
        struct reader key = reader_of(k), value = reader_of(v);
        last->n = 0;
        key_put(last, k.data, k.len);
        reader_bytes(&key, HASH_BYTES);
        reader_copy(&key, ret_waiter->record.b, HASH_BYTES);
        reader_copy(&key, ret_waiter->carrier.b, HASH_BYTES);
        ret_waiter->how = reader_u8(&value);
    }
    walk_done(&w);
    return found;
}

static bool from_parent(const struct admit *a, const struct hash *carrier) {
    return !a->actor->is_root && hash_equal(carrier, &a->actor->parent);
}

/* Offer a pending record again, now that what it waited for is here. */
static int retry(const struct admit *a, const struct waiter *waiter, struct wake *wake,
                 struct err *e) {
    struct admit again = *a;
    again.carrier = waiter->carrier;
    again.sink.room = NULL; /* that was asked when it came */
    again.origin = from_parent(a, &waiter->carrier) ? ORIGIN_ABOVE : ORIGIN_BELOW;
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
    struct checked c;
    enum admission admission = ADMIT_REFUSED;
    int rc = copy.failed ? err_nomem(e) : checked_parse(slice_of(in.data, in.left), &c, e);
    if (rc == 0)
        rc = admit_record(&again, &c, received_at, &admission, NULL, e);
    if (rc == 0 && admission == ADMIT_HELD)
        rc = wake_from(a, wake, &c.r, e);
    else if (rc == 0 && (admission == ADMIT_FORK || admission == ADMIT_VOID))
        rc = wake_add(wake, &c.r.id, e);
    buf_done(&copy);
    return rc;
}

/* What came from below stays waiting where nobody here receives: the hub's next step takes it up.
 */
static int wake_one(const struct admit *a, const struct key *row, const struct waiter *waiter,
                    struct wake *wake, struct err *e) {
    if (!a->sink.ready && (waiter->how == WAITS_JUDGEMENT || !from_parent(a, &waiter->carrier)))
        return 0;
    txn_delete(a->t, TABLE_AWAITED, key_slice(row));
    return waiter->how == WAITS_JUDGEMENT ? a->sink.ready(a->sink.arg, a->t, &waiter->record, e)
                                          : retry(a, waiter, wake, e);
}

static int wake_all(const struct admit *a, struct wake *wake, struct err *e) {
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < wake->n; i++) {
        struct hash name = wake->names[i];
        struct key last = {.n = 0};
        struct waiter waiter;
        while (rc == 0 && next_waiter(a->t, &name, &last, &waiter))
            rc = wake_one(a, &last, &waiter, wake, e);
    }
    return rc;
}

int admit_wake_held(const struct admit *a, const struct hash *record, struct err *e) {
    struct record r;
    struct wake wake = {0};
    int rc = log_get(a->t, record, &r, e);
    if (rc == 0)
        rc = wake_from(a, &wake, &r, e);
    if (rc == 0)
        rc = wake_all(a, &wake, e);
    mem_free(wake.names);
    return rc;
}

int admit_checked(const struct admit *a, const struct checked *c, instant received_at,
                  enum admission *ret_admission, struct err *ret_why, struct err *e) {
    enum admission admission = ADMIT_REFUSED;
    int rc = admit_record(a, c, received_at, &admission, ret_why, e);
    if (rc == 0 &&
        (admission == ADMIT_HELD || admission == ADMIT_FORK || admission == ADMIT_VOID)) {
        struct wake wake = {0};
        rc = admission == ADMIT_HELD ? wake_from(a, &wake, &c->r, e) : wake_add(&wake, &c->r.id, e);
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

int admit_bytes(const struct admit *a, struct slice bytes, instant received_at,
                enum admission *ret_admission, struct err *ret_why, struct err *e) {
    struct checked c;
    if (checked_parse(bytes, &c, ret_why) == 0)
        return admit_checked(a, &c, received_at, ret_admission, ret_why, e);
    *ret_admission = ADMIT_REFUSED;
    return 0;
}

int admit_wake(const struct admit *a, const struct hash *name, struct err *e) {
    struct wake wake = {0};
    int rc = wake_add(&wake, name, e);
    if (rc == 0)
        rc = wake_all(a, &wake, e);
    mem_free(wake.names);
    return rc == 0 ? txn_failed(a->t, e) : rc;
}
