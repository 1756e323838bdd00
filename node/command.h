/*
 * Command: what every verb that works on a store begins and ends with. The actor of the data
 * directory, one transaction that holds everything the verb does, the instant at which it was
 * asked. It is committed in one place, which alone knows of dry runs.
 */
#ifndef NODE_COMMAND_H
#define NODE_COMMAND_H

#include "core/verb.h"
#include "node/actor.h"

struct command {
    struct verb_call *call;
    const struct world *world;
    struct actor actor;
    struct txn *t; /* NULL: not begun */
    bool write;
    instant now;
    day today;
};

/* What a verb is about to do. Where the actor may sign nothing, only COMMAND_STATE is refused; to a
 * reader it is told if that is for good. */
enum command_use {
    COMMAND_EXPORT, /* read, and sign what was read */
    COMMAND_READ,   /* this and COMMAND_TELL go on without a key file, and say that it is gone */
    COMMAND_TELL,   /* read, and tell that oneself */
    COMMAND_KEEP,   /* write what stays on this machine */
    COMMAND_STATE,  /* state something, or hand out what only counts if it may */
    COMMAND_KEY,    /* have a founding key state something, whatever the actor itself may */
};

/* Open the actor of `role` of `call` for `use`: a transaction for reading, or a write transaction.
 */
int command_begin(struct verb_call *call, enum role role, enum command_use use,
                  struct command *ret_command, struct err *e);
/*
 * End `c` with `rc`, what the verb came to: a write is committed where that is 0 and it was no dry
 * run, and dropped otherwise. Returns what the whole came to. One that is all zero was never begun:
 * then that is `rc`.
 */
int command_end(struct command *c, int rc, struct err *e);

#endif
