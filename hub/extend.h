/*
 * Extending: for whom a due date is moved, and the acts that say so. One record for each unit, in
 * its own lane, so that whoever has a part in the unit has the whole of it.
 */
#ifndef HUB_EXTEND_H
#define HUB_EXTEND_H

#include "hub/board.h"
#include "proto/payload_act.h"

struct extend {
    const struct board_query *q; /* which campaign, period and kind of report */
    enum act_scope scope;
    const char *name; /* of the unit or group, as typed */
    struct uid unit;  /* ACT_SCOPE_UNIT, ACT_SCOPE_UNDER: that unit */
    instant until;    /* the first instant that is too late */
    bool over_a_year; /* that this is more than a year after the due date is meant */
    struct act_reason reason;
};

struct extended_unit {
    struct uid unit;
    const char *code; /* the catalog's */
    struct hash record;
};

/* Whether the campaign of `x` asks anybody whom `x` names for that report, into `ret_asks`. */
int extend_asks(struct actor *a, const struct extend *x, bool *ret_asks, struct err *e);
/*
 * The units that `x` gives more time to at the hub `a`, by code, into `ret_list` (mem_free) of
 * `ret_n`; `ret_passed` are those that have that much time already. ERR_REFUSED where this hub may
 * not, where nobody is meant, where it would change nothing, or where it goes more than a year
 * beyond a due date and that is not said to be meant: no extension can be shortened.
 */
int extend_find(struct actor *a, struct txn *t, const struct extend *x,
                struct extended_unit **ret_list, uint32_t *ret_n, uint32_t *ret_passed,
                struct err *e);
/* State the extension of each of the `n` units at `list`, at `now`; each gets its `record`. */
int extend_state(struct actor *a, struct txn *t, const struct extend *x, struct extended_unit *list,
                 uint32_t n, instant now, struct err *e);

#endif
