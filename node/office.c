#include "node/office.h"

#include "core/csv.h"
#include "core/limits.h"
#include "node/expected.h"
#include "node/joining.h"
#include "node/resume.h"
#include "proto/kinds.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

void office_done(struct office *o) {
    if (!o)
        return;
    sheet_done(&o->sheet);
    people_done(&o->people);
    *o = (struct office){0};
}

int office_unit(struct actor *a, struct txn *t, const char *code, day today,
                const struct unit_fact **ret_unit, struct err *e) {
    const struct catalog *c = &a->catalog;
    struct member other;
    const struct unit_fact *own = catalog_unit(c, &a->unit);
    if (!own && !joining_done(t))
        return err_set(e, ERR_REFUSED,
                       "this directory has not finished joining: run join again with its ticket");
    if (!own)
        return err_set(e, ERR_REFUSED,
                       "nothing is known of this office's own unit yet: `sync` with the hub first");
    const struct unit_fact *f = own;
    int rc = !code || strcmp(code, own->code) == 0 ? 0 : units_named(c->units, code, today, &f, e);
    if (rc != 0)
        return rc;
    if (!f || !catalog_ever_under(c, &f->id, &a->unit)) /* on which day, sealing asks */
        return err_set(e, ERR_REFUSED,
                       "%s is no unit that this office reports for: name %s or a unit below it",
                       code, own->code);
    if (!uid_equal(&f->id, &a->unit) && roster_of_unit(t, &f->id, BY_NODE, &other))
        return err_set(e, ERR_REFUSED,
                       "unit %s has a machine of its own and reports from there: leave it out",
                       f->code);
    *ret_unit = f;
    return 0;
}

/* The ids of the periods of `k`, as `2023 2024 …`, in `out`. */
static void list_periods(const struct campaign *k, char *out, size_t cap) {
    size_t n = 0;
    out[0] = '\0';
    for (uint32_t i = 0; i < k->n_periods && n < cap; i++) {
        int put = snprintf(out + n, cap - n, "%s%s", i ? " " : "", k->periods[i].id);
        n += put > 0 ? (size_t)put : 0;
    }
}

/* The period of `k` called `id`; with NULL the only one, or the only one that has begun by `today`.
 * ERR_REFUSED lists what there is. */
static int find_period(const struct campaign *k, const char *id, day today,
                       const struct period **ret_period, struct err *e) {
    const struct period *found = id ? campaign_period(k, id) : NULL;
    unsigned n = found ? 1 : 0;
    for (uint32_t i = 0; !id && i < k->n_periods; i++)
        if (k->n_periods == 1 || k->periods[i].begin <= today) {
            found = &k->periods[i];
            n++;
        }
    if (n == 1) {
        *ret_period = found;
        return 0;
    }
    char names[ERR_ARG_BYTES];
    list_periods(k, names, sizeof names);
    if (id)
        return err_set(e, ERR_REFUSED, "campaign %s has no period %s; there are: %s", k->id, id,
                       names);
    return err_set(e, ERR_REFUSED, "which period of campaign %s? Give --period; there are: %s",
                   k->id, names);
}

/* Whether the latest version of a campaign, `k`, asks `unit` for any report. */
static bool asks(const struct catalog *c, const struct catalog_campaign *k, const struct uid *unit,
                 day today) {
    bool asked = false;
    instant due;
    for (uint32_t i = 0; i < k->c.n_periods; i++)
        for (uint32_t j = 0; !asked && j < k->c.n_reports; j++)
            asked = expected_of(c, k, &k->c.reports[j], &k->c.periods[i], unit, today, &due);
    return asked && catalog_latest(c, &k->issuer, k->c.id) == k;
}

/* Whether a campaign that is held has the id in `name`, ID or UNIT/ID. */
static bool is_known(const struct catalog *c, const char *name) {
    const char *slash = strchr(name, '/'), *id = slash ? slash + 1 : name;
    for (uint32_t i = 0; i < c->n_campaigns; i++)
        if (strcmp(c->campaigns[i]->c.id, id) == 0)
            return true;
    return false;
}

int office_campaign(const struct catalog *c, const char *name, const struct uid *unit, day today,
                    struct catalog_campaign **ret_campaign, struct err *e) {
    struct catalog_campaign *found = NULL;
    unsigned n = 0;
    for (uint32_t i = 0; !name && i < c->n_campaigns; i++)
        if (asks(c, c->campaigns[i], unit, today)) {
            found = c->campaigns[i];
            n++;
        }
    if (name && c->n_campaigns > 0 && !is_known(c, name)) {
        char names[ERR_ARG_BYTES];
        catalog_names(c, false, names, sizeof names);
        return err_set(e, ERR_REFUSED,
                       "unknown campaign %s; there are: %s. If it was issued just now, run `sync` "
                       "first",
                       name, names);
    }
    if (n != 1)
        return catalog_find(c, name, today, ret_campaign, e);
    *ret_campaign = found;
    return 0;
}

static int open_campaign(struct office *o, const char *name, day today, struct err *e) {
    struct catalog *c = &o->actor->catalog;
    int rc = office_campaign(c, name, &o->unit->id, today, &o->campaign, e);
    if (rc != 0)
        return rc;
    if (campaign_is_template(&o->campaign->c))
        return err_set(e, ERR_REFUSED,
                       "campaign %s only hands down criteria, nobody reports to it: name one that "
                       "builds on it",
                       o->campaign->c.id);
    if (!catalog_ever_under(c, &o->unit->id, &o->campaign->issuer))
        return err_set(e, ERR_REFUSED, "campaign %s was not issued to unit %s: name another",
                       o->campaign->c.id, o->unit->code);
    struct hash missing;
    struct err why;
    err_init(&why);
    rc = catalog_criteria(c, o->campaign, &missing, &why);
    if (rc == ERR_ABSENT)
        return err_set(e, ERR_REFUSED,
                       "a campaign that %s takes criteria from is not here yet: `sync` with the "
                       "hub first",
                       o->campaign->c.id);
    if (rc != 0) {
        *e = e->code == 0 ? why : *e;
        return rc;
    }
    rc = catalog_profile_in_force(c, o->campaign, &o->profile, &o->profile_record, e);
    return rc == ERR_ABSENT ? ERR_REFUSED : rc;
}

/* Load the people and the sheet of `o`, whose unit, campaign and period are known. */
static int load(struct office *o, struct err *e) {
    const struct criteria *criteria = &o->campaign->criteria;
    bool whole;
    int rc = people_load(o->actor, o->t, o->unit, &o->people, e);
    if (rc != 0)
        return rc;
    struct draft d = office_draft(o);
    rc = draft_load(o->t, &d, &o->people.subjects, criteria, &o->sheet, &o->strays, &whole, e);
    o->damaged = rc == 0 && !whole;
    if (rc == 0 && !o->damaged)
        rc = resume_sheet(o->actor, o->t, &d, &o->people.subjects, criteria, &o->sheet, e);
    return rc;
}

int office_open(struct actor *a, struct txn *t, const struct office_choice *choice, day today,
                struct office *ret_office, struct err *e) {
    struct office o = {.actor = a, .t = t};
    int rc = office_unit(a, t, choice->unit, today, &o.unit, e);
    if (rc == 0)
        rc = open_campaign(&o, choice->campaign, today, e);
    if (rc == 0)
        rc = find_period(&o.campaign->c, choice->period, today, &o.period, e);
    if (rc == 0)
        rc = load(&o, e);
    if (rc == 0 && o.damaged && !choice->damaged_too)
        rc = err_set(e, ERR_CORRUPT,
                     "the store is damaged: the values written down for %s, %s %s are not as they "
                     "were written last. `template` writes out what can be read of them: look over "
                     "every value, then `import` that sheet; it takes the place of all",
                     o.unit->code, o.campaign->c.id, o.period->id);
    if (rc == 0)
        *ret_office = o;
    else
        office_done(&o);
    return rc;
}

int office_open_draft(struct actor *a, struct txn *t, const struct draft *d,
                      struct office *ret_office, bool *ret_open, struct err *e) {
    struct office o = {.actor = a, .t = t};
    struct catalog *c = &a->catalog;
    struct hash missing;
    struct err why = {0};
    *ret_open = false;
    o.unit = catalog_unit(c, &d->unit);
    o.campaign = catalog_latest(c, &d->issuer, d->campaign);
    o.period = o.campaign ? campaign_period(&o.campaign->c, d->period) : NULL;
    if (!o.unit || !o.period)
        return 0;
    int rc = catalog_criteria(c, o.campaign, &missing, &why);
    if (rc == 0)
        rc = catalog_profile_in_force(c, o.campaign, &o.profile, &o.profile_record, &why);
    if (rc != 0) {
        if (rc == ERR_NOMEM)
            *e = why;
        return rc == ERR_NOMEM ? rc : 0;
    }
    rc = load(&o, e);
    *ret_open = rc == 0 && !o.damaged;
    if (*ret_open)
        *ret_office = o;
    else
        office_done(&o);
    return rc;
}

void office_begin_anew(struct office *o) {
    struct draft d = office_draft(o);
    draft_begin_anew(o->t, &d);
    sheet_clear(&o->sheet);
    o->strays = 0;
    o->damaged = false;
}

struct sheet_rules office_rules(const struct office *o) {
    return (struct sheet_rules){
        .campaign = &o->campaign->c,
        .criteria = &o->campaign->criteria,
        .profile = o->profile,
        .subjects = &o->people.subjects,
        .unit = {o->unit->id, o->unit->kind},
    };
}

struct draft office_draft(const struct office *o) {
    return (struct draft){o->unit->id, o->campaign->issuer, o->campaign->c.id, o->period->id};
}

bool office_applies(const struct office *o, uint32_t row, uint32_t column) {
    struct unit_view unit = {o->unit->id, o->unit->kind};
    return criterion_applies(o->campaign->criteria.leaves[column], &o->campaign->c,
                             &o->people.subjects.list[row], &unit);
}

enum score_mode office_mode(const struct office *o, uint32_t column) {
    struct score_rule rule;
    profile_rule(o->profile, o->campaign->criteria.leaves[column]->id, &rule);
    return rule.mode;
}

bool office_na(const struct office *o) {
    return o->profile->na_allowed;
}

score office_most(const struct office *o, uint32_t column) {
    struct score_rule rule;
    profile_rule(o->profile, o->campaign->criteria.leaves[column]->id, &rule);
    return rule.mode == MODE_POINTS ? rule.max : LIMIT_SCORE;
}

int office_write(struct office *o, uint32_t row, uint32_t column, const struct cell *cell,
                 const char *note, struct err *e) {
    struct sheet_rules rules = office_rules(o);
    struct draft d = office_draft(o);
    bool has_note = note && *note;
    const struct criterion *leaf = o->campaign->criteria.leaves[column];
    int rc = cell_check(&rules, row, column, cell, has_note, e);
    if (rc == 0 && has_note && strlen(note) > LIMIT_TEXT)
        rc = err_set(e, ERR_REFUSED, "the note is longer than %u bytes: shorten it", LIMIT_TEXT);
    if (rc == 0 && has_note && !office_applies(o, row, column))
        rc = cell_misplaced(&rules, row, column, e);
    if (rc == 0)
        rc = draft_note(&o->sheet, row, column, note, e);
    if (rc != 0)
        return rc;
    *sheet_cell(&o->sheet, row, column) = *cell;
    draft_put(o->t, &d, &o->people.subjects.list[row].id, leaf->id, cell, note);
    return 0;
}

static bool is_listed(void *arg, const char *code) {
    return subjects_row(arg, code) >= 0;
}

/* Another unit than that of `o` for which this machine listed a subject `code`, into `ret_unit`;
 * NULL if none. */
static int who_lists(const struct office *o, const char *code, const struct unit_fact **ret_unit,
                     struct err *e) {
    struct people_units listed;
    const struct catalog *c = &o->actor->catalog;
    *ret_unit = NULL;
    int rc = people_units_load(o->actor, o->t, &listed, e);
    for (size_t i = 0; rc == 0 && !*ret_unit && i < units_count(c->units); i++) {
        struct uid subject;
        const struct uid *id = units_id(c->units, i);
        bool known = false;
        if (!uid_equal(id, &o->unit->id) && people_units_has(&listed, id))
            rc = people_known(o->actor, o->t, id, code, &subject, &known, e);
        if (known)
            *ret_unit = catalog_unit(c, id);
    }
    people_units_done(&listed);
    return rc;
}

static int no_subject(const struct office *o, const char *code, struct err *e) {
    for (uint32_t i = 0; i < o->people.subjects.n; i++)
        if (strcasecmp(o->people.subjects.list[i].code, code) == 0)
            return err_set(e, ERR_REFUSED, "there is no subject %s: did you mean %s?", code,
                           o->people.subjects.list[i].code);
    const struct unit_fact *other;
    int rc = who_lists(o, code, &other, e);
    if (rc != 0)
        return rc;
    if (other)
        return err_set(e, ERR_REFUSED,
                       "there is no subject %s in unit %s; there is one in unit %s: give --unit %s",
                       code, o->unit->code, other->code, other->code);
    return err_set(e, ERR_REFUSED,
                   "there is no subject %s in unit %s; `subject list` shows all, `subject "
                   "import` adds one",
                   code, o->unit->code);
}

int office_row(const struct office *o, const char *code, uint32_t *ret_row, struct err *e) {
    const char *slash = strchr(code, '/');
    size_t n = strlen(o->unit->code);
    char meant[LIMIT_CODE + 1];
    struct subjects list = o->people.subjects;
    if (slash && (size_t)(slash - code) == n && strncmp(code, o->unit->code, n) == 0)
        code = slash + 1;
    int row = subjects_row(&list, code);
    if (row < 0 && csv_suggest_code(code, is_listed, &list, meant))
        return err_set(e, ERR_REFUSED,
                       "there is no subject %s; is it %s, whose leading zero a spreadsheet ate?",
                       code, meant);
    if (row < 0)
        return no_subject(o, code, e);
    *ret_row = (uint32_t)row;
    return 0;
}

int office_column(const struct office *o, const char *id, uint32_t *ret_column, struct err *e) {
    const struct criteria *c = &o->campaign->criteria;
    int column = criteria_leaf(c, id);
    for (uint32_t i = 0; column < 0 && i < c->n; i++)
        if (strcmp(c->all[i]->id, id) == 0)
            return err_set(e, ERR_REFUSED,
                           "criterion %s takes no value itself: give one to each criterion below "
                           "it",
                           id);
    for (uint32_t i = 0; column < 0 && i < c->n; i++)
        if (strcasecmp(c->all[i]->id, id) == 0)
            return err_set(e, ERR_REFUSED, "campaign %s has no criterion %s: did you mean %s?",
                           o->campaign->c.id, id, c->all[i]->id);
    if (column < 0)
        return err_set(e, ERR_REFUSED,
                       "campaign %s has no criterion %s; `campaign show` lists them",
                       o->campaign->c.id, id);
    *ret_column = (uint32_t)column;
    return 0;
}
