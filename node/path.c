#include "node/path.h"

#include "proto/kinds.h"

bool path_through(struct txn *t, const struct member *m, const struct uid *unit) {
    struct member at = *m;
    for (unsigned steps = 0; at.by != BY_ROOT_KEY && steps < ENROLMENT_STEPS; steps++) {
        struct hash above = at.enroller;
        if (!roster_find(t, &above, roster_epoch(t, &above), &at))
            return false;
        if (at.by != BY_ROOT_KEY && uid_equal(&at.unit, unit))
            return true;
    }
    return false;
}
