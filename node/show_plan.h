/*
 * The rest of a campaign for people: from whom it takes over, whom it asks, awards, quotas, groups,
 * and everything that is only carried along. What it does not say takes no line.
 */
#ifndef NODE_SHOW_PLAN_H
#define NODE_SHOW_PLAN_H

#include "core/world.h"
#include "node/catalog.h"

/* Append what `k` says besides periods, due dates and criteria to `out`, in the language of `w`. */
void show_plan(const struct catalog *c, const struct catalog_campaign *k, const struct world *w,
               struct buf *out);

#endif
