/*
 * Catalog: units, campaigns and profiles that this store holds, decoded. A view in memory: it reads
 * on from where it stopped, and can be dropped and read again at any time.
 */
#ifndef NODE_CATALOG_H
#define NODE_CATALOG_H

#include "core/due_days.h"
#include "core/profile.h"
#include "node/campaign_shares.h"
#include "node/catalog_units.h"
#include "node/changes.h"
#include "node/lineage_index.h"

struct catalog_profile {
    struct hash record;
    struct uid issuer;
    uint64_t number;
    struct profile p;
};

/* A lineage of which some version, or some profile, was stated after its author's end. */
struct catalog_tainted_lineage {
    struct uid issuer;
    char campaign[LIMIT_CODE + 1];
};

struct catalog {
    struct catalog_units units_read; /* how `units` came to be what it is */
    struct units *units;             /* the tree, of `units_read` */
    struct campaign_shares shares;   /* of what is stated of campaigns */
    bool shares_known, anew;         /* while all is read: weighed before; to be begun anew */
    uint64_t seen;                   /* local number up to which records were read */
    uint32_t n_campaigns, n_profiles, n_tainted;
    struct catalog_tainted_lineage *tainted;
    struct catalog_campaign **campaigns; /* in the order held */
    struct catalog_profile **profiles;
    struct due_days due; /* of all campaigns */
    struct lineage_index *lineages;
    struct changes changes;  /* of campaigns, stated after they were issued */
    uint64_t endings;        /* how often hubs had been ended by then, see roster_endings */
    struct catalog *retired; /* what was read before all was read anew */
};

int catalog_init(struct catalog *c, struct err *e);
void catalog_done(struct catalog *c);
/* Forget everything; the next refresh reads all again. To be called after a failed commit. */
int catalog_reset(struct catalog *c, struct err *e);
/* Let go of what `c` had read before it read all anew: nobody looks at that any more. */
void catalog_release(struct catalog *c);
/*
 * Read what `t` holds beyond what was seen, or all anew where somebody who may state such things
 * was ended since, or a hub stated more than its share: what does not stand, or is beyond, says
 * nothing. What was read before that stays until
 * catalog_release. A record that cannot be read is passed over: whoever issued it answers for it.
 */
int catalog_refresh(struct catalog *c, struct txn *t, struct err *e);

/* Whether records of `kind` matter to a catalog. */
bool catalog_reads(uint16_t kind);

/* The campaign version, or profile version, that is this record; NULL if there is none. */
struct catalog_campaign *catalog_campaign(const struct catalog *c, const struct hash *record);
struct catalog_profile *catalog_profile(const struct catalog *c, const struct hash *record);

/* Whether anything of what may be void is: else no campaign is tainted. */
bool catalog_any_void(const struct catalog *c);
/*
 * Whether reports of campaign `id` of `issuer` may rest on what is void: some version or profile of
 * it, what a version inherits from, or facts about units. Those that do count for nothing.
 */
bool catalog_tainted(struct catalog *c, const struct uid *issuer, const char *id);

/*
 * The latest version of `id` issued by `issuer`: the greatest (version, epoch, seq), never the one
 * that came last. NULL if there is none.
 */
struct catalog_campaign *catalog_latest(const struct catalog *c, const struct uid *issuer,
                                        const char *id);
/*
 * What there is to choose from in `c`, as `UNIT/ID UNIT/ID …`, in the `cap` bytes of `out`; where
 * one is wanted `to_report` to, templates only if there is nothing else.
 */
void catalog_names(const struct catalog *c, bool to_report, char *out, size_t cap);
/*
 * The latest version of the campaign called `name`: `ID`, or `UNIT/ID` with the issuer's code where
 * several issuers use one id. NULL means the only campaign that is no template. ERR_REFUSED lists
 * what there is.
 */
int catalog_find(const struct catalog *c, const char *name, day today,
                 struct catalog_campaign **ret_campaign, struct err *e);

/* The criteria in force of `k`, resolved once. ERR_ABSENT if a parent is not held: `ret_missing`.
 */
int catalog_criteria(struct catalog *c, struct catalog_campaign *k, struct hash *ret_missing,
                     struct err *e);

/*
 * The profile in force of `k`: the latest version of the one it names, NULL record for the built-in
 * one. ERR_ABSENT if it names one that is not held.
 */
int catalog_profile_in_force(const struct catalog *c, const struct catalog_campaign *k,
                             const struct profile **ret_profile, struct hash *ret_record,
                             struct err *e);

/* The latest fact about a unit, whenever it takes effect; NULL if there is none. */
const struct unit_fact *catalog_unit(const struct catalog *c, const struct uid *id);
/* Its code, or `?`. */
const char *catalog_code(const struct catalog *c, const struct uid *id);
/* Whether `id` is `top` or lies below it, as the latest facts say. */
bool catalog_under(const struct catalog *c, const struct uid *id, const struct uid *top);
/* Whether any fact ever put `id` there: what may be said for it is not undone by a later move. */
bool catalog_ever_under(const struct catalog *c, const struct uid *id, const struct uid *top);

#endif
