/*
 * Appending: the one place where a record becomes part of this store: log, roster, views, catalog
 * and streams in one transaction.
 */
#ifndef NODE_APPEND_H
#define NODE_APPEND_H

#include "node/route.h"

/* Whose record it is, what signs it, and when that says it was. */
struct signer {
    struct hash actor, deployment;
    uint32_t epoch;
    const struct key_pair *key;
    instant now;
};
/*
 * Sign the record that follows what `t` holds of `by` in `lane` (NULL: lane 0): `kind` with
 * `payload`. It is built in `bytes`, where `ret_record` points, and not appended.
 */
int append_sign(struct txn *t, const struct signer *by, uint16_t kind, const struct uid *lane,
                struct slice payload, struct buf *bytes, struct record *ret_record, struct err *e);

/*
 * Append one record of our own: `kind` in `lane` (NULL: lane 0) with `payload`, claimed at `now`.
 * It is signed, appended and put on the streams that it belongs on; `ret_id` gets its id. One write
 * transaction may state many. ERR_REFUSED while `a` lacks records of its own: see renewal.
 */
int append_own(struct actor *a, struct txn *t, uint16_t kind, const struct uid *lane,
               struct slice payload, instant now, struct hash *ret_id, struct err *e);

/* Append the receipt `p` of our own in `lane`, claimed at `now`: as append_own, without reading
 * back what was just written. */
int append_receipt(struct actor *a, struct txn *t, const struct payload_receipt *p,
                   const struct uid *lane, instant now, struct err *e);

/*
 * Hold `r`, which was admitted and follows its lane's head: append it, enter it in the roster and
 * the views, put it on the streams it belongs on.
 */
int append_record(struct actor *a, struct txn *t, const struct record *r, enum origin origin,
                  struct err *e);

/*
 * Hold `r` as append_record does, of which nothing counts: it takes its place in its author's lane,
 * so that what follows it can be held, and travels with it.
 */
int append_void(struct actor *a, struct txn *t, const struct record *r, enum origin origin,
                struct err *e);

#endif
