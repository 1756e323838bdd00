/*
 * Places: the order in which what hubs state for all is read. Hubs above speak before those below,
 * each in the order of its own log.
 */
#ifndef AUDIT_FOLD_PLACE_H
#define AUDIT_FOLD_PLACE_H

#include "audit/ledger.h"

struct fold_place {
    struct entry *entry;
    unsigned depth; /* of its author */
};

/* How many enrolments lead from the root's keys to `m`: 1 for the root hub. */
unsigned fold_place_depth(const struct ledger *l, const struct member *m);
/* The direct child of the root that `m`, at depth 2 or more, is or is below. */
struct hash fold_place_branch(const struct ledger *l, const struct member *m);
/* Where `x`, whose author is known, stands. */
struct fold_place fold_place_of(const struct ledger *l, struct entry *x);
/* For qsort. */
int fold_place_compare(const void *a, const void *b);
/* Whether `x` is good and says something: payloads of other versions are carried unread, as kinds
 * that nobody here knows. */
bool fold_place_can_read(const struct entry *x);

#endif
