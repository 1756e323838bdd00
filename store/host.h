/*
 * The machine under a program: its clock, randomness, language, terminal, signals, and whole files.
 * Only programs call this; everything below them is lent a struct world.
 */
#ifndef STORE_HOST_H
#define STORE_HOST_H

#include "core/bytes.h"
#include "core/err.h"
#include "core/verb.h"
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
 * not there, as on damaged pages, it says so in one line, prefixed with `program`, and the exit
 * status is 1. `w` translates.
 */
void host_faults(const char *program, const struct world *w);

/*
 * In a program that stays up: as many file handles as it may have, since each connection takes one.
 * False where the machine locks no memory, so that keys may be written to swap space.
 */
bool host_serve(void);

/*
 * Choose the language of messages: `--lang vi|en` in `argv`, else LC_ALL, LC_MESSAGES or LANG (the
 * first that is set) beginning with `en`, else Vietnamese. The catalogue `thidua` is looked for in
 * `locale_dir`. No locale need be installed.
 */
void host_language(int argc, char *const *argv, const char *locale_dir);

/* The real clock, the kernel's randomness, gettext, progress on a terminal. */
void host_world(struct world *ret_world);

/*
 * The passphrase that `--passphrase-file FILE` in `argv`, else THIDUA_PASSPHRASE_FILE, names, into
 * `w`; host_end wipes it. Typed on a terminal, it is asked for twice where `argv` has the verb
 * `making`, which makes keys. Without either nothing is asked. Errors are those of secret_read.
 */
int host_passphrase(int argc, char *const *argv, const char *making, struct world *w,
                    struct err *e);

/*
 * Say in the words of `call` that the passphrase which was given opens nothing, where the keys of
 * its data directory are not sealed.
 */
void host_tell_unsealed(struct verb_call *call);

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
 * itself (core/limits.h); false too if the machine does not say.
 */
bool host_disk_low(const char *dir);

/* Append the whole file at `path` to `out`. ERR_ABSENT if there is none, ERR_REFUSED above `max`.
 */
int host_read_file(const char *path, size_t max, struct buf *out, struct err *e);

enum host_write_flags {
    HOST_REPLACE = 0,
    HOST_NEW = 1, /* refuse where the file exists */
};
/*
 * Make `path` hold exactly `content` with `mode`, or leave it as it was: a new file beside it,
 * flushed, then moved over it, and the folder flushed.
 */
int host_write_file(const char *path, struct slice content, mode_t mode, unsigned flags,
                    struct err *e);

#endif
