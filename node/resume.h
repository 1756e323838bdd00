/*
 * Resume: a sheet goes on where the office's last report stopped.
 *
 * An official who sits down at a new machine has not the old sheet before the eyes. So a sheet
 * that this machine never began, begins as the report that counts, whichever machine of the unit
 * stated it: what was reported is there to be seen and changed, and the next revision differs in
 * nothing but what the person changed. There is nothing to force and nothing to ask: to take a
 * value back is to empty its cell. Cells that were filled in here before the old report came stay
 * as they are. A machine that lost its drafts with its store begins the same way; one whose store
 * was put back to an older state follows what came back (see returned).
 */
#ifndef NODE_RESUME_H
#define NODE_RESUME_H

#include "node/actor.h"
#include "node/draft.h"

/*
 * Begin the draft `d` of actor `a`, whose cells for these `subjects` and `criteria` are in `sheet`,
 * with the report that counts in its campaign and period: of the kind asked by default, else of any
 * other. Changes `sheet`, and where `t` writes the draft in the store. Nothing happens where the
 * draft has begun, or holds cells and the report is this machine's own.
 */
int resume_sheet(struct actor *a, struct txn *t, const struct draft *d,
                 const struct subjects *subjects, const struct criteria *criteria,
                 struct sheet *sheet, struct err *e);

#endif
