/*
 * Streams: what is to be told to one neighbour, in order: (instance, position from 1) → record id.
 * An actor has one to its parent (its outbox) and one to each direct child (that child's inbox). An
 * instance is random: whoever rebuilds a stream gives it a new one, and the reader starts at 1.
 * Cursors are the reader's side: how far it has durably got in a neighbour's instance.
 */
#ifndef STORE_STREAM_H
#define STORE_STREAM_H

#include "core/id.h"
#include "store/db.h"

/* The last position in use; 0: empty. */
uint64_t stream_end(struct txn *t, const struct uid *stream);
/* Add `id` at the end; its position is returned. */
uint64_t stream_append(struct txn *t, const struct uid *stream, const struct hash *id);
bool stream_at(struct txn *t, const struct uid *stream, uint64_t position, struct hash *ret_id);
/*
 * What `stream` was up to `position`: a digest of its ids in order, zero at 0. Owner and reader
 * each keep it, so a stream that was put back to an older state and went on differently is noticed.
 * False if there is no such position.
 */
bool stream_digest(struct txn *t, const struct uid *stream, uint64_t position,
                   struct uid *ret_digest);
/* Forget `stream` and every position in it. */
void stream_drop(struct txn *t, const struct uid *stream);
/* The digest after `id` comes behind what `before` digests. */
struct uid stream_digest_next(const struct uid *before, const struct hash *id);
/* The last position at which `id` was added to `stream`; 0: never. */
uint64_t stream_position_of(struct txn *t, const struct uid *stream, const struct hash *id);

/* How far this side has got in a stream of a peer: position and digest there. */
struct cursor {
    uint64_t position;
    struct uid digest;
};
struct cursor cursor_get(struct txn *t, const struct hash *peer, const struct uid *instance);
void cursor_put(struct txn *t, const struct hash *peer, const struct uid *instance,
                const struct cursor *cursor);

#endif
