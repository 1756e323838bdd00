#include "audit/rerank_group.h"

#include "core/list.h"
#include "core/mem.h"

#include <string.h>

#define NO_GROUP "-" /* how the option and a list name those in no group */

int rerank_subjects(const struct ask *a, const struct ask_slot *s, enum subject_kind *ret_kind,
                    struct err *e) {
    bool collective = false, individual = false;
    if (a->subjects != SUBJECT_ANY) {
        *ret_kind = a->subjects;
        return 0;
    }
    for (uint32_t i = 0; s->k->resolved == 0 && i < s->k->criteria.n_leaves; i++) {
        collective |= criterion_about(s->k->criteria.leaves[i], SUBJECT_COLLECTIVE);
        individual |= criterion_about(s->k->criteria.leaves[i], SUBJECT_INDIVIDUAL);
    }
    if (collective == individual)
        return err_set(e, ERR_USAGE, "several kinds of subject: choose one with --subject-kind: %s",
                       "collective, individual");
    *ret_kind = collective ? SUBJECT_COLLECTIVE : SUBJECT_INDIVIDUAL;
    return 0;
}

static bool is_for(const struct peer_group *p, enum subject_kind kind) {
    return p->subjects == SUBJECT_ANY || p->subjects == kind;
}

static bool is_member(const struct peer_group *p, const struct unit_fact *fact,
                      const struct subject *subject) {
    for (uint32_t i = 0; i < p->n_units; i++)
        if (uid_equal(&p->units[i], &fact->id))
            return true;
    for (uint32_t i = 0; i < p->n_classes; i++)
        if (strcmp(p->classes[i], subject->class_id) == 0)
            return true;
    return false;
}

static bool in_declared(const struct rerank_group *g, const struct unit_fact *fact,
                        const struct subject *subject) {
    const struct campaign *c = g->campaign;
    bool in_any = false, in_it = false;
    for (uint32_t i = 0; i < c->n_groups; i++) {
        if (!is_for(&c->groups[i], g->subjects) || !is_member(&c->groups[i], fact, subject))
            continue;
        in_any = true;
        in_it |= g->id && strcmp(c->groups[i].id, g->id) == 0;
    }
    return g->none ? !in_any : in_it;
}

bool rerank_in_group(const struct rerank_group *g, const struct unit_fact *fact,
                     const struct subject *subject) {
    if (g->all)
        return true;
    if (g->declared)
        return in_declared(g, fact, subject);
    return strcmp(fact->group, g->none ? "" : g->id) == 0;
}

bool rerank_by_class(const struct rerank_group *g) {
    const struct campaign *c = g->campaign;
    bool by_class = false;
    for (uint32_t i = 0; g->declared && i < c->n_groups; i++) {
        const struct peer_group *p = &c->groups[i];
        bool meant = g->none ? is_for(p, g->subjects) : strcmp(p->id, g->id) == 0;
        by_class |= meant && p->n_classes > 0;
    }
    return by_class;
}

/* ---- which groups there are ---- */

struct groups {
    uint32_t n;
    const char **ids; /* "" is one too */
};

static int add_group(struct groups *g, const char *id, struct err *e) {
    for (uint32_t i = 0; i < g->n; i++)
        if (strcmp(g->ids[i], id) == 0)
            return 0;
    if (list_grow(&g->ids, g->n, sizeof *g->ids, e) != 0)
        return ERR_NOMEM;
    uint32_t at = g->n++;
    for (; at > 0 && strcmp(g->ids[at - 1], id) > 0; at--)
        g->ids[at] = g->ids[at - 1];
    g->ids[at] = id;
    return 0;
}

static bool reports(const struct rerank_field *field, const struct uid *id) {
    for (uint32_t i = 0; i < field->n_reporting; i++)
        if (uid_equal(&field->reporting[i], id))
            return true;
    return false;
}

static bool is_expected(const struct rerank_field *field, const struct uid *id) {
    const struct units *units = field->f->units;
    return reboard_expected(field->f, field->slot, id, field->as_of, NULL) &&
           units_under(units, id, &field->home, field->as_of) &&
           units_under(units, id, &field->under, field->as_of);
}

/* The groups of the units in question: those that report, and those that are expected to. */
static int groups_of_units(const struct rerank_field *field, struct groups *out, struct err *e) {
    const struct units *units = field->f->units;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < units_count(units); i++) {
        const struct uid *id = units_id(units, i);
        if (reports(field, id) || is_expected(field, id))
            rc = add_group(out, units_at(units, id, field->as_of)->group, e);
    }
    return rc;
}

/* Whether `id` is what the question names, "" under its sign. */
static bool is_that(const char *id, const struct ask *a) {
    return strcmp(id[0] ? id : NO_GROUP, a->group) == 0;
}

static int choose(const struct groups *all, const struct ask *a, struct rerank_group *g,
                  struct err *e) {
    struct ask_names names = {.n = 0};
    for (uint32_t i = 0; i < all->n; i++)
        ask_names_add(&names, all->ids[i][0] ? all->ids[i] : NO_GROUP, NULL);
    if (a->group) {
        g->none = strcmp(a->group, NO_GROUP) == 0;
        g->everyone = !g->declared && (all->n == 0 || (all->n == 1 && is_that(all->ids[0], a)));
        for (uint32_t i = 0; !g->none && !g->id && i < all->n; i++)
            if (all->ids[i][0] && strcmp(all->ids[i], a->group) == 0)
                g->id = all->ids[i];
        if (!g->none && !g->id)
            return err_set(e, ERR_REFUSED, "there is no peer group %s; there are: %s", a->group,
                           names.n ? names.text : NO_GROUP);
        return 0;
    }
    if (all->n > 1)
        return err_set(e, ERR_USAGE, "several peer groups: choose one with --group: %s",
                       names.text);
    g->all = all->n == 0;
    g->everyone = !g->declared;
    g->none = all->n == 1 && all->ids[0][0] == '\0';
    g->id = all->n == 1 && !g->none ? all->ids[0] : NULL;
    return 0;
}

int rerank_choose_group(const struct rerank_field *field, struct rerank_group *ret_group,
                        struct err *e) {
    const struct campaign *c = &field->slot->k->c;
    struct rerank_group g = {.campaign = c, .subjects = field->subjects};
    struct groups all = {0};
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < c->n_groups; i++)
        if (is_for(&c->groups[i], field->subjects)) {
            g.declared = true;
            rc = add_group(&all, c->groups[i].id, e);
        }
    if (rc == 0 && !g.declared)
        rc = groups_of_units(field, &all, e);
    if (rc == 0)
        rc = choose(&all, field->ask, &g, e);
    mem_free(all.ids);
    if (rc == 0)
        *ret_group = g;
    return rc;
}
