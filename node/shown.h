/*
 * Shown: enrolments of a hub's own that it does not hold, brought by whom they enrol. A store that
 * was put back knows nobody who was enrolled since it was copied; but the hub signed that, and who
 * brings it is let in on it, and hands back what else is lacking. What was shown counts in the
 * roster from then on (roster_show), and is kept here until it is held in its place of the log.
 */
#ifndef NODE_SHOWN_H
#define NODE_SHOWN_H

#include "core/record.h"
#include "store/db.h"

/* Keep the enrolment `r`. */
void shown_keep(struct txn *t, const struct record *r);
/* The enrolment called `id`, held or shown; its bytes point into the map. Errors of log_get. */
int shown_get(struct txn *t, const struct hash *id, struct record *ret_record, struct err *e);
/* The same as log_held does it. */
bool shown_held(struct txn *t, const struct hash *id, struct record *ret_record);
/* `id` is held now: it is not kept here any more. */
void shown_forget(struct txn *t, const struct hash *id);
/*
 * Call `each` with `arg` for every enrolment that is kept, in the order in which its hub stated
 * them: an epoch of a machine before the next, whom somebody replaced before that one. `each` may
 * write and forget; the first error that it returns ends this, and is returned.
 */
int shown_each(struct txn *t, int (*each)(void *arg, const struct record *r, struct err *e),
               void *arg, struct err *e);

#endif
