#include "node/call.h"
#include "node/joining.h"
#include "node/pending.h"
#include "node/rotate_call.h"
#include "node/rotation.h"
#include "node/verbs.h"

/* Ask the hub; what does not come to an end now is gone on with by `sync`. */
static int ask(struct verb_call *call, struct actor *a, struct err *e) {
    uint32_t received;
    int rc = call_once(a, call->world, call->program->version, pending_earliest, -1, &received, e);
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

static int run(struct verb_call *call, struct err *e) {
    return rotate_call_run(call, ROLE_NODE, rotate, e);
}

const struct verb node_verb_rotate = {
    .name = "rotate",
    .help = N_("change this machine's keys, with the consent of its hub"),
    .run = run,
};
