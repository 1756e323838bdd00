#include "node/standing_reports.h"

#include "core/due.h"
#include "core/mem.h"
#include "node/evidence.h"
#include "node/expected.h"

#define END_OF_TIME INT64_MAX /* every revision held counts */

void standing_reports_done(struct standing_reports *r) {
    mem_free(r->list);
    *r = (struct standing_reports){0};
}

static int fill(struct actor *a, struct txn *t, const struct standing_choice *c,
                const struct acts *acts, struct evidence *ev, struct standing_report *out,
                struct err *e) {
    const struct uid *unit = &out->unit->id;
    struct slot slot = {c->campaign->issuer, c->campaign->c.id, c->period->id, c->rule->kind,
                        *unit};
    const struct unit_fact *at_end = units_at(a->catalog.units, unit, c->period->end);
    instant due, until = acts_until(acts, &slot);
    int rc = evidence_load(t, &slot, c->rule->basis, acts, ev, e);
    if (rc == 0)
        rc = due_instant(c->rule, c->period, at_end ? at_end->level : NULL, NULL, &due, e);
    if (rc != 0)
        return rc;
    struct verdict_facts facts = {
        .due = due,
        .n_extensions = until != INSTANT_NONE,
        .extensions = &until,
        .allow_incomplete = c->rule->allow_incomplete,
        .n_revisions = ev->n,
        .revisions = ev->revisions,
    };
    struct verdict v = verdict_of(&facts, END_OF_TIME);
    out->state = v.state;
    if (v.effective != VERDICT_NONE)
        out->report = ev->revisions[v.effective].id;
    return 0;
}

int standing_reports_find(struct actor *a, struct txn *t, const struct standing_choice *choice,
                          struct standing_reports *ret_reports, struct err *e) {
    const struct units *units = a->catalog.units;
    struct standing_reports r = {0};
    struct evidence ev = {0};
    struct acts acts = {0};
    r.list = mem_zalloc(units_count(units), sizeof *r.list);
    int rc = r.list ? acts_load(a, t, &acts, e) : err_nomem(e);
    for (size_t i = 0; rc == 0 && i < units_count(units); i++) {
        const struct uid *id = units_id(units, i);
        day on = choice->as_of;
        if (!units_exist(units, id, on) || !units_under(units, id, &a->unit, on) ||
            !units_under(units, id, &choice->under, on))
            continue;
        struct standing_report *out = &r.list[r.n];
        *out = (struct standing_report){
            .unit = units_at(units, id, on),
            .expected =
                expected_on(&a->catalog, choice->campaign, choice->rule, id, on) == EXPECTED_YES,
        };
        rc = fill(a, t, choice, &acts, &ev, out, e);
        r.n += out->expected || !hash_is_zero(&out->report);
    }
    evidence_done(&ev);
    acts_done(&acts);
    if (rc == 0)
        *ret_reports = r;
    else
        standing_reports_done(&r);
    return rc;
}
