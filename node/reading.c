#include "node/reading.h"

#include "store/log.h"

day reading_day(const struct period *period) {
    return period->cutoff != DAY_NONE ? period->cutoff : period->end;
}

/* The fact about `unit` that holds on `on`; where there is none yet, the latest; NULL: unknown. */
static const struct unit_fact *find_unit(const struct catalog *c, const struct uid *unit, day on) {
    const struct unit_fact *f = units_at(c->units, unit, on);
    return f ? f : catalog_unit(c, unit);
}

/* The first digits of a report's id, by which messages name it. */
struct short_id {
    char text[9];
};

static struct short_id name_of(const struct record *r) {
    struct short_id id;
    hex_encode(r->id.b, 4, id.text);
    return id;
}

static int find_campaign(struct catalog *c, const struct record *r, struct opened_report *o,
                         struct err *e) {
    o->campaign = catalog_campaign(c, &o->report.campaign);
    if (!o->campaign)
        return err_set(e, ERR_ABSENT, "report %s cannot be read: its campaign is not held here",
                       name_of(r).text);
    const struct period *period = campaign_period(&o->campaign->c, o->report.period);
    if (!period)
        return err_set(e, ERR_ABSENT, "report %s cannot be read: its campaign has no such period",
                       name_of(r).text);
    o->unit = find_unit(c, &o->report.unit, reading_day(period));
    if (!o->unit)
        return err_set(e, ERR_ABSENT, "report %s cannot be read: its unit is not known here",
                       name_of(r).text);
    return catalog_criteria(c, o->campaign, NULL, e);
}

static int find_profile(struct catalog *c, const struct record *r, struct opened_report *o,
                        struct err *e) {
    const struct catalog_profile *p = catalog_profile(c, &o->report.profile);
    if (hash_is_zero(&o->report.profile))
        o->profile = &profile_met;
    else if (p)
        o->profile = &p->p;
    return o->profile ? 0
                      : err_set(e, ERR_ABSENT,
                                "report %s cannot be read: its scoring profile is not held here",
                                name_of(r).text);
}

static int find_subjects(struct txn *t, const struct record *r, struct opened_report *o,
                         struct err *e) {
    struct record list;
    int rc = log_seek(t, &o->report.subjects, &list, e);
    if (rc != 0)
        return rc;
    if (list.h.kind != KIND_SUBJECTS)
        return err_set(e, ERR_ABSENT, "report %s cannot be read: its subject list is not held here",
                       name_of(r).text);
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
        rc = payload_report_to_sheet(&o.report, &o.campaign->criteria, &o.subjects, &o.sheet, e);
    if (rc == 0)
        *ret_opened = o;
    else
        judge_opened_done(&o);
    return rc;
}
