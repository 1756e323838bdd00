/*
 * Routes: which streams a record goes on. Up: everything that was stated here or came from below.
 * Down, to a child: lane 0 of this actor and of those above it, and their lanes of the units that
 * are, were or will be below the child's. Whole lanes, never excerpts, so that a chain has no false
 * gaps. A machine that takes another's place also gets, once, what that one left: a node the lanes
 * of the nodes of its unit before it, a hub those of the hubs before it and of all that reported to
 * them. Who is above and who below goes by enrolments (node/path.h).
 */
#ifndef NODE_ROUTE_H
#define NODE_ROUTE_H

#include "core/world.h"
#include "node/actor.h"

/* Where a record came from, which decides where it goes on to. */
enum origin {
    ORIGIN_OWN,   /* stated here */
    ORIGIN_ABOVE, /* from the parent */
    ORIGIN_BELOW, /* from a child */
};

/* Put `r`, just held, on the streams it belongs on. */
void route_record(struct actor *a, struct txn *t, const struct record *r, enum origin origin);
/*
 * Units were stated: children that have a part in a unit now get its lanes whole. `known` of the
 * units were there before and lie where they did; zero: any may have moved.
 */
void route_moved(struct actor *a, struct txn *t, size_t known);
/* The child after `*at` (zero: the first) into `at`, in the order of the table; false: none. */
bool route_next_child(struct txn *t, struct child *at);
/* Take `c` on as a child: its inbox gets every record that it has to know by now. */
int route_add_child(struct actor *a, struct txn *t, const struct child *c, struct err *e);

/* Make the inbox of the child `c` anew, from the log, under an instance drawn from `world`. */
int route_renew_child(struct actor *a, struct txn *t, const struct world *world, struct child *c,
                      struct err *e);

/*
 * Make every stream of this actor anew, from the log, under new instances drawn from `world`: after
 * its store was put back to an older state, what neighbours know of the old ones is no longer true.
 */
int route_renew(struct actor *a, struct txn *t, const struct world *world, struct err *e);
/* Take on as children those whom this actor enrolled and does not have yet: its enrolments came
 * back to it from others. */
int route_find_children(struct actor *a, struct txn *t, const struct world *world, struct err *e);

/* Whether the author of `h` is a hub above this actor, or the root's own keys. */
bool route_from_above(struct actor *a, struct txn *t, const struct record_header *h);

#endif
