/*
 * Secrets that a person gives: a passphrase from a file, or typed on the terminal without being
 * shown. It stays in locked memory of its own, out of core dumps, and is wiped.
 */
#ifndef STORE_SECRET_H
#define STORE_SECRET_H

#include "core/err.h"
#include "core/world.h"

#include <stdbool.h>

#define SECRET_BYTES_MAX 1024u

/* What is asked for, since one command may need both. */
#define SECRET_OF_ACTOR N_("Passphrase of actor.key: ")
#define SECRET_OF_ROOT N_("Passphrase of root.key and recovery.key: ")

struct secret;

/*
 * The first line of the file at `path`, or with `-` a line typed on the terminal, `twice` where
 * keys are to be made with it; asked for with `question` in the language of `w`. ERR_ABSENT if
 * there is no file; ERR_REFUSED if it is empty, too long, open to everyone, or there is no
 * terminal.
 */
int secret_read(const char *path, const char *question, bool twice, const struct world *w,
                struct secret **ret_secret, struct err *e);
/* Its text, which lives as long; NULL of NULL. */
const char *secret_text(const struct secret *s);
void secret_free(struct secret *s);

#endif
