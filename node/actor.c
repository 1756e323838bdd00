#include "node/actor.h"

#include "node/epochs.h"

#include "core/limits.h"
#include "proto/ticket.h"
#include "store/file.h"
#include "store/key.h"
#include "store/keyfile.h"
#include "store/log.h"
#include "store/meta.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int read_identity(struct actor *a, enum role role, const char *dir, struct err *e) {
    struct txn *t;
    int rc = txn_begin(a->db, false, &t, e);
    if (rc != 0)
        return rc;
    a->role = (enum role)meta_u64(t, "role");
    a->is_root = meta_u64(t, "root") != 0;
    a->epoch = (uint32_t)meta_u64(t, "epoch");
    if (!meta_uid(t, "rotation", &a->rotation))
        a->rotation = (struct uid){{0}};
    bool whole = meta_hash(t, "actor", &a->id) && meta_hash(t, "deployment", &a->deployment) &&
                 meta_uid(t, "unit", &a->unit) && meta_uid(t, "outbox", &a->outbox) &&
                 meta_hash(t, "parent", &a->parent);
    rc = txn_failed(t, e);
    txn_abort(t);
    if (rc == 0 && !whole)
        return db_absent(dir, e);
    if (rc == 0 && a->role != role)
        return err_set(e, ERR_REFUSED, "%s belongs to a %s, not to a %s: give the right --data",
                       dir, err_word(role_text(a->role)).text, err_word(role_text(role)).text);
    return rc;
}

static int read_pair(const char *dir, const char *name, const char *passphrase,
                     struct key_pair **ret_sign, struct key_pair **ret_transport, struct err *e) {
    char path[4096];
    struct key_seeds seeds;
    if (snprintf(path, sizeof path, "%s/%s", dir, name) >= (int)sizeof path)
        return err_set(e, ERR_REFUSED, "%s: the path is too long", dir);
    int rc = keyfile_read(path, passphrase, &seeds, e);
    if (rc == 0)
        rc = key_pair_sign_new(seeds.sign, ret_sign, e);
    if (rc == 0)
        rc = key_pair_transport_new(seeds.transport, ret_transport, e);
    crypto_wipe(&seeds, sizeof seeds);
    return rc;
}

/* A file of next keys that is not there, or is damaged or sealed with a passphrase that was not
 * given, is as none: they are not in use unless they can be read. */
static int read_next(struct actor *a, const char *dir, const char *passphrase, struct err *e) {
    struct key_pair *sign = NULL, *transport = NULL;
    struct err why;
    err_init(&why);
    int rc = read_pair(dir, KEYFILE_NEXT, passphrase, &sign, &transport, &why);
    if (rc == 0) {
        actor_put_next(a, sign, transport);
        return 0;
    }
    key_pair_free(sign);
    if (rc != ERR_NOMEM && rc != ERR_IO)
        return 0;
    if (e)
        *e = why;
    return rc;
}

/* What to do where the key file is gone and the store is not. */
static int refuse_keyless(const struct actor *a, const char *dir, struct err *e) {
    if (a->is_root)
        return err_set(e, ERR_ABSENT,
                       "%s/actor.key is missing: put it back from its copy, and keep this "
                       "directory as it is until then",
                       dir);
    return err_set(e, ERR_ABSENT,
                   "%s/actor.key is missing: put it back from its copy; if there is none, ask the "
                   "hub above for a new ticket and use it in a new data directory: what the hub "
                   "received comes back from there, and the rest stays here in data.mdb",
                   dir);
}

static int read_keys(struct actor *a, const char *dir, const char *passphrase, struct err *e) {
    struct err why;
    err_init(&why);
    int rc = read_pair(dir, KEYFILE_ACTOR, passphrase, &a->sign, &a->transport, &why);
    if (rc == ERR_ABSENT)
        return refuse_keyless(a, dir, e);
    if (rc != 0)
        *e = why;
    return rc == 0 ? read_next(a, dir, passphrase, e) : rc;
}

void actor_put_next(struct actor *a, struct key_pair *sign, struct key_pair *transport) {
    key_pair_free(a->other_sign);
    key_pair_free(a->other_transport);
    a->other_sign = sign;
    a->other_transport = transport;
    a->keyed = 0;
}

static bool is_key(const struct key_pair *k, const struct public_key *key) {
    return k && crypto_equal(key_pair_public(k)->b, key->b, PUBLIC_KEY_BYTES);
}

void actor_pick_keys(struct actor *a, struct txn *t) {
    struct member m;
    if (a->keyed == a->epoch || !roster_find(t, &a->id, a->epoch, &m))
        return;
    a->keyed = a->epoch;
    a->foreign = !is_key(a->sign, &m.sign_key) && !is_key(a->other_sign, &m.sign_key);
    if (is_key(a->sign, &m.sign_key) || a->foreign)
        return;
    struct key_pair *sign = a->sign, *transport = a->transport;
    a->sign = a->other_sign;
    a->transport = a->other_transport;
    a->other_sign = sign;
    a->other_transport = transport;
}

/* Once the next keys are those in use their file gets the name of the old one, which is wiped. Only
 * one process at a time: the write transaction sees to that. What fails is tried again next time.
 */
static int settle_keys(struct actor *a, const char *dir, struct err *e) {
    struct txn *t;
    struct err ignored;
    const struct key_pair *from_file = a->sign;
    int rc = txn_begin(a->db, false, &t, e);
    err_init(&ignored);
    if (rc != 0)
        return rc;
    actor_pick_keys(a, t);
    txn_abort(t);
    if (a->sign == from_file && !keyfile_unsettled(dir))
        return 0;
    if (txn_begin(a->db, true, &t, &ignored) != 0)
        return 0;
    bool settled = keyfile_settle(dir, a->sign != from_file, &ignored) == 0;
    txn_abort(t);
    if (settled && a->sign != from_file)
        actor_put_next(a, NULL, NULL);
    return 0;
}

/* The keys, and which are in use. Another process may give the next ones their new name between
 * two looks: then look again. */
static int take_keys(struct actor *a, const char *dir, const char *passphrase, struct err *e) {
    int rc = 0;
    for (int look = 0; rc == 0 && (look == 0 || (look == 1 && a->foreign)); look++) {
        key_pair_free(a->sign);
        key_pair_free(a->transport);
        a->sign = a->transport = NULL;
        actor_put_next(a, NULL, NULL);
        rc = read_keys(a, dir, passphrase, e);
        if (rc == 0)
            rc = settle_keys(a, dir, e);
    }
    return rc;
}

bool actor_rotates(const struct actor *a) {
    return a->spent && !uid_is_zero(&a->rotation) && uid_equal(&a->renewal, &a->rotation);
}

/* Open it; `ret_keyless` (NULL: that is an error) takes the word on a key file that is gone. */
static int open_actor(const char *dir, enum role role, const char *passphrase,
                      const struct db_options *options, struct err *ret_keyless,
                      struct actor *ret_actor, struct err *e) {
    struct actor a = {0};
    struct err why;
    int rc = db_open(dir, false, options, &a.db, e);
    err_init(&why);
    if (rc == 0)
        rc = read_identity(&a, role, dir, e);
    if (rc == 0 && take_keys(&a, dir, passphrase, &why) != 0) {
        rc = ret_keyless && why.code == ERR_ABSENT ? 0 : why.code;
        struct err *told = rc == 0 ? ret_keyless : e;
        if (told)
            *told = why;
    }
    if (rc == 0)
        rc = catalog_init(&a.catalog, e);
    if (rc != 0) {
        actor_close(&a);
        return rc;
    }
    *ret_actor = a;
    return 0;
}

int actor_open(const char *dir, enum role role, const char *passphrase,
               const struct db_options *options, struct actor *ret_actor, struct err *e) {
    return open_actor(dir, role, passphrase, options, NULL, ret_actor, e);
}

int actor_open_to_read(const char *dir, enum role role, const char *passphrase,
                       struct err *ret_keyless, struct actor *ret_actor, struct err *e) {
    return open_actor(dir, role, passphrase, NULL, ret_keyless, ret_actor, e);
}

/* What the store of `a` says of itself: its role, its unit's code, and where a hub listens; false:
 * it is nobody's yet. */
static bool read_owner(struct actor *a, struct txn *t, char code[LIMIT_CODE + 1],
                       char listen[TICKET_ADDRESS_MAX + 1]) {
    if (!meta_text(t, "listen", listen, TICKET_ADDRESS_MAX + 1))
        (void)snprintf(listen, TICKET_ADDRESS_MAX + 1, "?");
    a->role = (enum role)meta_u64(t, "role");
    if (!meta_uid(t, "unit", &a->unit))
        return false;
    const struct unit_fact *own = catalog_unit(&a->catalog, &a->unit);
    if (own)
        (void)snprintf(code, LIMIT_CODE + 1, "%s", own->code);
    else if (!meta_text(t, "unit.code", code, LIMIT_CODE + 1))
        (void)snprintf(code, LIMIT_CODE + 1, "?");
    return true;
}

static int refuse_cut_off(const char *dir, struct err *e) {
    return err_set(e, ERR_REFUSED,
                   "%s holds a start that was cut off, with nothing in it: remove the "
                   "directory and run the same command again",
                   dir);
}

int actor_taken(struct db *db, const char *dir, struct err *e) {
    struct actor a = {.db = db};
    struct txn *t = NULL;
    char code[LIMIT_CODE + 1], listen[TICKET_ADDRESS_MAX + 1];
    int rc = catalog_init(&a.catalog, e);
    if (rc == 0)
        rc = actor_begin(&a, false, &t, e);
    bool born = rc == 0 && read_owner(&a, t, code, listen);
    if (rc == 0)
        actor_abort(&a, t);
    catalog_done(&a.catalog);
    if (rc != 0)
        return rc;
    if (!born)
        return refuse_cut_off(dir, e);
    if (a.role == ROLE_HUB)
        return err_set(
            e, ERR_REFUSED,
            "%s is the hub of unit %s already: nothing to do; it listens at %s, or where "
            "`serve --listen` says; another hub needs another --data",
            dir, code, listen);
    return err_set(e, ERR_REFUSED,
                   "%s belongs to the node of unit %s already: nothing was changed; give another "
                   "--data, and bring what was not sent from here with `template` and `import`",
                   dir, code);
}

int actor_vacant(const char *dir, struct err *e) {
    char path[4096];
    struct db *db;
    if (snprintf(path, sizeof path, "%s/data.mdb", dir) >= (int)sizeof path)
        return err_set(e, ERR_REFUSED, "%s: the path is too long", dir);
    int there = file_probe(path);
    if (there < 0)
        return err_set(e, ERR_IO, "%s: %s", path, strerror(errno));
    if (there == 0)
        return 0;
    struct err why;
    err_init(&why);
    int rc = db_open(dir, false, NULL, &db, &why);
    if (rc == ERR_ABSENT) /* the file is there, and not even its tables are */
        return refuse_cut_off(dir, e);
    if (rc != 0) {
        *e = why;
        return rc;
    }
    rc = actor_taken(db, dir, e);
    db_close(db);
    return rc;
}

void actor_close(struct actor *a) {
    catalog_done(&a->catalog);
    key_pair_free(a->sign);
    key_pair_free(a->transport);
    key_pair_free(a->other_sign);
    key_pair_free(a->other_transport);
    db_close(a->db);
    *a = (struct actor){0};
}

void actor_born(struct txn *t, const struct actor_birth *b) {
    struct key_pair *sign = NULL;
    struct hash id = {0};
    struct err e;
    err_init(&e);
    if (key_pair_sign_new(b->sign_seed, &sign, &e) != 0)
        txn_fail(t, &e);
    else
        crypto_actor(key_pair_public(sign), &id);
    key_pair_free(sign);
    meta_put_u64(t, "role", b->role);
    meta_put_u64(t, "root", b->is_root);
    meta_put_u64(t, "epoch", 1);
    meta_put_hash(t, "actor", &id);
    meta_put_hash(t, "deployment", &b->deployment);
    meta_put_hash(t, "parent", &b->parent);
    meta_put_uid(t, "unit", &b->unit);
    meta_put_uid(t, "outbox", &b->outbox);
}

/* What another process, or a transaction that failed, may have left different from what `a` has. */
static void refresh_identity(struct actor *a, struct txn *t) {
    a->epoch = (uint32_t)meta_u64(t, "epoch");
    a->spent = meta_u64(t, "spent") != 0;
    if (!meta_uid(t, "renewal", &a->renewal))
        a->renewal = (struct uid){{0}};
    if (!meta_uid(t, "rotation", &a->rotation))
        a->rotation = (struct uid){{0}};
    (void)meta_uid(t, "outbox", &a->outbox);
    ended_read(t, &a->id, &a->ended);
}

/* Read what `t` holds, unless all of it was read from the store as it is. */
static int refresh(struct actor *a, struct txn *t, struct err *e) {
    uint64_t state = txn_id(t) - txn_writes(t);
    if (a->read_at != state && a->wrote != state)
        refresh_identity(a, t);
    actor_pick_keys(a, t);
    catalog_release(&a->catalog);
    int rc = a->read_at != state ? catalog_refresh(&a->catalog, t, e) : 0;
    if (rc == 0)
        rc = txn_failed(t, e);
    a->read_at = rc == 0 ? state : 0;
    return rc;
}

int actor_begin(struct actor *a, bool write, struct txn **ret_txn, struct err *e) {
    struct txn *t;
    int rc = txn_begin(a->db, write, &t, e);
    if (rc != 0)
        return rc;
    rc = refresh(a, t, e);
    if (rc != 0) {
        txn_abort(t);
        return rc;
    }
    a->committed = a->catalog.seen;
    *ret_txn = t;
    return 0;
}

/* Nothing that was written is held: forget what was read of it. */
static void fall_back(struct actor *a, struct err *e) {
    a->read_at = a->wrote = 0;
    if (a->catalog.seen != a->committed)
        (void)catalog_reset(&a->catalog, e);
}

int actor_commit(struct actor *a, struct txn *t, struct err *e) {
    uint64_t id = txn_id(t);
    bool wrote = txn_has_put(t, TABLE_COUNT);
    bool same_log = a->read_at == id - 1 && !txn_has_put(t, TABLE_LOG);
    int rc = txn_commit(t, e);
    if (rc != 0) {
        fall_back(a, e);
    } else if (wrote) {
        a->wrote = id;
        a->read_at = same_log ? id : a->read_at; /* the catalog is of records alone */
    }
    return rc;
}

void actor_abort(struct actor *a, struct txn *t) {
    if (!t)
        return;
    bool wrote = txn_writes(t);
    txn_abort(t);
    if (wrote || a->catalog.seen != a->committed)
        fall_back(a, NULL);
}

static struct key child_key(const struct uid *unit, const struct hash *actor) {
    struct key k = {.n = 0};
    key_uid(&k, unit);
    key_hash(&k, actor);
    return k;
}

enum child_flags { CHILD_DOUBT = 1, CHILD_NAMED = 2, CHILD_HANDED = 4 };

void actor_child_flags(uint8_t flags, struct child *child) {
    child->doubt = (flags & CHILD_DOUBT) != 0;
    child->named = (flags & CHILD_NAMED) != 0;
    child->handed = (flags & CHILD_HANDED) != 0;
}

void actor_put_child(struct txn *t, const struct child *c) {
    struct key k = child_key(&c->unit, &c->actor), v = {.n = 0};
    key_uid(&v, &c->inbox);
    key_put(&v,
            &(uint8_t){(c->doubt ? CHILD_DOUBT : 0) | (c->named ? CHILD_NAMED : 0) |
                       (c->handed ? CHILD_HANDED : 0)},
            1);
    txn_put(t, TABLE_CHILDREN, key_slice(&k), key_slice(&v));
}

void actor_put_epoch(struct actor *a, struct txn *t, uint32_t epoch) {
    epochs_skip(t, a->epoch, epoch);
    a->epoch = epoch;
    meta_put_u64(t, "epoch", epoch);
    ended_read(t, &a->id, &a->ended); /* a root hub that was revoked goes on in a later epoch */
}

void actor_put_answer(struct actor *a, struct txn *t, const struct frame_refused *r, instant now) {
    if (r)
        ended_refused(t, r, now);
    else
        ended_welcomed(t);
    ended_read(t, &a->id, &a->ended);
}

void actor_put_renewal(struct actor *a, struct txn *t, bool spent, struct uid renewal) {
    a->spent = spent;
    a->renewal = renewal;
    meta_put_u64(t, "spent", spent);
    meta_put_uid(t, "renewal", &renewal);
}

void actor_put_rotation(struct actor *a, struct txn *t, struct uid rotation) {
    a->rotation = rotation;
    meta_put_uid(t, "rotation", &rotation);
}

bool actor_child(struct txn *t, const struct uid *unit, const struct hash *actor,
                 struct child *ret_child) {
    struct key k = child_key(unit, actor);
    struct slice v;
    if (!txn_get(t, TABLE_CHILDREN, key_slice(&k), &v))
        return false;
    struct reader r = reader_of(v);
    ret_child->unit = *unit;
    ret_child->actor = *actor;
    reader_copy(&r, ret_child->inbox.b, UID_BYTES);
    actor_child_flags(reader_u8(&r), ret_child);
    return !r.failed;
}

enum actor_state actor_state(const struct actor *a) {
    if (a->ended.how != ENDED_NOT)
        return ACTOR_ENDED;
    if (a->foreign)
        return ACTOR_FOREIGN;
    return actor_rotates(a) ? ACTOR_ROTATING : a->spent ? ACTOR_SPENT : ACTOR_LIVE;
}

bool actor_holds_back(const struct actor *a) {
    return a->spent || actor_state(a) == ACTOR_ENDED;
}

static int refuse_spent(const struct actor *a, struct err *e) {
    if (a->is_root)
        return err_set(
            e, ERR_REFUSED,
            "this data directory is an older copy: let the hubs and nodes below connect, "
            "then run renew with the root key; until then nothing can be stated here");
    if (a->role == ROLE_NODE)
        return err_set(e, ERR_REFUSED,
                       "this data directory is an older copy: run sync first, which brings back "
                       "what is missing; until then nothing can be stated here");
    return err_set(e, ERR_REFUSED,
                   "this data directory is an older copy: what is missing comes back when the hub "
                   "above is reached; until then nothing can be stated here");
}

int actor_may_sign(const struct actor *a, struct err *e) {
    switch (actor_state(a)) {
    case ACTOR_LIVE:
        break;
    case ACTOR_SPENT:
        return refuse_spent(a, e);
    case ACTOR_ROTATING:
        return err_set(e, ERR_REFUSED,
                       "new keys were asked for, and the answer of the hub above is not here yet: "
                       "until then nothing can be stated here; connect to it");
    case ACTOR_FOREIGN:
        return err_set(e, ERR_REFUSED,
                       "the key file of this data directory is older or newer than its store, or "
                       "of another machine: put both back as they were together");
    case ACTOR_ENDED:
        return ended_refuse(&a->ended, a->role, a->is_root, e);
    }
    return 0;
}
