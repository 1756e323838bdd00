/*
 * Forks: second records of one place of a lane, and those whose place was given to another, kept as
 * evidence against their author, as much of it as convinces.
 */
#ifndef STORE_FORK_H
#define STORE_FORK_H

#include "core/record.h"
#include "store/db.h"

/* Whose, the place that another record has, and which this is. */
struct fork {
    struct hash actor;
    uint32_t epoch;
    struct uid lane;
    uint64_t seq;
    struct hash id;
};

/* How much more is kept against `actor`: LIMIT_FORKS, and LIMIT_FORK_BYTES of records, in all. */
struct fork_room {
    uint32_t rows;
    size_t bytes;
};
struct fork_room fork_room(struct txn *t, const struct hash *actor);
/* Whether one of `bytes` has room, which it takes then. */
bool fork_room_take(struct fork_room *room, size_t bytes);

/* Keep `r` as evidence that its author stated two records with one seq. */
void fork_keep(struct txn *t, const struct record *r);

/* Whether there is any against `actor` in `epoch`. */
bool fork_any(struct txn *t, const struct hash *actor, uint32_t epoch);
/* Whether the record before `h` in its lane is one. */
bool fork_precedes(struct txn *t, const struct record_header *h);
/* The first and the last of a lane; false: it has none. */
bool fork_first(struct txn *t, const struct hash *actor, uint32_t epoch, const struct uid *lane,
                struct fork *ret_fork);
bool fork_last(struct txn *t, const struct hash *actor, uint32_t epoch, const struct uid *lane,
               struct fork *ret_fork);
/* The one of `actor` in `epoch` after `*f` (all zero: the first), into that; false: there is none.
 * Writes are allowed in between. */
bool fork_next(struct txn *t, const struct hash *actor, uint32_t epoch, struct fork *f);

/* Each of all. */
struct fork_walk {
    struct walk walk;
    struct hash actor;
};
void fork_walk_init(struct fork_walk *w, struct txn *t);
/* Those of `actor` only. */
void fork_walk_of(struct fork_walk *w, struct txn *t, const struct hash *actor);
bool fork_walk_next(struct fork_walk *w, struct fork *ret_fork);
void fork_walk_done(struct fork_walk *w);

/* The record that `f` is kept of, parsed; errors are those of log_get. */
int fork_get(struct txn *t, const struct fork *f, struct record *ret_record, struct err *e);
/* The one whose id begins with the hex digits `prefix`, as log_find takes them; false: none does,
 * or several do. */
bool fork_find(struct txn *t, const char *prefix, struct fork *ret_fork);

#endif
