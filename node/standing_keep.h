/*
 * Keeping the standing book (standing_book) up to date, behind stored cursors and in bounded steps:
 * a daemon does it after what it took has been answered. Whoever asks while the book is behind
 * ranks from scratch.
 *
 *                 first start, or units, revocations, mends, all but first enrolments
 *                 came to be held, or much of campaigns
 *     (no rows) ─────────────────────────► BUILDING ──every slot gone through──► KEPT
 *                                             ▲                                   │
 *                                             └───────────────────────────────────┘
 *
 * In KEPT one slot is looked at again for everything else that its verdict depends on: a report
 * that entered it, a receipt of one of its reports (both note that in the table `touched`, in their
 * own transactions, once for however many), an extension, a withdrawal (read from the log). What
 * the issuer of a campaign states of it (a version, a profile, an assignment, its end) makes all
 * slots of that campaign be looked at again, and what was kept of it go. What else a row depends on
 * beside its slot's verdict is of the kinds that make the book be built anew, but for names, which
 * are looked up as rows are shown.
 *
 * A step that is cut off by a crash was never made; nothing here is truth.
 */
#ifndef NODE_STANDING_KEEP_H
#define NODE_STANDING_KEEP_H

#include "node/actor.h"
#include "node/standing_news.h"

/* Whether the book of a hub shows all that `t` holds. */
bool standing_keep_current(struct txn *t);
/* The same, by whoever asks often: `looked` is for standing_news_none. */
bool standing_keep_still_current(struct txn *t, struct standing_looked *looked);

/* How often the book of `t` was begun anew. */
uint64_t standing_keep_begun(struct txn *t);

/*
 * Go one step in the write transaction `t` of the hub `a`, whose catalog is that of `t`, over about
 * `rows` rows; whether there is more to do into `ret_more`.
 */
int standing_keep_step(struct actor *a, struct txn *t, uint32_t rows, bool *ret_more,
                       struct err *e);

/*
 * For `check`: the value that the book should have for the unit of `slot` into `out` (which is
 * cleared; empty: none), as records say now. `ret_kept` tells whether its standing is to be kept.
 */
struct slot_facts;
struct slot;
int standing_keep_expect(struct slot_facts *f, const struct slot *slot, struct buf *out,
                         bool *ret_kept, struct err *e);

#endif
