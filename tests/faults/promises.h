/*
 * Promises: what a frame that has left says is durable where it came from. A record that was sent
 * is held by its sender; a receipt, and the report that it names; a position that was acknowledged;
 * a ticket that was answered. After a power cut all of it must still be true.
 */
#ifndef TESTS_FAULTS_PROMISES_H
#define TESTS_FAULTS_PROMISES_H

#include "core/bytes.h"
#include "core/id.h"
#include "node/actor.h"

struct promise {
    enum { PROMISE_HELD, PROMISE_RECEIPTED, PROMISE_TAKEN } what;
    struct hash record, issuer; /* held: the record; receipted: the report, and by whom */
    struct uid stream;          /* taken: up to this position of this stream */
    uint64_t position;
};

struct promises {
    struct promise *list;
    size_t n, cap;
    uint64_t frames, receipts;
};

/* Add what `frame` promises. */
void promises_take(struct promises *p, struct slice frame);
void promises_done(struct promises *p);

/* The first of the `n` oldest of `p` that the store of `t` does not keep; NULL: it keeps them all.
 */
const struct promise *promises_broken(const struct promises *p, size_t n, struct txn *t);

#endif
