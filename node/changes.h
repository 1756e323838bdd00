/*
 * Changes: what issuers stated about their campaigns after issuing them, beside a higher version: a
 * unit that is asked or exempt whatever the campaign says, and the end of a campaign. A view in
 * memory, part of the catalog; the same whatever the order in which the records came.
 */
#ifndef NODE_CHANGES_H
#define NODE_CHANGES_H

#include "core/limits.h"
#include "node/roster.h"

/* Where a record stands among those of its lineage's issuers. */
struct change_order {
    struct enrolment_place enrolment; /* of the author */
    uint32_t epoch;
    uint64_t seq;
    struct hash record;
};

struct change_assign {
    struct uid issuer, unit;
    char campaign[LIMIT_CODE + 1];
    bool exempt;
    day from, until; /* DAY_NONE: open */
    char *why;       /* NULL: for a reason that this program does not know */
    struct change_order order;
};

struct change_end {
    struct uid issuer;
    char campaign[LIMIT_CODE + 1];
    instant from;
    struct hash record;
    char *why; /* NULL: for a reason that this program does not know */
};

/* All zero is empty. */
struct changes {
    uint32_t n_assigns, n_ends;
    struct change_assign *assigns;
    struct change_end *ends;
};
void changes_done(struct changes *c);

/* Enter what `r`, a campaign-assign or campaign-withdraw record by `author`, says; what it garbled
 * says nothing. */
int changes_read(struct changes *c, struct txn *t, const struct record *r,
                 const struct member *author, struct err *e);

enum change_says { CHANGE_NOTHING, CHANGE_ASKED, CHANGE_EXEMPT };
/*
 * What holds for `unit` on `on` in campaign `id` of `issuer`: the last stated of those whose days
 * hold `on`.
 */
enum change_says changes_of(const struct changes *c, const struct uid *issuer, const char *id,
                            const struct uid *unit, day on);

/* The record that says so; NULL: none does. */
const struct change_assign *changes_last(const struct changes *c, const struct uid *issuer,
                                         const char *id, const struct uid *unit, day on);

/* Negative where `a` was stated before `b`, positive where after. */
int changes_compare(const struct change_assign *a, const struct change_assign *b);

/* The earliest end of campaign `id` of `issuer`; NULL: it was not withdrawn. */
const struct change_end *changes_end(const struct changes *c, const struct uid *issuer,
                                     const char *id);
/* Whether nobody is asked by it for what is due on `on` or later. */
bool changes_ended(const struct changes *c, const struct uid *issuer, const char *id, day on);

#endif
