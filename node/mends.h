/*
 * Mends: what was stated about the clocks of hubs that were wrong. An instant in a receipt is what
 * the hub's clock showed, and stays so; what it counts as is that instant with the shift of the
 * last mend that touches it. Verdicts, boards and views ask here for every instant of a receipt.
 */
#ifndef NODE_MENDS_H
#define NODE_MENDS_H

#include "core/bytes.h"
#include "node/actor.h"
#include "node/views.h"

/* One mend, by somebody above the hub. All zero is empty. */
struct mend {
    struct hash actor; /* the hub */
    instant from, until;
    int64_t shift_ms;
    uint32_t n_records, first_record; /* in `records`, in order; none: of doubted receipts */
    /* Which of two holds: of who is further up; of one author the later. */
    uint32_t rank;
    uint32_t epoch;
    uint64_t seq;
    struct hash act;
};

struct mends {
    uint32_t n;
    struct mend *list; /* the one that holds over those before it last */
    struct hash *records;
};

/*
 * All that `t` holds at the actor `a` into `ret_mends` (mends_done): a mend counts when its author
 * stands above the hub that it names, by who enrolled whom, or is a key of the root.
 */
int mends_load(struct actor *a, struct txn *t, struct mends *ret_mends, struct err *e);
void mends_done(struct mends *m);

/*
 * The mends of one hub's clock, kept from one transaction to the next: what others state about
 * others, however much it is, is looked at once. All zero is empty.
 */
struct mends_kept {
    struct mends mends;
    uint64_t seen;    /* up to which local number acts were looked for … */
    uint64_t endings; /* … and how often hubs had been ended when they were read */
    uint32_t n_acts;
    struct hash *acts; /* about this clock, by whom may state them; they may be void */
};
/* Bring `k`, which is of hub `of` at the actor `a`, up to what `t` holds; where `t` comes to
 * nothing, empty it. On failure it is empty. */
int mends_keep(struct mends_kept *k, struct actor *a, struct txn *t, const struct hash *of,
               struct err *e);
void mends_kept_done(struct mends_kept *k);

/* Whether the word of hub `actor` counts about the clock of hub `of`: it stands above it. */
bool mends_may_state(struct txn *t, const struct hash *actor, const struct hash *of);

/*
 * When `record` was received, whose receipt by `row`'s issuer says `row`, into `ret_at`: whether a
 * mend touches it; else its own instant is given.
 */
bool mends_apply(const struct mends *m, const struct hash *record, const struct receipt_row *row,
                 instant *ret_at);
/* What the clock of hub `actor` meant by `shown`, whatever was receipted then. */
instant mends_clock(const struct mends *m, const struct hash *actor, instant shown);

#endif
