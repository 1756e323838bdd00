/*
 * Expected: whom a campaign asks for a report, and until when. One rule for the office that asks
 * what is due next and for the hub's board.
 */
#ifndef NODE_EXPECTED_H
#define NODE_EXPECTED_H

#include "node/catalog.h"

/*
 * Whether `unit` is asked for a report by `rule` of `k` in `period`, and its due instant into
 * `ret_due` (INSTANT_NONE: no date). It is asked when, on the last day that counts (where there is
 * no date: on the earlier of `today` and the period's end), it exists below the issuer and one of
 * the rule's selections takes it; without any, every unit but the issuer's own. What the issuer
 * stated of the unit by name goes before that.
 */
bool expected_of(const struct catalog *c, const struct catalog_campaign *k,
                 const struct report_rule *rule, const struct period *period,
                 const struct uid *unit, day today, instant *ret_due);

/*
 * When `unit` has to report by `rule` in `period`, at the level that it has on the period's last
 * day, into `ret_due` (INSTANT_NONE: no date is asked). `unit` may be NULL, which is of no level.
 */
int expected_due(const struct catalog *c, const struct report_rule *rule,
                 const struct period *period, const struct uid *unit, instant *ret_due,
                 struct err *e);
/*
 * The day on which a unit is looked at that is due at `due` in `period`: the last one that counts;
 * where no date is asked, the earlier of `today` and the period's end.
 */
day expected_day(const struct period *period, instant due, day today);

enum expectation { EXPECTED_NOT, EXPECTED_YES, EXPECTED_EXEMPT };
/*
 * Whether `rule` of `k` asks `unit` for a report, looked at on `on`: it exists below the issuer
 * then, and is selected, or assigned by name; nobody is once the campaign was withdrawn. One that
 * was exempted by name is shown and not asked.
 */
enum expectation expected_on(const struct catalog *c, const struct catalog_campaign *k,
                             const struct report_rule *rule, const struct uid *unit, day on);

#endif
