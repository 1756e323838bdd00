/*
 * Moved: what a machine has to know when its unit lies under another hub than the one that it
 * joined, or came under this one from elsewhere. Nothing is kept from anyone by it: records go
 * where they went before until a person has brought a ticket.
 */
#ifndef NODE_MOVED_H
#define NODE_MOVED_H

#include "core/world.h"
#include "node/actor.h"

/* Where the unit of a machine lies now. */
struct moved {
    const struct unit_fact *hub;   /* the unit of the hub that enrolled it */
    const struct unit_fact *under; /* the unit just above its own by the latest facts */
    day since;                     /* the first day on which it no longer lies below `hub` */
};

/* Whether the unit of the node `a` lies below its hub no more by what `t` holds, or will not: into
 * `ret_moved`, whose facts are the catalog's. */
bool moved_away(struct actor *a, struct txn *t, struct moved *ret_moved);
/* Tell that to people, a line in `words`; nothing where it is not so. */
void moved_say(struct actor *a, struct txn *t, const struct world *w, struct buf *words);
/* The same in a transaction of its own. */
int moved_tell(struct actor *a, const struct world *w, struct buf *words, struct err *e);

/* Whether `unit` came to `hub` from elsewhere, by the latest facts of `c`: on `ret_since`. */
bool moved_here(const struct catalog *c, const struct uid *unit, const struct uid *hub,
                day *ret_since);

#endif
