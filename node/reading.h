/*
 * Reading: a report that was judged, opened with everything its values mean: the campaign version,
 * profile and subject list that it names. Nothing is judged again.
 */
#ifndef NODE_READING_H
#define NODE_READING_H

#include "node/judge.h"

/*
 * The day on which the unit of a report of `period` is looked at when it is judged and scored: the
 * cutoff, or the period's last day where there is none.
 */
day reading_day(const struct period *period);

/*
 * Open `r`, a report held here, into `ret_opened` (judge_opened_done). ERR_ABSENT where what it
 * names is not held or is not what it should be.
 */
int reading_open(struct catalog *c, struct txn *t, const struct record *r,
                 struct opened_report *ret_opened, struct err *e);

#endif
