#include "core/campaign.h"

#include "core/mem.h"
#include "core/word.h"
#include "core/world.h"

#include <string.h>

static void label_free(struct label *l) {
    mem_free(l->vi);
    mem_free(l->en);
}

/* Free a list of `n` strings; a list cut short while it was filled may be NULL or hold NULLs. */
static void strings_free(char **list, uint32_t n) {
    for (uint32_t i = 0; list && i < n; i++)
        mem_free(list[i]);
    mem_free(list);
}

static void items_free(struct item *list, uint32_t n) {
    for (uint32_t i = 0; list && i < n; i++) {
        mem_free(list[i].id);
        mem_free(list[i].role);
        mem_free(list[i].whom);
        label_free(&list[i].label);
        mem_free(list[i].text);
    }
    mem_free(list);
}

static void parents_free(struct campaign_parent *list, uint32_t n) {
    for (uint32_t i = 0; list && i < n; i++) {
        mem_free(list[i].id);
        mem_free(list[i].issuer);
        mem_free(list[i].reference);
    }
    mem_free(list);
}

static void periods_free(struct period *list, uint32_t n) {
    for (uint32_t i = 0; list && i < n; i++)
        mem_free(list[i].id);
    mem_free(list);
}

static void selection_free(struct selection *s) {
    strings_free(s->levels, s->n_levels);
    strings_free(s->kinds, s->n_kinds);
    strings_free(s->groups, s->n_groups);
    mem_free(s->include);
    mem_free(s->exclude);
    mem_free(s->condition);
}

static void reports_free(struct report_rule *list, uint32_t n) {
    for (uint32_t i = 0; list && i < n; i++) {
        struct report_rule *r = &list[i];
        for (uint32_t k = 0; r->due && k < r->n_due; k++)
            mem_free(r->due[k].level);
        for (uint32_t k = 0; r->expected && k < r->n_expected; k++)
            selection_free(&r->expected[k]);
        mem_free(r->due);
        mem_free(r->expected);
        mem_free(r->embedded_in);
    }
    mem_free(list);
}

static void criterion_list_free(struct criterion *list, uint32_t n) {
    for (uint32_t i = 0; list && i < n; i++) {
        struct applicability *a = &list[i].applies;
        mem_free(list[i].id);
        mem_free(list[i].parent);
        label_free(&list[i].label);
        strings_free(a->attributes, a->n_attributes);
        strings_free(a->classes, a->n_classes);
        strings_free(a->unit_attributes, a->n_unit_attributes);
        mem_free(list[i].unit_of_measure);
        strings_free(list[i].references, list[i].n_references);
    }
    mem_free(list);
}

static void milestones_free(struct milestone *list, uint32_t n) {
    for (uint32_t i = 0; list && i < n; i++) {
        mem_free(list[i].id);
        label_free(&list[i].label);
    }
    mem_free(list);
}

static void awards_free(struct award *list, uint32_t n) {
    for (uint32_t i = 0; list && i < n; i++) {
        mem_free(list[i].id);
        label_free(&list[i].label);
        mem_free(list[i].occasion);
        mem_free(list[i].authority);
        mem_free(list[i].note);
        mem_free(list[i].condition);
    }
    mem_free(list);
}

static void quotas_free(struct quota *list, uint32_t n) {
    for (uint32_t i = 0; list && i < n; i++) {
        mem_free(list[i].id);
        mem_free(list[i].award);
        mem_free(list[i].base);
    }
    mem_free(list);
}

static void forms_free(struct form *list, uint32_t n) {
    for (uint32_t i = 0; list && i < n; i++) {
        for (uint32_t k = 0; list[i].fields && k < list[i].n_fields; k++) {
            mem_free(list[i].fields[k].id);
            label_free(&list[i].fields[k].label);
        }
        mem_free(list[i].fields);
        mem_free(list[i].id);
        label_free(&list[i].label);
    }
    mem_free(list);
}

static void groups_free(struct peer_group *list, uint32_t n) {
    for (uint32_t i = 0; list && i < n; i++) {
        mem_free(list[i].id);
        label_free(&list[i].label);
        mem_free(list[i].units);
        strings_free(list[i].classes, list[i].n_classes);
    }
    mem_free(list);
}

static void unit_attributes_free(struct unit_attribute *list, uint32_t n) {
    for (uint32_t i = 0; list && i < n; i++) {
        mem_free(list[i].id);
        label_free(&list[i].label);
        mem_free(list[i].units);
        strings_free(list[i].kinds, list[i].n_kinds);
    }
    mem_free(list);
}

static void comparators_free(struct comparator *list, uint32_t n) {
    for (uint32_t i = 0; list && i < n; i++)
        mem_free(list[i].criterion);
    mem_free(list);
}

static void lists_free(struct campaign *c) {
    parents_free(c->parents, c->n_parents);
    periods_free(c->periods, c->n_periods);
    reports_free(c->reports, c->n_reports);
    criterion_list_free(c->criteria, c->n_criteria);
    milestones_free(c->milestones, c->n_milestones);
    awards_free(c->awards, c->n_awards);
    quotas_free(c->quotas, c->n_quotas);
    items_free(c->dossier, c->n_dossier);
    items_free(c->recipients, c->n_recipients);
    items_free(c->routes, c->n_routes);
    items_free(c->roles, c->n_roles);
    items_free(c->sources, c->n_sources);
    items_free(c->errata, c->n_errata);
    forms_free(c->forms, c->n_forms);
    groups_free(c->groups, c->n_groups);
    unit_attributes_free(c->unit_attributes, c->n_unit_attributes);
    comparators_free(c->comparators, c->n_comparators);
    items_free(c->collectives, c->n_collectives);
    items_free(c->individuals, c->n_individuals);
}

void campaign_done(struct campaign *c) {
    if (!c)
        return;
    lists_free(c);
    mem_free(c->id);
    mem_free(c->amended_on);
    mem_free(c->amended_why);
    label_free(&c->title);
    mem_free(c->issuer_name);
    mem_free(c->document);
    mem_free(c->profile);
    mem_free(c->funding);
    memset(c, 0, sizeof *c);
}

bool campaign_is_template(const struct campaign *c) {
    return c->n_reports == 0;
}

const struct period *campaign_period(const struct campaign *c, const char *id) {
    for (uint32_t i = 0; i < c->n_periods; i++)
        if (strcmp(c->periods[i].id, id) == 0)
            return &c->periods[i];
    return NULL;
}

const struct report_rule *campaign_report(const struct campaign *c, enum report_kind kind) {
    for (uint32_t i = 0; i < c->n_reports; i++)
        if (c->reports[i].kind == kind)
            return &c->reports[i];
    return NULL;
}

const struct report_rule *campaign_default_report(const struct campaign *c) {
    for (uint32_t i = 0; i < c->n_reports; i++)
        if (c->reports[i].is_default)
            return &c->reports[i];
    return c->n_reports > 0 ? &c->reports[0] : NULL;
}

/* The first name of a kind is the one that is printed; the others are accepted too. */
static const struct {
    enum report_kind kind;
    const char *name;
} report_names[] = {
    {REPORT_ANNUAL, N_("annual")},      {REPORT_ANNUAL, "hằng năm"},
    {REPORT_ANNUAL, "hàng năm"},        {REPORT_ANNUAL, "năm"},
    {REPORT_ANNUAL, "báo cáo năm"},     {REPORT_INTERIM, N_("interim")},
    {REPORT_INTERIM, "sơ kết"},         {REPORT_INTERIM, "báo cáo sơ kết"},
    {REPORT_FINAL, N_("final")},        {REPORT_FINAL, "tổng kết"},
    {REPORT_FINAL, "báo cáo tổng kết"}, {REPORT_REGISTRATION, N_("registration")},
    {REPORT_REGISTRATION, "đăng ký"},   {REPORT_NOMINATION, N_("nomination")},
    {REPORT_NOMINATION, "đề nghị"},     {REPORT_NOMINATION, "đề nghị khen thưởng"},
    {REPORT_RESULT, N_("result")},      {REPORT_RESULT, "kết quả"},
    {REPORT_SECTION, N_("section")},    {REPORT_SECTION, "phần báo cáo"},
};

const char *report_kind_text(enum report_kind kind) {
    for (size_t i = 0; i < sizeof report_names / sizeof *report_names; i++)
        if (report_names[i].kind == kind)
            return report_names[i].name;
    return NULL;
}

enum report_kind report_kind_parse(const char *text) {
    for (size_t i = 0; i < sizeof report_names / sizeof *report_names; i++)
        if (word_equal(text, report_names[i].name))
            return report_names[i].kind;
    return 0;
}

static const struct {
    enum subject_kind kind;
    const char *name;
} subject_names[] = {
    {SUBJECT_COLLECTIVE, N_("collective")},
    {SUBJECT_COLLECTIVE, "tập thể"},
    {SUBJECT_INDIVIDUAL, N_("individual")},
    {SUBJECT_INDIVIDUAL, "cá nhân"},
};

const char *subject_kind_text(enum subject_kind kind) {
    for (size_t i = 0; i < sizeof subject_names / sizeof *subject_names; i++)
        if (subject_names[i].kind == kind)
            return subject_names[i].name;
    return NULL;
}

enum subject_kind subject_kind_parse(const char *text) {
    for (size_t i = 0; i < sizeof subject_names / sizeof *subject_names; i++)
        if (word_equal(text, subject_names[i].name))
            return subject_names[i].kind;
    return 0;
}

const char *comparator_field_text(enum comparator_field field) {
    static const char *const texts[] = {"criterion", "base", "bonus", "penalty", "total", "met"};
    return texts[field];
}
