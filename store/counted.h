/*
 * Counted sets: keys in order, inside the store, that know how many there are before each. Adding,
 * removing, the place of a key and the key of a place each cost O(log n) reads and writes.
 *
 * A set is all rows of one table whose key starts with `set`. It is a skip list whose levels are
 * drawn from the keys themselves, so that the same keys make the same rows, whatever the order in
 * which they came:
 *
 *     level 3  head ───────────────────────────────► h ──►        about 1 of 262,144
 *     level 2  head ──────────► d ─────────────────► h ──►        1 of 4,096
 *     level 1  head ────► b ──► d ────► f ─────────► h ──►        1 of 64
 *     level 0        a    b  c  d  e    f  g         h  i         every key, with its value
 *
 *     row: set ‖ level 1 ‖ key   value: at level 0 the caller's, above how many keys of level 0
 *                                       stand from here to the next of this level (4 bytes)
 *
 * The head has the empty key and no row while nothing stands before the first of its level. Whoever
 * chooses keys so that they all lie on level 0 makes his set slow, not wrong.
 */
#ifndef STORE_COUNTED_H
#define STORE_COUNTED_H

#include "store/db.h"
#include "store/key.h"

struct counted {
    struct txn *t;
    enum store_table table;
    struct key set; /* what every row starts with */
};

/* Add `key` with `value`; it must not be there. A key has at least one byte. */
void counted_add(const struct counted *c, struct slice key, struct slice value);
/* Remove `key`; it must be there. */
void counted_remove(const struct counted *c, struct slice key);
/* How many keys there are. */
uint64_t counted_total(const struct counted *c);
/* How many keys go before `key`, whether or not it is there itself. */
uint64_t counted_before(const struct counted *c, struct slice key);
/* How many keys start with `part` or go before whatever does. */
uint64_t counted_through(const struct counted *c, struct slice part);

/* The keys from place `at` (0: the first) on, with their values; no writes while it is open. */
struct counted_walk {
    struct walk walk;
    struct key prefix, from;
};
void counted_walk_init(struct counted_walk *w, const struct counted *c, uint64_t at);
bool counted_walk_next(struct counted_walk *w, struct slice *ret_key, struct slice *ret_value);
void counted_walk_done(struct counted_walk *w);

/* Whether the counts above level 0 are what the keys of level 0 make. */
bool counted_holds(const struct counted *c);

#endif
