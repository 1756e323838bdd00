/*
 * Authors of reports, and the hubs above each, whose receipts count for it: those that enrolled it,
 * link by link up to the root.
 */
#ifndef NODE_SLOT_AUTHOR_H
#define NODE_SLOT_AUTHOR_H

#include "core/limits.h"
#include "node/roster.h"

/* The hubs above one author, the nearest first. */
struct slot_author_above {
    uint32_t n;
    struct slot_author_hub {
        struct hash actor;
        struct uid unit;
        bool is_root;
        bool ended; /* in any epoch, replaced or revoked: not all that it said stands */
    } hubs[LIMIT_UNIT_DEPTH + 1];
};

/* One epoch of an author of reports, which is of no slot. All zero is nobody. */
struct slot_author {
    struct hash actor;
    uint32_t epoch;
    bool ended; /* in this epoch or another: not all that it stated stands */
    struct slot_author_above above;
};

/*
 * Know `actor` in `epoch`, as `t` has it, from now on in `a`, which is quick where that is who it
 * was, or where the same hub enrolled both. After a failure `a` is nobody.
 */
int slot_author_know(struct slot_author *a, struct txn *t, const struct hash *actor, uint32_t epoch,
                     struct err *e);

#endif
