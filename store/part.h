/*
 * Parts: the beginning of the one record that comes from a neighbour piece by piece. A hint that
 * saves sending again, trusted by nobody: what is made of it is admitted as any foreign bytes are.
 * One neighbour has one at most, so it takes no more room than one record.
 */
#ifndef STORE_PART_H
#define STORE_PART_H

#include "core/id.h"
#include "store/db.h"

/* Of which record the beginning is, and how much of it is here. */
struct part {
    struct uid stream; /* its place … */
    uint64_t position;
    uint32_t size; /* … and its bytes, as the neighbour says */
    uint32_t had;
    bool anew; /* what was made of another beginning of it was no good */
};

/* The beginning that is kept of what `peer` sends; false if there is none. */
bool part_find(struct txn *t, const struct hash *peer, struct part *ret_part);
/* Keep the beginning `p`, of which nothing is here yet, of what `peer` sends, and no other. */
void part_begin(struct txn *t, const struct hash *peer, const struct part *p);
/* Add `bytes` to the beginning `p` that is kept of what `peer` sends. */
void part_add(struct txn *t, const struct hash *peer, struct part *p, struct slice bytes);
/* Append what is here of `p` to `out`; false if less is here than that says. */
bool part_read(struct txn *t, const struct hash *peer, const struct part *p, struct buf *out);
/* Keep no beginning of what `peer` sends. */
void part_drop(struct txn *t, const struct hash *peer);

#endif
