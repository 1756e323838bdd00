#include "node/command.h"

int command_begin(struct verb_call *call, bool write, struct command *ret_command, struct err *e) {
    struct command c = {.call = call, .world = call->world, .write = write};
    c.now = c.world->now(c.world->arg);
    c.today = instant_day(c.now);
    int rc = actor_open(call->data, ROLE_NODE, call->world->passphrase, NULL, &c.actor, e);
    if (rc != 0)
        return rc;
    rc = actor_begin(&c.actor, write, &c.t, e);
    if (rc != 0) {
        actor_close(&c.actor);
        return rc;
    }
    *ret_command = c;
    return 0;
}

int command_end(struct command *c, int rc, struct err *e) {
    if (rc == 0)
        rc = txn_failed(c->t, e);
    if (rc == 0 && c->write && !c->call->dry_run) {
        rc = actor_commit(&c->actor, c->t, e);
        if (rc != 0) { /* what verbs told beforehand did not come true */
            buf_clear(&c->call->out);
            buf_clear(&c->call->words);
        }
    } else {
        txn_abort(c->t); /* the actor ends here, so nothing reads its catalog again */
    }
    actor_close(&c->actor);
    return rc;
}
