#include "hub/selected.h"

#include <string.h>

#define NAMED_MAX 12u /* so many are listed as what there is */

/* What a selection selects by. */
enum by { BY_LEVEL, BY_KIND, BY_GROUP, BYS };

static char *const *listed(const struct selection *s, enum by by, uint32_t *ret_n) {
    *ret_n = by == BY_LEVEL ? s->n_levels : by == BY_KIND ? s->n_kinds : s->n_groups;
    return by == BY_LEVEL ? s->levels : by == BY_KIND ? s->kinds : s->groups;
}

/* What the `i`-th unit has; empty where it has nothing, or is not stated for any day. */
static const char *has(const struct units *u, size_t i, enum by by) {
    const struct unit_fact *f = units_at(u, units_id(u, i), DAY_LATEST);
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

static void list_there(const struct units *u, enum by by, struct buf *out) {
    uint32_t n = 0;
    for (size_t i = 0; i < units_count(u) && n <= NAMED_MAX; i++) {
        const char *text = has(u, i, by);
        if (!*text || first_with(u, i, by, text) < i)
            continue;
        buf_printf(out, "%s%s", n ? ", " : "", n < NAMED_MAX ? text : "…");
        n++;
    }
    if (n == 0)
        buf_put_u8(out, '-');
}

void selected_levels(const struct units *units, struct buf *out) {
    list_there(units, BY_LEVEL, out);
}

static void tell(const struct units *u, enum by by, const char *missing, const struct world *w,
                 struct buf *words) {
    struct buf names;
    buf_init(&names);
    list_there(u, by, &names);
    const char *there = buf_cstr(&names) ? buf_cstr(&names) : "-";
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

/* What was looked at already: each once, however many reports ask for it. */
struct looked {
    const struct units *units;
    const struct world *w;
    struct buf *words;
    struct buf seen; /* for each: enum by, its text, its NUL */
};

static bool is_new(struct looked *l, enum by by, const char *text) {
    for (size_t i = 0, n; i < l->seen.len; i += n) {
        const char *at = (const char *)l->seen.data + i;
        n = 1 + strlen(at + 1) + 1;
        if (*at == (char)by && strcmp(at + 1, text) == 0)
            return false;
    }
    buf_put_u8(&l->seen, (uint8_t)by);
    buf_put(&l->seen, text, strlen(text) + 1);
    return true;
}

static void look(struct looked *l, enum by by, const char *text) {
    size_t n = units_count(l->units);
    if (*text && is_new(l, by, text) && first_with(l->units, n, by, text) == n)
        tell(l->units, by, text, l->w, l->words);
}

static void look_selection(struct looked *l, const struct selection *s) {
    for (enum by by = BY_LEVEL; by < BYS; by++) {
        uint32_t n;
        char *const *list = listed(s, by, &n);
        for (uint32_t i = 0; i < n; i++)
            look(l, by, list[i]);
    }
}

void selected_tell(const struct units *units, const struct campaign *c, const struct world *w,
                   struct buf *words) {
    struct looked l = {.units = units, .w = w, .words = words};
    buf_init(&l.seen);
    for (uint32_t i = 0; i < c->n_reports; i++) {
        const struct report_rule *r = &c->reports[i];
        for (uint32_t j = 0; j < r->n_expected; j++)
            look_selection(&l, &r->expected[j]);
        for (uint32_t j = 0; j < r->n_due; j++)
            look(&l, BY_LEVEL, r->due[j].level ? r->due[j].level : "");
    }
    words->failed |= l.seen.failed;
    buf_done(&l.seen);
}
