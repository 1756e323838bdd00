/*
 * Where a bundle is written to.
 */
#ifndef NODE_BUNDLE_FILE_H
#define NODE_BUNDLE_FILE_H

#include "core/world.h"
#include "node/actor.h"

/*
 * Whether a bundle may be written to `path`; into `ret_there` whether one lies there, which it then
 * replaces. ERR_REFUSED where something else does.
 */
int bundle_file_may(const char *path, bool *ret_there, struct err *e);

/* ERR_REFUSED where `a` holds no record of the root yet, without which nobody verifies a bundle. */
int bundle_file_rooted(const struct actor *a, struct txn *t, struct err *e);

/* Say in `words` which fingerprint a bundle of `a` is verified with. */
void bundle_file_tell_root(const struct world *w, const struct actor *a, struct buf *words);

#endif
