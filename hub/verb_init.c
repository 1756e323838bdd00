#include "core/limits.h"
#include "core/mem.h"
#include "core/text.h"
#include "core/word.h"
#include "hub/arrivals.h"
#include "hub/found.h"
#include "hub/verbs.h"
#include "node/call.h"
#include "node/joining.h"
#include "proto/endpoint.h"
#include "store/keyfile.h"
#include "store/meta.h"
#include "store/secret.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_BYTES 4096
#define LISTEN_DEFAULT "tcp://*:7411"

static const char *listens_at(const struct verb_call *call) {
    return verb_text(call, "listen") ? verb_text(call, "listen") : LISTEN_DEFAULT;
}

/* Where it was not said, where `serve` will listen. */
static void tell_listen(struct verb_call *call) {
    if (!verb_text(call, "listen"))
        world_say(call->world, &call->words,
                  "`serve` will listen at %s; `serve --listen tcp://HOST:PORT` at another place",
                  LISTEN_DEFAULT);
}

/* The files that an init writes, so that a failed one can take them back. */
struct files {
    char actor_key[PATH_BYTES];
    bool root_written, recovery_written, actor_written, dir_made;
};

static int check_arguments(struct verb_call *call, struct err *e) {
    int rc = text_code_check(verb_text(call, "unit"), e);
    if (rc == 0)
        rc = text_code_check(verb_text(call, "level") ? verb_text(call, "level") : "province", e);
    if (rc == 0 && verb_text(call, "name")[strspn(verb_text(call, "name"), " \t")] == '\0')
        rc = err_set(e, ERR_REFUSED, "the name is empty: give the unit's name after --name");
    if (rc == 0 && strlen(verb_text(call, "name")) > LIMIT_NAME)
        rc = err_set(e, ERR_REFUSED, "the name is longer than %u bytes", LIMIT_NAME);
    if (rc == 0 && verb_text(call, "listen"))
        rc = endpoint_listens(verb_text(call, "listen"), e);
    return rc;
}

/* One of the two keys that found, into the current folder; sealed where there is a passphrase. */
static int write_founding_key(const char *path, const uint8_t seed[SEED_BYTES],
                              const struct world *w, const struct secret *passphrase,
                              bool *ret_written, struct err *e) {
    struct key_seeds seeds = {{0}, {0}};
    uint8_t salt[SEAL_SALT_BYTES], nonce[SEAL_NONCE_BYTES];
    w->random(w->arg, salt, sizeof salt);
    w->random(w->arg, nonce, sizeof nonce);
    memcpy(seeds.sign, seed, SEED_BYTES);
    int rc = keyfile_write(path, &seeds, secret_text(passphrase), salt, nonce, e);
    crypto_wipe(&seeds, sizeof seeds);
    *ret_written = rc == 0;
    return rc;
}

static int write_keys(struct verb_call *call, const struct founding *f, struct files *files,
                      struct err *e) {
    struct key_seeds seeds;
    uint8_t salt[SEAL_SALT_BYTES], nonce[SEAL_NONCE_BYTES];
    const struct world *w = call->world;
    const char *sealed_by = verb_text(call, "root-passphrase-file");
    struct secret *root = NULL;
    if (snprintf(files->actor_key, PATH_BYTES, "%s/actor.key", call->data) >= PATH_BYTES)
        return err_set(e, ERR_REFUSED, "%s: the path is too long", call->data);
    int rc = joining_directory(call->data, &files->dir_made, e);
    if (rc != 0)
        return rc;
    w->random(w->arg, salt, sizeof salt);
    w->random(w->arg, nonce, sizeof nonce);
    memcpy(seeds.sign, f->sign_seed, SEED_BYTES);
    memcpy(seeds.transport, f->transport_seed, SEED_BYTES);
    rc = keyfile_write(files->actor_key, &seeds, w->passphrase, salt, nonce, e);
    files->actor_written = rc == 0;
    crypto_wipe(&seeds, sizeof seeds);
    if (rc == 0 && sealed_by)
        rc = secret_read(sealed_by, SECRET_OF_ROOT, true, w, &root, e);
    if (rc == 0)
        rc = write_founding_key("root.key", f->root_seed, w, root, &files->root_written, e);
    if (rc == 0)
        rc = write_founding_key("recovery.key", f->recovery_seed, w, root, &files->recovery_written,
                                e);
    secret_free(root);
    return rc;
}

static int found(struct verb_call *call, const struct founding *f, struct hash *ret_genesis,
                 struct err *e) {
    struct db *db;
    int rc = db_open(call->data, true, NULL, &db, e);
    if (rc != 0)
        return rc;
    rc = found_root(db, f, ret_genesis, e);
    db_close(db);
    return rc;
}

static void take_back(const struct verb_call *call, const struct files *files) {
    char path[PATH_BYTES + 16];
    static const char *const store[] = {"data.mdb", "lock.mdb"};
    if (files->root_written)
        unlink("root.key");
    if (files->recovery_written)
        unlink("recovery.key");
    if (!files->actor_written)
        return;
    unlink(files->actor_key);
    for (size_t i = 0; i < 2; i++)
        if (snprintf(path, sizeof path, "%s/%s", call->data, store[i]) < (int)sizeof path)
            unlink(path);
    if (files->dir_made)
        rmdir(call->data);
}

static int run_root(struct verb_call *call, struct err *e) {
    const struct world *w = call->world;
    struct founding f = {.code = verb_text(call, "unit"), .now = w->now(w->arg)};
    struct files files = {0};
    struct hash genesis;
    char *name = NULL, text[HASH_TEXT];
    f.level = word_level(verb_text(call, "level") ? verb_text(call, "level") : "province");
    f.listen = listens_at(call);
    int rc = check_arguments(call, e);
    if (rc == 0)
        rc = actor_vacant(call->data, e);
    if (rc == 0)
        rc = text_nfc(slice_str(verb_text(call, "name")), &name, e);
    if (rc != 0)
        return rc;
    f.name = name;
    w->random(w->arg, f.root_seed, SEED_BYTES);
    w->random(w->arg, f.recovery_seed, SEED_BYTES);
    w->random(w->arg, f.sign_seed, SEED_BYTES);
    w->random(w->arg, f.transport_seed, SEED_BYTES);
    w->random(w->arg, f.unit.b, UID_BYTES);
    rc = write_keys(call, &f, &files, e);
    if (rc == 0)
        rc = found(call, &f, &genesis, e);
    if (rc != 0) {
        take_back(call, &files);
    } else {
        hash_text(&genesis, text);
        buf_printf(&call->out, "%s\n", text);
        world_say(w, &call->words,
                  "root.key and recovery.key are in the current folder: take both "
                  "away, to two safe places; this machine does not need them");
        world_say(w, &call->words,
                  "the line on standard output is the fingerprint of this "
                  "deployment: publish it, whoever verifies needs it");
        tell_listen(call);
    }
    crypto_wipe(&f, sizeof f);
    mem_free(name);
    return rc;
}

/* Note where this hub will listen. */
static int note_listen(struct actor *a, const char *listen, struct err *e) {
    struct txn *t;
    int rc = txn_begin(a->db, true, &t, e);
    if (rc != 0)
        return rc;
    meta_put_text(t, "listen", listen);
    return txn_commit(t, e);
}

/* Join the hub above and take what it has for us. */
static int join_above(struct verb_call *call, struct actor *a, const struct ticket *ticket,
                      struct err *e) {
    uint32_t received;
    int rc = call_join(a, ticket, call->world, -1, e);
    if (rc == 0)
        world_say(call->world, &call->words, "joined: this hub serves %s %s", ticket->code,
                  ticket->name);
    if (rc == 0)
        tell_listen(call);
    if (rc == 0)
        rc = call_once(a, call->world, call->program->version, arrivals_earliest, -1, &received, e);
    return rc;
}

static int run_below(struct verb_call *call, struct err *e) {
    struct ticket ticket;
    struct actor a;
    char text[HASH_TEXT];
    int rc = ticket_parse(verb_text(call, "parent"), &ticket, e);
    if (rc == 0 && ticket.role != ROLE_HUB)
        rc = err_set(e, ERR_REFUSED, "this ticket is for a node: use `thidua-node join`");
    if (rc == 0 && verb_text(call, "listen"))
        rc = endpoint_listens(verb_text(call, "listen"), e);
    if (rc == 0)
        rc = joining_prepare(call->data, &ticket, call->world->passphrase, call->world, e);
    if (rc == 0)
        rc = actor_open(call->data, ROLE_HUB, call->world->passphrase, NULL, &a, e);
    if (rc != 0)
        return rc;
    rc = note_listen(&a, listens_at(call), e);
    if (rc == 0)
        rc = join_above(call, &a, &ticket, e);
    if (rc == 0) {
        hash_text(&a.deployment, text);
        buf_printf(&call->out, "%s\n", text);
    }
    actor_close(&a);
    return rc;
}

static int run(struct verb_call *call, struct err *e) {
    bool root = verb_text(call, "unit") && verb_text(call, "name");
    bool below = verb_text(call, "parent") != NULL;
    if (below && verb_text(call, "root-passphrase-file"))
        return err_set(e, ERR_USAGE,
                       "a hub under another has no root.key to seal: leave "
                       "--root-passphrase-file out");
    if (below && (verb_text(call, "unit") || verb_text(call, "name") || verb_text(call, "level")))
        return err_set(e, ERR_USAGE,
                       "with --parent, unit and name come from the ticket: leave --unit, "
                       "--name and --level out");
    if (!below && !root)
        return err_set(e, ERR_USAGE, "init needs --unit and --name, or --parent with a ticket");
    return below ? run_below(call, e) : run_root(call, e);
}

static const struct verb_option options[] = {
    {.name = "unit", .value = "CODE", .help = N_("code of the root unit")},
    {.name = "name", .value = "NAME", .help = N_("its name")},
    {.name = "level", .value = "LEVEL", .help = N_("its level (province)")},
    {.name = "listen", .value = "tcp://HOST:PORT", .help = N_("where it will listen")},
    {.name = "root-passphrase-file",
     .value = "FILE",
     .help = N_("seal root.key and recovery.key; -: ask for the passphrase")},
    {.name = "parent", .value = "TICKET", .help = N_("make a hub under another")},
    {.name = NULL},
};

const struct verb hub_verb_init = {
    .name = "init",
    .options = options,
    .help = N_("make a root hub with its keys, or with --parent one under another"),
    .run = run,
};
