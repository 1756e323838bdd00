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

enum expectation { EXPECTED_NOT, EXPECTED_YES, EXPECTED_EXEMPT };
/*
 * Whether `rule` of `k` asks `unit` for a report, looked at on `on`: it exists below the issuer
 * then, and is selected, or assigned by name; nobody is once the campaign was withdrawn. One that
 * was exempted by name is shown and not asked.
 */
enum expectation expected_on(const struct catalog *c, const struct catalog_campaign *k,
                             const struct report_rule *rule, const struct uid *unit, day on);

#endif
