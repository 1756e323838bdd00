#include "store/db.h"

#include "core/mem.h"
#include "store/file.h"

#include <assert.h>
#include <errno.h>
#include <lmdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define MAP_BYTES_DEFAULT ((size_t)256 << 20)
#define MAP_BYTES_MAX ((size_t)1 << 40)
#define RESIZES_MAX 40 /* doublings from nothing to the largest map */
#define SCHEMA_VERSION 1u

static const char *const names[TABLE_COUNT] = {
    "meta",       "records",   "log",     "kinds",   "lanes",    "forks",   "actors",
    "transports", "children",  "streams", "queued",  "cursors",  "pending", "awaited",
    "receipts",   "slots",     "tickets", "heard",   "contacts", "names",   "drafts",
    "arrivals",   "standings", "places",  "touched", "called",   "shares",
};

struct db {
    MDB_env *env;
    MDB_dbi dbi[TABLE_COUNT];
    struct db_options options;
    unsigned open; /* transactions of this process that have not ended */
    bool full;     /* a transaction met the end of the map */
};

struct txn {
    struct db *db;
    MDB_txn *mdb;
    bool write;
    struct err err;
};

/* The one place that words LMDB's errors. */
static int translate(struct err *e, int rc, const char *doing) {
    if (rc == ENOSPC)
        return err_set(e, ERR_IO, "the disk is full (%s): free some space; nothing was changed",
                       doing);
    if (rc == ENOMEM)
        return err_nomem(e);
    if (rc == EACCES || rc == EROFS)
        return err_set(e, ERR_IO,
                       "the data directory cannot be written (%s): check its owner and "
                       "permissions",
                       doing);
    if (rc == MDB_CORRUPTED || rc == MDB_INVALID || rc == MDB_PAGE_NOTFOUND)
        return err_set(e, ERR_CORRUPT,
                       "the store is damaged (%s: %s): restore it from a backup or "
                       "from its neighbours",
                       doing, mdb_strerror(rc));
    if (rc == MDB_MAP_FULL)
        return err_set(e, ERR_IO, "the store's map is full (%s); try again", doing);
    return err_set(e, ERR_IO, "the store failed (%s): %s", doing, mdb_strerror(rc));
}

static MDB_val val_of(struct slice s) {
    union {
        const void *in;
        void *out;
    } u = {.in = s.data}; /* LMDB does not write through keys and values that it is given */
    return (MDB_val){s.len, u.out};
}

static struct slice slice_val(MDB_val v) {
    return slice_of(v.mv_data, v.mv_size);
}

/*
 * Double the map until no more than half of it is used, once more where a transaction did not fit.
 * LMDB moves a map only while no transaction of this process is open: then it has to do as it is.
 */
static int grow_map(struct db *db) {
    MDB_envinfo info;
    MDB_stat stat;
    int rc = db->open > 0 ? 0 : mdb_env_info(db->env, &info);
    if (rc != 0 || db->open > 0)
        return rc;
    rc = mdb_env_stat(db->env, &stat);
    if (rc != 0)
        return rc;
    size_t used = (info.me_last_pgno + 1) * stat.ms_psize;
    size_t size = db->full ? info.me_mapsize * 2 : info.me_mapsize;
    while (used > size / 2)
        size *= 2;
    if (size == info.me_mapsize || size > MAP_BYTES_MAX)
        return 0;
    db->full = false;
    return mdb_env_set_mapsize(db->env, size);
}

static int begin_mdb(struct db *db, bool write, MDB_txn **ret_mdb) {
    int rc = write ? grow_map(db) : 0;
    if (rc == 0)
        rc = mdb_txn_begin(db->env, NULL, write ? 0 : MDB_RDONLY, ret_mdb);
    /* Another process grew it, and may do so again while this one waits for its turn. */
    for (int i = 0; rc == MDB_MAP_RESIZED && db->open == 0 && i < RESIZES_MAX; i++) {
        rc = mdb_env_set_mapsize(db->env, 0);
        if (rc == 0)
            rc = mdb_txn_begin(db->env, NULL, write ? 0 : MDB_RDONLY, ret_mdb);
    }
    return rc;
}

#define SCHEMA_KEY "schema"

/* The schema version of a new store, in the transaction that makes its tables. */
static int put_schema(struct db *db, MDB_txn *t) {
    uint8_t version[4] = {0, 0, 0, SCHEMA_VERSION};
    MDB_val k = {strlen(SCHEMA_KEY), SCHEMA_KEY}, v = {sizeof version, version};
    int rc = mdb_put(t, db->dbi[TABLE_META], &k, &v, MDB_NOOVERWRITE);
    return rc == MDB_KEYEXIST ? 0 : rc;
}

static int open_tables(struct db *db, bool create, struct err *e) {
    MDB_txn *t = NULL;
    int rc = begin_mdb(db, create, &t);
    for (int i = 0; rc == 0 && i < TABLE_COUNT; i++)
        rc = mdb_dbi_open(t, names[i], create ? MDB_CREATE : 0, &db->dbi[i]);
    if (rc == 0 && create)
        rc = put_schema(db, t);
    if (rc != 0) {
        mdb_txn_abort(t);
        if (rc == MDB_NOTFOUND)
            return err_set(e, ERR_ABSENT, "there is no thidua data in this directory");
        return translate(e, rc, "opening");
    }
    rc = mdb_txn_commit(t);
    return rc == 0 ? 0 : translate(e, rc, "opening");
}

/* Refuse what a newer program wrote, before any table is made in it. */
static int check_schema(struct db *db, struct err *e) {
    MDB_txn *t = NULL;
    MDB_dbi meta;
    MDB_val k = {strlen(SCHEMA_KEY), SCHEMA_KEY}, v;
    uint32_t version = 0;
    int rc = begin_mdb(db, false, &t);
    if (rc != 0)
        return translate(e, rc, "opening");
    if (mdb_dbi_open(t, names[TABLE_META], 0, &meta) == 0 && mdb_get(t, meta, &k, &v) == 0) {
        struct reader r = reader_of(slice_val(v));
        version = reader_u32(&r);
    }
    mdb_txn_abort(t);
    if (version > SCHEMA_VERSION)
        return err_set(e, ERR_REFUSED,
                       "the data was written by a newer thidua (format %u, this "
                       "program knows %u): install the newer program",
                       version, SCHEMA_VERSION);
    return 0;
}

static int open_env(struct db *db, const char *dir, struct err *e) {
    int rc = mdb_env_create(&db->env);
    if (rc == 0)
        rc = mdb_env_set_maxdbs(db->env, TABLE_COUNT);
    if (rc == 0)
        rc = mdb_env_set_maxreaders(db->env, 512);
    if (rc == 0)
        rc = mdb_env_set_mapsize(db->env, db->options.map_bytes);
    unsigned flags = MDB_NOTLS | (db->options.no_sync ? MDB_NOSYNC | MDB_NOMETASYNC : 0) |
                     (db->options.write_map ? MDB_WRITEMAP : 0);
    if (rc == 0)
        rc = mdb_env_open(db->env, dir, flags, 0600);
    if (rc == ENOENT)
        return err_set(e, ERR_ABSENT, "%s: no such directory", dir);
    if (rc == MDB_VERSION_MISMATCH || rc == MDB_INVALID)
        return err_set(e, ERR_CORRUPT, "%s: the store is damaged or is not a store of thidua", dir);
    int dead;
    if (rc == 0)
        rc = mdb_reader_check(db->env, &dead);
    return rc == 0 ? 0 : translate(e, rc, dir);
}

/* Begin anew where the last start was cut off. */
static int open_again(struct db *db, const char *dir, bool create, struct err *e) {
    char path[FILE_PATH_BYTES];
    if (!create || !file_path(dir, path))
        return err_set(e, ERR_ABSENT, "%s holds no thidua data", dir);
    mdb_env_close(db->env);
    db->env = NULL;
    if (truncate(path, 0) != 0)
        return translate(e, errno, dir);
    return open_env(db, dir, e);
}

/* LMDB makes files where there are none: look first, so that a wrong directory stays as it was. */
static int open_store(struct db *db, const char *dir, bool create, struct err *e) {
    bool there = file_exists(dir);
    struct err why = {0};
    if (!there && !create)
        return err_set(e, ERR_ABSENT, "%s holds no thidua data", dir);
    int rc = open_env(db, dir, &why);
    if (rc == ERR_CORRUPT && file_cut_off(dir)) {
        there = false;
        rc = open_again(db, dir, create, e);
    } else if (rc != 0 && e) {
        *e = why;
    }
    if (rc == 0 && there)
        rc = check_schema(db, e);
    if (rc == 0)
        rc = open_tables(db, create, e);
    return rc;
}

int db_open(const char *dir, bool create, const struct db_options *options, struct db **ret_db,
            struct err *e) {
    struct db *db = mem_zalloc(1, sizeof *db);
    if (!db)
        return err_nomem(e);
    if (options)
        db->options = *options;
    if (db->options.map_bytes == 0)
        db->options.map_bytes = MAP_BYTES_DEFAULT;
    int rc = open_store(db, dir, create, e);
    if (rc != 0) {
        db_close(db);
        return rc;
    }
    *ret_db = db;
    return 0;
}

void db_close(struct db *db) {
    if (!db)
        return;
    if (db->env)
        mdb_env_close(db->env);
    mem_free(db);
}

int txn_begin(struct db *db, bool write, struct txn **ret_txn, struct err *e) {
    struct txn *t = mem_zalloc(1, sizeof *t);
    if (!t)
        return err_nomem(e);
    int rc = begin_mdb(db, write, &t->mdb);
    if (rc != 0) {
        mem_free(t);
        return translate(e, rc, "begin");
    }
    t->db = db;
    t->write = write;
    db->open++;
    *ret_txn = t;
    return 0;
}

void txn_abort(struct txn *t) {
    if (!t)
        return;
    mdb_txn_abort(t->mdb);
    t->db->open--;
    mem_free(t);
}

/* LMDB tells a write that the disk took in part as a broken device: mostly the disk was full. */
static int cause_of(const struct db *db, int rc) {
    struct statvfs fs;
    mdb_filehandle_t fd;
    bool full = rc == EIO && mdb_env_get_fd(db->env, &fd) == 0 && fstatvfs(fd, &fs) == 0 &&
                fs.f_bavail == 0;
    return full ? ENOSPC : rc;
}

static int finish(struct txn *t, struct err *e) {
    enum commit_fault fault = COMMIT_AS_IS;
    if (t->write && t->db->options.fault)
        fault = t->db->options.fault(t->db->options.fault_arg);
    if (fault == COMMIT_LOST || fault == COMMIT_UNKNOWN_LOST) {
        mdb_txn_abort(t->mdb);
        return err_set(e, fault == COMMIT_LOST ? ERR_IO : ERR_UNKNOWN,
                       "the store failed (commit): %s", "fault");
    }
    int rc = mdb_txn_commit(t->mdb);
    t->db->full |= rc == MDB_MAP_FULL;
    if (rc == MDB_MAP_FULL || rc == ENOMEM)
        return translate(e, rc, "commit");
    if (rc != 0 || fault == COMMIT_UNKNOWN_KEPT)
        return err_set(e, ERR_UNKNOWN,
                       "a write to the store failed and its outcome is not known "
                       "(%s): stopping; start again, nothing receipted is lost",
                       rc ? mdb_strerror(cause_of(t->db, rc)) : "fault");
    return 0;
}

int txn_commit(struct txn *t, struct err *e) {
    int rc = txn_failed(t, e);
    if (rc != 0) {
        txn_abort(t);
        return rc;
    }
    rc = finish(t, e);
    t->db->open--;
    mem_free(t);
    return rc;
}

bool txn_writes(const struct txn *t) {
    return t->write;
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
        translate(&t->err, rc, names[table]);
    if (rc == 0 && ret_value)
        *ret_value = slice_val(v);
    return rc == 0;
}

void txn_put(struct txn *t, enum store_table table, struct slice key, struct slice value) {
    assert(t->write);
    if (t->err.code != 0)
        return;
    MDB_val k = val_of(key), v = val_of(value);
    int rc = mdb_put(t->mdb, t->db->dbi[table], &k, &v, 0);
    t->db->full |= rc == MDB_MAP_FULL;
    if (rc != 0)
        translate(&t->err, rc, names[table]);
}

void txn_delete(struct txn *t, enum store_table table, struct slice key) {
    assert(t->write);
    if (t->err.code != 0)
        return;
    MDB_val k = val_of(key);
    int rc = mdb_del(t->mdb, t->db->dbi[table], &k, NULL);
    t->db->full |= rc == MDB_MAP_FULL;
    if (rc != 0 && rc != MDB_NOTFOUND)
        translate(&t->err, rc, names[table]);
}

uint64_t txn_count(struct txn *t, enum store_table table) {
    MDB_stat stat = {0};
    int rc = t->err.code != 0 ? 0 : mdb_stat(t->mdb, t->db->dbi[table], &stat);
    if (rc != 0)
        translate(&t->err, rc, names[table]);
    return stat.ms_entries;
}

void txn_clear(struct txn *t, enum store_table table) {
    assert(t->write);
    int rc = t->err.code != 0 ? 0 : mdb_drop(t->mdb, t->db->dbi[table], 0);
    t->db->full |= rc == MDB_MAP_FULL;
    if (rc != 0)
        translate(&t->err, rc, names[table]);
}

void walk_init_from(struct walk *w, struct txn *t, enum store_table table, struct slice prefix,
                    struct slice from) {
    *w = (struct walk){.t = t, .prefix = prefix, .start = from};
    MDB_cursor *c = NULL;
    int rc = t->err.code != 0 ? t->err.code : mdb_cursor_open(t->mdb, t->db->dbi[table], &c);
    if (rc != 0 && t->err.code == 0)
        translate(&t->err, rc, names[table]);
    w->cursor = c;
}

void walk_init(struct walk *w, struct txn *t, enum store_table table, struct slice prefix) {
    walk_init_from(w, t, table, prefix, prefix);
}

static bool has_prefix(struct slice key, struct slice prefix) {
    return key.len >= prefix.len &&
           (prefix.len == 0 || memcmp(key.data, prefix.data, prefix.len) == 0);
}

bool walk_next(struct walk *w, struct slice *ret_key, struct slice *ret_value) {
    if (!w->cursor || w->t->err.code != 0)
        return false;
    MDB_val k = val_of(w->start), v;
    MDB_cursor_op op = w->begun ? MDB_NEXT : w->start.len > 0 ? MDB_SET_RANGE : MDB_FIRST;
    int rc = mdb_cursor_get(w->cursor, &k, &v, op);
    w->begun = true;
    if (rc != 0 && rc != MDB_NOTFOUND)
        translate(&w->t->err, rc, "walk");
    if (rc != 0 || !has_prefix(slice_val(k), w->prefix))
        return false;
    if (ret_key)
        *ret_key = slice_val(k);
    if (ret_value)
        *ret_value = slice_val(v);
    return true;
}

void walk_done(struct walk *w) {
    if (w->cursor)
        mdb_cursor_close(w->cursor);
    w->cursor = NULL;
}

/* The smallest key after every key that starts with `prefix`, into `out`; its length, 0: none. */
static size_t after_prefix(struct slice prefix, uint8_t out[512]) {
    assert(prefix.len <= 512);
    size_t n = prefix.len;
    if (n > 0)
        memcpy(out, prefix.data, n);
    while (n > 0 && out[n - 1] == 0xff)
        n--;
    if (n > 0)
        out[n - 1]++;
    return n;
}

bool walk_last(struct txn *t, enum store_table table, struct slice prefix, struct slice *ret_key,
               struct slice *ret_value) {
    uint8_t bound[512];
    size_t n = after_prefix(prefix, bound);
    struct walk w;
    walk_init(&w, t, table, prefix);
    bool found = false;
    if (w.cursor) {
        MDB_val k = {n, bound}, v;
        int rc = n > 0 ? mdb_cursor_get(w.cursor, &k, &v, MDB_SET_RANGE) : MDB_NOTFOUND;
        rc = mdb_cursor_get(w.cursor, &k, &v, rc == 0 ? MDB_PREV : MDB_LAST);
        if (rc != 0 && rc != MDB_NOTFOUND)
            translate(&t->err, rc, names[table]);
        found = rc == 0 && has_prefix(slice_val(k), prefix);
        if (found && ret_key)
            *ret_key = slice_val(k);
        if (found && ret_value)
            *ret_value = slice_val(v);
    }
    walk_done(&w);
    return found;
}

bool txn_get_before(struct txn *t, enum store_table table, struct slice prefix, struct slice key,
                    struct slice *ret_key, struct slice *ret_value) {
    struct walk w;
    walk_init(&w, t, table, prefix);
    bool found = false;
    if (w.cursor) {
        MDB_val k = val_of(key), v;
        int rc = mdb_cursor_get(w.cursor, &k, &v, MDB_SET_RANGE);
        if (rc != 0 || !slice_equal(slice_val(k), key))
            rc = mdb_cursor_get(w.cursor, &k, &v, rc == 0 ? MDB_PREV : MDB_LAST);
        if (rc != 0 && rc != MDB_NOTFOUND)
            translate(&t->err, rc, names[table]);
        found = rc == 0 && has_prefix(slice_val(k), prefix);
        if (found && ret_key)
            *ret_key = slice_val(k);
        if (found && ret_value)
            *ret_value = slice_val(v);
    }
    walk_done(&w);
    return found;
}

const char *db_table_name(enum store_table table) {
    return names[table];
}

int db_backup(struct db *db, const char *dir, struct err *e) {
    int rc = mdb_env_copy2(db->env, dir, MDB_CP_COMPACT);
    return rc == 0 ? 0 : translate(e, rc, dir);
}
