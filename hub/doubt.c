#include "hub/doubt.h"

#include "hub/ingest.h"
#include "hub/session.h"
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

int doubt_last(struct doubt_reference *r, struct actor *a, struct txn *t, struct err *e) {
    instant last = (instant)meta_u64(t, "receipt.last");
    int rc = mends_keep(&r->mends, a, t, &a->id, e);
    if (rc == 0)
        r->last = last != 0 ? mends_clock(&r->mends.mends, &a->id, last) : 0;
    return rc;
}

static bool tells(const struct session *s) {
    return s->live && s->has_clock;
}

/* The only clock that more than half can agree with, if there is one: whoever is left when each is
 * struck off together with one that disagrees. */
static int64_t find_agreed(const struct sessions *all) {
    int64_t agreed = 0;
    uint32_t left = 0;
    for (uint32_t i = 0; i < all->n; i++) {
        const struct session *s = &all->list[i];
        if (!tells(s))
            continue;
        if (left == 0)
            agreed = s->clock_boot;
        if (apart(s->clock_boot, agreed, DOUBT_OTHERS_MS))
            left--;
        else
            left++;
    }
    return agreed;
}

void doubt_ask_children(struct doubt_reference *r, const struct sessions *all) {
    int64_t agreed = find_agreed(all);
    uint32_t n = 0, with = 0;
    for (uint32_t i = 0; i < all->n; i++) {
        if (!tells(&all->list[i]))
            continue;
        n++;
        with += !apart(all->list[i].clock_boot, agreed, DOUBT_OTHERS_MS);
    }
    r->children = n >= DOUBT_CHILDREN_MIN && 2 * with > n;
    r->children_boot = agreed;
}

int doubt_look(struct doubt_reference *r, struct actor *a, struct txn *t,
               const struct sessions *all, struct err *e) {
    r->children = false;
    if (all)
        doubt_ask_children(r, all);
    int rc = doubt_last(r, a, t, e);
    r->noted = r->last;
    return rc;
}

/* Not the instant of this moment: frames of the next step may have been taken before it. */
void doubt_note(struct doubt_reference *r, struct txn *t, const struct ingest *in) {
    instant last = r->noted;
    for (uint32_t i = 0; i < in->n; i++) {
        const struct receipt_entry *x = &in->list[i].entry;
        if (!x->clock_doubt && x->received_at > last)
            last = x->received_at;
    }
    if (last > r->noted)
        meta_put_u64(t, "receipt.last", (uint64_t)last);
    r->noted = last;
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
