#include "node/resume.h"

#include "core/limits.h"
#include "node/judge.h"
#include "node/returned.h"
#include "node/slot_facts.h"
#include "store/log.h"

#include <string.h>

static bool is_of_sheet(const struct slot *s, const struct draft *d) {
    return s->campaign && uid_equal(&s->unit, &d->unit) && uid_equal(&s->issuer, &d->issuer) &&
           strcmp(s->campaign, d->campaign) == 0 && strcmp(s->period, d->period) == 0;
}

/* The report that counts in the sheet of `d`, with values, into `ret_report`. */
static int find_report(struct actor *a, struct txn *t, const struct draft *d,
                       struct hash *ret_report, bool *ret_found, struct err *e) {
    const struct catalog_campaign *k = catalog_latest(&a->catalog, &d->issuer, d->campaign);
    enum report_kind usual = k ? campaign_default_report(&k->c)->kind : 0, have = 0;
    struct slot_facts f;
    int rc = slot_facts_begin(&f, a, t, e);
    *ret_found = false;
    for (uint32_t i = 0; rc == 0 && i < f.own.n; i++) {
        const struct own_report *o = &f.own.list[i];
        struct hash counts = {{0}};
        if (!is_of_sheet(&o->slot, d) || o->nil ||
            (*ret_found && have == usual && o->slot.kind != usual))
            continue;
        rc = slot_facts_counting(&f, &o->slot, &counts, e);
        if (rc == 0 && hash_equal(&counts, &o->report)) {
            *ret_report = o->report;
            *ret_found = true;
            have = o->slot.kind;
        }
    }
    slot_facts_done(&f);
    return rc;
}

/* A sheet that is being begun, and the report that it begins as. */
struct beginning {
    struct txn *t;
    const struct draft *d;
    const struct subjects *subjects;
    const struct criteria *criteria;
    struct sheet *sheet;
    struct opened_report from;
};

static int row_of(const struct beginning *b, const struct uid *subject) {
    for (uint32_t i = 0; i < b->subjects->n; i++)
        if (uid_equal(&b->subjects->list[i].id, subject))
            return (int)i;
    return -1;
}

/* Take over the cell at `row`, `column` of the report where the sheet has none. */
static int take_cell(const struct beginning *b, uint32_t row, uint32_t column, uint32_t to_row,
                     struct err *e) {
    const struct criterion *leaf = b->from.campaign->criteria.leaves[column];
    const struct cell *cell = sheet_cell_const(&b->from.sheet, row, column);
    const char *note = sheet_note(&b->from.sheet, row, column);
    int to = criteria_leaf(b->criteria, leaf->id);
    if (to < 0 || (cell->state == CELL_EMPTY && !note) ||
        !criterion_about(b->criteria->leaves[to], b->subjects->list[to_row].kind))
        return 0;
    struct cell *mine = sheet_cell(b->sheet, to_row, (uint32_t)to);
    if (mine->state != CELL_EMPTY || sheet_note(b->sheet, to_row, (uint32_t)to))
        return 0;
    *mine = *cell;
    if (txn_writes(b->t))
        draft_put(b->t, b->d, &b->subjects->list[to_row].id, leaf->id, cell, note);
    return draft_note(b->sheet, to_row, (uint32_t)to, note, e);
}

static int take_cells(const struct beginning *b, struct err *e) {
    int rc = 0;
    for (uint32_t i = 0; i < b->from.sheet.rows; i++) {
        int to = row_of(b, &b->from.subjects.list[i].id);
        for (uint32_t j = 0; rc == 0 && to >= 0 && j < b->from.sheet.columns; j++)
            rc = take_cell(b, i, j, (uint32_t)to, e);
    }
    return rc;
}

/* Begin as the report `id`; one that cannot be judged here, or is not valid, has no values. */
static int begin_as(struct actor *a, struct beginning *b, const struct record *r, struct err *e) {
    struct judgement j;
    struct member author;
    if (!roster_find(b->t, &r->h.actor, r->h.epoch, &author))
        return 0;
    int rc = judge_report(&a->catalog, b->t, r, &author, &j, &b->from, e);
    if (rc != 0 || j.state != RECEIPT_VALID)
        return rc;
    bool anew = !draft_any(b->t, b->d);
    rc = take_cells(b, e);
    judge_opened_done(&b->from);
    if (rc != 0 || !txn_writes(b->t))
        return rc;
    draft_mark(b->t, b->d);
    if (anew)
        draft_stated(b->t, b->d);
    return 0;
}

int resume_sheet(struct actor *a, struct txn *t, const struct draft *d,
                 const struct subjects *subjects, const struct criteria *criteria,
                 struct sheet *sheet, struct err *e) {
    struct beginning b = {
        .t = t, .d = d, .subjects = subjects, .criteria = criteria, .sheet = sheet};
    struct hash id;
    struct record r;
    bool found, followed = false;
    int rc = 0;
    if (draft_any(t, d))
        rc = returned_follow(a, t, d, subjects, criteria, sheet, &followed, e);
    if (rc != 0 || followed || draft_marked(t, d))
        return rc;
    rc = find_report(a, t, d, &id, &found, e);
    if (rc == 0 && found)
        rc = log_get(t, &id, &r, e);
    if (rc != 0 || !found || (draft_any(t, d) && hash_equal(&r.h.actor, &a->id)))
        return rc;
    return begin_as(a, &b, &r, e);
}
