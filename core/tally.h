/*
 * Tallies: the figures over a board, as DHIS2 counts them. Expected are the units that are asked
 * and not exempt; actual are those whose slot has a report in force; on time are those of them that
 * came before the due instant or inside a signed extension. Each unit counts at most once in each,
 * so no rate goes over 100 %. A nil report is a report.
 */
#ifndef CORE_TALLY_H
#define CORE_TALLY_H

#include "core/result.h"

struct tally {
    uint32_t expected, actual, actual_on_time;
};

/* Count one more unit, whose slot stands at `s`, into `t`. */
void tally_add(struct tally *t, enum slot_state s);

/* Fill the three figures of `b` from the states of its rows. */
void tally_board(struct board *b);

/* The reporting rate of `b`, and that on time, in hundredths of a percent; 0 if none is expected.
 */
int64_t tally_rate(const struct board *b);
int64_t tally_rate_on_time(const struct board *b);

#endif
