#include "hub/campaign_file.h"

#include "core/limits.h"
#include "core/mem.h"
#include "core/word.h"
#include "hub/campaign_schema.h"
#include "hub/campaign_values.h"
#include "hub/campaign_yaml.h"
#include "proto/payload_campaign.h"
#include "proto/payload_profile.h"

#include <stdio.h>
#include <string.h>

/*
 * The raw structs keep what they own; the campaign made of them here borrows from them and from the
 * arena. Encoding and decoding it makes the copy that the caller owns.
 */
#define VALUES_BYTES ((size_t)16 * 1024 * 1024)

static void refuse_due(struct campaign_values *v) {
    char at[ERR_ARG_BYTES];
    if (!v->rc)
        v->rc = err_set(v->e, ERR_REFUSED,
                        "%s: %s: give one of date, each_year, days_after_period, undated: yes",
                        v->name, campaign_values_place(v, "", at));
}

static void need_inclusive(struct campaign_values *v, const struct raw_due *raw) {
    char at[ERR_ARG_BYTES];
    if (!v->rc && !raw->undated && !raw->inclusive)
        v->rc =
            err_set(v->e, ERR_REFUSED,
                    "%s: %s: say inclusive: yes (“chậm nhất ngày”) or inclusive: no (“trước ngày”)",
                    v->name, campaign_values_place(v, "", at));
}

/* The level that people mean by `text`, as units have it; `text` may be NULL. */
static char *level_of(struct campaign_values *v, char *text) {
    const char *code = text ? word_level(text) : NULL;
    if (code == text)
        return text;
    size_t n = strlen(code) + 1;
    char *copy = campaign_values_many(v, (uint32_t)n, 1);
    if (copy)
        memcpy(copy, code, n);
    return copy;
}

static char **levels_of(struct campaign_values *v, char *const *texts, uint32_t n) {
    char **list = campaign_values_many(v, n, sizeof *list);
    for (uint32_t i = 0; list && i < n; i++)
        list[i] = level_of(v, texts[i]);
    return list;
}

static void make_due(struct campaign_values *v, const struct raw_due *raw, struct due_rule *due) {
    due->level = level_of(v, raw->level);
    due->inclusive = raw->inclusive == 2;
    due->roll = raw->roll;
    if (!!raw->date + !!raw->each_year + !!raw->days_after_period + raw->undated != 1)
        refuse_due(v);
    need_inclusive(v, raw);
    day d = campaign_values_day(v, "date", raw->date);
    if (d != DAY_NONE) {
        int year, month, of_month;
        day_to_ymd(d, &year, &month, &of_month);
        due->recurrence = DUE_ONCE;
        due->year = year;
        due->month = month;
        due->day = of_month;
    }
    campaign_values_day_of_year(v, "each_year", raw->each_year, &due->month, &due->day);
    due->days_after =
        campaign_values_whole(v, "days_after_period", raw->days_after_period, 0, 3660, 0);
    if (!raw->date)
        due->recurrence = raw->each_year ? DUE_YEARLY : raw->undated ? DUE_UNDATED : DUE_PERIOD_END;
}

static void make_dues(struct campaign_values *v, uint32_t i, const struct raw_report *raw,
                      struct report_rule *report) {
    uint32_t own = raw->due ? 1 : 0;
    struct due_rule *due = campaign_values_many(v, own + raw->n_by_level, sizeof *due);
    if (!due)
        return;
    campaign_values_enter(v, "campaign.reports[%u].due", i + 1);
    if (own)
        make_due(v, raw->due, &due[0]);
    for (uint32_t k = 0; k < raw->n_by_level; k++) {
        campaign_values_enter(v, "campaign.reports[%u].due_by_level[%u]", i + 1, k + 1);
        make_due(v, &raw->by_level[k], &due[own + k]);
    }
    report->n_due = own + raw->n_by_level;
    report->due = due;
}

static void make_expected(struct campaign_values *v, uint32_t i, const struct raw_report *raw,
                          struct report_rule *report) {
    struct selection *list = campaign_values_many(v, raw->n_expected, sizeof *list);
    for (uint32_t k = 0; list && k < raw->n_expected; k++) {
        const struct raw_selection *s = &raw->expected[k];
        campaign_values_enter(v, "campaign.reports[%u].expected[%u]", i + 1, k + 1);
        list[k] = s->core;
        list[k].levels = levels_of(v, s->core.levels, s->core.n_levels);
        list[k].n_include = s->n_include;
        list[k].include = campaign_values_units(v, "include", s->include, s->n_include);
        list[k].n_exclude = s->n_exclude;
        list[k].exclude = campaign_values_units(v, "exclude", s->exclude, s->n_exclude);
        list[k].from = campaign_values_day(v, "from", s->from);
        list[k].until = campaign_values_day(v, "until", s->until);
    }
    report->n_expected = list ? raw->n_expected : 0;
    report->expected = list;
}

static void make_reports(struct campaign_values *v, const struct raw_campaign *raw,
                         struct campaign *c) {
    c->n_reports = raw->n_reports;
    c->reports = campaign_values_many(v, raw->n_reports, sizeof *c->reports);
    for (uint32_t i = 0; c->reports && i < raw->n_reports; i++) {
        const struct raw_report *r = &raw->reports[i];
        struct report_rule *report = &c->reports[i];
        *report = r->core;
        report->embedded = r->core.embedded_in && *r->core.embedded_in;
        campaign_values_enter(v, "campaign.reports[%u]", i + 1);
        report->late_penalty = campaign_values_hundredths(v, "late_penalty", r->late_penalty, 0);
        report->return_days = campaign_values_whole(v, "return_days", r->return_days, 0, 3660, 0);
        make_dues(v, i, r, report);
        make_expected(v, i, r, report);
    }
}

static void make_periods(struct campaign_values *v, const struct raw_campaign *raw,
                         struct campaign *c) {
    c->n_periods = raw->n_periods;
    c->periods = campaign_values_many(v, raw->n_periods, sizeof *c->periods);
    for (uint32_t i = 0; c->periods && i < raw->n_periods; i++) {
        const struct raw_period *p = &raw->periods[i];
        struct period *period = &c->periods[i];
        campaign_values_enter(v, "campaign.periods[%u]", i + 1);
        period->id = p->core.id;
        period->begin = campaign_values_day(v, "begin", p->begin);
        period->end = campaign_values_day(v, "end", p->end);
        period->cutoff = campaign_values_day(v, "cutoff", p->cutoff);
        if (period->cutoff == DAY_NONE)
            period->cutoff = period->end;
    }
}

/* A criterion that no other names as its parent takes values. */
static bool is_leaf(const struct raw_campaign *raw, const char *id) {
    for (uint32_t i = 0; i < raw->n_criteria; i++)
        if (raw->criteria[i].core.parent && strcmp(raw->criteria[i].core.parent, id) == 0)
            return false;
    return true;
}

static void make_criteria(struct campaign_values *v, const struct raw_campaign *raw,
                          struct campaign *c) {
    c->n_criteria = raw->n_criteria;
    c->criteria = campaign_values_many(v, raw->n_criteria, sizeof *c->criteria);
    for (uint32_t i = 0; c->criteria && i < raw->n_criteria; i++) {
        const struct raw_criterion *r = &raw->criteria[i];
        struct criterion *x = &c->criteria[i];
        campaign_values_enter(v, "campaign.criteria[%u]", i + 1);
        *x = r->core;
        x->leaf = is_leaf(raw, r->core.id);
        x->collective = r->about != SUBJECT_INDIVIDUAL;
        x->individual = r->about != SUBJECT_COLLECTIVE;
        x->source_line = campaign_values_whole(v, "line", r->line, 1, 999999, 0);
        if (!r->threshold)
            continue;
        x->test = (enum indicator_test)r->threshold->must_be;
        x->threshold_unknown = strcmp(r->threshold->value, "unknown") == 0 ||
                               strcmp(r->threshold->value, "chưa định") == 0;
        if (!x->threshold_unknown)
            x->threshold = campaign_values_hundredths(v, "threshold.value", r->threshold->value, 0);
    }
}

static void make_milestones(struct campaign_values *v, const struct raw_campaign *raw,
                            struct campaign *c) {
    c->n_milestones = raw->n_milestones;
    c->milestones = campaign_values_many(v, raw->n_milestones, sizeof *c->milestones);
    for (uint32_t i = 0; c->milestones && i < raw->n_milestones; i++) {
        const char *date = raw->milestones[i].date;
        struct milestone *m = &c->milestones[i];
        campaign_values_enter(v, "campaign.milestones[%u]", i + 1);
        *m = raw->milestones[i].core;
        m->precision = strlen(date) == 4 ? MILESTONE_YEAR : MILESTONE_DAY;
        if (m->precision == MILESTONE_YEAR) {
            m->year = campaign_values_whole(v, "date", date, 1, 9999, 0);
            continue;
        }
        day d = campaign_values_day(v, "date", date);
        int year = 0, month = 0, of_month = 0;
        if (d != DAY_NONE)
            day_to_ymd(d, &year, &month, &of_month);
        m->year = year;
        m->month = month;
        m->day = of_month;
    }
}

static void make_awards(struct campaign_values *v, const struct raw_campaign *raw,
                        struct campaign *c) {
    c->n_awards = raw->n_awards;
    c->awards = campaign_values_many(v, raw->n_awards, sizeof *c->awards);
    for (uint32_t i = 0; c->awards && i < raw->n_awards; i++) {
        campaign_values_enter(v, "campaign.awards[%u]", i + 1);
        c->awards[i] = raw->awards[i].core;
        c->awards[i].from = campaign_values_day(v, "from", raw->awards[i].from);
        c->awards[i].until = campaign_values_day(v, "until", raw->awards[i].until);
    }
}

/* `4` is a count, `15 %` a share. */
static void make_amount(struct campaign_values *v, const char *text, struct quota *quota) {
    size_t n = strlen(text);
    quota->is_percentage = text[n - 1] == '%';
    if (!quota->is_percentage) {
        quota->amount = campaign_values_whole(v, "amount", text, 0, 999999999, 0);
        return;
    }
    char *share = campaign_values_many(v, (uint32_t)n, 1);
    if (!share)
        return;
    memcpy(share, text, n - 1);
    for (n--; n > 0 && share[n - 1] == ' '; n--)
        share[n - 1] = '\0';
    quota->amount = campaign_values_hundredths(v, "amount", *share ? share : "%", 0);
}

static void make_quotas(struct campaign_values *v, const struct raw_campaign *raw,
                        struct campaign *c) {
    c->n_quotas = raw->n_quotas;
    c->quotas = campaign_values_many(v, raw->n_quotas, sizeof *c->quotas);
    for (uint32_t i = 0; c->quotas && i < raw->n_quotas; i++) {
        campaign_values_enter(v, "campaign.quotas[%u]", i + 1);
        c->quotas[i] = raw->quotas[i].core;
        make_amount(v, raw->quotas[i].amount, &c->quotas[i]);
    }
}

static void make_groups(struct campaign_values *v, const struct raw_campaign *raw,
                        struct campaign *c) {
    c->n_groups = raw->n_groups;
    c->groups = campaign_values_many(v, raw->n_groups, sizeof *c->groups);
    for (uint32_t i = 0; c->groups && i < raw->n_groups; i++) {
        const struct raw_units *units = &raw->groups[i].units;
        campaign_values_enter(v, "campaign.groups[%u]", i + 1);
        c->groups[i] = raw->groups[i].core;
        c->groups[i].n_units = units->n;
        c->groups[i].units = campaign_values_units(v, "units", units->codes, units->n);
    }
}

static void make_attributes(struct campaign_values *v, const struct raw_campaign *raw,
                            struct campaign *c) {
    struct unit_attribute *list = campaign_values_many(v, raw->n_attributes, sizeof *list);
    c->n_unit_attributes = raw->n_attributes;
    c->unit_attributes = list;
    for (uint32_t i = 0; list && i < raw->n_attributes; i++) {
        const struct raw_units *units = &raw->attributes[i].units;
        campaign_values_enter(v, "campaign.unit_attributes[%u]", i + 1);
        list[i] = raw->attributes[i].core;
        list[i].n_units = units->n;
        list[i].units = campaign_values_units(v, "units", units->codes, units->n);
    }
}

static int make_campaign(struct campaign_values *v, const struct raw_campaign *raw,
                         struct campaign *ret_campaign) {
    struct campaign c = raw->core;
    campaign_values_enter(v, "campaign");
    c.version = (uint32_t)campaign_values_whole(v, "version", raw->version, 1, 999999, 1);
    make_reports(v, raw, &c);
    make_periods(v, raw, &c);
    make_criteria(v, raw, &c);
    make_milestones(v, raw, &c);
    make_awards(v, raw, &c);
    make_quotas(v, raw, &c);
    make_groups(v, raw, &c);
    make_attributes(v, raw, &c);
    if (v->rc)
        return v->rc;
    struct buf bytes;
    buf_init(&bytes);
    int rc = campaign_encode(&c, &bytes, v->e);
    if (!rc)
        rc = campaign_decode(buf_slice(&bytes), ret_campaign, v->e);
    err_where(v->e, v->name); /* the codecs know what is wrong, not in which file */
    buf_done(&bytes);
    return rc;
}

static void make_rules(struct campaign_values *v, const struct raw_profile *raw,
                       struct profile *p) {
    p->n_rules = raw->n_rules;
    p->rules = campaign_values_many(v, raw->n_rules, sizeof *p->rules);
    for (uint32_t i = 0; p->rules && i < raw->n_rules; i++) {
        const struct raw_rule *r = &raw->rules[i];
        campaign_values_enter(v, "profile.rules[%u]", i + 1);
        p->rules[i] = r->core;
        p->rules[i].mode = r->mode ? (enum score_mode)(r->mode - 1) : p->default_mode;
        p->rules[i].max = campaign_values_hundredths(v, "max", r->max, p->default_max);
    }
}

static void make_grades(struct campaign_values *v, const struct raw_profile *raw,
                        struct profile *p) {
    p->n_grades = raw->n_grades;
    p->grades = campaign_values_many(v, raw->n_grades, sizeof *p->grades);
    for (uint32_t i = 0; p->grades && i < raw->n_grades; i++) {
        campaign_values_enter(v, "profile.grades[%u]", i + 1);
        p->grades[i] = raw->grades[i].core;
        p->grades[i].share_min = campaign_values_hundredths(v, "from", raw->grades[i].from, 0);
    }
    p->n_caps = raw->n_caps;
    p->caps = campaign_values_many(v, raw->n_caps, sizeof *p->caps);
    for (uint32_t i = 0; p->caps && i < raw->n_caps; i++) {
        campaign_values_enter(v, "profile.caps[%u]", i + 1);
        p->caps[i] = raw->caps[i].core;
        p->caps[i].below = campaign_values_hundredths(v, "below", raw->caps[i].below, 0);
    }
}

static int make_profile(struct campaign_values *v, const struct raw_profile *raw,
                        struct profile *ret_profile) {
    struct profile p = raw->core;
    campaign_values_enter(v, "profile");
    p.version = (uint32_t)campaign_values_whole(v, "version", raw->version, 1, 999999, 1);
    p.default_max = campaign_values_hundredths(v, "default_max", raw->default_max, 0);
    make_rules(v, raw, &p);
    make_grades(v, raw, &p);
    if (v->rc)
        return v->rc;
    struct buf bytes;
    buf_init(&bytes);
    int rc = profile_encode(&p, &bytes, v->e);
    if (!rc)
        rc = profile_decode(buf_slice(&bytes), ret_profile, v->e);
    err_where(v->e, v->name); /* the codecs know what is wrong, not in which file */
    buf_done(&bytes);
    return rc;
}

int campaign_file_read(struct slice text, const char *name, campaign_file_resolve *resolve,
                       void *arg, struct campaign_file *ret_file, struct err *e) {
    struct raw_file *raw;
    int rc = campaign_yaml_read(text, name, &raw, e);
    if (rc)
        return rc;
    struct campaign_values v = {.name = name, .resolve = resolve, .arg = arg, .e = e};
    arena_init(&v.arena, VALUES_BYTES);
    struct campaign_file file = {.is_profile = raw->profile != NULL};
    if (file.is_profile)
        rc = make_profile(&v, raw->profile, &file.profile);
    else
        rc = make_campaign(&v, raw->campaign, &file.campaign);
    arena_done(&v.arena);
    campaign_yaml_free(raw);
    if (!rc)
        *ret_file = file;
    return rc;
}

int campaign_file_load(const char *path, campaign_file_resolve *resolve, void *arg,
                       struct campaign_file *ret_file, struct err *e) {
    FILE *f = fopen(path, "rb");
    if (!f)
        return err_set(e, ERR_IO, "%s cannot be opened; check its name and that you may read it",
                       path);
    const size_t cap = LIMIT_YAML_BYTES + 1;
    uint8_t *bytes = mem_alloc(cap);
    size_t n = bytes ? fread(bytes, 1, cap, f) : 0;
    int rc = bytes ? 0 : err_nomem(e);
    if (!rc && ferror(f))
        rc = err_set(e, ERR_IO, "%s cannot be read", path);
    (void)fclose(f);
    if (!rc)
        rc = campaign_file_read(slice_of(bytes, n), path, resolve, arg, ret_file, e);
    mem_free(bytes);
    return rc;
}

void campaign_file_done(struct campaign_file *file) {
    if (!file)
        return;
    campaign_done(&file->campaign);
    profile_done(&file->profile);
}
