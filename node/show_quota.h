/*
 * Quotas of a ranking as people read them.
 */
#ifndef NODE_SHOW_QUOTA_H
#define NODE_SHOW_QUOTA_H

#include "core/result.h"
#include "core/world.h"

/* Append a line to `out` for each quota of `r`: its places, its edge, and who ties across it. */
void show_quotas(const struct world *w, const struct ranking *r, struct buf *out);

#endif
