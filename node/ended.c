#include "node/ended.h"

#include "node/roster.h"
#include "proto/kinds.h"
#include "proto/payload_act.h"
#include "proto/refusal.h"
#include "store/log.h"
#include "store/meta.h"

#include <stdio.h>
#include <string.h>

/* As much of the words of `reason` as fits, in whole letters. */
static void short_reason(const struct act_reason *reason, char out[ENDED_WHY_BYTES]) {
    const char *words = payload_act_words(reason);
    size_t n = words ? strlen(words) : 0;
    if (n >= ENDED_WHY_BYTES)
        n = ENDED_WHY_BYTES - 1;
    while (n > 0 && ((unsigned char)words[n] & 0xc0) == 0x80)
        n--;
    if (n > 0)
        memcpy(out, words, n);
    out[n] = '\0';
}

/* Whether any epoch of `actor` ended, be it by a revocation or by an enrolment. */
static bool any_ended(struct txn *t, const struct hash *actor) {
    struct member m;
    bool ended = false;
    for (uint32_t epoch = roster_epoch(t, actor); !ended && epoch > 0; epoch--)
        ended = roster_find(t, actor, epoch, &m) && m.ended;
    return ended;
}

/* Whether `author` may end some epoch of `actor`. */
static bool may_end_any(struct txn *t, const struct hash *author, const struct hash *actor) {
    struct member m;
    bool may = false;
    for (uint32_t epoch = roster_epoch(t, actor); !may && epoch > 0; epoch--)
        may = roster_find(t, actor, epoch, &m) && roster_may_end(t, author, &m);
    return may;
}

/* Without memory nobody can say what a record says: it is no “no”, which would be remembered. */
static void fail_without_memory(struct txn *t, int rc) {
    struct err why = {0};
    if (rc == ERR_NOMEM) {
        (void)err_nomem(&why);
        txn_fail(t, &why);
    }
}

/* Whether `r`, by somebody who may end `actor`, revokes it; what it says of that into `ret_at` and
 * `ret_why`. */
static bool revokes(struct txn *t, const struct record *r, const struct hash *actor,
                    instant *ret_at, char ret_why[ENDED_WHY_BYTES]) {
    struct arena a;
    struct payload_revoke p;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    int rc = payload_revoke_decode(r->payload, &a, &p, NULL);
    bool so = rc == 0 && hash_equal(&p.actor, actor) && roster_stands(t, &r->h);
    fail_without_memory(t, rc);
    if (so) {
        *ret_at = r->h.claimed;
        short_reason(&p.reason, ret_why);
    }
    arena_done(&a);
    return so;
}

/* Whether the record that `k` found still is one that revokes its actor. */
static bool found_holds(struct txn *t, const struct ended_search *k, instant *ret_at,
                        char ret_why[ENDED_WHY_BYTES]) {
    struct record r;
    return k->found && log_named(t, &k->id, &r) && may_end_any(t, &r.h.actor, &k->actor) &&
           revokes(t, &r, &k->actor, ret_at, ret_why);
}

bool ended_search(struct txn *t, struct ended_search *k, instant *ret_at,
                  char ret_why[ENDED_WHY_BYTES]) {
    struct log_walk w;
    struct hash author = {{0}}, id; /* author: of the last record, and whether it may … */
    struct record r;
    bool may = false; /* … end the actor: most are by few */
    bool held = found_holds(t, k, ret_at, ret_why);
    if (k->found != held || roster_overrulings(t)) {
        k->seen = 0; /* what counts is not what it was */
        k->found = false;
    }
    if (!any_ended(t, &k->actor))
        return false;
    log_walk_init(&w, t, KIND_REVOKE, k->seen);
    while (log_walk_next(&w, NULL, &id)) {
        if (!log_named(t, &id, &r) || r.h.payload_version != PAYLOAD_VERSION)
            continue;
        if (!hash_equal(&author, &r.h.actor)) {
            author = r.h.actor;
            may = may_end_any(t, &author, &k->actor);
        }
        if (may && revokes(t, &r, &k->actor, ret_at, ret_why)) {
            k->found = true;
            k->id = id;
        }
    }
    log_walk_done(&w);
    if (txn_failed(t, NULL) == 0)
        k->seen = log_last(t);
    return k->found;
}

bool ended_said(struct txn *t, const struct hash *actor, instant *ret_at,
                char ret_why[ENDED_WHY_BYTES]) {
    struct ended_search k = {.actor = *actor};
    return ended_search(t, &k, ret_at, ret_why);
}

/* Whether `r` enrols another machine in the place of `actor`. */
static bool replaces(struct txn *t, const struct record *r, const struct hash *actor) {
    struct arena a;
    struct payload_enrol p;
    bool so = false;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    int rc = payload_enrol_decode(r->payload, &a, &p, NULL);
    fail_without_memory(t, rc);
    if (rc == 0 && !hash_equal(&p.grant.actor, actor))
        for (uint32_t i = 0; !so && i < p.n_ends; i++)
            so = hash_equal(&p.ends[i].actor, actor);
    arena_done(&a);
    return so;
}

/* When another machine was first enrolled in the place of `actor`; INSTANT_NONE: that is not known
 * here. */
static instant replaced_at(struct txn *t, const struct hash *actor) {
    struct log_walk w;
    struct hash id;
    struct record r;
    instant at = INSTANT_NONE;
    log_walk_init(&w, t, KIND_ENROL, 0);
    while (at == INSTANT_NONE && log_walk_next(&w, NULL, &id))
        if (log_named(t, &id, &r) && r.h.payload_version == PAYLOAD_VERSION &&
            replaces(t, &r, actor))
            at = r.h.claimed;
    log_walk_done(&w);
    return at;
}

static void read_member(struct txn *t, const struct member *m, struct ended *x) {
    x->how = ENDED_REVOKED;
    if (ended_said(t, &m->actor, &x->since, x->why))
        return;
    x->how = ENDED_REPLACED;
    x->since = replaced_at(t, &m->actor);
}

static enum ended_how how_of(uint64_t refusal) {
    return refusal == REFUSED_REVOKED ? ENDED_REVOKED
           : refusal == REFUSED_ENDED ? ENDED_REPLACED
                                      : ENDED_NOT;
}

static void read_refusal(struct txn *t, struct ended *x) {
    char when[INSTANT_TEXT];
    x->how = how_of(meta_u64(t, "refused"));
    if (x->how == ENDED_NOT)
        return;
    if (!meta_text(t, "refused.when", when, sizeof when) || !instant_parse(when, &x->since)) {
        uint64_t at = meta_u64(t, "refused.at");
        x->since = at ? (instant)at : INSTANT_NONE;
    }
    if (!meta_text(t, "refused.why", x->why, sizeof x->why))
        x->why[0] = '\0';
}

void ended_read(struct txn *t, const struct hash *id, struct ended *ret_ended) {
    struct member m;
    struct ended x = {.since = INSTANT_NONE};
    if (roster_find(t, id, roster_epoch(t, id), &m) && m.ended)
        read_member(t, &m, &x);
    else
        read_refusal(t, &x);
    *ret_ended = x;
}

void ended_refused(struct txn *t, const struct frame_refused *r, instant now) {
    uint64_t before = meta_u64(t, "refused");
    if (how_of(before) != ENDED_NOT && how_of(r->code) == ENDED_NOT)
        return;
    if (before != r->code)
        meta_put_u64(t, "refused.at", (uint64_t)now);
    meta_put_u64(t, "refused", r->code);
    meta_put_text(t, "refused.when", r->n_args > 0 ? r->args[0] : "");
    meta_put_text(t, "refused.why", r->n_args > 1 ? r->args[1] : "");
}

void ended_welcomed(struct txn *t) {
    if (meta_u64(t, "refused") != 0)
        meta_put_u64(t, "refused", 0);
}

bool ended_refusal(struct txn *t, struct err *e) {
    char when[INSTANT_TEXT] = "", why[ENDED_WHY_BYTES] = "", *args[] = {when, why};
    struct frame_refused r = {(uint32_t)meta_u64(t, "refused"), 2, args};
    if (r.code == 0)
        return false;
    (void)meta_text(t, "refused.when", when, sizeof when);
    (void)meta_text(t, "refused.why", why, sizeof why);
    (void)refusal_words(&r, e);
    return true;
}

bool ended_by_refusal(struct txn *t) {
    return how_of(meta_u64(t, "refused")) != ENDED_NOT;
}

static int refuse_revoked(const char *since, enum role role, bool is_root, struct err *e) {
    if (is_root)
        return err_set(
            e, ERR_REFUSED,
            "this hub was revoked on %s: nothing can be stated here until `rotate --key` "
            "lets it go on with new keys",
            since);
    if (role == ROLE_HUB)
        return err_set(e, ERR_REFUSED,
                       "this hub was revoked on %s: nothing that it states counts any more, and "
                       "its tickets are void; ask the office above for a ticket of a new hub, and "
                       "run `init --parent` with it in a new data directory (--data)",
                       since);
    return err_set(e, ERR_REFUSED,
                   "this machine was revoked on %s: nothing that it states counts any more; ask "
                   "the hub for a ticket, and `join` with it in a new data directory (--data); a "
                   "sheet goes there by `template` here and `import` there",
                   since);
}

static int refuse_replaced(const char *since, enum role role, struct err *e) {
    if (role == ROLE_HUB)
        return err_set(e, ERR_REFUSED,
                       "another hub took the place of this one (%s): nothing that this one states "
                       "counts any more, and its tickets are void; go on with the newer one, and "
                       "only where that is lost ask the office above for a ticket of a new hub",
                       since);
    return err_set(e, ERR_REFUSED,
                   "another machine took the place of this one (%s): nothing that this one states "
                   "counts any more; go on with the newer one, to which a sheet goes by `template` "
                   "here and `import` there, and only where that is lost ask the hub for a ticket",
                   since);
}

int ended_refuse(const struct ended *x, enum role role, bool is_root, struct err *e) {
    char since[INSTANT_TEXT] = "?", text[INSTANT_TEXT + ENDED_WHY_BYTES + 4];
    if (x->since != INSTANT_NONE)
        instant_text_people(x->since, since);
    (void)snprintf(text, sizeof text, "%s", since);
    if (x->why[0])
        (void)snprintf(text, sizeof text, "%s (%s)", since, x->why);
    return x->how == ENDED_REVOKED ? refuse_revoked(text, role, is_root, e)
                                   : refuse_replaced(text, role, e);
}
