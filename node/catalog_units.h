/*
 * The units of a catalog: what every hub stated of the tree, hubs above before those below, each in
 * the order of its own log, whatever the order in which it came to be held. What a hub says of
 * units that were never below it is passed over.
 */
#ifndef NODE_CATALOG_UNITS_H
#define NODE_CATALOG_UNITS_H

#include "core/units.h"
#include "node/roster.h"

/* Where a record of units stands among all of them. */
struct units_place {
    uint32_t depth; /* of its author: 1 is the root hub */
    struct hash actor;
    uint32_t epoch;
    uint64_t seq;
};

struct catalog_units {
    struct units *units;
    struct units *retired;   /* the tree before it was made anew; callers may still look at it */
    struct units_place last; /* of the record read last; all zero: none */
};

int catalog_units_init(struct catalog_units *c, struct err *e);
void catalog_units_done(struct catalog_units *c);
/*
 * Read the records of units that `t` holds beyond the local number `seen`. Where one of them
 * belongs before what was read, the tree is made anew. A fact that cannot be taken is passed over.
 */
int catalog_units_read(struct catalog_units *c, struct txn *t, uint64_t seen, struct err *e);

/*
 * The tree as the hub `actor` and those above it state it in `t`, without what hubs below them did,
 * into `ret_units`, to be freed by units_free.
 */
int catalog_units_above(struct txn *t, const struct hash *actor, struct units **ret_units,
                        struct err *e);

#endif
