#include "core/table.h"

#include "core/mem.h"

#include <assert.h>
#include <libsmartcols/libsmartcols.h>
#include <stdlib.h>
#include <string.h>

struct table {
    struct libscols_table *scols;
    size_t n_columns, n_rows;
    struct buf lines; /* struct libscols_line * of each row, owned by `scols` */
};

static int scols_flags(unsigned flags) {
    int f = 0;
    if (flags & TABLE_RIGHT)
        f |= SCOLS_FL_RIGHT;
    if (flags & TABLE_TREE)
        f |= SCOLS_FL_TREE;
    if (flags & TABLE_WRAP)
        f |= SCOLS_FL_WRAP;
    if (flags & TABLE_CUT)
        f |= SCOLS_FL_TRUNC;
    return f;
}

int table_new(const struct table_column *columns, size_t n, struct table **ret_table,
              struct err *e) {
    struct table *t = mem_zalloc(1, sizeof *t);
    if (!t)
        return err_nomem(e);
    t->n_columns = n;
    t->scols = scols_new_table();
    bool made = t->scols != NULL;
    for (size_t i = 0; made && i < n; i++)
        made = scols_table_new_column(t->scols, columns[i].title, 0,
                                      scols_flags(columns[i].flags)) != NULL;
    if (!made) {
        table_free(t);
        return err_nomem(e);
    }
    *ret_table = t;
    return 0;
}

void table_free(struct table *t) {
    if (!t)
        return;
    if (t->scols)
        scols_unref_table(t->scols);
    buf_done(&t->lines);
    mem_free(t);
}

int table_row(struct table *t, size_t parent, const char *const *cells, size_t *ret_row,
              struct err *e) {
    assert(parent == TABLE_TOP || parent < t->n_rows);
    struct libscols_line *above = NULL;
    if (parent != TABLE_TOP)
        memcpy(&above, t->lines.data + parent * sizeof above, sizeof above);
    struct libscols_line *line = scols_table_new_line(t->scols, above);
    if (!line)
        return err_nomem(e);
    for (size_t i = 0; i < t->n_columns; i++)
        if (scols_line_set_data(line, i, cells[i]) != 0)
            return err_nomem(e);
    buf_put(&t->lines, &line, sizeof line);
    if (t->lines.failed)
        return err_nomem(e);
    if (ret_row)
        *ret_row = t->n_rows;
    t->n_rows++;
    return 0;
}

/* Append `text` line by line, without the spaces that fill the last column. */
static void put_lines(struct buf *out, const char *text) {
    while (*text) {
        size_t n = strcspn(text, "\n"), shown = n;
        while (shown > 0 && text[shown - 1] == ' ')
            shown--;
        buf_put(out, text, shown);
        buf_put_u8(out, '\n');
        text += n + (text[n] == '\n');
    }
}

int table_render(struct table *t, size_t width, struct buf *out, struct err *e) {
    if (t->n_rows == 0)
        return 0;
    int force = width ? SCOLS_TERMFORCE_ALWAYS : SCOLS_TERMFORCE_NEVER;
    char *text = NULL;
    if (scols_table_set_termforce(t->scols, force) != 0 ||
        (width && scols_table_set_termwidth(t->scols, width) != 0) ||
        scols_print_table_to_string(t->scols, &text) != 0)
        return err_nomem(e);
    put_lines(out, text);
    free(text); /* from the library's own malloc */
    return out->failed ? err_nomem(e) : 0;
}
