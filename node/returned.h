/*
 * Returned: reports that this machine stated, lost with its store, and was handed back.
 *
 * The sheet of a directory that was put back is older than what was reported since. It catches up
 * report by report, in the order stated, as if each had been sealed here: a cell that says what the
 * report before said was not edited since, and follows; one that says something else was written
 * down here and stays. A report that came back is a row of table meta:
 *
 *     key    `back` 00, record id 32
 *     value  0: the sheet has not followed it yet; 1: it did, and nothing was sealed since
 */
#ifndef NODE_RETURNED_H
#define NODE_RETURNED_H

#include "node/actor.h"
#include "node/draft.h"

/* An own report, of id `report`, came back. */
void returned_note(struct txn *t, const struct hash *report);
/* Whether any did, and its sheet was not sealed since. */
bool returned_any(struct txn *t);
/* Whether `report` came back, and its sheet was not sealed since. */
bool returned_has(struct txn *t, const struct hash *report);

/*
 * Let the draft `d` of actor `a`, which holds something, follow the reports of it that came back.
 * Changes `sheet`, its cells for `subjects` and `criteria`, and where `t` writes the draft in the
 * store. `ret_followed`: whether there was any.
 */
int returned_follow(struct actor *a, struct txn *t, const struct draft *d,
                    const struct subjects *subjects, const struct criteria *criteria,
                    struct sheet *sheet, bool *ret_followed, struct err *e);
/* `d` was sealed: who did has seen what came back. */
int returned_sealed(struct actor *a, struct txn *t, const struct draft *d, struct err *e);

#endif
