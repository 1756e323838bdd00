/*
 * Board: who reported on time, late, or not at all, for one campaign, period and kind at one
 * instant. A pure function of the records held (and, for `unknown`, of contacts).
 */
#ifndef HUB_BOARD_H
#define HUB_BOARD_H

#include "core/result.h"
#include "hub/contacts.h"

/* What a board is about. Everything pointed to outlives it. */
struct board_query {
    struct catalog_campaign *campaign; /* the latest version */
    const struct period *period;
    const struct report_rule *rule;
    instant at;
    const char *under; /* code of a unit; NULL: everything below the hub */
};

/*
 * Compute the board of `q` over what `t` holds, at the hub `a`, into `ret_board` (board_done).
 * ERR_REFUSED where no unit is called `under`.
 */
int board_compute(struct actor *a, struct txn *t, const struct contacts *contacts,
                  const struct board_query *q, struct board *ret_board, struct err *e);

/* Whether `b`, with all of its rows, is due: its due instant has come, or a report has. */
bool board_is_due(const struct board *b);

/* Leave out the rows whose state is another than `state`; the figures stay. */
void board_keep(struct board *b, enum slot_state state);

#endif
