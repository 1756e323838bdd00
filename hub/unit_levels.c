#include "hub/unit_levels.h"

#include "core/mem.h"
#include "core/text.h"
#include "core/word.h"
#include "node/words.h"

#include <stdlib.h>
#include <string.h>

#define NAMED_MAX 12u /* so many are listed as what there is */

struct said {
    const char *text;
    uint32_t row;
};

static int by_text(const void *pa, const void *pb) {
    const struct said *a = pa, *b = pb;
    int order = strcmp(a->text, b->text);
    return order != 0 ? order : (a->row > b->row) - (a->row < b->row);
}

/* Texts, each entry of which stands for one unit or row; sorted. */
struct texts {
    uint32_t n;
    struct said *list;
};

static void texts_sort(struct texts *t) {
    if (t->n > 1)
        qsort(t->list, t->n, sizeof *t->list, by_text);
}

static uint32_t run_at(const struct texts *t, uint32_t at) {
    uint32_t end = at + 1;
    while (end < t->n && strcmp(t->list[end].text, t->list[at].text) == 0)
        end++;
    return end - at;
}

static bool has(const struct texts *t, const char *text) {
    for (uint32_t i = 0, n; i < t->n; i += n) {
        n = run_at(t, i);
        if (strcmp(t->list[i].text, text) == 0)
            return true;
    }
    return false;
}

/* What the tree has of `k`, and what the rows of the file say, into both, which have room. */
static void gather(const struct csv *csv, const struct units *units, enum unit_column k,
                   struct texts *tree, struct texts *file) {
    for (size_t i = 0; i < units_count(units); i++) {
        const struct unit_fact *f = units_at(units, units_id(units, i), DAY_LATEST);
        const char *text = f ? k == UNIT_LEVEL ? f->level : f->group : "";
        if (text && *text)
            tree->list[tree->n++] = (struct said){text, 0};
    }
    for (uint32_t row = 0; row < csv_rows(csv); row++) {
        const char *text = csv_get(csv, row, k);
        if (k == UNIT_LEVEL)
            text = word_level(text);
        if (*text)
            file->list[file->n++] = (struct said){text, row};
    }
    texts_sort(tree);
    texts_sort(file);
}

static void list_names(const struct texts *t, struct buf *out) {
    uint32_t named = 0;
    for (uint32_t i = 0; i < t->n && named <= NAMED_MAX; i += run_at(t, i), named++)
        buf_printf(out, "%s%s", named ? ", " : "", named < NAMED_MAX ? t->list[i].text : "…");
}

/* The same of levels: each also as people who read `w` call it. */
static void list_levels(const struct texts *t, const struct world *w, struct buf *out) {
    uint32_t named = 0;
    for (uint32_t i = 0; i < t->n && named < NAMED_MAX; i += run_at(t, i), named++) {
        const char *word = words_level(w, t->list[i].text);
        buf_printf(out, "%s%s", named ? ", " : "", word);
        if (strcmp(word, t->list[i].text) != 0)
            buf_printf(out, " (%s)", t->list[i].text);
    }
}

/* The usual level whose word `text` is but for its marks; NULL: none. */
static const char *meant_level(const char *text) {
    char *typed __attribute__((cleanup(mem_cleanup))) = NULL;
    const char *word, *code, *found = NULL;
    if (text_fold(slice_str(text), &typed, NULL) != 0)
        return NULL;
    for (size_t i = 0; !found && (word = word_of_level(i, &code)); i++) {
        char *other;
        if (text_fold(slice_str(word), &other, NULL) != 0)
            return NULL;
        if (strcmp(typed, other) == 0)
            found = word;
        mem_free(other);
    }
    return found;
}

struct checking {
    const struct csv *csv;
    struct problems *p;
    const struct world *w;
    struct buf *words;
};

/* Where there are no units yet that a level could be held against: the level `text` of `n` rows, of
 * which `row` is the first. */
static void check_first(const struct checking *c, const char *text, uint32_t n, uint32_t row) {
    const char *meant = meant_level(text);
    if (meant)
        err_set(csv_problem(c->csv, c->p, row, UNIT_LEVEL), ERR_REFUSED,
                "“%s” is no usual level: is it “%s”?", text, meant);
    else if (!word_level_usual(text))
        world_say(
            c->w, c->words,
            "%s is none of the usual levels (%u units): where that is a slip no campaign asks "
            "these units; correct the level and import again",
            text, n);
}

static void check_first_levels(const struct checking *c, const struct texts *file) {
    for (uint32_t i = 0, n; i < file->n; i += n) {
        n = run_at(file, i);
        check_first(c, file->list[i].text, n, file->list[i].row);
    }
}

static void check_levels(const struct checking *c, const struct texts *tree,
                         const struct texts *file) {
    struct buf names;
    buf_init(&names);
    list_levels(tree, c->w, &names);
    const char *there = buf_cstr(&names) ? buf_cstr(&names) : "";
    for (uint32_t i = 0, n; i < file->n; i += n) {
        const char *text = file->list[i].text;
        n = run_at(file, i);
        if (has(tree, text))
            continue;
        const char *meant = meant_level(text);
        if (meant)
            err_set(csv_problem(c->csv, c->p, file->list[i].row, UNIT_LEVEL), ERR_REFUSED,
                    "no unit has the level “%s”: is it “%s”? The tree has %s", text, meant, there);
        else if (n == 1 && !word_level_usual(text))
            err_set(csv_problem(c->csv, c->p, file->list[i].row, UNIT_LEVEL), ERR_REFUSED,
                    "no unit has the level “%s”: the tree has %s. Correct it; a level that is new "
                    "comes with two units or more",
                    text, there);
        else
            world_say(c->w, c->words, "new level: %s (%u units); levels here: %s", text, n, there);
    }
    c->words->failed |= names.failed;
    buf_done(&names);
}

static void tell_groups(const struct checking *c, const struct texts *tree,
                        const struct texts *file) {
    struct texts fresh = {0, file->list}; /* goes before what is read */
    struct buf names, there;
    for (uint32_t i = 0, n; i < file->n; i += n) {
        n = run_at(file, i);
        if (!has(tree, file->list[i].text))
            fresh.list[fresh.n++] = file->list[i];
    }
    if (fresh.n == 0 || tree->n == 0)
        return;
    buf_init(&names);
    buf_init(&there);
    list_names(&fresh, &names);
    list_names(tree, &there);
    const char *are = buf_cstr(&names), *were = buf_cstr(&there);
    if (are && were)
        world_say(c->w, c->words, "new groups: %s; is each meant? Groups until now: %s", are, were);
    c->words->failed |= names.failed || there.failed;
    buf_done(&names);
    buf_done(&there);
}

/* Whether `units` has any besides `top` and those above it. */
static bool is_grown(const struct units *units, const struct uid *top) {
    for (size_t i = 0; i < units_count(units); i++) {
        const struct uid *id = units_id(units, i);
        if (!uid_equal(id, top) && units_under(units, id, top, DAY_LATEST))
            return true;
    }
    return false;
}

int unit_levels_check(const struct csv *csv, const struct units *units, const struct uid *top,
                      struct problems *p, const struct world *w, struct buf *words, struct err *e) {
    const struct checking c = {csv, p, w, words};
    bool grown = is_grown(units, top);
    for (unsigned i = 0; i < 2; i++) {
        const enum unit_column k = i == 0 ? UNIT_LEVEL : UNIT_GROUP;
        struct texts tree = {0}, file = {0};
        if (csv_where(csv, k) == CSV_ABSENT)
            continue;
        tree.list = mem_zalloc(units_count(units) + 1, sizeof *tree.list);
        file.list = mem_zalloc(csv_rows(csv) + 1, sizeof *file.list);
        bool ok = tree.list && file.list;
        if (ok) {
            gather(csv, units, k, &tree, &file);
            if (!grown && k == UNIT_LEVEL)
                check_first_levels(&c, &file);
            else if (grown && k == UNIT_LEVEL)
                check_levels(&c, &tree, &file);
            else if (grown)
                tell_groups(&c, &tree, &file);
        }
        mem_free(tree.list);
        mem_free(file.list);
        if (!ok)
            return err_nomem(e);
    }
    return 0;
}
