#include "hub/enrolment.h"

#include "core/mem.h"
#include "hub/ending.h"
#include "proto/kinds.h"
#include "proto/payload_act.h"
#include "store/key.h"
#include "store/log.h"

#include <string.h>

/* A row of TICKETS: unit 16, role 1, made at 8, bound 1, transport key 32, actor 32, after 8. */
struct ticket_row {
    struct uid unit;
    enum role role;
    instant made_at;
    bool bound;
    struct public_key transport_key;
    struct hash actor;
    uint64_t after; /* the greatest local number in the log when it was made */
};

static struct key token_key(const uint8_t token[TOKEN_BYTES]) {
    struct hash h;
    struct key k = {.n = 0};
    crypto_hash_tagged(TAG_TOKEN, slice_of(token, TOKEN_BYTES), &h);
    key_hash(&k, &h);
    return k;
}

static void write_ticket(struct txn *t, const struct key *k, const struct ticket_row *row) {
    struct key v = {.n = 0};
    key_uid(&v, &row->unit);
    key_put(&v, &(uint8_t){(uint8_t)row->role}, 1);
    key_u64(&v, (uint64_t)row->made_at);
    key_put(&v, &(uint8_t){row->bound}, 1);
    key_put(&v, row->transport_key.b, PUBLIC_KEY_BYTES);
    key_hash(&v, &row->actor);
    key_u64(&v, row->after);
    txn_put(t, TABLE_TICKETS, key_slice(k), key_slice(&v));
}

static bool read_ticket(struct txn *t, const struct key *k, struct ticket_row *row) {
    struct slice v;
    if (!txn_get(t, TABLE_TICKETS, key_slice(k), &v))
        return false;
    struct reader r = reader_of(v);
    reader_copy(&r, row->unit.b, UID_BYTES);
    row->role = reader_u8(&r);
    row->made_at = (instant)reader_u64(&r);
    row->bound = reader_u8(&r) != 0;
    reader_copy(&r, row->transport_key.b, PUBLIC_KEY_BYTES);
    reader_copy(&r, row->actor.b, HASH_BYTES);
    row->after = reader_u64(&r);
    return !r.failed && r.left == 0;
}

void enrolment_note(struct txn *t, const uint8_t token[TOKEN_BYTES], const struct uid *unit,
                    enum role role, instant now) {
    struct key k = token_key(token);
    struct ticket_row row = {.unit = *unit, .role = role, .made_at = now, .after = log_last(t)};
    write_ticket(t, &k, &row);
}

/* Whether `r`, of this hub, enrols a machine for the unit and role of `row`, or revokes one. */
static bool settles(struct txn *t, const struct record *r, const struct ticket_row *row,
                    struct arena *a) {
    struct payload_enrol enrol;
    struct payload_revoke revoke;
    struct member m;
    if (r->h.kind == KIND_ENROL && payload_enrol_decode(r->payload, a, &enrol, NULL) == 0)
        return enrol.grant.epoch == 1 && enrol.role == row->role &&
               uid_equal(&enrol.grant.unit, &row->unit);
    return r->h.kind == KIND_REVOKE && payload_revoke_decode(r->payload, a, &revoke, NULL) == 0 &&
           roster_find(t, &revoke.actor, 1, &m) && uid_equal(&m.unit, &row->unit) &&
           m.by == (row->role == ROLE_HUB ? BY_HUB : BY_NODE);
}

/*
 * Whether the ticket `row` is void: since it was made its unit got another machine, or lost the one
 * that it had. The log says so, and not a mark in the row: a hub whose store was put back learns of
 * both again, and its old tickets are as void as they were.
 */
static int look_for_settled(struct ingest *in, const struct ticket_row *row, bool *ret_void,
                            struct err *e) {
    static const uint16_t kinds[] = {KIND_ENROL, KIND_REVOKE};
    struct record r;
    struct hash id;
    int rc = 0;
    *ret_void = false;
    for (size_t i = 0; rc == 0 && !*ret_void && i < sizeof kinds / sizeof *kinds; i++) {
        struct log_walk w;
        log_walk_init(&w, in->t, kinds[i], row->after);
        while (rc == 0 && !*ret_void && log_walk_next(&w, NULL, &id)) {
            struct arena a;
            rc = log_get(in->t, &id, &r, e);
            if (rc != 0 || !hash_equal(&r.h.actor, &in->actor->id))
                continue;
            arena_init(&a, PAYLOAD_ARENA_BYTES);
            *ret_void = settles(in->t, &r, row, &a);
            if (a.failed && !a.over_cap)
                rc = err_nomem(e);
            arena_done(&a);
        }
        log_walk_done(&w);
    }
    return rc;
}

/* What `r`, the join record `join`, asks for. */
static struct payload_grant grant_of(const struct record *r, const struct ticket_row *row,
                                     const struct payload_join *join) {
    struct payload_grant g = {.actor = r->h.actor,
                              .epoch = 1,
                              .sign_key = join->sign_key,
                              .transport_key = join->transport_key,
                              .unit = row->unit};
    memcpy(g.proof, r->proof.data, SIGNATURE_BYTES);
    return g;
}

/* Whether `r` is the join record that this ticket and this transport key call for: 1 it is, 0 it
 * is not, ERR_NOMEM. */
static int is_join(struct ingest *in, const struct record *r, const struct ticket_row *row,
                   const struct knock *k, struct payload_join *p, struct arena *a) {
    struct hash actor;
    if (r->h.kind != KIND_JOIN || r->h.payload_version != PAYLOAD_VERSION || r->h.seq != 1 ||
        r->h.epoch != 1 || r->erased || !hash_equal(&r->h.deployment, &in->actor->deployment) ||
        !uid_equal(&r->h.lane, &row->unit))
        return 0;
    int rc = payload_join_decode(r->payload, a, p, NULL);
    if (rc != 0)
        return rc == ERR_NOMEM ? rc : 0;
    crypto_actor(&p->sign_key, &actor);
    if (p->role != row->role || !hash_equal(&actor, &r->h.actor) ||
        r->proof.len != SIGNATURE_BYTES || !record_verify(r, &p->sign_key) ||
        !crypto_equal(p->transport_key.b, k->transport_key.b, PUBLIC_KEY_BYTES))
        return 0;
    const struct payload_enrol asked = {.grant = grant_of(r, row, p), .role = row->role};
    bool proven;
    rc = payload_join_proven(&asked, &r->h.deployment, &proven, NULL);
    return rc == 0 ? proven : rc;
}

/* Every epoch of the live member that the new one replaces, if this hub enrolled it. */
static int find_ends(struct actor *a, struct txn *t, const struct uid *unit, enum role role,
                     struct ending *ends, struct err *e) {
    struct member before;
    if (!roster_of_unit(t, unit, role == ROLE_HUB ? BY_HUB : BY_NODE, &before) ||
        !hash_equal(&before.enroller, &a->id))
        return 0;
    return ending_heads(t, &before.actor, ends, e);
}

static int state_enrolment(struct ingest *in, const struct record *r, const struct ticket_row *row,
                           const struct payload_join *join, instant now, struct err *e) {
    struct payload_enrol p = {.grant = grant_of(r, row, join), .role = row->role};
    struct ending ends = {0};
    struct hash id;
    struct buf b;
    buf_init(&b);
    int rc = find_ends(in->actor, in->t, &row->unit, row->role, &ends, e);
    p.n_ends = ends.n;
    p.ends = ends.list;
    if (rc == 0)
        rc = payload_enrol_encode(&p, &b, e);
    if (rc == 0)
        rc = append_own(in->actor, in->t, KIND_ENROL, NULL, buf_slice(&b), now, &id, e);
    buf_done(&b);
    ending_done(&ends);
    return rc;
}

/* Enrol the author of join record `r`, take it on as a child, hold the record. */
static int enrol(struct ingest *in, const struct knock *k, const struct record *r,
                 const struct ticket_row *row, const struct payload_join *join, struct err *e) {
    struct child child = {.actor = r->h.actor, .unit = row->unit, .inbox = k->inbox};
    int rc = state_enrolment(in, r, row, join, k->received_at, e);
    if (rc == 0)
        rc = route_add_child(in->actor, in->t, &child, e);
    if (rc != 0)
        return rc;
    struct admit admit = ingest_admit(in);
    enum admission admission; /* where it is not held it comes again, first on the outbox */
    struct err why = {0};
    admit.carrier = r->h.actor;
    rc = admit_bytes(&admit, r->bytes, k->received_at, &admission, &why, e);
    return rc == 0 ? admit_wake(&admit, &r->h.actor, k->received_at, e) : rc;
}

int enrolment_bounds(struct actor *a, struct txn *t, const struct uid *unit, enum role role,
                     bool *ret_within, struct err *why, struct err *e) {
    struct ending ends = {0};
    struct hash ids[CLOSURE_MAX];
    uint32_t n;
    *ret_within = true;
    int rc = enrolment_closure(t, &a->id, a->epoch, ids, &n, e);
    if (rc != 0 && rc != ERR_REFUSED)
        return rc;
    if (rc == ERR_REFUSED || n == CLOSURE_MAX) {
        *ret_within = false;
        err_clear(e);
        err_set(why, ERR_REFUSED,
                "too many epochs lie between the root and this hub, at most %u records lead to a "
                "machine: the hub above enrols a new machine in this one's place",
                CLOSURE_MAX);
        return 0;
    }
    if (roster_bound_check(t, &a->id, a->epoch, unit, role, why) != 0) {
        *ret_within = false;
        return 0;
    }
    rc = find_ends(a, t, unit, role, &ends, e);
    if (rc == 0 && ends.n > LIMIT_LIST) {
        *ret_within = false;
        err_set(why, ERR_REFUSED,
                "the machine to be replaced has more lanes than one enrolment can end, at "
                "most %u: revoke it first",
                LIMIT_LIST);
    }
    ending_done(&ends);
    return rc;
}

/* Enrol, if that is within bounds, whom ticket `row` at `key` then belongs to. */
static int bind_ticket(struct ingest *in, const struct knock *k, const struct record *r,
                       const struct key *key, struct ticket_row *row,
                       const struct payload_join *join, uint32_t *ret_refusal, struct err *e) {
    bool within = false, is_void;
    struct err why = {0};
    int rc = look_for_settled(in, row, &is_void, e);
    if (rc == 0 && !is_void)
        rc = enrolment_bounds(in->actor, in->t, &row->unit, row->role, &within, &why, e);
    if (rc != 0)
        return rc;
    *ret_refusal = is_void ? REFUSED_TICKET_VOID : within ? 0 : REFUSED_BOUND;
    if (*ret_refusal != 0)
        return 0;
    rc = enrol(in, k, r, row, join, e);
    row->bound = true;
    row->transport_key = k->transport_key;
    row->actor = r->h.actor;
    if (rc == 0)
        write_ticket(in->t, key, row);
    return rc;
}

/* Whether the machine with that transport key is enrolled here: its ticket may have gone with an
 * older copy of this store, its enrolment came back. Then `row` is the ticket that it used. */
static bool find_enrolled(struct ingest *in, const struct knock *k, struct ticket_row *row) {
    struct member m;
    if (!roster_by_transport(in->t, &k->transport_key, &m) || m.ended ||
        !hash_equal(&m.enroller, &in->actor->id) || !log_has(in->t, &m.record))
        return false;
    *row = (struct ticket_row){.unit = m.unit,
                               .role = m.by == BY_HUB ? ROLE_HUB : ROLE_NODE,
                               .bound = true,
                               .transport_key = k->transport_key,
                               .actor = m.actor};
    return true;
}

int enrolment_join(struct ingest *in, const struct knock *k, uint32_t *ret_refusal,
                   struct hash *ret_actor, struct err *e) {
    struct key key = token_key(k->join->token);
    struct ticket_row row, enrolled;
    struct record r;
    struct payload_join join;
    struct member known;
    struct arena a;
    if (record_parse(k->join->record, &r, NULL) == 0 && r.h.kind == KIND_ENROL)
        return enrolment_show(in, k, &r, ret_refusal, e);
    if ((in->actor->spent || !enrolment_is_told(in->t, in->actor)) &&
        !roster_by_transport(in->t, &k->transport_key, &known))
        return *ret_refusal = REFUSED_BUSY, txn_failed(in->t, e); /* it may be known soon */
    bool here = read_ticket(in->t, &key, &row), open = here && !row.bound;
    *ret_refusal = REFUSED_TICKET;
    if (!(here && row.bound) && find_enrolled(in, k, &enrolled) &&
        (!here || uid_equal(&enrolled.unit, &row.unit))) {
        row = enrolled;
        here = true;
    }
    if (!here || record_parse(k->join->record, &r, NULL) != 0)
        return txn_failed(in->t, e);
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    int sound = is_join(in, &r, &row, k, &join, &a);
    int rc = 0;
    if (sound < 0) {
        rc = err_nomem(e);
    } else if (!sound) {
        *ret_refusal = row.bound ? REFUSED_TICKET_USED : REFUSED_TICKET;
    } else if (row.bound) {
        bool same = hash_equal(&row.actor, &r.h.actor);
        *ret_refusal = same ? 0 : REFUSED_TICKET_USED;
        if (same && open)
            write_ticket(in->t, &key, &row);
    } else if (roster_find(in->t, &r.h.actor, 1, &known) ||
               roster_by_transport(in->t, &k->transport_key, &known)) {
        *ret_refusal = REFUSED_TICKET_USED;
    } else {
        rc = bind_ticket(in, k, &r, &key, &row, &join, ret_refusal, e);
    }
    *ret_actor = r.h.actor;
    arena_done(&a);
    return rc == 0 ? txn_failed(in->t, e) : rc;
}

/* Whether `m`, the last epoch of its actor, was granted too short a while ago for another one. */
static bool is_young(struct txn *t, const struct member *m, instant now) {
    struct record r;
    int64_t pause = m->epoch < 13 ? (int64_t)500 << (m->epoch - 1) : RENEWAL_PAUSE_MS;
    if (pause > RENEWAL_PAUSE_MS)
        pause = RENEWAL_PAUSE_MS;
    return m->epoch > 1 && log_held(t, &m->record, &r) && now >= r.h.claimed &&
           now - r.h.claimed < pause;
}

/* The enrolment that `renew` asks for, of the actor whose last epoch is `m`. New keys end what the
 * old ones signed at what is held of it. */
static int renewed(struct ingest *in, const struct member *m, const struct frame_renew *renew,
                   struct payload_enrol *p, struct ending *ends, struct err *e) {
    static const struct public_key none;
    bool moves =
        m->by == BY_NODE && !crypto_equal(renew->transport_key.b, none.b, PUBLIC_KEY_BYTES);
    p->role = m->by == BY_HUB ? ROLE_HUB : ROLE_NODE;
    p->grant =
        (struct payload_grant){.actor = m->actor,
                               .epoch = renew->epoch,
                               .sign_key = renew->sign_key,
                               .transport_key = moves ? renew->transport_key : m->transport_key,
                               .unit = m->unit,
                               .renewal = renew->renewal};
    memcpy(p->grant.proof, renew->proof, sizeof p->grant.proof);
    if (crypto_equal(renew->sign_key.b, m->sign_key.b, PUBLIC_KEY_BYTES))
        return 0;
    int rc = ending_heads(in->t, &m->actor, ends, e);
    p->n_ends = ends->n;
    p->ends = ends->list;
    return rc;
}

/* Why `p`, the epoch after `m`, cannot be stated; 0: it can. */
static uint32_t refusal_of(struct ingest *in, const struct member *m, const struct payload_enrol *p,
                           instant now) {
    struct member other;
    if (!payload_renewal_proven(&p->grant, &in->actor->deployment, &m->sign_key) ||
        (roster_by_transport(in->t, &p->grant.transport_key, &other) &&
         !hash_equal(&other.actor, &m->actor)))
        return REFUSED_TAKEN;
    if (is_young(in->t, m, now))
        return REFUSED_BUSY;
    return p->n_ends > LIMIT_LIST ? REFUSED_BOUND : 0;
}

int enrolment_renew(struct ingest *in, const struct hash *actor, const struct frame_renew *renew,
                    instant now, uint32_t *ret_refusal, struct err *e) {
    struct member m;
    struct payload_enrol p = {0};
    struct hash id;
    *ret_refusal = 0;
    if (!roster_find(in->t, actor, roster_epoch(in->t, actor), &m))
        return txn_failed(in->t, e);
    if (in->actor->spent || renew->epoch > m.epoch + 1) /* what it knows more comes by its stream */
        return *ret_refusal = REFUSED_BUSY, 0;
    if (m.ended || !hash_equal(&m.enroller, &in->actor->id))
        return *ret_refusal = m.ended ? REFUSED_ENDED : REFUSED_UNKNOWN, 0;
    if (renew->epoch <= m.epoch)
        return 0;
    struct ending ends = {0};
    struct buf b;
    buf_init(&b);
    int rc = renewed(in, &m, renew, &p, &ends, e);
    if (rc == 0)
        *ret_refusal = refusal_of(in, &m, &p, now);
    if (rc == 0 && *ret_refusal == 0)
        rc = payload_enrol_encode(&p, &b, e);
    if (rc == 0 && *ret_refusal == 0)
        rc = append_own(in->actor, in->t, KIND_ENROL, NULL, buf_slice(&b), now, &id, e);
    ending_done(&ends);
    buf_done(&b);
    return rc;
}

void enrolment_taken(struct actor *a, const struct uid *unit, instant now, struct err *why) {
    const struct unit_fact *f = units_at(a->catalog.units, unit, instant_day(now));
    err_set(why, ERR_REFUSED,
            "unit %s: a next epoch was asked for without the key of the last one: its machine was "
            "copied, so revoke it and enrol a new one",
            f ? f->code : "?");
}

#define CLOSURE_DEPTH (LIMIT_UNIT_DEPTH + 3) /* a hub at every level, root key, child */

/* A list of ids without repetition. */
struct closure {
    uint32_t n;
    struct hash *ids;
};

static bool closure_has(const struct closure *c, const struct hash *id) {
    for (uint32_t i = 0; i < c->n; i++)
        if (hash_equal(&c->ids[i], id))
            return true;
    return false;
}

/*
 * Add what makes `actor` known in all its epochs up to `epoch`, after what makes those known who
 * enrolled it there.
 */
static int close_over(struct txn *t, const struct hash *actor, uint32_t epoch, unsigned depth,
                      struct closure *c, struct err *e) {
    int rc = 0;
    if (depth == CLOSURE_DEPTH)
        return err_set(e, ERR_REFUSED, "too many epochs lie between the root and this actor");
    for (uint32_t at = 1; rc == 0 && at <= epoch; at++) {
        struct member m;
        struct record r;
        if (!roster_find(t, actor, at, &m))
            return err_set(e, ERR_CORRUPT, "the store is damaged: an enrolment without its author");
        if (closure_has(c, &m.record))
            continue;
        rc = log_seek(t, &m.record, &r, e); /* what was shown may not be held yet */
        if (rc == 0 && !hash_is_zero(&m.enroller))
            rc = close_over(t, &r.h.actor, r.h.epoch, depth + 1, c, e);
        if (rc == 0 && c->n == CLOSURE_MAX)
            rc = err_set(e, ERR_REFUSED, "too many epochs lie between the root and this actor");
        if (rc == 0)
            c->ids[c->n++] = m.record;
    }
    return rc;
}

int enrolment_closure(struct txn *t, const struct hash *actor, uint32_t epoch,
                      struct hash ret_ids[CLOSURE_MAX], uint32_t *ret_n, struct err *e) {
    struct closure c = {.ids = ret_ids};
    int rc = close_over(t, actor, epoch, 0, &c, e);
    *ret_n = c.n;
    return rc;
}

int enrolment_answer(struct txn *t, const struct hash *actor, struct post *post, uint32_t peer,
                     struct err *e) {
    struct hash ids[CLOSURE_MAX];
    struct slice records[CLOSURE_MAX];
    struct frame f = {.type = FRAME_JOINED};
    uint32_t n;
    int rc = enrolment_closure(t, actor, 1, ids, &n, e);
    if (rc == ERR_REFUSED) { /* enrolled before that was looked at: it cannot be told */
        err_clear(e);
        return session_refuse(post, peer, REFUSED_BOUND, e);
    }
    for (uint32_t i = 0; rc == 0 && i < n; i++) {
        struct record r;
        rc = log_get(t, &ids[i], &r, e);
        records[i] = r.bytes;
    }
    f.u.records = (struct frame_records){.n = n, .records = records};
    return rc == 0 ? post_put(post, peer, &f, e) : rc;
}
