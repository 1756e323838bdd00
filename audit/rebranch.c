#include "audit/rebranch.h"

#include "core/limits.h"
#include "core/list.h"
#include "core/mem.h"

#include <stdlib.h>
#include <string.h>

/* The steps from `unit` up to whatever is the top, on `on`; the last one before `stop` is given. */
static struct uid last_before(const struct fold *f, const struct uid *unit, const struct uid *stop,
                              day on) {
    struct uid at = *unit;
    for (unsigned steps = 0; steps < LIMIT_UNIT_DEPTH && !uid_equal(&at, stop); steps++) {
        const struct unit_fact *fact = units_at(f->units, &at, on);
        if (!fact || uid_is_zero(&fact->parent) || uid_equal(&fact->parent, stop))
            break;
        at = fact->parent;
    }
    return at;
}

/* The branch `id` in `b`; it is entered where it is not there yet. */
static int branch_of(struct board *b, const struct uid *id, struct board_branch **ret_branch,
                     struct err *e) {
    for (uint32_t i = 0; i < b->n_branches; i++)
        if (uid_equal(&b->branches[i].id, id)) {
            *ret_branch = &b->branches[i];
            return 0;
        }
    int rc = list_grow(&b->branches, b->n_branches, sizeof *b->branches, e);
    if (rc != 0)
        return rc;
    b->branches[b->n_branches] = (struct board_branch){.id = *id, .last = DAY_NONE};
    *ret_branch = &b->branches[b->n_branches++];
    return 0;
}

static void count(struct board_branch *x, const struct board_row *row) {
    bool on_time = row->state == SLOT_ON_TIME || row->state == SLOT_EXCUSED;
    x->expected += row->state != SLOT_EXEMPT;
    x->actual += on_time || row->state == SLOT_LATE;
    x->actual_on_time += on_time;
    x->missing += row->state == SLOT_MISSING;
    x->unknown += row->state == SLOT_UNKNOWN;
    x->not_due += row->state == SLOT_NOT_DUE;
    x->last = row->on > x->last ? row->on : x->last;
}

/* As it was called on the last day on which one of its units is looked at. */
static int call(const struct fold *f, struct board_branch *x, struct err *e) {
    const struct unit_fact *fact = units_at(f->units, &x->id, x->last);
    x->unit = mem_strdup(fact ? fact->code : "");
    x->name = mem_strdup(fact ? fact->name : "");
    return x->unit && x->name ? 0 : err_nomem(e);
}

static int by_code(const void *a, const void *b) {
    const struct board_branch *x = a, *y = b;
    int order = strcmp(x->unit, y->unit);
    return order != 0 ? order : uid_cmp(&x->id, &y->id);
}

int rebranch_board(const struct fold *f, const struct uid *home, struct board *b, struct err *e) {
    int rc = 0;
    b->branched = true;
    for (uint32_t i = 0; rc == 0 && i < b->n_rows; i++) {
        const struct board_row *row = &b->rows[i];
        bool limited = !uid_is_zero(&b->under) && !units_under(f->units, home, &b->under, row->on);
        struct uid id = last_before(f, &row->id, limited ? &b->under : home, row->on);
        struct board_branch *x;
        rc = branch_of(b, &id, &x, e);
        if (rc == 0)
            count(x, row);
    }
    for (uint32_t i = 0; rc == 0 && i < b->n_branches; i++)
        rc = call(f, &b->branches[i], e);
    if (rc == 0 && b->n_branches > 0)
        qsort(b->branches, b->n_branches, sizeof *b->branches, by_code);
    return rc;
}
