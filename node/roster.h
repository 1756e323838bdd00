/*
 * Roster: who may sign what, as genesis, grants and enrolments in this store say. A view: every row
 * follows from records, in log order.
 */
#ifndef NODE_ROSTER_H
#define NODE_ROSTER_H

#include "core/limits.h"
#include "core/record.h"
#include "core/units.h"
#include "proto/payload.h"
#include "store/db.h"

struct member {
    struct hash actor;
    uint32_t epoch;
    uint8_t by;      /* what it may author: one of BY_ROOT_KEY, BY_HUB, BY_NODE */
    bool ended;      /* replaced or revoked: only records up to its last good ones stand */
    bool final;      /* … by the recovery key: the root key lets it sign on no more */
    struct uid unit; /* zero for the root keys */
    struct public_key sign_key, transport_key; /* transport zero for the root keys */
    struct hash enroller; /* the actor that enrolled it; zero for the root keys */
    uint64_t order;       /* seq of its enrolment in the enroller's lane 0 */
    struct hash record;   /* its genesis, grant or enrolment */
    struct uid renewal;   /* of later epochs: the request that was granted; else zero */
};

/* The member `actor` in `epoch`; false if nobody enrolled it. */
bool roster_find(struct txn *t, const struct hash *actor, uint32_t epoch,
                 struct member *ret_member);

/* The latest epoch in which `actor` is enrolled; 0: in none. */
uint32_t roster_epoch(struct txn *t, const struct hash *actor);

/*
 * Where an actor was first enrolled: the places of the enrolments that lead to it from the root,
 * each in lane 0 of whoever stated it. Orders actors of one unit by the log of their nearest common
 * ancestor, whichever hubs enrolled them.
 */
#define ENROLMENT_STEPS LIMIT_ENROLMENTS /* root key, a hub at every level, the actor */
struct enrolment_place {
    uint32_t n;
    struct {
        uint32_t epoch;
        uint64_t seq;
        struct uid unit; /* of the actor that was enrolled; zero for a root key */
    } steps[ENROLMENT_STEPS];
};
/* The first enrolment of `actor` into `ret_place`. */
int roster_enrolment(struct txn *t, const struct hash *actor, struct enrolment_place *ret_place,
                     struct err *e);
/* Negative, zero or positive as `a` came before `b`. */
int roster_enrolment_cmp(const struct enrolment_place *a, const struct enrolment_place *b);
/*
 * The last day on which `unit`, for which the actor enrolled at `place` reports, lay below everyone
 * on the way to it, by the tree `units`: DAY_LATEST as long as the unit stays where it was
 * enrolled. After a move, whoever the new hub enrolled speaks last, even if the old hub is the
 * younger one.
 */
day roster_enrolment_until(const struct enrolment_place *place, const struct units *units,
                           const struct uid *unit);
/* The root and the recovery key of the deployment, in this order, into `ret_keys`, if member `one`
 * is either; false if it is not. */
#define ROOT_KEYS 2u
bool roster_root_keys(struct txn *t, const struct member *one, struct hash ret_keys[ROOT_KEYS]);
/* Whether `author` may end `m`: a hub ends whom it enrolled, either root key what it granted, and
 * the recovery key also what the root key granted, and the root key itself. */
bool roster_may_end(struct txn *t, const struct hash *author, const struct member *m);
/* Whom the actor whose store this is enrolled with this transport key, last if more than one;
 * false if nobody. Another hub may have enrolled somebody with the same. */
bool roster_by_transport(struct txn *t, const struct public_key *key, struct member *ret_member);
/* `m`, just entered, has its transport key, if the actor whose store this is enrolled it, and
 * nobody else with that key later: an older copy of this store may have. */
void roster_note_transport(struct txn *t, const struct member *m);
/* Whom `key` lets in is found anew: the enrolment of a child with it has another place now. */
void roster_pick_transport(struct txn *t, const struct public_key *key);
/* The last seq of `lane` that an ended member's records stand up to; 0: none do. */
uint64_t roster_last_good(struct txn *t, const struct member *m, const struct uid *lane);
/* Append to `out` a struct last_good of each lane that an ending of `m` names, by lane: up to where
 * its records stand there. */
void roster_ends(struct txn *t, const struct member *m, struct buf *out);
/* Whether the record with header `h` stands: its author was not ended before it stated it. */
bool roster_stands(struct txn *t, const struct record_header *h);
/*
 * Whether the record with header `h`, which is held, was signed by a key that the root key named
 * for an epoch which the recovery key granted to another, or by whom such a key enrolled: it has no
 * place in its lane, and counts for nothing.
 */
bool roster_overruled(struct txn *t, const struct record_header *h);
/* Whether the recovery key ever overruled the root key so. */
bool roster_overrulings(struct txn *t);
/* How often the last good records of a hub or a root key, or the place of a hub's enrolment,
 * changed: what it stated has to be read anew. */
uint64_t roster_endings(struct txn *t);
/* The live member of `unit` with right `by`, if there is one. */
bool roster_of_unit(struct txn *t, const struct uid *unit, uint8_t by, struct member *ret_member);

/* Whether `r` (of a kind that enrols) would make a sound entry: ERR_REFUSED says what is off. */
int roster_check(struct txn *t, const struct record *r, struct err *e);
/*
 * Enter whom the enrolment `r`, which is not held, enrols, and keep it: see shown. The caller has
 * checked that its author signed it. ERR_REFUSED, saying why, where it would make no sound entry.
 * Whom it replaces goes on until it is held or said again.
 */
int roster_show(struct txn *t, const struct record *r, struct err *e);
/* Enter what `r`, just appended, says; other kinds say nothing. */
int roster_apply(struct txn *t, const struct record *r, struct err *e);
/*
 * The recovery key, `recovery`, overrules the root key with the grant `g`, just appended: what the
 * root key granted of that actor from that epoch on is void. Make the roster anew of the records
 * that stand, in log order; what was stated by whom nobody enrolled, then, leaves its lanes.
 */
int roster_rebuild(struct txn *t, const struct hash *recovery, const struct payload_grant *g,
                   struct err *e);

/* Each member in turn. */
struct roster_walk {
    struct walk walk;
};
void roster_walk_init(struct roster_walk *w, struct txn *t);
bool roster_walk_next(struct roster_walk *w, struct member *ret_member);
void roster_walk_done(struct roster_walk *w);
/* Call `each` with `arg` and the actor of each member, until it fails; it must write nothing. */
int roster_each(struct txn *t, int (*each)(void *arg, const struct hash *actor, struct err *e),
                void *arg, struct err *e);

/*
 * Whom no hub may enrol, whatever units lie below it: a hub beside itself, at its own unit, and a
 * machine to which more enrolments lead than the tree of units is deep. Whether `author` in `epoch`
 * may enrol a first machine for `unit` as `role`, as far as this goes: ERR_REFUSED says why not.
 */
int roster_bound_check(struct txn *t, const struct hash *author, uint32_t epoch,
                       const struct uid *unit, enum role role, struct err *e);

#endif
