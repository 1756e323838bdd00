#include "hub/unit_events.h"

#include "core/limits.h"
#include "core/mem.h"
#include "core/units_way.h"

#include <stdlib.h>

/* Room for the texts of a file twice over, and for what is kept of each row. */
#define PLAN_BYTES (8 * (size_t)LIMIT_CSV_BYTES)

void unit_events_done(struct event_plan *plan) {
    arena_done(&plan->arena);
    mem_free(plan->facts);
    *plan = (struct event_plan){0};
}

/* By day; the rows of one day as in the file. */
static int by_day(const void *pa, const void *pb) {
    const struct event_row *a = pa, *b = pb;
    if (a->on != b->on)
        return a->on < b->on ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

static int read_rows(const struct csv *csv, struct problems *p, struct event_row *rows,
                     uint32_t *ret_n, struct err *e) {
    uint32_t total = (uint32_t)csv_rows(csv), n = 0;
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < total; i++) {
        rc = unit_events_row(csv, i, p, &rows[n], e);
        n += rc == 0 && !rows[n].wrong;
    }
    if (n > 1)
        qsort(rows, n, sizeof *rows, by_day);
    *ret_n = n;
    return rc;
}

int unit_events_plan(const struct csv *csv, struct units *units, const struct uid *top,
                     bool is_root, const struct world *world, struct problems *p,
                     struct event_plan *ret_plan, struct err *e) {
    uint32_t n = 0;
    struct event_row *rows = mem_zalloc(csv_rows(csv), sizeof *rows);
    *ret_plan = (struct event_plan){0};
    arena_init(&ret_plan->arena, PLAN_BYTES);
    struct event_hub hub = {.csv = csv,
                            .units = units,
                            .top = units_at(units, top, DAY_LATEST),
                            .is_root = is_root,
                            .world = world,
                            .p = p,
                            .plan = ret_plan,
                            .e = e};
    int rc = rows ? 0 : err_nomem(e);
    if (rc == 0 && !hub.top)
        rc = err_set(e, ERR_CORRUPT,
                     "the hub's own unit is not known here: `check` tells what is wrong");
    if (rc == 0)
        rc = read_rows(csv, p, rows, &n, e);
    for (uint32_t from = 0, to; rc == 0 && from < n; from = to) {
        for (to = from + 1; to < n && rows[to].on == rows[from].on; to++)
            ;
        rc = unit_events_day(&hub, rows + from, to - from);
        world_progress(world, N_("checking units"), to, n);
    }
    mem_free(rows);
    return rc;
}
