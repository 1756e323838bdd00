/*
 * Heirs: what a machine takes over from those that reported for its unit before it. A machine
 * breaks down, is stolen or is replaced; the office stays, and so do its reports. The hub hands the
 * lanes of the machines before it down to the new one, which shows their reports as the office's
 * own, goes on in their lists of subjects and with their numbers of revisions.
 */
#ifndef NODE_HEIR_H
#define NODE_HEIR_H

#include "node/actor.h"

/* Whether the record with header `h` was stated by the node `a`, or by a machine of its unit before
 * it, as far as its word stands. */
bool heir_has(const struct actor *a, struct txn *t, const struct record_header *h);

#endif
