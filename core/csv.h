/*
 * CSV, as spreadsheets here write it: `,` `;` or tab; UTF-8 with or without a byte order mark, or
 * UTF-16 with one; LF, CRLF or CR; quotes; a first line `sep=;` or none; headers in Vietnamese or
 * English.
 *
 * A file is read whole, then its columns are matched, then its rows are asked for. Each step puts
 * every mistake that it finds into the same struct problems; the caller goes on as far as it makes
 * sense and ends with problems_end: all or nothing.
 */
#ifndef CORE_CSV_H
#define CORE_CSV_H

#include "core/bytes.h"
#include "core/err.h"
#include "core/problems.h"

#include <stdbool.h>
#include <stddef.h>

#define CSV_ALIASES 6
#define CSV_ABSENT ((size_t)-1)

/* One column that a reader knows. */
struct csv_column {
    const char *name;                 /* canonical, English */
    const char *aliases[CSV_ALIASES]; /* other headers meaning the same; compared by fold, so
                                         upper case, missing marks and `_` for a space all match */
    bool required;
};

struct csv; /* opaque: header, rows of cells, and the line of each row */

/*
 * Read `bytes` of the file called `file` (for messages). Cells come out NFC, without outer spaces,
 * line breaks inside a cell as one space; rows without any content are skipped. Rows that are too
 * short, or have more cells than the header even if those are empty, and cells that hold control
 * characters, go into `p`. ERR_REFUSED for a file that cannot be told apart into rows: no UTF-8 or
 * UTF-16, a spreadsheet's own format, no header, too large, a quote out of place.
 */
int csv_open(struct slice bytes, const char *file, struct csv **ret_csv, struct problems *p,
             struct err *e);
void csv_close(struct csv *c);

/*
 * Find the `n` columns at `columns` in the header of `c`. Missing, repeated and (unless `others`)
 * unknown ones go into `p`. Afterwards csv_get answers by position in `columns`.
 */
int csv_match(struct csv *c, const struct csv_column *columns, size_t n, bool others,
              struct problems *p, struct err *e);

/* What stands between the cells: `,`, `;` or a tab. */
char csv_separator(const struct csv *c);
size_t csv_rows(const struct csv *c);
size_t csv_columns(const struct csv *c);
/* Header of the file's column `column`, and its cell in `row`; both from 0, both never NULL. */
const char *csv_header(const struct csv *c, size_t column);
const char *csv_cell(const struct csv *c, size_t row, size_t column);
/* Where known column `k` stands in the file, CSV_ABSENT if it does not; and the other way. */
size_t csv_where(const struct csv *c, size_t k);
size_t csv_which(const struct csv *c, size_t column);
/* Cell of known column `k` in `row`; empty where the file has no such column. */
const char *csv_get(const struct csv *c, size_t row, size_t k);
/* Line of the file on which `row` begins, from 1. */
size_t csv_line(const struct csv *c, size_t row);

/* The place for the text of a mistake in `row`, at known column `k` or at file column `column`. */
struct err *csv_problem(const struct csv *c, struct problems *p, size_t row, size_t k);
struct err *csv_problem_cell(const struct csv *c, struct problems *p, size_t row, size_t column);

/*
 * Report every row whose cells in the `n` known columns `keys` equal those of an earlier row, with
 * that row's line. Rows whose first key is empty are left out.
 */
int csv_unique(const struct csv *c, const size_t *keys, size_t n, struct problems *p,
               struct err *e);

/*
 * For an unknown code of digits only: the code with the leading zeros that a spreadsheet ate, if
 * `exists(arg, code)` knows one, into `ret_code` (LIMIT_CODE + 1 bytes). False: nothing to suggest.
 */
bool csv_suggest_code(const char *code, bool (*exists)(void *arg, const char *code), void *arg,
                      char *ret_code);

#endif
