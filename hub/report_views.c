#include "hub/report_views.h"

#include "core/mem.h"
#include "node/ended.h"
#include "node/slot_facts.h"
#include "node/telling.h"
#include "proto/kinds.h"
#include "store/fork.h"
#include "store/log.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_BYTES_MAX ((size_t)1 << 32)

/* A received report, and where it stands among the views. */
struct placed {
    struct slot slot; /* its texts are the view's */
    uint32_t view;
};

struct loading {
    struct telling telling;
    struct arena arena;
    struct buf views;  /* struct report_view, one after another */
    struct buf placed; /* struct placed, of those that stand in a slot */
    struct slot_facts facts;
    struct err *e;
};

void report_views_done(struct report_views *v) {
    arena_done(&v->arena);
    mem_free(v->list);
    *v = (struct report_views){0};
}

/* The state of a received report among the revisions of its slot, which `verdict` is on. */
static int place_among(struct loading *l, const struct verdict *verdict, struct report_view *v) {
    struct slot_facts *f = &l->facts;
    uint32_t own = slot_facts_place(f, &v->report);
    if (own == VERDICT_NONE)
        return 0;
    if (f->revisions[own].withdrawn)
        v->state = STATE_WITHDRAWN;
    else if (slot_facts_superseded(f, verdict, own))
        v->state = STATE_SUPERSEDED;
    else if (verdict->effective != VERDICT_NONE && own > verdict->effective)
        v->in_force = f->revisions[verdict->effective].id;
    if (v->state == STATE_RECEIVED)
        telling_late(verdict, &f->revisions[own], v);
    return v->state == STATE_WITHDRAWN ? acts_why(&f->acts, &v->report, &l->arena, &v->reason, l->e)
                                       : 0;
}

/* The same of the `n` reports at `list`, all that are shown of one slot. */
static int place_in_slot(struct loading *l, const struct placed *list, uint32_t n) {
    struct report_view *views = buf_items(&l->views);
    struct err why = {0};
    int rc = slot_facts_gather(&l->facts, &list->slot, &why);
    if (rc == ERR_ABSENT)
        return 0; /* a later version does not ask for it any more */
    if (rc != 0) {
        *l->e = why;
        return rc;
    }
    struct verdict verdict =
        slot_facts_verdict(&l->facts, &slot_facts_direct, false, SLOT_FACTS_ALL);
    for (uint32_t i = 0; rc == 0 && i < n; i++)
        rc = place_among(l, &verdict, &views[list[i].view]);
    return rc;
}

static int by_slot(const void *pa, const void *pb) {
    const struct slot *a = &((const struct placed *)pa)->slot;
    const struct slot *b = &((const struct placed *)pb)->slot;
    int c = uid_cmp(&a->unit, &b->unit);
    c = c ? c : uid_cmp(&a->issuer, &b->issuer);
    c = c ? c : strcmp(a->campaign, b->campaign);
    c = c ? c : strcmp(a->period, b->period);
    return c ? c : (int)a->kind - (int)b->kind;
}

/* Each slot is gathered once, however many of its revisions are shown. */
static int place_all(struct loading *l) {
    struct placed *list = buf_items(&l->placed);
    uint32_t n = (uint32_t)(l->placed.len / sizeof *list);
    int rc = 0;
    if (n > 1)
        qsort(list, n, sizeof *list, by_slot);
    for (uint32_t i = 0, end; rc == 0 && i < n; i = end) {
        for (end = i + 1; end < n && by_slot(&list[i], &list[end]) == 0;)
            end++;
        rc = place_in_slot(l, list + i, end - i);
    }
    return rc == 0 && l->arena.failed ? err_nomem(l->e) : rc;
}

static bool same_asked(const struct loading *l, const struct payload_report *p,
                       const struct payload_report *q) {
    struct catalog *c = &l->telling.actor->catalog;
    const struct catalog_campaign *k = catalog_campaign(c, &p->campaign);
    const struct catalog_campaign *m = catalog_campaign(c, &q->campaign);
    return k && m && uid_equal(&k->issuer, &m->issuer) && strcmp(k->c.id, m->c.id) == 0 &&
           p->kind == q->kind && p->revision == q->revision && p->nil == q->nil &&
           uid_equal(&p->unit, &q->unit) && strcmp(p->period, q->period) == 0;
}

/* Say in `v` if `f`, evidence, is what its machine says again by `r`, which means `p`. */
static int look_at_fork(struct loading *l, const struct record *r, const struct payload_report *p,
                        const struct fork *f, struct report_view *v) {
    struct record other;
    struct arena a;
    struct payload_report q;
    struct err why = {0};
    if (f->epoch >= r->h.epoch || !uid_equal(&f->lane, &r->h.lane))
        return 0;
    int rc = fork_get(l->telling.t, f, &other, l->e);
    if (rc != 0 || other.h.kind != KIND_REPORT)
        return rc;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    rc = payload_report_decode(other.payload, &a, &q, &why);
    if (rc == 0 && same_asked(l, p, &q))
        v->restates = f->id;
    arena_done(&a);
    return rc == ERR_NOMEM ? err_nomem(l->e) : 0; /* what does not decode says nothing again */
}

/* Say in `v` what `r`, which means `p`, says again of what is evidence here. */
static int find_restated(struct loading *l, const struct record *r, const struct payload_report *p,
                         struct report_view *v) {
    struct fork_walk w;
    struct fork f;
    int rc = 0;
    if (r->h.epoch < 2)
        return 0;
    fork_walk_of(&w, l->telling.t, &r->h.actor);
    while (rc == 0 && fork_walk_next(&w, &f))
        rc = look_at_fork(l, r, p, &f, v);
    fork_walk_done(&w);
    return rc;
}

/* Its receipts stand; it counts for nothing. */
static void make_void(struct loading *l, const struct hash *author, struct report_view *v) {
    struct err why = {0};
    char text[ERR_ARGS * ERR_ARG_BYTES], reason[ENDED_WHY_BYTES];
    instant at;
    if (ended_said(l->telling.t, author, &at, reason))
        err_set(&why, ERR_REFUSED,
                "its machine was revoked (%s), and this stands after its last good record", reason);
    else
        err_set(&why, ERR_REFUSED,
                "its machine was replaced, and this stands after its last good record");
    v->state = STATE_REJECTED;
    v->reason_code = 0;
    v->reason = telling_keep(&l->telling, err_text(&why, l->telling.w->tr, text, sizeof text));
}

/* The slot of `v`, the next view, is of `unit` in a campaign of `issuer`. */
static void note_slot(struct loading *l, const struct uid *unit, const struct uid *issuer,
                      const struct report_view *v) {
    const struct placed x = {
        .slot = {*issuer, v->campaign, v->period, v->kind, *unit},
        .view = (uint32_t)(l->views.len / sizeof *v),
    };
    buf_put(&l->placed, &x, sizeof x);
}

/* Whether `p` names a list of subjects that has no place here, as another record of its machine has
 * that; an unread report names none. */
static bool names_displaced(struct loading *l, const struct payload_report *p) {
    return !hash_is_zero(&p->subjects) && !log_has(l->telling.t, &p->subjects);
}

/* It counts for nothing, too; its machine states it again with a list that has a place. */
static void make_listless(struct loading *l, struct report_view *v) {
    v->state = STATE_REJECTED;
    v->reason_code = 0;
    v->reason = world_tr(l->telling.w, N_("it names a list of subjects that lost its place to "
                                          "another record of its machine: it counts for nothing"));
}

static int read_view(struct loading *l, const struct record *r, const struct payload_report *p) {
    struct catalog *c = &l->telling.actor->catalog;
    struct catalog_campaign *k = catalog_campaign(c, &p->campaign);
    struct report_view v = {
        .report = r->id,
        .unit = telling_keep(&l->telling, catalog_code(c, &p->unit)),
        .campaign = k ? telling_keep(&l->telling, k->c.id) : NULL,
        .period = telling_keep(&l->telling, p->period),
        .kind = p->kind,
        .revision = p->revision,
        .nil = p->nil,
        .state = STATE_QUEUED,
        .sealed_at = r->h.claimed,
        .epoch = r->h.epoch,
        .seq = r->h.seq,
    };
    telling_campaign(&l->telling, k, &v);
    int rc = telling_receipts(&l->telling, &v, l->e);
    if (rc == 0 && !roster_stands(l->telling.t, &r->h))
        make_void(l, &r->h.actor, &v);
    if (rc == 0)
        rc = telling_void(&l->telling, &v, l->e);
    if (rc == 0 && k)
        rc = find_restated(l, r, p, &v);
    if (v.state == STATE_RECEIVED && names_displaced(l, p))
        make_listless(l, &v);
    if (k && v.state == STATE_RECEIVED)
        note_slot(l, &p->unit, &k->issuer, &v);
    buf_put(&l->views, &v, sizeof v);
    if (rc == 0 && (l->arena.failed || l->views.failed || l->placed.failed))
        return err_nomem(l->e);
    return rc;
}

/* What does not decode was rejected as malformed and has nothing to show but that. */
static int read_record(struct loading *l, const struct record *r) {
    struct arena a;
    struct payload_report p;
    char none[] = "";
    struct err why = {0};
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    int rc = payload_report_decode(r->payload, &a, &p, &why);
    if (rc != 0)
        p = (struct payload_report){.period = none, .unit = r->h.lane};
    rc = rc == ERR_NOMEM ? err_nomem(l->e) : read_view(l, r, &p);
    arena_done(&a);
    return rc;
}

static int end(struct loading *l, int rc, struct report_views *ret_views) {
    if (rc == 0)
        rc = place_all(l);
    slot_facts_done(&l->facts);
    buf_done(&l->placed);
    if (rc != 0) {
        arena_done(&l->arena);
        buf_done(&l->views);
        return rc;
    }
    ret_views->arena = l->arena;
    ret_views->n = (uint32_t)(l->views.len / sizeof *ret_views->list);
    ret_views->list = buf_items(&l->views);
    return 0;
}

/* Begin `l`, which stays where it is. */
static int begin(struct loading *l, struct actor *a, struct txn *t, const struct world *w,
                 struct err *e) {
    *l = (struct loading){.e = e};
    l->telling = (struct telling){a, t, w, &l->facts.mends, &l->arena};
    arena_init(&l->arena, TEXT_BYTES_MAX);
    return slot_facts_begin(&l->facts, a, t, e);
}

int report_views_load(struct actor *a, struct txn *t, const struct world *w,
                      struct report_views *ret_views, struct err *e) {
    struct loading l;
    struct log_walk walk;
    struct hash id;
    struct record r;
    int rc = begin(&l, a, t, w, e);
    log_walk_init(&walk, t, KIND_REPORT, 0);
    while (rc == 0 && log_walk_next(&walk, NULL, &id)) {
        rc = log_get(t, &id, &r, e);
        if (rc == 0)
            rc = read_record(&l, &r);
    }
    log_walk_done(&walk);
    return end(&l, rc, ret_views);
}

int report_views_one(struct actor *a, struct txn *t, const struct world *w, const struct record *r,
                     struct report_views *ret_views, struct err *e) {
    struct loading l;
    int rc = begin(&l, a, t, w, e);
    return end(&l, rc == 0 ? read_record(&l, r) : rc, ret_views);
}
