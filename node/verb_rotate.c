#include "node/call.h"
#include "node/joining.h"
#include "node/rotation.h"
#include "node/verbs.h"
#include "store/lock.h"

/* Ask the hub; what does not come to an end now is gone on with by `sync`. */
static int ask(struct verb_call *call, struct actor *a, struct err *e) {
    uint32_t received;
    int rc = call_once(a, call->world, call->program->version, -1, &received, e);
    if (rc == ERR_AWAY)
        world_say(call->world, &call->words,
                  "the new keys are made; they come into use once the hub is reached: run sync");
    return rc;
}

static int rotate(struct verb_call *call, struct actor *a, struct err *e) {
    struct txn *t;
    int rc = actor_begin(a, false, &t, e);
    if (rc != 0)
        return rc;
    bool joined = joining_done(t);
    actor_abort(a, t);
    if (!joined)
        return err_set(e, ERR_REFUSED,
                       "this directory has not finished joining: run join again with its ticket");
    rc = rotation_prepare(a, call->data, call->world, e);
    return rc == 0 ? ask(call, a, e) : rc;
}

/* Opened again, the directory puts its new keys in the place of the old ones. */
static int tell(struct verb_call *call, struct err *e) {
    struct actor a;
    int rc = actor_open(call->data, ROLE_NODE, call->world->passphrase, NULL, &a, e);
    if (rc != 0)
        return rc;
    world_say(call->world, &call->words,
              "this machine signs with new keys from now on, in epoch %u; the old ones are wiped, "
              "and copies of the directory from before cannot be put back",
              a.epoch);
    actor_close(&a);
    return 0;
}

static int run(struct verb_call *call, struct err *e) {
    struct actor a;
    int lock_fd = -1;
    int rc = lock_take(call->data, &lock_fd, e);
    if (rc == 0)
        rc = actor_open(call->data, ROLE_NODE, call->world->passphrase, NULL, &a, e);
    if (rc == 0) {
        rc = rotate(call, &a, e);
        actor_close(&a);
    }
    if (rc == 0)
        rc = tell(call, e);
    lock_give(lock_fd);
    return rc;
}

const struct verb node_verb_rotate = {
    .name = "rotate",
    .help = N_("change this machine's keys, with the consent of its hub"),
    .run = run,
};
