/*
 * Shares of what is stated of campaigns: versions, scoring profiles, assignments and ends are held
 * in memory by whoever reads them, so of each hub below the root, and of each branch (a direct
 * child of the root with all below it), what is beyond a share says nothing. A view in memory, part
 * of the catalog: which records count is the same whatever the order in which they came
 * (proto/PROTOCOL.md, Campaigns).
 */
#ifndef NODE_CAMPAIGN_SHARES_H
#define NODE_CAMPAIGN_SHARES_H

#include "node/roster.h"
#include "node/unit_marks.h"

/* What was used of one share. */
struct campaign_share {
    struct hash of, branch;      /* a hub and its branch, or a branch twice */
    struct uid unit;             /* of the hub; zero of a branch */
    uint64_t used;               /* by what counts */
    bool over;                   /* more was stated … */
    struct unit_marks_place cut; /* … from this record on: it and what stands behind say nothing */
};

/* All zero is empty. As long as all together would fit into the share of one hub, it is not asked
 * whose they are. */
struct campaign_shares {
    uint64_t all; /* that was weighed, by whomever */
    bool exact;   /* it was asked: the list says what was used */
    bool any_over;
    uint32_t n;
    struct campaign_share *list; /* by `of`, a hub before the branch of the same name */
};
void campaign_shares_done(struct campaign_shares *s);

/* Whether records of `kind` weigh. */
bool campaign_shares_weighs(uint16_t kind);
/*
 * Weigh `r`, which stands, by `author`. `ret_anew`: what counts is to be found out in order, by
 * campaign_shares_make, and what was read to be read anew.
 */
int campaign_shares_take(struct campaign_shares *s, struct txn *t, const struct record *r,
                         const struct member *author, bool *ret_anew, struct err *e);
/* Weigh all that `t` holds into `s`, which is empty. */
int campaign_shares_make(struct campaign_shares *s, struct txn *t, struct err *e);
/* Whether the record with header `h`, which was weighed, counts. */
bool campaign_shares_count(const struct campaign_shares *s, struct txn *t,
                           const struct record_header *h);
/* Whether hubs of `unit`, or their branches, stated more than counts. */
bool campaign_shares_over(const struct campaign_shares *s, const struct uid *unit);
/* How much the hub `actor` may still state so that it counts, into `ret_room`; UINT64_MAX: it has
 * no bound. */
int campaign_shares_room(struct txn *t, const struct hash *actor, uint64_t *ret_room,
                         struct err *e);

#endif
