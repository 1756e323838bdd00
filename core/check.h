/*
 * Checking what somebody wrote, piece by piece, with a message that leads to the place. A place is
 * a key path as in the file, lists counted from 1: `criteria[3].parent`.
 *
 * The error is sticky: after the first one every check does nothing. A missing string (NULL) is an
 * empty one.
 */
#ifndef CORE_CHECK_H
#define CORE_CHECK_H

#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct label;

#define CHECK_PATH 128

struct check {
    int rc; /* 0: nothing wrong so far */
    struct err *e;
    char at[CHECK_PATH]; /* the thing looked at, as printed by check_enter */
    char path[CHECK_PATH];
};

/* Start `c` with nothing wrong; what is found goes into `e`. */
void check_init(struct check *c, struct err *e);
/* From now on keys are looked up in the thing at `at` (printf), `criteria[3]`; empty: the top. */
void check_enter(struct check *c, const char *at, ...) __attribute__((format(printf, 2, 3)));
/* The key path of `key` in the thing looked at; valid until the next call. */
const char *check_path(struct check *c, const char *key);
/* Whether `s` says anything. */
bool check_given(const char *s);
/* Whether `a` and `b` say the same. */
bool check_same(const char *a, const char *b);

/* `id` is a code or id typed by people; an empty one passes where not `required`. */
void check_code(struct check *c, const char *key, const char *id, bool required);
/* `s` is NFC without control characters, at most `max` bytes; line feeds only with `lines`. */
void check_text(struct check *c, const char *key, const char *s, uint32_t max, bool lines);
/* Both languages of `l`; one of them must be given where `required`. */
void check_label(struct check *c, const char *key, const struct label *l, bool required);
/* `value` lies in [min, max]. */
void check_range(struct check *c, const char *key, int64_t value, int64_t min, int64_t max);
/* A list of `n` is not longer than `max`; false once anything is wrong, so that nobody walks it. */
bool check_count(struct check *c, const char *key, uint32_t n, uint32_t max);
/*
 * No two of the `n` things of `size` bytes at `list` have one id, a char * at `offset` in each;
 * empty ids are not compared. `key` names the list.
 */
void check_unique(struct check *c, const char *key, const void *list, uint32_t n, size_t size,
                  size_t offset);
/* Which of the things, as check_unique takes them, has `id`; -1 if none. */
int check_find(const void *list, uint32_t n, size_t size, size_t offset, const char *id);
/* `d` is a day of the years 1 to 9999. */
void check_day(struct check *c, const char *key, int32_t d);
/* Days `from` and `until` (DAY_NONE: open) leave at least one day in [from, until). */
void check_days(struct check *c, const char *key, int32_t from, int32_t until);

#endif
