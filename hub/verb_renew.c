#include "hub/founding_key.h"
#include "hub/hand_back.h"
#include "hub/hub_call.h"
#include "hub/root_key.h"
#include "hub/verbs.h"
#include "store/meta.h"

/* What nobody can hand back, since the copy was made `copied` (0: unknown). */
static void tell_gone(struct command *s, uint64_t copied) {
    char when[INSTANT_TEXT];
    const struct world *w = s->world;
    if (copied != 0) {
        instant_text_people((instant)copied, when);
        world_say(w, &s->call->words,
                  "what was stated here since the copy was made on %s, and nobody below had been "
                  "sent yet, is gone: compare campaigns, units and acts with your papers",
                  when);
        return;
    }
    world_say(w, &s->call->words,
              "what was stated here since the copy was made, and nobody below had been sent yet, "
              "is gone: compare campaigns, units and acts with your papers");
}

static int renew(struct command *s, const struct key_seeds *seeds, struct err *e) {
    struct hash id;
    char text[HASH_TEXT];
    struct verb_call *call = s->call;
    int rc = hand_back_done(s, verb_text(call, "without"), e);
    if (rc == 0)
        rc = root_key_renew(&s->actor, s->t, seeds->sign, s->now, &id, e);
    if (rc != 0)
        return rc;
    uint64_t copied = meta_u64(s->t, "copied");
    if (call->dry_run) {
        world_say(call->world, &call->words, "this hub would sign on in its next epoch");
        tell_gone(s, copied);
        return 0;
    }
    meta_put_u64(s->t, "copied", 0);
    hash_text(&id, text);
    buf_printf(&call->out, "%s\n", text);
    world_say(call->world, &call->words,
              "this hub signs on in epoch %u: take the key file away again", s->actor.epoch);
    tell_gone(s, copied);
    return 0;
}

static int run(struct verb_call *call, struct err *e) {
    struct command s = {0};
    struct key_seeds seeds = {0};
    int rc = command_begin(call, ROLE_HUB, COMMAND_KEY, &s, e);
    if (rc == 0)
        rc = founding_key_read(call, &seeds, e);
    if (rc == 0)
        rc = renew(&s, &seeds, e);
    crypto_wipe(&seeds, sizeof seeds);
    return command_end(&s, rc, e);
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
            FOUNDING_KEY_PASSPHRASE,
            {.name = "without",
             .value = "CODE[,CODE…]",
             .help = N_("units whose machines are gone for good: not waited for")},
            {.name = NULL},
        },
    .help = N_("let the root hub go on after an older copy of its data was put back"),
    .run = run,
};
