#include "node/rotation.h"

#include "store/keyfile.h"
#include "store/meta.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PATH_BYTES 4096

struct rotation {
    struct actor *actor;
    const struct world *world;
    char now[PATH_BYTES], next[PATH_BYTES];
};

static int find_paths(struct rotation *r, const char *dir, struct err *e) {
    if (snprintf(r->now, sizeof r->now, "%s/%s", dir, KEYFILE_ACTOR) >= (int)sizeof r->now ||
        snprintf(r->next, sizeof r->next, "%s/%s", dir, KEYFILE_NEXT) >= (int)sizeof r->next)
        return err_set(e, ERR_REFUSED, "%s: the path is too long", dir);
    return 0;
}

/* Whether the other keys at hand were those of an epoch before. */
static bool is_used(struct actor *a, struct txn *t) {
    struct member m;
    for (uint32_t epoch = roster_epoch(t, &a->id); epoch > 0; epoch--)
        if (roster_find(t, &a->id, epoch, &m) &&
            crypto_equal(m.sign_key.b, key_pair_public(a->other_sign)->b, PUBLIC_KEY_BYTES))
            return true;
    return false;
}

/* Whether the keys that were asked for are nowhere: a copy of the store was put back without them.
 */
static bool is_gone(const struct rotation *r) {
    return !r->actor->other_sign && !uid_is_zero(&r->actor->rotation) &&
           access(r->next, F_OK) != 0 && errno == ENOENT;
}

/* What can be wrong before anything is made. */
static int check(struct rotation *r, struct txn *t, struct err *e) {
    struct actor *a = r->actor;
    if (!actor_rotates(a) && !a->is_root && actor_may_sign(a, e) != 0)
        return ERR_REFUSED;
    if (a->other_sign && is_used(a, t))
        return err_set(e, ERR_REFUSED,
                       "%s: the last new keys could not be put in the place of the old ones: see "
                       "whether the disk is full or read-only, then run the command again",
                       r->next);
    if (!a->other_sign && !uid_is_zero(&a->rotation) && !is_gone(r))
        return err_set(e, ERR_REFUSED,
                       "%s holds the keys that were asked for and cannot be read: give the "
                       "passphrase of this directory",
                       r->next);
    return 0;
}

static int write_next(struct rotation *r, const struct key_seeds *seeds, struct err *e) {
    uint8_t salt[SEAL_SALT_BYTES], nonce[SEAL_NONCE_BYTES];
    const struct world *w = r->world;
    w->random(w->arg, salt, sizeof salt);
    w->random(w->arg, nonce, sizeof nonce);
    (void)unlink(r->next); /* one that was never asked for, or is cut short */
    return keyfile_write(r->next, seeds, keyfile_plain(r->now) ? NULL : w->passphrase, salt, nonce,
                         e);
}

static int make_next(struct rotation *r, struct err *e) {
    struct key_seeds seeds;
    struct key_pair *sign = NULL, *transport = NULL;
    const struct world *w = r->world;
    int rc = keyfile_read(r->now, w->passphrase, &seeds, e);
    if (rc != 0)
        return rc;
    w->random(w->arg, seeds.sign, SEED_BYTES);
    if (r->actor->role == ROLE_NODE)
        w->random(w->arg, seeds.transport, SEED_BYTES);
    rc = write_next(r, &seeds, e);
    if (rc == 0)
        rc = key_pair_sign_new(seeds.sign, &sign, e);
    if (rc == 0)
        rc = key_pair_transport_new(seeds.transport, &transport, e);
    crypto_wipe(&seeds, sizeof seeds);
    if (rc == 0)
        actor_put_next(r->actor, sign, transport);
    else
        key_pair_free(sign);
    return rc;
}

/* Other keys are another request: what was asked for by that name may be granted yet. */
static void name_anew(struct rotation *r, struct txn *t) {
    struct uid name;
    bool asked = actor_rotates(r->actor);
    r->world->random(r->world->arg, name.b, UID_BYTES);
    actor_put_rotation(r->actor, t, name);
    if (asked)
        actor_put_renewal(r->actor, t, true, name);
}

int rotation_prepare(struct actor *a, const char *dir, const struct world *world, struct err *e) {
    struct rotation r = {.actor = a, .world = world};
    struct txn *t = NULL;
    int rc = find_paths(&r, dir, e);
    if (rc == 0)
        rc = actor_begin(a, true, &t, e); /* one process at a time */
    if (rc == 0)
        rc = check(&r, t, e);
    bool named = rc == 0 && !uid_is_zero(&a->rotation) && !is_gone(&r);
    if (rc == 0 && !a->other_sign)
        rc = make_next(&r, e);
    if (rc == 0 && !named)
        name_anew(&r, t);
    if (rc == 0)
        return actor_commit(a, t, e);
    actor_abort(a, t);
    return rc;
}
