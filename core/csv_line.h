/*
 * CSV lines: where a line of a file ends, and what the first ones say of what stands between cells.
 */
#ifndef CORE_CSV_LINE_H
#define CORE_CSV_LINE_H

#include "core/bytes.h"

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the first line of `s`, its end included: LF, CRLF or CR. */
size_t csv_line_length(struct slice s);
bool csv_line_blank(struct slice line);

/*
 * What stands between the cells of `text`: what a first line `sep=;` says, as spreadsheets write
 * and take it; else the separator that stands most often outside quotes in the first line that is
 * not blank. `ret_skip`: bytes of that first line, which is no row; 0 where there is none.
 */
char csv_line_separator(struct slice text, size_t *ret_skip);

#endif
