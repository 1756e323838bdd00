/*
 * Campaigns as people and programs read them: the list, and one campaign with its criteria. One
 * rendering for the node and the hub.
 */
#ifndef NODE_SHOW_CAMPAIGN_H
#define NODE_SHOW_CAMPAIGN_H

#include "core/world.h"
#include "node/catalog.h"

/* An office to which campaigns are listed. */
struct campaign_reader {
    struct uid unit;
    day today;
};

/*
 * Append every campaign of `c`, the latest version of each, to `out`: a table in the language of
 * `w`, or with `json` a list. Templates are marked so, and in a table for the office `of` (NULL:
 * for a hub) what asks nothing of its unit, nor of any below it.
 */
int show_campaigns(const struct catalog *c, const struct campaign_reader *of, const struct world *w,
                   bool json, struct buf *out, struct err *e);

/*
 * Append campaign `k` to `out`: what it is, its periods and reports with their due dates for units
 * of level `level` (NULL: of no level), and its criteria in force: id, label, whom each is about
 * and applies to, how it is scored. ERR_ABSENT where a parent that hands down criteria is not held.
 */
int show_campaign(struct catalog *c, struct catalog_campaign *k, const char *level,
                  const struct world *w, bool json, struct buf *out, struct err *e);

/*
 * Append a line to `out`, in the language of `w`, where criteria of `k` are reconstructed: its own,
 * or inherited ones once they are resolved. For every output that rests on them.
 */
void show_campaign_reconstructed(const struct catalog_campaign *k, const struct world *w,
                                 struct buf *out);

#endif
