#include "node/outcome.h"

#include "core/limits.h"
#include "core/verdict.h"
#include "node/acts.h"
#include "node/expected.h"
#include "node/views.h"
#include "proto/kinds.h"
#include "store/log.h"

#include <string.h>

#define OUTCOME_ARENA_BYTES ((size_t)64 << 20) /* every report ever, without its values */
#define RECEIPTS_MAX LIMIT_UNIT_DEPTH          /* hubs above one author */

void outcomes_done(struct outcomes *o) {
    arena_done(&o->arena);
    *o = (struct outcomes){0};
}

static const char *keep(struct arena *a, const char *s) {
    char *copy = arena_alloc(a, strlen(s) + 1);
    if (copy)
        memcpy(copy, s, strlen(s) + 1);
    return copy;
}

/* Reading happens in three steps: the reports, their receipts, then who replaces whom. */
struct loading {
    struct actor *actor;
    struct txn *t;
    const struct world *w;
    struct acts acts;
    struct outcomes o;
    uint32_t room;
};

/* One more place in the list, which doubles inside the arena. */
static struct outcome *one_more(struct loading *l, struct err *e) {
    if (l->o.n == l->room) {
        uint32_t room = l->room ? l->room * 2 : 16;
        struct outcome *list = arena_alloc(&l->o.arena, room * sizeof *list);
        if (!list) {
            (void)err_nomem(e);
            return NULL;
        }
        if (l->o.n > 0)
            memcpy(list, l->o.list, l->o.n * sizeof *list);
        l->o.list = list;
        l->room = room;
    }
    return &l->o.list[l->o.n++];
}

static int read_report(struct loading *l, const struct record *r, struct err *e) {
    struct arena a;
    struct payload_report p;
    struct outcome *o = one_more(l, e);
    if (!o)
        return ERR_NOMEM;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    int rc = payload_report_decode(r->payload, &a, &p, e);
    if (rc == 0) {
        const struct catalog *c = &l->actor->catalog;
        const struct catalog_campaign *k = catalog_campaign(c, &p.campaign);
        *o = (struct outcome){.unit = p.unit,
                              .epoch = r->h.epoch,
                              .seq = r->h.seq,
                              .campaign = p.campaign,
                              .first = INSTANT_NONE,
                              .withdrawn = acts_withdrawn(&l->acts, &r->id)};
        o->issuer = k ? k->issuer : o->issuer;
        o->view = (struct report_view){
            .report = r->id,
            .unit = keep(&l->o.arena, catalog_code(c, &p.unit)),
            .campaign = k ? keep(&l->o.arena, k->c.id) : NULL,
            .period = keep(&l->o.arena, p.period),
            .kind = p.kind,
            .revision = p.revision,
            .nil = p.nil,
            .state = STATE_QUEUED,
            .sealed_at = r->h.claimed,
        };
    }
    arena_done(&a);
    return rc == 0 && l->o.arena.failed ? err_nomem(e) : rc;
}

static int read_reports(struct loading *l, struct err *e) {
    struct log_walk w;
    struct hash id;
    struct record r;
    int rc = 0;
    log_walk_init(&w, l->t, KIND_REPORT, 0);
    while (rc == 0 && log_walk_next(&w, NULL, &id)) {
        rc = log_get(l->t, &id, &r, e);
        if (rc == 0 && hash_equal(&r.h.actor, &l->actor->id))
            rc = read_report(l, &r, e);
    }
    log_walk_done(&w);
    return rc == 0 ? txn_failed(l->t, e) : rc;
}

/* The unit of the hub `actor`, whichever its epoch. */
static const struct unit_fact *hub_unit(struct loading *l, const struct hash *actor) {
    struct member m;
    for (uint32_t epoch = 1; roster_find(l->t, actor, epoch, &m); epoch++)
        if (m.by == BY_HUB)
            return catalog_unit(&l->actor->catalog, &m.unit);
    return NULL;
}

static int read_reason(struct loading *l, struct outcome *o, const struct receipt_row *row,
                       struct err *e) {
    struct err why = {0};
    char text[ERR_ARGS * ERR_ARG_BYTES];
    int rc = views_rejection(l->t, &o->view.report, row, &why);
    if (rc != 0 && rc != ERR_REFUSED)
        return err_set(e, rc, "the receipt of a report cannot be read: run `check`");
    o->view.state = STATE_REJECTED;
    o->view.reason_code = row->code;
    o->view.reason = keep(&l->o.arena, err_text(&why, l->w->tr, text, sizeof text));
    return 0;
}

/* Each hub's word on `o`, and the earliest that counts. */
static int read_receipts(struct loading *l, struct outcome *o, const struct report_rule *rule,
                         struct err *e) {
    struct verdict_receipt valid[RECEIPTS_MAX];
    struct receipt_walk w;
    struct receipt_row row;
    uint32_t n_valid = 0;
    int rc = 0;
    struct receipt_view *list = arena_alloc(&l->o.arena, RECEIPTS_MAX * sizeof *list);
    if (!list)
        return err_nomem(e);
    o->view.receipts = list;
    views_receipts(&w, l->t, &o->view.report);
    while (rc == 0 && o->view.n_receipts < RECEIPTS_MAX && views_receipts_next(&w, &row)) {
        const struct unit_fact *f = hub_unit(l, &row.issuer);
        list[o->view.n_receipts++] = (struct receipt_view){f ? keep(&l->o.arena, f->code) : NULL,
                                                           f ? keep(&l->o.arena, f->level) : NULL,
                                                           row.received_at, row.state};
        if (row.state == RECEIPT_REJECTED)
            rc = read_reason(l, o, &row, e);
        else if (o->view.state == STATE_QUEUED)
            o->view.state = STATE_RECEIVED;
        if (row.state == RECEIPT_VALID)
            valid[n_valid++] =
                (struct verdict_receipt){row.received_at, f && uid_is_zero(&f->parent)};
    }
    views_receipts_done(&w);
    if (o->view.state == STATE_REJECTED && n_valid > 0) { /* one hub's valid receipt is enough */
        o->view.state = STATE_RECEIVED;
        o->view.reason = NULL;
        o->view.reason_code = 0;
    }
    if (rc == 0 && l->o.arena.failed)
        rc = err_nomem(e);
    o->first = verdict_first(rule ? rule->basis : BASIS_FIRST_HUB, valid, n_valid);
    return rc == 0 ? txn_failed(l->t, e) : rc;
}

/* Whether a hub has received a withdrawal of `report`. */
static bool withdrawal_received(struct loading *l, const struct hash *report) {
    uint32_t n;
    const struct act_withdrawal *list = acts_withdrawals(&l->acts, report, &n);
    bool received = false;
    for (uint32_t i = 0; i < n; i++) {
        struct receipt_walk w;
        struct receipt_row row;
        views_receipts(&w, l->t, &list[i].record);
        while (views_receipts_next(&w, &row))
            received |= row.state != RECEIPT_REJECTED;
        views_receipts_done(&w);
    }
    return received;
}

/* What taking `o` back came to: as with reports, only a receipt changes its state. */
static int read_withdrawal(struct loading *l, struct outcome *o, struct err *e) {
    if (!o->withdrawn || o->view.state == STATE_REJECTED)
        return 0;
    if (!withdrawal_received(l, &o->view.report)) {
        o->view.reason = world_tr(l->w, N_("its withdrawal waits here for the hub"));
        return 0;
    }
    o->view.state = STATE_WITHDRAWN;
    return acts_why(&l->acts, l->t, &o->view.report, &l->o.arena, &o->view.reason, e);
}

bool outcome_same_slot(const struct outcome *x, const struct outcome *y) {
    return uid_equal(&x->unit, &y->unit) && uid_equal(&x->issuer, &y->issuer) &&
           x->view.kind == y->view.kind && x->view.campaign && y->view.campaign &&
           strcmp(x->view.campaign, y->view.campaign) == 0 &&
           strcmp(x->view.period, y->view.period) == 0;
}

static const struct catalog_campaign *latest(const struct loading *l, const struct outcome *o) {
    return o->view.campaign ? catalog_latest(&l->actor->catalog, &o->issuer, o->view.campaign)
                            : NULL;
}

/* Until when the slot of `o` was extended; INSTANT_NONE: it was not. */
static instant until_of(const struct loading *l, const struct outcome *o) {
    const struct slot slot = {o->issuer, o->view.campaign, o->view.period, o->view.kind, o->unit};
    return acts_until(&l->acts, &slot);
}

/* When the slot of `o` is due; INSTANT_NONE where no date is asked. */
static instant due_of(const struct loading *l, const struct outcome *o) {
    const struct catalog_campaign *k = latest(l, o);
    const struct report_rule *rule = k ? campaign_report(&k->c, o->view.kind) : NULL;
    const struct period *period = k ? campaign_period(&k->c, o->view.period) : NULL;
    instant due = INSTANT_NONE;
    if (rule && period)
        (void)expected_of(&l->actor->catalog, k, rule, period, &o->unit, instant_day(o->first),
                          &due);
    return due;
}

/*
 * Among the revisions of the slot of outcome `i`, the last of the list, find the one that counts,
 * and mark those before it that were received as superseded.
 */
static int judge_slot(struct loading *l, uint32_t i, struct err *e) {
    struct outcome *last = &l->o.list[i];
    struct verdict_revision *r = arena_alloc(&l->o.arena, (i + 1) * sizeof *r);
    uint32_t *which = arena_alloc(&l->o.arena, (i + 1) * sizeof *which), n = 0;
    if (!r || !which)
        return err_nomem(e);
    for (uint32_t k = 0; k <= i; k++) {
        const struct outcome *o = &l->o.list[k];
        if (!outcome_same_slot(o, last))
            continue;
        which[n] = k;
        r[n++] = (struct verdict_revision){.id = o->view.report,
                                           .order = {0, o->epoch, o->seq},
                                           .first = o->first,
                                           .valid = o->first != INSTANT_NONE,
                                           .complete = true,
                                           .withdrawn = o->withdrawn};
    }
    instant until = until_of(l, last);
    struct verdict_facts facts = {.due = due_of(l, last),
                                  .n_extensions = until != INSTANT_NONE,
                                  .extensions = &until,
                                  .direct = true,
                                  .drained = INSTANT_NONE,
                                  .n_revisions = n,
                                  .revisions = r};
    struct verdict v = verdict_of(&facts, INSTANT_MAX);
    uint32_t passed = 0; /* how many of the first ones a later revision took the place of */
    if (v.effective != VERDICT_NONE)
        l->o.list[which[passed = v.effective]].effective = true;
    for (uint32_t k = 0; k < n; k++)
        if (r[k].withdrawn && r[k].valid && k > passed)
            passed = k;
    for (uint32_t k = 0; k < passed; k++)
        if (l->o.list[which[k]].view.state == STATE_RECEIVED)
            l->o.list[which[k]].view.state = STATE_SUPERSEDED;
    return 0;
}

static bool is_last_of_slot(const struct loading *l, uint32_t i) {
    for (uint32_t k = i + 1; k < l->o.n; k++)
        if (outcome_same_slot(&l->o.list[i], &l->o.list[k]))
            return false;
    return l->o.list[i].view.campaign != NULL;
}

int outcomes_load(struct actor *a, struct txn *t, const struct world *w,
                  struct outcomes *ret_outcomes, struct err *e) {
    struct loading l = {.actor = a, .t = t, .w = w};
    arena_init(&l.o.arena, OUTCOME_ARENA_BYTES);
    int rc = acts_load(a, t, &l.acts, e);
    if (rc == 0)
        rc = read_reports(&l, e);
    for (uint32_t i = 0; rc == 0 && i < l.o.n; i++) {
        struct outcome *o = &l.o.list[i];
        const struct catalog_campaign *k = latest(&l, o);
        rc = read_receipts(&l, o, k ? campaign_report(&k->c, o->view.kind) : NULL, e);
        if (rc == 0)
            rc = read_withdrawal(&l, o, e);
    }
    for (uint32_t i = 0; rc == 0 && i < l.o.n; i++)
        if (is_last_of_slot(&l, i))
            rc = judge_slot(&l, i, e);
    acts_done(&l.acts);
    if (rc == 0)
        *ret_outcomes = l.o;
    else
        outcomes_done(&l.o);
    return rc;
}
