/*
 * Telling: what a report rests on, and what hubs said of it, as proto/json_node prints it at office
 * and hub alike.
 */
#ifndef NODE_TELLING_H
#define NODE_TELLING_H

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

#endif
