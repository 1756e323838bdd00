#include "core/problems.h"

#include "core/mem.h"

#include <stdlib.h>

void problems_done(struct problems *p) {
    for (size_t i = 0; i < p->n; i++)
        mem_free(p->list[i].name);
    mem_free(p->list);
    *p = (struct problems){0};
}

struct err *problems_at(struct problems *p, size_t line, size_t column, const char *name) {
    p->total++;
    if (!p->list)
        p->list = mem_zalloc(PROBLEMS_KEPT, sizeof *p->list);
    if (!p->list || p->n == PROBLEMS_KEPT) {
        err_clear(&p->ignored);
        return &p->ignored;
    }
    struct problem *problem = &p->list[p->n++];
    problem->line = line;
    problem->column = column;
    problem->name = mem_strdup(name);
    return &problem->what;
}

static int by_place(const void *a, const void *b) {
    const struct problem *x = a, *y = b;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    return x->column < y->column ? -1 : x->column > y->column;
}

/* `file, line 7, column 3 (name): ` as far as each is known. */
static void put_place(const struct problem *p, const char *file, const char *(*tr)(const char *),
                      struct buf *words) {
    struct err place = {0};
    char text[2 * ERR_ARG_BYTES + 128];
    if (p->line == 0)
        err_set(&place, ERR_REFUSED, "%s", file);
    else if (p->column == 0)
        err_set(&place, ERR_REFUSED, "%s, line %zu", file, p->line);
    else if (!p->name)
        err_set(&place, ERR_REFUSED, "%s, line %zu, column %zu", file, p->line, p->column);
    else
        err_set(&place, ERR_REFUSED, "%s, line %zu, column %zu (%s)", file, p->line, p->column,
                p->name);
    buf_put_str(words, err_text(&place, tr, text, sizeof text));
    buf_put_str(words, ": ");
}

int problems_end(struct problems *p, const char *file, const char *(*tr)(const char *),
                 struct buf *words, struct err *e) {
    if (p->total == 0)
        return 0;
    if (p->n > 1)
        qsort(p->list, p->n, sizeof *p->list, by_place);
    for (size_t i = 0; i < p->n; i++) {
        char text[ERR_ARGS * ERR_ARG_BYTES];
        put_place(&p->list[i], file, tr, words);
        buf_put_str(words, err_text(&p->list[i].what, tr, text, sizeof text));
        buf_put_u8(words, '\n');
    }
    if (words->failed || p->n == 0)
        return err_nomem(e);
    if (p->n < p->total)
        return err_set(
            e, ERR_REFUSED,
            "%s has %zu mistakes, the first %zu are listed; nothing was changed: correct "
            "them and try again",
            file, p->total, p->n);
    if (p->total == 1)
        return err_set(e, ERR_REFUSED,
                       "%s has a mistake; nothing was changed: correct it and try again", file);
    return err_set(e, ERR_REFUSED,
                   "%s has %zu mistakes; nothing was changed: correct them and try again", file,
                   p->total);
}
