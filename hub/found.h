/*
 * Founding: a new deployment. The root key states genesis and grants the root hub's actor; the root
 * hub states its own unit. One transaction, so a deployment is whole or not there.
 */
#ifndef HUB_FOUND_H
#define HUB_FOUND_H

#include "core/crypto.h"
#include "node/actor.h"

struct founding {
    const char *code, *name, *level; /* of the root unit */
    const char *listen;              /* where the hub will listen; NULL: not said */
    instant now;
    /* All random; wiped by the caller. */
    uint8_t root_seed[SEED_BYTES], recovery_seed[SEED_BYTES];
    uint8_t sign_seed[SEED_BYTES], transport_seed[SEED_BYTES];
    struct uid unit;
};

/* Found a deployment in the new store `db`. `ret_genesis` gets its fingerprint. Key files are the
 * caller's to write before. */
int found_root(struct db *db, const struct founding *f, struct hash *ret_genesis, struct err *e);

#endif
