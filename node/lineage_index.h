/*
 * Lineage index: of each lineage of campaigns, an issuer's under one id, the latest version. Hubs
 * below state as many campaigns as they like, and each is asked for over and over.
 */
#ifndef NODE_LINEAGE_INDEX_H
#define NODE_LINEAGE_INDEX_H

#include "core/campaign.h"

/* One version of a campaign, as it was issued. */
struct catalog_campaign {
    struct hash record;
    struct hash author;
    struct uid issuer; /* the unit of the hub that issued it */
    uint64_t number;   /* local number of its record */
    uint32_t epoch;    /* of its record */
    uint64_t seq;
    struct campaign c;
    struct criteria criteria; /* in force; filled by catalog_criteria */
    bool resolved;
};

struct lineage_index; /* NULL is empty */

void lineage_index_free(struct lineage_index *x);
/* Take in `k`, whose strings stay where they are, into the index at `x`, which is made if it is
 * not there. ERR_NOMEM. */
int lineage_index_add(struct lineage_index **x, struct catalog_campaign *k, struct err *e);
/* The latest version of `id` of `issuer`: the greatest (version, epoch, seq); NULL: there is none.
 */
struct catalog_campaign *lineage_index_latest(const struct lineage_index *x,
                                              const struct uid *issuer, const char *id);

#endif
