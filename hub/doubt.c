#include "hub/doubt.h"

#include "hub/session.h"
#include "node/mends.h"
#include "store/meta.h"

static bool apart(int64_t a, int64_t b, int64_t by) {
    return a > b ? a - b > by : b - a > by;
}

enum doubt doubt_clock(const struct doubt_reference *r, instant last, struct moment at) {
    if (at.wall < DOUBT_EARLIEST)
        return DOUBT_EARLY;
    if (at.wall < last)
        return DOUBT_BEHIND;
    if (apart(at.wall - r->started.wall, at.boot_ms - r->started.boot_ms, DOUBT_DRIFT_MS))
        return DOUBT_DRIFT;
    if (apart(r->parent_ahead_ms, 0, DOUBT_OTHERS_MS))
        return DOUBT_PARENT;
    if (r->children && apart(at.wall, at.boot_ms + r->children_boot, DOUBT_OTHERS_MS))
        return DOUBT_CHILDREN;
    return DOUBT_NONE;
}

int doubt_last(struct actor *a, struct txn *t, instant *ret_last, struct err *e) {
    struct mends m;
    instant last = (instant)meta_u64(t, "receipt.last");
    int rc = last != 0 ? mends_load(a, t, &m, e) : 0;
    if (rc != 0)
        return rc;
    if (last != 0) {
        last = mends_clock(&m, &a->id, last);
        mends_done(&m);
    }
    *ret_last = last;
    return 0;
}

void doubt_ask_children(struct doubt_reference *r, const struct sessions *all, struct moment at) {
    uint32_t n = 0, ahead = 0, behind = 0;
    int64_t nearest_ahead = INT64_MAX, nearest_behind = INT64_MIN;
    for (uint32_t i = 0; i < all->n; i++) {
        const struct session *s = &all->list[i];
        if (!s->live || !s->has_clock)
            continue;
        int64_t off = s->clock_boot + at.boot_ms - at.wall;
        n++;
        if (off > DOUBT_OTHERS_MS && ++ahead && s->clock_boot < nearest_ahead)
            nearest_ahead = s->clock_boot;
        if (off < -DOUBT_OTHERS_MS && ++behind && s->clock_boot > nearest_behind)
            nearest_behind = s->clock_boot;
    }
    r->children = n >= DOUBT_CHILDREN_MIN && (2 * ahead > n || 2 * behind > n);
    r->children_boot = 2 * ahead > n ? nearest_ahead : nearest_behind;
}

const char *doubt_text(enum doubt d) {
    switch (d) {
    case DOUBT_NONE:
        return N_("the clock is no longer in doubt");
    case DOUBT_EARLY:
        return N_("the clock shows a year before this program was written: set it right");
    case DOUBT_BEHIND:
        return N_("the clock is behind the last receipt that was given: set it right, or, if it "
                  "was ahead then, have that mended: `clock list`");
    case DOUBT_DRIFT:
        return N_("the clock was put forward or back since the start: start anew once it is right");
    case DOUBT_PARENT:
        return N_("the clock is more than ten minutes off that of the hub above: set it right");
    case DOUBT_CHILDREN:
        return N_("the clock is more than ten minutes off those of most machines below: see that "
                  "it is right");
    }
    return "";
}
