#include "audit/ledger.h"
#include "core/limits.h"
#include "core/list.h"
#include "core/mem.h"
#include "core/world.h"
#include "proto/kinds.h"
#include "proto/payload_act.h"

#include <stdlib.h>
#include <string.h>

/* Something is off with `x`, which therefore counts for nothing. */
static struct err *against(struct ledger *l, struct entry *x) {
    x->good = false;
    return findings_at(l->findings, &x->r.id);
}

static int unreadable(struct ledger *l, struct entry *x, const struct err *why, struct err *e) {
    if (why->code == ERR_NOMEM)
        return err_nomem(e);
    x->good = false;
    *findings_at(l->findings, &x->r.id) = *why;
    return 0;
}

/* ---- genesis ---- */

static int add_root_key(struct ledger *l, const struct public_key *key, const struct entry *x,
                        struct err *e) {
    struct member m = {.epoch = 1, .by = BY_ROOT_KEY, .sign_key = *key, .record = x->r.id};
    crypto_actor(key, &m.actor);
    return ledger_member(l, &m.actor, 1) ? 0 : ledger_enter(l, &m, e);
}

static int read_genesis(struct ledger *l, struct entry *x, struct err *e) {
    struct arena a;
    struct err why = {0};
    struct payload_genesis p;
    struct hash actor;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    int rc = payload_genesis_decode(x->r.payload, &a, &p, &why);
    arena_done(&a);
    if (rc != 0)
        return unreadable(l, x, &why, e);
    crypto_actor(&p.root_key, &actor);
    const struct record_header *h = &x->r.h;
    if (!hash_is_zero(&h->deployment) || !uid_is_zero(&h->lane) || h->epoch != 1 || h->seq != 1 ||
        !hash_equal(&actor, &h->actor) || !record_verify(&x->r, &p.root_key)) {
        err_set(against(l, x), ERR_CORRUPT, "the genesis record is not signed by its own root key");
        return 0;
    }
    rc = add_root_key(l, &p.root_key, x, e);
    return rc == 0 ? add_root_key(l, &p.recovery_key, x, e) : rc;
}

static int start(struct ledger *l, struct err *e) {
    struct entry *x = ledger_find(l, &l->root);
    if (!x || x->r.h.kind != KIND_GENESIS) {
        char root[HASH_TEXT];
        hash_text(&l->root, root);
        err_set(findings_at(l->findings, NULL), ERR_CORRUPT,
                "entries: the genesis record %s is not among them; nothing can be verified", root);
        return 0;
    }
    return read_genesis(l, x, e);
}

/* ---- who enrols whom ---- */

static struct member member_of(const struct payload_grant *g, uint8_t by, const struct entry *x) {
    return (struct member){
        .actor = g->actor,
        .epoch = g->epoch,
        .by = by,
        .unit = g->unit,
        .sign_key = g->sign_key,
        .transport_key = g->transport_key,
        .enroller = x->r.h.actor,
        .order_epoch = x->r.h.epoch,
        .order_seq = x->r.h.seq,
        .record = x->r.id,
    };
}

static int add_end(struct ledger *l, struct entry *x, const struct last_good *end, bool whole,
                   struct err *e) {
    if (list_grow(&l->ends, l->n_ends, sizeof *l->ends, e) != 0)
        return ERR_NOMEM;
    l->ends[l->n_ends++] = (struct ended){.by = x,
                                          .whole = whole,
                                          .actor = end->actor,
                                          .epoch = end->epoch,
                                          .lane = end->lane,
                                          .seq = end->seq};
    return 0;
}

/* What is wrong with `m` as the first epoch of its actor; NULL: nothing. */
static const char *wrong_first(const struct ledger *l, const struct member *m) {
    struct hash actor;
    crypto_actor(&m->sign_key, &actor);
    if (!hash_equal(&actor, &m->actor))
        return N_("it names another actor than its signing key makes");
    const struct member *by = ledger_member(l, &m->enroller, m->order_epoch);
    if (m->by == BY_HUB && by && uid_equal(&by->unit, &m->unit))
        return N_("it enrols a second hub of its author's own unit");
    if (by && ledger_depth(l, by) >= LIMIT_ENROLMENTS)
        return N_("more hubs lie between the root and the actor that it names than there may be "
                  "levels of units");
    return NULL;
}

/* What is wrong with `m`, which `g` of `x` says, as the epoch after `before`; NULL: nothing. */
static const char *wrong_later(const struct ledger *l, const struct entry *x,
                               const struct payload_grant *g, const struct member *m,
                               const struct member *before) {
    bool granted = x->r.h.kind == KIND_GRANT;
    if (granted ? !ledger_is_root_key(l, &before->enroller)
                : !hash_equal(&before->enroller, &m->enroller))
        return N_("it gives a later epoch to whom another enrolled");
    if (before->by != m->by || !uid_equal(&before->unit, &m->unit))
        return N_("it gives a later epoch for another unit or role");
    if (!granted && !payload_renewal_proven(g, &x->r.h.deployment, &before->sign_key))
        return N_("it gives a later epoch that the key of the last one did not ask for");
    return NULL;
}

#define ENTER_LATER 1 /* the epoch before is not known yet */

/* Whether the recovery key said otherwise than the root key does in granting `m`, which then says
 * nothing: it granted this epoch, or the one before. */
static bool is_overruled(const struct ledger *l, const struct member *m,
                         const struct member *before) {
    const struct member *same = ledger_member(l, &m->actor, m->epoch);
    return ledger_is_root_key(l, &m->enroller) && !ledger_is_recovery_key(l, &m->enroller) &&
           ((same && ledger_is_recovery_key(l, &same->enroller)) ||
            (before && ledger_is_recovery_key(l, &before->enroller)));
}

/* Whether `m` says of whom `same` is the same once more. */
static bool says_again(const struct member *same, const struct member *m) {
    return hash_equal(&same->enroller, &m->enroller) && same->by == m->by &&
           uid_equal(&same->unit, &m->unit) &&
           memcmp(&same->sign_key, &m->sign_key, sizeof m->sign_key) == 0 &&
           memcmp(&same->transport_key, &m->transport_key, sizeof m->transport_key) == 0;
}

/* Whether the machine that `x` enrols as `m`, by `g`, asked for that with its key. */
static int check_asked(const struct entry *x, const struct payload_grant *g, const struct member *m,
                       const char **ret_wrong, struct err *e) {
    const struct payload_enrol p = {.grant = *g, .role = m->by == BY_HUB ? ROLE_HUB : ROLE_NODE};
    bool proven = true;
    int rc = 0;
    if (x->r.h.kind == KIND_ENROL)
        rc = payload_join_proven(&p, &x->r.h.deployment, &proven, e);
    if (rc == 0 && !proven)
        *ret_wrong = N_("the actor that it names did not ask for it with its key");
    return rc;
}

static int enter(struct ledger *l, struct entry *x, const struct payload_grant *g,
                 const struct member *m, struct err *e) {
    int rc = 0;
    const struct member *same = ledger_member(l, &m->actor, m->epoch);
    const struct member *before = m->epoch > 1 ? ledger_member(l, &m->actor, m->epoch - 1) : NULL;
    const char *wrong = NULL;
    if (m->epoch > 1 && !before)
        return ENTER_LATER;
    if (is_overruled(l, m, before)) {
        l->overruled = true;
        x->good = false;
        return 0;
    }
    if (same && !says_again(same, m))
        wrong = N_("the actor that it names is enrolled already");
    else if (before)
        wrong = wrong_later(l, x, g, m, before);
    else if (!same)
        wrong = wrong_first(l, m);
    if (!wrong && !before) /* said again too: this may be the place that counts */
        rc = check_asked(x, g, m, &wrong, e);
    if (rc != 0)
        return rc;
    if (!wrong && !same)
        return ledger_enter(l, m, e);
    if (wrong)
        *against(l, x) = (struct err){.code = ERR_CORRUPT, .msgid = wrong};
    else
        ledger_again(l, m);
    return 0;
}

/* A grant whose signature holds. */
struct granting {
    struct entry *x;
    struct payload_grant p;
    bool recovery; /* by the recovery key */
};

static int read_grant(struct ledger *l, struct entry *x, struct granting *ret_g, struct err *e) {
    struct arena a;
    struct err why = {0};
    struct granting g = {.x = x, .recovery = ledger_is_recovery_key(l, &x->r.h.actor)};
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    int rc = payload_grant_decode(x->r.payload, &a, &g.p, &why);
    arena_done(&a);
    if (rc != 0)
        return unreadable(l, x, &why, e);
    *ret_g = g;
    return 0;
}

static int read_enrol(struct ledger *l, struct entry *x, struct err *e) {
    struct arena a;
    struct err why = {0};
    struct payload_enrol p;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    int rc = payload_enrol_decode(x->r.payload, &a, &p, &why);
    if (rc == 0) {
        struct member m = member_of(&p.grant, p.role == ROLE_HUB ? BY_HUB : BY_NODE, x);
        rc = enter(l, x, &p.grant, &m, e);
        for (uint32_t i = 0; rc == 0 && i < p.n_ends; i++)
            rc = add_end(l, x, &p.ends[i], !hash_equal(&p.ends[i].actor, &p.grant.actor), e);
    } else {
        rc = unreadable(l, x, &why, e);
    }
    arena_done(&a);
    return rc;
}

static int read_revoke(struct ledger *l, struct entry *x, struct err *e) {
    struct arena a;
    struct err why = {0};
    struct payload_revoke p;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    int rc = payload_revoke_decode(x->r.payload, &a, &p, &why);
    if (rc != 0)
        rc = unreadable(l, x, &why, e);
    else
        for (uint32_t i = 0; rc == 0 && i < p.n_ends; i++)
            rc = add_end(l, x, &p.ends[i], true, e);
    arena_done(&a);
    return rc;
}

static bool states(const struct entry *x, uint16_t kind) {
    return x->good && x->r.h.payload_version == PAYLOAD_VERSION && x->r.h.kind == kind;
}

/* Whether `m`, whose key it is, may state `x` and did. */
static bool stated_by(const struct entry *x, const struct member *m) {
    return (kind_rule(x->r.h.kind)->by & m->by) != 0 && record_verify(&x->r, &m->sign_key);
}

/* Whether `end`, of the actor of `m`, ended it in the epoch before, by its enroller and before it
 * gave `m`; a root key may give one with a new key. */
static bool ended_before(const struct ledger *l, const struct ended *end, const struct member *m) {
    const struct record_header *by = &end->by->r.h;
    const struct member *last = ledger_member(l, &m->actor, m->epoch - 1);
    bool anew = ledger_is_root_key(l, &by->actor) && last &&
                memcmp(&last->sign_key, &m->sign_key, sizeof m->sign_key) != 0;
    bool before =
        by->epoch < m->order_epoch || (by->epoch == m->order_epoch && by->seq < m->order_seq);
    return (end->whole || end->epoch == m->epoch - 1) && end->by->good && before && !anew &&
           hash_equal(&by->actor, &m->enroller);
}

/* Keep of the ends those that a record says which is not void. */
static int drop_void(struct ledger *l, struct err *e) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < l->n_ends; i++)
        if (l->ends[i].by->good)
            l->ends[n++] = l->ends[i];
    bool dropped = n < l->n_ends;
    l->n_ends = n;
    return dropped ? ledger_ends_sort(l, e) : 0;
}

/* Whoever was replaced or revoked gets no other epoch after that: what says so is void. */
static int check_ended(struct ledger *l, struct err *e) {
    for (uint32_t i = 0; i < l->n_members; i++) {
        const struct member *m = &l->members[i];
        bool ended = false;
        if (m->epoch <= 1)
            continue;
        for (uint32_t k = ledger_ends_of(l, &m->actor, 0);
             !ended && k < l->n_ends && hash_equal(&l->ends_by_whom[k]->actor, &m->actor); k++)
            ended = ended_before(l, l->ends_by_whom[k], m);
        if (ended)
            err_set(against(l, ledger_find(l, &m->record)), ERR_CORRUPT,
                    "it gives a later epoch to whom was replaced or revoked");
    }
    return drop_void(l, e);
}

/* Of one epoch the recovery key's come first, whatever stands first in the file. */
static int by_epoch(const void *pa, const void *pb) {
    const struct granting *a = pa, *b = pb;
    if (a->p.epoch != b->p.epoch)
        return a->p.epoch < b->p.epoch ? -1 : 1;
    if (a->recovery != b->recovery)
        return a->recovery ? -1 : 1;
    if (a->x->r.h.seq != b->x->r.h.seq)
        return a->x->r.h.seq < b->x->r.h.seq ? -1 : 1;
    return hash_cmp(&a->x->r.id, &b->x->r.id);
}

static void does_not_follow(struct ledger *l, struct entry *x) {
    err_set(against(l, x), ERR_CORRUPT, "it gives an epoch that does not follow one that is here");
}

/* Enter whom the root and the recovery key granted. */
static int grant_all(struct ledger *l, struct err *e) {
    struct granting *list = NULL;
    uint32_t n = 0;
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < l->n; i++) {
        struct entry *x = &l->list[i];
        const struct member *m = ledger_member(l, &x->r.h.actor, x->r.h.epoch);
        if (!states(x, KIND_GRANT) || !m || !stated_by(x, m))
            continue;
        rc = list_grow(&list, n, sizeof *list, e);
        if (rc == 0)
            rc = read_grant(l, x, &list[n], e);
        n += rc == 0 && x->good;
    }
    if (n > 1)
        qsort(list, n, sizeof *list, by_epoch);
    for (uint32_t i = 0; rc == 0 && i < n; i++) {
        struct member m = member_of(&list[i].p, BY_HUB, list[i].x);
        rc = enter(l, list[i].x, &list[i].p, &m, e);
        if (rc == ENTER_LATER)
            does_not_follow(l, list[i].x);
        rc = rc == ENTER_LATER ? 0 : rc;
    }
    mem_free(list);
    return rc;
}

/* Enter everyone whose enroller is known, until that makes nobody else known. */
static int enrol_all(struct ledger *l, struct err *e) {
    bool *done = mem_zalloc(l->n, sizeof *done);
    int rc = done ? grant_all(l, e) : err_nomem(e);
    for (bool more = true; more && rc == 0;) {
        more = false;
        for (uint32_t i = 0; rc == 0 && i < l->n; i++) {
            struct entry *x = &l->list[i];
            const struct member *m = states(x, KIND_ENROL) && !done[i]
                                         ? ledger_member(l, &x->r.h.actor, x->r.h.epoch)
                                         : NULL;
            if (!m)
                continue;
            if (stated_by(x, m))
                rc = read_enrol(l, x, e);
            done[i] = rc != ENTER_LATER;
            more |= done[i];
            rc = rc == ENTER_LATER ? 0 : rc;
        }
    }
    for (uint32_t i = 0; rc == 0 && i < l->n; i++)
        if (states(&l->list[i], KIND_ENROL) && !done[i] &&
            ledger_member(l, &l->list[i].r.h.actor, l->list[i].r.h.epoch))
            does_not_follow(l, &l->list[i]);
    if (rc == 0)
        rc = ledger_ends_sort(l, e);
    if (rc == 0)
        rc = check_ended(l, e);
    mem_free(done);
    return rc;
}

/* Take what every revocation says whose signature holds. */
static int revoke_all(struct ledger *l, struct err *e) {
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < l->n; i++) {
        struct entry *x = &l->list[i];
        const struct member *m = ledger_member(l, &x->r.h.actor, x->r.h.epoch);
        if (states(x, KIND_REVOKE) && m && uid_is_zero(&x->r.h.lane) && stated_by(x, m))
            rc = read_revoke(l, x, e);
    }
    return rc;
}

/* ---- every record ---- */

static void check_ends(struct ledger *l) {
    for (uint32_t i = 0; i < l->n_ends; i++) {
        const struct ended *end = &l->ends[i];
        const struct member *m = ledger_member(l, &end->actor, end->epoch);
        if (!m) /* in an epoch that is not here */
            m = ledger_actor(l, &end->actor);
        if (!m || !ledger_may_end(l, end, m))
            err_set(findings_at(l->findings, &end->by->r.id), ERR_CORRUPT,
                    "it ends an actor that its author did not enrol");
    }
}

static void check_signature(struct ledger *l, struct entry *x) {
    const struct record_header *h = &x->r.h;
    const struct member *m = ledger_member(l, &h->actor, h->epoch);
    bool genesis = hash_equal(&x->r.id, &l->root);
    if (!genesis && !hash_equal(&h->deployment, &l->root)) {
        l->signatures_ok = false;
        err_set(against(l, x), ERR_CORRUPT, "it belongs to another deployment");
    } else if (!m) {
        l->signatures_ok = false;
        err_set(against(l, x), ERR_CORRUPT, "nobody here enrolled its author in epoch %u",
                (unsigned)h->epoch);
    } else if (!record_verify(&x->r, &m->sign_key)) {
        l->signatures_ok = false;
        err_set(against(l, x), ERR_CORRUPT, "its signature does not hold");
    } else {
        x->author = m;
        if (h->seq > ledger_last_good(l, m, &h->lane, true))
            err_set(against(l, x), ERR_CORRUPT,
                    "its author was replaced or revoked before it stated this");
        else if (h->seq > ledger_last_good(l, m, &h->lane, false)) {
            x->past_end = true; /* held before its author was revoked, perhaps */
            x->good = false;
        }
    }
}

/* Whom a root key granted after its own end is nobody. */
static void check_grants(struct ledger *l) {
    for (uint32_t i = 0; i < l->n; i++) {
        struct entry *x = &l->list[i];
        if (x->author && ledger_is_root_key(l, &x->author->enroller) &&
            !ledger_stands(l, x->author)) {
            x->past_end = true;
            x->good = false;
        }
    }
}

int ledger_trust(struct ledger *l, struct err *e) {
    int rc = start(l, e);
    if (rc == 0)
        rc = enrol_all(l, e);
    if (rc == 0)
        rc = revoke_all(l, e);
    if (rc == 0)
        rc = ledger_ends_sort(l, e);
    check_ends(l);
    for (uint32_t i = 0; rc == 0 && i < l->n; i++) {
        if (l->world)
            world_progress(l->world, N_("verifying records"), i + 1, l->n);
        check_signature(l, &l->list[i]);
    }
    if (rc == 0)
        check_grants(l);
    return rc == 0 ? ledger_seconds_settle(l, e) : rc;
}
