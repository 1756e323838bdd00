/*
 * Folded acts: extensions, withdrawals, and what issuers stated about their campaigns after issuing
 * them. Plain facts, one decoder a kind; fold.h keeps the lists.
 */
#ifndef AUDIT_FOLD_ACT_H
#define AUDIT_FOLD_ACT_H

#include "core/campaign.h"
#include "core/limits.h"
#include "core/record.h"
#include "proto/arena.h"

struct entry;

/* A hub's word about a campaign after it was issued: a unit that is asked or exempt, or its end. */
struct fold_change {
    struct entry *entry;
    char campaign[LIMIT_CODE + 1]; /* of the author's unit */
    bool ends, exempt;
    instant at;      /* of an end */
    struct uid unit; /* of any other, with its days */
    day from, until;
};

/* More time for the unit of the record's lane. */
struct fold_extension {
    struct entry *entry;
    struct uid issuer;
    char campaign[LIMIT_CODE + 1], period[LIMIT_CODE + 1];
    enum report_kind kind;
    instant until;
};

struct fold_withdrawal {
    struct entry *entry;
    bool readable; /* else it names nothing */
    struct hash report;
};

/* How wrong the clock of a hub was, by somebody above it. */
struct fold_mend {
    struct entry *entry;
    struct hash actor;
    instant from, until; /* as that clock showed them */
    int64_t shift;
    uint32_t n_records; /* 0: of receipts that doubt the clock */
    struct hash *records;
};

/*
 * What `r` says, decoded in `a`, into `ret` without its entry. A garbled withdrawal is read as one
 * that names nothing; of another kind it is an error.
 */
int fold_act_change(const struct record *r, struct arena *a, struct fold_change *ret,
                    struct err *e);
int fold_act_extension(const struct record *r, struct arena *a, struct fold_extension *ret,
                       struct err *e);
int fold_act_withdrawal(const struct record *r, struct arena *a, struct fold_withdrawal *ret,
                        struct err *e);
/* The same; its `records` are freed by mem_free. */
int fold_act_mend(const struct record *r, struct arena *a, struct fold_mend *ret, struct err *e);

#endif
