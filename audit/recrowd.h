/*
 * Revisions that are one too many, worked out once more: PROTOCOL 6.2 lets a hub reject one with
 * code 16 where it took as many others of the same report by the same author as there may be.
 */
#ifndef AUDIT_RECROWD_H
#define AUDIT_RECROWD_H

#include "audit/fold.h"

struct recrowd_mark;
struct recrowd {
    const struct fold *f;
    uint32_t n;
    struct recrowd_mark *marks;
};

/* Count, into `ret_crowd`, what was taken of the judged reports of `f`, which has to live as long;
 * recrowd_done frees it. Fails only without memory. */
int recrowd_init(const struct fold *f, struct recrowd *ret_crowd, struct err *e);
void recrowd_done(struct recrowd *c);

/*
 * How many other revisions of `report` by its author the hub that states `r` may have taken. Those
 * that are void count, as they stood when they were taken; so do those that it rejected because
 * their campaign had been withdrawn.
 */
uint32_t recrowd_others(const struct recrowd *c, const struct fold_report *report,
                        const struct fold_receipt *r);

#endif
