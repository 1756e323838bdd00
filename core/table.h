/*
 * Tables and trees for a terminal, rendered into the caller's buffer.
 *
 * Widths count as a terminal shows them, so programs set a UTF-8 locale first.
 */
#ifndef CORE_TABLE_H
#define CORE_TABLE_H

#include "core/bytes.h"
#include "core/err.h"

#include <stddef.h>
#include <stdint.h>

enum table_column_flags {
    TABLE_LEFT = 0,
    TABLE_RIGHT = 1, /* numbers */
    TABLE_TREE = 2,  /* shows who lies below whom; at most one column */
    TABLE_WRAP = 4,  /* goes on in the next line where the width is limited */
    TABLE_CUT = 8,   /* is cut where the width is limited */
};

struct table_column {
    const char *title; /* already translated */
    unsigned flags;
};

#define TABLE_TOP SIZE_MAX

struct table; /* opaque */

/* A table of the `n` columns at `columns`, without rows. Strings given to a table are copied. */
int table_new(const struct table_column *columns, size_t n, struct table **ret_table,
              struct err *e);
void table_free(struct table *t);

/*
 * Add a row of one text per column (NULL: empty) below row `parent`, or at the top with TABLE_TOP;
 * its number, from 0, into `ret_row` (NULL: not wanted).
 */
int table_row(struct table *t, size_t parent, const char *const *cells, size_t *ret_row,
              struct err *e);

/*
 * Append the table to `out`, titles first, every line ended and without spaces at its end; at most
 * `width` columns wide where the titles let it (0: as wide as it takes). A table without rows gives
 * nothing.
 */
int table_render(struct table *t, size_t width, struct buf *out, struct err *e);

#endif
