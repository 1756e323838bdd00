/*
 * Ended: whether this actor was revoked or replaced, so that nothing which it states from then on
 * counts. It learns of it in two ways: by a record, which is a fact of the log and stays, or as the
 * hub above refuses it, which holds until that hub welcomes it again.
 */
#ifndef NODE_ENDED_H
#define NODE_ENDED_H

#include "core/instant.h"
#include "core/record.h"
#include "proto/payload.h"
#include "store/db.h"

struct frame_refused;

#define ENDED_WHY_BYTES 257u /* a text in a refusal, with its NUL */

enum ended_how { ENDED_NOT, ENDED_REVOKED, ENDED_REPLACED };

struct ended {
    enum ended_how how;
    instant since;             /* as the record says, or when we were told; INSTANT_NONE: unknown */
    char why[ENDED_WHY_BYTES]; /* empty: unknown */
};

/* How the actor `id` ended, as records and the last refusal in `t` say, into `ret_ended`. */
void ended_read(struct txn *t, const struct hash *id, struct ended *ret_ended);

/* Keep refusal `r` by the hub above, which came at `now`; that it ended us gives way to no other.
 */
void ended_refused(struct txn *t, const struct frame_refused *r, instant now);
/* The hub above welcomed us: forget what it refused. */
void ended_welcomed(struct txn *t);
/*
 * The last refusal that is kept into `e`, as refusal_words words it; false, and `e` untouched, if
 * there is none.
 */
bool ended_refusal(struct txn *t, struct err *e);
/* Whether the refusal that is kept in `t` says that the hub above ended us. */
bool ended_by_refusal(struct txn *t);

/*
 * ERR_REFUSED, saying since when, why, and what to do, for an actor of `role` that ended as `x`
 * says; `is_root`: it is the root hub.
 */
int ended_refuse(const struct ended *x, enum role role, bool is_root, struct err *e);

/*
 * When `actor` was last revoked, as `t` says in records that stand and are by somebody who may end
 * it, into `ret_at`, and as much of the words of the reason as fits into `ret_why`, in whole
 * letters; false if it was not.
 */
bool ended_said(struct txn *t, const struct hash *actor, instant *ret_at,
                char ret_why[ENDED_WHY_BYTES]);

/* What came of asking that of `actor`, kept so that no revocation is read twice for it. Where a
 * transaction in which it was asked comes to nothing, forget it. */
struct ended_search {
    struct hash actor;
    uint64_t seen; /* up to which local number revocations were read */
    bool found;
    struct hash id; /* the record that says it */
};
/* The same as ended_said, of the actor of `k`. */
bool ended_search(struct txn *t, struct ended_search *k, instant *ret_at,
                  char ret_why[ENDED_WHY_BYTES]);

#endif
