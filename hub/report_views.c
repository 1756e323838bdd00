#include "hub/report_views.h"

#include "core/mem.h"
#include "hub/revoke.h"
#include "node/outcome.h"
#include "node/slot_facts.h"
#include "node/views.h"
#include "proto/kinds.h"
#include "store/log.h"

#include <string.h>

#define TEXT_BYTES_MAX ((size_t)1 << 32)

struct loading {
    struct actor *a;
    struct txn *t;
    const struct world *w;
    struct arena arena;
    struct buf views; /* struct report_view, one after another */
    struct slot_facts facts;
    struct err *e;
};

void report_views_done(struct report_views *v) {
    arena_done(&v->arena);
    mem_free(v->list);
    *v = (struct report_views){0};
}

static char *keep(struct loading *l, const char *text) {
    size_t n = strlen(text) + 1;
    char *copy = arena_alloc(&l->arena, n);
    if (copy)
        memcpy(copy, text, n);
    return copy;
}

/* The unit of the hub `actor`, whichever its epoch. */
static const struct unit_fact *hub_unit(struct loading *l, const struct hash *actor) {
    struct roster_walk w;
    struct member m;
    bool found = false;
    if (hash_equal(actor, &l->a->id))
        return catalog_unit(&l->a->catalog, &l->a->unit);
    roster_walk_init(&w, l->t);
    while (!found && roster_walk_next(&w, &m))
        found = m.by == BY_HUB && hash_equal(&m.actor, actor);
    roster_walk_done(&w);
    return found ? catalog_unit(&l->a->catalog, &m.unit) : NULL;
}

static int read_reason(struct loading *l, struct report_view *v, const struct receipt_row *row) {
    struct err why = {0};
    char text[ERR_ARGS * ERR_ARG_BYTES];
    int rc = views_rejection(l->t, &v->report, row, &why);
    if (rc != 0 && rc != ERR_REFUSED)
        return err_set(l->e, rc, "the receipt of a report cannot be read: run `check`");
    v->state = STATE_REJECTED;
    v->reason_code = row->code;
    v->reason = keep(l, err_text(&why, l->w->tr, text, sizeof text));
    return 0;
}

static int read_receipts(struct loading *l, struct report_view *v) {
    struct receipt_walk w;
    struct receipt_row row;
    struct buf rows;
    buf_init(&rows);
    views_receipts(&w, l->t, &v->report);
    while (views_receipts_next(&w, &row))
        buf_put(&rows, &row, sizeof row);
    views_receipts_done(&w);
    uint32_t n = (uint32_t)(rows.len / sizeof row);
    v->receipts = arena_alloc(&l->arena, (n + 1) * sizeof *v->receipts);
    int rc = v->receipts && !rows.failed ? 0 : err_nomem(l->e);
    for (uint32_t i = 0; rc == 0 && i < n; i++) {
        memcpy(&row, rows.data + i * sizeof row, sizeof row);
        const struct unit_fact *f = hub_unit(l, &row.issuer);
        v->receipts[v->n_receipts++] = (struct receipt_view){f ? keep(l, f->code) : NULL,
                                                             f ? keep(l, f->level) : NULL,
                                                             row.received_at,
                                                             row.state,
                                                             row.clock_doubt,
                                                             INSTANT_NONE};
        instant at;
        if (mends_apply(&l->facts.mends, &v->report, &row, &at))
            v->receipts[v->n_receipts - 1].mended_at = at;
        if (row.state == RECEIPT_REJECTED)
            rc = read_reason(l, v, &row);
        else if (v->state == STATE_QUEUED)
            v->state = STATE_RECEIVED;
    }
    buf_done(&rows);
    for (uint32_t i = 0; rc == 0 && i < v->n_receipts; i++)
        if (v->state == STATE_REJECTED && v->receipts[i].state == RECEIPT_VALID) {
            v->state = STATE_RECEIVED; /* one hub's valid receipt is enough */
            v->reason = NULL;
            v->reason_code = 0;
        }
    return rc;
}

/* The state of a received report among the revisions of its slot. */
static int place_in_slot(struct loading *l, const struct payload_report *p,
                         const struct catalog_campaign *k, struct report_view *v) {
    struct slot slot = {k->issuer, k->c.id, p->period, p->kind, p->unit};
    struct slot_facts *f = &l->facts;
    struct err why = {0};
    int rc = slot_facts_gather(f, &slot, &why);
    if (rc == ERR_ABSENT)
        return 0; /* a later version does not ask for it any more */
    if (rc != 0) {
        *l->e = why;
        return rc;
    }
    struct verdict verdict = slot_facts_verdict(f, &slot_facts_direct, false, SLOT_FACTS_ALL);
    uint32_t own = slot_facts_place(f, &v->report);
    if (own == VERDICT_NONE)
        return 0;
    if (f->revisions[own].withdrawn)
        v->state = STATE_WITHDRAWN;
    else if (slot_facts_superseded(f, &verdict, own))
        v->state = STATE_SUPERSEDED;
    return 0;
}

/* Its receipts stand; it counts for nothing. */
static void make_void(struct loading *l, const struct hash *author, struct report_view *v) {
    struct err why = {0};
    char text[ERR_ARGS * ERR_ARG_BYTES], reason[REVOKE_WHY_BYTES];
    instant at;
    if (revoke_said(l->t, author, &at, reason))
        err_set(&why, ERR_REFUSED,
                "its machine was revoked (%s), and this stands after its last good record", reason);
    else
        err_set(&why, ERR_REFUSED,
                "its machine was replaced, and this stands after its last good record");
    v->state = STATE_REJECTED;
    v->reason_code = 0;
    v->reason = keep(l, err_text(&why, l->w->tr, text, sizeof text));
}

static int read_view(struct loading *l, const struct record *r, const struct payload_report *p) {
    struct catalog *c = &l->a->catalog;
    struct catalog_campaign *k = catalog_campaign(c, &p->campaign);
    struct report_view v = {
        .report = r->id,
        .unit = keep(l, catalog_code(c, &p->unit)),
        .campaign = k ? keep(l, k->c.id) : NULL,
        .period = keep(l, p->period),
        .kind = p->kind,
        .revision = p->revision,
        .nil = p->nil,
        .state = STATE_QUEUED,
        .sealed_at = r->h.claimed,
        .epoch = r->h.epoch,
        .seq = r->h.seq,
    };
    outcome_tell_campaign(c, k, &v);
    int rc = read_receipts(l, &v);
    if (rc == 0 && !roster_stands(l->t, &r->h))
        make_void(l, &r->h.actor, &v);
    if (rc == 0 && k && v.state == STATE_RECEIVED)
        rc = place_in_slot(l, p, k, &v);
    if (rc == 0 && v.state == STATE_WITHDRAWN)
        rc = acts_why(&l->facts.acts, l->t, &r->id, &l->arena, &v.reason, l->e);
    buf_put(&l->views, &v, sizeof v);
    if (rc == 0 && (l->arena.failed || l->views.failed))
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
    slot_facts_done(&l->facts);
    if (rc != 0) {
        arena_done(&l->arena);
        buf_done(&l->views);
        return rc;
    }
    ret_views->arena = l->arena;
    ret_views->n = (uint32_t)(l->views.len / sizeof *ret_views->list);
    ret_views->list = (void *)l->views.data; /* from mem_realloc, so aligned for anything */
    return 0;
}

int report_views_load(struct actor *a, struct txn *t, const struct world *w,
                      struct report_views *ret_views, struct err *e) {
    struct loading l = {.a = a, .t = t, .w = w, .e = e};
    struct log_walk walk;
    struct hash id;
    struct record r;
    arena_init(&l.arena, TEXT_BYTES_MAX);
    int rc = slot_facts_begin(&l.facts, a, t, e);
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
    struct loading l = {.a = a, .t = t, .w = w, .e = e};
    arena_init(&l.arena, TEXT_BYTES_MAX);
    int rc = slot_facts_begin(&l.facts, a, t, e);
    return end(&l, rc == 0 ? read_record(&l, r) : rc, ret_views);
}
