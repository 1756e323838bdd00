/*
 * Restating: what an actor said after its store had been put back to an older state, in places that
 * were taken already. Nobody else holds those records; under its next epoch it says the same again.
 */
#ifndef NODE_RESTATE_H
#define NODE_RESTATE_H

#include "node/actor.h"

/*
 * State again, in the epoch of `a`, claimed at `now`, all its records of `epoch`, and where `a` is
 * a node of earlier ones, that stand at or behind a place where a fork shows that another record of
 * its own was first, and were not stated again before. References among them
 * are carried over; of two receipts for one record, that which came back as a fork and this one's,
 * the earlier word is said.
 */
int restate(struct actor *a, struct txn *t, uint32_t epoch, instant now, struct err *e);
/*
 * A fork with header `h`, of `a` itself, was kept: where `a` is a node and signs in a later epoch,
 * state again what is void by that and was not before. A hub does not: whoever has a key that it
 * changed could make it say everything again.
 */
int restate_behind(struct actor *a, struct txn *t, const struct record_header *h, struct err *e);

/* State again, claimed at `now`, every enrolment that was shown to `a`, a hub (see shown), and is
 * not held: what hands it back may find its place taken. */
int restate_shown(struct actor *a, struct txn *t, instant now, struct err *e);
/* Whether the last epoch of `a` that `t` knows has the key of its `epoch` still. A key that was
 * changed may be another's by now, who would speak in the name of `a` by what is said again of it.
 */
bool restate_has_key(const struct actor *a, struct txn *t, uint32_t epoch);
/*
 * State again, claimed at `now`, what the fork `r` of its own says, an enrolment or a revocation by
 * `a`, unless it is so already or cannot be any more, or its key was changed. Other kinds say
 * nothing here.
 */
int restate_fork(struct actor *a, struct txn *t, const struct record *r, instant now,
                 struct err *e);
/* Whether anything that `a` stated, be it in a place that was taken twice, revokes or replaces
 * `actor`, into `ret_ends`. */
int restate_ends(struct actor *a, struct txn *t, const struct hash *actor, bool *ret_ends,
                 struct err *e);

#endif
