/*
 * The log: every record this store holds, by id, by author's lane, by kind, and in the order in
 * which it came to be held here (its local number, from 1). Nothing in it is ever changed or
 * deleted, but that a place of a lane may come to be another's (log_displace). What is read back
 * is checked against its id each time.
 */
#ifndef STORE_LOG_H
#define STORE_LOG_H

#include "core/record.h"
#include "store/db.h"

struct log_head {
    uint64_t seq; /* 0: the lane is empty */
    struct hash id;
};

bool log_has(struct txn *t, const struct hash *id);

/*
 * The record that a row of this store names, parsed; its bytes point into the map. What a row names
 * is held: ERR_CORRUPT if it is not, or what is stored is not that record any more.
 */
int log_get(struct txn *t, const struct hash *id, struct record *ret_record, struct err *e);
/* The same; false: it fails `t`, so that damage never passes for “no”. */
bool log_named(struct txn *t, const struct hash *id, struct record *ret_record);
/* The record that somebody names, who may name what is not here: ERR_ABSENT if it is not held. */
int log_seek(struct txn *t, const struct hash *id, struct record *ret_record, struct err *e);
/* The same; false if it is not held. What is held and cannot be read fails `t`. */
bool log_held(struct txn *t, const struct hash *id, struct record *ret_record);
/* ERR_CORRUPT: what is kept of the record `id` is not it. */
int log_damaged(const struct hash *id, struct err *e);

/* The last record of a lane of `actor` in `epoch`. */
struct log_head log_head_of(struct txn *t, const struct hash *actor, uint32_t epoch,
                            const struct uid *lane);
/* The id at `seq` of that lane; false if it is not held. */
bool log_at(struct txn *t, const struct hash *actor, uint32_t epoch, const struct uid *lane,
            uint64_t seq, struct hash *ret_id);

/* Whether any lane of `actor` has `id`, among its first LOG_STATES_ROWS: for one that is not held,
 * which then is damaged. */
#define LOG_STATES_ROWS                                                                            \
    8192u /* an office in earnest has fewer; who makes up names is not looked up */
bool log_states(struct txn *t, const struct hash *actor, const struct hash *id);

/* The head of each lane of one actor, by epoch and lane. Writes are allowed in between. */
struct lane_walk {
    struct txn *t;
    struct hash actor;
    uint32_t epoch; /* of the last one given … */
    struct uid lane;
    bool begun;
    bool looked; /* … and what follows it, as it was when so much had been written */
    uint64_t writes;
    bool follows;
    uint32_t next_epoch;
    struct uid next_lane;
};
void lane_walk_init(struct lane_walk *w, struct txn *t, const struct hash *actor);
bool lane_walk_next(struct lane_walk *w, struct log_head *ret_head);

/* Hold `r`, which must be new and follow its lane's head; its local number is returned. */
uint64_t log_append(struct txn *t, const struct record *r);

/*
 * Take what `actor` is said to have stated in epochs from `epoch` on out of its lanes, so that
 * others can have these places: the key that signed it never was the actor's. It stays held and
 * numbered; as much of it as convinces is kept as forks.
 */
int log_displace(struct txn *t, const struct hash *actor, uint32_t epoch, struct err *e);
/* The greatest local number in use. */
uint64_t log_last(struct txn *t);

/* Ids of kind `kind` (0: of every kind) with a local number above `after`, in that order. */
struct log_walk {
    struct walk walk;
    uint8_t prefix[2], from[10];
    size_t prefix_len;
};
void log_walk_init(struct log_walk *w, struct txn *t, uint16_t kind, uint64_t after);
bool log_walk_next(struct log_walk *w, uint64_t *ret_number, struct hash *ret_id);
void log_walk_done(struct log_walk *w);

/* Whether any of what came to be held above the local number `after` is of one of the `n` kinds at
 * `kinds`. */
bool log_grew_by(struct txn *t, uint64_t after, const uint16_t *kinds, size_t n);

/* The one record whose id begins with the hex digits `prefix` (8 or more). ERR_REFUSED if none or
 * several do. */
int log_find(struct txn *t, const char *prefix, struct hash *ret_id, struct err *e);

#endif
