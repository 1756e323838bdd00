#include "node/standing_quota.h"

#include "core/list.h"
#include "core/mem.h"
#include "core/sheet.h"

#include <stdlib.h>
#include <string.h>

/* A ranking by unit: copies of the entries, each with the place that it has in all. */
struct by_unit {
    uint32_t n;
    struct rank_entry *list; /* `row` is the index of the original */
};

/* Whether the campaign has criteria for the kind of subject that is not ranked. */
static bool has_other_kind(const struct standing_choice *c) {
    const struct criteria *all = &c->campaign->criteria;
    enum subject_kind other =
        c->subjects == SUBJECT_COLLECTIVE ? SUBJECT_INDIVIDUAL : SUBJECT_COLLECTIVE;
    for (uint32_t i = 0; i < all->n_leaves; i++)
        if (criterion_about(all->leaves[i], other))
            return true;
    return false;
}

/* Whether every unit below the issuer is looked at. */
static bool is_whole(const struct standing_field *f) {
    const struct standing_choice *c = f->choice;
    const struct units *units = f->actor->catalog.units;
    const struct uid *issuer = &c->campaign->issuer;
    return units_under(units, issuer, &f->actor->unit, c->as_of) &&
           units_under(units, issuer, &c->under, c->as_of);
}

static const char *why_not(const struct standing_field *f, const struct quota *q) {
    if (q->subjects == SUBJECT_ANY && has_other_kind(f->choice))
        return QUOTA_BOTH_KINDS;
    switch (q->scope) {
    case QUOTA_UNIT:
        if (standing_group_by_class(f->group))
            return QUOTA_OTHER_GROUPS;
        break;
    case QUOTA_ISSUER:
        if (!f->group->everyone)
            return QUOTA_OTHER_GROUPS;
        if (!is_whole(f))
            return QUOTA_PART_ONLY;
        break;
    case QUOTA_GROUP:
        if (!is_whole(f))
            return QUOTA_PART_ONLY;
        break;
    }
    return q->is_percentage && strcmp(q->base, "subjects") != 0 ? QUOTA_NOT_DECIDED : NULL;
}

/* One more quota in `r`, counted in `within` (NULL: all together); NULL without memory. */
static struct rank_quota *one_more(struct ranking *r, const struct quota *q, const char *within,
                                   struct err *e) {
    if (list_grow(&r->quotas, r->n_quotas, sizeof *r->quotas, e) != 0)
        return NULL;
    struct rank_quota *x = &r->quotas[r->n_quotas];
    *x = (struct rank_quota){.rule = q, .within = mem_strdup(within), .base = -1, .places = -1};
    if (within && !x->within) {
        (void)err_nomem(e);
        return NULL;
    }
    r->n_quotas++;
    return x;
}

int standing_quota_tie(struct rank_quota *x, const char *unit, const char *subject, struct err *e) {
    if (list_grow(&x->ties, x->n_ties, sizeof *x->ties, e) != 0)
        return ERR_NOMEM;
    struct rank_tie *t = &x->ties[x->n_ties++];
    *t = (struct rank_tie){mem_strdup(unit), mem_strdup(subject)};
    return t->unit && t->subject ? 0 : err_nomem(e);
}

/* Cut the `n` ordered `entries`, whose rows lead to those of `all` (NULL: these are all). */
static int cut_entries(const struct rank_entry *entries, uint32_t n, const struct rank_entry *all,
                       uint32_t places, struct rank_quota *x, struct err *e) {
    struct rank_edge edge = rank_quota_edge(entries, n, places);
    x->inside = edge.inside;
    x->left = edge.left;
    if (edge.tie_end > 0) {
        const struct rank_entry *last = &entries[edge.tie_end - 1];
        x->edge = all ? all[last->row].rank : last->rank;
    }
    int rc = 0;
    for (uint32_t i = edge.inside; rc == 0 && i < edge.tie_end; i++)
        rc = standing_quota_tie(x, entries[i].unit, entries[i].subject, e);
    return rc;
}

/* How many places `q` gives of `n` into `x`. */
static uint32_t put_places(const struct quota *q, uint32_t n, struct rank_quota *x) {
    uint32_t places = rank_quota_places(q, n);
    x->places = places;
    x->base = q->is_percentage ? (int64_t)n : -1;
    return places;
}

static int cut_all(const struct standing_field *f, const struct quota *q, struct rank_quota *x,
                   struct err *e) {
    uint32_t places = put_places(q, f->n, x);
    return f->cut ? f->cut(f->arg, places, x, e)
                  : cut_entries(f->entries, f->n, NULL, places, x, e);
}

static int compare_unit(const void *pa, const void *pb) {
    const struct rank_entry *a = pa, *b = pb;
    int order = strcmp(a->unit, b->unit);
    return order != 0 ? order : (a->row > b->row) - (a->row < b->row);
}

static int sort_by_unit(const struct standing_field *f, struct by_unit *u, struct err *e) {
    if (u->list || f->n == 0)
        return 0;
    u->list = mem_zalloc(f->n, sizeof *u->list);
    if (!u->list)
        return err_nomem(e);
    for (u->n = 0; u->n < f->n; u->n++) {
        u->list[u->n] = f->entries[u->n];
        u->list[u->n].row = u->n;
    }
    qsort(u->list, u->n, sizeof *u->list, compare_unit);
    return 0;
}

/* One cut for each unit. */
static int put_units(const struct standing_field *f, const struct quota *q, struct by_unit *u,
                     struct ranking *r, struct err *e) {
    int rc = sort_by_unit(f, u, e);
    for (uint32_t start = 0, end; rc == 0 && start < u->n; start = end) {
        for (end = start + 1; end < u->n; end++)
            if (strcmp(u->list[start].unit, u->list[end].unit) != 0)
                break;
        rank_order(u->list + start, end - start, f->n_keys);
        struct rank_quota *x = one_more(r, q, u->list[start].unit, e);
        rc = x ? cut_entries(u->list + start, end - start, f->entries,
                             put_places(q, end - start, x), x, e)
               : ERR_NOMEM;
    }
    return rc;
}

static int put_quota(const struct standing_field *f, const struct quota *q, struct by_unit *u,
                     struct ranking *r, struct err *e) {
    const char *why = why_not(f, q);
    if (!why && q->scope == QUOTA_UNIT)
        return put_units(f, q, u, r, e);
    struct rank_quota *x = one_more(r, q, q->scope == QUOTA_GROUP ? r->group : NULL, e);
    if (!x)
        return ERR_NOMEM;
    if (!why)
        return cut_all(f, q, x, e);
    x->why = why;
    x->places = q->is_percentage ? -1 : q->amount;
    return 0;
}

static bool counts(const struct standing_field *f, const struct quota *q) {
    return q->subjects == SUBJECT_ANY || q->subjects == f->choice->subjects;
}

bool standing_quotas_need_entries(const struct standing_field *f) {
    const struct campaign *c = &f->choice->campaign->c;
    for (uint32_t i = 0; i < c->n_quotas; i++)
        if (counts(f, &c->quotas[i]) && c->quotas[i].scope == QUOTA_UNIT &&
            !why_not(f, &c->quotas[i]))
            return true;
    return false;
}

int standing_quotas_put(const struct standing_field *f, struct ranking *r, struct err *e) {
    const struct campaign *c = &f->choice->campaign->c;
    struct by_unit by_unit = {0};
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < c->n_quotas; i++)
        if (counts(f, &c->quotas[i]))
            rc = put_quota(f, &c->quotas[i], &by_unit, r, e);
    mem_free(by_unit.list);
    return rc;
}
