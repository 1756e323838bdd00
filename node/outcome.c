#include "node/outcome.h"

#include "core/limits.h"
#include "node/stated_sheet.h"
#include "node/telling.h"
#include "node/views.h"
#include "proto/kinds.h"
#include "store/fork.h"
#include "store/log.h"
#include "store/meta.h"

#include <string.h>

#define OUTCOME_ARENA_BYTES ((size_t)64 << 20) /* every report ever, without its values */

void outcomes_done(struct outcomes *o) {
    arena_done(&o->arena);
    slot_facts_done(&o->facts);
    *o = (struct outcomes){0};
}

/* Reading happens in three steps: the reports, their receipts, then what they count for. */
struct loading {
    struct actor *actor;
    struct txn *t;
    const struct world *w;
    struct outcomes o;
};

static struct telling telling_of(struct loading *l) {
    return (struct telling){l->actor, l->t, l->w, &l->o.facts.mends, &l->o.arena};
}

static int list_reports(struct loading *l, struct err *e) {
    const struct own_reports *own = &l->o.facts.own;
    const struct telling telling = telling_of(l);
    const struct catalog *c = &l->actor->catalog;
    struct hash back;
    bool any = meta_hash(l->t, "came.back", &back);
    l->o.list = arena_alloc(&l->o.arena, (own->n + 1) * sizeof *l->o.list);
    if (!l->o.list)
        return err_nomem(e);
    for (uint32_t i = 0; i < own->n; i++) {
        const struct own_report *r = &own->list[i];
        l->o.list[l->o.n++] = (struct outcome){
            .slot = r->slot,
            .campaign = r->campaign,
            .view = {.report = r->report,
                     .unit = telling_keep(&telling, catalog_code(c, &r->slot.unit)),
                     .campaign = r->slot.campaign,
                     .period = r->slot.period,
                     .kind = r->slot.kind,
                     .revision = r->revision,
                     .nil = r->nil,
                     .inherited = r->inherited,
                     .came_back = any && hash_equal(&r->report, &back),
                     .state = STATE_QUEUED,
                     .sealed_at = r->sealed_at},
        };
        telling_campaign(&telling, catalog_campaign(c, &r->campaign), &l->o.list[i].view);
        int rc = acts_withdrawn(&l->o.facts.acts, &r->report, &l->o.list[i].withdrawn, e);
        if (rc != 0)
            return rc;
    }
    return l->o.arena.failed ? err_nomem(e) : 0;
}

/* In how many values what stands in the report `v` differs from its rival's, into `v`: none where
 * one of them cannot be read. */
static int compare_rival(struct loading *l, struct report_view *v, struct err *e) {
    static const struct criteria no_criteria;
    static const struct subjects nobody;
    struct stated_sheet own, other;
    enum receipt_state state;
    struct fork f;
    struct record r;
    char id[HASH_TEXT];
    hash_text(&v->rival, id);
    if (!fork_find(l->t, id, &f))
        return 0;
    int rc = stated_sheet_open(l->actor, l->t, &v->report, &nobody, &no_criteria, &own, &state, e);
    if (rc != 0 || !own.open)
        return rc;
    rc = fork_get(l->t, &f, &r, e);
    if (rc == 0)
        rc = stated_sheet_open_record(l->actor, l->t, &r, &own.report.subjects,
                                      &own.report.campaign->criteria, &other, &state, e);
    if (rc == 0 && other.open)
        v->rival_values = stated_sheet_differ(&other, &own.report.sheet);
    if (rc == 0)
        stated_sheet_done(&other);
    stated_sheet_done(&own);
    return rc;
}

/* The first hub's word that `v`'s rival was received, as far as it came down here. */
static void tell_rival(struct loading *l, const struct own_report *rival, struct report_view *v) {
    struct report_view of = {.report = rival->report, .state = STATE_QUEUED};
    const struct telling telling = telling_of(l);
    struct err why = {0};
    v->rival = rival->report;
    if (telling_receipts(&telling, &of, &why) != 0)
        return;
    for (uint32_t i = 0; i < of.n_receipts; i++) {
        const struct receipt_view *r = &of.receipts[i];
        if (r->state == RECEIPT_REJECTED || (v->rival_by && r->received_at >= v->rival_at))
            continue;
        v->rival_by = r->unit;
        v->rival_at = r->received_at;
    }
}

/* What this machine and another copy of it stated in the same places. */
static int tell_rivals(struct loading *l, struct err *e) {
    struct own_reports evidence;
    int rc = own_reports_evidence(l->actor, l->t, &evidence, e);
    if (rc != 0)
        return rc;
    for (uint32_t i = 0; rc == 0 && evidence.n > 0 && i < l->o.n; i++) {
        const struct own_report *o = &l->o.facts.own.list[i];
        const struct own_report *again = own_reports_restated(&evidence, o);
        const struct own_report *rival = again ? own_reports_rival(&evidence, o) : NULL;
        if (again)
            l->o.list[i].view.restates = again->report;
        if (!rival)
            continue;
        tell_rival(l, rival, &l->o.list[i].view);
        rc = compare_rival(l, &l->o.list[i].view, e);
    }
    own_reports_done(&evidence);
    return rc;
}

/* Whether a hub has received a withdrawal of `report`. */
static bool withdrawal_received(struct loading *l, const struct hash *report) {
    struct act_walk each;
    struct record r;
    bool received = false;
    acts_withdrawals(&each, &l->o.facts.acts, report);
    while (acts_withdrawals_next(&each, &r)) {
        struct receipt_walk w;
        struct receipt_row row;
        views_receipts(&w, l->t, &r.id);
        while (views_receipts_next(&w, &row))
            received |=
                row.state != RECEIPT_REJECTED && views_may_say(&l->actor->catalog, l->t, &row);
        views_receipts_done(&w);
    }
    acts_withdrawals_done(&each);
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
    return acts_why(&l->o.facts.acts, &o->view.report, &l->o.arena, &o->view.reason, e);
}

/* Find the revision that counts in the slot of outcome `i`, the last of the list, and mark those
 * that were received and replaced. */
static int judge_slot(struct loading *l, uint32_t i, struct err *e) {
    struct slot_facts *f = &l->o.facts;
    const struct slot slot = l->o.list[i].slot;
    struct err why = {0};
    int rc = slot_facts_gather(f, &slot, &why);
    if (rc == ERR_ABSENT)
        return 0; /* a later version does not ask for it any more */
    if (rc != 0) {
        *e = why;
        return rc;
    }
    struct verdict v = slot_facts_verdict(f, &slot_facts_direct, false, SLOT_FACTS_ALL);
    for (uint32_t k = 0; k <= i; k++) {
        struct outcome *o = &l->o.list[k];
        uint32_t at = own_reports_same_slot(&o->slot, &slot) ? slot_facts_place(f, &o->view.report)
                                                             : VERDICT_NONE;
        if (at == VERDICT_NONE)
            continue;
        o->effective = at == v.effective;
        if (o->view.state != STATE_RECEIVED)
            continue;
        if (slot_facts_superseded(f, &v, at))
            o->view.state = STATE_SUPERSEDED;
        else if (v.effective != VERDICT_NONE && at > v.effective)
            o->view.in_force = f->revisions[v.effective].id;
        if (o->view.state == STATE_RECEIVED)
            telling_late(&v, &f->revisions[at], &o->view);
    }
    return 0;
}

static bool is_last_of_slot(const struct loading *l, uint32_t i) {
    for (uint32_t k = i + 1; k < l->o.n; k++)
        if (own_reports_same_slot(&l->o.list[i].slot, &l->o.list[k].slot))
            return false;
    return l->o.list[i].slot.campaign != NULL;
}

int outcomes_load(struct actor *a, struct txn *t, const struct world *w,
                  struct outcomes *ret_outcomes, struct err *e) {
    struct loading l = {.actor = a, .t = t, .w = w};
    arena_init(&l.o.arena, OUTCOME_ARENA_BYTES);
    int rc = slot_facts_begin(&l.o.facts, a, t, e);
    if (rc == 0)
        rc = list_reports(&l, e);
    const struct telling telling = telling_of(&l);
    for (uint32_t i = 0; rc == 0 && i < l.o.n; i++) {
        rc = telling_receipts(&telling, &l.o.list[i].view, e);
        if (rc == 0)
            rc = telling_void(&telling, &l.o.list[i].view, e);
        if (rc == 0)
            rc = read_withdrawal(&l, &l.o.list[i], e);
    }
    for (uint32_t i = 0; rc == 0 && i < l.o.n; i++)
        if (is_last_of_slot(&l, i))
            rc = judge_slot(&l, i, e);
    if (rc == 0)
        rc = tell_rivals(&l, e);
    if (rc == 0)
        *ret_outcomes = l.o;
    else
        outcomes_done(&l.o);
    return rc;
}
