#include "node/joining.h"

#include "core/limits.h"
#include "node/append.h"
#include "proto/kinds.h"
#include "proto/refusal.h"
#include "store/disk.h"
#include "store/keyfile.h"
#include "store/log.h"
#include "store/meta.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_BYTES 4096

/* The token as it is remembered here: a half-joined directory goes on with its own ticket only. */
static void token_name(const struct ticket *ticket, struct hash *ret) {
    crypto_hash_tagged(TAG_TOKEN, slice_of(ticket->token, TOKEN_BYTES), ret);
}

int joining_directory(const char *dir, bool *ret_made, struct err *e) {
    bool made = mkdir(dir, 0700) == 0;
    *ret_made = made;
    /* a hub that enrols this machine must not remember it longer than this disk does */
    if ((!made && errno != EEXIST) || (made && disk_flush_name(dir) != 0))
        return err_set(e, ERR_IO, "%s: cannot make the data directory: %s", dir, strerror(errno));
    return 0;
}

/* Random keys, durable in `path`; kept if they are there already. */
static int make_keys(const char *path, const char *passphrase, const struct world *world,
                     struct key_seeds *seeds, struct err *e) {
    struct err absent = {0};
    uint8_t salt[SEAL_SALT_BYTES], nonce[SEAL_NONCE_BYTES];
    int rc = keyfile_read(path, passphrase, seeds, &absent);
    if (rc == 0)
        return 0;
    if (rc != ERR_ABSENT)
        return *e = absent, rc;
    world->random(world->arg, seeds->sign, SEED_BYTES);
    world->random(world->arg, seeds->transport, SEED_BYTES);
    world->random(world->arg, salt, sizeof salt);
    world->random(world->arg, nonce, sizeof nonce);
    return keyfile_write(path, seeds, passphrase, salt, nonce, e);
}

enum found { FOUND_NOTHING, FOUND_THIS_JOIN, FOUND_OTHER_JOIN };

/* What a directory holds already: an enum found; ERR_REFUSED if it is somebody's. */
static int look(struct db *db, const char *dir, const struct ticket *ticket, struct err *e) {
    struct txn *t;
    struct hash actor, have, want;
    int rc = txn_begin(db, false, &t, e);
    if (rc != 0)
        return rc;
    bool born = meta_hash(t, "actor", &actor);
    bool ours = meta_hash(t, "join.token", &have);
    bool joined = meta_u64(t, "joined") != 0;
    rc = txn_failed(t, e);
    txn_abort(t);
    token_name(ticket, &want);
    if (rc != 0)
        return rc;
    if (joined || (born && !ours))
        return actor_taken(db, dir, e);
    if (!born)
        return FOUND_NOTHING;
    return hash_equal(&have, &want) ? FOUND_THIS_JOIN : FOUND_OTHER_JOIN;
}

/*
 * The join record follows from ticket and keys alone, to the byte: a machine that begins anew with
 * its old keys states what it stated before. So it says nothing of the time or the program.
 */
static int state_join(struct actor *a, struct txn *t, const struct ticket *ticket, struct err *e) {
    struct payload_join p = {.sign_key = *key_pair_public(a->sign),
                             .transport_key = *key_pair_public(a->transport),
                             .role = ticket->role};
    struct hash id;
    struct buf b;
    buf_init(&b);
    int rc = payload_join_encode(&p, &b, e);
    if (rc == 0)
        rc = append_own(a, t, KIND_JOIN, &a->unit, buf_slice(&b), 0, &id, e);
    if (rc == 0)
        meta_put_hash(t, "join.record", &id);
    buf_done(&b);
    return rc;
}

/* Identity and join record, in the store's first transaction. */
static int give_birth(struct db *db, const struct ticket *ticket, const struct key_seeds *seeds,
                      const struct world *world, struct err *e) {
    struct actor_birth b = {
        .role = ticket->role, .unit = ticket->unit, .deployment = ticket->genesis};
    struct actor a = {.db = db, .epoch = 1, .role = ticket->role, .unit = ticket->unit};
    struct hash token;
    struct txn *t;
    memcpy(b.sign_seed, seeds->sign, SEED_BYTES);
    memcpy(b.transport_seed, seeds->transport, SEED_BYTES);
    world->random(world->arg, b.outbox.b, UID_BYTES);
    a.deployment = ticket->genesis;
    a.outbox = b.outbox;
    int rc = key_pair_sign_new(seeds->sign, &a.sign, e);
    if (rc == 0)
        rc = key_pair_transport_new(seeds->transport, &a.transport, e);
    if (rc == 0)
        crypto_actor(key_pair_public(a.sign), &a.id);
    if (rc == 0)
        rc = catalog_init(&a.catalog, e);
    if (rc == 0)
        rc = txn_begin(db, true, &t, e);
    if (rc == 0) {
        actor_born(t, &b);
        token_name(ticket, &token);
        meta_put_hash(t, "join.token", &token);
        meta_put_text(t, "hub.address", ticket->address);
        txn_put(t, TABLE_META, slice_str("hub.key"),
                slice_of(ticket->transport_key.b, PUBLIC_KEY_BYTES));
        meta_put_text(t, "unit.code", ticket->code);
        meta_put_text(t, "unit.name", ticket->name);
        rc = state_join(&a, t, ticket, e);
        if (rc == 0)
            rc = txn_commit(t, e);
        else
            txn_abort(t);
    }
    catalog_done(&a.catalog);
    key_pair_free(a.sign);
    key_pair_free(a.transport);
    crypto_wipe(&b, sizeof b);
    return rc;
}

/* Give up a join whose answer never came. The keys stay: they may be those of a machine that was
 * enrolled and lost all else, and what it stated is theirs alone. */
static int forget(const char *dir, struct err *e) {
    static const char *const files[] = {"data.mdb", "lock.mdb"};
    char path[PATH_BYTES];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (snprintf(path, sizeof path, "%s/%s", dir, files[i]) < (int)sizeof path &&
            unlink(path) != 0 && errno != ENOENT)
            return err_set(e, ERR_IO, "%s: %s", path, strerror(errno));
    return 0;
}

/* Begin, or go on; `ret_found` says what was there. */
static int prepare(const char *dir, const struct ticket *ticket, const char *passphrase,
                   const struct world *world, int *ret_found, struct err *e) {
    char path[PATH_BYTES];
    struct key_seeds seeds;
    struct db *db = NULL;
    if (snprintf(path, sizeof path, "%s/actor.key", dir) >= (int)sizeof path)
        return err_set(e, ERR_REFUSED, "%s: the path is too long", dir);
    int rc = db_open(dir, true, NULL, &db, e);
    if (rc == 0)
        rc = look(db, dir, ticket, e);
    if (rc >= 0)
        *ret_found = rc;
    if (rc == FOUND_NOTHING) {
        rc = make_keys(path, passphrase, world, &seeds, e);
        if (rc == 0)
            rc = give_birth(db, ticket, &seeds, world, e);
        crypto_wipe(&seeds, sizeof seeds);
    }
    db_close(db);
    return rc < 0 ? rc : 0;
}

int joining_prepare(const char *dir, const struct ticket *ticket, const char *passphrase,
                    const struct world *world, struct err *e) {
    int found = FOUND_NOTHING;
    bool made;
    int rc = joining_directory(dir, &made, e);
    if (rc == 0)
        rc = prepare(dir, ticket, passphrase, world, &found, e);
    if (rc == 0 && found == FOUND_OTHER_JOIN) {
        rc = forget(dir, e);
        if (rc == 0)
            rc = prepare(dir, ticket, passphrase, world, &found, e);
    }
    return rc;
}

static bool has_file(const char *dir, const char *name) {
    char path[PATH_BYTES];
    return snprintf(path, sizeof path, "%s/%s", dir, name) < (int)sizeof path &&
           access(path, F_OK) == 0;
}

bool joining_used(const char *dir, const struct ticket *ticket) {
    struct err ignored = {0};
    struct hash have, want;
    struct db *db;
    struct txn *t;
    bool used = false;
    if (!has_file(dir, "data.mdb") || !has_file(dir, KEYFILE_ACTOR) ||
        db_open(dir, false, NULL, &db, &ignored) != 0)
        return false;
    token_name(ticket, &want);
    if (txn_begin(db, false, &t, &ignored) == 0) {
        used = joining_done(t) && meta_hash(t, "join.token", &have) && hash_equal(&have, &want) &&
               txn_failed(t, &ignored) == 0;
        txn_abort(t);
    }
    db_close(db);
    return used;
}

bool joining_done(struct txn *t) {
    return meta_u64(t, "joined") != 0;
}

bool joining_exchanged(const struct actor *a, struct txn *t) {
    return log_has(t, &a->deployment);
}

bool joining_enrolment(struct txn *t, struct slice *ret_record) {
    return txn_get(t, TABLE_META, slice_str("join.enrolment"), ret_record);
}

int joining_hub_done(const struct actor *a, struct txn *t, struct err *e) {
    if (a->role != ROLE_HUB || a->is_root || joining_done(t))
        return 0;
    int rc = txn_failed(t, e);
    if (rc != 0)
        return rc;
    return err_set(e, ERR_REFUSED,
                   "this hub has not finished joining the one above: run the same `init --parent "
                   "TICKET` line again, or, if that hub refuses the ticket, with a new one");
}

int joining_request(struct actor *a, const struct ticket *ticket, struct post *post,
                    struct err *e) {
    struct txn *t;
    struct hash id;
    struct record r;
    struct frame f = {.type = FRAME_JOIN};
    int rc = txn_begin(a->db, false, &t, e);
    if (rc != 0)
        return rc;
    bool begun = meta_hash(t, "join.record", &id);
    rc = txn_failed(t, e);
    if (rc == 0 && !begun)
        rc = err_set(e, ERR_REFUSED, "this directory did not begin to join");
    if (rc == 0)
        rc = log_get(t, &id, &r, e);
    if (rc == 0) {
        memcpy(f.u.join.token, ticket->token, TOKEN_BYTES);
        f.u.join.record = r.bytes;
        rc = post_put(post, 0, &f, e);
    }
    txn_abort(t);
    if (rc == 0)
        post_release(post);
    return rc;
}

/* An actor that the way has proven so far: what it may author, and the key it signs with. */
struct step_down {
    struct hash actor;
    uint32_t epoch;
    uint8_t by; /* BY_… */
    struct public_key key;
};

#define WAY_MAX (LIMIT_BATCH_RECORDS + 1) /* two root keys, and who the other records enrol */

struct way {
    const struct actor *actor;
    struct arena arena;
    uint32_t n;
    struct step_down known[WAY_MAX];
    struct payload_grant last; /* what the last record granted … */
    enum role last_role;
};

static bool way_add(struct way *w, const struct hash *actor, uint32_t epoch, uint8_t by,
                    const struct public_key *key) {
    if (w->n == WAY_MAX)
        return false;
    w->known[w->n++] = (struct step_down){*actor, epoch, by, *key};
    return true;
}

/* Who stated `r`, if the way has led there and the signature holds. */
static const struct step_down *author_of(const struct way *w, const struct record *r) {
    for (uint32_t i = 0; i < w->n; i++)
        if (hash_equal(&w->known[i].actor, &r->h.actor) && w->known[i].epoch == r->h.epoch)
            return record_verify(r, &w->known[i].key) ? &w->known[i] : NULL;
    return NULL;
}

/* Genesis is its own proof; both keys that it names may grant. */
static bool way_begin(struct way *w, const struct record *r) {
    struct payload_genesis p;
    struct hash root, recovery;
    if (r->h.kind != KIND_GENESIS || !hash_equal(&r->id, &w->actor->deployment) ||
        payload_genesis_decode(r->payload, &w->arena, &p, NULL) != 0 ||
        !record_verify(r, &p.root_key))
        return false;
    crypto_actor(&p.root_key, &root);
    crypto_actor(&p.recovery_key, &recovery);
    return hash_equal(&root, &r->h.actor) && way_add(w, &root, 1, BY_ROOT_KEY, &p.root_key) &&
           way_add(w, &recovery, 1, BY_ROOT_KEY, &p.recovery_key);
}

/* What `r`, a grant or an enrolment, grants, and in which role; false where it does not, or whom it
 * enrols first did not ask for that. */
static bool granted(struct way *w, const struct record *r) {
    struct payload_enrol enrol;
    if (r->h.kind == KIND_GRANT) {
        w->last_role = ROLE_HUB;
        return payload_grant_decode(r->payload, &w->arena, &w->last, NULL) == 0;
    }
    if (r->h.kind != KIND_ENROL || payload_enrol_decode(r->payload, &w->arena, &enrol, NULL) != 0)
        return false;
    bool proven = true;
    w->last_role = enrol.role;
    w->last = enrol.grant;
    if (enrol.grant.epoch == 1 && payload_join_proven(&enrol, &r->h.deployment, &proven, NULL) != 0)
        w->arena.failed = true; /* as where there is no room to decode it */
    return proven;
}

/* Whether what `r` grants is the epoch after one that the way has led to, asked for by its key. */
static bool follows(const struct way *w, const struct record *r) {
    for (uint32_t i = 0; i < w->n; i++)
        if (hash_equal(&w->known[i].actor, &w->last.actor) &&
            w->known[i].epoch == w->last.epoch - 1)
            return r->h.kind == KIND_GRANT ||
                   payload_renewal_proven(&w->last, &r->h.deployment, &w->known[i].key);
    return false;
}

/* One step further: a grant by a root key, or an enrolment by a hub, in its lane 0. */
static bool way_step(struct way *w, const struct record *r) {
    const struct kind_rule *rule = kind_rule(r->h.kind);
    const struct step_down *author = author_of(w, r);
    struct hash actor;
    if (!rule || !author || !(rule->by & author->by) || !uid_is_zero(&r->h.lane) ||
        !hash_equal(&r->h.deployment, &w->actor->deployment) || !granted(w, r))
        return false;
    crypto_actor(&w->last.sign_key, &actor);
    if (w->last.epoch == 1 ? !hash_equal(&actor, &w->last.actor) : !follows(w, r))
        return false;
    return way_add(w, &w->last.actor, w->last.epoch, w->last_role == ROLE_HUB ? BY_HUB : BY_NODE,
                   &w->last.sign_key);
}

static bool same_key(const struct public_key *a, const struct public_key *b) {
    return memcmp(a->b, b->b, PUBLIC_KEY_BYTES) == 0;
}

/* Whether the last step enrols this actor, with its keys, for its unit, in its role. */
static bool leads_here(const struct way *w) {
    const struct actor *a = w->actor;
    const struct payload_grant *g = &w->last;
    return hash_equal(&g->actor, &a->id) && g->epoch == a->epoch &&
           same_key(&g->sign_key, key_pair_public(a->sign)) &&
           same_key(&g->transport_key, key_pair_public(a->transport)) &&
           uid_equal(&g->unit, &a->unit) && w->last_role == a->role;
}

/*
 * Follow the way from genesis down to this actor's enrolment; whoever stated that is the parent.
 * The records are only checked here: the parent's stream brings them again, with the lanes they
 * stand in.
 */
static bool follow_way(struct way *w, const struct frame_records *in, struct hash *ret_parent) {
    struct record r = {0};
    for (uint32_t i = 0; i < in->n; i++) {
        if (record_parse(in->records[i], &r, NULL) != 0 || r.erased ||
            r.h.payload_version != PAYLOAD_VERSION)
            return false;
        if (i == 0 ? !way_begin(w, &r) : !way_step(w, &r))
            return false;
    }
    *ret_parent = r.h.actor;
    return in->n > 1 && r.h.kind == KIND_ENROL && leads_here(w);
}

static int take_way(struct actor *a, struct txn *t, const struct frame_records *in,
                    struct hash *ret_parent, struct err *e) {
    struct way w = {.actor = a};
    arena_init(&w.arena, PAYLOAD_ARENA_BYTES);
    bool leads = follow_way(&w, in, ret_parent);
    bool no_memory = w.arena.failed && !w.arena.over_cap;
    arena_done(&w.arena);
    if (!leads && no_memory)
        return err_nomem(e);
    if (!leads)
        return err_set(e, ERR_REFUSED,
                       "the hub's answer does not lead from the fingerprint in the "
                       "ticket to this machine: ask for a new ticket, and compare the fingerprint");
    meta_put_hash(t, "parent", ret_parent);
    meta_put_u64(t, "joined", 1);
    txn_put(t, TABLE_META, slice_str("join.enrolment"), in->records[in->n - 1]);
    return 0;
}

static int take_answer(struct actor *a, const struct frame *f, struct err *e) {
    struct txn *t;
    struct hash parent;
    if (f->type == FRAME_REFUSED)
        return refusal_words(&f->u.refused, e);
    if (f->type != FRAME_JOINED)
        return err_set(e, ERR_AWAY,
                       "what answers there does not speak as a thidua hub: check the "
                       "address");
    int rc = actor_begin(a, true, &t, e);
    if (rc != 0)
        return rc;
    rc = take_way(a, t, &f->u.records, &parent, e);
    if (rc == 0)
        rc = actor_commit(a, t, e);
    else
        actor_abort(a, t);
    if (rc == 0)
        a->parent = parent;
    return rc;
}

int joining_answer(struct actor *a, struct slice frame, struct err *e) {
    struct arena arena;
    struct frame f;
    arena_init(&arena, FRAME_ARENA_BYTES);
    int rc = frame_decode(frame, &arena, &f, e);
    if (rc == 0)
        rc = take_answer(a, &f, e);
    arena_done(&arena);
    return rc;
}
