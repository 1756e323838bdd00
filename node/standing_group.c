#include "node/standing_group.h"

#include "core/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_for(const struct peer_group *g, enum subject_kind subjects) {
    return g->subjects == SUBJECT_ANY || g->subjects == subjects;
}

static bool in_declared(const struct peer_group *g, const struct uid *unit, const char *class_id) {
    for (uint32_t i = 0; i < g->n_units; i++)
        if (uid_equal(&g->units[i], unit))
            return true;
    for (uint32_t i = 0; i < g->n_classes; i++)
        if (strcmp(g->classes[i], class_id) == 0)
            return true;
    return false;
}

bool standing_group_has(const struct standing_group *g, const struct unit_fact *unit,
                        const char *class_id) {
    const struct campaign *c = g->campaign;
    switch (g->choice) {
    case GROUP_ALL:
        return true;
    case GROUP_DECLARED:
        return in_declared(g->declared, &unit->id, class_id);
    case GROUP_OF_UNIT:
        return strcmp(unit->group, g->of_unit) == 0;
    case GROUP_NONE_DECLARED:
        for (uint32_t i = 0; i < c->n_groups; i++)
            if (is_for(&c->groups[i], g->subjects) &&
                in_declared(&c->groups[i], &unit->id, class_id))
                return false;
        return true;
    }
    return false;
}

bool standing_group_by_class(const struct standing_group *g) {
    const struct campaign *c = g->campaign;
    if (g->choice == GROUP_DECLARED)
        return g->declared->n_classes > 0;
    for (uint32_t i = 0; g->choice == GROUP_NONE_DECLARED && i < c->n_groups; i++)
        if (is_for(&c->groups[i], g->subjects) && c->groups[i].n_classes > 0)
            return true;
    return false;
}

const char *standing_group_id(const struct standing_group *g) {
    if (g->choice == GROUP_DECLARED)
        return g->declared->id;
    return g->choice == GROUP_OF_UNIT && g->of_unit[0] ? g->of_unit : NULL;
}

static int several(struct buf *words, const char *const *ids, uint32_t n, struct err *e) {
    for (uint32_t i = 0; i < n; i++)
        buf_printf(words, "%s\n", ids[i][0] ? ids[i] : "-");
    return err_set(
        e, ERR_USAGE,
        "there are several groups: give --group, one of those listed (- is: in no group)");
}

static int no_such(const char *typed, const char *const *ids, uint32_t n, struct err *e) {
    char all[ERR_ARG_BYTES] = "";
    size_t len = 0;
    if (n == 0)
        return err_set(e, ERR_REFUSED,
                       "there is no group %s to rank in, nor any other: leave out --group", typed);
    for (uint32_t i = 0; i < n && len < sizeof all; i++) {
        int put = snprintf(all + len, sizeof all - len, "%s%s", i > 0 ? ", " : "",
                           ids[i][0] ? ids[i] : "-");
        len += put > 0 ? (size_t)put : 0;
    }
    return err_set(e, ERR_REFUSED,
                   "there is no group %s to rank in; there are: %s (- is: in no group)", typed,
                   all);
}

static int choose_declared(const char *typed, const char **ids, const struct peer_group **groups,
                           uint32_t n, struct standing_group *g, struct buf *words, struct err *e) {
    if (typed && strcmp(typed, "-") == 0) {
        g->choice = GROUP_NONE_DECLARED;
        return 0;
    }
    if (!typed && n > 1)
        return several(words, ids, n, e);
    for (uint32_t i = 0; i < n; i++)
        if (!typed || strcmp(ids[i], typed) == 0) {
            g->choice = GROUP_DECLARED;
            g->declared = groups[i];
            return 0;
        }
    return no_such(typed, ids, n, e);
}

/* Whether the group called `id`, "" under its sign, is the one typed. */
static bool is_that(const char *id, const char *typed) {
    return strcmp(id[0] ? id : "-", typed) == 0;
}

static int by_text(const void *pa, const void *pb) {
    return strcmp(*(const char *const *)pa, *(const char *const *)pb);
}

static int choose_of_units(const char *typed, const char **ids, uint32_t n,
                           struct standing_group *g, struct buf *words, struct err *e) {
    uint32_t distinct = 0;
    if (n > 1)
        qsort(ids, n, sizeof *ids, by_text);
    for (uint32_t i = 0; i < n; i++)
        if (distinct == 0 || strcmp(ids[distinct - 1], ids[i]) != 0)
            ids[distinct++] = ids[i];
    g->choice = GROUP_OF_UNIT;
    g->everyone = distinct == 0 || (distinct == 1 && (!typed || is_that(ids[0], typed)));
    if (typed && strcmp(typed, "-") == 0) {
        g->of_unit = "";
        return 0;
    }
    if (!typed && distinct > 1)
        return several(words, ids, distinct, e);
    for (uint32_t i = 0; i < distinct; i++)
        if (!typed || strcmp(ids[i], typed) == 0) {
            g->of_unit = ids[i];
            return 0;
        }
    g->choice = GROUP_ALL;
    return typed ? no_such(typed, ids, distinct, e) : 0;
}

int standing_group_choose(const struct standing_choice *choice, const char *typed,
                          const struct standing_reports *reports, struct standing_group *ret_group,
                          struct buf *words, struct err *e) {
    const struct campaign *c = &choice->campaign->c;
    struct standing_group g = {.campaign = c, .subjects = choice->subjects};
    const char **ids = mem_zalloc((size_t)c->n_groups + reports->n, sizeof *ids);
    const struct peer_group **groups = mem_zalloc(c->n_groups, sizeof *groups);
    uint32_t n = 0;
    int rc = ids && groups ? 0 : err_nomem(e);
    for (uint32_t i = 0; rc == 0 && i < c->n_groups; i++)
        if (is_for(&c->groups[i], choice->subjects)) {
            ids[n] = c->groups[i].id;
            groups[n++] = &c->groups[i];
        }
    if (rc == 0 && n > 0) {
        rc = choose_declared(typed, ids, groups, n, &g, words, e);
    } else if (rc == 0) {
        for (uint32_t i = 0; i < reports->n; i++)
            ids[i] = reports->list[i].unit->group;
        rc = choose_of_units(typed, ids, reports->n, &g, words, e);
    }
    mem_free(ids);
    mem_free(groups);
    if (rc == 0)
        *ret_group = g;
    return rc;
}
