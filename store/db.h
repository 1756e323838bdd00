/*
 * The LMDB edge: db.c, txn.c, rows.c and walk.c know lmdb, and nobody else. Transactions carry one
 * sticky error, so that a step reads and writes without checking each call; the commit answers for
 * all of them.
 *
 * One writer at a time, across processes. A slice that a get or a walk returns points into the map:
 * it is valid until the next put or delete of the same transaction, or its end, whichever is first.
 *
 * Durability: LMDB's default sync flags. When txn_commit returns 0 the transaction is on disk. When
 * it returns ERR_UNKNOWN nobody knows: the caller stops, and start-up finds out.
 */
#ifndef STORE_DB_H
#define STORE_DB_H

#include "core/bytes.h"
#include "core/err.h"
#include "store/tables.h"

struct db;
struct txn;

/*
 * Open the store in directory `dir`; with `create`, make it if it is not there. Clears stale
 * readers. ERR_ABSENT if there is none, ERR_REFUSED if a program of another format wrote it,
 * ERR_CORRUPT if it is empty, cut, lacks a table, or table meta is not as it was written, ERR_IO
 * with the cause otherwise.
 */
int db_open(const char *dir, bool create, const struct db_options *options, struct db **ret_db,
            struct err *e);
void db_close(struct db *db);

/* Begin; a write transaction waits for the one before it. ERR_IO when the map cannot grow. */
int txn_begin(struct db *db, bool write, struct txn **ret_txn, struct err *e);
/* End `t`. The sticky error if there is one (nothing was written), else the commit's outcome. */
int txn_commit(struct txn *t, struct err *e);
void txn_abort(struct txn *t); /* NULL is accepted */
/* The number of `t`: grows by one with every write transaction of any process. */
uint64_t txn_id(const struct txn *t);
/* Whether `t` may write. */
bool txn_writes(const struct txn *t);
/* Whether anything was put into `table` in `t`, TABLE_COUNT: into any. Then its number is surely
 * taken once it is committed. */
bool txn_has_put(const struct txn *t, enum store_table table);
/* How often anything was put or deleted in `t`. */
uint64_t txn_writes_made(const struct txn *t);
/* The sticky error so far; 0: none. */
int txn_failed(const struct txn *t, struct err *e);
/* Make `t` fail with what `why` says, if it has not failed already. */
void txn_fail(struct txn *t, const struct err *why);

/* Whether `table` has `key`; its value into `ret_value` (which may be NULL). */
bool txn_get(struct txn *t, enum store_table table, struct slice key, struct slice *ret_value);
void txn_put(struct txn *t, enum store_table table, struct slice key, struct slice value);
void txn_delete(struct txn *t, enum store_table table, struct slice key);
uint64_t txn_count(struct txn *t, enum store_table table);
/* Leave nothing in `table`. */
void txn_clear(struct txn *t, enum store_table table);
/* The last pair whose key starts with `prefix` and does not go after `key`; false: there is none.
 */
bool txn_get_before(struct txn *t, enum store_table table, struct slice prefix, struct slice key,
                    struct slice *ret_key, struct slice *ret_value);

/* All pairs whose key starts with `prefix`, in order. No put or delete in between. */
struct walk {
    struct txn *t;
    enum store_table table;
    void *cursor;
    struct slice prefix;
    struct slice start; /* first key wanted */
    bool begun;
};
/* `prefix` must live as long as the walk. */
void walk_init(struct walk *w, struct txn *t, enum store_table table, struct slice prefix);
/* The same, from the first key that is not before `from` (which begins with `prefix`). */
void walk_init_from(struct walk *w, struct txn *t, enum store_table table, struct slice prefix,
                    struct slice from);
bool walk_next(struct walk *w, struct slice *ret_key, struct slice *ret_value);
void walk_done(struct walk *w);
/* The last pair whose key starts with `prefix`; false if there is none. */
bool walk_last(struct txn *t, enum store_table table, struct slice prefix, struct slice *ret_key,
               struct slice *ret_value);
/* The same, and the key after all that start with `prefix`, which is passed on the way: `ret_next`
 * stays as it is if there is none. */
bool walk_last_and_next(struct txn *t, enum store_table table, struct slice prefix,
                        struct slice *ret_key, struct slice *ret_value, struct slice *ret_next);

/* ERR_ABSENT: the directory `dir` has no store, or is not there; it says what to do. */
int db_absent(const char *dir, struct err *e);

/* What FORMAT.md calls `table`; errors and findings of `check` name it so. */
const char *db_table_name(enum store_table table);

/* What a walk over all rows of a table finds. A row that no record proves carries a check. */
struct table_state {
    uint64_t rows, counted; /* met on the way; that the table says it has */
    uint64_t damaged;       /* not as they were written */
    bool misses;            /* all rows together are not those that were written last */
    bool disordered;        /* a key is not after the one before it */
};
int txn_check_table(struct txn *t, enum store_table table, struct table_state *ret_state,
                    struct err *e);
/* Whether nothing is off. */
bool table_whole(const struct table_state *s);
/* Whether rows of `table` that are not as they were written are as none: cursors, from which a
 * neighbour only sends again, and shares, which are counted again. */
bool table_disposable(enum store_table table);
/* Leave nothing in such tables, if any is not as it was written. */
int db_mend(struct db *db, struct err *e);

/* What is to be different in a copy of a store, which `t` writes. */
typedef void db_note(struct txn *t, const void *arg);
/* Write a copy of the whole store, as it is at one moment, to the new file `fd`, while others go on
 * reading and writing it: what db_open takes as a directory's data.mdb. `note` may change the copy.
 */
int db_backup(struct db *db, int fd, db_note *note, const void *arg, struct err *e);

#endif
