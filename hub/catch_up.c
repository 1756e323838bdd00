#include "hub/catch_up.h"

#include "node/standing_keep.h"

#define ROWS_PER_STEP 16384u /* that one step may change */
#define PATIENCE_MS 600      /* with a tick before and the steps after it, within a second */

bool catch_up_due(struct catch_up *c, bool idle, int64_t now_ms) {
    if (!c->behind)
        c->since_ms = 0;
    else if (c->since_ms == 0)
        c->since_ms = now_ms;
    return c->behind && (idle || now_ms - c->since_ms >= PATIENCE_MS);
}

int catch_up_step(struct catch_up *c, struct actor *a, struct err *e) {
    struct txn *t;
    bool more = false;
    c->behind = false;
    int rc = actor_begin(a, true, &t, e);
    if (rc != 0)
        return rc;
    rc = standing_keep_step(a, t, ROWS_PER_STEP, &more, e);
    if (rc == 0)
        rc = actor_commit(a, t, e);
    else
        actor_abort(a, t);
    c->behind = rc == 0 && more;
    return rc;
}
