/*
 * Paths: through whom an actor was enrolled, link by link up to the root. What a hub gets and gives
 * goes by this and not by the tree of units, which people reorganise from a day on: a machine
 * speaks with the hub that enrolled it until another one does.
 */
#ifndef NODE_PATH_H
#define NODE_PATH_H

#include "node/roster.h"

/* Whether a hub of `unit` enrolled `m`, or the hub that did, and so on. */
bool path_through(struct txn *t, const struct member *m, const struct uid *unit);

#endif
