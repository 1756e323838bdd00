/*
 * One row of a file of unit events, as it stands: before it is known whom it means.
 */
#ifndef HUB_UNIT_EVENTS_ROW_H
#define HUB_UNIT_EVENTS_ROW_H

#include "core/csv.h"
#include "core/instant.h"

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

#endif
