/*
 * Ways up the tree of units over time: whom a unit was ever under, whether it stayed there, since
 * when it is there and until when it was. What holds on one day is asked of core/units.
 */
#ifndef CORE_UNITS_WAY_H
#define CORE_UNITS_WAY_H

#include "core/units.h"

/*
 * Every unit that `id` is, or was or will be under by some fact, each once and `id` first: up to
 * `cap` of them into `ret_list`. How many there are; more than `cap`: the list is not whole.
 */
size_t units_way_above(const struct units *u, const struct uid *id, struct uid *ret_list,
                       size_t cap);
/* The fact about `id` that follows the one that holds on `on`; NULL: that is the last one. */
const struct unit_fact *units_way_next(const struct units *u, const struct uid *id, day on);
/* The unit right below `top` that `id`, which lies below `top` on `on`, is or lies under then; `id`
 * itself where it is `top`. */
struct uid units_way_below(const struct units *u, const struct uid *id, const struct uid *top,
                           day on);
/* Whether `id` was under `top` on every day of [`from`, `to`] on which something is known of it. */
bool units_way_stayed(const struct units *u, const struct uid *id, const struct uid *top, day from,
                      day to);
/* The first day since when `id`, which is under `top` by the latest facts, is there without a gap;
 * DAY_NONE: since ever. */
day units_way_since(const struct units *u, const struct uid *id, const struct uid *top);
/* The last day on which `id` is `top` or under it: DAY_LATEST where the latest facts put it there,
 * DAY_NONE where none ever did. */
day units_way_until(const struct units *u, const struct uid *id, const struct uid *top);

#endif
