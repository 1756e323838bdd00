/*
 * Doubt of this hub's own clock: what it is held against, and when what it says is proof of
 * nothing. See `clock_doubt` in PROTOCOL.md.
 */
#ifndef HUB_DOUBT_H
#define HUB_DOUBT_H

#include "core/world.h"
#include "store/db.h"

struct doubt_reference {
    struct moment started;   /* both clocks when the program began */
    int64_t parent_ahead_ms; /* how far the parent's clock was ahead, when last heard; 0: root */
};

#define DOUBT_DRIFT_MS 60000   /* wall and boot clock may drift apart by this */
#define DOUBT_PARENT_MS 600000 /* … and so far from the parent's clock */

/* Whether this hub's clock is not to be trusted at `at`: against `reference`, and against the last
 * receipt that `t` knows. */
bool doubt_clock(struct txn *t, const struct doubt_reference *reference, struct moment at);

#endif
