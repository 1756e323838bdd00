/*
 * Pending: what admission keeps until something else comes, and since when.
 *
 *     waits for its author ──enrolled──► (verified) waits for its place ──predecessor──► admitted
 *
 * Whoever lost what it held gets it back from its neighbours, in whatever order; until then what
 * builds on it waits here, and counts as come when it came. That must not let an office lay reports
 * down before a deadline and choose one after it. So of one author's lane, whoever carries it,
 *
 *   1. records that wait for their place keep their instants only while all of them are one chain:
 *      one gap, one run behind it. As soon as one comes that is not of it, none of them keeps its
 *      own, nor does any that comes while they wait;
 *   2. only verified records count in that: nobody takes another's instant away by what he made up;
 *   3. what waited for its author came at the earliest when that, and whoever enrolled it, was
 *      enrolled;
 *   4. what a machine brought that was ended since keeps none: else its word, which nobody can
 *      check, would keep the hub from ever saying up to when nothing is left.
 *
 * What keeps no instant counts as come when what it waited for did.
 */
#ifndef NODE_PENDING_H
#define NODE_PENDING_H

#include "core/record.h"
#include "store/db.h"
#include "store/key.h"

/* When a record was taken, and whether the clock was in doubt then: the two go together for ever.
 */
struct taken_at {
    instant received;
    bool doubt;
};

/* How a row of TABLE_AWAITED waits; those for a right are node/enrol_right's. */
enum pending_how { PENDING_ADMISSION = 1, PENDING_JUDGEMENT = 2, PENDING_RIGHT = 3 };

struct pending_waiter {
    struct hash record, carrier;
    enum pending_how how;
    bool for_author;
};

/* Whether `record` by `carrier` is kept. */
bool pending_has(struct txn *t, const struct hash *carrier, const struct hash *record);
/* The same; when it came into `ret_at` (INSTANT_NONE: it keeps no instant), and its bytes, as long
 * as nothing is written, into `ret_bytes`. */
bool pending_look(struct txn *t, const struct hash *carrier, const struct hash *record,
                  struct taken_at *ret_at, struct slice *ret_bytes);

/*
 * Keep `r`, brought by `carrier` at `at`, until its author is enrolled or, where it is `verified`,
 * its predecessor is here. False into `ret_kept` where the carrier has too many.
 */
int pending_keep(struct txn *t, const struct hash *carrier, const struct record *r, bool verified,
                 struct taken_at at, bool *ret_kept, struct err *e);

/* The bytes of the record that `w` names, into `ret`, where it is still kept; false: it is not. */
bool pending_read(struct txn *t, const struct pending_waiter *w, struct buf *ret);

/* Keep `r`, which `w` names, no longer; `ret_at` gets when it came, for which `now`, when what it
 * waited for came, stands where it keeps none. */
int pending_take(struct txn *t, const struct pending_waiter *w, const struct record *r,
                 struct taken_at now, struct taken_at *ret_at, struct err *e);

/* Let `record` by `carrier` (zero: held) wait for `awaited`. */
void pending_await(struct txn *t, const struct hash *awaited, const struct hash *record,
                   enum pending_how how, const struct hash *carrier);
/* `w` waits for `awaited` no longer. */
void pending_awake(struct txn *t, const struct hash *awaited, const struct pending_waiter *w);

/*
 * The first that waits for `name` after `last`, its key into `last` (empty: begin); false if nobody
 * does. Each is named once, even where it has to wait for the same name again; an author's records
 * in the order of its lanes.
 */
bool pending_next(struct txn *t, const struct hash *name, struct key *last,
                  struct pending_waiter *ret_waiter);

/* Everything that waits, by what it waits for: init, next until it says false, done. */
struct pending_walk {
    struct walk rows;
};
void pending_walk_init(struct pending_walk *w, struct txn *t);
bool pending_walk_next(struct pending_walk *w, struct hash *ret_awaited,
                       struct pending_waiter *ret_waiter);
void pending_walk_done(struct pending_walk *w);

/* The earliest instant that what is kept may yet count as come at, if that is before `now`; else
 * `now`. */
instant pending_earliest(struct txn *t, instant now);

#endif
