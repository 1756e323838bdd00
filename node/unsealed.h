/*
 * Unsealed: in what a sheet says otherwise than the last report that was stated of it.
 */
#ifndef NODE_UNSEALED_H
#define NODE_UNSEALED_H

#include "node/office.h"
#include "node/own_reports.h"
#include "proto/json_node.h"

/*
 * Hold the sheet of `o` against the last report of `own` (NULL: of all that this machine stated)
 * that was stated of it, into `ret_view`, whose texts live as long as the catalog. No values: none
 * differs, or there is no such report that can be read here.
 */
int unsealed_find(const struct office *o, const struct own_reports *own,
                  struct unsealed_view *ret_view, struct err *e);
/* Append to `ret_views` the struct unsealed_view of every sheet in which some value does. */
int unsealed_all(struct actor *a, struct txn *t, const struct own_reports *own,
                 struct buf *ret_views, struct err *e);
/* Say so, where any value does. */
void unsealed_say(const struct unsealed_view *v, const struct world *w, struct buf *out);
/* Say which ones, a line each, and how many more there are than `v` lists. */
void unsealed_cells(const struct unsealed_view *v, const struct world *w, struct buf *out);

#endif
