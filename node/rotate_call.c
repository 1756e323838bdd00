#include "node/rotate_call.h"

#include "store/lock.h"

static int open_again(struct verb_call *call, enum role role, struct err *e) {
    struct actor a;
    int rc = actor_open(call->data, role, call->world->passphrase, NULL, &a, e);
    if (rc != 0)
        return rc;
    if (role == ROLE_HUB)
        world_say(call->world, &call->words,
                  "this hub signs with a new key from now on, in epoch %u; the old one is wiped, "
                  "and copies of the directory from before cannot be put back",
                  a.epoch);
    else
        world_say(call->world, &call->words,
                  "this machine signs with new keys from now on, in epoch %u; the old ones are "
                  "wiped, and copies of the directory from before cannot be put back",
                  a.epoch);
    actor_close(&a);
    return 0;
}

int rotate_call_run(struct verb_call *call, enum role role,
                    int (*rotate)(struct verb_call *call, struct actor *a, struct err *e),
                    struct err *e) {
    struct actor a;
    int lock_fd = -1;
    int rc = lock_take(call->data, &lock_fd, e);
    if (rc == 0)
        rc = actor_open(call->data, role, call->world->passphrase, NULL, &a, e);
    if (rc == 0) {
        rc = rotate(call, &a, e);
        actor_close(&a);
    }
    if (rc == 0)
        rc = open_again(call, role, e);
    lock_give(lock_fd);
    return rc;
}
