#include "hub/arrivals.h"
#include "hub/founding_key.h"
#include "hub/hub_call.h"
#include "hub/root_key.h"
#include "hub/verbs.h"
#include "node/call.h"
#include "node/joining.h"
#include "node/rotate_call.h"
#include "node/rotation.h"
#include "node/why.h"

/* The root hub: its new epoch is granted by the key that is here. */
static int rotate_root(struct verb_call *call, struct actor *a, struct err *e) {
    struct key_seeds seeds = {0};
    struct why why = {0};
    struct act_reason reason;
    struct txn *t = NULL;
    struct hash id;
    char text[HASH_TEXT];
    int rc = why_read(call, &why, &reason, e);
    if (rc == 0)
        rc = founding_key_read(call, &seeds, e);
    if (rc == 0)
        rc = rotation_prepare(a, call->data, call->world, e);
    if (rc == 0)
        rc = actor_begin(a, true, &t, e);
    if (rc == 0) {
        rc = root_key_rotate(a, t, seeds.sign, &reason, call->world->now(call->world->arg), &id, e);
        if (rc == 0)
            rc = actor_commit(a, t, e);
        else
            actor_abort(a, t);
    }
    if (rc == 0) {
        hash_text(&id, text);
        buf_printf(&call->out, "%s\n", text);
    }
    crypto_wipe(&seeds, sizeof seeds);
    why_done(&why);
    return rc;
}

static int rotate_below(struct verb_call *call, struct actor *a, struct err *e) {
    uint32_t received;
    int rc = rotation_prepare(a, call->data, call->world, e);
    if (rc != 0)
        return rc;
    rc = call_once(a, call->world, call->program->version, arrivals_earliest, -1, &received, e);
    if (rc == ERR_AWAY)
        world_say(
            call->world, &call->words,
            "the new key is made; it comes into use once the hub above is reached: run serve");
    return rc;
}

static int rotate(struct verb_call *call, struct actor *a, struct err *e) {
    struct txn *t;
    int rc = actor_begin(a, false, &t, e);
    if (rc == 0) {
        rc = joining_hub_done(a, t, e);
        actor_abort(a, t);
    }
    if (rc != 0)
        return rc;
    bool given = verb_text(call, "key") && verb_text(call, "reason");
    if (a->is_root && !given)
        return err_set(e, ERR_USAGE,
                       "this is the root hub: give root.key or recovery.key with --key, and why "
                       "with --reason");
    if (!a->is_root && (verb_text(call, "key") || verb_text(call, "reason")))
        return err_set(e, ERR_USAGE,
                       "this hub has one above it, which consents by itself: leave --key and "
                       "--reason out");
    return a->is_root ? rotate_root(call, a, e) : rotate_below(call, a, e);
}

static int run(struct verb_call *call, struct err *e) {
    return rotate_call_run(call, ROLE_HUB, rotate, e);
}

const struct verb hub_verb_rotate = {
    .name = "rotate",
    .options =
        (const struct verb_option[]){
            {.name = "key",
             .value = "FILE",
             .help = N_("of the root hub: root.key or recovery.key, which consents")},
            FOUNDING_KEY_PASSPHRASE,
            {.name = "reason", .value = "TEXT", .help = N_("of the root hub: why")},
            {.name = NULL},
        },
    .help = N_("change this hub's signing key, with the consent of who is above it"),
    .run = run,
};
