/*
 * Unit events: what happens to units on a day, from people's spreadsheets into dated facts. Each
 * row says one thing of one unit; rows of one day are taken together, whatever their order.
 *
 *     rename    `from` is called `to`             recode    `from` gets the code `to`
 *     move      `from` comes under `to`           regroup   `from` joins the peer group `to`
 *     merge     `from` goes into `to`             split     `from` goes apart, also into `to`
 *     dissolve  `from` ends                       create    `to` begins
 *
 * `from` is the code of the day before, `to` that of the day. Where a unit goes somewhere whole it
 * exists no more from that day on; where a part goes (`extent` partial) it stays.
 */
#ifndef HUB_UNIT_EVENTS_H
#define HUB_UNIT_EVENTS_H

#include "hub/unit_events_day.h"

/*
 * Read all rows of `csv` against `units`, for the hub of unit `top`, the root's (`is_root`) or
 * another. New units get ids from `world`. Every mistake goes into `p`. The facts of a plan without
 * mistakes were added to `units` on trial. unit_events_done frees the plan, on failure too.
 */
int unit_events_plan(const struct csv *csv, struct units *units, const struct uid *top,
                     bool is_root, const struct world *world, struct problems *p,
                     struct event_plan *ret_plan, struct err *e);
void unit_events_done(struct event_plan *plan);

#endif
