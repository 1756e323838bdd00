/*
 * What is inside of a store and a transaction: for db.c, txn.c, rows.c and walk.c of this folder,
 * which alone speak to LMDB.
 */
#ifndef STORE_DB_INSIDE_H
#define STORE_DB_INSIDE_H

#include "core/bytes.h"
#include "core/err.h"
#include "store/tables.h"

#include <lmdb.h>

#define CHECK_BYTES 8
#define SUMS 12         /* tables whose rows carry checks */
#define MDB_KEY_MAX 511 /* LMDB's bound */

struct db {
    MDB_env *env;
    MDB_dbi dbi[TABLE_COUNT];
    MDB_dbi names; /* where LMDB has the names of the tables; ours are the sums beside them */
    struct db_options options;
    unsigned open;     /* transactions of this process that have not ended */
    bool full;         /* a transaction met the end of the map */
    MDB_txn *spare;    /* a read transaction that ended, to be begun again: that is half as dear */
    struct txn *ended; /* the room of the last transaction that ended, for the next one */
};

/* Cursors at rest are taken up again: most transactions look into the same few tables many times.
 * None is at rest over a table while that is written. */
struct txn {
    struct db *db;
    MDB_txn *mdb;
    bool write;
    uint64_t writes; /* puts and deletions so far */
    uint32_t put;    /* tables that something was put into, a bit each */
    bool summed;     /* `sums` are what the store shall have */
    uint64_t sums[SUMS];
    MDB_cursor *at_rest[TABLE_COUNT];
    struct err err;
};

/* Begin LMDB's own transaction, in a map that is large enough; LMDB's code. */
int db_begin(struct db *db, bool write, MDB_txn **ret_mdb);

/* The place of a table's sum among all sums, from 1; 0: its rows carry no checks. */
extern const uint8_t sum_places[TABLE_COUNT];

static inline bool rows_checked(enum store_table table) {
    return sum_places[table] != 0;
}

static inline uint64_t *sum_of(uint64_t sums[SUMS], enum store_table table) {
    return &sums[sum_places[table] - 1];
}

uint64_t row_check(enum store_table table, struct slice key, struct slice value);
/* `check` as it stands behind a value. */
void row_check_put(uint8_t *out, uint64_t check);
/* Take the check off `value`, that of a row of `table`; false: it does not hold. */
bool row_open(enum store_table table, struct slice key, struct slice *value);
/* ERR_CORRUPT: it is not as the last write left it. */
int db_behind(struct err *e);
/* ERR_CORRUPT: it does not hold. */
int rows_damaged(struct err *e, enum store_table table);
/* The sums, to be changed with the rows. */
void sums_begin(struct txn *t);
/* Less what the row of `key` adds. */
void sums_take(struct txn *t, enum store_table table, struct slice key);
int sums_write(MDB_txn *t, MDB_dbi names, const uint64_t sums[SUMS]);
/* That they were written by the last transaction; ERR_CORRUPT: they were not. */
int sums_current(struct txn *t, struct err *e);

/* Word LMDB's error `rc`, met while `doing` something, in `e`; the code that it stands for. */
int db_translate(struct err *e, int rc, const char *doing);

static inline MDB_val val_of(struct slice s) {
    union {
        const void *in;
        void *out;
    } u = {.in = s.data}; /* LMDB does not write through keys and values that it is given */
    return (MDB_val){s.len, u.out};
}

static inline struct slice slice_val(MDB_val v) {
    return slice_of(v.mv_data, v.mv_size);
}

/* Let no cursor be at rest over `table`. */
static inline void drop_cursor(struct txn *t, enum store_table table) {
    if (t->at_rest[table])
        mdb_cursor_close(t->at_rest[table]);
    t->at_rest[table] = NULL;
}

#endif
