/*
 * Problems: every mistake in a file, each with its place, so that a person corrects all of them in
 * one go. An importer collects, then either applies everything or prints the list and applies
 * nothing.
 */
#ifndef CORE_PROBLEMS_H
#define CORE_PROBLEMS_H

#include "core/bytes.h"
#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>

#define PROBLEMS_KEPT 50 /* of these the text is kept; further ones are only counted */

struct problem {
    size_t line, column; /* as a spreadsheet counts, from 1; 0: the file, the whole line */
    char *name;          /* of the column; NULL: none */
    struct err what;
};

/* All zero is empty. */
struct problems {
    size_t total; /* found */
    size_t n;     /* kept in `list`, in the order found */
    struct problem *list;
    struct err ignored; /* takes the text of those that are not kept */
};

void problems_done(struct problems *p);

/*
 * Count one more mistake at `line`, `column` (0: not of one cell) in the column called `name`
 * (NULL: none), and give the place for its text: `err_set(problems_at(…), ERR_REFUSED, "…", …)`.
 */
struct err *problems_at(struct problems *p, size_t line, size_t column, const char *name);

/*
 * Append each kept problem of `file` to `words`, one a line, by line and column, through `tr`
 * (NULL: English). 0 when there is none; else ERR_REFUSED, which says how many and that nothing was
 * done.
 */
int problems_end(struct problems *p, const char *file, const char *(*tr)(const char *),
                 struct buf *words, struct err *e);

#endif
