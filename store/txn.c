/* Transactions: begin, look, put, commit. */
#include "core/mem.h"
#include "store/db.h"
#include "store/db_inside.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>

/* The room of a transaction that is over is kept for the next one: it is large. */
static void put_away(struct db *db, struct txn *t) {
    mem_free(db->ended);
    db->ended = t;
}

int txn_begin(struct db *db, bool write, struct txn **ret_txn, struct err *e) {
    struct txn *t = db->ended ? db->ended : mem_alloc(sizeof *t);
    db->ended = NULL;
    if (!t)
        return err_nomem(e);
    int rc = db_begin(db, write, &t->mdb);
    if (rc != 0) {
        put_away(db, t);
        return db_translate(e, rc, "begin");
    }
    t->db = db;
    t->write = write;
    t->put = 0;
    t->writes = 0;
    t->summed = false;
    memset(t->at_rest, 0, sizeof t->at_rest);
    err_clear(&t->err);
    db->open++;
    *ret_txn = t;
    return 0;
}

static void drop_cursors(struct txn *t) {
    for (int i = 0; i < TABLE_COUNT; i++)
        drop_cursor(t, (enum store_table)i);
}

/* End `t` without a trace; a read transaction becomes the spare one. */
static void end_mdb(struct txn *t) {
    drop_cursors(t);
    if (t->write || t->db->spare) {
        mdb_txn_abort(t->mdb);
        return;
    }
    mdb_txn_reset(t->mdb);
    t->db->spare = t->mdb;
}

void txn_abort(struct txn *t) {
    if (!t)
        return;
    end_mdb(t);
    t->db->open--;
    put_away(t->db, t);
}

/* LMDB tells a write that the disk took in part as a broken device: mostly the disk was full. */
static int cause_of(const struct db *db, int rc) {
    struct statvfs fs;
    mdb_filehandle_t fd;
    bool full = rc == EIO && mdb_env_get_fd(db->env, &fd) == 0 && fstatvfs(fd, &fs) == 0 &&
                fs.f_bavail == 0;
    return full ? ENOSPC : rc;
}

/*
 * Whether a commit that failed for `cause` is known to have changed nothing: LMDB writes the page
 * that makes it count last, and begins no transaction any more once that write failed.
 */
static bool is_undone(const struct db *db, int cause) {
    MDB_txn *probe;
    if (cause != ENOSPC || mdb_txn_begin(db->env, NULL, MDB_RDONLY, &probe) != 0)
        return false;
    mdb_txn_abort(probe);
    return true;
}

static int finish(struct txn *t, struct err *e) {
    enum commit_fault fault = COMMIT_AS_IS;
    if (!t->write) {
        end_mdb(t);
        return 0;
    }
    drop_cursors(t);
    if (t->db->options.fault)
        fault = t->db->options.fault(t->db->options.fault_arg);
    if (fault == COMMIT_LOST || fault == COMMIT_UNKNOWN_LOST) {
        mdb_txn_abort(t->mdb);
        return err_set(e, fault == COMMIT_LOST ? ERR_IO : ERR_UNKNOWN,
                       "the store failed (commit): %s", "fault");
    }
    int rc = mdb_txn_commit(t->mdb);
    t->db->full |= rc == MDB_MAP_FULL;
    if (rc == MDB_MAP_FULL || rc == ENOMEM)
        return db_translate(e, rc, "commit");
    int cause = cause_of(t->db, rc);
    if (is_undone(t->db, cause))
        return db_translate(e, cause, "commit");
    if (rc != 0 || fault == COMMIT_UNKNOWN_KEPT)
        return err_set(e, ERR_UNKNOWN,
                       "a write to the store failed and its outcome is not known "
                       "(%s): stopping; start again, nothing receipted is lost",
                       rc ? mdb_strerror(cause) : "fault");
    return 0;
}

/* Let the store have the sums that go with what was written. */
static void put_sums(struct txn *t) {
    if (t->writes == 0)
        return;
    sums_begin(t);
    int rc = t->err.code == 0 ? sums_write(t->mdb, t->db->names, t->sums) : 0;
    t->db->full |= rc == MDB_MAP_FULL;
    if (rc != 0)
        db_translate(&t->err, rc, "sums");
}

int txn_commit(struct txn *t, struct err *e) {
    put_sums(t);
    int rc = txn_failed(t, e);
    if (rc != 0) {
        txn_abort(t);
        return rc;
    }
    rc = finish(t, e);
    t->db->open--;
    put_away(t->db, t);
    return rc;
}

bool txn_writes(const struct txn *t) {
    return t->write;
}

uint64_t txn_writes_made(const struct txn *t) {
    return t->writes;
}

static_assert(TABLE_COUNT < 32, "a bit for each table");

bool txn_has_put(const struct txn *t, enum store_table table) {
    return table == TABLE_COUNT ? t->put != 0 : (t->put >> table & 1) != 0;
}

uint64_t txn_id(const struct txn *t) {
    return mdb_txn_id(t->mdb);
}

int txn_failed(const struct txn *t, struct err *e) {
    if (t->err.code != 0 && e && e->code == 0)
        *e = t->err;
    return t->err.code;
}

void txn_fail(struct txn *t, const struct err *why) {
    if (t->err.code == 0)
        t->err = *why;
}

bool txn_get(struct txn *t, enum store_table table, struct slice key, struct slice *ret_value) {
    if (t->err.code != 0)
        return false;
    MDB_val k = val_of(key), v;
    int rc = mdb_get(t->mdb, t->db->dbi[table], &k, &v);
    if (rc != 0 && rc != MDB_NOTFOUND)
        db_translate(&t->err, rc, db_table_name(table));
    if (rc != 0)
        return false;
    struct slice value = slice_val(v);
    if (rows_checked(table) && !row_open(table, key, &value)) {
        if (!table_disposable(table))
            rows_damaged(&t->err, table);
        return false;
    }
    if (ret_value)
        *ret_value = value;
    return true;
}

/* With its check behind it. */
static int put_checked(struct txn *t, enum store_table table, struct slice key,
                       struct slice value) {
    uint64_t check = row_check(table, key, value);
    MDB_val k = val_of(key), room = {value.len + CHECK_BYTES, NULL};
    sums_begin(t);
    sums_take(t, table, key);
    if (t->err.code != 0)
        return 0;
    int rc = mdb_put(t->mdb, t->db->dbi[table], &k, &room, MDB_RESERVE);
    if (rc != 0)
        return rc;
    if (value.len > 0)
        memcpy(room.mv_data, value.data, value.len);
    row_check_put((uint8_t *)room.mv_data + value.len, check);
    *sum_of(t->sums, table) += check;
    return 0;
}

void txn_put(struct txn *t, enum store_table table, struct slice key, struct slice value) {
    assert(t->write);
    if (t->err.code != 0)
        return;
    drop_cursor(t, table);
    t->writes++;
    MDB_val k = val_of(key), v = val_of(value);
    int rc = rows_checked(table) ? put_checked(t, table, key, value)
                                 : mdb_put(t->mdb, t->db->dbi[table], &k, &v, 0);
    t->put |= UINT32_C(1) << table;
    t->db->full |= rc == MDB_MAP_FULL;
    if (rc != 0)
        db_translate(&t->err, rc, db_table_name(table));
}

void txn_delete(struct txn *t, enum store_table table, struct slice key) {
    assert(t->write);
    if (t->err.code != 0)
        return;
    drop_cursor(t, table);
    t->writes++;
    if (rows_checked(table)) {
        sums_begin(t);
        sums_take(t, table, key);
    }
    if (t->err.code != 0)
        return;
    MDB_val k = val_of(key);
    int rc = mdb_del(t->mdb, t->db->dbi[table], &k, NULL);
    t->db->full |= rc == MDB_MAP_FULL;
    if (rc != 0 && rc != MDB_NOTFOUND)
        db_translate(&t->err, rc, db_table_name(table));
}

uint64_t txn_count(struct txn *t, enum store_table table) {
    MDB_stat stat = {0};
    int rc = t->err.code != 0 ? 0 : mdb_stat(t->mdb, t->db->dbi[table], &stat);
    if (rc != 0)
        db_translate(&t->err, rc, db_table_name(table));
    return stat.ms_entries;
}

void txn_clear(struct txn *t, enum store_table table) {
    assert(t->write);
    drop_cursor(t, table);
    t->writes++;
    if (rows_checked(table)) {
        sums_begin(t);
        *sum_of(t->sums, table) = 0;
    }
    int rc = t->err.code != 0 ? 0 : mdb_drop(t->mdb, t->db->dbi[table], 0);
    t->db->full |= rc == MDB_MAP_FULL;
    if (rc != 0)
        db_translate(&t->err, rc, db_table_name(table));
}
