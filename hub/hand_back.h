/*
 * Handing back: what the root hub, whose store was put back to an older state, waits for before its
 * key grants the next epoch. Only those below know which epochs were granted since; one that is
 * granted twice, by two records of one key, splits the deployment for good.
 *
 * The rule: each machine right below that this copy knows, and that was not ended, has shown since
 * the copy began to serve all that it has (`handed` of struct child), but for those whose units are
 * named as gone for good. A copy that knows nobody below waits for nobody.
 */
#ifndef HUB_HAND_BACK_H
#define HUB_HAND_BACK_H

#include "hub/hub_call.h"

/*
 * Whether the root's keys may state anything at the hub of `s`: 0 where it is no older copy, was
 * ended, or everybody below handed back who is not of a unit named in `without`, codes with commas
 * between them (NULL: none). Else ERR_REFUSED, and whoever has not is told of in a line each.
 */
int hand_back_done(struct command *s, const char *without, struct err *e);

/* Whether anybody right below has shown since what it has. */
bool hand_back_any(struct txn *t);

#endif
