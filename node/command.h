/*
 * Command: what every verb of the node begins and ends with. The actor of the data directory, one
 * transaction that holds everything the verb does, the instant at which it was asked.
 */
#ifndef NODE_COMMAND_H
#define NODE_COMMAND_H

#include "core/verb.h"
#include "node/actor.h"

struct command {
    struct verb_call *call;
    const struct world *world;
    struct actor actor;
    struct txn *t;
    bool write;
    instant now;
    day today;
};

/* Open the node of `call` for reading, or with `write` for one write transaction. */
int command_begin(struct verb_call *call, bool write, struct command *ret_command, struct err *e);
/*
 * End `c` with `rc`, what the verb came to: a write is committed where that is 0 and it was no dry
 * run, and dropped otherwise. Returns what the whole came to. To be called after a begin that
 * succeeded, and only then.
 */
int command_end(struct command *c, int rc, struct err *e);

#endif
