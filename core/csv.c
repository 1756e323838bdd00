#include "core/csv.h"

#include "core/csv_line.h"
#include "core/encoding.h"
#include "core/limits.h"
#include "core/mem.h"
#include "core/text.h"

#include <assert.h>
#include <csv.h>
#include <stdlib.h>
#include <string.h>

/*
 * Every row has n_columns cells; a cell is an offset into `text`, where it is NUL-terminated; the
 * header is row 0 of `cells`. Offset 0 is the empty text.
 */
struct csv {
    char *file;
    char separator;
    size_t n_columns;
    size_t n_headers; /* cells of the header, the empty ones at its end too */
    size_t n_rows;    /* without the header */
    struct buf text;
    struct buf cells; /* uint32_t each */
    struct buf lines; /* uint32_t each; the header's first */
    size_t n_known;
    size_t *where; /* known column → file column */
    size_t *which; /* file column → known column */
};

/* Where reading stands between two callbacks of libcsv. */
struct reading {
    struct csv *c;
    struct problems *p;
    struct err *e;
    int rc;          /* sticky */
    size_t line;     /* being fed */
    size_t row_line; /* on which the row began */
    bool between;    /* nothing of a row has been seen since the last one ended */
    bool has_header;
    bool has_content; /* a cell of this row is not empty */
    bool too_long;    /* a cell beyond the header's is not empty */
    size_t column;    /* cells of this row so far */
};

static uint32_t get_u32(const struct buf *b, size_t i) {
    uint32_t v;
    assert((i + 1) * sizeof v <= b->len);
    memcpy(&v, b->data + i * sizeof v, sizeof v);
    return v;
}

static void put_u32(struct buf *b, size_t v) {
    buf_put(b, &(uint32_t){(uint32_t)v}, sizeof(uint32_t));
}

/* Line breaks and tabs inside a cell become one space each; a CRLF is one break. */
static size_t flatten(char *s, size_t n) {
    size_t out = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '\r' && i + 1 < n && s[i + 1] == '\n')
            continue;
        s[out++] = s[i] == '\n' || s[i] == '\r' || s[i] == '\t' ? ' ' : s[i];
    }
    return out;
}

/* Keep `s` in the text of `c`; its offset. */
static size_t keep(struct csv *c, const char *s) {
    if (*s == '\0')
        return 0;
    size_t at = c->text.len;
    buf_put(&c->text, s, strlen(s) + 1);
    return at;
}

static void on_cell(void *data, size_t n, void *arg) {
    struct reading *r = arg;
    struct csv *c = r->c;
    size_t column = r->column++;
    if (r->rc || (!r->has_header && column >= LIMIT_CSV_COLUMNS))
        return;
    struct err what = {0};
    char *nfc __attribute__((cleanup(mem_cleanup))) = NULL;
    const char *s = "";
    int rc = n ? text_nfc(slice_of(data, flatten(data, n)), &nfc, &what) : 0;
    if (rc == ERR_NOMEM)
        r->rc = err_nomem(r->e);
    else if (rc)
        *problems_at(r->p, r->row_line, column + 1,
                     r->has_header && column < c->n_columns ? csv_header(c, column) : NULL) = what;
    else if (nfc)
        s = text_trim(nfc);
    r->has_content |= rc != 0 || *s;
    if (r->has_header && column >= c->n_columns)
        r->too_long |= *s != '\0';
    else
        put_u32(&c->cells, keep(c, s));
    if (c->text.failed || c->cells.failed || c->lines.failed)
        r->rc = err_nomem(r->e);
}

/* The header has been read: it says how many columns there are. Empty ones at its end are none. */
static void end_header(struct reading *r) {
    struct csv *c = r->c;
    size_t n = c->cells.len / sizeof(uint32_t);
    if (r->column > LIMIT_CSV_COLUMNS) {
        r->rc = err_set(r->e, ERR_REFUSED, "%s has more than %u columns: split it", c->file,
                        LIMIT_CSV_COLUMNS);
        return;
    }
    while (n > 0 && get_u32(&c->cells, n - 1) == 0)
        n--;
    c->cells.len = n * sizeof(uint32_t);
    c->n_columns = n;
    c->n_headers = r->column;
    r->has_header = true;
}

/* That the row does not fit the header. Where it is too long, be it by empty cells, mostly a number
 * was typed with a comma: nobody can tell then which cell is which. */
static void refuse_length(struct reading *r) {
    bool more = r->column > r->c->n_headers;
    size_t wanted = more ? r->c->n_headers : r->c->n_columns;
    struct err *what = problems_at(r->p, r->row_line, 0, NULL);
    if (more && r->c->separator == ',')
        err_set(what, ERR_REFUSED,
                "there are %zu cells where the header has %zu: put what holds a comma in quotes, "
                "as \"8,5\", or write 8.5, or save the file with semicolons",
                r->column, wanted);
    else
        err_set(what, ERR_REFUSED,
                "there are %zu cells where the header has %zu: add or remove separators, or put "
                "quotes around a text that holds one",
                r->column, wanted);
}

static void end_row(struct reading *r) {
    struct csv *c = r->c;
    if (r->too_long || r->column > c->n_headers || r->column < c->n_columns)
        refuse_length(r);
    for (size_t i = r->column; i < c->n_columns; i++)
        put_u32(&c->cells, 0);
    if (++c->n_rows > LIMIT_CSV_ROWS)
        r->rc = err_set(r->e, ERR_REFUSED, "%s, line %zu: more than %u rows: split the file",
                        c->file, r->row_line, LIMIT_CSV_ROWS);
}

static void on_row(int terminator, void *arg) {
    (void)terminator;
    struct reading *r = arg;
    struct csv *c = r->c;
    if (r->rc == 0 && r->has_content) {
        put_u32(&c->lines, r->row_line);
        if (r->has_header)
            end_row(r);
        else
            end_header(r);
    } else if (r->rc == 0) {
        c->cells.len = (c->n_rows + r->has_header) * c->n_columns * sizeof(uint32_t);
    }
    r->column = 0;
    r->has_content = r->too_long = false;
    r->between = true;
}

static int misplaced_quote(struct reading *r) {
    return err_set(r->e, ERR_REFUSED,
                   "%s, line %zu: a quote (\") is not closed or stands inside a text: put quotes "
                   "around the whole cell and double those within",
                   r->c->file, r->row_line);
}

static int feed(struct reading *r, struct csv_parser *parser, struct slice text) {
    while (text.len > 0 && r->rc == 0) {
        struct slice line = {text.data, csv_line_length(text)};
        r->line++;
        if (r->between)
            r->row_line = r->line;
        bool blank = r->between && csv_line_blank(line);
        r->between = false;
        if (csv_parse(parser, line.data, line.len, on_cell, on_row, r) != line.len)
            return csv_error(parser) == CSV_EPARSE ? misplaced_quote(r) : err_nomem(r->e);
        r->between |= blank;
        text = (struct slice){text.data + line.len, text.len - line.len};
    }
    if (r->rc == 0 && csv_fini(parser, on_cell, on_row, r) != 0)
        return csv_error(parser) == CSV_EPARSE ? misplaced_quote(r) : err_nomem(r->e);
    return r->rc;
}

static int read_rows(struct csv *c, struct slice text, struct problems *p, struct err *e) {
    struct csv_parser parser;
    struct reading r = {.c = c, .p = p, .e = e, .between = true};
    size_t skip;
    c->separator = csv_line_separator(text, &skip);
    r.line = skip > 0;
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
        return err_nomem(e);
    csv_set_realloc_func(&parser, mem_realloc);
    csv_set_free_func(&parser, mem_free);
    csv_set_delim(&parser, (unsigned char)c->separator);
    int rc = feed(&r, &parser, slice_of(text.data + skip, text.len - skip));
    csv_free(&parser);
    if (rc == 0 && !r.has_header)
        return err_set(e, ERR_REFUSED, "%s is empty: its first line must name the columns",
                       c->file);
    if (rc == 0 && (c->text.failed || c->cells.failed || c->lines.failed))
        return err_nomem(e);
    return rc;
}

int csv_open(struct slice bytes, const char *file, struct csv **ret_csv, struct problems *p,
             struct err *e) {
    if (bytes.len > LIMIT_CSV_BYTES)
        return err_set(e, ERR_REFUSED, "%s is larger than %u bytes: split it", file,
                       LIMIT_CSV_BYTES);
    struct csv *c = mem_zalloc(1, sizeof *c);
    if (!c)
        return err_nomem(e);
    struct buf scratch;
    struct slice text;
    buf_init(&scratch);
    buf_put_u8(&c->text, 0);
    c->file = mem_strdup(file);
    int rc = c->file ? encoding_utf8(bytes, file, &scratch, &text, e) : err_nomem(e);
    if (rc == 0)
        rc = read_rows(c, text, p, e);
    buf_done(&scratch);
    if (rc)
        csv_close(c);
    else
        *ret_csv = c;
    return rc;
}

void csv_close(struct csv *c) {
    if (!c)
        return;
    mem_free(c->file);
    mem_free(c->where);
    mem_free(c->which);
    buf_done(&c->text);
    buf_done(&c->cells);
    buf_done(&c->lines);
    mem_free(c);
}

size_t csv_rows(const struct csv *c) {
    return c->n_rows;
}

char csv_separator(const struct csv *c) {
    return c->separator;
}

size_t csv_columns(const struct csv *c) {
    return c->n_columns;
}

const char *csv_header(const struct csv *c, size_t column) {
    assert(column < c->n_columns);
    return (const char *)c->text.data + get_u32(&c->cells, column);
}

const char *csv_cell(const struct csv *c, size_t row, size_t column) {
    assert(row < c->n_rows && column < c->n_columns);
    return (const char *)c->text.data + get_u32(&c->cells, (row + 1) * c->n_columns + column);
}

size_t csv_line(const struct csv *c, size_t row) {
    return get_u32(&c->lines, row + 1);
}

size_t csv_where(const struct csv *c, size_t k) {
    assert(k < c->n_known);
    return c->where[k];
}

size_t csv_which(const struct csv *c, size_t column) {
    assert(column < c->n_columns && c->which);
    return c->which[column];
}

const char *csv_get(const struct csv *c, size_t row, size_t k) {
    size_t column = csv_where(c, k);
    return column == CSV_ABSENT ? "" : csv_cell(c, row, column);
}

struct err *csv_problem_cell(const struct csv *c, struct problems *p, size_t row, size_t column) {
    return problems_at(p, csv_line(c, row), column + 1, csv_header(c, column));
}

struct err *csv_problem(const struct csv *c, struct problems *p, size_t row, size_t k) {
    size_t column = csv_where(c, k);
    return column == CSV_ABSENT ? problems_at(p, csv_line(c, row), 0, NULL)
                                : csv_problem_cell(c, p, row, column);
}

/* `header` as it is compared: folded, with `_`, `-` and runs of spaces as one space. */
static int header_key(const char *header, char **ret_key, struct err *e) {
    char *key;
    int rc = text_fold(slice_str(header), &key, e);
    if (rc)
        return rc;
    size_t n = 0;
    for (size_t i = 0; key[i]; i++) {
        char ch = key[i] == '_' || key[i] == '-' ? ' ' : key[i];
        if (ch != ' ' || (n > 0 && key[n - 1] != ' '))
            key[n++] = ch;
    }
    key[n] = '\0';
    *ret_key = key;
    return 0;
}

static int same_header(const char *key, const char *known, bool *ret_same, struct err *e) {
    char *other;
    int rc = header_key(known, &other, e);
    if (rc == 0) {
        *ret_same = strcmp(key, other) == 0;
        mem_free(other);
    }
    return rc;
}

/* The known column that `header` names, CSV_ABSENT if none. */
static int find_known(const char *header, const struct csv_column *columns, size_t n,
                      size_t *ret_known, struct err *e) {
    char *key __attribute__((cleanup(mem_cleanup))) = NULL;
    int rc = header_key(header, &key, e);
    size_t found = CSV_ABSENT;
    for (size_t k = 0; rc == 0 && k < n && found == CSV_ABSENT; k++) {
        bool same = false;
        rc = same_header(key, columns[k].name, &same, e);
        for (size_t a = 0; rc == 0 && !same && a < CSV_ALIASES && columns[k].aliases[a]; a++)
            rc = same_header(key, columns[k].aliases[a], &same, e);
        if (same)
            found = k;
    }
    if (rc == 0)
        *ret_known = found;
    return rc;
}

static bool column_is_empty(const struct csv *c, size_t column) {
    for (size_t row = 0; row < c->n_rows; row++)
        if (*csv_cell(c, row, column))
            return false;
    return true;
}

static void unknown_column(const struct csv_column *columns, size_t n, struct err *ret_problem) {
    struct buf list;
    buf_init(&list);
    for (size_t k = 0; k < n; k++)
        buf_printf(&list, "%s%s", k ? ", " : "", columns[k].name);
    err_set(ret_problem, ERR_REFUSED,
            "this column is not known here: rename or remove it; known are %s", buf_cstr(&list));
    buf_done(&list);
}

static int match_column(struct csv *c, size_t column, const struct csv_column *columns, size_t n,
                        bool others, struct problems *p, struct err *e) {
    const char *header = csv_header(c, column);
    size_t line = get_u32(&c->lines, 0), k = CSV_ABSENT;
    int rc = *header ? find_known(header, columns, n, &k, e) : 0;
    c->which[column] = CSV_ABSENT;
    if (rc)
        return rc;
    if (*header == '\0' && !column_is_empty(c, column))
        err_set(problems_at(p, line, column + 1, NULL), ERR_REFUSED,
                "the column has cells but no name: name it in the first line or empty it");
    else if (k != CSV_ABSENT && c->where[k] != CSV_ABSENT)
        err_set(problems_at(p, line, column + 1, header), ERR_REFUSED,
                "column '%s' is there twice, first as column %zu: remove one", columns[k].name,
                c->where[k] + 1);
    else if (k != CSV_ABSENT) {
        c->where[k] = column;
        c->which[column] = k;
    } else if (*header && !others)
        unknown_column(columns, n, problems_at(p, line, column + 1, header));
    return 0;
}

int csv_match(struct csv *c, const struct csv_column *columns, size_t n, bool others,
              struct problems *p, struct err *e) {
    assert(!c->where);
    c->where = mem_alloc(n * sizeof *c->where);
    c->which = mem_alloc(c->n_columns * sizeof *c->which);
    if (!c->where || !c->which)
        return err_nomem(e);
    c->n_known = n;
    for (size_t k = 0; k < n; k++)
        c->where[k] = CSV_ABSENT;
    int rc = 0;
    for (size_t column = 0; rc == 0 && column < c->n_columns; column++)
        rc = match_column(c, column, columns, n, others, p, e);
    for (size_t k = 0; rc == 0 && k < n; k++)
        if (columns[k].required && c->where[k] == CSV_ABSENT)
            err_set(problems_at(p, get_u32(&c->lines, 0), 0, NULL), ERR_REFUSED,
                    "column '%s' (%s) is missing: add it to the first line", columns[k].name,
                    columns[k].aliases[0]);
    return rc;
}

/* One row's place among all: what qsort needs, without a global. */
struct row_key {
    const struct csv *c;
    const size_t *keys;
    size_t n, row;
};

static int compare_keys(const struct row_key *x, const struct row_key *y) {
    int order = 0;
    for (size_t i = 0; i < x->n && order == 0; i++)
        order = strcmp(csv_get(x->c, x->row, x->keys[i]), csv_get(y->c, y->row, y->keys[i]));
    return order;
}

static int by_keys(const void *a, const void *b) {
    const struct row_key *x = a, *y = b;
    int order = compare_keys(x, y);
    return order ? order : x->row < y->row ? -1 : 1;
}

int csv_unique(const struct csv *c, const size_t *keys, size_t n, struct problems *p,
               struct err *e) {
    struct row_key *rows = mem_alloc(c->n_rows * sizeof *rows);
    if (!rows)
        return err_nomem(e);
    for (size_t row = 0; row < c->n_rows; row++)
        rows[row] = (struct row_key){c, keys, n, row};
    qsort(rows, c->n_rows, sizeof *rows, by_keys);
    for (size_t i = 1, first = 0; i < c->n_rows; i++) {
        if (compare_keys(&rows[first], &rows[i]) != 0)
            first = i;
        else if (*csv_get(c, rows[i].row, keys[0]))
            err_set(csv_problem(c, p, rows[i].row, keys[0]), ERR_REFUSED,
                    "'%s' is there twice, first on line %zu: keep one of the two rows",
                    csv_get(c, rows[i].row, keys[0]), csv_line(c, rows[first].row));
    }
    mem_free(rows);
    return 0;
}

bool csv_suggest_code(const char *code, bool (*exists)(void *arg, const char *code), void *arg,
                      char *ret_code) {
    size_t n = strlen(code);
    char guess[LIMIT_CODE + 1];
    if (n == 0 || strspn(code, "0123456789") != n)
        return false;
    for (size_t zeros = 1; zeros + n <= LIMIT_CODE; zeros++) {
        memset(guess, '0', zeros);
        memcpy(guess + zeros, code, n + 1);
        if (exists(arg, guess)) {
            memcpy(ret_code, guess, zeros + n + 1);
            return true;
        }
    }
    return false;
}
