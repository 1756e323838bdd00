/*
 * One report with its values, as `report show` prints it at office and hub.
 */
#ifndef NODE_SHOW_VALUES_H
#define NODE_SHOW_VALUES_H

#include "core/verb.h"
#include "node/actor.h"
#include "proto/json_node.h"

/* Why a report that is kept as evidence counts for nothing, in words of `w`. */
const char *show_values_evidence(const struct world *w);

/*
 * Print the report `r`, which `t` holds, for `call`: what became of it, as `v` says, and its values
 * with what they come to. Values that cannot be opened here are said to be so.
 */
int show_values(struct verb_call *call, struct actor *a, struct txn *t, const struct record *r,
                const struct report_view *v, struct err *e);

#endif
