/*
 * Unit files: rows of people's spreadsheets into facts about units. A row says what a unit is like
 * now; what the store says already is left alone, and so is every unit that the file leaves out.
 * A column that the file does not have changes nothing.
 *
 * A change corrects the latest fact about the unit, from the day since when that one holds; at a
 * hub below the root not before the unit came to lie below it. What happens to units on a day
 * (renamed, merged, moved) is told apart from this: hub/unit_events.h.
 */
#ifndef HUB_UNIT_IMPORT_H
#define HUB_UNIT_IMPORT_H

#include "core/csv.h"
#include "core/units.h"
#include "core/world.h"
#include "proto/arena.h"

enum unit_column {
    UNIT_CODE,
    UNIT_PARENT,
    UNIT_LEVEL,
    UNIT_KIND,
    UNIT_NAME,
    UNIT_GROUP,
    UNIT_CONTACT,
    UNIT_PHONE,
    UNIT_FROM,
    UNIT_UNTIL,
    UNIT_COLUMNS
};
extern const struct csv_column unit_import_columns[UNIT_COLUMNS];

enum unit_row_state { UNIT_ROW_SAME, UNIT_ROW_NEW, UNIT_ROW_CHANGED, UNIT_ROW_WRONG };

struct unit_row {
    enum unit_row_state state;
    struct unit_fact fact;          /* what the row says; lives in the plan */
    const struct unit_fact *before; /* NULL: a new unit. Lives in the units */
    uint32_t parent_row;            /* UINT32_MAX: the parent is not in the file */
    uint8_t mark;                   /* of the walk over parents */
};

/* The hub that imports. */
struct import_hub {
    const struct uid *unit;
    bool is_root;
    const struct uid *used; /* units that have, or had, a machine or a report */
    size_t n_used;
};

/* What a file would change. */
struct unit_plan {
    struct arena arena;
    uint32_t n;
    struct unit_row *rows; /* as in the file */
    uint32_t n_order;
    uint32_t *order; /* the rows that are new or changed, parents before children */
    uint32_t n_new, n_changed, n_same;
};

/*
 * Read the rows of `csv`, whose columns were matched with unit_import_columns, against `units`. The
 * importing hub is `hub`; only the root states facts about its own unit. No unit that is used gets
 * another parent here, nor what it lies below: that would be as if it had always been there. New
 * units get ids from `world`. Every mistake goes into `p`. The facts of a plan without mistakes
 * were added to `units` on trial. unit_import_done frees the plan, on failure too.
 */
int unit_import_plan(const struct csv *csv, struct units *units, const struct import_hub *hub,
                     const struct world *world, struct problems *p, struct unit_plan *ret_plan,
                     struct err *e);
void unit_import_done(struct unit_plan *plan);

#endif
