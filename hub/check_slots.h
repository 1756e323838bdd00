/*
 * What a hub's own views say, held against its records: each report that it receipted as valid
 * stands in its slot, and nothing else does.
 */
#ifndef HUB_CHECK_SLOTS_H
#define HUB_CHECK_SLOTS_H

#include "node/check.h"

/* A walk for check_store. */
int check_slots(struct actor *actor, struct txn *t, struct findings *f, struct err *e);

#endif
