#include "core/mem.h"
#include "core/search.h"
#include "node/enrol_right.h"
#include "node/roster.h"
#include "node/shown.h"
#include "proto/kinds.h"
#include "store/log.h"
#include "store/meta.h"

#include <stdlib.h>

/* A record that says something of machines, by its number. */
struct said {
    uint64_t number;
    struct hash id;
    bool done;
};

struct rebuild {
    struct txn *t;
    struct hash recovery;
    struct member *before; /* who was a member, in the order of actor and epoch */
    uint32_t n_before;
    struct said *list;
    uint32_t n;
};

static const uint16_t kinds[] = {KIND_GENESIS, KIND_GRANT, KIND_ENROL, KIND_REVOKE};

static int load_members(struct rebuild *b, struct buf *out, struct err *e) {
    struct roster_walk w;
    struct member m;
    roster_walk_init(&w, b->t);
    while (roster_walk_next(&w, &m))
        buf_put(out, &m, sizeof m);
    roster_walk_done(&w);
    b->before = (void *)out->data; /* from mem_realloc, so aligned for anything */
    b->n_before = (uint32_t)(out->len / sizeof m);
    return out->failed ? err_nomem(e) : txn_failed(b->t, e);
}

static int by_number(const void *pa, const void *pb) {
    const struct said *a = pa, *b = pb;
    return (a->number > b->number) - (a->number < b->number);
}

static int load_said(struct rebuild *b, struct buf *out, struct err *e) {
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct said said = {.done = false};
        struct log_walk w;
        log_walk_init(&w, b->t, kinds[i], 0);
        while (log_walk_next(&w, &said.number, &said.id))
            buf_put(out, &said, sizeof said);
        log_walk_done(&w);
    }
    if (out->failed)
        return err_nomem(e);
    b->list = (void *)out->data;
    b->n = (uint32_t)(out->len / sizeof *b->list);
    if (b->n > 1)
        qsort(b->list, b->n, sizeof *b->list, by_number);
    return txn_failed(b->t, e);
}

static int by_epoch(const void *pa, const void *pb) {
    const struct member *a = pa, *b = pb;
    int order = hash_cmp(&a->actor, &b->actor);
    return order != 0 ? order : (a->epoch > b->epoch) - (a->epoch < b->epoch);
}

/* `actor` in `epoch` as it was a member before; NULL: it was not. */
static const struct member *was(const struct rebuild *b, const struct hash *actor, uint32_t epoch) {
    const struct member key = {.actor = *actor, .epoch = epoch};
    uint32_t at = search_first(&key, b->before, b->n_before, sizeof key, by_epoch);
    return at < b->n_before && by_epoch(&key, &b->before[at]) == 0 ? &b->before[at] : NULL;
}

/* Whether `m` is what it was: what was signed with its key is its own. */
static bool is_same(const struct rebuild *b, const struct member *m) {
    const struct member *old = was(b, &m->actor, m->epoch);
    return old && crypto_equal(old->sign_key.b, m->sign_key.b, PUBLIC_KEY_BYTES);
}

/* Whether the root key grants with `g` of `r` what the recovery key granted. */
static bool is_void(const struct rebuild *b, const struct record *r,
                    const struct payload_grant *g) {
    bool spoken = false;
    for (uint32_t epoch = 2; !spoken && epoch <= g->epoch; epoch++) {
        const struct member *m = was(b, &g->actor, epoch);
        spoken = m && hash_equal(&m->enroller, &b->recovery);
    }
    return spoken && !hash_equal(&r->h.actor, &b->recovery);
}

/* Whether the author of `r` is a member by now and `r` its own word; into `ret_known` whether it
 * is a member at all. */
static bool is_authors(const struct rebuild *b, const struct record *r, bool *ret_known) {
    struct member m;
    struct hash id;
    *ret_known = roster_find(b->t, &r->h.actor, r->h.epoch, &m);
    return *ret_known && is_same(b, &m) &&
           log_at(b->t, &r->h.actor, r->h.epoch, &r->h.lane, r->h.seq, &id) &&
           hash_equal(&id, &r->id);
}

/* Whether another record than `r` made the member that `g` names, and it still does: an enrolment
 * may have counted later than its place in the log. What a hub says again of a machine is the same
 * word: what that ends is. */
static bool by_another(const struct rebuild *b, const struct record *r,
                       const struct payload_grant *g) {
    const struct member *m = was(b, &g->actor, g->epoch);
    struct record other;
    bool known;
    if (!m || (r->h.kind == KIND_ENROL && hash_equal(&m->enroller, &r->h.actor) &&
               crypto_equal(m->sign_key.b, g->sign_key.b, PUBLIC_KEY_BYTES)))
        return false;
    return !hash_equal(&m->record, &r->id) && log_get(b->t, &m->record, &other, NULL) == 0 &&
           is_authors(b, &other, &known);
}

/* Whether `r`, an enrolment or a grant, says nothing: where it was not decided before. */
static int says_nothing(const struct rebuild *b, const struct record *r, bool *ret_nothing,
                        struct err *e) {
    struct arena a;
    struct payload_grant grant = {.epoch = 0};
    struct payload_enrol enrol;
    int rc = 0;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    if (r->h.kind == KIND_GRANT) {
        rc = payload_grant_decode(r->payload, &a, &grant, NULL);
        *ret_nothing = rc == 0 && (is_void(b, r, &grant) || by_another(b, r, &grant));
    } else if (r->h.kind == KIND_ENROL) {
        rc = payload_enrol_decode(r->payload, &a, &enrol, NULL);
        *ret_nothing = rc == 0 && (enrol_right_waits(b->t, r) || by_another(b, r, &enrol.grant));
    }
    arena_done(&a);
    return rc == ERR_NOMEM ? err_nomem(e) : 0;
}

/* Let `s` be said once more, if it may; into `ret_more` whether it was. */
static int say_again(const struct rebuild *b, struct said *s, bool *ret_more, struct err *e) {
    struct record r;
    struct err why = {0};
    struct buf copy; /* what is written moves what was read */
    bool known = true, nothing = false;
    int rc = log_get(b->t, &s->id, &r, e);
    if (rc != 0)
        return rc;
    bool own = r.h.kind == KIND_GENESIS || is_authors(b, &r, &known);
    s->done = known; /* else whoever enrols its author may stand behind it */
    if (!own || says_nothing(b, &r, &nothing, e) != 0 || nothing)
        return own && !nothing ? ERR_NOMEM : 0;
    buf_init(&copy);
    buf_put(&copy, r.bytes.data, r.bytes.len);
    rc = copy.failed ? err_nomem(e) : record_parse(buf_slice(&copy), &r, e);
    if (rc == 0 && roster_check(b->t, &r, &why) == 0) {
        rc = roster_apply(b->t, &r, e);
        *ret_more = true;
    } else if (why.code == ERR_NOMEM) {
        rc = err_nomem(e);
    }
    buf_done(&copy);
    return rc;
}

/* Take out of their lanes what was stated by whom nobody enrolled, now. */
static int displace(const struct rebuild *b, struct err *e) {
    int rc = 0;
    for (uint32_t i = b->n_before; rc == 0 && i > 0; i--) { /* later epochs first */
        const struct member *old = &b->before[i - 1];
        struct member m;
        if (!roster_find(b->t, &old->actor, old->epoch, &m) || !is_same(b, &m))
            rc = log_displace(b->t, &old->actor, old->epoch, e);
    }
    return rc;
}

/* Enter again who was shown by `r`, where the hub that enrolled it is who it was: what enrols it is
 * not in the log yet. */
static int show_again(void *arg, const struct record *r, struct err *e) {
    const struct rebuild *b = arg;
    struct member m;
    struct err why = {0};
    if (roster_find(b->t, &r->h.actor, r->h.epoch, &m) && is_same(b, &m) &&
        roster_show(b->t, r, &why) == ERR_NOMEM)
        return err_nomem(e);
    return 0;
}

static int rebuild(struct rebuild *b, struct err *e) {
    bool more = true;
    int rc = 0;
    txn_clear(b->t, TABLE_ACTORS);
    txn_clear(b->t, TABLE_TRANSPORTS);
    while (rc == 0 && more) {
        more = false;
        for (uint32_t i = 0; rc == 0 && i < b->n; i++)
            if (!b->list[i].done)
                rc = say_again(b, &b->list[i], &more, e);
    }
    if (rc == 0)
        rc = shown_each(b->t, show_again, b, e);
    return rc == 0 ? displace(b, e) : rc;
}

/* As members were, with what the recovery key says: the granted epoch is its own, those behind it
 * are nobody's. */
static void grant_instead(struct rebuild *b, const struct payload_grant *g) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < b->n_before; i++) {
        struct member m = b->before[i];
        bool same = hash_equal(&m.actor, &g->actor);
        if (same && m.epoch == g->epoch)
            m = (struct member){.actor = g->actor,
                                .epoch = g->epoch,
                                .sign_key = g->sign_key,
                                .enroller = b->recovery};
        if (!same || m.epoch <= g->epoch)
            b->before[n++] = m;
    }
    b->n_before = n;
}

int roster_rebuild(struct txn *t, const struct hash *recovery, const struct payload_grant *g,
                   struct err *e) {
    struct rebuild b = {.t = t, .recovery = *recovery};
    struct buf members, said;
    buf_init(&members);
    buf_init(&said);
    int rc = load_members(&b, &members, e);
    for (uint32_t epoch = roster_epoch(t, &g->actor); rc == 0 && epoch >= g->epoch; epoch--)
        rc = log_displace(t, &g->actor, epoch, e);
    if (rc == 0)
        rc = load_said(&b, &said, e);
    if (rc == 0) {
        grant_instead(&b, g);
        rc = rebuild(&b, e);
    }
    buf_done(&said);
    buf_done(&members);
    meta_put_u64(t, "roster.endings", roster_endings(t) + 1);
    meta_put_u64(t, "roster.overruled", meta_u64(t, "roster.overruled") + 1);
    return rc == 0 ? txn_failed(t, e) : rc;
}

int roster_each(struct txn *t, int (*each)(void *arg, const struct hash *actor, struct err *e),
                void *arg, struct err *e) {
    struct roster_walk w;
    struct member m;
    int rc = 0;
    roster_walk_init(&w, t);
    while (rc == 0 && roster_walk_next(&w, &m))
        rc = each(arg, &m.actor, e);
    roster_walk_done(&w);
    return rc;
}
