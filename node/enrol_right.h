/*
 * Whom a hub may enrol: machines of units below it. Facts about units may come later than the
 * enrolment, also where the unit itself is known: whoever lost them gets them back behind what was
 * built on them. Such an enrolment is held at its place in its author's lane and counts once a fact
 * gives its author the right to it; whatever it or a revocation behind it says comes out as if the
 * fact had been there first.
 */
#ifndef NODE_ENROL_RIGHT_H
#define NODE_ENROL_RIGHT_H

#include "node/append.h"

/*
 * Whether `r` by `m`, which came from `origin`, may count now, into `ret_now`; other kinds than
 * enrolments always may. Our own way up to the root comes before we know any unit: it is ours
 * because it leads to us. ERR_REFUSED with the reason in `why` where it cannot be read.
 */
int enrol_right_check(const struct actor *a, struct txn *t, const struct member *m,
                      const struct record *r, enum origin origin, bool *ret_now, struct err *why);

/* Hold the enrolment `r` by `m`, whose author has no right to it yet: nothing of it counts. */
int enrol_right_hold(struct actor *a, struct txn *t, const struct member *m, const struct record *r,
                     enum origin origin, struct err *e);

/* Whether the enrolment `r`, which is held, still waits so. */
bool enrol_right_waits(struct txn *t, const struct record *r);

/* Let every enrolment count to which what is known of units gives its author the right by now;
 * `counts` is called with `arg` and the actor of each. */
int enrol_right_offer(struct actor *a, struct txn *t,
                      int (*counts)(void *arg, const struct hash *actor, struct err *e), void *arg,
                      struct err *e);

#endif
