/*
 * Renames: records that are stated again have other ids, and what is stated again after them refers
 * to these.
 */
#ifndef NODE_RENAMES_H
#define NODE_RENAMES_H

#include "core/record.h"

/* All zero is empty. */
struct renames {
    uint32_t n;
    struct hash (*ids)[2]; /* the old one and the new one */
};
void renames_done(struct renames *n);
int renames_add(struct renames *n, const struct hash *from, const struct hash *to, struct err *e);
/* Let `id` be the new one, if it is the id of a record that is stated again; false: it is not. */
bool renames_carry(const struct renames *n, struct hash *id);
/*
 * Append the payload of `r` to `out`, which is empty, with references carried over: the list of a
 * report, the report of a withdrawal, the parents of a campaign. As it is where its author garbled
 * it.
 */
int renames_payload(const struct renames *n, const struct record *r, struct buf *out,
                    struct err *e);

#endif
