/*
 * Heard: when each direct child was last heard, and up to which instant everything it held is here.
 * Kept with whatever is written anyway; stated as signed contact records at due instants and at
 * most hourly, so that those above can tell `missing` from `unknown`.
 */
#ifndef HUB_HEARD_H
#define HUB_HEARD_H

#include "node/append.h"

struct heard {
    struct hash actor;
    struct uid unit;
    instant heard_at;
    instant drained_to; /* INSTANT_NONE: never */
    instant stated_to;  /* what the last contact record said of that; INSTANT_NONE: never */
};

#define HEARD_HOUR_MS ((instant)3600 * 1000)
#define HEARD_PAUSE_MS ((instant)60 * 1000) /* between two statements at least */

/* Note that `actor` of `unit` was heard at `at`, and that all it held at `drained_to` is here
 * (INSTANT_NONE: nothing new about that). */
void heard_note(struct txn *t, const struct hash *actor, const struct uid *unit, instant at,
                instant drained_to);
bool heard_of(struct txn *t, const struct hash *actor, struct heard *ret_heard);

/* Each direct child that was heard, by actor. */
struct heard_walk {
    struct walk walk;
};
void heard_walk_init(struct heard_walk *w, struct txn *t);
bool heard_walk_next(struct heard_walk *w, struct heard *ret_heard);
void heard_walk_done(struct heard_walk *w);

/* The first due instant of any campaign held at `a` after `after`; INSTANT_NONE: there is none. */
instant heard_next_due(struct actor *a, instant after);

/*
 * Whether a statement is called for at `now`: something was heard since the last one, and an hour
 * has passed or a due instant lies between; or since the last one the uplink of a child came to be
 * drained beyond a due instant.
 */
bool heard_statement_due(struct actor *a, struct txn *t, instant now);
/* State contact at `now`, with those children of whom there is news since the last time. */
int heard_state(struct actor *a, struct txn *t, instant now, struct err *e);
/* The same, in a transaction of its own. */
int heard_state_alone(struct actor *a, instant now, struct err *e);

#endif
