#include "audit/fold_right.h"

#include "core/limits.h"
#include "core/units_way.h"

/* What holds of `unit` on `on`; before its first fact, that one. NULL: it is unknown. */
static const struct unit_fact *first_or_at(const struct units *u, const struct uid *unit, day on) {
    const struct unit_fact *fact = units_at(u, unit, on), *first = units_at(u, unit, DAY_LATEST);
    while (!fact && first && first->effective != DAY_NONE &&
           units_at(u, unit, first->effective - 1))
        first = units_at(u, unit, first->effective - 1);
    return fact ? fact : first;
}

static bool is_below(const struct units *u, const struct uid *unit, const struct uid *author,
                     day on, unsigned steps) {
    if (uid_equal(unit, author))
        return true;
    const struct unit_fact *fact = first_or_at(u, unit, on);
    return fact && steps < LIMIT_UNIT_DEPTH && is_below(u, &fact->parent, author, on, steps + 1);
}

enum fold_right fold_right_unit(const struct units *units, const struct uid *author,
                                const struct unit_fact *fact) {
    bool holds = units_at(units, &fact->id, fact->effective) != NULL;
    bool above_known = first_or_at(units, &fact->parent, fact->effective) != NULL;
    if (uid_equal(&fact->id, author) || uid_is_zero(&fact->parent) ||
        (holds && !units_ever_under(units, &fact->id, author)) ||
        (above_known && !units_ever_under(units, &fact->parent, author)))
        return FOLD_RIGHT_NEVER;
    if (!above_known || (holds && !is_below(units, &fact->id, author, fact->effective, 0)) ||
        !is_below(units, &fact->parent, author, fact->effective, 0))
        return FOLD_RIGHT_PAST;
    return FOLD_RIGHT_YES;
}
