/*
 * Rights: which facts about units a hub below the root may state, and which records anybody.
 */
#ifndef AUDIT_FOLD_RIGHT_H
#define AUDIT_FOLD_RIGHT_H

#include "audit/ledger.h"
#include "core/units.h"

enum fold_right {
    FOLD_RIGHT_YES,
    /* It had a part in the unit, but not on that day: whoever reorganised it came first. It counts
     * for nothing, and nobody did wrong. */
    FOLD_RIGHT_PAST,
    FOLD_RIGHT_NEVER, /* the unit was never below it */
};

/* Whether the hub of unit `author` may state `fact`, given what hubs above it stated in `units`. */
enum fold_right fold_right_unit(const struct units *units, const struct uid *author,
                                const struct unit_fact *fact);

/* What the author of `x`, who is known, had no right to, into `ret_why`; code 0: nothing. Below
 * zero only without memory. */
int fold_right_record(const struct units *units, const struct entry *x, struct err *ret_why,
                      struct err *e);

#endif
