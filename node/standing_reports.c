#include "node/standing_reports.h"

#include "core/mem.h"
#include "node/expected.h"

void standing_reports_done(struct standing_reports *r) {
    mem_free(r->list);
    *r = (struct standing_reports){0};
}

static int fill(struct slot_facts *f, const struct standing_choice *c, struct standing_report *out,
                struct err *e) {
    struct slot slot = {c->campaign->issuer, c->campaign->c.id, c->period->id, c->rule->kind,
                        out->unit->id};
    int rc = slot_facts_gather(f, &slot, e);
    if (rc != 0)
        return rc;
    struct verdict v = slot_facts_verdict(f, &slot_facts_direct, false, SLOT_FACTS_ALL);
    out->state = v.state;
    if (v.effective != VERDICT_NONE)
        out->report = f->revisions[v.effective].id;
    return 0;
}

int standing_reports_find(struct slot_facts *f, const struct standing_choice *choice,
                          struct standing_reports *ret_reports, struct err *e) {
    const struct catalog *c = &f->actor->catalog;
    const struct units *units = c->units;
    struct standing_reports r = {.list = mem_zalloc(units_count(units), sizeof *r.list)};
    int rc = r.list ? 0 : err_nomem(e);
    for (size_t i = 0; rc == 0 && i < units_count(units); i++) {
        const struct uid *id = units_id(units, i);
        day on = choice->as_of;
        if (!units_exist(units, id, on) || !units_under(units, id, &f->actor->unit, on) ||
            !units_under(units, id, &choice->under, on))
            continue;
        struct standing_report *out = &r.list[r.n];
        *out = (struct standing_report){
            .unit = units_at(units, id, on),
            .expected = expected_on(c, choice->campaign, choice->rule, id, on) == EXPECTED_YES,
        };
        rc = fill(f, choice, out, e);
        r.n += out->expected || !hash_is_zero(&out->report);
    }
    if (rc == 0)
        *ret_reports = r;
    else
        standing_reports_done(&r);
    return rc;
}
