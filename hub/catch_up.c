#include "hub/catch_up.h"

#include "node/standing_keep.h"

#define ROWS_PER_STEP 16384u /* that one step may change */

int catch_up_step(struct actor *a, bool *behind, struct err *e) {
    struct txn *t;
    bool more = false;
    if (!*behind)
        return 0;
    *behind = false;
    int rc = actor_begin(a, true, &t, e);
    if (rc != 0)
        return rc;
    rc = standing_keep_step(a, t, ROWS_PER_STEP, &more, e);
    if (rc == 0)
        rc = actor_commit(a, t, e);
    else
        actor_abort(a, t);
    *behind = rc == 0 && more;
    return rc;
}
