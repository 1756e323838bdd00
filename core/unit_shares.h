/*
 * Shares of the tree of units: how much of it hubs below the root may take, each by itself and each
 * branch (a direct child of the root, and all below it) together. So nobody takes the places of all
 * others, and what is read for one hub stays bounded. What is beyond a share says nothing. Whoever
 * reads facts in their order (proto/PROTOCOL.md, Units) comes to the same.
 */
#ifndef CORE_UNIT_SHARES_H
#define CORE_UNIT_SHARES_H

#include "core/units.h"

/* Who states a fact, and where. */
struct unit_author {
    struct hash hub;    /* the actor */
    struct hash branch; /* the direct child of the root that it is, or is below */
    uint32_t epoch;     /* of the record … */
    uint64_t seq;       /* … and its place in it */
};

/* What was used of one share. */
struct unit_share {
    struct hash of;
    bool is_branch;
    uint32_t facts;      /* stated, whether or not the tree took them */
    uint32_t units;      /* that are in the tree by its facts first */
    uint32_t full_epoch; /* of the record by which a hub used up its facts … */
    uint64_t full_seq;   /* … and its place; 0: it did not */
};

struct unit_shares {
    uint32_t n;
    struct unit_share *list; /* by `of`, a hub before the branch of the same name */
};

void unit_shares_init(struct unit_shares *s);
void unit_shares_done(struct unit_shares *s);

/* How much the hub, or the branch, of `author` has used. */
struct unit_share unit_shares_hub(const struct unit_shares *s, const struct unit_author *author);
struct unit_share unit_shares_branch(const struct unit_shares *s, const struct unit_author *author);

/*
 * A record by `author` states `n` facts; one that cannot be read weighs as a full one. The first
 * `ret_counted` of them are within the shares. ERR_NOMEM.
 */
int unit_shares_state(struct unit_shares *s, const struct unit_author *author, uint32_t n,
                      uint32_t *ret_counted, struct err *e);
/* Whether the hub of `author` had used up its facts in a record before that one: it says nothing.
 */
bool unit_shares_beyond(const struct unit_shares *s, const struct unit_author *author);
/* Whether the unit of `fact` would lie, over time, below no more than LIMIT_UNIT_WAYS others. */
bool unit_shares_within_ways(const struct units *u, const struct unit_fact *fact);
/*
 * Add `fact`, which counts (unit_shares_state), to `u`, as units_add does, and without words:
 * nobody is there to be told. ERR_REFUSED also where it is about a new unit and there is no share
 * left for one, where LIMIT_FACTS_PER_UNIT are stated of it, or where it is not within its ways.
 */
int unit_shares_add(struct unit_shares *s, struct units *u, const struct unit_author *author,
                    const struct unit_fact *fact);
/* Whether the branch of `author` has used up its share; then who is read first of its hubs counts.
 */
bool unit_shares_full(const struct unit_shares *s, const struct unit_author *author);

#endif
