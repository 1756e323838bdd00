/*
 * The world: what a program, or the simulator, lends to everything below it. Nothing below a
 * program asks the machine for the time, for randomness, for a language or for a terminal.
 */
#ifndef CORE_WORLD_H
#define CORE_WORLD_H

#include "core/bytes.h"
#include "core/instant.h"

#include <stddef.h>
#include <stdint.h>

/* Marks a literal for translation where it stands in a table; it is translated when printed. */
#define N_(msgid) msgid

struct world {
    void *arg;                                               /* first argument of all but `tr` */
    instant (*now)(void *arg);                               /* the raw clock */
    int64_t (*boot_ms)(void *arg);                           /* ms since the machine started */
    void (*random)(void *arg, uint8_t *ret_bytes, size_t n); /* never fails: it exits first */
    const char *(*tr)(const char *msgid);                    /* NULL: English */
    const char *passphrase; /* of the key file; NULL: none was given */
    /*
     * `done` of `total` (0: unknown) of `what` (a msgid): shown on a terminal where it takes longer
     * than a second, and nowhere else. NULL: nobody watches.
     */
    void (*progress)(void *arg, const char *what, uint64_t done, uint64_t total);
};

/* What both clocks show now. */
struct moment world_moment(const struct world *w);
/* `msgid` in the reader's language; it lives as long as the program. */
const char *world_tr(const struct world *w, const char *msgid);

/*
 * Append one line to `to`: `msgid`, a literal, translated, with its arguments. Conversions and the
 * length of arguments are as err_set has them.
 */
void world_say(const struct world *w, struct buf *to, const char *msgid, ...)
    __attribute__((format(printf, 3, 4)));
/* As world_say, with `text`, which people wrote and nothing cuts, behind it in the same line. */
void world_say_with(const struct world *w, struct buf *to, const char *text, const char *msgid, ...)
    __attribute__((format(printf, 4, 5)));

void world_progress(const struct world *w, const char *what, uint64_t done, uint64_t total);

#endif
