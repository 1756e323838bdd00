/*
 * Where a bundle is written to, and what stands last in it.
 */
#ifndef NODE_BUNDLE_FILE_H
#define NODE_BUNDLE_FILE_H

#include "core/world.h"
#include "node/actor.h"
#include "proto/bundle.h"

/*
 * Whether a bundle may be written to `path`; into `ret_there` whether one lies there, which it then
 * replaces. ERR_REFUSED where something else does.
 */
int bundle_file_may(const char *path, bool *ret_there, struct err *e);

/* ERR_REFUSED where `a` holds no record of the root yet, without which nobody verifies a bundle. */
int bundle_file_rooted(const struct actor *a, struct txn *t, struct err *e);

/*
 * Write into `w`, after the records of the logs, the evidence that is held against authors of those
 * that `concerns` (NULL: all do) lets in: second records of a place that is taken, and what builds
 * on them, as long as they prove themselves: signed with the key of their author, before its end.
 * How many, into `ret_n`.
 */
int bundle_file_evidence(struct txn *t, bool (*concerns)(void *arg, const struct record *r),
                         void *arg, struct bundle_writer *w, uint64_t *ret_n, struct err *e);
/* Say in `words` that `n` records of a bundle are evidence; nothing where none are. */
void bundle_file_tell_evidence(const struct world *w, uint64_t n, struct buf *words);

/* Say in `words` which fingerprint a bundle of `a` is verified with. */
void bundle_file_tell_root(const struct world *w, const struct actor *a, struct buf *words);

#endif
