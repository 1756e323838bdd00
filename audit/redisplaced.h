/*
 * What hubs said of records in whose place their author has another one (ledger_seconds_settle). A
 * hub that was put back to an older state forgets what it receipted, and may take another record in
 * that place; then it goes on in its next epoch, and says again there what it had said. So its
 * receipts may name both. A hub that never lost anything has no such excuse.
 */
#ifndef AUDIT_REDISPLACED_H
#define AUDIT_REDISPLACED_H

#include "audit/fold.h"

/* A line of a receipt that is evidence itself. */
struct redisplaced_word {
    struct hash record, hub;
    uint32_t epoch;
};

struct redisplaced {
    const struct fold *f;
    const struct member *exporter; /* in its latest epoch; NULL: not known */
    uint32_t n;
    struct redisplaced_word *words; /* by record */
};

/* Read what `f`, which has to live as long, holds of them into `ret`; redisplaced_done frees it.
 * Fails only without memory. */
int redisplaced_init(const struct fold *f, const struct member *exporter, struct redisplaced *ret,
                     struct err *e);
void redisplaced_done(struct redisplaced *d);

/*
 * Whether the hub of `r` may have lost, since it first said so, what it said that of: it did not
 * make the file, or it said so in an earlier epoch than its latest.
 */
bool redisplaced_excused(const struct redisplaced *d, const struct fold_receipt *r);
/* Put into the findings what no hub says, put back or not, of records that are displaced. */
void redisplaced_check(const struct redisplaced *d);

/* Whether any receipt names the record `id`. */
bool redisplaced_receipted(const struct fold *f, const struct hash *id);
/* The reports of `f` that count for nothing because they name what is displaced, into `warnings`.
 */
void redisplaced_warn(const struct fold *f, struct findings *warnings);

#endif
