/*
 * Renewal: what becomes of an actor whose store lacks records that it stated: it was put back from
 * a copy, cloned, or begun anew with the old keys. It must not state others in their places.
 *
 *     lost ──► spent: signs nothing ──► prepared: streams under new instances, a request named
 *                                             │  neighbours hand back what they hold of it,
 *                                             │  by the streams that are there anyway
 *                                             ▼
 *     signs on in the next epoch ◄── granted: the parent (for the root: its root key) enrolled it
 *
 * It is noticed by a greeting that knows more than is here, by a record of its own that comes from
 * outside, and by an epoch of its own that another machine was granted. Records of the old epoch
 * that come back stay good: they are evidence of when something was received.
 */
#ifndef NODE_RENEWAL_H
#define NODE_RENEWAL_H

#include "core/world.h"
#include "node/actor.h"
#include "node/handed.h"
#include "node/post.h"

/* `a` lacks records of its own: from this transaction on it signs nothing. */
void renewal_lost(struct actor *a, struct txn *t);

/*
 * If `a` is spent: draw new streams and the request's name from `world`, in a transaction of its
 * own. Also takes on children whose enrolment came back. Connections of old streams are to be given
 * up when `ret_changed`.
 */
int renewal_prepare(struct actor *a, const struct world *world, bool *ret_changed, struct err *e);

/* Whether `heads` name a record by `a`, of its epoch or a later one, that is not here. */
bool renewal_lacks(const struct actor *a, struct txn *t, const struct lane_head *heads, uint32_t n);

/*
 * The heads of all lanes of `actor` held here that are lane 0 or of units at or below `under`
 * (NULL: of every lane), added to `heads` of `*n`; no more than LIMIT_HEADS. Of a lane with forks
 * also the last one: the neighbour may hold either branch.
 */
void renewal_heads(struct actor *a, struct txn *t, const struct hash *actor,
                   const struct uid *under, struct lane_head *heads, uint32_t *n);

/*
 * Whose records `a` hands back to the hub `hub`, in this order: its own last; `above`: before them
 * those of all above it, since they may have been lost with its own; where the root hub is among
 * them the root's own keys first, whose grants are its epochs.
 */
struct renewal_authors {
    uint32_t n, keys; /* how many, and how many of them are the root's own keys */
    struct hash list[ROOT_KEYS + ENROLMENT_STEPS + 1];
};
void renewal_authors(struct actor *a, struct txn *t, const struct hash *hub, bool above,
                     struct renewal_authors *ret_authors);

/* What one neighbour lacks of one actor's lanes, and where to put it. */
struct renewal_gift {
    const struct hash *of;         /* whose records */
    const struct uid *under;       /* only lane 0 and lanes at or below this unit; NULL: all */
    const struct lane_head *heads; /* what the neighbour holds */
    uint32_t n;
    const struct uid *stream; /* our stream to it */
    struct handed *handed;    /* what stands there already, kept up to date; NULL: not known */
};
/* Put all that `gift` says is lacking on the stream, each record once for the life of the stream;
 * `ret_gave`: there was something. */
int renewal_give(struct actor *a, struct txn *t, const struct renewal_gift *gift, bool *ret_gave,
                 struct err *e);
/*
 * `carrier` brought `r`, a fork. If it is its own it does not know of what is held in that place:
 * put that on our stream to it, once. Heads alone would not tell where branches part.
 */
int renewal_answer_fork(struct actor *a, struct txn *t, const struct hash *carrier,
                        const struct record *r, struct err *e);
/* Put all records held by authors at or below `unit` but `except` on the stream of `handed`, each
 * once; what it says was looked through for that is passed over. */
int renewal_give_below(struct actor *a, struct txn *t, const struct uid *unit,
                       const struct hash *except, struct handed *handed, struct err *e);

/*
 * Where `a` wants new keys and has them: from this transaction on it signs nothing more with the
 * old ones, since what its parent has of it when it grants the next epoch is all that will stand.
 * To be called once the parent has everything. Whether it is so now.
 */
bool renewal_begin(struct actor *a, struct txn *t);
/* Stage the request for the next epoch into `post`, if `a` is prepared and knows its last one. */
int renewal_ask(struct actor *a, struct txn *t, struct post *post, struct err *e);

/* `r` was admitted: it may be a record of our own that was lacking, or an epoch of ours. */
int renewal_held(struct actor *a, struct txn *t, const struct record *r, struct err *e);
/* `a` is enrolled in `epoch` for its request: sign on in it, claimed at `now`. */
int renewal_granted(struct actor *a, struct txn *t, uint32_t epoch, instant now, struct err *e);

#endif
