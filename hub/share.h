/*
 * Share: how much of what its children bring a hub keeps, whatever it says. One number for all
 * kinds of records, so that a hub that knows a kind and one that does not agree on it, and no
 * clock: who uses up in a day what serves an honest machine for decades has used it up. Each author
 * has its own share, wherever its records come through; each child has one for all that it brings
 * of others.
 *
 *     of the child's own, or brought by it in all, over ──► refused, its connection ends
 *     of somebody behind the child, over                ──► passed over: the stream goes on
 *
 * A replacement is another actor, with a share of its own.
 */
#ifndef HUB_SHARE_H
#define HUB_SHARE_H

#include "node/actor.h"
#include "node/admit.h"

enum share_of {
    SHARE_STATED = 1,  /* what an actor stated */
    SHARE_BROUGHT = 2, /* what a child brought of others */
};
#define SHARE_ROWS 2u

/* One row of the table, read and perhaps changed. */
struct share_row {
    struct hash actor; /* zero: none */
    enum share_of of;
    uint64_t used;
    bool changed;
};

/* For one transaction: its rows are written when others take their place, and by share_settle. */
struct share {
    const struct hash *self, *parent; /* of them nothing is counted */
    struct txn *t;
    struct share_row rows[SHARE_ROWS];
    struct hash over; /* the first who was over in this transaction; zero: nobody */
    enum share_of over_of;
    uint64_t limit; /* … and what its share is */
};

/* Begin for `actor`, which has to live as long, in `t`. */
void share_init(struct share *s, const struct actor *actor, struct txn *t);
/* Whether `r`, brought by `carrier`, may be kept: ADMIT_HELD; else ADMIT_OVER or ADMIT_PASSED. */
enum admission share_room(struct share *s, const struct record *r, const struct hash *carrier);
/* Count `r`, brought by `carrier`, which is kept. */
void share_kept(struct share *s, const struct record *r, const struct hash *carrier);
/* Count one more answer to `carrier`, which brought a copy; false: it had too many. */
bool share_answer(struct share *s, const struct hash *carrier);
/* Write what was counted. */
void share_settle(struct share *s);

/* If somebody was over in this transaction: into `why` whose machine of those below `actor` that
 * is, as of `now`, unless it holds something already. */
void share_tell(const struct share *s, struct actor *actor, instant now, struct err *why);

#endif
