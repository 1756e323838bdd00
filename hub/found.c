#include "hub/found.h"

#include "core/limits.h"
#include "node/append.h"
#include "proto/kinds.h"
#include "store/log.h"
#include "store/meta.h"

#include <stdio.h>
#include <string.h>

/* The keys that found, and the store they found it in. */
struct founder {
    const struct founding *f;
    struct txn *t;
    struct key_pair *root, *recovery, *sign, *transport;
    struct hash root_actor, genesis;
    instant now;
};

static int make_keys(struct founder *o, struct err *e) {
    int rc = key_pair_sign_new(o->f->root_seed, &o->root, e);
    if (rc == 0)
        rc = key_pair_sign_new(o->f->recovery_seed, &o->recovery, e);
    if (rc == 0)
        rc = key_pair_sign_new(o->f->sign_seed, &o->sign, e);
    if (rc == 0)
        rc = key_pair_transport_new(o->f->transport_seed, &o->transport, e);
    if (rc == 0)
        crypto_actor(key_pair_public(o->root), &o->root_actor);
    return rc;
}

/* One record by the root key, straight into the log of a store that has nothing else yet. */
static int found_by_root(struct founder *o, uint16_t kind, struct slice payload,
                         struct hash *ret_id, struct err *e) {
    struct signer by = {o->root_actor, o->genesis, 1, o->root, o->now};
    struct buf bytes;
    struct record r;
    buf_init(&bytes);
    int rc = append_sign(o->t, &by, kind, NULL, payload, &bytes, &r, e);
    if (rc == 0) {
        *ret_id = r.id;
        log_append(o->t, &r);
        rc = roster_apply(o->t, &r, e);
    }
    buf_done(&bytes);
    return rc;
}

static int state_genesis(struct founder *o, struct err *e) {
    struct payload_genesis p = {
        .root_key = *key_pair_public(o->root),
        .recovery_key = *key_pair_public(o->recovery),
        .root_unit = o->f->unit,
    };
    struct hash id;
    struct buf b;
    buf_init(&b);
    int rc = payload_genesis_encode(&p, &b, e);
    if (rc == 0)
        rc = found_by_root(o, KIND_GENESIS, buf_slice(&b), &id, e);
    if (rc == 0)
        o->genesis = id;
    buf_done(&b);
    return rc;
}

static int state_grant(struct founder *o, struct err *e) {
    struct payload_grant p = {
        .epoch = 1,
        .sign_key = *key_pair_public(o->sign),
        .transport_key = *key_pair_public(o->transport),
        .unit = o->f->unit,
    };
    struct hash id;
    struct buf b;
    buf_init(&b);
    crypto_actor(&p.sign_key, &p.actor);
    int rc = payload_grant_encode(&p, &b, e);
    if (rc == 0)
        rc = found_by_root(o, KIND_GRANT, buf_slice(&b), &id, e);
    buf_done(&b);
    return rc;
}

static void enter_identity(struct founder *o) {
    struct actor_birth birth = {
        .role = ROLE_HUB, .is_root = true, .unit = o->f->unit, .deployment = o->genesis};
    memcpy(birth.sign_seed, o->f->sign_seed, SEED_BYTES);
    memcpy(birth.transport_seed, o->f->transport_seed, SEED_BYTES);
    actor_born(o->t, &birth);
    if (o->f->listen)
        meta_put_text(o->t, "listen", o->f->listen);
    crypto_wipe(&birth, sizeof birth);
}

static int state_root_unit(struct founder *o, struct db *db, struct err *e) {
    const struct founding *f = o->f;
    char empty[] = "", code[LIMIT_CODE + 1], name[LIMIT_NAME + 1], level[LIMIT_CODE + 1];
    (void)snprintf(code, sizeof code, "%s", f->code);
    (void)snprintf(name, sizeof name, "%s", f->name);
    (void)snprintf(level, sizeof level, "%s", f->level);
    struct unit_fact fact = {
        .id = f->unit,
        .effective = DAY_NONE,
        .from = DAY_NONE,
        .until = DAY_NONE,
        .code = code,
        .level = level,
        .kind = empty,
        .name = name,
        .group = empty,
        .contact = empty,
        .phone = empty,
    };
    struct payload_units p = {1, &fact};
    struct actor actor = {.db = db,
                          .sign = o->sign,
                          .deployment = o->genesis,
                          .epoch = 1,
                          .role = ROLE_HUB,
                          .is_root = true,
                          .unit = f->unit};
    struct hash id;
    struct buf b;
    buf_init(&b);
    crypto_actor(key_pair_public(o->sign), &actor.id);
    int rc = catalog_init(&actor.catalog, e);
    if (rc == 0)
        rc = payload_units_encode(&p, &b, e);
    if (rc == 0)
        rc = append_own(&actor, o->t, KIND_UNITS, NULL, buf_slice(&b), f->now, &id, e);
    catalog_done(&actor.catalog);
    buf_done(&b);
    return rc;
}

int found_root(struct db *db, const struct founding *f, struct hash *ret_genesis, struct err *e) {
    struct founder o = {.f = f, .now = f->now};
    int rc = make_keys(&o, e);
    if (rc == 0)
        rc = txn_begin(db, true, &o.t, e);
    if (rc == 0) {
        rc = state_genesis(&o, e);
        if (rc == 0)
            rc = state_grant(&o, e);
        if (rc == 0) {
            enter_identity(&o);
            rc = state_root_unit(&o, db, e);
        }
        if (rc == 0)
            rc = txn_commit(o.t, e);
        else
            txn_abort(o.t);
    }
    if (rc == 0)
        *ret_genesis = o.genesis;
    key_pair_free(o.root);
    key_pair_free(o.recovery);
    key_pair_free(o.sign);
    key_pair_free(o.transport);
    return rc;
}
