#include "node/command.h"

#include "node/joining.h"

/* What `use` asks of the actor before the verb looks at anything. */
static int check_use(struct verb_call *call, const struct actor *a, enum command_use use,
                     struct err *e) {
    char text[ERR_ARGS * ERR_ARG_BYTES];
    struct err why = {0};
    if (use == COMMAND_STATE)
        return actor_may_sign(a, e);
    enum actor_state state = actor_state(a);
    bool behind = state == ACTOR_SPENT;             /* what it shows may lack something */
    bool apart = state == ACTOR_FOREIGN && a->sign; /* of keys that are gone one is told already */
    if (use != COMMAND_KEY &&
        (apart || (use != COMMAND_TELL && (state == ACTOR_ENDED || behind)))) {
        (void)actor_may_sign(a, &why);
        buf_printf(&call->words, "%s\n", err_text(&why, call->world->tr, text, sizeof text));
    }
    return 0;
}

/* Open the actor; who reads needs no keys, and is told what to do where they are gone. */
static int open_actor(struct verb_call *call, enum role role, enum command_use use,
                      struct actor *ret_actor, struct err *e) {
    char text[ERR_ARGS * ERR_ARG_BYTES];
    struct err keyless = {0};
    const char *passphrase = call->world->passphrase;
    if (use != COMMAND_READ && use != COMMAND_TELL)
        return actor_open(call->data, role, passphrase, NULL, ret_actor, e);
    int rc = actor_open_to_read(call->data, role, passphrase, &keyless, ret_actor, e);
    if (rc == 0 && keyless.code != 0)
        buf_printf(&call->words, "%s\n", err_text(&keyless, call->world->tr, text, sizeof text));
    return rc;
}

int command_begin(struct verb_call *call, enum role role, enum command_use use,
                  struct command *ret_command, struct err *e) {
    struct command c = {.call = call, .world = call->world, .write = use > COMMAND_TELL};
    c.now = c.world->now(c.world->arg);
    c.today = instant_day(c.now);
    int rc = open_actor(call, role, use, &c.actor, e);
    if (rc != 0)
        return rc;
    rc = actor_begin(&c.actor, c.write, &c.t, e);
    if (rc == 0)
        rc = joining_hub_done(&c.actor, c.t, e);
    if (rc == 0)
        rc = check_use(call, &c.actor, use, e);
    if (rc != 0) {
        actor_abort(&c.actor, c.t);
        actor_close(&c.actor);
        return rc;
    }
    *ret_command = c;
    return 0;
}

int command_end(struct command *c, int rc, struct err *e) {
    if (!c->t)
        return rc;
    int failed = txn_failed(c->t, NULL);
    if (failed != 0) { /* whatever a verb made of what it could not read */
        err_clear(e);
        rc = txn_failed(c->t, e);
    }
    if (failed != 0 || rc == ERR_CORRUPT) /* half of what is there is not what is there */
        buf_clear(&c->call->out);
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
