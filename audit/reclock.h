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

/*
 * What does not fit together in `f` into `warnings`: only what no honest hub states while its clock
 * is right. So two orders are not looked at. An instant may be earlier than one that the same hub
 * gave before, or than what it stated before: it keeps the instants of what it took while it could
 * state nothing, follows up what it held, and after a loss says again what it said. And receipts
 * are not receipted, so no hub above tells when it had one.
 */
void reclock_warn(const struct fold *f, struct findings *warnings);

#endif
