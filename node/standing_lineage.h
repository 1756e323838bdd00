/*
 * Standings of one campaign: what its issuer states of it makes only these be made anew, so that
 * one hub that states something of a campaign of its own again and again leaves all others alone.
 */
#ifndef NODE_STANDING_LINEAGE_H
#define NODE_STANDING_LINEAGE_H

#include "core/limits.h"
#include "node/catalog.h"
#include "store/db.h"

struct standing_lineage {
    struct uid issuer;
    char campaign[LIMIT_CODE + 1]; /* empty: it says nothing, to anybody */
};

/*
 * Of which campaign the record `r` (a campaign, profile, assignment or end) of `t` is, into
 * `ret_lineage`; `ret_one` false: standings of others may rest on it too, as `c` shows, or it does
 * not stand.
 */
int standing_lineage_of(const struct catalog *c, struct txn *t, const struct record *r,
                        struct standing_lineage *ret_lineage, bool *ret_one, struct err *e);

/*
 * Take all standings of `lineage` out of the book and note its slots as touched, over at most
 * `left` rows, which is less after that; false: there are more, and some of them went.
 */
bool standing_lineage_forget(struct txn *t, const struct standing_lineage *lineage, uint32_t *left);

#endif
