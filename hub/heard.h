/*
 * Heard: when each direct child was last heard, and up to which instant everything it held is here.
 * Kept with whatever is written anyway; stated as signed contact records at due instants and at
 * most hourly, so that those above can tell `missing` from `unknown`.
 */
#ifndef HUB_HEARD_H
#define HUB_HEARD_H

#include "node/append.h"

struct heard {
    struct uid unit;
    struct hash actor;
    instant heard_at;
    instant drained_to; /* INSTANT_NONE: never */
};

#define HEARD_HOUR_MS ((instant)3600 * 1000)

/* Note that `unit`'s `actor` was heard at `at`, with nothing left to send if `drained`. */
void heard_note(struct txn *t, const struct uid *unit, const struct hash *actor, instant at,
                bool drained);
bool heard_of(struct txn *t, const struct uid *unit, struct heard *ret_heard);

/* Each direct child that was heard, by unit. */
struct heard_walk {
    struct walk walk;
};
void heard_walk_init(struct heard_walk *w, struct txn *t);
bool heard_walk_next(struct heard_walk *w, struct heard *ret_heard);
void heard_walk_done(struct heard_walk *w);

/* Whether a statement is called for at `now`: something was heard since the last one, and an hour
 * has passed or a due instant lies between. */
bool heard_statement_due(struct actor *a, struct txn *t, instant now);
/* State contact at `now`. */
int heard_state(struct actor *a, struct txn *t, instant now, struct err *e);

#endif
