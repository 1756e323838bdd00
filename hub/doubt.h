/*
 * Doubt of this hub's own clock: what it is held against, and when what it says is proof of
 * nothing. See `clock_doubt` in PROTOCOL.md.
 */
#ifndef HUB_DOUBT_H
#define HUB_DOUBT_H

#include "core/err.h"
#include "core/world.h"
#include "node/mends.h"
#include "node/uplink.h"

struct actor;
struct txn;
struct sessions;
struct ingest;

/* The first reason found, the surest first. */
enum doubt {
    DOUBT_NONE,
    DOUBT_EARLY,    /* before this program was written */
    DOUBT_BEHIND,   /* behind the last receipt, as mended */
    DOUBT_DRIFT,    /* put forward or back since the start */
    DOUBT_PARENT,   /* far from the clock of the hub above */
    DOUBT_CHILDREN, /* far from the clocks of most children, which agree */
};

struct doubt_reference {
    struct moment started;   /* both clocks when the program began */
    int64_t parent_ahead_ms; /* how far the parent's clock was ahead, when last heard; 0: root */
    int64_t children_boot; /* what the clocks of most children showed when this machine started … */
    bool children;         /* … where enough of them agree, and no parent was heard */
    instant last;          /* the last receipt, as doubt_look found it … */
    instant noted;         /* … and with those that were noted since */
    struct mends_kept mends; /* of this hub's clock */
};

#define DOUBT_EARLIEST ((instant)1577811600000) /* 1 January 2020, 00:00 in Viet Nam */
#define DOUBT_DRIFT_MS 60000                    /* wall and boot clock may drift apart by this */
#define DOUBT_OTHERS_MS UPLINK_APART_MS         /* … and so far from the clocks of others */
#define DOUBT_CHILDREN_MIN 3u                   /* fewer children do not outvote a clock */

/*
 * Why this hub's clock is not to be trusted at `at`: against `reference`, and against `last`, the
 * instant of its last receipt as doubt_last gives it.
 */
enum doubt doubt_clock(const struct doubt_reference *reference, instant last, struct moment at);

/* When the last receipt without doubt was given by the hub `a`, as mended since, into `r`; 0: there
 * was none. Where `t` comes to nothing, empty `r->mends`. */
int doubt_last(struct doubt_reference *r, struct actor *a, struct txn *t, struct err *e);

/*
 * Ask the children in `all` that are connected what their clocks show, into `r`. Each makes a claim
 * only, and wrong clocks are wrong in many ways: it counts where more than half of them, and of no
 * fewer than DOUBT_CHILDREN_MIN, agree with one another.
 */
void doubt_ask_children(struct doubt_reference *r, const struct sessions *all);

/* Find out for the hub `a` what `t` knows of the last receipt, and what the children in `all`
 * (NULL: they are not asked) say, into `r`. */
int doubt_look(struct doubt_reference *r, struct actor *a, struct txn *t,
               const struct sessions *all, struct err *e);
/* Receipts of `in` are about to be stated: keep in `t` the latest instant among those that do not
 * doubt it, where it is later than `r` knows. */
void doubt_note(struct doubt_reference *r, struct txn *t, const struct ingest *in);

/* In plain words (a msgid). */
const char *doubt_text(enum doubt d);

#endif
