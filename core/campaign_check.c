#include "core/campaign.h"
#include "core/check.h"
#include "core/limits.h"
#include "core/period.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define DAYS_MAX 3660 /* any count of days in a rule */

#define UNIQUE(c, key, list, n) check_unique((c), (key), (list), (n), sizeof *(list), 0)
#define FIND(list, n, id) check_find((list), (n), sizeof *(list), 0, (id))

/* check_unique and check_find take the id to be the first member of a thing. */
static_assert(offsetof(struct period, id) == 0 && offsetof(struct criterion, id) == 0 &&
                  offsetof(struct award, id) == 0 && offsetof(struct quota, id) == 0 &&
                  offsetof(struct item, id) == 0 && offsetof(struct form, id) == 0 &&
                  offsetof(struct form_field, id) == 0 && offsetof(struct milestone, id) == 0 &&
                  offsetof(struct peer_group, id) == 0 &&
                  offsetof(struct unit_attribute, id) == 0 &&
                  offsetof(struct campaign_parent, id) == 0,
              "ids come first");

static bool inherits(const struct campaign *c) {
    for (uint32_t i = 0; i < c->n_parents; i++)
        if (c->parents[i].inherit == INHERIT_CRITERIA)
            return true;
    return false;
}

static void check_codes(struct check *k, const char *key, char *const *list, uint32_t n) {
    if (!check_count(k, key, n, LIMIT_LIST))
        return;
    for (uint32_t i = 0; i < n; i++) {
        char sub[64];
        snprintf(sub, sizeof sub, "%s[%u]", key, i + 1);
        check_code(k, sub, list[i], true);
    }
    check_unique(k, key, list, n, sizeof *list, 0);
}

/* A date: year 0 only where `yearly`, then any day that a leap year has. */
static void check_date(struct check *k, int32_t y, int32_t m, int32_t d, bool yearly) {
    day ignored;
    if (k->rc == 0 && ((yearly && y != 0) || !day_from_ymd(yearly ? 2024 : y, m, d, &ignored)))
        k->rc = err_set(k->e, ERR_REFUSED, "%s: there is no date %d/%d/%d; correct it",
                        check_path(k, "date"), d, m, y);
}

static void check_head(struct check *k, const struct campaign *c) {
    check_enter(k, "%s", "");
    check_code(k, "id", c->id, true);
    check_range(k, "version", c->version, 1, INT32_MAX);
    check_text(k, "amended_on", c->amended_on, LIMIT_CODE, false);
    check_text(k, "amended_why", c->amended_why, LIMIT_TEXT, true);
    check_label(k, "title", &c->title, true);
    check_text(k, "issuer_name", c->issuer_name, LIMIT_NAME, false);
    check_text(k, "document", c->document, LIMIT_NAME, false);
    check_code(k, "profile", c->profile, false);
    check_text(k, "funding", c->funding, LIMIT_TEXT, true);
    check_range(k, "confidence", c->confidence, CONFIDENCE_HIGH, CONFIDENCE_LOW);
    day ignored;
    bool dated = check_given(c->amended_on) && day_parse(c->amended_on, &ignored);
    if (k->rc == 0 && c->version > 1 && (!dated || !check_given(c->amended_why)))
        k->rc = err_set(k->e, ERR_REFUSED,
                        "%s: version %u amends an earlier one; give amended_on, a date, and "
                        "amended_why",
                        check_path(k, "version"), c->version);
    if (k->rc == 0 && c->version == 1 &&
        (check_given(c->amended_on) || check_given(c->amended_why)))
        k->rc = err_set(k->e, ERR_REFUSED,
                        "%s: version 1 amends nothing; leave amended_on and amended_why out, or "
                        "raise the version",
                        check_path(k, "version"));
}

static void check_parents(struct check *k, const struct campaign *c) {
    for (uint32_t i = 0; i < c->n_parents && k->rc == 0; i++) {
        const struct campaign_parent *p = &c->parents[i];
        check_enter(k, "parents[%u]", i + 1);
        check_code(k, "id", p->id, true);
        check_code(k, "issuer", p->issuer, false);
        check_text(k, "reference", p->reference, LIMIT_NAME, false);
        check_range(k, "inherit", p->inherit, INHERIT_NONE, INHERIT_CRITERIA);
        if (k->rc == 0 && check_same(p->id, c->id) && !check_given(p->issuer))
            k->rc = err_set(k->e, ERR_REFUSED,
                            "%s: campaign %s cannot be its own parent; name another one, or its "
                            "issuer",
                            check_path(k, "id"), c->id);
    }
    check_enter(k, "%s", "");
    for (uint32_t i = 1; i < c->n_parents; i++)
        for (uint32_t j = 0; j < i && k->rc == 0; j++)
            if (check_same(c->parents[i].id, c->parents[j].id) &&
                check_same(c->parents[i].issuer, c->parents[j].issuer))
                k->rc = err_set(k->e, ERR_REFUSED, "%s[%u]: parent %s is named twice; name it once",
                                check_path(k, "parents"), i + 1, c->parents[i].id);
}

static void check_periods(struct check *k, const struct campaign *c) {
    for (uint32_t i = 0; i < c->n_periods && k->rc == 0; i++) {
        const struct period *p = &c->periods[i];
        day begin, end;
        check_enter(k, "periods[%u]", i + 1);
        if (period_parse(p->id ? p->id : "", &begin, &end, NULL) != 0)
            k->rc = err_set(k->e, ERR_REFUSED,
                            "%s: “%s” is no period; write 2023, 2023-H1, 2023-Q3, 2023-10 or "
                            "2019-2025",
                            check_path(k, "id"), p->id);
        check_day(k, "begin", p->begin);
        check_day(k, "end", p->end);
        check_day(k, "cutoff", p->cutoff);
        if (k->rc == 0 && (p->end < p->begin || p->cutoff < p->begin))
            k->rc = err_set(k->e, ERR_REFUSED,
                            "%s: period %s ends, or cuts off, before it begins; correct its days",
                            check_path(k, "end"), p->id);
    }
    check_enter(k, "%s", "");
    UNIQUE(k, "periods", c->periods, c->n_periods);
}

static void check_due(struct check *k, const struct due_rule *d) {
    check_code(k, "level", d->level, false);
    check_range(k, "recurrence", d->recurrence, DUE_ONCE, DUE_UNDATED);
    check_range(k, "roll", d->roll, ROLL_NONE, ROLL_PREVIOUS);
    check_range(k, "days_after", d->days_after, 0, d->recurrence == DUE_PERIOD_END ? DAYS_MAX : 0);
    if (d->recurrence == DUE_ONCE || d->recurrence == DUE_YEARLY)
        check_date(k, d->year, d->month, d->day, d->recurrence == DUE_YEARLY);
    else if (k->rc == 0 && (d->year != 0 || d->month != 0 || d->day != 0))
        k->rc = err_set(k->e, ERR_REFUSED,
                        "%s: this recurrence takes no date; leave the date out, or say once or "
                        "yearly",
                        check_path(k, "date"));
}

static void check_selection(struct check *k, const struct campaign *c, const struct selection *s) {
    check_codes(k, "levels", s->levels, s->n_levels);
    check_codes(k, "kinds", s->kinds, s->n_kinds);
    check_codes(k, "groups", s->groups, s->n_groups);
    (void)check_count(k, "include", s->n_include, LIMIT_UNITS);
    (void)check_count(k, "exclude", s->n_exclude, LIMIT_UNITS);
    check_days(k, "from", s->from, s->until);
    if (k->rc == 0 && check_given(s->condition) &&
        FIND(c->unit_attributes, c->n_unit_attributes, s->condition) < 0)
        k->rc = err_set(k->e, ERR_REFUSED,
                        "%s: no unit attribute is called “%s”; declare it under unit_attributes",
                        check_path(k, "condition"), s->condition);
}

static void check_report(struct check *k, const struct campaign *c, uint32_t at) {
    const struct report_rule *r = &c->reports[at];
    check_enter(k, "reports[%u]", at + 1);
    check_range(k, "kind", r->kind, REPORT_ANNUAL, REPORT_KINDS);
    check_range(k, "basis", r->basis, BASIS_FIRST_HUB, BASIS_ROOT);
    check_range(k, "late", r->late, LATE_MARK, LATE_EXCLUDE);
    bool penalty = r->late == LATE_PENALTY;
    check_range(k, "late_penalty", r->late_penalty, penalty, penalty ? LIMIT_SCORE : 0);
    check_range(k, "return_days", r->return_days, 0, DAYS_MAX);
    check_text(k, "embedded_in", r->embedded_in, LIMIT_NAME, false);
    check_range(k, "needs", r->needs, 0, REPORT_KINDS);
    if (k->rc == 0 && r->needs != 0 && (r->needs == r->kind || !campaign_report(c, r->needs)))
        k->rc = err_set(k->e, ERR_REFUSED,
                        "%s: no other report of the campaign is of kind %s; ask for that one too",
                        check_path(k, "needs"), report_kind_text(r->needs));
    for (uint32_t i = 0; i < at && k->rc == 0; i++)
        if (c->reports[i].kind == r->kind || (c->reports[i].is_default && r->is_default))
            k->rc = err_set(k->e, ERR_REFUSED,
                            "%s: kind %s, or being the default, is said of an earlier report too; "
                            "say it once",
                            check_path(k, "kind"), report_kind_text(r->kind));
    if (!check_count(k, "due", r->n_due, LIMIT_DUE) ||
        !check_count(k, "expected", r->n_expected, LIMIT_LIST))
        return;
    for (uint32_t i = 0; i < r->n_due && k->rc == 0; i++) {
        check_enter(k, "reports[%u].due[%u]", at + 1, i + 1);
        check_due(k, &r->due[i]);
        for (uint32_t j = 0; j < i && k->rc == 0; j++)
            if (check_same(r->due[i].level, r->due[j].level))
                k->rc = err_set(k->e, ERR_REFUSED,
                                "%s: level “%s” has a due date already; give one date a level",
                                check_path(k, "level"), r->due[i].level);
    }
    for (uint32_t i = 0; i < r->n_expected && k->rc == 0; i++) {
        check_enter(k, "reports[%u].expected[%u]", at + 1, i + 1);
        check_selection(k, c, &r->expected[i]);
    }
}

static bool has_class(const struct campaign *c, const char *id) {
    return FIND(c->collectives, c->n_collectives, id) >= 0 ||
           FIND(c->individuals, c->n_individuals, id) >= 0;
}

static void check_classes(struct check *k, const struct campaign *c, char *const *list,
                          uint32_t n) {
    check_codes(k, "classes", list, n);
    for (uint32_t i = 0; i < n && k->rc == 0; i++)
        if (!has_class(c, list[i]))
            k->rc = err_set(k->e, ERR_REFUSED,
                            "%s: no class of subjects is called “%s”; declare it under collectives "
                            "or individuals",
                            check_path(k, "classes"), list[i]);
}

static void check_applies(struct check *k, const struct campaign *c,
                          const struct applicability *a) {
    check_codes(k, "attributes", a->attributes, a->n_attributes);
    check_classes(k, c, a->classes, a->n_classes);
    check_codes(k, "unit_attributes", a->unit_attributes, a->n_unit_attributes);
    for (uint32_t i = 0; i < a->n_attributes && k->rc == 0; i++)
        if (!check_same(a->attributes[i], "leader") && !check_same(a->attributes[i], "uniformed"))
            k->rc = err_set(k->e, ERR_REFUSED,
                            "%s: subjects have no attribute “%s”; use leader or uniformed",
                            check_path(k, "attributes"), a->attributes[i]);
    for (uint32_t i = 0; i < a->n_unit_attributes && k->rc == 0; i++)
        if (FIND(c->unit_attributes, c->n_unit_attributes, a->unit_attributes[i]) < 0)
            k->rc = err_set(k->e, ERR_REFUSED,
                            "%s: no unit attribute is called “%s”; declare it under "
                            "unit_attributes",
                            check_path(k, "unit_attributes"), a->unit_attributes[i]);
}

static void check_test(struct check *k, const struct criterion *r) {
    bool number = r->test != TEST_NONE && !r->threshold_unknown;
    check_range(k, "test", r->test, TEST_NONE, r->leaf ? TEST_EQ : TEST_NONE);
    check_range(k, "threshold", r->threshold, 0, number ? LIMIT_SCORE : 0);
    check_text(k, "unit_of_measure", r->unit_of_measure, LIMIT_NAME, false);
    check_range(k, "source_line", r->source_line, 0, INT32_MAX);
}

static void check_references(struct check *k, const struct campaign *c, const struct criterion *r) {
    check_codes(k, "references", r->references, r->n_references);
    for (uint32_t i = 0; i < r->n_references && k->rc == 0; i++)
        if (FIND(c->sources, c->n_sources, r->references[i]) < 0)
            k->rc =
                err_set(k->e, ERR_REFUSED, "%s: no source is called “%s”; declare it under sources",
                        check_path(k, "references"), r->references[i]);
}

/*
 * The criteria by themselves. Whether parents are there is asked here only where nothing is
 * inherited; criteria_resolve asks again once the inherited ones are at hand.
 */
static void check_criteria(struct check *k, const struct campaign *c) {
    for (uint32_t i = 0; i < c->n_criteria && k->rc == 0; i++) {
        const struct criterion *r = &c->criteria[i];
        check_enter(k, "criteria[%u]", i + 1);
        check_code(k, "id", r->id, true);
        check_code(k, "parent", r->parent, false);
        check_label(k, "label", &r->label, true);
        check_applies(k, c, &r->applies);
        check_test(k, r);
        check_references(k, c, r);
        if (k->rc == 0 && r->leaf && !r->collective && !r->individual)
            k->rc = err_set(k->e, ERR_REFUSED,
                            "%s: criterion %s is about nobody; say collective, individual or both",
                            check_path(k, "subjects"), r->id);
    }
    check_enter(k, "%s", "");
    UNIQUE(k, "criteria", c->criteria, c->n_criteria);
    if (k->rc == 0)
        k->rc = criteria_check_tree(c, inherits(c), k->e);
}

static void check_milestones(struct check *k, const struct campaign *c) {
    for (uint32_t i = 0; i < c->n_milestones && k->rc == 0; i++) {
        const struct milestone *m = &c->milestones[i];
        bool year = m->precision == MILESTONE_YEAR;
        check_enter(k, "milestones[%u]", i + 1);
        check_code(k, "id", m->id, true);
        check_label(k, "label", &m->label, true);
        check_range(k, "precision", m->precision, MILESTONE_DAY, MILESTONE_YEAR);
        if (year) {
            check_range(k, "year", m->year, 1, 9999);
            check_range(k, "month", m->month, 0, 0);
            check_range(k, "day", m->day, 0, 0);
        } else {
            check_date(k, m->year, m->month, m->day, false);
        }
    }
    check_enter(k, "%s", "");
    UNIQUE(k, "milestones", c->milestones, c->n_milestones);
}

static void check_awards(struct check *k, const struct campaign *c) {
    for (uint32_t i = 0; i < c->n_awards && k->rc == 0; i++) {
        const struct award *a = &c->awards[i];
        check_enter(k, "awards[%u]", i + 1);
        check_code(k, "id", a->id, true);
        check_label(k, "label", &a->label, true);
        check_code(k, "occasion", a->occasion, false);
        check_code(k, "authority", a->authority, false);
        check_days(k, "from", a->from, a->until);
        check_text(k, "note", a->note, LIMIT_TEXT, true);
        check_text(k, "condition", a->condition, LIMIT_TEXT, true);
        check_range(k, "upkeep", a->upkeep, UPKEEP_NONE, UPKEEP_FROM_REGISTRATION);
    }
    check_enter(k, "%s", "");
    UNIQUE(k, "awards", c->awards, c->n_awards);
}

static bool is_award(const struct campaign *c, const char *id) {
    return FIND(c->awards, c->n_awards, id) >= 0;
}

static void check_quota(struct check *k, const struct campaign *c, const struct quota *q) {
    check_code(k, "id", q->id, true);
    check_range(k, "subjects", q->subjects, SUBJECT_ANY, SUBJECT_INDIVIDUAL);
    check_range(k, "scope", q->scope, QUOTA_ISSUER, QUOTA_UNIT);
    check_range(k, "mode", q->mode, QUOTA_WARN, QUOTA_BLOCK);
    check_range(k, "rounding", q->rounding, ROUND_DOWN, ROUND_HALF_UP);
    check_range(k, "amount", q->amount, 0, q->is_percentage ? 10000 : INT32_MAX);
    if (k->rc == 0 && check_given(q->award) && !is_award(c, q->award))
        k->rc = err_set(k->e, ERR_REFUSED,
                        "%s: no award is called “%s”; declare it under awards, or correct the id",
                        check_path(k, "award"), q->award);
    bool base = check_same(q->base, "subjects") || is_award(c, q->base);
    if (k->rc == 0 && q->is_percentage && !base)
        k->rc = err_set(k->e, ERR_REFUSED,
                        "%s: a percentage of “%s” means nothing here; write subjects or the id of "
                        "an award",
                        check_path(k, "base"), q->base);
    if (k->rc == 0 && !q->is_percentage && check_given(q->base))
        k->rc = err_set(k->e, ERR_REFUSED, "%s: a quota that is a number has no base; leave it out",
                        check_path(k, "base"));
}

static void check_quotas(struct check *k, const struct campaign *c) {
    for (uint32_t i = 0; i < c->n_quotas && k->rc == 0; i++) {
        check_enter(k, "quotas[%u]", i + 1);
        check_quota(k, c, &c->quotas[i]);
    }
    check_enter(k, "%s", "");
    UNIQUE(k, "quotas", c->quotas, c->n_quotas);
}

static void check_items(struct check *k, const char *key, const struct item *list, uint32_t n,
                        bool ids) {
    check_enter(k, "%s", "");
    if (!check_count(k, key, n, LIMIT_LIST))
        return;
    for (uint32_t i = 0; i < n && k->rc == 0; i++) {
        check_enter(k, "%s[%u]", key, i + 1);
        check_code(k, "id", list[i].id, ids);
        check_text(k, "role", list[i].role, LIMIT_NAME, false);
        check_text(k, "whom", list[i].whom, LIMIT_NAME, false);
        check_label(k, "label", &list[i].label, false);
        check_text(k, "text", list[i].text, LIMIT_TEXT, true);
    }
    check_enter(k, "%s", "");
    UNIQUE(k, key, list, n);
}

static void check_item_lists(struct check *k, const struct campaign *c) {
    check_items(k, "dossier", c->dossier, c->n_dossier, false);
    check_items(k, "recipients", c->recipients, c->n_recipients, false);
    check_items(k, "routes", c->routes, c->n_routes, false);
    check_items(k, "roles", c->roles, c->n_roles, false);
    check_items(k, "sources", c->sources, c->n_sources, false);
    check_items(k, "errata", c->errata, c->n_errata, false);
    check_items(k, "collectives", c->collectives, c->n_collectives, true);
    check_items(k, "individuals", c->individuals, c->n_individuals, true);
    for (uint32_t i = 0; i < c->n_individuals && k->rc == 0; i++)
        if (FIND(c->collectives, c->n_collectives, c->individuals[i].id) >= 0)
            k->rc = err_set(k->e, ERR_REFUSED,
                            "%s[%u]: “%s” is a class of collectives too; give each its own id",
                            check_path(k, "individuals"), i + 1, c->individuals[i].id);
}

static void check_forms(struct check *k, const struct campaign *c) {
    for (uint32_t i = 0; i < c->n_forms && k->rc == 0; i++) {
        const struct form *f = &c->forms[i];
        check_enter(k, "forms[%u]", i + 1);
        check_code(k, "id", f->id, true);
        check_range(k, "kind", f->kind, REPORT_ANNUAL, REPORT_KINDS);
        check_label(k, "label", &f->label, true);
        if (!check_count(k, "fields", f->n_fields, LIMIT_LIST))
            return;
        UNIQUE(k, "fields", f->fields, f->n_fields);
        for (uint32_t j = 0; j < f->n_fields && k->rc == 0; j++) {
            check_enter(k, "forms[%u].fields[%u]", i + 1, j + 1);
            check_code(k, "id", f->fields[j].id, true);
            check_label(k, "label", &f->fields[j].label, true);
        }
    }
    check_enter(k, "%s", "");
    UNIQUE(k, "forms", c->forms, c->n_forms);
}

/* A unit or class in two groups would be ranked twice; those of groups before `at` are looked at.
 */
static void check_members(struct check *k, const struct campaign *c, uint32_t at) {
    const struct peer_group *g = &c->groups[at];
    for (uint32_t i = 0; i < at && k->rc == 0; i++) {
        const struct peer_group *o = &c->groups[i];
        if (o->subjects != g->subjects && o->subjects != SUBJECT_ANY && g->subjects != SUBJECT_ANY)
            continue;
        for (uint32_t j = 0; j < g->n_classes && k->rc == 0; j++)
            if (check_find(o->classes, o->n_classes, sizeof *o->classes, 0, g->classes[j]) >= 0)
                k->rc = err_set(k->e, ERR_REFUSED,
                                "%s: class %s is in group %s already; a class belongs to one group",
                                check_path(k, "classes"), g->classes[j], o->id);
    }
}

static void check_groups(struct check *k, const struct campaign *c) {
    for (uint32_t i = 0; i < c->n_groups && k->rc == 0; i++) {
        const struct peer_group *g = &c->groups[i];
        check_enter(k, "groups[%u]", i + 1);
        check_code(k, "id", g->id, true);
        check_label(k, "label", &g->label, true);
        check_range(k, "subjects", g->subjects, SUBJECT_ANY, SUBJECT_INDIVIDUAL);
        check_classes(k, c, g->classes, g->n_classes);
        (void)check_count(k, "units", g->n_units, LIMIT_UNITS);
        if (k->rc == 0 && g->n_units > 0 && g->n_classes > 0)
            k->rc = err_set(k->e, ERR_REFUSED,
                            "%s: group %s names units and classes; make it two groups",
                            check_path(k, "units"), g->id);
        check_members(k, c, i);
    }
    check_enter(k, "%s", "");
    UNIQUE(k, "groups", c->groups, c->n_groups);
}

static void check_unit_attributes(struct check *k, const struct campaign *c) {
    for (uint32_t i = 0; i < c->n_unit_attributes && k->rc == 0; i++) {
        const struct unit_attribute *a = &c->unit_attributes[i];
        check_enter(k, "unit_attributes[%u]", i + 1);
        check_code(k, "id", a->id, true);
        check_label(k, "label", &a->label, true);
        check_codes(k, "kinds", a->kinds, a->n_kinds);
        (void)check_count(k, "units", a->n_units, LIMIT_UNITS);
    }
    check_enter(k, "%s", "");
    UNIQUE(k, "unit_attributes", c->unit_attributes, c->n_unit_attributes);
}

static void check_comparators(struct check *k, const struct campaign *c) {
    for (uint32_t i = 0; i < c->n_comparators && k->rc == 0; i++) {
        const struct comparator *m = &c->comparators[i];
        bool named = m->field == BY_CRITERION;
        check_enter(k, "tie_breakers[%u]", i + 1);
        check_range(k, "by", m->field, BY_CRITERION, BY_MET);
        if (named)
            check_code(k, "criterion", m->criterion, true);
        int at = named ? FIND(c->criteria, c->n_criteria, m->criterion) : -1;
        bool leaf = at >= 0 ? c->criteria[at].leaf : named && inherits(c);
        if (k->rc == 0 && named != leaf)
            k->rc = err_set(k->e, ERR_REFUSED,
                            "%s: “%s” is no criterion that takes values; name one that does",
                            check_path(k, "criterion"), m->criterion);
        if (k->rc == 0 && !named && check_given(m->criterion))
            k->rc = err_set(k->e, ERR_REFUSED,
                            "%s: only comparing by criterion names one; leave it out",
                            check_path(k, "criterion"));
    }
}

static bool check_counts(struct check *k, const struct campaign *c) {
    check_enter(k, "%s", "");
    return check_count(k, "parents", c->n_parents, LIMIT_PARENTS) &&
           check_count(k, "periods", c->n_periods, LIMIT_PERIODS) &&
           check_count(k, "reports", c->n_reports, REPORT_KINDS) &&
           check_count(k, "criteria", c->n_criteria, LIMIT_CRITERIA) &&
           check_count(k, "milestones", c->n_milestones, LIMIT_LIST) &&
           check_count(k, "awards", c->n_awards, LIMIT_LIST) &&
           check_count(k, "quotas", c->n_quotas, LIMIT_LIST) &&
           check_count(k, "forms", c->n_forms, LIMIT_LIST) &&
           check_count(k, "groups", c->n_groups, LIMIT_LIST) &&
           check_count(k, "unit_attributes", c->n_unit_attributes, LIMIT_LIST) &&
           check_count(k, "comparators", c->n_comparators, LIMIT_LIST);
}

int campaign_check(const struct campaign *c, struct err *e) {
    struct check k;
    check_init(&k, e);
    if (!check_counts(&k, c))
        return k.rc;
    check_head(&k, c);
    check_parents(&k, c);
    check_periods(&k, c);
    check_item_lists(&k, c);
    check_unit_attributes(&k, c);
    for (uint32_t i = 0; i < c->n_reports && k.rc == 0; i++)
        check_report(&k, c, i);
    check_criteria(&k, c);
    check_milestones(&k, c);
    check_awards(&k, c);
    check_quotas(&k, c);
    check_forms(&k, c);
    check_groups(&k, c);
    check_comparators(&k, c);
    return k.rc;
}
