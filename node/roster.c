#include "node/roster.h"

#include "node/roster_inside.h"
#include "node/shown.h"
#include "proto/kinds.h"
#include "proto/payload_act.h"
#include "store/key.h"
#include "store/log.h"
#include "store/meta.h"

#define MEMBER_BYTES (1 + 1 + 2 * UID_BYTES + 2 * PUBLIC_KEY_BYTES + HASH_BYTES + 8 + HASH_BYTES)
#define ENDED_FINALLY 2u /* by the recovery key; 1: by anyone else */

struct key roster_key(const struct hash *actor, uint32_t epoch) {
    struct key k = {.n = 0};
    key_hash(&k, actor);
    key_u32(&k, epoch);
    return k;
}

static bool read_member(struct slice key, struct slice value, struct member *m) {
    struct reader r = reader_of(key);
    reader_copy(&r, m->actor.b, HASH_BYTES);
    m->epoch = reader_u32(&r);
    struct reader v = reader_of(value);
    m->by = reader_u8(&v);
    uint8_t ended = reader_u8(&v);
    m->ended = ended != 0;
    m->final = ended == ENDED_FINALLY;
    reader_copy(&v, m->unit.b, UID_BYTES);
    reader_copy(&v, m->sign_key.b, PUBLIC_KEY_BYTES);
    reader_copy(&v, m->transport_key.b, PUBLIC_KEY_BYTES);
    reader_copy(&v, m->enroller.b, HASH_BYTES);
    m->order = reader_u64(&v);
    reader_copy(&v, m->record.b, HASH_BYTES);
    reader_copy(&v, m->renewal.b, UID_BYTES);
    return !r.failed && !v.failed && v.left == 0;
}

void roster_write(struct txn *t, const struct member *m) {
    struct key k = roster_key(&m->actor, m->epoch), v = {.n = 0};
    key_put(&v, &m->by, 1);
    key_put(&v, &(uint8_t){m->final ? ENDED_FINALLY : m->ended}, 1);
    key_uid(&v, &m->unit);
    key_put(&v, m->sign_key.b, PUBLIC_KEY_BYTES);
    key_put(&v, m->transport_key.b, PUBLIC_KEY_BYTES);
    key_hash(&v, &m->enroller);
    key_u64(&v, m->order);
    key_hash(&v, &m->record);
    key_uid(&v, &m->renewal);
    assert(v.n == MEMBER_BYTES);
    txn_put(t, TABLE_ACTORS, key_slice(&k), key_slice(&v));
}

bool roster_find(struct txn *t, const struct hash *actor, uint32_t epoch,
                 struct member *ret_member) {
    struct key k = roster_key(actor, epoch);
    struct slice v;
    struct member m;
    if (!txn_get(t, TABLE_ACTORS, key_slice(&k), &v) || !read_member(key_slice(&k), v, &m))
        return false;
    *ret_member = m;
    return true;
}

uint32_t roster_epoch(struct txn *t, const struct hash *actor) {
    struct slice k;
    if (!walk_last(t, TABLE_ACTORS, slice_of(actor->b, HASH_BYTES), &k, NULL))
        return 0;
    struct reader r = reader_of(k);
    reader_bytes(&r, HASH_BYTES);
    return reader_u32(&r);
}

bool roster_root_keys(struct txn *t, const struct member *one, struct hash ret_keys[ROOT_KEYS]) {
    struct record r;
    struct payload_genesis p;
    struct arena a;
    struct err why = {0};
    if (one->by != BY_ROOT_KEY)
        return false;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    int rc = log_seek(t, &one->record, &r, &why);
    if (rc == 0)
        rc = payload_genesis_decode(r.payload, &a, &p, &why);
    arena_done(&a);
    if (rc != 0 && rc != ERR_ABSENT)
        txn_fail(t, &why); /* else the recovery key would lose its rights for good */
    if (rc != 0)
        return false;
    crypto_actor(&p.root_key, &ret_keys[0]);
    crypto_actor(&p.recovery_key, &ret_keys[1]);
    return true;
}

bool roster_is_key(struct txn *t, const struct hash *actor, bool *ret_is_recovery) {
    struct member m;
    struct hash keys[ROOT_KEYS];
    if (!roster_find(t, actor, 1, &m) || m.by != BY_ROOT_KEY)
        return false;
    *ret_is_recovery = roster_root_keys(t, &m, keys) && hash_equal(actor, &keys[1]);
    return true;
}

bool roster_may_end(struct txn *t, const struct hash *author, const struct member *m) {
    bool recovery, other;
    if (hash_equal(&m->enroller, author))
        return true;
    return roster_is_key(t, author, &recovery) && recovery && !hash_equal(&m->actor, author) &&
           (m->by == BY_ROOT_KEY || roster_is_key(t, &m->enroller, &other));
}

uint64_t roster_last_good(struct txn *t, const struct member *m, const struct uid *lane) {
    struct key k = roster_key(&m->actor, m->epoch);
    key_uid(&k, lane);
    struct slice v;
    if (!txn_get(t, TABLE_ACTORS, key_slice(&k), &v))
        return 0;
    struct reader r = reader_of(v);
    return reader_u64(&r);
}

uint64_t roster_endings(struct txn *t) {
    return meta_u64(t, "roster.endings");
}

void roster_walk_init(struct roster_walk *w, struct txn *t) {
    walk_init(&w->walk, t, TABLE_ACTORS, slice_of(NULL, 0));
}

bool roster_walk_next(struct roster_walk *w, struct member *ret_member) {
    struct slice k, v;
    while (walk_next(&w->walk, &k, &v))
        if (k.len == MEMBER_KEY_BYTES && read_member(k, v, ret_member))
            return true;
    return false;
}

void roster_walk_done(struct roster_walk *w) {
    walk_done(&w->walk);
}

static void enter(struct txn *t, const struct member *m) {
    roster_write(t, m);
    roster_note_transport(t, m);
}

static struct member member_of(const struct payload_grant *g, uint8_t by, const struct record *r) {
    return (struct member){
        .actor = g->actor,
        .epoch = g->epoch,
        .by = by,
        .unit = g->unit,
        .sign_key = g->sign_key,
        .transport_key = g->transport_key,
        .enroller = r->h.actor,
        .order = r->h.seq,
        .record = r->id,
        .renewal = g->renewal,
    };
}

static void enter_root_key(struct txn *t, const struct public_key *key, const struct record *r) {
    struct member m = {.epoch = 1, .by = BY_ROOT_KEY, .sign_key = *key, .record = r->id};
    crypto_actor(key, &m.actor);
    roster_write(t, &m);
}

static int apply_genesis(struct txn *t, const struct record *r, struct arena *a, struct err *e) {
    struct payload_genesis p;
    int rc = payload_genesis_decode(r->payload, a, &p, e);
    if (rc != 0)
        return rc;
    enter_root_key(t, &p.root_key, r);
    enter_root_key(t, &p.recovery_key, r);
    return 0;
}

/* Whether `author` is the recovery key, and grants an epoch that the root key granted to another.
 */
static bool overrules(struct txn *t, const struct hash *author, const struct payload_grant *g) {
    struct member same;
    bool recovery = false, by_recovery = false;
    return g->epoch > 1 && roster_is_key(t, author, &recovery) && recovery &&
           roster_find(t, &g->actor, g->epoch, &same) &&
           roster_is_key(t, &same.enroller, &by_recovery) && !by_recovery;
}

static int apply_grant(struct txn *t, const struct record *r, struct arena *a, struct err *e) {
    struct payload_grant p;
    int rc = payload_grant_decode(r->payload, a, &p, e);
    if (rc != 0)
        return rc;
    struct member m = member_of(&p, BY_HUB, r);
    if (overrules(t, &r->h.actor, &p))
        return roster_rebuild(t, &r->h.actor, &p, e);
    enter(t, &m);
    return 0;
}

/* Whether `r` stands before `other`, which its author stated too, in lane 0. */
static bool is_earlier(const struct record *r, const struct record *other) {
    return record_later(other->h.epoch, other->h.seq, r->h.epoch, r->h.seq);
}

/*
 * Enter `m`, whom the enrolment `r` names. What says again who is a member says nothing: whoever
 * was ended since stays so. Of two that are held the one that its author stated first is the
 * enrolment, whichever came first here.
 */
static void enter_enrolled(struct txn *t, const struct record *r, struct member *m) {
    struct member same;
    struct record other;
    bool again = roster_find(t, &m->actor, m->epoch, &same) &&
                 hash_equal(&same.enroller, &m->enroller) &&
                 crypto_equal(same.sign_key.b, m->sign_key.b, PUBLIC_KEY_BYTES);
    if (again && log_held(t, &same.record, &other) && !is_earlier(r, &other))
        return;
    m->ended = again ? same.ended : roster_ended_whole(t, m);
    m->final = again && same.final;
    enter(t, m);
    if (!again && m->ended)
        roster_end_late(t, m);
    if (again) { /* what hangs on the order of enrolments is not what it was */
        roster_pick_transport(t, &m->transport_key);
        roster_note_ending(t, m);
    }
}

static int apply_enrol(struct txn *t, const struct record *r, struct arena *a, struct err *e) {
    struct payload_enrol p;
    int rc = payload_enrol_decode(r->payload, a, &p, e);
    if (rc != 0)
        return rc;
    struct member m = member_of(&p.grant, p.role == ROLE_HUB ? BY_HUB : BY_NODE, r);
    enter_enrolled(t, r, &m);
    shown_forget(t, &r->id);
    for (uint32_t i = 0; i < p.n_ends; i++)
        if (!hash_equal(&p.ends[i].actor, &p.grant.actor) &&
            (i == 0 || !hash_equal(&p.ends[i].actor, &p.ends[i - 1].actor)))
            roster_end_whole(t, r, &p.ends[i].actor);
    for (uint32_t i = 0; i < p.n_ends; i++)
        roster_end(t, &p.ends[i]);
    return 0;
}

/* The first epoch of an actor is named after its signing key. */
static int check_first(struct txn *t, const struct payload_grant *g, struct err *e) {
    struct hash actor;
    struct member m;
    crypto_actor(&g->sign_key, &actor);
    if (!hash_equal(&actor, &g->actor))
        return err_set(e, ERR_REFUSED,
                       "an enrolment names another actor than its signing key makes");
    if (roster_find(t, &g->actor, 1, &m))
        return err_set(e, ERR_REFUSED, "this actor is enrolled already");
    return 0;
}

/* Whether whoever granted `before` leaves it to the root key `author` to grant another epoch: what
 * the recovery key said is its own to change. */
static int check_granter(struct txn *t, const struct hash *author, const struct payload_grant *g,
                         const struct member *before, struct err *e) {
    bool granter = false, recovery = false;
    if (!roster_is_key(t, &before->enroller, &granter))
        return err_set(e, ERR_REFUSED, "a later epoch has to be of the same hub, unit and role");
    (void)roster_is_key(t, author, &recovery);
    if (!recovery && (granter || before->final))
        return err_set(e, ERR_REFUSED,
                       "the recovery key spoke last of the root hub: only it can change that");
    if (before->ended && crypto_equal(before->sign_key.b, g->sign_key.b, PUBLIC_KEY_BYTES))
        return err_set(e, ERR_REFUSED, "a hub that was revoked signs on with a new key only");
    return 0;
}

static int not_asked_for(struct err *e) {
    return err_set(e, ERR_REFUSED, "a later epoch was not asked for with the key of the last one");
}

/* A later epoch follows the latest one, by the same authority, for the same unit and role. */
static int check_later(struct txn *t, const struct record *r, const struct payload_grant *g,
                       uint8_t by, struct err *e) {
    struct member before;
    bool granted = r->h.kind == KIND_GRANT;
    bool next = roster_epoch(t, &g->actor) == g->epoch - 1;
    if ((!next && !(granted && overrules(t, &r->h.actor, g))) ||
        !roster_find(t, &g->actor, g->epoch - 1, &before))
        return err_set(e, ERR_REFUSED,
                       "an enrolment in an epoch that does not follow the last one");
    if (before.ended && !granted && !roster_ended_after(t, &g->actor, r))
        return err_set(e, ERR_REFUSED, "an actor that was replaced or revoked gets no other epoch");
    if (granted && check_granter(t, &r->h.actor, g, &before, e) != 0)
        return ERR_REFUSED;
    if ((!granted && !hash_equal(&before.enroller, &r->h.actor)) || before.by != by ||
        !uid_equal(&before.unit, &g->unit))
        return err_set(e, ERR_REFUSED, "a later epoch has to be of the same hub, unit and role");
    if (!granted && !payload_renewal_proven(g, &r->h.deployment, &before.sign_key))
        return not_asked_for(e);
    return 0;
}

static int check_grant(struct txn *t, const struct record *r, const struct payload_grant *g,
                       uint8_t by, struct err *e) {
    struct member m;
    if (roster_find(t, &g->actor, g->epoch, &m) && hash_equal(&m.record, &r->id))
        return 0; /* it was shown before it is held */
    return g->epoch == 1 ? check_first(t, g, e) : check_later(t, r, g, by, e);
}

/* An end names a member of the same enroller, perhaps in an epoch that is not here yet; a hub
 * cannot end what another enrolled. */
static int check_ends(struct txn *t, const struct record *r, const struct payload_enrol *p,
                      struct err *e) {
    for (uint32_t i = 0; i < p->n_ends; i++) {
        struct member m;
        if ((!roster_find(t, &p->ends[i].actor, p->ends[i].epoch, &m) &&
             !roster_find(t, &p->ends[i].actor, 1, &m)) ||
            !hash_equal(&m.enroller, &r->h.actor))
            return err_set(e, ERR_REFUSED, "an enrolment ends an actor that its hub did not enrol");
    }
    return 0;
}

static int check_revoke(struct txn *t, const struct record *r, const struct payload_revoke *p,
                        struct err *e) {
    struct member m;
    for (uint32_t epoch = roster_epoch(t, &p->actor); epoch > 0; epoch--)
        if (roster_find(t, &p->actor, epoch, &m) && roster_may_end(t, &r->h.actor, &m))
            return 0;
    return err_set(e, ERR_REFUSED, "a revocation names an actor that its author did not enrol");
}

/* Nobody is enrolled by who learnt its public keys: it asked for that, for this unit and role. */
static int check_asked(const struct record *r, const struct payload_enrol *p, struct err *e) {
    bool proven;
    int rc = payload_join_proven(p, &r->h.deployment, &proven, e);
    return rc != 0 || proven ? rc
                             : err_set(e, ERR_REFUSED,
                                       "whom an enrolment names did not ask for it: its proof is "
                                       "not that of a join record of these keys, unit and role");
}

static int check_enrol(struct txn *t, const struct record *r, const struct payload_enrol *p,
                       struct err *e) {
    int rc = check_grant(t, r, &p->grant, p->role == ROLE_HUB ? BY_HUB : BY_NODE, e);
    if (rc == 0 && p->grant.epoch == 1)
        rc = check_asked(r, p, e);
    if (rc == 0 && p->grant.epoch == 1)
        rc = roster_bound_check(t, &r->h.actor, r->h.epoch, &p->grant.unit, p->role, e);
    return rc;
}

/* Whether `r` with `p` enrols once more who is a member by the same word. */
static bool says_again(struct txn *t, const struct record *r, const struct payload_enrol *p) {
    const struct payload_grant *g = &p->grant;
    struct member m;
    return roster_find(t, &g->actor, g->epoch, &m) && hash_equal(&m.enroller, &r->h.actor) &&
           uid_equal(&m.unit, &g->unit) && m.by == (p->role == ROLE_HUB ? BY_HUB : BY_NODE) &&
           crypto_equal(m.sign_key.b, g->sign_key.b, PUBLIC_KEY_BYTES) &&
           crypto_equal(m.transport_key.b, g->transport_key.b, PUBLIC_KEY_BYTES);
}

/* Whether whom `r` with `p` enrols once more asked for it: this may be the place that counts. */
static int check_again(struct txn *t, const struct record *r, const struct payload_enrol *p,
                       struct err *e) {
    const struct payload_grant *g = &p->grant;
    struct member before;
    if (g->epoch == 1)
        return check_asked(r, p, e);
    if (roster_find(t, &g->actor, g->epoch - 1, &before) &&
        payload_renewal_proven(g, &r->h.deployment, &before.sign_key))
        return 0;
    return not_asked_for(e);
}

int roster_check(struct txn *t, const struct record *r, struct err *e) {
    struct arena a;
    if (r->h.payload_version != PAYLOAD_VERSION)
        return 0;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    struct payload_grant grant;
    struct payload_enrol enrol;
    struct payload_revoke revoke;
    int rc = 0;
    if (r->h.kind == KIND_GRANT) {
        rc = payload_grant_decode(r->payload, &a, &grant, e);
        if (rc == 0)
            rc = check_grant(t, r, &grant, BY_HUB, e);
    } else if (r->h.kind == KIND_ENROL) {
        rc = payload_enrol_decode(r->payload, &a, &enrol, e);
        if (rc == 0)
            rc = says_again(t, r, &enrol) ? check_again(t, r, &enrol, e)
                                          : check_enrol(t, r, &enrol, e);
        if (rc == 0)
            rc = check_ends(t, r, &enrol, e);
    } else if (r->h.kind == KIND_REVOKE) {
        rc = payload_revoke_decode(r->payload, &a, &revoke, e);
        if (rc == 0)
            rc = check_revoke(t, r, &revoke, e);
    }
    arena_done(&a);
    return rc;
}

int roster_apply(struct txn *t, const struct record *r, struct err *e) {
    struct arena a;
    if (r->h.payload_version != PAYLOAD_VERSION)
        return 0;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    int rc = 0;
    if (r->h.kind == KIND_GENESIS)
        rc = apply_genesis(t, r, &a, e);
    else if (r->h.kind == KIND_GRANT)
        rc = apply_grant(t, r, &a, e);
    else if (r->h.kind == KIND_ENROL)
        rc = apply_enrol(t, r, &a, e);
    else if (r->h.kind == KIND_REVOKE)
        rc = roster_revoke(t, r, &a, e);
    arena_done(&a);
    return rc;
}

int roster_show(struct txn *t, const struct record *r, struct err *e) {
    struct arena a;
    struct payload_enrol p;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    int rc = payload_enrol_decode(r->payload, &a, &p, e);
    struct member other;
    if (rc == 0)
        rc = check_enrol(t, r, &p, e);
    if (rc == 0 && roster_by_transport(t, &p.grant.transport_key, &other) &&
        !hash_equal(&other.actor, &p.grant.actor))
        rc = err_set(e, ERR_REFUSED, "this transport key is enrolled already");
    if (rc == 0) {
        struct member m = member_of(&p.grant, p.role == ROLE_HUB ? BY_HUB : BY_NODE, r);
        shown_keep(t, r);
        m.ended = roster_ended_whole(t, &m);
        enter(t, &m);
        if (m.ended)
            roster_end_late(t, &m);
    }
    arena_done(&a);
    return rc == 0 ? txn_failed(t, e) : rc;
}
