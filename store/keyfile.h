/*
 * Key files: an actor's two seeds, or one of the root's two keys, in a file of their own, mode
 * 0600, sealed when there is a passphrase. Layout in FORMAT.md.
 */
#ifndef STORE_KEYFILE_H
#define STORE_KEYFILE_H

#include "core/crypto.h"
#include "core/err.h"
#include "core/verb.h"

#include <stdbool.h>

#define KEYFILE_ACTOR "actor.key"
#define KEYFILE_NEXT "next.key" /* keys that are not in use yet */
#define KEYFILE_OLD "old.key"   /* keys about to be wiped */

struct key_seeds {
    uint8_t sign[SEED_BYTES];
    uint8_t transport[SEED_BYTES];
};

/*
 * A passphrase is sealed with in NFC and without a byte order mark, and opens as it is given or in
 * that form: what is typed on one machine is right on another.
 */

/*
 * Write `seeds` to a new file at `path`, durably, before it returns. With a `passphrase`, sealed
 * under `salt` and `nonce` (random). ERR_REFUSED if the file exists: keys are never overwritten.
 */
int keyfile_write(const char *path, const struct key_seeds *seeds, const char *passphrase,
                  const uint8_t salt[SEAL_SALT_BYTES], const uint8_t nonce[SEAL_NONCE_BYTES],
                  struct err *e);

/* Read them back. ERR_ABSENT if there is no file, ERR_CORRUPT if it is damaged, ERR_REFUSED if it
 * needs a passphrase and there is none, or another. The caller wipes `ret_seeds`. */
int keyfile_read(const char *path, const char *passphrase, struct key_seeds *ret_seeds,
                 struct err *e);

/* Whether the keys in folder `dir` were left in the middle of being changed. */
bool keyfile_unsettled(const char *dir);
/*
 * Finish changing the keys in folder `dir`, with `advance` by putting the next ones in the place of
 * those of the actor: these are overwritten before they are removed. At each moment there is one
 * whole file of the actor's keys; after a crash do it again. One process at a time.
 */
int keyfile_settle(const char *dir, bool advance, struct err *e);

/* Whether the file at `path` is sealed; false too if it is no key file. */
bool keyfile_sealed(const char *path);
/* Whether the file at `path` is a key file that is not sealed: whoever has it has the keys. */
bool keyfile_plain(const char *path);

/*
 * Say in the words of `call` that the passphrase which was given opens nothing, where the keys of
 * its data directory are not sealed.
 */
void keyfile_tell_unsealed(struct verb_call *call);
/* Say in the words of `call` which key files of its data directory others may read, and what mends
 * that. */
void keyfile_tell_open(struct verb_call *call);

#endif
