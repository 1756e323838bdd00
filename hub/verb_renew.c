#include "hub/hub_call.h"
#include "hub/root_key.h"
#include "hub/verbs.h"
#include "store/keyfile.h"
#include "store/secret.h"

static int renew(struct hub_call *s, const struct key_seeds *seeds, struct err *e) {
    struct hash id;
    char text[HASH_TEXT];
    struct verb_call *call = s->call;
    int rc = root_key_renew(&s->actor, s->t, seeds->sign, s->now, &id, e);
    if (rc == 0 && !call->dry_run)
        rc = hub_call_commit(s, e);
    if (rc != 0)
        return rc;
    if (call->dry_run) {
        world_say(call->world, &call->words, "this hub would sign on in its next epoch");
        return 0;
    }
    hash_text(&id, text);
    buf_printf(&call->out, "%s\n", text);
    world_say(call->world, &call->words,
              "this hub signs on in epoch %u: take the key file away again", s->actor.epoch);
    return 0;
}

static int run(struct verb_call *call, struct err *e) {
    struct hub_call s;
    struct key_seeds seeds = {0};
    struct secret *root = NULL;
    const char *sealed_by = verb_text(call, "root-passphrase-file");
    int rc = hub_call_open(&s, call, true, e);
    if (rc == 0 && sealed_by)
        rc = secret_read(sealed_by, false, call->world, &root, e);
    if (rc == 0)
        rc = keyfile_read(verb_text(call, "key"), secret_text(root), &seeds, e);
    secret_free(root);
    if (rc == 0)
        rc = renew(&s, &seeds, e);
    crypto_wipe(&seeds, sizeof seeds);
    hub_call_done(&s);
    return rc;
}

const struct verb hub_verb_renew = {
    .name = "renew",
    .flags = VERB_DRY_RUN,
    .options =
        (const struct verb_option[]){
            {.name = "key",
             .value = "FILE",
             .required = true,
             .help = N_("root.key or recovery.key of this deployment")},
            {.name = "root-passphrase-file",
             .value = "FILE",
             .help = N_("what that key is sealed with; -: ask for the passphrase")},
            {.name = NULL},
        },
    .help = N_("let the root hub go on after an older copy of its data was put back"),
    .run = run,
};
