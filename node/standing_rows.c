#include "node/standing_rows.h"

#include "node/reading.h"
#include "store/log.h"

#include <string.h>

#define NO_VALUE INT64_MIN /* goes last in either direction */

bool standing_source_on_time(const struct standing_source *s) {
    return s->state == SLOT_ON_TIME || s->state == SLOT_EXCUSED;
}

/* What one comparator compares, the greater one first. */

static int64_t cell_key(const struct standing_sheet *s, uint32_t row, const char *criterion) {
    const struct opened_report *o = &s->opened;
    int column = criteria_leaf(&o->campaign->criteria, criterion);
    if (column < 0 ||
        !criterion_about(o->campaign->criteria.leaves[column], o->subjects.list[row].kind))
        return NO_VALUE;
    const struct cell *cell = sheet_cell_const(&o->sheet, row, (uint32_t)column);
    struct score_rule rule;
    switch ((enum cell_state)cell->state) {
    case CELL_EMPTY:
    case CELL_NA:
        return NO_VALUE;
    case CELL_NOT_MET:
        return 0;
    case CELL_MET:
        profile_rule(o->profile, criterion, &rule);
        return rule.max;
    case CELL_SCORE:
    case CELL_VALUE:
        return cell->value;
    }
    return NO_VALUE;
}

int64_t standing_sheet_key(const struct standing_sheet *s, uint32_t row, const struct points *p,
                           uint32_t i) {
    const struct comparator *by = &s->choice->campaign->c.comparators[i];
    bool smaller_first = by->ascending || by->field == BY_PENALTY;
    int64_t v = NO_VALUE;
    switch (by->field) {
    case BY_CRITERION:
        v = cell_key(s, row, by->criterion);
        break;
    case BY_BASE:
        v = p->base;
        break;
    case BY_BONUS:
        v = p->bonus;
        break;
    case BY_PENALTY:
        v = p->penalty;
        break;
    case BY_TOTAL:
        v = p->total;
        break;
    case BY_MET:
        v = p->met;
        break;
    }
    return v != NO_VALUE && smaller_first ? -v : v;
}

void standing_sheet_score(const struct standing_sheet *s, uint32_t row, struct points *ret_points,
                          const struct grade **ret_grade) {
    const struct report_rule *rule = s->choice->rule;
    struct points p;
    sheet_points(&s->rules, &s->opened.sheet, row, &p);
    if (s->source.state == SLOT_LATE && rule->late == LATE_PENALTY) {
        p.penalty += rule->late_penalty;
        p.total -= rule->late_penalty;
        if (p.total < -LIMIT_SCORE)
            p.total = -LIMIT_SCORE;
    }
    *ret_grade = p.max > 0 ? sheet_grade(&s->rules, &s->opened.sheet, row, &p) : NULL;
    *ret_points = p;
}

static const char *profile_id(const struct catalog *c, const struct hash *record) {
    const struct catalog_profile *p = catalog_profile(c, record);
    return hash_is_zero(record) ? "met" : p ? p->p.id : "";
}

static const char *exclusion(const struct catalog *c, const struct standing_sheet *s) {
    const char *in_force = s->choice->campaign->c.profile;
    if (strcmp(profile_id(c, &s->source.profile), in_force[0] ? in_force : "met") != 0)
        return STANDING_OTHER_PROFILE;
    return s->source.state == SLOT_LATE && s->choice->rule->late == LATE_EXCLUDE ? STANDING_LATE
                                                                                 : NULL;
}

/* The version that scores `s`, where it is not the one in force; else 0. */
static uint32_t older_profile(const struct catalog *c, const struct standing_sheet *s) {
    const struct catalog_profile *p = catalog_profile(c, &s->source.profile);
    const struct profile *now;
    struct hash record;
    if (!p || catalog_profile_in_force(c, s->choice->campaign, &now, &record, NULL) != 0)
        return 0;
    return hash_equal(&record, &s->source.profile) ? 0 : p->p.version;
}

/* The version of the campaign that `s` answers, where it is not the one in force; else 0. */
static uint32_t older_version(const struct standing_sheet *s) {
    uint32_t version = s->opened.campaign->c.version;
    return version == s->choice->campaign->c.version ? 0 : version;
}

int standing_sheet_open(struct actor *a, struct txn *t, const struct standing_choice *choice,
                        const struct standing_report *in, struct standing_sheet *ret_sheet,
                        struct err *e) {
    struct standing_sheet *s = ret_sheet;
    struct record r;
    struct opened_report o;
    int rc = log_get(t, &in->report, &r, e);
    if (rc == 0)
        rc = reading_open(&a->catalog, t, &r, &o, e);
    if (rc != 0)
        return rc;
    struct score_rule *columns =
        arena_alloc(&o.arena, (o.campaign->criteria.n_leaves + 1) * sizeof *columns);
    if (columns)
        sheet_columns(o.profile, &o.campaign->criteria, columns);
    *s = (struct standing_sheet){.choice = choice, .opened = o, .rules = judge_opened_rules(&o)};
    s->rules.subjects = &s->opened.subjects;
    s->rules.columns = columns;
    s->n = o.report.nil ? 0 : o.subjects.n;
    s->source = (struct standing_source){.unit = in->unit,
                                         .report = in->report,
                                         .profile = o.report.profile,
                                         .lane = r.h.lane,
                                         .revision = o.report.revision,
                                         .state = in->state};
    s->source.older_profile = older_profile(&a->catalog, s);
    s->source.older_version = older_version(s);
    s->source.excluded = exclusion(&a->catalog, s);
    if (columns)
        return 0;
    standing_sheet_done(s);
    return err_nomem(e);
}

void standing_sheet_done(struct standing_sheet *s) {
    judge_opened_done(&s->opened);
}
