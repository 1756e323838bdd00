/*
 * Guard: work done in a child process, so that what crashes there is a fact and not the end. For
 * walks over a store whose pages may be damaged: LMDB trusts its own pages.
 */
#ifndef STORE_GUARD_H
#define STORE_GUARD_H

#include "core/bytes.h"
#include "core/err.h"

/* What is done in the child: fills `out`; returns as any function that can fail. */
typedef int guard_work(void *arg, struct buf *out, struct err *e);

/*
 * Run `work` with `arg` in a child process, and append to `out` what it put into its own. Nothing
 * else that it changes in memory comes back; a store must be opened there and not before.
 * `ret_signal` gets the number of the signal that ended it, then nothing was appended and 0 is
 * returned; else 0.
 */
int guard_run(guard_work *work, void *arg, struct buf *out, int *ret_signal, struct err *e);

#endif
