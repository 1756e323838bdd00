/*
 * Stated sheets: a report held against the sheet that it was, or is to be, made of. Both name cells
 * by subject and criterion; their rows and columns may differ, since lists and campaigns change.
 */
#ifndef NODE_STATED_SHEET_H
#define NODE_STATED_SHEET_H

#include "node/actor.h"
#include "node/judge.h"

/* What stands at one cell; `note` NULL: none. */
struct stated_cell {
    struct cell cell;
    const char *note;
};

/* All zero is a report that says nothing of any cell. */
struct stated_sheet {
    bool open;
    struct opened_report report;
    int *rows, *columns; /* of the report, by those of the sheet; -1: it has none such */
};

/*
 * Open the report `id` beside a sheet of `subjects` and `criteria`, into `ret`, which
 * stated_sheet_done frees. `ret_state`: what it is judged by what is here; it is open where that is
 * RECEIPT_VALID.
 */
int stated_sheet_open(struct actor *a, struct txn *t, const struct hash *id,
                      const struct subjects *subjects, const struct criteria *criteria,
                      struct stated_sheet *ret, enum receipt_state *ret_state, struct err *e);
/* The same of the report `r`, whether or not it stands in the log. */
int stated_sheet_open_record(struct actor *a, struct txn *t, const struct record *r,
                             const struct subjects *subjects, const struct criteria *criteria,
                             struct stated_sheet *ret, enum receipt_state *ret_state,
                             struct err *e);
void stated_sheet_done(struct stated_sheet *s);

/* Whether the report knows the subject and the criterion at `row`, `column` of the sheet; what it
 * says there into `ret_cell`: empty, where it knows one of them not. */
bool stated_sheet_at(const struct stated_sheet *s, uint32_t row, uint32_t column,
                     struct stated_cell *ret_cell);

/* What `sheet` has there, and whether two say the same. */
struct stated_cell stated_cell_of(const struct sheet *sheet, uint32_t row, uint32_t column);
bool stated_cell_same(const struct stated_cell *x, const struct stated_cell *y);

/* How many cells of `sheet` say otherwise than the report. */
uint32_t stated_sheet_differ(const struct stated_sheet *s, const struct sheet *sheet);

#endif
