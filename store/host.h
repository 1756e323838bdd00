/*
 * The machine under a program: its clock, randomness, terminal, signals, and whole files.
 * Called by programs, and by what reads or writes a file that a person names (sheets, subjects,
 * units, campaigns, bundles, backups); everything else below a program is lent a struct world.
 */
#ifndef STORE_HOST_H
#define STORE_HOST_H

#include "core/bytes.h"
#include "core/err.h"
#include "core/world.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * First in a program: no core dumps and no looking into its memory by others of the same user (it
 * holds keys), files for this user alone, no new privileges; broken pipes are errors, no signals.
 */
void host_start(void);

/*
 * In a program over a store, once its language is chosen: where it is ended because it read what is
 * not there, as on damaged pages, or because it or a library aborted, as libzmq does where it gets
 * no memory, it says so in one line, prefixed with `program`, and the exit status is 1, or that
 * of host_stay. `w` translates.
 */
void host_faults(const char *program, const struct world *w);

/*
 * From here on the program stays up: host_end gives err_exit_status_staying, and it is started
 * again where a library aborted.
 */
void host_stay(void);
/*
 * It has begun: what is read that is not there may be a fault of ours, which what a neighbour sent
 * brought about, and ends it with ERR_EXIT_AGAIN too. Before, it is the store's, and would come
 * again.
 */
void host_run(void);

/*
 * In a program that stays up: as many file handles as it may have, since each connection takes one.
 * False where the machine locks no memory, so that keys may be written to swap space.
 */
bool host_serve(void);

/* The real clock, the kernel's randomness, gettext, progress on a terminal. */
void host_world(struct world *ret_world);

/*
 * The passphrase that `--passphrase-file FILE` in `argv`, else THIDUA_PASSPHRASE_FILE, names, into
 * `w`; host_end wipes it. Typed on a terminal, it is asked for twice where `argv` has the verb
 * `making`, which makes keys. Without either nothing is asked, nor for a line that is to be
 * completed. Errors are those of secret_read.
 */
int host_passphrase(int argc, char *const *argv, const char *making, struct world *w,
                    struct err *e);

/*
 * A file descriptor that becomes readable when SIGINT or SIGTERM asks the program to stop; before
 * any thread is started. From then on these signals no longer end the process by themselves.
 */
int host_stop_fd(int *ret_fd, struct err *e);

/* Write all of `text` to `fd` (1: data, 2: words). ERR_IO if the other end or the disk is gone. */
int host_write(int fd, struct slice text, struct err *e);
/*
 * End a program: write what a verb has to say, data first, then its words, then `e` where it holds
 * an error, prefixed with `program`. Returns the exit status.
 */
int host_end(const char *program, struct slice out, struct slice words, const struct err *e,
             const struct world *w);

/*
 * Whether the disk that folder `dir` lies on has less room left than is kept for what a hub states
 * itself (core/limits.h); as `before` if the machine does not say.
 */
bool host_disk_low(const char *dir, bool before);

/* Append the whole file at `path` to `out`. ERR_ABSENT if there is none, ERR_REFUSED above `max`.
 */
int host_read_file(const char *path, size_t max, struct buf *out, struct err *e);

/*
 * Read the first `n` bytes at most of the file at `path` into `out`; how many there were, into
 * `ret_n`. ERR_ABSENT, which says nothing, if there is none.
 */
int host_read_begin(const char *path, uint8_t *out, size_t n, size_t *ret_n, struct err *e);

enum host_write_flags {
    HOST_REPLACE = 0,
    HOST_NEW = 1, /* refuse where the file exists */
};
/*
 * Make `path` hold what `fill` writes to the file it is given, or leave it as it was, as
 * host_write_file does; what `fill` returns below zero is returned. ERR_IO where the folder could
 * not be flushed: then a HOST_NEW is taken away again, and which of the two a power failure would
 * leave of a HOST_REPLACE is not known.
 */
int host_fill_file(const char *path, mode_t mode, unsigned flags,
                   int (*fill)(void *arg, int fd, struct err *e), void *arg, struct err *e);
/*
 * Make `path` hold exactly `content` with `mode`, or leave it as it was: a new file beside it,
 * flushed, then moved over it, and the folder flushed.
 */
int host_write_file(const char *path, struct slice content, mode_t mode, unsigned flags,
                    struct err *e);

#endif
