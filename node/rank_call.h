/*
 * The verb `rank`, which node and hub have alike: each over what it holds of its own subtree.
 */
#ifndef NODE_RANK_CALL_H
#define NODE_RANK_CALL_H

#include "core/verb.h"
#include "node/actor.h"

extern const struct verb_option rank_call_options[];

/* Do what `call` asks, with the options above, over what `t` holds at actor `a`. */
int rank_call_run(struct verb_call *call, struct actor *a, struct txn *t, struct err *e);

#endif
