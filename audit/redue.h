/*
 * Due instants worked out once more, by counting days one at a time. The comments on struct
 * due_rule (core/campaign.h) say what is meant; nothing here looks at how the product does it.
 */
#ifndef AUDIT_REDUE_H
#define AUDIT_REDUE_H

#include "core/campaign.h"

/*
 * The first instant that is too late for a report under `rule` in `period` by a unit of `level`
 * (NULL: of no level); INSTANT_NONE where no date is asked. Only Saturdays and Sundays are off.
 */
instant redue_instant(const struct report_rule *rule, const struct period *period,
                      const char *level);

/* The day on which a report's unit is looked at: the period's cutoff, else its end. */
day redue_cutoff(const struct period *period);

#endif
