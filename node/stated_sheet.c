#include "node/stated_sheet.h"

#include "core/mem.h"
#include "store/log.h"

#include <string.h>

/* Rows mostly stand where they stood: that one is looked at first. */
static int find_row(const struct subjects *in, const struct uid *subject, uint32_t guess) {
    if (guess < in->n && uid_equal(&in->list[guess].id, subject))
        return (int)guess;
    for (uint32_t i = 0; i < in->n; i++)
        if (uid_equal(&in->list[i].id, subject))
            return (int)i;
    return -1;
}

static int map(struct stated_sheet *s, const struct subjects *subjects,
               const struct criteria *criteria, struct err *e) {
    s->rows = mem_zalloc((size_t)subjects->n + 1, sizeof *s->rows);
    s->columns = mem_zalloc((size_t)criteria->n_leaves + 1, sizeof *s->columns);
    if (!s->rows || !s->columns)
        return err_nomem(e);
    for (uint32_t i = 0; i < subjects->n; i++)
        s->rows[i] = find_row(&s->report.subjects, &subjects->list[i].id, i);
    for (uint32_t j = 0; j < criteria->n_leaves; j++)
        s->columns[j] = criteria_leaf(&s->report.campaign->criteria, criteria->leaves[j]->id);
    return 0;
}

int stated_sheet_open(struct actor *a, struct txn *t, const struct hash *id,
                      const struct subjects *subjects, const struct criteria *criteria,
                      struct stated_sheet *ret, enum receipt_state *ret_state, struct err *e) {
    struct record r;
    int rc = log_get(t, id, &r, e);
    return rc == 0 ? stated_sheet_open_record(a, t, &r, subjects, criteria, ret, ret_state, e) : rc;
}

int stated_sheet_open_record(struct actor *a, struct txn *t, const struct record *r,
                             const struct subjects *subjects, const struct criteria *criteria,
                             struct stated_sheet *ret, enum receipt_state *ret_state,
                             struct err *e) {
    struct stated_sheet s = {.open = false};
    struct judgement j = {.state = RECEIPT_HELD};
    struct member author;
    int rc = 0;
    if (roster_find(t, &r->h.actor, r->h.epoch, &author))
        rc = judge_report(&a->catalog, t, r, &author, &j, &s.report, e);
    s.open = rc == 0 && j.state == RECEIPT_VALID;
    if (s.open)
        rc = map(&s, subjects, criteria, e);
    if (rc != 0) {
        stated_sheet_done(&s);
        return rc;
    }
    *ret = s;
    *ret_state = j.state;
    return 0;
}

void stated_sheet_done(struct stated_sheet *s) {
    if (s->open)
        judge_opened_done(&s->report);
    mem_free(s->rows);
    mem_free(s->columns);
    *s = (struct stated_sheet){.open = false};
}

struct stated_cell stated_cell_of(const struct sheet *sheet, uint32_t row, uint32_t column) {
    return (struct stated_cell){*sheet_cell_const(sheet, row, column),
                                sheet_note(sheet, row, column)};
}

bool stated_cell_same(const struct stated_cell *x, const struct stated_cell *y) {
    return x->cell.state == y->cell.state && x->cell.value == y->cell.value &&
           strcmp(x->note ? x->note : "", y->note ? y->note : "") == 0;
}

bool stated_sheet_at(const struct stated_sheet *s, uint32_t row, uint32_t column,
                     struct stated_cell *ret_cell) {
    *ret_cell = (struct stated_cell){{.state = CELL_EMPTY}, NULL};
    if (!s->open || s->rows[row] < 0 || s->columns[column] < 0)
        return false;
    *ret_cell =
        stated_cell_of(&s->report.sheet, (uint32_t)s->rows[row], (uint32_t)s->columns[column]);
    return true;
}

uint32_t stated_sheet_differ(const struct stated_sheet *s, const struct sheet *sheet) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < sheet->rows; i++)
        for (uint32_t j = 0; j < sheet->columns; j++) {
            struct stated_cell mine = stated_cell_of(sheet, i, j), theirs;
            (void)stated_sheet_at(s, i, j, &theirs);
            n += !stated_cell_same(&mine, &theirs);
        }
    return n;
}
