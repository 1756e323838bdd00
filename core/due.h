/*
 * Due instants: from the date that a plan writes to the first instant that is too late. Half-open
 * and in UTC+7, so that a report of the last day's 23:59:59.999 is in time and one of 00:00 is not.
 *
 * - The date. DUE_ONCE: as written. DUE_YEARLY: that day and month in the year in which the period
 *   ends. DUE_PERIOD_END: days_after days after the period's last day.
 * - The last day that counts: the date itself when inclusive ("chậm nhất ngày"), the day before it
 *   when not ("trước ngày").
 * - Roll: off a weekend or holiday, the last day that counts moves to the next or previous working
 *   day (Civil Code, Articles 147 and 148). Next may go past what "trước ngày" says, therefore a
 *   plan has to ask for it.
 * - The instant: the first one of the day after.
 *
 * A yearly 29 February: in a common year the last day that counts is 28 February, inclusive or not,
 * because 28 February is in time under either wording.
 */
#ifndef CORE_DUE_H
#define CORE_DUE_H

#include "core/campaign.h"
#include "core/holidays.h"

/*
 * The due instant that `rule` sets in `period` for a unit of level `unit_level` (NULL or empty: of
 * no level), with `holidays` off (NULL: weekends only). A due date for just that level goes before
 * one for all; of several alike the one listed first holds. `ret_due` is the first instant that is
 * too late; INSTANT_NONE where no date is asked. ERR_REFUSED for a date that does not exist.
 */
int due_instant(const struct report_rule *rule, const struct period *period, const char *unit_level,
                const struct holidays *holidays, instant *ret_due, struct err *e);

#endif
