/*
 * Quotas: where each quota of a campaign cuts a ranking, and who ties across the cut, for a council
 * to vote on.
 */
#ifndef NODE_STANDING_QUOTA_H
#define NODE_STANDING_QUOTA_H

#include "core/rank.h"
#include "core/result.h"
#include "node/standing_choice.h"
#include "node/standing_group.h"

/* A ranking to be cut. */
struct standing_field {
    const struct actor *actor;
    const struct standing_choice *choice;
    const struct standing_group *group;
    uint32_t n_keys, n;
    const struct rank_entry *entries; /* all that are ranked, in order, before any limit */
};

/* Put every quota that counts the subjects of `f` into `r`, which ranking_done frees. */
int standing_quotas_put(const struct standing_field *f, struct ranking *r, struct err *e);

#endif
