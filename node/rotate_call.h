/*
 * Rotate call: `rotate`, of office and hub alike, around what each of them does to get its new
 * keys granted.
 */
#ifndef NODE_ROTATE_CALL_H
#define NODE_ROTATE_CALL_H

#include "core/verb.h"
#include "node/actor.h"

/*
 * Hold the data directory of `call`, let `rotate` bring its actor, of `role`, to the new keys, and
 * open the directory again, which puts them in the place of the old ones; say so.
 */
int rotate_call_run(struct verb_call *call, enum role role,
                    int (*rotate)(struct verb_call *call, struct actor *a, struct err *e),
                    struct err *e);

#endif
