/*
 * The store's own facts: who this directory belongs to and where its counters stand. One row each
 * in the table `meta`, under the names of FORMAT.md.
 */
#ifndef STORE_META_H
#define STORE_META_H

#include "core/id.h"
#include "store/db.h"

uint64_t meta_u64(struct txn *t, const char *name); /* 0 if there is no such row */
void meta_put_u64(struct txn *t, const char *name, uint64_t v);

bool meta_hash(struct txn *t, const char *name, struct hash *ret_hash);
void meta_put_hash(struct txn *t, const char *name, const struct hash *h);
bool meta_uid(struct txn *t, const char *name, struct uid *ret_uid);
void meta_put_uid(struct txn *t, const char *name, const struct uid *u);

/* Text of at most `cap` − 1 bytes, NUL-terminated into `out`. */
bool meta_text(struct txn *t, const char *name, char *out, size_t cap);
void meta_put_text(struct txn *t, const char *name, const char *text);

#endif
