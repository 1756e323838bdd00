/*
 * Admission: what foreign bytes must pass before they belong to a log. Bound first, hash second,
 * verify third, decode last. Admission consumes the seq whatever judgement says afterwards; bytes
 * that fail it belong to no log and displace nothing.
 *
 *            bytes
 *              │ parse, deployment        → refused
 *              │ held already             → duplicate
 *              │ author not enrolled yet  → pending, waits for the author
 *              │ signature, right to say it, not ended → refused
 *              │ seq taken by another     → fork: both are kept as evidence
 *              │ too much of its author   → over, or passed over
 *              │ predecessor not here yet → pending, waits for it
 *              │ an enrolment that cannot be → held, and void
 *              │ enrols a unit that is not (yet) below its author → held, counts once it is
 *              ▼
 *            held ──► wakes what waits for it, and for whom it enrols or gives the right to enrol
 *
 * What a hub says in the lane of a unit is held whether the unit is below it or not: whoever reads
 * it asks, as facts about units may come later.
 * Pending records are durable and bounded per carrier; they are not receipted. Which of them count
 * as come when they came: node/pending.h.
 */
#ifndef NODE_ADMIT_H
#define NODE_ADMIT_H

#include "node/append.h"
#include "node/checked.h"
#include "node/pending.h"

enum admission {
    ADMIT_HELD,      /* new, and in its author's log now */
    ADMIT_VOID,      /* the same, and counts for nothing: its author may not say that; `why` */
    ADMIT_DUPLICATE, /* held, or pending, already */
    ADMIT_PENDING,   /* kept until what it waits for comes */
    ADMIT_REFUSED,   /* belongs to no log; `why` says why */
    ADMIT_FORK,      /* its author stated another record with this seq: kept as evidence */
    ADMIT_NO_ROOM,   /* would be pending, and the carrier has too many: offer it again later */
    ADMIT_OVER,      /* too much is kept of its author, or of its carrier: the same */
    ADMIT_PASSED,    /* too much is kept of its author, which is not the carrier: passed over */
};

/* What the parent side does with records; a node has no use for them and passes NULLs. */
struct admit_sink {
    void *arg;
    /* `r` is held now; it came through `carrier` and was taken from the socket at `at`. */
    int (*held)(void *arg, struct txn *t, const struct record *r, struct taken_at at,
                struct err *e);
    /* What `record`, held before, was waiting for is here. */
    int (*ready)(void *arg, struct txn *t, const struct hash *record, struct err *e);
    /* `r` came once more. */
    int (*again)(void *arg, struct txn *t, const struct record *r, struct err *e);
    /* Whether `r`, authentic, brought by `carrier`, may be kept: HELD, or else OVER or PASSED. */
    enum admission (*room)(void *arg, const struct record *r, const struct hash *carrier);
    /* `r`, brought by `carrier`, is kept: held, or void. */
    void (*kept)(void *arg, const struct record *r, const struct hash *carrier);
};

struct admit {
    struct actor *actor;
    struct txn *t;
    enum origin origin;
    struct hash carrier; /* the neighbour that handed it over */
    struct admit_sink sink;
    bool clock_doubt; /* the clock is in doubt by which it is taken */
};

/*
 * Admit `bytes`, taken from the carrier at `received_at`. `ret_why` gets the reason of a refusal.
 * Below zero only when the store, memory or the sink fails.
 */
int admit_bytes(const struct admit *a, struct slice bytes, instant received_at,
                enum admission *ret_admission, struct err *ret_why, struct err *e);

/* The same for bytes that were parsed into `c`, and may have been verified: not found out twice. */
int admit_checked(const struct admit *a, const struct checked *c, instant received_at,
                  enum admission *ret_admission, struct err *ret_why, struct err *e);

/*
 * Wake what waits for `name`: the id of a record that is held now, or an actor that is enrolled
 * now, where that did not come by admit_bytes but was stated here, at `now`.
 */
int admit_wake(const struct admit *a, const struct hash *name, instant now, struct err *e);

/* Wake all that `record`, held, may be waited for as, at `now`: itself, whom it enrols or lets be
 * enrolled. */
int admit_wake_held(const struct admit *a, const struct hash *record, instant now, struct err *e);

/* Let `record`, held, wait for `awaited`: the sink's ready is called when that is held. */
void admit_await(struct txn *t, const struct hash *awaited, const struct hash *record);

#endif
