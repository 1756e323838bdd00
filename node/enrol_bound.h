/*
 * Whom no hub may enrol, whatever units lie below it: a hub beside itself, at its own unit, and a
 * machine to which more enrolments lead than the tree of units is deep.
 */
#ifndef NODE_ENROL_BOUND_H
#define NODE_ENROL_BOUND_H

#include "node/roster.h"

/* Whether `author` in `epoch` may enrol a first machine for `unit` as `role`, as far as this goes:
 * ERR_REFUSED says why not. */
int enrol_bound_check(struct txn *t, const struct hash *author, uint32_t epoch,
                      const struct uid *unit, enum role role, struct err *e);

#endif
