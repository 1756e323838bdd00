#include "proto/json_plan.h"

static void put_given(struct json *j, const char *key, const char *s) {
    json_put_text(j, key, s && *s ? s : NULL);
}

static void put_label(struct json *j, const struct label *l) {
    json_begin_object(j, "label");
    put_given(j, "vi", l->vi);
    put_given(j, "en", l->en);
    json_end(j);
}

static void put_strings(struct json *j, const char *key, char *const *list, uint32_t n) {
    json_begin_list(j, key);
    for (uint32_t i = 0; i < n; i++)
        json_put_text(j, NULL, list[i]);
    json_end(j);
}

static void put_units(struct json *j, const char *key, const struct uid *list, uint32_t n,
                      const struct json_plan_units *units) {
    json_begin_list(j, key);
    for (uint32_t i = 0; i < n; i++)
        json_put_text(j, NULL, units->code_of(units->arg, &list[i]));
    json_end(j);
}

static const char *subjects_text(enum subject_kind kind) {
    return kind == SUBJECT_ANY ? "both" : subject_kind_text(kind);
}

static void put_parents(struct json *j, const struct campaign *c) {
    json_begin_list(j, "parents");
    for (uint32_t i = 0; i < c->n_parents; i++) {
        const struct campaign_parent *p = &c->parents[i];
        json_begin_object(j, NULL);
        json_put_text(j, "campaign", p->id);
        put_given(j, "issuer", p->issuer);
        put_given(j, "document", p->reference);
        json_put_text(j, "inherit", p->inherit == INHERIT_CRITERIA ? "criteria" : "none");
        json_put_hash(j, "record", &p->record);
        json_end(j);
    }
    json_end(j);
}

static void put_due(struct json *j, const struct due_rule *d) {
    static const char *const recurrences[] = {"date", "each_year", "days_after_period", "undated"};
    static const char *const rolls[] = {"none", "next", "previous"};
    json_begin_object(j, NULL);
    put_given(j, "level", d->level);
    json_put_text(j, "recurrence", recurrences[d->recurrence]);
    if (d->year)
        json_put_int(j, "year", d->year);
    if (d->recurrence == DUE_ONCE || d->recurrence == DUE_YEARLY) {
        json_put_int(j, "month", d->month);
        json_put_int(j, "day", d->day);
    }
    if (d->recurrence == DUE_PERIOD_END)
        json_put_int(j, "days_after", d->days_after);
    json_put_bool(j, "inclusive", d->inclusive);
    json_put_text(j, "roll", rolls[d->roll]);
    json_end(j);
}

static void put_selection(struct json *j, const struct selection *s,
                          const struct json_plan_units *units) {
    json_begin_object(j, NULL);
    put_strings(j, "levels", s->levels, s->n_levels);
    put_strings(j, "kinds", s->kinds, s->n_kinds);
    put_strings(j, "groups", s->groups, s->n_groups);
    put_units(j, "include", s->include, s->n_include, units);
    put_units(j, "exclude", s->exclude, s->n_exclude, units);
    put_given(j, "condition", s->condition);
    json_put_day(j, "from", s->from);
    json_put_day(j, "until", s->until);
    json_end(j);
}

static void put_rule(struct json *j, const struct report_rule *r,
                     const struct json_plan_units *units) {
    static const char *const lates[] = {"mark", "penalty", "exclude"};
    json_begin_object(j, NULL);
    json_put_text(j, "kind", report_kind_text(r->kind));
    json_put_bool(j, "default", r->is_default);
    json_put_text(j, "basis", r->basis == BASIS_ROOT ? "root" : "first_hub");
    json_put_bool(j, "allow_incomplete", r->allow_incomplete);
    json_put_text(j, "late", lates[r->late]);
    json_put_score(j, "late_penalty", r->late == LATE_PENALTY ? r->late_penalty : SCORE_NONE);
    json_put_int(j, "return_days", r->return_days);
    json_put_text(j, "needs", r->needs ? report_kind_text(r->needs) : NULL);
    put_given(j, "embedded_in", r->embedded_in);
    json_begin_list(j, "due");
    for (uint32_t i = 0; i < r->n_due; i++)
        put_due(j, &r->due[i]);
    json_end(j);
    json_begin_list(j, "expected");
    for (uint32_t i = 0; i < r->n_expected; i++)
        put_selection(j, &r->expected[i], units);
    json_end(j);
    json_end(j);
}

static void put_awards(struct json *j, const struct campaign *c) {
    static const char *const upkeeps[] = {NULL, "from_launch", "from_registration"};
    json_begin_list(j, "awards");
    for (uint32_t i = 0; i < c->n_awards; i++) {
        const struct award *a = &c->awards[i];
        json_begin_object(j, NULL);
        json_put_text(j, "id", a->id);
        put_label(j, &a->label);
        put_given(j, "occasion", a->occasion);
        put_given(j, "authority", a->authority);
        json_put_day(j, "from", a->from);
        json_put_day(j, "until", a->until);
        put_given(j, "note", a->note);
        put_given(j, "condition", a->condition);
        json_put_text(j, "upkeep", upkeeps[a->upkeep]);
        json_end(j);
    }
    json_end(j);
}

static void put_quotas(struct json *j, const struct campaign *c) {
    static const char *const scopes[] = {"issuer", "group", "unit"};
    static const char *const roundings[] = {"down", "up", "half_up"};
    json_begin_list(j, "quotas");
    for (uint32_t i = 0; i < c->n_quotas; i++) {
        const struct quota *q = &c->quotas[i];
        json_begin_object(j, NULL);
        json_put_text(j, "id", q->id);
        put_given(j, "award", q->award);
        json_put_text(j, "subjects", subjects_text(q->subjects));
        if (q->is_percentage)
            json_put_percent(j, "percent", q->amount);
        else
            json_put_int(j, "amount", q->amount);
        put_given(j, "base", q->base);
        json_put_text(j, "rounding", roundings[q->rounding]);
        json_put_text(j, "scope", scopes[q->scope]);
        json_put_text(j, "mode", q->mode == QUOTA_BLOCK ? "block" : "warn");
        json_end(j);
    }
    json_end(j);
}

static void put_milestones(struct json *j, const struct campaign *c) {
    json_begin_list(j, "milestones");
    for (uint32_t i = 0; i < c->n_milestones; i++) {
        const struct milestone *m = &c->milestones[i];
        json_begin_object(j, NULL);
        json_put_text(j, "id", m->id);
        put_label(j, &m->label);
        json_put_text(j, "precision", m->precision == MILESTONE_DAY ? "day" : "year");
        json_put_int(j, "year", m->year);
        if (m->precision == MILESTONE_DAY) {
            json_put_int(j, "month", m->month);
            json_put_int(j, "day", m->day);
        }
        json_put_bool(j, "missing_after", m->missing_after);
        json_end(j);
    }
    json_end(j);
}

static void put_groups(struct json *j, const struct campaign *c,
                       const struct json_plan_units *units) {
    json_begin_list(j, "groups");
    for (uint32_t i = 0; i < c->n_groups; i++) {
        const struct peer_group *g = &c->groups[i];
        json_begin_object(j, NULL);
        json_put_text(j, "id", g->id);
        put_label(j, &g->label);
        json_put_text(j, "subjects", subjects_text(g->subjects));
        put_units(j, "units", g->units, g->n_units, units);
        put_strings(j, "classes", g->classes, g->n_classes);
        json_end(j);
    }
    json_end(j);
    json_begin_list(j, "unit_attributes");
    for (uint32_t i = 0; i < c->n_unit_attributes; i++) {
        const struct unit_attribute *a = &c->unit_attributes[i];
        json_begin_object(j, NULL);
        json_put_text(j, "id", a->id);
        put_label(j, &a->label);
        put_units(j, "units", a->units, a->n_units, units);
        put_strings(j, "kinds", a->kinds, a->n_kinds);
        json_end(j);
    }
    json_end(j);
}

static void put_comparators(struct json *j, const struct campaign *c) {
    json_begin_list(j, "tie_breakers");
    for (uint32_t i = 0; i < c->n_comparators; i++) {
        const struct comparator *by = &c->comparators[i];
        json_begin_object(j, NULL);
        json_put_text(j, "by", comparator_field_text(by->field));
        put_given(j, "criterion", by->criterion);
        json_put_bool(j, "smallest_first", by->ascending);
        json_end(j);
    }
    json_end(j);
}

static void put_items(struct json *j, const char *key, const struct item *list, uint32_t n) {
    json_begin_list(j, key);
    for (uint32_t i = 0; i < n; i++) {
        json_begin_object(j, NULL);
        put_given(j, "id", list[i].id);
        put_given(j, "role", list[i].role);
        put_given(j, "whom", list[i].whom);
        put_label(j, &list[i].label);
        put_given(j, "text", list[i].text);
        json_end(j);
    }
    json_end(j);
}

static void put_forms(struct json *j, const struct campaign *c) {
    json_begin_list(j, "forms");
    for (uint32_t i = 0; i < c->n_forms; i++) {
        const struct form *f = &c->forms[i];
        json_begin_object(j, NULL);
        json_put_text(j, "id", f->id);
        json_put_text(j, "kind", report_kind_text(f->kind));
        put_label(j, &f->label);
        json_begin_list(j, "fields");
        for (uint32_t k = 0; k < f->n_fields; k++) {
            json_begin_object(j, NULL);
            json_put_text(j, "id", f->fields[k].id);
            put_label(j, &f->fields[k].label);
            json_put_bool(j, "required", f->fields[k].required);
            json_end(j);
        }
        json_end(j);
        json_end(j);
    }
    json_end(j);
}

void json_put_plan(struct json *j, const struct campaign *c, const struct json_plan_units *units) {
    put_given(j, "amended_on", c->amended_on);
    put_given(j, "amended_why", c->amended_why);
    json_put_bool(j, "council", c->issuer_is_council);
    put_given(j, "funding", c->funding);
    put_parents(j, c);
    json_begin_list(j, "rules");
    for (uint32_t i = 0; i < c->n_reports; i++)
        put_rule(j, &c->reports[i], units);
    json_end(j);
    put_items(j, "collectives", c->collectives, c->n_collectives);
    put_items(j, "individuals", c->individuals, c->n_individuals);
    put_groups(j, c, units);
    put_awards(j, c);
    put_quotas(j, c);
    put_milestones(j, c);
    put_comparators(j, c);
    put_items(j, "dossier", c->dossier, c->n_dossier);
    put_forms(j, c);
    put_items(j, "recipients", c->recipients, c->n_recipients);
    put_items(j, "routes", c->routes, c->n_routes);
    put_items(j, "roles", c->roles, c->n_roles);
    put_items(j, "sources", c->sources, c->n_sources);
    put_items(j, "errata", c->errata, c->n_errata);
}
