/*
 * Standing rows: what each subject of one report is ranked by. Whoever ranks, from scratch or for
 * an index, asks here.
 */
#ifndef NODE_STANDING_ROWS_H
#define NODE_STANDING_ROWS_H

#include "node/judge.h"
#include "node/standing_reports.h"

/* Codes of why no row of a report is ranked. */
#define STANDING_OTHER_PROFILE "other_profile"
#define STANDING_LATE "late"

/* What is the same for every row of a report. */
struct standing_source {
    const struct unit_fact *unit;
    struct hash report, profile;
    struct uid lane;
    uint32_t revision;
    uint32_t older_profile, older_version; /* as in struct rank_row */
    enum slot_state state;
    const char *excluded; /* why no row is ranked; NULL: all are */
};
bool standing_source_on_time(const struct standing_source *s);

/* A report, opened to be ranked. */
struct standing_sheet {
    const struct standing_choice *choice;
    struct opened_report opened;
    struct sheet_rules rules;
    struct standing_source source;
    uint32_t n; /* rows that may be ranked: none of a nil report */
};
/*
 * Open the report of `in` for `choice`, but for which kind of subject it chose, into `ret_sheet`
 * (standing_sheet_done). ERR_ABSENT as reading_open.
 */
int standing_sheet_open(struct actor *a, struct txn *t, const struct standing_choice *choice,
                        const struct standing_report *in, struct standing_sheet *ret_sheet,
                        struct err *e);
void standing_sheet_done(struct standing_sheet *s);

/* The points and grade of row `row` of `s`, which is not excluded; the grade lives in the catalog.
 */
void standing_sheet_score(const struct standing_sheet *s, uint32_t row, struct points *ret_points,
                          const struct grade **ret_grade);
/* What the `i`th comparator of the campaign makes of row `row`, which has the points `p`: the
 * greater one goes first. */
int64_t standing_sheet_key(const struct standing_sheet *s, uint32_t row, const struct points *p,
                           uint32_t i);

#endif
