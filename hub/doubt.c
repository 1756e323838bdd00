#include "hub/doubt.h"

#include "store/meta.h"

bool doubt_clock(struct txn *t, const struct doubt_reference *reference, struct moment at) {
    instant last = (instant)meta_u64(t, "receipt.last");
    int64_t wall = at.wall - reference->started.wall;
    int64_t boot = at.boot_ms - reference->started.boot_ms;
    int64_t drift = wall > boot ? wall - boot : boot - wall;
    int64_t ahead = reference->parent_ahead_ms, off = ahead < 0 ? -ahead : ahead;
    return at.wall < last || drift > DOUBT_DRIFT_MS || off > DOUBT_PARENT_MS;
}
