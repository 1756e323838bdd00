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

/*
 * A ranking to be cut, either read in order or kept in the book: `cut` fills what `places` places
 * make of all: inside, left and edge of `x`, and its ties, by standing_quota_tie.
 */
struct standing_field {
    const struct actor *actor;
    const struct standing_choice *choice;
    const struct standing_group *group;
    uint32_t n_keys, n;
    const struct rank_entry *entries; /* all, in order, before any limit; NULL: not read */
    int (*cut)(void *arg, uint32_t places, struct rank_quota *x, struct err *e);
    void *arg; /* of `cut`, which is asked where there are no entries */
};

/* One more who ties across the edge of `x`. */
int standing_quota_tie(struct rank_quota *x, const char *unit, const char *subject, struct err *e);
/* Whether some quota is counted unit by unit, which takes every entry. */
bool standing_quotas_need_entries(const struct standing_field *f);

/* Put every quota that counts the subjects of `f` into `r`, which ranking_done frees. */
int standing_quotas_put(const struct standing_field *f, struct ranking *r, struct err *e);

#endif
