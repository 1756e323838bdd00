/* What the files of the roster share; nobody else's. */
#ifndef NODE_ROSTER_INSIDE_H
#define NODE_ROSTER_INSIDE_H

#include "node/roster.h"
#include "proto/payload_act.h"
#include "store/key.h"

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
/* Enter what the revocation `r` says. */
int roster_revoke(struct txn *t, const struct record *r, struct arena *a, struct err *e);

#endif
