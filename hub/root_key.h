/*
 * The root key and the recovery key, taken out of their safe for one act: they grant epochs to the
 * root hub's actor and revoke them. The recovery key outranks the root key: what it said of the
 * root hub the root key cannot change, and it alone revokes the root key.
 */
#ifndef HUB_ROOT_KEY_H
#define HUB_ROOT_KEY_H

#include "core/crypto.h"
#include "node/actor.h"
#include "proto/payload_act.h"

/*
 * Let the root hub `a`, whose store was put back to an older state, sign on in its next epoch: a
 * grant by the root or recovery key that `key_seed` makes, stated at `now`. `ret_id` gets its id.
 * ERR_REFUSED if it is not spent, not prepared yet, no root hub, or the key is another.
 */
int root_key_renew(struct actor *a, struct txn *t, const uint8_t key_seed[SEED_BYTES], instant now,
                   struct hash *ret_id, struct err *e);

enum root_key_target {
    ROOT_KEY_ENDS_HUB, /* the root hub's actor, in every epoch */
    ROOT_KEY_ENDS_KEY, /* the root key itself */
};
/*
 * Revoke `target` by the key that `key_seed` makes, for `reason`, at `now`: what is held here of it
 * stands, nothing after it does. The root hub then signs nothing until root_key_rotate. `ret_id`
 * gets the last record of it. ERR_REFUSED if that key may not.
 */
int root_key_revoke(struct actor *a, struct txn *t, const uint8_t key_seed[SEED_BYTES],
                    enum root_key_target target, const struct act_reason *reason, instant now,
                    struct hash *ret_id, struct err *e);

/*
 * Let the root hub `a` sign on in its next epoch with the keys that it has at hand for it
 * (actor_put_next), by a grant of the key that `key_seed` makes, at `now`; the old ones are revoked
 * for `reason`, if they are not yet. `ret_id` gets the grant's id. ERR_REFUSED if that key may not.
 */
int root_key_rotate(struct actor *a, struct txn *t, const uint8_t key_seed[SEED_BYTES],
                    const struct act_reason *reason, instant now, struct hash *ret_id,
                    struct err *e);

/*
 * Let the key that `key_seed` makes state an act of `kind` with `payload` in lane 0, at `now`, at
 * the root hub `a`. `ret_id` gets its id. ERR_REFUSED if it is no such key, or was revoked.
 */
int root_key_state(struct actor *a, struct txn *t, const uint8_t key_seed[SEED_BYTES],
                   uint16_t kind, struct slice payload, instant now, struct hash *ret_id,
                   struct err *e);

#endif
