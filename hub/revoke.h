/*
 * Revoking: a hub ends an actor that it enrolled, in every epoch, and says up to where what that
 * actor stated is still good. A stolen key signs nothing after that which anyone takes.
 */
#ifndef HUB_REVOKE_H
#define HUB_REVOKE_H

#include "core/world.h"
#include "hub/ending.h"
#include "node/actor.h"
#include "proto/payload_act.h"

/* Actors of one unit that live at once: of each role one, but for faults. */
struct revoke_targets {
    uint32_t n;
    struct member *list;
};
void revoke_targets_done(struct revoke_targets *targets);

/*
 * The live actors of `unit` that `a` enrolled, of right `by` (0: any), into `ret_targets`, which
 * revoke_targets_done frees.
 * ERR_REFUSED, naming the unit `code`, if there are none, or another hub enrolled them.
 */
int revoke_find(struct actor *a, struct txn *t, const struct uid *unit, const char *code,
                uint8_t by, struct revoke_targets *ret_targets, struct err *e);

/* Whether a machine of the unit and right of `m` lives beside it, and which hub enrolled that. */
bool revoke_beside(struct txn *t, const struct member *m, struct member *ret_enroller);

/*
 * Where the actor of `m` ends: at what is held here of it; with `last` (NULL: none) a node's
 * records after that epoch and seq are void. ERR_REFUSED if there is no such record here.
 */
int revoke_ending(struct txn *t, const struct member *m, const struct last_good *last,
                  struct ending *ret_ending, struct err *e);

/* State that the actor of `m` ends at `ending`, for `reason`; `ret_id` is the last record of it. */
int revoke_state(struct actor *a, struct txn *t, const struct member *m,
                 const struct ending *ending, const struct act_reason *reason, instant now,
                 struct hash *ret_id, struct err *e);

/*
 * Tell into `words`, in the language of `w`, what is lost with the hub of unit `code`, and what to
 * do. A receipt that had not gone up is void, though whoever replaces a hub may know that it only
 * broke: its disk, once found, could sign receipts of any instant, and no other clock was there.
 */
void revoke_tell_lost(const struct world *w, const char *code, struct buf *words);

/* How many reports of `actor` that are held no longer stand. */
int revoke_count_void(struct txn *t, const struct hash *actor, uint32_t *ret_n, struct err *e);

#endif
