#include "node/deadline.h"

#include "node/acts.h"
#include "node/expected.h"

int deadline_of(struct actor *a, struct txn *t, const struct catalog_campaign *k,
                const struct slot *slot, day today, instant *ret_until, struct err *e) {
    const struct report_rule *rule = campaign_report(&k->c, slot->kind);
    const struct period *period = campaign_period(&k->c, slot->period);
    const struct acts acts = acts_of(a, t);
    instant due = INSTANT_NONE, until;
    if (!rule || !period || !expected_of(&a->catalog, k, rule, period, &slot->unit, today, &due))
        due = INSTANT_NONE;
    if (due != INSTANT_NONE) {
        int rc = acts_until(&acts, slot, &until, e);
        if (rc != 0)
            return rc;
        due = until > due ? until : due;
    }
    *ret_until = due;
    return 0;
}
