/*
 * Branches: the figures of a board for each unit right below whoever looks, whatever lies below it:
 * what an officer looks at first. Counted from the rows, so that they are as exact as these.
 */
#ifndef HUB_BRANCHES_H
#define HUB_BRANCHES_H

#include "core/result.h"
#include "core/units.h"

/*
 * Fill the branches of `b`, all of whose rows are there, by the tree `units`. A row counts for the
 * unit below `hub` (of that or, where it is below that, of the unit that `b` is limited to) which
 * its own is or lies under, on the day on which that is looked at; for itself where it is the top.
 * A branch is called what it was on the last of these days.
 */
int branches_count(const struct units *units, const struct uid *hub, struct board *b,
                   struct err *e);

#endif
