/*
 * Unit levels and groups in a file of units, held against those of the tree: a slip of the pen in
 * one of them is a unit that no campaign asks, or that is ranked among others, and nothing else
 * would tell.
 */
#ifndef HUB_UNIT_LEVELS_H
#define HUB_UNIT_LEVELS_H

#include "hub/unit_import.h"

/*
 * Where `units` has units below `top` already: a level of the rows of `csv` that no unit has, that
 * is none of the usual ones and that stands in one row only goes into `p`; other new levels, and
 * new groups, are said into `words`, in the language of `w`. Where there are none yet, a usual
 * level without its marks goes into `p`, and levels that are not usual are said. `units` is as
 * before the file.
 */
int unit_levels_check(const struct csv *csv, const struct units *units, const struct uid *top,
                      struct problems *p, const struct world *w, struct buf *words, struct err *e);

#endif
