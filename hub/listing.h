/*
 * Listing: what a verb has many of, as people read it, in a table, or as programs do, in one JSON
 * list of objects.
 */
#ifndef HUB_LISTING_H
#define HUB_LISTING_H

#include "core/table.h"
#include "core/verb.h"
#include "proto/json.h"

#define LISTING_COLUMNS_MAX 6

/* Put every row that `arg` tells of into the table `t`, or as an object into the open list of `j`:
 * the other one is NULL. */
typedef int (*listing_rows)(void *arg, struct table *t, struct json *j, struct err *e);

/*
 * Append to what `call` prints all that `rows` puts where it is told to, handed `arg`: with --json
 * a list, else a table of the `n` `columns`, whose titles are N_("…").
 */
int listing_print(struct verb_call *call, const struct table_column *columns, size_t n,
                  listing_rows rows, void *arg, struct err *e);

#endif
