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

#include "core/csv.h"
#include "core/units.h"
#include "core/world.h"
#include "proto/arena.h"

enum event_column {
    EVENT_DATE,
    EVENT_OP,
    EVENT_FROM,
    EVENT_TO,
    EVENT_EXTENT,
    EVENT_BASIS,
    EVENT_PARENT,
    EVENT_LEVEL,
    EVENT_KIND,
    EVENT_NAME,
    EVENT_GROUP,
    EVENT_COLUMNS
};
extern const struct csv_column unit_events_columns[EVENT_COLUMNS];

enum event_op {
    OP_NONE,
    OP_RENAME,
    OP_RECODE,
    OP_MOVE,
    OP_REGROUP,
    OP_MERGE,
    OP_SPLIT,
    OP_DISSOLVE,
    OP_CREATE
};

/* A row as it stands, before it is known whom it means. */
struct event_row {
    uint32_t row; /* of the file */
    enum event_op op;
    day on;
    bool partial;
    bool wrong; /* told */
};
/* Read row `row` of `csv`, whose columns were matched with unit_events_columns; mistakes go into
 * `p`. */
int unit_events_row(const struct csv *csv, uint32_t row, struct problems *p,
                    struct event_row *ret_row, struct err *e);

/* What a file would state. */
struct event_plan {
    struct arena arena;
    uint32_t n, cap;
    struct event_fact {
        struct unit_fact fact;          /* lives in the plan */
        const struct unit_fact *before; /* NULL: a new unit. Lives in the units */
        bool aside; /* only so that two units can change codes: another one of that day follows */
    } * facts;
    uint32_t n_rows, n_same; /* rows that say something new; that say what is so already */
};

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
