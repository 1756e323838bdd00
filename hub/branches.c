#include "hub/branches.h"

#include "core/mem.h"
#include "core/tally.h"
#include "core/units_way.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* A row, by the branch that it counts for. */
struct leaf {
    struct uid branch;
    day on;
    enum slot_state state;
};

static int by_branch(const void *pa, const void *pb) {
    const struct leaf *a = pa, *b = pb;
    int order = uid_cmp(&a->branch, &b->branch);
    return order != 0 ? order : (a->on > b->on) - (a->on < b->on);
}

static int by_code(const void *pa, const void *pb) {
    const struct board_branch *a = pa, *b = pb;
    int order = strcmp(a->unit, b->unit);
    return order != 0 ? order : uid_cmp(&a->id, &b->id);
}

static void list_leaves(const struct units *units, const struct uid *hub, const struct board *b,
                        struct leaf *leaves) {
    for (uint32_t i = 0; i < b->n_rows; i++) {
        const struct board_row *r = &b->rows[i];
        const struct uid *top = units_under(units, hub, &b->under, r->on) ? hub : &b->under;
        leaves[i] = (struct leaf){units_way_below(units, &r->id, top, r->on), r->on, r->state};
    }
}

/* One branch from its `n` leaves, the last of which is of the latest day. */
static int fill(const struct units *units, const struct leaf *leaves, uint32_t n,
                struct board_branch *out, struct err *e) {
    struct tally t = {0, 0, 0};
    const struct unit_fact *f = units_at(units, &leaves[n - 1].branch, leaves[n - 1].on);
    assert(f); /* whatever stands between a unit and the top on a day is known then */
    *out = (struct board_branch){.id = f->id,
                                 .last = leaves[n - 1].on,
                                 .unit = mem_strdup(f->code),
                                 .name = mem_strdup(f->name)};
    for (uint32_t i = 0; i < n; i++) {
        tally_add(&t, leaves[i].state);
        out->missing += leaves[i].state == SLOT_MISSING;
        out->unknown += leaves[i].state == SLOT_UNKNOWN;
        out->not_due += leaves[i].state == SLOT_NOT_DUE;
    }
    out->expected = t.expected;
    out->actual = t.actual;
    out->actual_on_time = t.actual_on_time;
    return out->unit && out->name ? 0 : err_nomem(e);
}

static uint32_t count_branches(const struct leaf *leaves, uint32_t n) {
    uint32_t branches = 0;
    for (uint32_t i = 0; i < n; i++)
        branches += i == 0 || !uid_equal(&leaves[i].branch, &leaves[i - 1].branch);
    return branches;
}

int branches_count(const struct units *units, const struct uid *hub, struct board *b,
                   struct err *e) {
    b->branched = true;
    if (b->n_rows == 0)
        return 0;
    struct leaf *leaves = mem_zalloc(b->n_rows, sizeof *leaves);
    if (!leaves)
        return err_nomem(e);
    list_leaves(units, hub, b, leaves);
    qsort(leaves, b->n_rows, sizeof *leaves, by_branch);
    uint32_t n = count_branches(leaves, b->n_rows);
    b->branches = mem_zalloc(n, sizeof *b->branches);
    int rc = b->branches ? 0 : err_nomem(e);
    for (uint32_t i = 0, end; rc == 0 && i < b->n_rows; i = end) {
        for (end = i + 1; end < b->n_rows && uid_equal(&leaves[end].branch, &leaves[i].branch);)
            end++;
        rc = fill(units, &leaves[i], end - i, &b->branches[b->n_branches++], e);
    }
    if (rc == 0)
        qsort(b->branches, b->n_branches, sizeof *b->branches, by_code);
    mem_free(leaves);
    return rc;
}
