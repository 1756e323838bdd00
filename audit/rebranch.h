/*
 * The figures of each unit right below whoever looks at a board, worked out once more.
 */
#ifndef AUDIT_REBRANCH_H
#define AUDIT_REBRANCH_H

#include "audit/fold.h"
#include "core/result.h"

/*
 * Fill the branches of `b`, none of whose rows was left out, as seen from the hub of unit `home`:
 * one for each unit right below that or, where it is below that, below the unit that `b` is limited
 * to; and one for the uppermost unit where that has a row.
 */
int rebranch_board(const struct fold *f, const struct uid *home, struct board *b, struct err *e);

#endif
