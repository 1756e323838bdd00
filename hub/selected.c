#include "hub/selected.h"

#include <string.h>

#define LATEST INT32_MAX /* the day after which nothing changes */
#define NAMED_MAX 12u    /* so many are listed as what there is */

/* What a selection selects by. */
enum by { BY_LEVEL, BY_KIND, BY_GROUP, BYS };

static char *const *listed(const struct selection *s, enum by by, uint32_t *ret_n) {
    *ret_n = by == BY_LEVEL ? s->n_levels : by == BY_KIND ? s->n_kinds : s->n_groups;
    return by == BY_LEVEL ? s->levels : by == BY_KIND ? s->kinds : s->groups;
}

/* What the `i`-th unit has; empty where it has nothing, or is not stated for any day. */
static const char *has(const struct units *u, size_t i, enum by by) {
    const struct unit_fact *f = units_at(u, units_id(u, i), LATEST);
    const char *text = !f ? NULL : by == BY_LEVEL ? f->level : by == BY_KIND ? f->kind : f->group;
    return text ? text : "";
}

/* Where `text` is first had, among the first `n` units; `n`: nowhere. */
static size_t first_with(const struct units *u, size_t n, enum by by, const char *text) {
    size_t i = 0;
    while (i < n && strcmp(has(u, i, by), text) != 0)
        i++;
    return i;
}

static void tell(const struct units *u, enum by by, const char *missing, const struct world *w,
                 struct buf *words) {
    struct buf names;
    uint32_t n = 0;
    buf_init(&names);
    for (size_t i = 0; i < units_count(u) && n <= NAMED_MAX; i++) {
        const char *text = has(u, i, by);
        if (!*text || first_with(u, i, by, text) < i)
            continue;
        buf_printf(&names, "%s%s", n ? ", " : "", n < NAMED_MAX ? text : "…");
        n++;
    }
    const char *there = n > 0 && buf_cstr(&names) ? buf_cstr(&names) : "-";
    switch (by) {
    case BY_LEVEL:
        world_say(w, words, "no unit is of level %s; levels here: %s", missing, there);
        break;
    case BY_KIND:
        world_say(w, words, "no unit is of kind %s; kinds here: %s", missing, there);
        break;
    case BY_GROUP:
        world_say(w, words, "no unit is in group %s; groups here: %s", missing, there);
        break;
    case BYS:
        break;
    }
    buf_done(&names);
}

static void check(const struct units *u, const struct selection *s, const struct world *w,
                  struct buf *words) {
    size_t n_units = units_count(u);
    for (enum by by = BY_LEVEL; by < BYS; by++) {
        uint32_t n;
        char *const *list = listed(s, by, &n);
        for (uint32_t i = 0; i < n; i++)
            if (first_with(u, n_units, by, list[i]) == n_units)
                tell(u, by, list[i], w, words);
    }
}

void selected_tell(const struct units *units, const struct campaign *c, const struct world *w,
                   struct buf *words) {
    for (uint32_t i = 0; i < c->n_reports; i++)
        for (uint32_t j = 0; j < c->reports[i].n_expected; j++)
            check(units, &c->reports[i].expected[j], w, words);
}
