/*
 * Writing CSV (RFC 4180), so that Excel and csv_open read it back as it was.
 */
#ifndef CORE_CSV_OUT_H
#define CORE_CSV_OUT_H

#include "core/bytes.h"
#include "core/err.h"

#include <stdbool.h>

/* What --separator says may stand between cells, a comma if `text` is NULL; else ERR_USAGE. */
int csv_out_separator(const char *text, char *ret_separator, struct err *e);

/* The byte order mark: first in `out`, where Excel is to see UTF-8. */
void csv_out_mark(struct buf *out);
/* One cell; `first` of its row, else `separator` stands before it. Quoted where it must be. */
void csv_out_cell(struct buf *out, char separator, bool first, const char *text);
/* The end of a row: CRLF. */
void csv_out_end(struct buf *out);

#endif
