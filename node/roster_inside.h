/* What the files of the roster share; nobody else's. */
#ifndef NODE_ROSTER_INSIDE_H
#define NODE_ROSTER_INSIDE_H

#include "core/record.h"
#include "proto/payload.h"
#include "store/key.h"

struct member; /* of node/roster.h */
struct txn;

#define MEMBER_KEY_BYTES (HASH_BYTES + 4)

/* What the key of the member `actor` in `epoch` begins with, which is all of it. */
struct key roster_key(const struct hash *actor, uint32_t epoch);
void roster_write(struct txn *t, const struct member *m);
/* Whether `actor` is a root key, and which: into `ret_is_recovery`. */
bool roster_is_key(struct txn *t, const struct hash *actor, bool *ret_is_recovery);

/* What `m` stated counts otherwise than before. */
void roster_note_ending(struct txn *t, const struct member *m);
/* Records of `end->actor` in `end->lane` stand up to `end->seq` and no further; what was ended
 * before stays so. */
void roster_end(struct txn *t, const struct last_good *end);
/* `r`, by whoever enrolled `actor`, revokes it or puts another machine in its place: it is ended as
 * a whole, in every epoch, also in those that come to be held later. */
void roster_end_whole(struct txn *t, const struct record *r, const struct hash *actor);
/* Whether `m`, who is not entered yet, was ended so; and let stand of it what that says. */
bool roster_ended_whole(struct txn *t, const struct member *m);
void roster_end_late(struct txn *t, const struct member *m);
/* Whether `actor` was ended so by nothing that stands before `r` in the lane of its author. */
bool roster_ended_after(struct txn *t, const struct hash *actor, const struct record *r);
/* Enter what the revocation `r` says. */
int roster_revoke(struct txn *t, const struct record *r, struct arena *a, struct err *e);

#endif
