/*
 * Amended: what a higher version of a campaign changes for those whom it asks, told before it is
 * too late. A version counts for everybody at once, so a slip of the pen in a date does too.
 */
#ifndef HUB_AMENDED_H
#define HUB_AMENDED_H

#include "core/world.h"
#include "node/catalog.h"

/*
 * Say into `words`, in the language of `w`, what `next` changes against `held`, the version before
 * it, over the units of `c`: due dates, one line for each pair of dates, and which of them come
 * earlier or are past at `now`; how many units are asked; criteria that are new, gone, or others.
 */
void amended_tell(struct catalog *c, struct catalog_campaign *held,
                  const struct catalog_campaign *next, const struct criteria *next_criteria,
                  instant now, const struct world *w, struct buf *words);

#endif
