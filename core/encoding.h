/*
 * Encodings: what a text file from an office PC may be, told apart by its first bytes.
 */
#ifndef CORE_ENCODING_H
#define CORE_ENCODING_H

#include "core/bytes.h"
#include "core/err.h"

#include <stdbool.h>

/* Whether `bytes` are in a spreadsheet's own format. */
bool encoding_workbook(struct slice bytes);

/*
 * The text of `bytes` as UTF-8 without a byte order mark: in place where it is UTF-8 already, else
 * converted into `scratch`, which must outlive `ret_text`. UTF-16 needs its byte order mark.
 * ERR_REFUSED names `file`, and the line and byte where the text breaks off; a workbook, an old
 * Vietnamese encoding or UTF-16 without a mark is told what to save it as.
 */
int encoding_utf8(struct slice bytes, const char *file, struct buf *scratch, struct slice *ret_text,
                  struct err *e);

#endif
