#include "node/subject_class.h"

#include "core/mem.h"
#include "core/text.h"

#include <string.h>

/* The classes that campaigns declare, one after another. */
struct class_walk {
    struct catalog *c;
    uint32_t campaign, item;
};

static const struct item *next_class(struct class_walk *w) {
    for (; w->campaign < w->c->n_campaigns; w->campaign++, w->item = 0) {
        const struct catalog_campaign *k = w->c->campaigns[w->campaign];
        uint32_t at = w->item++;
        if (catalog_latest(w->c, &k->issuer, k->c.id) != k)
            continue;
        if (at < k->c.n_collectives)
            return &k->c.collectives[at];
        if (at - k->c.n_collectives < k->c.n_individuals)
            return &k->c.individuals[at - k->c.n_collectives];
    }
    return NULL;
}

static bool is_gap(char c) {
    return c == ' ' || c == '-' || c == '_';
}

/* Whether two folds are the same but for spaces and hyphens. */
static bool is_like(const char *x, const char *y) {
    for (;;) {
        while (is_gap(*x))
            x++;
        while (is_gap(*y))
            y++;
        if (*x != *y || *x == '\0')
            return *x == *y;
        x++;
        y++;
    }
}

/* Whether `text`, folded, is like `fold`; below zero for an error. */
static int is_near(const char *text, const char *fold, struct err *e) {
    char *other __attribute__((cleanup(mem_cleanup))) = NULL;
    if (!text || !*text)
        return 0;
    int rc = text_fold(slice_str(text), &other, e);
    return rc == 0 ? is_like(other, fold) : rc;
}

static bool has_label(const struct item *i, const char *text) {
    return (i->label.vi && strcmp(i->label.vi, text) == 0) ||
           (i->label.en && strcmp(i->label.en, text) == 0);
}

/* The class that `text` is like, into `ret_id`, untouched where it is like none. */
static int find_near(struct catalog *c, const char *text, const char **ret_id, struct err *e) {
    struct class_walk w = {.c = c};
    const struct item *i;
    char *fold __attribute__((cleanup(mem_cleanup))) = NULL;
    int near = text_fold(slice_str(text), &fold, e);
    while (near == 0 && (i = next_class(&w))) {
        near = is_near(i->id, fold, e);
        if (near == 0)
            near = is_near(i->label.vi, fold, e);
        if (near == 0)
            near = is_near(i->label.en, fold, e);
        if (near > 0)
            *ret_id = i->id;
    }
    return near < 0 ? near : 0;
}

int subject_class_find(struct catalog *c, const char *text, enum subject_class *ret_class,
                       const char **ret_id, struct err *e) {
    struct class_walk w = {.c = c};
    const struct item *i;
    const char *id = NULL;
    bool any = false, several = false;
    while ((i = next_class(&w))) {
        any = true;
        if (strcmp(i->id, text) == 0) {
            *ret_class = SUBJECT_CLASS_KNOWN;
            *ret_id = i->id;
            return 0;
        }
        if (has_label(i, text)) {
            several |= id && strcmp(id, i->id) != 0;
            id = i->id;
        }
    }
    enum subject_class found = SUBJECT_CLASS_FREE;
    if (id && !several) {
        found = SUBJECT_CLASS_KNOWN;
    } else if (any) {
        int rc = id ? 0 : find_near(c, text, &id, e);
        if (rc != 0)
            return rc;
        found = id ? SUBJECT_CLASS_NEAR : SUBJECT_CLASS_UNKNOWN;
    }
    *ret_class = found;
    *ret_id = id;
    return 0;
}

/* The ids of all classes, once each: `a, b, c`. */
static void list_all(struct catalog *c, struct buf *out) {
    struct class_walk w = {.c = c}, before;
    const struct item *i, *other;
    while ((i = next_class(&w))) {
        bool first = true;
        before = (struct class_walk){.c = c};
        while (first && (other = next_class(&before)) && other != i)
            first = strcmp(other->id, i->id) != 0;
        if (first)
            buf_printf(out, "%s%s", out->len > 0 ? ", " : "", i->id);
    }
}

void subject_class_odd_put(struct subject_class_odd *o, const char *text, size_t line) {
    for (uint32_t i = 0; i < o->n; i++)
        if (strcmp(o->text[i], text) == 0)
            return;
    if (o->n == SUBJECT_CLASS_ODD)
        return;
    o->text[o->n] = text;
    o->line[o->n++] = line;
}

void subject_class_odd_tell(const struct subject_class_odd *o, struct catalog *c,
                            const struct world *w, struct buf *words) {
    struct buf all;
    if (o->n == 0)
        return;
    buf_init(&all);
    list_all(c, &all);
    const char *list = buf_cstr(&all);
    for (uint32_t i = 0; i < o->n; i++)
        world_say(w, words,
                  "line %zu: no campaign here has a class “%s”, so criteria and rankings that name "
                  "classes leave out whoever has it; there are: %s",
                  o->line[i], o->text[i], list ? list : "?");
    buf_done(&all);
}
