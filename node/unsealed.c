#include "node/unsealed.h"

#include "node/returned.h"
#include "node/stated_sheet.h"
#include "node/words.h"

#include <stdio.h>
#include <string.h>

/* The last report that this machine stated of the sheet of `o`; one of the machine before it where
 * it stated none. NULL: none. */
static const struct own_report *last_of(const struct office *o, const struct own_reports *own) {
    const struct own_report *last = NULL;
    for (uint32_t i = 0; i < own->n; i++) {
        const struct own_report *r = &own->list[i];
        const struct slot *s = &r->slot;
        if (s->campaign && uid_equal(&s->unit, &o->unit->id) &&
            uid_equal(&s->issuer, &o->campaign->issuer) &&
            strcmp(s->campaign, o->campaign->c.id) == 0 && strcmp(s->period, o->period->id) == 0 &&
            (!last || last->inherited || !r->inherited))
            last = r;
    }
    return last;
}

/* The first cells of the sheet of `o` that say otherwise than `s`, into `v`. */
static void list_cells(const struct office *o, const struct stated_sheet *s,
                       struct unsealed_view *v) {
    const uint32_t columns = o->sheet.columns;
    const uint32_t want = v->values < UNSEALED_CELLS ? v->values : UNSEALED_CELLS;
    for (uint32_t i = 0; i < o->sheet.rows && v->n_cells < want; i++)
        for (uint32_t j = 0; j < columns && v->n_cells < want; j++) {
            struct stated_cell mine = stated_cell_of(&o->sheet, i, j), theirs;
            (void)stated_sheet_at(s, i, j, &theirs);
            if (stated_cell_same(&mine, &theirs))
                continue;
            struct unsealed_cell *cell = &v->cells[v->n_cells++];
            (void)snprintf(cell->subject, sizeof cell->subject, "%s",
                           o->people.subjects.list[i].code);
            cell->criterion = o->campaign->criteria.leaves[j]->id;
            cell->here = mine.cell;
            cell->reported = theirs.cell;
        }
}

static int hold_against(const struct office *o, const struct own_reports *own,
                        struct unsealed_view *v, struct err *e) {
    const struct own_report *last = last_of(o, own);
    enum receipt_state state;
    struct stated_sheet s;
    if (!last)
        return 0;
    int rc = stated_sheet_open(o->actor, o->t, &last->report, &o->people.subjects,
                               &o->campaign->criteria, &s, &state, e);
    if (rc != 0 || !s.open)
        return rc;
    *v = (struct unsealed_view){
        .unit = o->unit->code,
        .campaign = o->campaign->c.id,
        .period = o->period->id,
        .report = last->report,
        .kind = last->slot.kind,
        .revision = last->revision,
        .values = stated_sheet_differ(&s, &o->sheet),
        .came_back = returned_has(o->t, &last->report),
    };
    list_cells(o, &s, v);
    stated_sheet_done(&s);
    return 0;
}

int unsealed_find(const struct office *o, const struct own_reports *own,
                  struct unsealed_view *ret_view, struct err *e) {
    struct own_reports all;
    *ret_view = (struct unsealed_view){.values = 0};
    if (own)
        return hold_against(o, own, ret_view, e);
    int rc = own_reports_load(o->actor, o->t, &all, e);
    if (rc != 0)
        return rc;
    rc = hold_against(o, &all, ret_view, e);
    own_reports_done(&all);
    return rc;
}

int unsealed_all(struct actor *a, struct txn *t, const struct own_reports *own,
                 struct buf *ret_views, struct err *e) {
    struct walk w;
    struct draft d;
    int rc = 0;
    draft_edited_init(&w, t);
    while (rc == 0 && own->n > 0 && draft_edited_next(&w, &d)) {
        struct office o;
        struct unsealed_view v = {.values = 0};
        bool open;
        rc = office_open_draft(a, t, &d, &o, &open, e);
        if (rc != 0 || !open)
            continue;
        rc = unsealed_find(&o, own, &v, e);
        if (v.values > 0)
            buf_put(ret_views, &v, sizeof v);
        office_done(&o);
    }
    walk_done(&w);
    return rc == 0 && ret_views->failed ? err_nomem(e) : rc;
}

void unsealed_say(const struct unsealed_view *v, const struct world *w, struct buf *out) {
    const char *kind = v->values > 0 ? world_tr(w, report_kind_text(v->kind)) : "";
    if (v->values == 0)
        return;
    if (v->came_back)
        world_say(w, out,
                  "%s, %s %s: revision %u (%s) came back from the hub, which this directory did "
                  "not have any more; of the values here, %u differ from it: look over them before "
                  "`submit`",
                  v->unit, v->campaign, v->period, v->revision, kind, v->values);
    else
        world_say(w, out,
                  "%s, %s %s: of the values here, %u differ from revision %u (%s), which was "
                  "reported: `submit` seals them",
                  v->unit, v->campaign, v->period, v->values, v->revision, kind);
}

/* What `cell` holds, in words also where that is nothing. */
static const char *cell_text(const struct world *w, const struct cell *cell, char number[16]) {
    return cell->state == CELL_EMPTY ? world_tr(w, N_("empty")) : words_cell(w, cell, number);
}

void unsealed_cells(const struct unsealed_view *v, const struct world *w, struct buf *out) {
    for (uint32_t i = 0; i < v->n_cells; i++) {
        const struct unsealed_cell *c = &v->cells[i];
        char here[16], reported[16];
        if (c->here.state == c->reported.state && c->here.value == c->reported.value)
            world_say(w, out, "%s %s: another note than was reported", c->subject, c->criterion);
        else
            world_say(w, out, "%s %s: %s here, %s reported", c->subject, c->criterion,
                      cell_text(w, &c->here, here), cell_text(w, &c->reported, reported));
    }
    if (v->values > v->n_cells)
        world_say(w, out, "… and %u more values", v->values - v->n_cells);
}
