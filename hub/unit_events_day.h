/*
 * The events of one day: what all rows of that day together make of each unit.
 */
#ifndef HUB_UNIT_EVENTS_DAY_H
#define HUB_UNIT_EVENTS_DAY_H

#include "hub/unit_events.h"

/* The hub that reads a file. */
struct event_hub {
    const struct csv *csv;
    struct units *units;
    const struct unit_fact *top; /* its own unit */
    bool is_root;
    const struct world *world;
    struct problems *p;
    struct event_plan *plan;
    struct err *e;
};

/* Add what the `n` rows at `rows`, all of one day and well formed, say to the plan of `h`, and on
 * trial to its units. Below zero only without memory. */
int unit_events_day(struct event_hub *h, struct event_row *rows, uint32_t n);

#endif
