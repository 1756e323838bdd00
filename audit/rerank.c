#include "audit/rerank.h"

#include "audit/redue.h"
#include "audit/rejudge.h"
#include "audit/requota.h"
#include "audit/rerank_group.h"
#include "audit/rerank_whom.h"
#include "core/list.h"
#include "core/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* What is compared where two shares are equal; the greater one goes first. */
#define NO_VALUE RANK_NO_VALUE

struct row {
    struct rank_row says;
    struct uid subject; /* settles the order of print between equal codes */
    int64_t *keys;
};

struct source {
    struct uid unit;
    struct fold_report *report;
    bool on_time, late;
};

struct growing {
    const struct fold *f;
    const struct recontact_home *home;
    const struct ask *ask;
    struct ask_slot slot;
    struct uid under;
    day as_of;
    uint32_t n_sources, n_rows;
    struct source *sources; /* the effective report of each unit that has one */
    struct row *rows;
    struct rerank_group group;
    struct ranking out;
    struct ask asked; /* what follows from the subject asked for filled in */
    struct rerank_whom whom;
};

/* ---- which reports ---- */

static int add_source(struct growing *g, const struct uid *unit, struct err *e) {
    const struct units *units = g->f->units;
    struct reboard_slot s;
    if (!units_exist(units, unit, g->as_of) ||
        !units_under(units, unit, &g->home->unit, g->as_of) ||
        !units_under(units, unit, &g->under, g->as_of))
        return 0;
    int rc = reboard_slot(g->f, g->home, &g->slot, unit, INSTANT_LATEST, &s, e);
    if (rc != 0 || !s.effective)
        return rc;
    if (list_grow(&g->sources, g->n_sources, sizeof *g->sources, e) != 0)
        return ERR_NOMEM;
    enum slot_state state = s.verdict.state;
    g->sources[g->n_sources++] =
        (struct source){*unit, fold_report(g->f, s.effective->entry),
                        state == SLOT_ON_TIME || state == SLOT_EXCUSED, state == SLOT_LATE};
    return 0;
}

static int find_sources(struct growing *g, struct err *e) {
    size_t units = units_count(g->f->units);
    int rc = 0;
    if (g->ask->under)
        rc = reboard_unit(g->f, g->ask->under, g->as_of, g->as_of, &g->under, e);
    for (size_t i = 0; rc == 0 && i < units; i++)
        rc = add_source(g, units_id(g->f->units, i), e);
    return rc;
}

static int choose_group(struct growing *g, struct err *e) {
    struct uid *units = mem_zalloc(g->n_sources, sizeof *units);
    if (!units)
        return err_nomem(e);
    for (uint32_t i = 0; i < g->n_sources; i++)
        units[i] = g->sources[i].unit;
    struct rerank_field field = {.f = g->f,
                                 .ask = g->ask,
                                 .slot = &g->slot,
                                 .subjects = g->out.subjects,
                                 .as_of = g->as_of,
                                 .home = g->home->unit,
                                 .under = g->under,
                                 .n_reporting = g->n_sources,
                                 .reporting = units};
    int rc = rerank_choose_group(&field, &g->group, e);
    mem_free(units);
    return rc;
}

/* ---- one row ---- */

static int64_t cell_value(const struct opened *o, uint32_t row, const char *criterion) {
    int column = criteria_leaf(&o->campaign->criteria, criterion);
    if (column < 0)
        return NO_VALUE;
    const struct cell *c = sheet_cell_const(&o->sheet, row, (uint32_t)column);
    struct score_rule rule;
    switch ((enum cell_state)c->state) {
    case CELL_SCORE:
    case CELL_VALUE:
        return c->value;
    case CELL_MET:
        profile_rule(o->profile, criterion, &rule);
        return rule.max;
    case CELL_NOT_MET:
        return 0;
    case CELL_EMPTY:
    case CELL_NA:
        break;
    }
    return NO_VALUE;
}

static int64_t key_of(const struct comparator *by, const struct opened *o, uint32_t row,
                      const struct points *p) {
    int64_t v = NO_VALUE;
    switch (by->field) {
    case BY_CRITERION:
        v = cell_value(o, row, by->criterion);
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
    bool small_first = by->ascending || by->field == BY_PENALTY;
    return v != NO_VALUE && small_first ? -v : v;
}

static struct points points_of(const struct growing *g, const struct source *from,
                               const struct opened *o, uint32_t row) {
    struct sheet_rules rules = rejudge_opened_rules(o);
    struct points p;
    sheet_points(&rules, &o->sheet, row, &p);
    if (from->late && g->slot.rule->late == LATE_PENALTY) {
        p.penalty += g->slot.rule->late_penalty;
        p.total -= g->slot.rule->late_penalty;
        if (p.total < -LIMIT_SCORE)
            p.total = -LIMIT_SCORE;
    }
    return p;
}

static const char *subject_code(const struct opened *o, uint32_t row,
                                const struct unit_fact *fact) {
    return row == 0 ? fact->code : o->subjects.list[row].code;
}

static int fill_row(struct growing *g, const struct source *from, const struct opened *o,
                    uint32_t row, const struct unit_fact *fact, struct row *out, struct err *e) {
    const struct campaign *c = &g->slot.k->c;
    const struct subject *subject = &o->subjects.list[row];
    struct points p = points_of(g, from, o, row);
    struct sheet_rules rules = rejudge_opened_rules(o);
    const struct grade *grade = p.max > 0 ? sheet_grade(&rules, &o->sheet, row, &p) : NULL;
    out->subject = subject->id;
    out->says = (struct rank_row){
        .unit = mem_strdup(fact->code),
        .unit_name = mem_strdup(fact->name),
        .subject = mem_strdup(subject_code(o, row, fact)),
        .name = row == 0 ? mem_strdup(fact->name) : NULL,
        .class_id = subject->class_id[0] ? mem_strdup(subject->class_id) : NULL,
        .total = p.total,
        .max = p.max,
        .grade = grade ? mem_strdup(grade->id) : NULL,
        .source = SOURCE_SELF,
        .on_time = from->on_time,
        .report = from->report->entry->r.id,
        .revision = from->report->revision,
        .older_version = o->campaign->c.version == c->version ? 0 : o->campaign->c.version,
    };
    out->keys = mem_zalloc(c->n_comparators, sizeof *out->keys);
    if (!out->says.unit || !out->says.unit_name || !out->says.subject || !out->keys ||
        (grade && !out->says.grade) || (row == 0 && !out->says.name) ||
        (subject->class_id[0] && !out->says.class_id))
        return err_nomem(e);
    for (uint32_t i = 0; i < c->n_comparators; i++)
        out->keys[i] = key_of(&c->comparators[i], o, row, &p);
    return row == 0
               ? 0
               : fold_subject_name(g->f, from->report->entry, &subject->id, &out->says.name, e);
}

static int exclude(struct growing *g, const struct opened *o, uint32_t row,
                   const struct unit_fact *fact, const char *why, struct err *e) {
    struct ranking *r = &g->out;
    if (list_grow(&r->excluded, r->n_excluded, sizeof *r->excluded, e) != 0)
        return ERR_NOMEM;
    struct rank_excluded *x = &r->excluded[r->n_excluded++];
    *x =
        (struct rank_excluded){mem_strdup(fact->code), mem_strdup(subject_code(o, row, fact)), why};
    return x->unit && x->subject ? 0 : err_nomem(e);
}

/* Why none of the report is ranked; NULL: it is. */
static const char *why_not(const struct growing *g, const struct source *from,
                           const struct opened *o) {
    bool met = hash_is_zero(&o->report.profile);
    if (strcmp(met ? profile_met.id : o->profile->id, g->out.profile) != 0)
        return "other_profile";
    return from->late && g->slot.rule->late == LATE_EXCLUDE ? "late" : NULL;
}

static int add_subject(struct growing *g, const struct source *from, const struct opened *o,
                       uint32_t row, struct err *e) {
    const struct unit_fact *fact = units_at(g->f->units, &from->unit, g->as_of);
    const struct subject *subject = &o->subjects.list[row];
    if (subject->kind != g->out.subjects || !rerank_in_group(&g->group, fact, subject))
        return 0;
    const char *why = why_not(g, from, o);
    if (why)
        return exclude(g, o, row, fact, why, e);
    if (list_grow(&g->rows, g->n_rows, sizeof *g->rows, e) != 0)
        return ERR_NOMEM;
    struct row *at = &g->rows[g->n_rows++];
    *at = (struct row){.keys = NULL};
    return fill_row(g, from, o, row, fact, at, e);
}

static int add_report(struct growing *g, const struct source *from, struct err *e) {
    struct opened o = {0};
    int rc = from->report->nil ? 0 : rejudge_report(g->f, from->report, &o, e);
    for (uint32_t row = 0; rc == 0 && row < o.subjects.n; row++)
        rc = add_subject(g, from, &o, row, e);
    rejudge_opened_done(&o);
    return rc;
}

/* ---- order ---- */

static int compare_shares(const struct rank_row *a, const struct rank_row *b) {
    int64_t x = (int64_t)a->total * b->max, y = (int64_t)b->total * a->max;
    return (x < y) - (x > y);
}

/* Who goes first by worth; codes have no say. */
static int compare_worth(const struct row *a, const struct row *b, uint32_t n_keys) {
    bool x = a->says.max > 0, y = b->says.max > 0;
    if (!x || !y)
        return y - x;
    int order = compare_shares(&a->says, &b->says);
    for (uint32_t i = 0; order == 0 && i < n_keys; i++)
        order = (a->keys[i] < b->keys[i]) - (a->keys[i] > b->keys[i]);
    return order;
}

static int by_worth(const void *a, const void *b, void *n_keys) {
    const struct row *x = a, *y = b;
    int order = compare_worth(x, y, *(const uint32_t *)n_keys);
    if (order == 0)
        order = strcmp(x->says.unit, y->says.unit);
    if (order == 0)
        order = strcmp(x->says.subject, y->says.subject);
    return order != 0 ? order : uid_cmp(&x->subject, &y->subject);
}

static int by_codes(const void *a, const void *b) {
    const struct rank_excluded *x = a, *y = b;
    int order = strcmp(x->unit, y->unit);
    if (order == 0)
        order = strcmp(x->subject, y->subject);
    return order != 0 ? order : strcmp(x->why, y->why);
}

/* Give ranks 1-2-2-4 to the sorted rows. */
static void give_ranks(struct growing *g) {
    uint32_t n_keys = g->slot.k->c.n_comparators;
    for (uint32_t i = 0; i < g->n_rows && g->rows[i].says.max > 0; i++) {
        struct row *at = &g->rows[i];
        bool same = i > 0 && compare_worth(at - 1, at, n_keys) == 0;
        at->says.rank = same ? (at - 1)->says.rank : i + 1;
        at->says.tied = same;
        if (same)
            (at - 1)->says.tied = true;
    }
}

static bool is_whom(const struct growing *g, const char *unit, const char *code) {
    return strcmp(g->whom.unit, unit) == 0 && strcmp(g->whom.code, code) == 0;
}

/* Of those excluded only the one that is asked for. */
static void keep_whom(struct growing *g) {
    struct ranking *r = &g->out;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < r->n_excluded; i++) {
        if (is_whom(g, r->excluded[i].unit, r->excluded[i].subject)) {
            r->excluded[kept++] = r->excluded[i];
            continue;
        }
        mem_free(r->excluded[i].unit);
        mem_free(r->excluded[i].subject);
    }
    r->n_excluded = kept;
}

/* What follows from the subject that is asked for. */
static int find_whom(struct growing *g, struct err *e) {
    struct fold_report *report = NULL;
    if (!g->ask->subject)
        return 0;
    int rc = rerank_whom_find(g->f, g->ask->subject, g->as_of, &g->home->unit, &g->whom, e);
    for (uint32_t i = 0; rc == 0 && i < g->n_sources; i++)
        if (uid_equal(&g->sources[i].unit, &g->whom.id))
            report = g->sources[i].report;
    if (rc == 0)
        rc = rerank_whom_look(g->f, report, &g->whom, e);
    if (rc == 0)
        rerank_whom_fill(g->f, &g->whom, &g->slot, g->as_of, &g->asked);
    return rc;
}

static uint32_t rows_shown(const struct growing *g) {
    uint32_t n = g->ask->limit;
    if (n == 0 && g->ask->subject)
        return 0;
    if (n == 0 || n >= g->n_rows)
        return g->n_rows;
    while (n < g->n_rows && g->rows[n].says.rank != 0 &&
           g->rows[n].says.rank == g->rows[n - 1].says.rank)
        n++;
    return n;
}

static void row_done(struct row *r) {
    mem_free(r->says.unit);
    mem_free(r->says.unit_name);
    mem_free(r->says.subject);
    mem_free(r->says.name);
    mem_free(r->says.class_id);
    mem_free(r->says.grade);
    mem_free(r->keys);
}

/* Whether the campaign has criteria for the kind of subject that is not ranked. */
static bool has_other_kind(const struct growing *g) {
    const struct criteria *c = &g->slot.k->criteria;
    enum subject_kind other =
        g->out.subjects == SUBJECT_COLLECTIVE ? SUBJECT_INDIVIDUAL : SUBJECT_COLLECTIVE;
    bool has = false;
    for (uint32_t i = 0; g->slot.k->resolved == 0 && i < c->n_leaves; i++)
        has |= criterion_about(c->leaves[i], other);
    return has;
}

static int put_quotas(struct growing *g, struct err *e) {
    const struct units *units = g->f->units;
    const struct uid *issuer = fold_issuer(g->slot.k);
    struct requota_field field = {
        .campaign = &g->slot.k->c,
        .subjects = g->out.subjects,
        .both_kinds = has_other_kind(g),
        .whole = units_under(units, issuer, &g->home->unit, g->as_of) &&
                 units_under(units, issuer, &g->under, g->as_of),
        .one_group = g->group.everyone,
        .by_class = rerank_by_class(&g->group),
        .group = g->out.group,
        .n = g->n_rows,
        .rows = mem_zalloc(g->n_rows, sizeof *field.rows),
    };
    if (!field.rows)
        return err_nomem(e);
    for (uint32_t i = 0; i < g->n_rows; i++)
        field.rows[i] = &g->rows[i].says;
    int rc = requota_of(&field, &g->out, e);
    mem_free(field.rows);
    return rc;
}

static int print_rows(struct growing *g, struct err *e) {
    struct ranking *out = &g->out;
    uint32_t n_keys = g->slot.k->c.n_comparators;
    if (g->n_rows > 0)
        qsort_r(g->rows, g->n_rows, sizeof *g->rows, by_worth, &n_keys);
    if (out->n_excluded > 0)
        qsort(out->excluded, out->n_excluded, sizeof *out->excluded, by_codes);
    give_ranks(g);
    if (put_quotas(g, e) != 0)
        return ERR_NOMEM;
    uint32_t n = rows_shown(g);
    bool there = !g->ask->subject;
    out->rows = mem_zalloc((size_t)n + 1, sizeof *out->rows);
    if (!out->rows)
        return err_nomem(e);
    for (uint32_t i = 0; i < g->n_rows; i++) {
        bool whom = g->ask->subject && is_whom(g, g->rows[i].says.unit, g->rows[i].says.subject);
        there |= whom;
        if (i >= n && !whom)
            continue;
        out->rows[out->n_rows++] = g->rows[i].says;
        out->rows[out->n_rows - 1].keys = g->rows[i].keys;
        g->rows[i].keys = NULL;
        g->rows[i].says = (struct rank_row){0};
        if (i >= n)
            break;
    }
    if (g->ask->subject)
        keep_whom(g);
    return there || out->n_excluded > 0 ? 0 : rerank_whom_absent(g->ask->subject, e);
}

/* ---- the ranking ---- */

static int begin(struct growing *g, struct err *e) {
    const struct ask *a = g->ask;
    int rc = ask_ranking(g->f, a, &g->slot, e);
    if (rc != 0)
        return rc;
    const struct fold_campaign *k = g->slot.k;
    assert(k); /* one was found */
    g->as_of = a->units_as_of != DAY_NONE ? a->units_as_of : redue_cutoff(g->slot.period);
    const char *profile = k->c.profile[0] ? k->c.profile : profile_met.id;
    g->out = (struct ranking){
        .campaign = mem_strdup(k->c.id),
        .version = k->c.version,
        .period = mem_strdup(g->slot.period->id),
        .kind = g->slot.rule->kind,
        .under = mem_strdup(a->under),
        .profile = mem_strdup(profile),
        .values = a->values ? a->values : "effective",
        .units_as_of = g->as_of,
        .n_comparators = g->slot.k->c.n_comparators,
        .comparators = g->slot.k->c.comparators,
        .reconstructed = k->c.reconstructed || (k->resolved == 0 && k->criteria.reconstructed),
        .registration_unchecked = g->slot.rule->needs == REPORT_REGISTRATION,
    };
    if (!g->out.campaign || !g->out.period || !g->out.profile || (a->under && !g->out.under))
        return err_nomem(e);
    return 0;
}

int rerank_of(const struct fold *f, const struct recontact_home *home, const struct ask *a,
              struct ranking *ret_ranking, struct err *e) {
    struct growing g = {.f = f, .home = home, .asked = *a};
    g.ask = &g.asked;
    int rc = begin(&g, e);
    if (rc == 0 && !a->subject) /* what was left out is said before anything is read */
        rc = rerank_subjects(g.ask, &g.slot, &g.out.subjects, e);
    if (rc == 0)
        rc = find_sources(&g, e);
    if (rc == 0)
        rc = find_whom(&g, e);
    if (rc == 0 && a->subject)
        rc = rerank_subjects(g.ask, &g.slot, &g.out.subjects, e);
    if (rc == 0)
        rc = choose_group(&g, e);
    if (rc == 0 && g.group.id && !(g.out.group = mem_strdup(g.group.id)))
        rc = err_nomem(e);
    for (uint32_t i = 0; rc == 0 && i < g.n_sources; i++)
        rc = add_report(&g, &g.sources[i], e);
    if (rc == 0)
        rc = print_rows(&g, e);
    for (uint32_t i = 0; i < g.n_rows; i++)
        row_done(&g.rows[i]);
    mem_free(g.rows);
    mem_free(g.sources);
    if (rc == 0)
        *ret_ranking = g.out;
    else
        ranking_done(&g.out);
    return rc;
}
