/*
 * The events of one day: what all rows of that day together make of each unit.
 */
#ifndef HUB_UNIT_EVENTS_DAY_H
#define HUB_UNIT_EVENTS_DAY_H

#include "core/units.h"
#include "core/world.h"
#include "hub/unit_events_row.h"
#include "proto/arena.h"

/* What a file would state. */
struct event_plan {
    struct arena arena;
    uint32_t n;
    struct event_fact {
        struct unit_fact fact;          /* lives in the plan */
        const struct unit_fact *before; /* NULL: a new unit. Lives in the units */
        bool aside; /* only so that two units can change codes: another one of that day follows */
    } * facts;
    uint32_t n_rows, n_same; /* rows that say something new; that say what is so already */
};

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
