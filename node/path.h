/*
 * Paths: through whom an actor was enrolled, link by link up to the root. What a hub gets and gives
 * goes by this and not by the tree of units, which people reorganise from a day on: a machine
 * speaks with the hub that enrolled it until another one does.
 */
#ifndef NODE_PATH_H
#define NODE_PATH_H

#include "node/roster.h"

/*
 * From an actor up to a root key. Of which unit an actor is, as what, and who enrolled it is the
 * same in all its epochs (the root hub is granted by either root key), so its first one speaks for
 * it; what differs by epoch, keys and ends, is not to be asked of whom a path gives.
 */
struct path {
    struct txn *t;
    struct hash next; /* whom path_up gives next; zero: a root key was given */
    uint32_t steps;   /* how many were given */
};
/* Let `p` begin in `t` with `first`: an actor itself, or whoever enrolled it. */
void path_init(struct path *p, struct txn *t, const struct hash *first);
/* The next actor on the way up, in its first epoch, into `ret_member`; false behind a root key, or
 * where it is not known. More than ENROLMENT_STEPS are never given. */
bool path_up(struct path *p, struct member *ret_member);

/* How many enrolments lead from the actor `above` to `actor`; 0: it is not above. */
uint32_t path_steps(struct txn *t, const struct hash *actor, const struct hash *above);
/* How many enrolments lead from the root's keys to `m`, 1 for the root hub; the second of them,
 * that of a direct child of the root, is its branch's: into `ret_branch`, zero above. */
uint32_t path_depth(struct txn *t, const struct member *m, struct hash *ret_branch);
/* Whether `hub`, or a hub below it, enrolled `m`. Of whoever reported to the hub before it, it says
 * nothing. */
bool path_below(struct txn *t, const struct member *m, const struct hash *hub);
/* Whether a hub of `unit` enrolled `m`, or the hub that did, and so on. */
bool path_through(struct txn *t, const struct member *m, const struct uid *unit);
/* The hubs above `actor`, the nearest first, into `ret_above`; returns how many. */
uint32_t path_above(struct txn *t, const struct hash *actor,
                    struct hash ret_above[ENROLMENT_STEPS]);

#endif
