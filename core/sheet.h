/*
 * Sheets: the values of one report, a row per subject, a column per leaf criterion.
 *
 * Invariants: the rows are the subject list of the unit in its order, and row 0 is the unit itself
 * as a collective subject under its own code. A cell of a criterion that is not about the row's
 * kind of subject does not exist on the wire and is CELL_EMPTY here.
 */
#ifndef CORE_SHEET_H
#define CORE_SHEET_H

#include "core/campaign.h"
#include "core/profile.h"
#include "core/units.h"

enum cell_state {
    CELL_EMPTY, /* nothing said */
    CELL_NA,    /* the reporter says it does not apply; needs a note */
    CELL_NOT_MET,
    CELL_MET,
    CELL_SCORE, /* points, in `value` */
    CELL_VALUE, /* a measured value, in `value` */
};

struct cell {
    uint8_t state; /* enum cell_state */
    score value;   /* CELL_SCORE, CELL_VALUE; else 0 */
};

/* One subject of a unit, without its name: that sits in an erasable record of its own. */
struct subject {
    struct uid id;     /* opaque; the unit's own id for row 0 */
    struct uid person; /* joins posts held in two places; zero: not given */
    char *code;        /* unique within the unit; the unit's code for row 0 */
    enum subject_kind kind;
    char *class_id; /* cán bộ, công chức, ấp …; may be empty */
    bool leader, uniformed;
    day from, until; /* in post on [from, until); DAY_NONE: open */
};

struct subjects {
    struct uid unit;
    uint32_t n;
    struct subject *list;
};

struct note {
    uint32_t row, column;
    char *text; /* NFC, LIMIT_TEXT */
};

struct sheet {
    uint32_t rows, columns; /* subjects, leaves */
    struct cell *cells;     /* rows × columns, row by row */
    uint32_t n_notes;
    struct note *notes;
};

/* Row of the subject called `code`; -1 if there is none. */
int subjects_row(const struct subjects *s, const char *code);

int sheet_init(struct sheet *s, uint32_t rows, uint32_t columns, struct err *e);
void sheet_done(struct sheet *s);
void sheet_clear(struct sheet *s); /* every cell is empty then, without a note */
struct cell *sheet_cell(struct sheet *s, uint32_t row, uint32_t column);
const struct cell *sheet_cell_const(const struct sheet *s, uint32_t row, uint32_t column);
const char *sheet_note(const struct sheet *s, uint32_t row, uint32_t column);

/* What applies to whom is decided here and nowhere else (for the product; audit folds for itself).
 */
struct unit_view {
    struct uid id;
    const char *kind; /* of the unit, for attributes given by kind */
};
/* Whether `unit` has attribute `id` in `c`. */
bool unit_has_attribute(const struct campaign *c, const struct unit_view *unit, const char *id);
/* Whether `leaf` is about this kind of subject at all (then a cell exists on the wire). */
bool criterion_about(const struct criterion *leaf, enum subject_kind kind);
/* Whether `leaf` applies to `subject` of `unit` (then a complete report has a value there). */
bool criterion_applies(const struct criterion *leaf, const struct campaign *c,
                       const struct subject *subject, const struct unit_view *unit);

/* Everything one sheet is judged against. */
struct sheet_rules {
    const struct campaign *campaign;
    const struct criteria *criteria;
    const struct profile *profile;
    const struct subjects *subjects;
    struct unit_view unit;
    const struct score_rule *columns; /* of sheet_columns; NULL: looked up for every value */
};

/*
 * The rule of every leaf of `c` under `p` into `ret_columns`, which has room for c->n_leaves:
 * worked out once where many rows are scored.
 */
void sheet_columns(const struct profile *p, const struct criteria *c,
                   struct score_rule *ret_columns);
/* The rule of leaf `column` under `r`; its criterion belongs to the profile or is NULL. */
struct score_rule sheet_column(const struct sheet_rules *r, uint32_t column);

/*
 * How values are held against a profile:
 * - MODE_MET takes met / not met, MODE_POINTS a score from 0 to the maximum, MODE_VALUE a measured
 *   value that the criterion's test makes met or not. Where the plan leaves the threshold blank,
 * met / not met is allowed in every mode and a measured value is refused, because nothing can judge
 * it.
 * - A penalty that is met takes its maximum off.
 * - An aim is checked when it is given, is never asked for, and is no part of points, met or empty.
 */

/*
 * Whether `cell` may stand at leaf `column` for subject `row`: mode, maximum, applicability, `na`
 * allowed and noted (`has_note`). ERR_REFUSED says what is expected.
 */
int cell_check(const struct sheet_rules *r, uint32_t row, uint32_t column, const struct cell *cell,
               bool has_note, struct err *e);
/* Say in `e` why nothing may stand at leaf `column` for subject `row`, to whom it does not apply,
 * and what to do; ERR_REFUSED. */
int cell_misplaced(const struct sheet_rules *r, uint32_t row, uint32_t column, struct err *e);
/*
 * Check a whole sheet: dimensions, every cell, and that no applicable cell is empty unless
 * `allow_incomplete`. `ret_empty` gets the number of empty applicable cells, on failure too.
 */
int sheet_check(const struct sheet_rules *r, const struct sheet *s, bool allow_incomplete,
                uint32_t *ret_empty, struct err *e);

/* The points of one row. */
struct points {
    int32_t base, bonus, penalty; /* hundredths; penalty is positive */
    int32_t total;                /* base + bonus − penalty, unclamped */
    int32_t max;                  /* the applicable maximum; 0: no rank */
    uint32_t met;                 /* base and bonus criteria met (full marks count as met) */
    uint32_t empty;               /* applicable cells without a value */
};
/*
 * Score row `row` of `s`. A reporter's own `na` scores zero and stays in the maximum. A profile
 * that passed profile_check_criteria keeps every number within LIMIT_SCORE; any other is cut off
 * there.
 */
void sheet_points(const struct sheet_rules *r, const struct sheet *s, uint32_t row,
                  struct points *ret_points);
/*
 * The grade of `p` for row `row` of `s` by band and caps, the share compared exactly; below all
 * bands it is the last. NULL: the profile has no grades, or the maximum is zero. A cap on a
 * criterion that is not scored in points holds when that is not met.
 */
const struct grade *sheet_grade(const struct sheet_rules *r, const struct sheet *s, uint32_t row,
                                const struct points *p);

/*
 * A typed value, as people write it: `8,5` and `8.5`, `đạt`, `không đạt`, `không áp dụng`, `met`,
 * `not met`, `na`. A number is CELL_SCORE or CELL_VALUE as `mode` says; `most`, the
 * largest that may stand there, and whether `na` may, are only named in the message. An empty text
 * is CELL_EMPTY. ERR_REFUSED for `nan`, three decimals, signs, anything else.
 */
int cell_parse(const char *text, enum score_mode mode, score most, bool na, struct cell *ret_cell,
               struct err *e);
/* For JSON `8.50`; for people `8,5`. */
void score_text(score s, char out[16]);
void score_text_people(score s, char out[16]);
/* Any hundredths, as score_text prints them. */
void score_text_wide(int64_t hundredths, char out[24]);

#endif
