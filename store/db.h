/*
 * The LMDB edge: the only file that knows lmdb. Transactions carry one sticky error, so that a step
 * reads and writes without checking each call; the commit answers for all of them.
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

/* The tables; store/FORMAT.md says what each holds. */
enum store_table {
    TABLE_META,
    TABLE_RECORDS,
    TABLE_LOG,
    TABLE_KINDS,
    TABLE_LANES,
    TABLE_FORKS,
    TABLE_ACTORS,
    TABLE_TRANSPORTS,
    TABLE_CHILDREN,
    TABLE_STREAMS,
    TABLE_QUEUED,
    TABLE_CURSORS,
    TABLE_PENDING,
    TABLE_AWAITED,
    TABLE_RECEIPTS,
    TABLE_SLOTS,
    TABLE_TICKETS,
    TABLE_HEARD,
    TABLE_CONTACTS,
    TABLE_NAMES,
    TABLE_DRAFTS,
    TABLE_ARRIVALS,
    TABLE_STANDINGS,
    TABLE_PLACES,
    TABLE_TOUCHED,
    TABLE_CALLED,
    TABLE_SHARES,
    TABLE_COUNT
};

struct db;
struct txn;

/* Faults at the commit, for simulation: the second implementation beside the disk itself. */
enum commit_fault { COMMIT_AS_IS, COMMIT_LOST, COMMIT_UNKNOWN_KEPT, COMMIT_UNKNOWN_LOST };
struct db_options {
    size_t map_bytes; /* to begin with; 0: the default. The map grows by itself */
    bool no_sync;     /* simulation only: virtual disks do not lose power by accident */
    bool write_map;  /* simulation only: pages are changed in the map, without a system call each */
    void *fault_arg; /* simulation only … */
    enum commit_fault (*fault)(void *fault_arg); /* … asked at every commit; NULL: none */
};

/*
 * Open the store in directory `dir`; with `create`, make it if it is not there. Clears stale
 * readers. ERR_ABSENT if there is none, ERR_REFUSED if a newer program wrote it, ERR_IO with the
 * cause otherwise.
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

/* What `check` asks of the store itself: the names and entry counts of all tables. */
const char *db_table_name(enum store_table table);

/* Copy the whole store, consistent, into the empty directory `dir`. */
int db_backup(struct db *db, const char *dir, struct err *e);

#endif
