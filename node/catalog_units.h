/*
 * The units of a catalog: what every hub stated of the tree, hubs above before those below, each in
 * the order of its own log, whatever the order in which it came to be held. What a hub says of
 * units that were never below it is passed over, and so is what is beyond its share.
 */
#ifndef NODE_CATALOG_UNITS_H
#define NODE_CATALOG_UNITS_H

#include "core/unit_shares.h"
#include "node/roster.h"
#include "node/unit_marks.h"

struct catalog_units {
    struct units *units;
    struct unit_shares shares; /* of hubs below the root, used so far */
    struct unit_marks *marks;
    struct units *retired; /* the tree before it was made anew; callers may still look at it */
    struct unit_marks_place last; /* of the record read that stands last; all zero: none */
    uint64_t remade;              /* how often the tree was made anew */
    bool past_end; /* some were stated after their author's end, and are passed over */
};

int catalog_units_init(struct catalog_units *c, struct err *e);
void catalog_units_done(struct catalog_units *c);
/*
 * Read the records of units that `t` holds beyond the local number `seen`. Where one of them
 * belongs before what was read and does not commute with that (node/unit_marks.h), the tree is made
 * anew. A fact that cannot be taken, or is beyond its author's share, is passed over.
 */
int catalog_units_read(struct catalog_units *c, struct txn *t, uint64_t seen, struct err *e);

/*
 * How many facts, and facts that add a unit to its branch or to its own, the hub `actor` may still
 * state so that they count, by what `c` read; UINT32_MAX where it has no bound.
 */
struct catalog_units_room {
    uint32_t facts, branch_units, own_units;
};
struct catalog_units_room catalog_units_room(const struct catalog_units *c, struct txn *t,
                                             const struct hash *actor);

/*
 * The tree as the hub `actor` and those above it state it in `t`, without what hubs below them did,
 * into `ret_units`, to be freed by units_free.
 */
int catalog_units_above(struct txn *t, const struct hash *actor, struct units **ret_units,
                        struct err *e);

#endif
