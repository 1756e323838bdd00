/*
 * Clocks held against one another once more: what an instant in a receipt counts as after the mends
 * that were stated, and what hubs said of time that does not fit together. The latter is no proof
 * that anything is wrong, so it is told as a warning.
 */
#ifndef AUDIT_RECLOCK_H
#define AUDIT_RECLOCK_H

#include "audit/fold.h"

/* What the instant of the line `r` counts as. */
instant reclock_instant(const struct fold *f, const struct fold_receipt *r);
/* Whether `r` doubts its clock and no mend touches it. */
bool reclock_doubts(const struct fold *f, const struct fold_receipt *r);
#define RECLOCK_SLACK_MS 600000 /* clocks of two machines may honestly be so far apart */

/* What does not fit together in `f` into `warnings`. */
void reclock_warn(const struct fold *f, struct findings *warnings);

#endif
