/*
 * Reports as people read them: what was sealed, and what became of it.
 */
#ifndef NODE_SHOW_REPORT_H
#define NODE_SHOW_REPORT_H

#include "core/world.h"
#include "proto/json_node.h"

#define SHOW_REPORT_ID 8 /* hex digits of an id that a table shows */

/* What became of `r`, in words of `w`, as one line without a line feed: `received by 94 …`. */
void show_report_state(const struct report_view *r, const struct world *w, struct buf *out);

/* Append a table of the `n` reports at `list` to `out`. */
int show_reports(const struct report_view *list, uint32_t n, const struct world *w, struct buf *out,
                 struct err *e);

#endif
