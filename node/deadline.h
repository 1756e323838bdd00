/*
 * Deadlines: until when a report of an office comes in time, as far as is known there.
 */
#ifndef NODE_DEADLINE_H
#define NODE_DEADLINE_H

#include "node/actor.h"
#include "node/slots.h"

/*
 * The first instant that is too late for a report of `slot`, of campaign `k`, into `ret_until`,
 * with every extension that the actor `a` holds in `t`. INSTANT_NONE: there is no such date, or the
 * unit is not asked, as seen on `today`.
 */
int deadline_of(struct actor *a, struct txn *t, const struct catalog_campaign *k,
                const struct slot *slot, day today, instant *ret_until, struct err *e);

#endif
