#include "hub/catch_up.h"

#include "node/standing_keep.h"

#define ROWS_PER_SPAN 16384u /* that may be changed */
#define PATIENCE_MS 600      /* with a tick before and the steps after it, within a second */
#define PAUSE_MS_MIN 2000    /* before all is made anew again */
#define PAUSE_MS_MAX 128000

void catch_up_look(struct catch_up *c, struct txn *t) {
    assert(!txn_writes(t));
    if (c->seen != txn_id(t)) {
        c->found = !standing_keep_still_current(t, &c->looked);
        c->wide = c->found && standing_news_wide(t);
    }
    c->seen = txn_failed(t, NULL) == 0 ? txn_id(t) : 0;
    c->behind = c->found;
}

bool catch_up_due(struct catch_up *c, bool idle, int64_t now_ms) {
    c->now_ms = now_ms;
    if (c->wide && now_ms < c->anew_ms)
        c->behind = false; /* until the next look */
    if (!c->behind)
        c->since_ms = 0;
    else if (c->since_ms == 0)
        c->since_ms = now_ms;
    return c->behind && (idle || now_ms - c->since_ms >= PATIENCE_MS);
}

/* They were begun anew. */
static void pause(struct catch_up *c) {
    bool rested = c->now_ms - c->anew_ms >= c->pause_ms;
    int64_t longer = 2 * c->pause_ms < PAUSE_MS_MAX ? 2 * c->pause_ms : PAUSE_MS_MAX;
    c->pause_ms = rested ? PAUSE_MS_MIN : longer;
    c->anew_ms = c->now_ms + c->pause_ms;
}

int catch_up_step(struct catch_up *c, struct actor *a, uint32_t spans, struct err *e) {
    struct txn *t;
    bool more = true;
    c->behind = false;
    int rc = actor_begin(a, true, &t, e);
    if (rc != 0)
        return rc;
    uint64_t begun = standing_keep_begun(t);
    for (uint32_t i = 0; rc == 0 && more && i < spans; i++)
        rc = standing_keep_step(a, t, ROWS_PER_SPAN, &more, e);
    bool anew = rc == 0 && standing_keep_begun(t) != begun;
    if (rc == 0)
        rc = actor_commit(a, t, e);
    else
        actor_abort(a, t);
    if (anew)
        pause(c);
    c->wide = false;
    c->behind = rc == 0 && more;
    if (!c->behind)
        c->since_ms = 0; /* what comes from here on is behind anew, whoever finds it and when */
    return rc;
}
