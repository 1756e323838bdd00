/*
 * An actor: one author over its store. What a node and a hub share: an identity with its keys, an
 * append-only log, an outbox to the hub above (none at the root), and inboxes for children (none at
 * a node).
 *
 * A directory holds one actor:
 *
 *     actor.key    signing and transport seeds, 0600
 *     next.key     those of its next epoch, from when they are made until that is granted
 *     data.mdb     the store (lock.mdb beside it is LMDB's)
 *     daemon.lock  held while a daemon runs
 */
#ifndef NODE_ACTOR_H
#define NODE_ACTOR_H

#include "core/record.h"
#include "node/catalog.h"
#include "node/ended.h"
#include "node/roster.h"
#include "proto/payload.h"
#include "store/db.h"

struct actor {
    struct db *db;
    struct catalog catalog; /* of what the last transaction that asked for it held */
    uint64_t committed;     /* how much of the catalog is of records that stay */
    uint64_t read_at;       /* the state of the store that all this was read from; 0: who knows */
    uint64_t wrote;         /* the state of the store that was last written here; 0: who knows */
    struct key_pair *sign, *transport; /* of `epoch` */
    struct key_pair *other_sign,
        *other_transport; /* those of the next one, or of the last; or NULL */
    uint32_t keyed;       /* the epoch for which `sign` and `transport` were picked; 0: anew */
    bool foreign; /* neither is the key of `epoch`: store and key file are of different times */
    struct hash id, deployment;
    uint32_t epoch;
    enum role role;
    bool is_root;       /* the root hub: no parent, no outbox */
    struct uid unit;    /* whose actor it is */
    struct uid outbox;  /* instance of the stream to the parent; zero at the root */
    struct hash parent; /* the parent's actor; zero at the root */
    bool spent; /* it lacks records of its own: it signs nothing in its epoch, see renewal */
    struct uid renewal;     /* names its request for the next epoch; zero: not made yet */
    struct uid rotation;    /* what will name its request for new keys; zero: it wants none */
    struct hash granted_by; /* the record that says who the root's own keys are … */
    struct hash root_keys[ROOT_KEYS]; /* … as it was read last */
    struct ended ended;               /* it was revoked or replaced */
    bool clock_doubt; /* of a hub that serves: it doubts its clock, see hub/doubt.h */
};

/*
 * What an actor may do by now. Whichever comes later here covers what comes before it.
 *
 *     LIVE ──lost, put back──► SPENT ──granted──► LIVE      states nothing until then
 *       ├──wants new keys──► ROTATING ──granted──► LIVE      likewise
 *       ├──key file of another time──► FOREIGN                until both are put back
 *       └──revoked, replaced──► ENDED ──welcomed, granted──► states nothing; looks and hands out
 */
enum actor_state { ACTOR_LIVE, ACTOR_SPENT, ACTOR_ROTATING, ACTOR_FOREIGN, ACTOR_ENDED };
enum actor_state actor_state(const struct actor *a);

/*
 * Begin a transaction and bring the catalog up to it. A write transaction that fails to commit
 * leaves the catalog with what was never held: actor_commit takes care of that, so end with it or
 * with actor_abort.
 */
int actor_begin(struct actor *a, bool write, struct txn **ret_txn, struct err *e);
int actor_commit(struct actor *a, struct txn *t, struct err *e);
void actor_abort(struct actor *a, struct txn *t); /* NULL is accepted */

/* ERR_REFUSED while `a` may sign nothing, saying what to do. */
int actor_may_sign(const struct actor *a, struct err *e);
/* Whether what `a` has to state is kept until it may: it lacks records of its own, or ended. */
bool actor_holds_back(const struct actor *a);

/*
 * Open the actor of directory `dir`: its store and keys. `passphrase` may be NULL. ERR_ABSENT with
 * a message that says how to begin if there is none, ERR_REFUSED if it is of another role.
 */
int actor_open(const char *dir, enum role role, const char *passphrase,
               const struct db_options *options, struct actor *ret_actor, struct err *e);
/* The same for whoever only reads. Where its key file is gone it opens without keys (it is foreign
 * to its store then and may sign nothing), and `ret_keyless` says what to do; else that stays
 * clear. */
int actor_open_to_read(const char *dir, enum role role, const char *passphrase,
                       struct err *ret_keyless, struct actor *ret_actor, struct err *e);
void actor_close(struct actor *a);
/* Whether `a`, which wants new keys, has asked for them and waits for the answer. */
bool actor_rotates(const struct actor *a);
/* Have `sign` and `transport`, which become the actor's, at hand for the next epoch. */
void actor_put_next(struct actor *a, struct key_pair *sign, struct key_pair *transport);
/* Let `a` sign with the key that its epoch, as `t` knows it, calls for. */
void actor_pick_keys(struct actor *a, struct txn *t);

/* ERR_REFUSED, saying whose it is, if directory `dir` holds any thidua data; nothing is touched. */
int actor_vacant(const char *dir, struct err *e);
/* The refusal itself: whose the store `db` in `dir` is. Never 0. */
int actor_taken(struct db *db, const char *dir, struct err *e);

/* What a new directory is made of. */
struct actor_birth {
    enum role role;
    bool is_root;
    struct uid unit;
    struct hash deployment;
    struct hash parent;            /* zero at the root */
    uint8_t sign_seed[SEED_BYTES]; /* random; wiped by the caller */
    uint8_t transport_seed[SEED_BYTES];
    struct uid outbox; /* random */
};
/* Enter identity rows for `b` in the new store of `t`; the key file is the caller's to write. */
void actor_born(struct txn *t, const struct actor_birth *b);

/* A direct child, as the parent keeps it. */
struct child {
    struct hash actor;
    struct uid unit;
    struct uid inbox; /* instance of the stream to it */
    bool named;       /* it has greeted with that stream: it has no reason to name an older one */
    bool doubt;       /* it read what is not on that stream, and has not shown why: see greeting */
    bool handed;      /* to the root hub, an older copy: since that stream began it has read all of
                       * it, and all that it had then is here */
};
/* What is kept of `flags`, the last byte of a child's row, into `child`. */
void actor_child_flags(uint8_t flags, struct child *child);
/* The child `actor` that reports for `unit`; false if there is none. */
bool actor_child(struct txn *t, const struct uid *unit, const struct hash *actor,
                 struct child *ret_child);
/* Keep `c` as it is. */
void actor_put_child(struct txn *t, const struct child *c);

/*
 * The only writers of what an actor is by now, here and in `t` alike: the epoch in which it signs;
 * that it is `spent` and what its request for the next epoch is called (zero: none was made); and
 * what will name its request for new keys.
 */
void actor_put_epoch(struct actor *a, struct txn *t, uint32_t epoch);
void actor_put_renewal(struct actor *a, struct txn *t, bool spent, struct uid renewal);
void actor_put_rotation(struct actor *a, struct txn *t, struct uid rotation);
/* … and what the hub above said at `now`: refusal `r`, or NULL: it welcomed us. */
void actor_put_answer(struct actor *a, struct txn *t, const struct frame_refused *r, instant now);

#endif
