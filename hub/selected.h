/*
 * Selected: whether a campaign's selections meet any unit. A level that nobody has is most often a
 * slip of the pen, and then nobody would be asked, or nothing be due.
 */
#ifndef HUB_SELECTED_H
#define HUB_SELECTED_H

#include "core/world.h"
#include "node/catalog.h"

/*
 * Say into `words`, in the language of `w`, which levels, kinds and groups the campaign `c`
 * selects, or sets due dates for, that no unit of `units` has, and which there are; each once.
 */
void selected_tell(const struct units *units, const struct campaign *c, const struct world *w,
                   struct buf *words);
/* The levels, each once, that the units of `units` have, as `province, commune`, into `out`. */
void selected_levels(const struct units *units, struct buf *out);

#endif
