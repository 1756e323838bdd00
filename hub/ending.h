/*
 * Ending: up to where the records of an actor stand that is replaced or revoked. What is held of it
 * stands; of lanes that are not held nothing does. An epoch that was ended before ends where it
 * did.
 */
#ifndef HUB_ENDING_H
#define HUB_ENDING_H

#include "node/roster.h"

struct ending {
    uint32_t n;
    struct last_good *list; /* by epoch, then lane; at least one of each epoch */
};

/* The heads held of `actor`, or where it was ended before, in every epoch in which it is enrolled,
 * into `ret_ending` (ending_done). */
int ending_heads(struct txn *t, const struct hash *actor, struct ending *ret_ending, struct err *e);
void ending_done(struct ending *ending);

#endif
