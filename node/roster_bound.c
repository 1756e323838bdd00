#include "node/path.h"

/* How many enrolments lead to `actor`, with its own; ENROLMENT_STEPS for all above it. */
static uint32_t steps_to(struct txn *t, const struct hash *actor) {
    struct path p;
    struct member m;
    path_init(&p, t, actor);
    while (path_up(&p, &m))
        continue;
    return p.steps;
}

int roster_bound_check(struct txn *t, const struct hash *author, uint32_t epoch,
                       const struct uid *unit, enum role role, struct err *e) {
    struct member m;
    if (role == ROLE_HUB && roster_find(t, author, epoch, &m) && uid_equal(&m.unit, unit))
        return err_set(e, ERR_REFUSED, "an enrolment makes a second hub of its author's own unit");
    if (steps_to(t, author) >= ENROLMENT_STEPS)
        return err_set(e, ERR_REFUSED,
                       "more hubs lie between the root and this machine than there may be levels "
                       "of units");
    return 0;
}
