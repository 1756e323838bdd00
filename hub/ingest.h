/*
 * Ingest: what the parent side does with records from below: judge them, enter their slots, and
 * state receipts, all in the transaction that holds the records. Receipts are signed records like
 * any other; they leave only if that transaction commits.
 */
#ifndef HUB_INGEST_H
#define HUB_INGEST_H

#include "core/index.h"
#include "hub/share.h"
#include "node/admit.h"
#include "node/judge.h"

struct pending_receipt {
    struct hash author, carrier;
    uint32_t epoch;
    struct uid lane;
    struct receipt_entry entry;
    uint32_t n_args;
    char args[JUDGE_ARGS][LIMIT_NAME + 1];
};

/* One transaction's worth. */
struct ingest {
    struct actor *actor;
    struct txn *t;
    bool clock_doubt;     /* this hub doubts its clock now: said in each receipt */
    instant now;          /* nothing was taken later than this by a clock that was right */
    struct hash kept_by;  /* who brought what came to be held last */
    struct hash carrier;  /* the child whose frame is being taken; zero: none … */
    bool doubted;         /* … of whom nothing is signed for now, see greeting */
    struct uid *inbox;    /* its inbox; NULL: none */
    uint64_t inbox_acked; /* how far that child has got in it */
    uint32_t n, cap;
    struct pending_receipt *list;
    uint32_t n_indexed; /* of them, in … */
    struct index by_record;
    struct share share;
    struct judge_lists lists;              /* of the author judged last */
    uint32_t valid, rejected, held, again; /* counted for the log */
};

/* Begin for `actor` in `t`. */
void ingest_init(struct ingest *in, struct actor *actor, struct txn *t, bool clock_doubt);
void ingest_done(struct ingest *in);

/* Admission of what `in`'s carrier brings from below, by the clock as it is now. */
struct admit ingest_admit(struct ingest *in);

/*
 * Take `record`, which came to be held outside of steps, at `now` if it is from below: what was
 * handed back from above stands here as if its author had brought it.
 */
int ingest_found(struct ingest *in, const struct hash *record, instant now, struct err *e);

/* Judge what arrived while this hub could sign nothing, or nothing of whoever brought it: receipts
 * of some of it, of each carrier in turn, with the instants at which it came. */
int ingest_arrivals(struct ingest *in, struct err *e);

/* State the receipts of everything taken since ingest_init, claimed at `now`, and write down whose
 * share was used. */
int ingest_receipts(struct ingest *in, instant now, struct err *e);

#endif
