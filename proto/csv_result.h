/*
 * Boards and rankings as CSV, for spreadsheets: the same bytes from a hub and from an auditor.
 * Where cells are parted by anything but a comma, scores have a decimal comma; what people wrote
 * and begins like a formula has an apostrophe before it.
 */
#ifndef PROTO_CSV_RESULT_H
#define PROTO_CSV_RESULT_H

#include "core/bytes.h"
#include "core/err.h"
#include "core/result.h"
#include "core/verb.h"

/* What to add to the options of a verb that prints them. */
#define CSV_RESULT_OPTIONS                                                                         \
    {.name = "csv", .kind = OPTION_FLAG, .help = N_("for a spreadsheet")}, {                       \
        .name = "separator", .value = "comma|semicolon|tab",                                       \
        .help = N_("with --csv, what stands between cells (comma)")                                \
    }

/* What parts the cells of the CSV that is asked for into `ret_separator`, 0: none is. ERR_USAGE. */
int csv_result_asked(const struct verb_call *call, char *ret_separator, struct err *e);

/* The rows of the `n` boards of `list`, or with `branches` their branches. */
int csv_boards(const struct board *list, size_t n, bool branches, char separator, struct buf *out,
               struct err *e);
int csv_ranking(const struct ranking *r, char separator, struct buf *out, struct err *e);

#endif
