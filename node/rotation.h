/*
 * Rotation: new keys for an actor, without a moment at which it could not go on.
 *
 *     none ──prepare──► wanted: next.key is durable; it signs on with the old keys
 *                         │ the parent has everything (the root: its key grants at once)
 *                         ▼
 *     none ◄──granted── asked: it signs nothing; the next epoch comes, with the new keys
 *
 * Each arrow is one commit, and a crash between two of them leaves the directory in one of these
 * states. Once the epoch is granted the old keys are wiped; what they signed stands, and nothing
 * that they sign after that.
 */
#ifndef NODE_ROTATION_H
#define NODE_ROTATION_H

#include "core/world.h"
#include "node/actor.h"

/*
 * Make next keys for `a` in its folder `dir`, durably and sealed as the others are, and note that
 * they are wanted; where that was done before and they are still there, nothing. A hub's transport
 * key stays: it is what those below it know it by. ERR_REFUSED while `a` may sign nothing, unless
 * for want of new keys.
 */
int rotation_prepare(struct actor *a, const char *dir, const struct world *world, struct err *e);

#endif
