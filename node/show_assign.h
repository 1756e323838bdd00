/*
 * Assignments as people and programs read them: which units a campaign asks, or exempts, whatever
 * its own selections say.
 */
#ifndef NODE_SHOW_ASSIGN_H
#define NODE_SHOW_ASSIGN_H

#include "core/world.h"
#include "node/catalog.h"
#include "proto/json_campaign.h"

/*
 * Those that the issuer of `k` stated, by unit code and then in the order stated, `ret_n` of them;
 * texts live in `c`. NULL without memory; the caller frees it.
 */
struct campaign_assign *show_assign_find(const struct catalog *c, const struct catalog_campaign *k,
                                         uint32_t *ret_n);
/* Append the `n` of `list` to `out`, a line each under a heading; nothing for none. */
void show_assign_lines(const struct campaign_assign *list, uint32_t n, const struct world *w,
                       struct buf *out);

#endif
