#include "node/restate.h"

#include "node/append.h"
#include "node/overtaken.h"
#include "node/renames.h"
#include "node/shown.h"
#include "node/views.h"
#include "proto/kinds.h"
#include "proto/payload_act.h"
#include "store/fork.h"
#include "store/key.h"
#include "store/log.h"
#include "store/meta.h"

/* What is stated again. */
struct carried {
    struct renames renames;
    bool looked; /* a node did, for what it has said since; a hub has nothing to look for */
    struct overtaken since;
};

static void carried_done(struct carried *c) {
    renames_done(&c->renames);
    overtaken_done(&c->since);
}

/*
 * Keep of `p`, a receipt of our own, the lines that nothing said by us since has overtaken: those
 * whose word in the view is that of `of`, or none, or less.
 */
static void keep_standing(struct actor *a, struct txn *t, const struct hash *of,
                          struct payload_receipt *p) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->n; i++) {
        struct receipt_row said;
        if (!views_receipt(t, &p->entries[i].record, &a->id, &said) ||
            hash_equal(&said.receipt, of) || views_says_more(&p->entries[i], &said))
            p->entries[n++] = p->entries[i];
    }
    p->n = n;
}

/* The payload of the receipt `r` without what was overtaken, into `out`; empty if nothing is left.
 */
static int rewrite_receipt(struct actor *a, struct txn *t, const struct record *r, struct buf *out,
                           struct err *e) {
    struct arena arena;
    struct payload_receipt p;
    arena_init(&arena, PAYLOAD_ARENA_BYTES);
    int rc = payload_receipt_decode(r->payload, &arena, &p, e);
    if (rc == 0) {
        struct log_head known = log_head_of(t, &a->id, a->epoch, &(struct uid){0});
        p.as_of = known.seq;
        keep_standing(a, t, &r->id, &p);
        rc = p.n > 0 ? payload_receipt_encode(&p, out, e) : 0;
    }
    arena_done(&arena);
    return rc;
}

/*
 * Whether `r` stays unsaid: a report of which a later revision stands, or a withdrawal of one that
 * is not said again either.
 */
static int stays_unsaid(struct carried *c, const struct record *r, bool *ret_unsaid,
                        struct err *e) {
    struct arena arena;
    struct payload_withdrawal p;
    *ret_unsaid = r->h.kind == KIND_REPORT && overtaken_report(&c->since, r);
    if (r->h.kind == KIND_SUBJECT_NAME)
        return overtaken_named(&c->since, r, ret_unsaid, e);
    if (r->h.kind != KIND_WITHDRAWAL)
        return 0;
    arena_init(&arena, PAYLOAD_ARENA_BYTES);
    int rc = payload_withdrawal_decode(r->payload, &arena, &p, NULL);
    *ret_unsaid = rc == 0 && overtaken_displaced(&c->since, &p.record) &&
                  !renames_carry(&c->renames, &p.record);
    arena_done(&arena);
    return rc == ERR_NOMEM ? err_nomem(e) : 0;
}

/* `now` INSTANT_NONE: claimed as it was before. */
static int state_again(struct actor *a, struct txn *t, struct carried *c, const struct hash *id,
                       instant now, struct err *e) {
    struct record r;
    struct hash again;
    struct buf payload;
    buf_init(&payload);
    bool unsaid = false;
    int rc = log_get(t, id, &r, e);
    if (rc == 0)
        rc = stays_unsaid(c, &r, &unsaid, e);
    if (rc == 0 && unsaid)
        return 0;
    if (rc == 0 && r.h.kind == KIND_SUBJECTS)
        rc = overtaken_undo(&c->since, &r, e);
    if (rc == 0 && now == INSTANT_NONE)
        now = r.h.claimed;
    uint16_t kind = rc == 0 ? r.h.kind : 0;
    struct uid lane = rc == 0 ? r.h.lane : (struct uid){{0}};
    if (rc == 0)
        rc = kind == KIND_RECEIPT ? rewrite_receipt(a, t, &r, &payload, e)
                                  : renames_payload(&c->renames, &r, &payload, e);
    if (rc == 0 && kind == KIND_RECEIPT && payload.len == 0) {
        buf_done(&payload);
        return 0;
    }
    if (rc == 0)
        rc = append_own(a, t, kind, uid_is_zero(&lane) ? NULL : &lane, buf_slice(&payload), now,
                        &again, e);
    if (rc == 0)
        rc = renames_add(&c->renames, id, &again, e);
    buf_done(&payload);
    return rc;
}

/* An enrolment or a revocation. */
struct end_said {
    bool enrols, revokes; /* neither: another kind, or its author garbled it */
    struct payload_enrol enrol;
    struct payload_revoke revoke;
};

/* What `r` says into `ret`, in `arena`, which the caller empties. */
static int read_end_said(const struct record *r, struct arena *arena, struct end_said *ret,
                         struct err *e) {
    int rc = ERR_REFUSED;
    if (r->h.kind == KIND_ENROL)
        rc = payload_enrol_decode(r->payload, arena, &ret->enrol, NULL);
    else if (r->h.kind == KIND_REVOKE)
        rc = payload_revoke_decode(r->payload, arena, &ret->revoke, NULL);
    ret->enrols = rc == 0 && r->h.kind == KIND_ENROL;
    ret->revokes = rc == 0 && r->h.kind == KIND_REVOKE;
    return rc == ERR_NOMEM ? err_nomem(e) : 0;
}

/* Whether `r` revokes `actor`, or enrols another in its place. */
static int ends_actor(const struct record *r, const struct hash *actor, bool *ret_ends,
                      struct err *e) {
    struct end_said x;
    struct arena arena;
    arena_init(&arena, PAYLOAD_ARENA_BYTES);
    int rc = read_end_said(r, &arena, &x, e);
    *ret_ends = rc == 0 && x.revokes && hash_equal(&x.revoke.actor, actor);
    if (rc == 0 && x.enrols && !hash_equal(&x.enrol.grant.actor, actor)) /* … whose new keys end */
        for (uint32_t i = 0; !*ret_ends && i < x.enrol.n_ends; i++)      /* its old ones */
            *ret_ends = hash_equal(&x.enrol.ends[i].actor, actor);
    arena_done(&arena);
    return rc;
}

/* restate_ends among the records of `kind` that the log holds. */
static int log_ends(struct actor *a, struct txn *t, uint16_t kind, const struct hash *actor,
                    bool *ret_ends, struct err *e) {
    struct log_walk w;
    struct record r;
    struct hash id;
    int rc = 0;
    log_walk_init(&w, t, kind, 0);
    while (rc == 0 && !*ret_ends && log_walk_next(&w, NULL, &id)) {
        rc = log_get(t, &id, &r, e);
        if (rc == 0 && hash_equal(&r.h.actor, &a->id))
            rc = ends_actor(&r, actor, ret_ends, e);
    }
    log_walk_done(&w);
    return rc;
}

int restate_ends(struct actor *a, struct txn *t, const struct hash *actor, bool *ret_ends,
                 struct err *e) {
    struct record r;
    struct fork_walk forks;
    struct fork f;
    *ret_ends = false;
    int rc = log_ends(a, t, KIND_REVOKE, actor, ret_ends, e);
    if (rc == 0)
        rc = log_ends(a, t, KIND_ENROL, actor, ret_ends, e);
    fork_walk_of(&forks, t, &a->id);
    while (rc == 0 && !*ret_ends && fork_walk_next(&forks, &f)) {
        rc = fork_get(t, &f, &r, e);
        if (rc == 0)
            rc = ends_actor(&r, actor, ret_ends, e);
    }
    fork_walk_done(&forks);
    return rc;
}

/* Whether `end`, which the enrolment `p` names, is so: another machine ended as a whole. */
static bool is_end(struct txn *t, const struct payload_enrol *p, const struct last_good *end) {
    struct member m;
    bool other = !hash_equal(&end->actor, &p->grant.actor);
    uint32_t epoch = other ? roster_epoch(t, &end->actor) : end->epoch;
    return roster_find(t, &end->actor, epoch, &m) && m.ended;
}

/* Whether whom `p` enrols is a member in that epoch, and whom it ends is not. */
static bool is_enrolled(struct txn *t, const struct payload_enrol *p) {
    struct member m;
    bool so = roster_find(t, &p->grant.actor, p->grant.epoch, &m);
    for (uint32_t i = 0; so && i < p->n_ends; i++)
        so = is_end(t, p, &p->ends[i]);
    return so;
}

/* Whether what `r`, an enrolment or a revocation, says is so already, or says nothing. */
static int is_so(struct txn *t, const struct record *r, bool *ret_so, struct err *e) {
    struct end_said x;
    struct member m;
    struct arena arena;
    arena_init(&arena, PAYLOAD_ARENA_BYTES);
    int rc = read_end_said(r, &arena, &x, e);
    *ret_so = true;
    if (rc == 0 && x.enrols)
        *ret_so = is_enrolled(t, &x.enrol);
    else if (rc == 0 && x.revokes)
        *ret_so = !roster_find(t, &x.revoke.actor, roster_epoch(t, &x.revoke.actor), &m) || m.ended;
    arena_done(&arena);
    return rc;
}

bool restate_has_key(const struct actor *a, struct txn *t, uint32_t epoch) {
    struct member then, last;
    return roster_find(t, &a->id, epoch, &then) &&
           roster_find(t, &a->id, roster_epoch(t, &a->id), &last) &&
           memcmp(then.sign_key.b, last.sign_key.b, PUBLIC_KEY_BYTES) == 0;
}

/* Whether what `r` says is sound as the next record of our lane 0: what ended a machine there ended
 * it before that. */
static int check_as_next(struct actor *a, struct txn *t, const struct record *r, struct err *e) {
    struct record next = *r;
    next.h.epoch = a->epoch;
    next.h.seq = log_head_of(t, &a->id, a->epoch, &r->h.lane).seq + 1;
    return roster_check(t, &next, e);
}

int restate_fork(struct actor *a, struct txn *t, const struct record *r, instant now,
                 struct err *e) {
    struct err why = {0};
    struct hash id;
    bool so;
    if (!restate_has_key(a, t, r->h.epoch))
        return 0;
    int rc = is_so(t, r, &so, e);
    if (rc != 0 || so)
        return rc;
    rc = check_as_next(a, t, r, &why);
    if (rc != 0) /* it cannot be said any more */
        return rc == ERR_NOMEM ? err_nomem(e) : 0;
    if (r->h.kind == KIND_ENROL)
        meta_put_u64(t, "children.lost", 1);
    return append_own(a, t, r->h.kind, NULL, r->payload, now, &id, e);
}

/* The record of `f` into `bytes`, parsed. */
static int copy_fork(struct txn *t, const struct fork *f, struct buf *bytes, struct record *ret,
                     struct err *e) {
    int rc = fork_get(t, f, ret, e);
    if (rc != 0)
        return rc;
    buf_clear(bytes);
    buf_put(bytes, ret->bytes.data, ret->bytes.len);
    return bytes->failed ? err_nomem(e) : record_parse(buf_slice(bytes), ret, e);
}

/*
 * What others hold as receipts of ours, and this log has no place for, is said again first: it is
 * the earlier word. So is whom we enrolled and revoked.
 */
static int restate_forks(struct actor *a, struct txn *t, uint32_t epoch, instant now,
                         struct err *e) {
    struct fork f = {.seq = 0};
    struct buf bytes, payload;
    struct hash id;
    int rc = 0;
    buf_init(&bytes); /* what is written moves what was read */
    buf_init(&payload);
    while (rc == 0 && fork_next(t, &a->id, epoch, &f)) {
        struct record r;
        rc = copy_fork(t, &f, &bytes, &r, e);
        if (rc == 0)
            rc = restate_fork(a, t, &r, now, e);
        if (rc != 0 || r.h.kind != KIND_RECEIPT)
            continue;
        buf_clear(&payload);
        rc = rewrite_receipt(a, t, &r, &payload, e);
        if (rc == 0 && payload.len > 0)
            rc = append_own(a, t, KIND_RECEIPT, &r.h.lane, buf_slice(&payload), now, &id, e);
    }
    buf_done(&bytes);
    buf_done(&payload);
    return rc;
}

/* Whether a later epoch of the actor of `m` is all that ended it. */
static bool goes_on(struct txn *t, const struct member *m) {
    struct member last;
    uint32_t epoch = roster_epoch(t, &m->actor);
    return epoch > m->epoch && roster_find(t, &m->actor, epoch, &last) && !last.ended;
}

struct shown_again {
    struct actor *a;
    struct txn *t;
    instant now;
};

/*
 * State the enrolment `r`, which was shown, again, where it is why its actor is a member. Whom
 * another was put in the place of, or a revocation ended, is nobody's member again by that: as long
 * as the roster names `r`, it is kept.
 */
static int restate_one_shown(void *arg, const struct record *r, struct err *e) {
    const struct shown_again *s = arg;
    struct payload_enrol p;
    struct member m;
    struct arena arena;
    struct hash id;
    arena_init(&arena, PAYLOAD_ARENA_BYTES);
    int rc = payload_enrol_decode(r->payload, &arena, &p, e);
    bool named = rc == 0 && roster_find(s->t, &p.grant.actor, p.grant.epoch, &m) &&
                 hash_equal(&m.record, &r->id);
    bool stands = named && (!m.ended || goes_on(s->t, &m));
    arena_done(&arena);
    if (stands)
        rc = append_own(s->a, s->t, KIND_ENROL, NULL, r->payload, s->now, &id, e);
    if (stands || !named)
        shown_forget(s->t, &r->id);
    return rc;
}

int restate_shown(struct actor *a, struct txn *t, instant now, struct err *e) {
    struct shown_again s = {a, t, now};
    int rc = shown_each(t, restate_one_shown, &s, e);
    return rc == 0 ? txn_failed(t, e) : rc;
}

/* The row of table meta that says from which place on `lane` of `epoch` was stated again. */
static struct key again_key(uint32_t epoch, const struct uid *lane) {
    struct key k = {.n = 0};
    key_text(&k, "again");
    key_u32(&k, epoch);
    key_uid(&k, lane);
    return k;
}

static uint64_t again_from(struct txn *t, const struct key *k) {
    struct slice v;
    if (!txn_get(t, TABLE_META, key_slice(k), &v))
        return UINT64_MAX;
    struct reader r = reader_of(v);
    return reader_u64(&r);
}

/* State again what stands in `lane` of `epoch`, which ends at `last`, at or behind its first fork,
 * but for what was stated again when another fork was the first. */
static int restate_lane(struct actor *a, struct txn *t, struct carried *c, uint32_t epoch,
                        const struct uid *lane, uint64_t last, instant now, struct err *e) {
    struct key k = again_key(epoch, lane), v = {.n = 0};
    uint64_t until = again_from(t, &k);
    struct fork first;
    struct hash id;
    int rc = 0;
    if (!fork_first(t, &a->id, epoch, lane, &first) || first.seq >= until)
        return 0;
    if (!c->looked && a->role == ROLE_NODE)
        rc = overtaken_load(a, t, &c->since, e);
    c->looked = true;
    for (uint64_t seq = first.seq; rc == 0 && seq <= last && seq < until; seq++)
        if (log_at(t, &a->id, epoch, lane, seq, &id))
            rc = state_again(a, t, c, &id, now, e);
    key_u64(&v, first.seq);
    txn_put(t, TABLE_META, key_slice(&k), key_slice(&v));
    return rc;
}

/* Whether the report `id` names a list that was stated again. */
static int names_carried(struct txn *t, struct carried *c, const struct hash *id, bool *ret,
                         struct err *e) {
    struct arena arena;
    struct payload_report p;
    struct record r;
    arena_init(&arena, PAYLOAD_ARENA_BYTES);
    int rc = log_get(t, id, &r, e);
    int read = rc == 0 ? payload_report_decode(r.payload, &arena, &p, NULL) : ERR_ABSENT;
    *ret = read == 0 && renames_carry(&c->renames, &p.subjects);
    arena_done(&arena);
    return read == ERR_NOMEM ? err_nomem(e) : rc;
}

/* A report that stands, and names a list that does not, is said again with the list that does, but
 * not against a later revision. */
static int restate_standing(struct actor *a, struct txn *t, struct carried *c, instant now,
                            struct err *e) {
    uint32_t n = c->renames.n;
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && n > 0 && i < c->since.standing.n; i++) {
        const struct own_report *s = &c->since.standing.list[i];
        bool names = false;
        if (!s->inherited && !s->elsewhere && !overtaken_standing(&c->since, s))
            rc = names_carried(t, c, &s->report, &names, e);
        if (rc == 0 && names)
            rc = state_again(a, t, c, &s->report, now, e);
    }
    return rc;
}

/* What was taken back since is taken back again, and of each unit the list of subjects that stood
 * last stands last again. */
static int end_lanes(struct actor *a, struct txn *t, struct carried *c, instant now, int rc,
                     struct err *e) {
    if (rc == 0)
        rc = restate_standing(a, t, c, now, e);
    for (uint32_t i = 0; rc == 0 && i < c->since.n_takings; i++) {
        struct hash report = c->since.takings[i].report;
        if (renames_carry(&c->renames, &report))
            rc = state_again(a, t, c, &c->since.takings[i].withdrawal, now, e);
    }
    for (uint32_t i = 0; rc == 0 && i < c->since.n_lists; i++)
        if (c->since.lists[i].undone)
            rc = state_again(a, t, c, &c->since.lists[i].list, now, e);
    carried_done(c);
    return rc == 0 ? txn_failed(t, e) : rc;
}

int restate(struct actor *a, struct txn *t, uint32_t epoch, instant now, struct err *e) {
    struct carried carried = {0};
    struct lane_walk w;
    struct log_head head;
    int rc = restate_shown(a, t, now, e);
    if (rc == 0)
        rc = restate_forks(a, t, epoch, now, e);
    lane_walk_init(&w, t, &a->id);
    while (rc == 0 && lane_walk_next(&w, &head))
        if (w.epoch == epoch || (a->role == ROLE_NODE && w.epoch < epoch))
            rc = restate_lane(a, t, &carried, w.epoch, &w.lane, head.seq, now, e);
    return end_lanes(a, t, &carried, now, rc, e);
}

int restate_behind(struct actor *a, struct txn *t, const struct record_header *h, struct err *e) {
    struct carried carried = {0};
    if (a->role != ROLE_NODE || h->epoch >= a->epoch)
        return 0;
    struct log_head head = log_head_of(t, &a->id, h->epoch, &h->lane);
    int rc = restate_lane(a, t, &carried, h->epoch, &h->lane, head.seq, INSTANT_NONE, e);
    return end_lanes(a, t, &carried, INSTANT_NONE, rc, e);
}
