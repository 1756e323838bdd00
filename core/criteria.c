#include "core/campaign.h"
#include "core/check.h"
#include "core/limits.h"
#include "core/mem.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct resolution {
    const struct campaign *(*parent_of)(void *arg, const struct hash *record);
    void *arg;
    struct err *e;
    struct criteria out;
    uint32_t n_open, n_done;
    const struct campaign *open[LIMIT_ANCESTRY], *done[LIMIT_ANCESTRY];
};

static int find(const struct criterion *const *all, uint32_t n, const char *id) {
    for (uint32_t i = 0; i < n; i++)
        if (check_same(all[i]->id, id))
            return (int)i;
    return -1;
}

/* The parent of `all[i]`, told as `path`, is there and no leaf, and the way up ends. */
static int check_place(const struct criterion *const *all, uint32_t n, uint32_t i, const char *path,
                       bool parents_elsewhere, struct err *e) {
    uint32_t at = i;
    for (uint32_t steps = 0; check_given(all[at]->parent); steps++) {
        int up = find(all, n, all[at]->parent);
        if (up < 0 && parents_elsewhere)
            return 0;
        if (up < 0)
            return err_set(e, ERR_REFUSED,
                           "%s: criterion %s lies below “%s”, which is not there; correct the id",
                           path, all[at]->id, all[at]->parent);
        if (steps >= n)
            return err_set(e, ERR_REFUSED,
                           "%s: criterion %s comes to lie below itself; correct its parent", path,
                           all[i]->id);
        if (all[up]->leaf)
            return err_set(e, ERR_REFUSED,
                           "%s: criterion %s lies below %s, which takes values itself; only one of "
                           "the two can",
                           path, all[at]->id, all[up]->id);
        at = (uint32_t)up;
    }
    return 0;
}

int criteria_check_tree(const struct campaign *c, bool parents_elsewhere, struct err *e) {
    const struct criterion **all = mem_zalloc(c->n_criteria, sizeof *all);
    if (!all)
        return err_nomem(e);
    for (uint32_t i = 0; i < c->n_criteria; i++)
        all[i] = &c->criteria[i];
    int rc = 0;
    for (uint32_t i = 0; i < c->n_criteria && rc == 0; i++) {
        char path[40];
        snprintf(path, sizeof path, "criteria[%u].parent", i + 1);
        rc = check_place(all, c->n_criteria, i, path, parents_elsewhere, e);
    }
    mem_free(all);
    return rc;
}

/* Put the own criteria of `c` in: in the place of one with the same id, else at the end. */
static int put_own(struct resolution *r, const struct campaign *c) {
    for (uint32_t i = 0; i < c->n_criteria; i++) {
        int at = find(r->out.all, r->out.n, c->criteria[i].id);
        if (at < 0 && r->out.n == LIMIT_CRITERIA)
            return err_set(r->e, ERR_REFUSED,
                           "criteria: campaign %s has more than %u criteria with the inherited "
                           "ones; shorten its list",
                           c->id, LIMIT_CRITERIA);
        if (at < 0)
            at = (int)r->out.n++;
        r->out.all[at] = &c->criteria[i];
    }
    return 0;
}

static bool is_among(const struct campaign *const *list, uint32_t n, const struct campaign *c) {
    for (uint32_t i = 0; i < n; i++)
        if (list[i] == c)
            return true;
    return false;
}

/* Put in what `c` hands down: its parents' first, in their order, then its own. */
static int put_campaign(struct resolution *r, const struct campaign *c) {
    if (is_among(r->open, r->n_open, c))
        return err_set(r->e, ERR_REFUSED,
                       "parents: campaign %s comes to inherit from itself; leave out one of the "
                       "parents",
                       c->id);
    if (is_among(r->done, r->n_done, c))
        return 0;
    if (r->n_open + r->n_done == LIMIT_ANCESTRY)
        return err_set(r->e, ERR_REFUSED,
                       "parents: more than %u campaigns are inherited from at %s; leave some out",
                       LIMIT_ANCESTRY - 1, c->id);
    r->open[r->n_open++] = c;
    int rc = 0;
    for (uint32_t i = 0; i < c->n_parents && rc == 0; i++) {
        const struct campaign_parent *p = &c->parents[i];
        if (p->inherit != INHERIT_CRITERIA)
            continue;
        const struct campaign *from =
            hash_is_zero(&p->record) ? NULL : r->parent_of(r->arg, &p->record);
        if (!from)
            return err_set(r->e, ERR_ABSENT,
                           "parents[%u]: campaign %s inherits its criteria from %s (%s), which is "
                           "not at hand; issue or fetch that one first",
                           i + 1, c->id, p->id, check_given(p->reference) ? p->reference : "-");
        r->out.reconstructed |= from->reconstructed;
        rc = put_campaign(r, from);
    }
    r->n_open--;
    r->done[r->n_done++] = c;
    return rc != 0 ? rc : put_own(r, c);
}

/* What the criteria ask for is declared by `c`, which is the one that is run. */
static int check_against(const struct criteria *r, const struct campaign *c, struct err *e) {
    for (uint32_t i = 0; i < r->n; i++) {
        const struct applicability *a = &r->all[i]->applies;
        int rc = check_place(r->all, r->n, i, "criteria", false, e);
        if (rc != 0)
            return rc;
        for (uint32_t k = 0; k < a->n_unit_attributes; k++)
            if (check_find(c->unit_attributes, c->n_unit_attributes, sizeof *c->unit_attributes,
                           offsetof(struct unit_attribute, id), a->unit_attributes[k]) < 0)
                return err_set(e, ERR_REFUSED,
                               "unit_attributes: criterion %s, inherited, asks for the unit "
                               "attribute “%s”; declare it in campaign %s too",
                               r->all[i]->id, a->unit_attributes[k], c->id);
    }
    for (uint32_t i = 0; i < c->n_comparators; i++)
        if (c->comparators[i].field == BY_CRITERION &&
            criteria_leaf(r, c->comparators[i].criterion) < 0)
            return err_set(
                e, ERR_REFUSED,
                "tie_breakers[%u]: “%s” is no criterion that takes values; name one that "
                "does",
                i + 1, c->comparators[i].criterion);
    return 0;
}

/* Move what was found out of the room that it was found in: as much as it is, since it is kept for
 * as long as the campaign is known. */
static int keep(struct criteria *c, struct err *e) {
    const struct criterion **all = mem_alloc(c->n * sizeof *all);
    const struct criterion **leaves = mem_alloc(c->n * sizeof *leaves);
    if (!all || !leaves) {
        mem_free(all);
        mem_free(leaves);
        return err_nomem(e);
    }
    for (uint32_t i = 0; i < c->n; i++) {
        all[i] = c->all[i];
        if (all[i]->leaf)
            leaves[c->n_leaves++] = all[i];
    }
    c->all = all;
    c->leaves = leaves;
    return 0;
}

int criteria_resolve(const struct campaign *c,
                     const struct campaign *(*parent_of)(void *arg, const struct hash *record),
                     void *arg, struct criteria *ret_criteria, struct err *e) {
    const struct criterion *room[LIMIT_CRITERIA];
    struct resolution r = {.parent_of = parent_of, .arg = arg, .out.all = room, .e = e};
    int rc = put_campaign(&r, c);
    if (rc == 0)
        rc = keep(&r.out, e);
    if (rc != 0)
        return rc;
    rc = check_against(&r.out, c, e);
    if (rc == 0)
        *ret_criteria = r.out;
    else
        criteria_done(&r.out);
    return rc;
}

void criteria_done(struct criteria *c) {
    if (!c)
        return;
    mem_free(c->all);
    mem_free(c->leaves);
    memset(c, 0, sizeof *c);
}

int criteria_leaf(const struct criteria *c, const char *id) {
    return find(c->leaves, c->n_leaves, id);
}
