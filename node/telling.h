/*
 * Telling: what a report rests on, and what hubs said of it, as proto/json_node prints it at office
 * and hub alike.
 */
#ifndef NODE_TELLING_H
#define NODE_TELLING_H

#include "core/verdict.h"
#include "core/world.h"
#include "node/actor.h"
#include "node/mends.h"
#include "proto/arena.h"
#include "proto/json_node.h"

struct telling {
    struct actor *actor;
    struct txn *t;
    const struct world *w;     /* words are of its language */
    const struct mends *mends; /* of what `t` holds */
    struct arena *arena;       /* every text that is told lives here */
};

/* `text` in the arena of `l`; NULL where that has no room, which it notes itself. */
const char *telling_keep(const struct telling *l, const char *text);

/*
 * Say in `v` what a report of the version `k` (NULL: not held) of a campaign rests on: which
 * version is in force, whether criteria are reconstructed, and what is not looked for yet.
 */
void telling_campaign(const struct telling *l, struct catalog_campaign *k, struct report_view *v);

/*
 * Say in `v` each hub's word on its report, and the state that follows from these alone: queued,
 * received, or rejected and why.
 */
int telling_receipts(const struct telling *l, struct report_view *v, struct err *e);

/*
 * Say in `v`, told by telling_receipts, where its report counts for nothing though it was received:
 * something that it names was stated after the end of whoever stated it.
 */
int telling_void(const struct telling *l, struct report_view *v, struct err *e);

/* Say in `v` whether its report, the revision `r` of a slot, came after the window of that, whose
 * verdict is `of`. */
void telling_late(const struct verdict *of, const struct verdict_revision *r,
                  struct report_view *v);

#endif
