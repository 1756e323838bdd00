#include "node/admit.h"

#include "core/limits.h"
#include "core/list.h"
#include "core/mem.h"
#include "node/enrol_right.h"
#include "node/renewal.h"
#include "node/restate.h"
#include "proto/kinds.h"
#include "store/fork.h"
#include "store/key.h"
#include "store/log.h"

/* ---- what waits ---- */

void admit_await(struct txn *t, const struct hash *awaited, const struct hash *record) {
    pending_await(t, awaited, record, PENDING_JUDGEMENT, &(struct hash){0});
}

/* Keep `r` until its author is enrolled or, where it is `verified`, its predecessor is here. */
static int keep_pending(const struct admit *a, const struct record *r, bool verified,
                        struct taken_at at, enum admission *ret, struct err *e) {
    bool kept = false;
    int rc = pending_keep(a->t, &a->carrier, r, verified, at, &kept, e);
    if (rc == 0)
        *ret = kept ? ADMIT_PENDING : ADMIT_NO_ROOM;
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
                struct taken_at at, enum admission *ret, struct err *e) {
    int rc = waits ? enrol_right_hold(a->actor, a->t, m, r, a->origin, e)
                   : append_record(a->actor, a->t, r, a->origin, e);
    if (a->sink.kept)
        a->sink.kept(a->sink.arg, r, &a->carrier);
    if (rc == 0 && (!waits || hash_equal(&r->h.actor, &a->actor->id)))
        rc = renewal_held(a->actor, a->t, r, e);
    if (rc == 0 && a->sink.held)
        rc = a->sink.held(a->sink.arg, a->t, r, at, e);
    *ret = ADMIT_HELD;
    return rc;
}

/* Keep `r` as evidence, only as much as convinces, but for what our key signed: that says that this
 * store was put back to an older state; what it says of others' records is true all the same. */
static int keep_fork(const struct admit *a, const struct record *r, struct err *e) {
    bool own = hash_equal(&r->h.actor, &a->actor->id);
    bool sure = own && restate_has_key(a->actor, a->t, r->h.epoch);
    struct fork_room room = fork_room(a->t, &r->h.actor);
    if (sure || fork_room_take(&room, r->bytes.len))
        fork_keep(a->t, r);
    if (!own)
        return renewal_answer_fork(a->actor, a->t, &a->carrier, r, e);
    if (r->h.epoch >= a->actor->epoch)
        renewal_lost(a->actor, a->t);
    if (a->actor->spent)
        return 0;
    int rc = restate_fork(a->actor, a->t, r, r->h.claimed, e);
    return rc == 0 ? restate_behind(a->actor, a->t, &r->h, e) : rc;
}

/* `r` parts from what stands in its lane, whose last place is `last`: 0, unless a row there names
 * what is not held, which is our damage and not its author's word against himself. */
static int look_where_it_parts(struct txn *t, const struct record *r, uint64_t last,
                               struct err *e) {
    struct hash there;
    struct record other;
    uint64_t seq = r->h.seq > last ? last : r->h.seq;
    if (!log_at(t, &r->h.actor, r->h.epoch, &r->h.lane, seq, &there))
        return txn_failed(t, e);
    return log_get(t, &there, &other, e);
}

/*
 * Where `r` by `m` (NULL: genesis) stands in its lane: pending on its predecessor, a fork, or next.
 * What others have to have said before, of units and by enrolments, is asked last: until its
 * predecessor is here, it may be on its way too. What is said of a unit counts or not when it is
 * read: facts that give the right to it may come later.
 */
static int place(const struct admit *a, const struct record *r, const struct member *m,
                 struct taken_at at, enum admission *ret, struct err *why, struct err *e) {
    struct log_head head = log_head_of(a->t, &r->h.actor, r->h.epoch, &r->h.lane);
    bool next = r->h.seq == head.seq + 1 && hash_equal(&r->h.prev, &head.id);
    bool ahead = r->h.seq > head.seq + 1 && !fork_precedes(a->t, &r->h), now = true;
    if (!next && !ahead) {
        *ret = ADMIT_FORK;
        int parts = look_where_it_parts(a->t, r, head.seq, e);
        return parts == 0 ? keep_fork(a, r, e) : parts;
    }
    *ret = a->sink.room ? a->sink.room(a->sink.arg, r, &a->carrier) : ADMIT_HELD;
    if (*ret != ADMIT_HELD)
        return 0;
    if (ahead)
        return keep_pending(a, r, true, at, ret, e);
    int rc = m ? enrol_right_check(a->actor, a->t, m, r, a->origin, &now, why) : 0;
    if (rc == 0 && m && now)
        rc = roster_check(a->t, r, why);
    if (rc == 0 || rc == ERR_NOMEM)
        return rc == 0 ? hold(a, r, m, !now, at, ret, e) : rc;
    *ret = ADMIT_VOID; /* well stated, and not its author's to say: the lane goes on behind it */
    if (a->sink.kept)
        a->sink.kept(a->sink.arg, r, &a->carrier);
    return append_void(a->actor, a->t, r, a->origin, e);
}

/* As admit_record, with a refusal returned as ERR_REFUSED. */
static int try_record(const struct admit *a, const struct checked *c, struct taken_at at,
                      enum admission *ret, struct err *why, struct err *e) {
    const struct record *r = &c->r;
    struct member m;
    int rc;
    if (log_has(a->t, &r->id)) {
        *ret = ADMIT_DUPLICATE;
        return a->sink.again ? a->sink.again(a->sink.arg, a->t, r, e) : 0;
    }
    if (r->h.kind == KIND_GENESIS) {
        rc = check_genesis(a, r, why);
        return rc == 0 ? place(a, r, NULL, at, ret, why, e) : rc;
    }
    if (!hash_equal(&r->h.deployment, &a->actor->deployment))
        return refuse(why, "it belongs to another deployment");
    if (pending_has(a->t, &a->carrier, &r->id)) {
        *ret = ADMIT_DUPLICATE;
        return 0;
    }
    if (!roster_find(a->t, &r->h.actor, r->h.epoch, &m))
        return keep_pending(a, r, false, at, ret, e);
    rc = check_author(a, c, &m, why);
    return rc == 0 ? place(a, r, &m, at, ret, why, e) : rc;
}

static int admit_record(const struct admit *a, const struct checked *c, struct taken_at at,
                        enum admission *ret, struct err *ret_why, struct err *e) {
    struct err why;
    err_init(&why);
    int rc = try_record(a, c, at, ret, &why, e);
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

/* A queue of names (records held, actors enrolled) that something may wait for. */
struct wake {
    struct taken_at at; /* when what wakes them came */
    uint32_t n;
    struct hash *names;
};

static int wake_add(struct wake *w, const struct hash *name, struct err *e) {
    if (list_grow(&w->names, w->n, sizeof *w->names, e) != 0)
        return ERR_NOMEM;
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

/*
 * Somebody was ended: where campaigns stand beyond their share, there may be room for them now.
 * What waits to be judged by one that is held waits for that.
 */
static int wake_beyond(const struct admit *a, struct wake *w, struct err *e) {
    struct pending_walk rows;
    struct pending_waiter waiter;
    struct hash awaited;
    int rc = 0;
    if (!a->actor->catalog.shares.any_over)
        return 0;
    pending_walk_init(&rows, a->t);
    while (rc == 0 && pending_walk_next(&rows, &awaited, &waiter))
        if (waiter.how == PENDING_JUDGEMENT && log_has(a->t, &awaited))
            rc = wake_add(w, &awaited, e);
    pending_walk_done(&rows);
    return rc;
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
        if (rc == 0 && said == 0 && grant.epoch > 1 && roster_overrulings(a->t))
            rc = roster_each(a->t, wake_enrolled, w, e); /* a thief kept them out */
    } else if (rc == 0 && reads(r, KIND_ENROL)) {
        said = payload_enrol_decode(r->payload, &arena, &enrol, NULL);
        rc = said == 0 ? wake_add(w, &enrol.grant.actor, e) : 0;
        if (rc == 0 && said == 0 && enrol.n_ends > 0)
            rc = wake_beyond(a, w, e);
    } else if (rc == 0 && reads(r, KIND_REVOKE)) {
        rc = wake_beyond(a, w, e);
    } else if (rc == 0 && reads(r, KIND_UNITS)) {
        rc = wake_units(a, w, e);
    }
    arena_done(&arena);
    return said == ERR_NOMEM ? err_nomem(e) : rc;
}

static bool from_parent(const struct admit *a, const struct hash *carrier) {
    return !a->actor->is_root && hash_equal(carrier, &a->actor->parent);
}

/* The record `id` from the bytes that were kept of it while it waited. */
static int parse_kept(const struct hash *id, struct slice bytes, struct checked *ret_checked,
                      struct err *e) {
    struct checked c;
    if (checked_parse(bytes, &c, NULL) != 0 || !hash_equal(&c.r.id, id))
        return log_damaged(id, e);
    *ret_checked = c;
    return 0;
}

/* Offer a pending record again, now that what it waited for is here. */
static int retry(const struct admit *a, const struct pending_waiter *waiter, struct wake *wake,
                 struct err *e) {
    struct admit again = *a;
    struct checked c = {.parsed = false};
    struct buf copy;
    again.carrier = waiter->carrier;
    again.sink.room = NULL; /* that was asked when it came */
    again.origin = from_parent(a, &waiter->carrier) ? ORIGIN_ABOVE : ORIGIN_BELOW;
    buf_init(&copy);
    if (!pending_read(a->t, waiter, &copy))
        return txn_failed(a->t, e);
    struct taken_at at = wake->at;
    enum admission admission = ADMIT_REFUSED;
    int rc = copy.failed ? err_nomem(e) : parse_kept(&waiter->record, buf_slice(&copy), &c, e);
    if (rc == 0)
        rc = pending_take(a->t, waiter, &c.r, wake->at, &at, e);
    if (rc == 0)
        rc = admit_record(&again, &c, at, &admission, NULL, e);
    if (rc == 0 && admission == ADMIT_HELD)
        rc = wake_from(a, wake, &c.r, e);
    else if (rc == 0 && (admission == ADMIT_FORK || admission == ADMIT_VOID))
        rc = wake_add(wake, &c.r.id, e);
    buf_done(&copy);
    return rc;
}

/* What came from below stays waiting where nobody here receives: the hub's next step takes it up.
 */
static int wake_one(const struct admit *a, const struct hash *name,
                    const struct pending_waiter *waiter, struct wake *wake, struct err *e) {
    bool judged = waiter->how == PENDING_JUDGEMENT;
    if (!a->sink.ready && (judged || !from_parent(a, &waiter->carrier)))
        return 0;
    pending_awake(a->t, name, waiter);
    return judged ? a->sink.ready(a->sink.arg, a->t, &waiter->record, e)
                  : retry(a, waiter, wake, e);
}

static int wake_all(const struct admit *a, struct wake *wake, struct err *e) {
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < wake->n; i++) {
        struct hash name = wake->names[i];
        struct key last = {.n = 0};
        struct pending_waiter waiter;
        while (rc == 0 && pending_next(a->t, &name, &last, &waiter))
            rc = wake_one(a, &name, &waiter, wake, e);
    }
    return rc;
}

int admit_wake_held(const struct admit *a, const struct hash *record, instant now, struct err *e) {
    struct record r;
    struct wake wake = {.at = {now, a->clock_doubt}};
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
    const struct taken_at at = {received_at, a->clock_doubt};
    int rc = admit_record(a, c, at, &admission, ret_why, e);
    if (rc == 0 &&
        (admission == ADMIT_HELD || admission == ADMIT_FORK || admission == ADMIT_VOID)) {
        struct wake wake = {.at = at};
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

int admit_wake(const struct admit *a, const struct hash *name, instant now, struct err *e) {
    struct wake wake = {.at = {now, a->clock_doubt}};
    int rc = wake_add(&wake, name, e);
    if (rc == 0)
        rc = wake_all(a, &wake, e);
    mem_free(wake.names);
    return rc == 0 ? txn_failed(a->t, e) : rc;
}
