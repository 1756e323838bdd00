/*
 * Quotas: where each quota of a campaign cuts a ranking, and who ties across the cut. Counted tie
 * by tie over the rows as they are ranked.
 */
#ifndef AUDIT_REQUOTA_H
#define AUDIT_REQUOTA_H

#include "core/result.h"

/* A ranking to be cut. */
struct requota_field {
    const struct campaign *campaign;
    enum subject_kind subjects; /* that are ranked */
    bool both_kinds;            /* the campaign has criteria for the other kind too */
    bool whole;                 /* every unit below the issuer is looked at */
    bool one_group;             /* and nobody is left out for being in another group */
    bool by_class;              /* the group chosen is made of classes, not of units */
    const char *group;          /* NULL: none */
    uint32_t n;
    const struct rank_row **rows; /* ranked and in order, side by side in memory */
};

/* Add to `out` every quota of `f` that counts such subjects. The order of `f->rows` is lost. */
int requota_of(const struct requota_field *f, struct ranking *out, struct err *e);

#endif
