#include "hub/reading.h"

#include "store/log.h"

day reading_day(const struct period *period) {
    return period->cutoff != DAY_NONE ? period->cutoff : period->end;
}

const struct unit_fact *reading_unit(const struct catalog *c, const struct uid *unit, day on) {
    const struct unit_fact *f = units_at(c->units, unit, on);
    return f ? f : catalog_unit(c, unit);
}

static int absent(const struct record *r, const char *what, struct err *e) {
    char id[9];
    hex_encode(r->id.b, 4, id);
    return err_set(e, ERR_ABSENT, "report %s cannot be read: its %s is not held here", id, what);
}

static int find_campaign(struct catalog *c, const struct record *r, struct opened_report *o,
                         struct err *e) {
    o->campaign = catalog_campaign(c, &o->report.campaign);
    if (!o->campaign)
        return absent(r, "campaign", e);
    const struct period *period = campaign_period(&o->campaign->c, o->report.period);
    if (!period)
        return absent(r, "period", e);
    o->unit = reading_unit(c, &o->report.unit, reading_day(period));
    if (!o->unit)
        return absent(r, "unit", e);
    return catalog_criteria(c, o->campaign, NULL, e);
}

static int find_profile(struct catalog *c, const struct record *r, struct opened_report *o,
                        struct err *e) {
    const struct catalog_profile *p = catalog_profile(c, &o->report.profile);
    if (hash_is_zero(&o->report.profile))
        o->profile = &profile_met;
    else if (p)
        o->profile = &p->p;
    return o->profile ? 0 : absent(r, "profile", e);
}

static int find_subjects(struct txn *t, const struct record *r, struct opened_report *o,
                         struct err *e) {
    struct record list;
    int rc = log_get(t, &o->report.subjects, &list, e);
    if (rc != 0)
        return rc;
    if (list.h.kind != KIND_SUBJECTS)
        return absent(r, "subjects", e);
    return payload_subjects_decode(list.payload, &o->arena, &o->subjects, e);
}

int reading_open(struct catalog *c, struct txn *t, const struct record *r,
                 struct opened_report *ret_opened, struct err *e) {
    struct opened_report o = {0};
    arena_init(&o.arena, PAYLOAD_ARENA_BYTES);
    int rc = payload_report_decode(r->payload, &o.arena, &o.report, e);
    if (rc == 0)
        rc = find_campaign(c, r, &o, e);
    if (rc == 0)
        rc = find_profile(c, r, &o, e);
    if (rc == 0)
        rc = find_subjects(t, r, &o, e);
    if (rc == 0)
        rc = report_to_sheet(&o.report, &o.campaign->criteria, &o.subjects, &o.sheet, e);
    if (rc == 0)
        *ret_opened = o;
    else
        opened_report_done(&o);
    return rc;
}
