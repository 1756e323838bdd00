/*
 * Drafts: the office's working sheet before it is sealed, cell by cell as it was written. Private:
 * it survives crashes and is never sent. It stays after sealing, so that the next revision begins
 * where the last one ended, and it outlives amendments of the campaign, because cells are named by
 * ids and not by places.
 *
 * A row of table drafts:
 *
 *     key    unit 16, issuer 16, campaign id NUL, period NUL, subject 16, criterion id NUL
 *     value  state 1 (enum cell_state), value 4, check 8, note (the rest, UTF-8)
 *
 * No record vouches for a draft: each row carries a check over itself, and table meta has, under
 * `sheet` and the key of the sheet, the sum of those checks. A sheet whose rows do not add up to it
 * is damaged as a whole, since a value of it may be lost, or an older one: nothing is counted,
 * written or sealed in it until it is begun anew. A cell that is empty and has no note has no row.
 * One row more, of subject zero and an empty criterion, marks that the draft has begun: see resume.
 */
#ifndef NODE_DRAFT_H
#define NODE_DRAFT_H

#include "core/sheet.h"
#include "store/db.h"

/* Whose sheet, of what. */
struct draft {
    struct uid unit;
    struct uid issuer; /* of the campaign, whose lineage is (issuer, id) */
    const char *campaign, *period;
};

/* Write `cell` and `note` (NULL: none) of `subject` at the criterion called `criterion`. */
void draft_put(struct txn *t, const struct draft *d, const struct uid *subject,
               const char *criterion, const struct cell *cell, const char *note);

/*
 * The cells of `d` for these subjects and leaves; sheet_done frees `ret_sheet`. `ret_strays` counts
 * cells whose subject or criterion is not among them any more, or is not about the other;
 * `ret_whole`: whether all rows are there, as they were written last.
 */
int draft_load(struct txn *t, const struct draft *d, const struct subjects *subjects,
               const struct criteria *criteria, struct sheet *ret_sheet, uint32_t *ret_strays,
               bool *ret_whole, struct err *e);

/* Empty `d`, whatever it holds, and mark it as begun. */
void draft_begin_anew(struct txn *t, const struct draft *d);

/* What all drafts hold. */
struct draft_checked {
    uint64_t rows, damaged_rows, damaged_sheets;
};
void draft_check(struct txn *t, struct draft_checked *ret_checked);

/* Mark that `d` has begun: however few cells it has, they are what is meant. */
void draft_mark(struct txn *t, const struct draft *d);
bool draft_marked(struct txn *t, const struct draft *d);
/* Whether `d` has any row. */
bool draft_any(struct txn *t, const struct draft *d);

/* That `d` says what a report says, and nothing else: it is not among those that were edited. */
void draft_stated(struct txn *t, const struct draft *d);
/* A walk over the drafts that were written to since; texts live until the next write. */
void draft_edited_init(struct walk *w, struct txn *t);
bool draft_edited_next(struct walk *w, struct draft *ret_of);

/* A walk over the values in all drafts of one unit. */
struct draft_walk {
    struct walk walk;
    struct uid unit;
};
void draft_walk_init(struct draft_walk *w, struct txn *t, const struct uid *unit);
/* The next value: of which draft, whose texts live until the next write, and of which subject. */
bool draft_walk_next(struct draft_walk *w, struct draft *ret_of, struct uid *ret_subject);
void draft_walk_done(struct draft_walk *w);

/* Change the note at `row`, `column` of `s` to `text` (NULL or empty: none); keeps notes in order.
 */
int draft_note(struct sheet *s, uint32_t row, uint32_t column, const char *text, struct err *e);

#endif
