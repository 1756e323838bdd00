/*
 * Errors: what went wrong, told once, where it was detected.
 *
 * A function that can fail returns 0 or a negative enum err_code and fills the caller's struct err.
 * The message is kept as an untranslated id with its arguments already printed as text; only a
 * program renders it, in the reader's language. A message says what, where, and what to do.
 */
#ifndef CORE_ERR_H
#define CORE_ERR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#define ERR_ARGS 6
#define ERR_ARG_BYTES 640

enum err_code {
    ERR_REFUSED = -1, /* the request is wrong or not allowed: exit 1 */
    ERR_USAGE = -2,   /* the command line is wrong: exit 2 */
    ERR_NOMEM = -3,   /* no memory; nothing was changed: exit 1, of a daemon 71 */
    ERR_IO = -4, /* the machine failed us (disk, file, socket); nothing was changed: the same */
    ERR_CORRUPT = -5, /* stored or received bytes are not what they claim to be: exit 1 */
    ERR_UNKNOWN = -6, /* a commit whose outcome is unknown: stop, reopen, resume: the same */
    ERR_ABSENT = -7,  /* what was looked up does not exist; callers that allow it go on */
    ERR_AWAY = -75,   /* the other side cannot be reached now; try again: exit 75 */
};

struct err {
    int code;                          /* 0: no error yet */
    const char *msgid;                 /* English text with printf conversions, the gettext key */
    unsigned n;                        /* arguments in use */
    char where[ERR_ARG_BYTES];         /* printed before the message; empty: nothing */
    char arg[ERR_ARGS][ERR_ARG_BYTES]; /* each conversion of msgid, already printed */
};

/*
 * Fill `e` with `code`, `msgid` and its arguments, unless it holds an error already. `msgid` must
 * live for ever (a literal); conversions are limited to %s %d %u %zu %lld %llu. Long arguments are
 * cut at a UTF-8 boundary. Return `code`. `e` may be NULL.
 */
int err_set(struct err *e, int code, const char *msgid, ...)
    __attribute__((format(printf, 3, 4), nonnull(3)));

/* The same, with the arguments at `ap`. */
int err_vset(struct err *e, int code, const char *msgid, va_list ap)
    __attribute__((format(printf, 3, 0), nonnull(3)));

/* A word or sentence of ours, made an argument of another message by err_word. */
struct err_word {
    char text[ERR_ARG_BYTES];
};

/*
 * `msgid` as an argument for %s that is itself translated when the whole is rendered:
 * `err_set(…, "not a record: %s", err_word(what).text)`. It needs its entry in the catalog as any
 * other msgid does (N_).
 */
struct err_word err_word(const char *msgid);

/* Say that what `e` holds, if anything, is about `where`: a file, printed before the message. */
void err_where(struct err *e, const char *where);

/* Forget the error that `e` holds; what it is about (err_where) stays. */
void err_clear(struct err *e);

/* Begin with no error, on paths where the zeroes of a whole `struct err` would be felt. */
static inline void err_init(struct err *e) {
    e->code = 0;
    e->msgid = NULL;
    e->n = 0;
    e->where[0] = '\0';
}

/*
 * Render `e` into `out` (at most `cap` bytes with the NUL) through `tr`, which maps a msgid to its
 * translation (NULL: English); arguments made by err_word go through it too. Translations may
 * reorder arguments with %1$s. Returns `out`.
 */
const char *err_text(const struct err *e, const char *(*tr)(const char *), char *out, size_t cap);

/* The exit status a program ends with for `code` (0 or an enum err_code). */
int err_exit_status(int code);

/* Of a program that stays up: its machine failed it, and starting it again is all there is to do.
 */
#define ERR_EXIT_AGAIN 71

/*
 * The same of a program that stays up: ERR_EXIT_AGAIN tells whoever looks after it that it is to be
 * started again, apart from what only a person can mend, such as a refusal or damage, which is 1.
 */
int err_exit_status_staying(int code);

/* ERR_NOMEM with its message; the only place that words it. */
int err_nomem(struct err *e);

#endif
