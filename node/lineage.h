/*
 * Lineages: a campaign is (issuer, id), whatever its version; the latest version speaks for it.
 * Which one somebody means is decided here, for board and ranking alike.
 */
#ifndef NODE_LINEAGE_H
#define NODE_LINEAGE_H

#include "node/actor.h"

struct lineages {
    uint32_t n;
    struct catalog_campaign **list; /* the latest version of each */
};
void lineages_done(struct lineages *l);

/*
 * The campaigns that somebody reports to and that actor `a` has a part in, into
 * `ret_lineages`.
 */
int lineages_open(const struct actor *a, struct lineages *ret_lineages, struct err *e);

/* The code of the issuer of `k` on `on`; where it has no fact yet then, its latest one. */
const char *lineage_code(const struct catalog *c, const struct catalog_campaign *k, day on);
/* Keep those of `l` that are called `name` (NULL: all): ID, or UNIT/ID with the issuer's code on
 * `on`. */
void lineages_keep(struct lineages *l, const struct catalog *c, const char *name, day on);
/* Append them to `words` as UNIT/ID, one a line, by issuer and id. */
void lineages_list(struct lineages *l, const struct catalog *c, day on, struct buf *words);

#endif
