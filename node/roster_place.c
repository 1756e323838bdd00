#include "core/units_way.h"
#include "node/roster.h"
#include "store/log.h"

/* The member that `actor` was in the first epoch that is here. */
static bool first_epoch(struct txn *t, const struct hash *actor, struct member *ret_member) {
    uint32_t last = roster_epoch(t, actor);
    bool found = false;
    for (uint32_t epoch = 1; !found && epoch <= last; epoch++)
        found = roster_find(t, actor, epoch, ret_member);
    return found;
}

int roster_enrolment(struct txn *t, const struct hash *actor, struct enrolment_place *ret_place,
                     struct err *e) {
    struct enrolment_place up = {0};
    struct hash at = *actor;
    while (!hash_is_zero(&at) && up.n < ENROLMENT_STEPS) { /* deeper is nobody, see roster_bound */
        struct member m;
        struct record r;
        if (!first_epoch(t, &at, &m))
            return err_set(e, ERR_CORRUPT, "the store is damaged: a record without its author");
        int rc = log_get(t, &m.record, &r, e);
        if (rc != 0)
            return rc;
        up.steps[up.n].epoch = r.h.epoch;
        up.steps[up.n].unit = m.unit;
        up.steps[up.n++].seq = r.h.seq;
        at = m.enroller;
    }
    ret_place->n = up.n;
    for (uint32_t i = 0; i < up.n; i++)
        ret_place->steps[i] = up.steps[up.n - 1 - i];
    return 0;
}

int roster_enrolment_cmp(const struct enrolment_place *a, const struct enrolment_place *b) {
    for (uint32_t i = 0; i < a->n && i < b->n; i++) {
        if (a->steps[i].epoch != b->steps[i].epoch)
            return a->steps[i].epoch < b->steps[i].epoch ? -1 : 1;
        if (a->steps[i].seq != b->steps[i].seq)
            return a->steps[i].seq < b->steps[i].seq ? -1 : 1;
    }
    return (a->n > b->n) - (a->n < b->n);
}

day roster_enrolment_until(const struct enrolment_place *place, const struct units *units,
                           const struct uid *unit) {
    day until = DAY_LATEST;
    for (uint32_t i = 0; i < place->n; i++) {
        if (uid_is_zero(&place->steps[i].unit))
            continue;
        day here = units_way_until(units, unit, &place->steps[i].unit);
        if (here < until)
            until = here;
    }
    return until;
}
