/*
 * Files of units: what the verbs that read one begin and end with.
 */
#ifndef HUB_UNIT_FILE_H
#define HUB_UNIT_FILE_H

#include "core/csv.h"
#include "core/problems.h"
#include "hub/hub_call.h"

/* What a verb does with the file named `file`, opened as `csv`; mistakes go into `p`. */
typedef int (*unit_file_take)(struct command *o, const struct csv *csv, struct problems *p,
                              const char *file, struct err *e);

/* Read the file that `call` names, match its header with the `n` columns at `columns`, open the hub
 * for writing, and have `take` do the rest. */
int unit_file_run(struct verb_call *call, const struct csv_column *columns, size_t n,
                  unit_file_take take, struct err *e);

#endif
