#include "hub/root_key.h"

#include "core/limits.h"
#include "hub/ending.h"
#include "node/append.h"
#include "node/renewal.h"
#include "proto/kinds.h"

/* One of the two keys, at work. */
struct root_key {
    struct actor *hub;
    struct txn *t;
    struct key_pair *key;
    struct hash actor; /* that the key is */
    struct hash keys[ROOT_KEYS];
    instant now;
};

static int key_open(struct root_key *k, const uint8_t seed[SEED_BYTES], struct err *e) {
    struct member m;
    int rc = 0;
    if (!k->hub->is_root)
        return err_set(e, ERR_REFUSED, "the root key is used at the root hub");
    rc = key_pair_sign_new(seed, &k->key, e);
    if (rc != 0)
        return rc;
    crypto_actor(key_pair_public(k->key), &k->actor);
    if (!roster_find(k->t, &k->actor, 1, &m) || !roster_root_keys(k->t, &m, k->keys))
        return err_set(e, ERR_REFUSED, "this is not the root or recovery key of this deployment");
    if (m.ended)
        return err_set(e, ERR_REFUSED, "this root key was revoked: use the recovery key");
    return 0;
}

/* One record by the key, checked as those are that come from elsewhere. */
static int state(struct root_key *k, uint16_t kind, struct slice payload, struct hash *ret_id,
                 struct err *e) {
    struct signer by = {k->actor, k->hub->deployment, 1, k->key, k->now};
    struct buf bytes;
    struct record r;
    buf_init(&bytes);
    int rc = append_sign(k->t, &by, kind, NULL, payload, &bytes, &r, e);
    if (rc == 0)
        rc = roster_check(k->t, &r, e);
    if (rc == 0)
        rc = append_record(k->hub, k->t, &r, ORIGIN_OWN, e);
    if (rc == 0)
        *ret_id = r.id;
    buf_done(&bytes);
    return rc;
}

/* Grant the hub the epoch after `last` with `sign`, and let it sign on. */
static int grant(struct root_key *k, const struct member *last, const struct key_pair *sign,
                 struct hash *ret_id, struct err *e) {
    struct payload_grant p = {.actor = k->hub->id,
                              .epoch = last->epoch + 1,
                              .sign_key = *key_pair_public(sign),
                              .transport_key = *key_pair_public(k->hub->transport),
                              .unit = k->hub->unit,
                              .renewal = k->hub->renewal};
    struct buf b;
    buf_init(&b);
    int rc = payload_grant_encode(&p, &b, e);
    if (rc == 0)
        rc = state(k, KIND_GRANT, buf_slice(&b), ret_id, e);
    if (rc == 0)
        rc = renewal_granted(k->hub, k->t, p.epoch, k->now, e);
    buf_done(&b);
    return rc;
}

static int last_epoch(struct root_key *k, struct member *ret_last, struct err *e) {
    struct actor *a = k->hub;
    if (!roster_find(k->t, &a->id, roster_epoch(k->t, &a->id), ret_last))
        return err_set(e, ERR_CORRUPT, "the store is damaged: the root hub is not enrolled");
    return 0;
}

static int check_renewal(struct root_key *k, struct member *ret_last, struct err *e) {
    int rc = last_epoch(k, ret_last, e);
    if (rc != 0)
        return rc;
    if (ret_last->ended)
        return err_set(e, ERR_REFUSED,
                       "this hub was revoked: it signs on with new keys only, so run rotate");
    if (!k->hub->spent)
        return err_set(e, ERR_REFUSED,
                       "this hub lacks nothing of its own: there is nothing to renew");
    if (uid_is_zero(&k->hub->renewal))
        return err_set(e, ERR_REFUSED,
                       "run serve first, so that those below can hand back what is "
                       "missing; then renew");
    return 0;
}

int root_key_renew(struct actor *a, struct txn *t, const uint8_t key_seed[SEED_BYTES], instant now,
                   struct hash *ret_id, struct err *e) {
    struct root_key k = {.hub = a, .t = t, .now = now};
    struct member last;
    if (!a->is_root)
        return err_set(e, ERR_REFUSED,
                       "this hub has one above it, which grants its next epoch by itself");
    int rc = key_open(&k, key_seed, e);
    if (rc == 0)
        rc = check_renewal(&k, &last, e);
    if (rc == 0)
        rc = grant(&k, &last, a->sign, ret_id, e);
    key_pair_free(k.key);
    return rc;
}

static int may_end(struct root_key *k, const struct member *m, struct err *e) {
    return roster_may_end(k->t, &k->actor, m)
               ? 0
               : err_set(e, ERR_REFUSED,
                         "the root key cannot revoke what the recovery key granted, nor that key: "
                         "only recovery.key can");
}

/* Keep of `ending` what the key may end. */
static void keep_own(struct root_key *k, struct ending *ending) {
    uint32_t n = 0;
    struct member m;
    for (uint32_t i = 0; i < ending->n; i++)
        if (roster_find(k->t, &ending->list[i].actor, ending->list[i].epoch, &m) &&
            roster_may_end(k->t, &k->actor, &m))
            ending->list[n++] = ending->list[i];
    ending->n = n;
}

static int revoke(struct root_key *k, const struct hash *actor, const struct act_reason *reason,
                  struct hash *ret_id, struct err *e) {
    struct ending ending = {0};
    struct member last;
    struct buf b;
    buf_init(&b);
    int rc = ending_heads(k->t, actor, &ending, e);
    if (rc == 0 && roster_find(k->t, actor, roster_epoch(k->t, actor), &last))
        rc = may_end(k, &last, e);
    if (rc == 0)
        keep_own(k, &ending);
    for (uint32_t done = 0, n; rc == 0 && done < ending.n; done += n) {
        n = ending.n - done < LIMIT_LIST ? ending.n - done : LIMIT_LIST;
        struct payload_revoke p = {*actor, n, ending.list + done, *reason};
        buf_clear(&b);
        rc = payload_revoke_encode(&p, &b, e);
        if (rc == 0)
            rc = state(k, KIND_REVOKE, buf_slice(&b), ret_id, e);
    }
    buf_done(&b);
    ending_done(&ending);
    return rc;
}

int root_key_revoke(struct actor *a, struct txn *t, const uint8_t key_seed[SEED_BYTES],
                    enum root_key_target target, const struct act_reason *reason, instant now,
                    struct hash *ret_id, struct err *e) {
    struct root_key k = {.hub = a, .t = t, .now = now};
    struct member last = {0};
    int rc = key_open(&k, key_seed, e);
    if (rc == 0)
        rc = last_epoch(&k, &last, e);
    if (rc == 0 && target == ROOT_KEY_ENDS_HUB && last.ended)
        rc = err_set(e, ERR_REFUSED, "the root hub is revoked already: rotate lets it go on");
    if (rc == 0)
        rc = revoke(&k, target == ROOT_KEY_ENDS_HUB ? &a->id : &k.keys[0], reason, ret_id, e);
    if (rc == 0 && target == ROOT_KEY_ENDS_HUB)
        renewal_lost(a, t);
    key_pair_free(k.key);
    return rc;
}

int root_key_rotate(struct actor *a, struct txn *t, const uint8_t key_seed[SEED_BYTES],
                    const struct act_reason *reason, instant now, struct hash *ret_id,
                    struct err *e) {
    struct root_key k = {.hub = a, .t = t, .now = now};
    struct member last = {0};
    assert(a->other_sign); /* rotation_prepare has made it */
    int rc = key_open(&k, key_seed, e);
    if (rc == 0)
        rc = last_epoch(&k, &last, e);
    if (rc == 0 && a->spent && !last.ended)
        rc = err_set(e, ERR_REFUSED,
                     "this data directory is an older copy: run renew first, then rotate");
    if (rc == 0 && !last.ended)
        rc = revoke(&k, &a->id, reason, ret_id, e);
    if (rc == 0) {
        actor_put_renewal(a, t, a->spent, a->rotation);
        rc = grant(&k, &last, a->other_sign, ret_id, e);
    }
    key_pair_free(k.key);
    return rc;
}

int root_key_state(struct actor *a, struct txn *t, const uint8_t key_seed[SEED_BYTES],
                   uint16_t kind, struct slice payload, instant now, struct hash *ret_id,
                   struct err *e) {
    struct root_key k = {.hub = a, .t = t, .now = now};
    int rc = key_open(&k, key_seed, e);
    if (rc == 0)
        rc = state(&k, kind, payload, ret_id, e);
    key_pair_free(k.key);
    return rc;
}
