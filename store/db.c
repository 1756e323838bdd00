#include "store/db.h"

#include "core/mem.h"
#include "store/db_inside.h"
#include "store/file.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAP_BYTES_DEFAULT ((size_t)256 << 20)
#define MAP_BYTES_MAX ((size_t)1 << 40)
#define RESIZES_MAX 40 /* doublings from nothing to the largest map */
#define SCHEMA_VERSION 3u

static const char *const names[TABLE_COUNT] = {
    "meta",     "records", "log",      "kinds",   "lanes",   "forks",    "actors",    "transports",
    "children", "streams", "queued",   "cursors", "pending", "awaited",  "receipts",  "slots",
    "tickets",  "heard",   "contacts", "names",   "drafts",  "arrivals", "standings", "places",
    "touched",  "called",  "shares",   "parts",   "waiting", "acts",
};

/* The one place that words LMDB's errors. */
int db_translate(struct err *e, int rc, const char *doing) {
    if (rc == ENOSPC)
        return err_set(e, ERR_IO, "the disk is full (%s): free some space; nothing was changed",
                       doing);
    if (rc == ENOMEM)
        return err_nomem(e);
    if (rc == EACCES || rc == EROFS)
        return err_set(e, ERR_IO,
                       "the data directory cannot be opened or written (%s): check its owner and "
                       "permissions",
                       doing);
    if (rc == MDB_CORRUPTED || rc == MDB_INVALID || rc == MDB_PAGE_NOTFOUND || rc == MDB_BAD_TXN)
        return err_set(e, ERR_CORRUPT,
                       "the store is damaged (%s: %s): restore it from a backup or "
                       "from its neighbours",
                       doing, mdb_strerror(rc));
    if (rc == MDB_MAP_FULL)
        return err_set(e, ERR_IO, "the store's map is full (%s); try again", doing);
    return err_set(e, ERR_IO, "the store failed (%s): %s", doing, mdb_strerror(rc));
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

/* Begin the spare read transaction again; false: there is none that can be. */
static bool begin_spare(struct db *db, MDB_txn **ret_mdb) {
    MDB_txn *spare = db->spare;
    db->spare = NULL;
    if (!spare)
        return false;
    if (mdb_txn_renew(spare) != 0) {
        mdb_txn_abort(spare);
        return false;
    }
    *ret_mdb = spare;
    return true;
}

int db_begin(struct db *db, bool write, MDB_txn **ret_mdb) {
    if (!write && begin_spare(db, ret_mdb))
        return 0;
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

/* What a new store has, in the transaction that makes its tables: its format, and the sums. */
static int put_schema(struct db *db, MDB_txn *t) {
    uint8_t row[4 + CHECK_BYTES] = {0, 0, 0, SCHEMA_VERSION};
    uint64_t sums[SUMS] = {0};
    MDB_val k = {strlen(SCHEMA_KEY), SCHEMA_KEY}, v = {sizeof row, row};
    uint64_t check = row_check(TABLE_META, slice_str(SCHEMA_KEY), slice_of(row, 4));
    *sum_of(sums, TABLE_META) = check;
    row_check_put(row + 4, check);
    int rc = mdb_put(t, db->dbi[TABLE_META], &k, &v, MDB_NOOVERWRITE);
    if (rc == 0)
        rc = sums_write(t, db->names, sums);
    return rc == MDB_KEYEXIST ? 0 : rc;
}

int db_absent(const char *dir, struct err *e) {
    return err_set(e, ERR_ABSENT,
                   "%s holds no thidua data: give the directory that does (-d), or begin there: "
                   "`join` at an office, `init` at a hub",
                   dir);
}

/* Nobody begins anew over what is left of a store. */
static int refuse_cut(const char *dir, struct err *e) {
    return err_set(e, ERR_CORRUPT,
                   "%s/data.mdb is cut short or damaged, or is no store of thidua: put a backup of "
                   "it back beside actor.key; what was sent since comes back from the neighbours",
                   dir);
}

static int open_tables(struct db *db, const char *dir, bool create, bool has_schema,
                       struct err *e) {
    MDB_txn *t = NULL;
    int i = 0, rc = db_begin(db, create, &t);
    if (rc != 0)
        return db_translate(e, rc, "opening");
    rc = mdb_dbi_open(t, NULL, 0, &db->names);
    for (; rc == 0 && i < TABLE_COUNT; i++)
        rc = mdb_dbi_open(t, names[i], create ? MDB_CREATE : 0, &db->dbi[i]);
    if (rc == 0 && create)
        rc = put_schema(db, t);
    if (rc != 0) {
        mdb_txn_abort(t);
        if (rc == MDB_NOTFOUND && has_schema && i > 0)
            return err_set(e, ERR_CORRUPT, "the store is damaged: its table %s is missing",
                           names[i - 1]);
        if (rc == MDB_NOTFOUND)
            return db_absent(dir, e);
        return db_translate(e, rc, "opening");
    }
    rc = mdb_txn_commit(t);
    return rc == 0 ? 0 : db_translate(e, rc, "opening");
}

/* Refuse what a program of another format wrote, before any table is made in it; whether any did.
 */
static int check_schema(struct db *db, bool *ret_there, struct err *e) {
    MDB_txn *t = NULL;
    MDB_dbi meta;
    MDB_val k = {strlen(SCHEMA_KEY), SCHEMA_KEY}, v;
    uint32_t version = 0;
    int rc = db_begin(db, false, &t);
    if (rc != 0)
        return db_translate(e, rc, "opening");
    rc = mdb_dbi_open(t, names[TABLE_META], 0, &meta);
    if (rc == 0)
        rc = mdb_get(t, meta, &k, &v);
    if (rc == 0) {
        struct reader r = reader_of(slice_val(v));
        version = reader_u32(&r);
    }
    mdb_txn_abort(t);
    if (rc > 0) /* the machine failed; below zero are LMDB's words for what it found */
        return db_translate(e, rc, "opening");
    if (version > SCHEMA_VERSION)
        return err_set(e, ERR_REFUSED,
                       "the data was written by a newer thidua (format %u, this "
                       "program knows %u): install the newer program",
                       version, SCHEMA_VERSION);
    if (version != 0 && version < SCHEMA_VERSION)
        return err_set(e, ERR_REFUSED,
                       "the data was written by an older thidua (format %u), before the first "
                       "release, which this program does not read: keep it, and use the program "
                       "that wrote it",
                       version);
    *ret_there = version != 0;
    return 0;
}

static int open_env(struct db *db, const char *dir, unsigned more, struct err *e) {
    int rc = mdb_env_create(&db->env);
    if (rc == 0)
        rc = mdb_env_set_maxdbs(db->env, TABLE_COUNT);
    if (rc == 0)
        rc = mdb_env_set_maxreaders(db->env, 512);
    if (rc == 0)
        rc = mdb_env_set_mapsize(db->env, db->options.map_bytes);
    unsigned flags = more | MDB_NOTLS | (db->options.no_sync ? MDB_NOSYNC | MDB_NOMETASYNC : 0) |
                     (db->options.write_map ? MDB_WRITEMAP : 0);
    if (rc == 0 && !(more & MDB_NOLOCK) && file_hold_lock(dir) != 0)
        return err_set(e, ERR_IO,
                       "the disk has no room to open the store in %s: free some, 1 MiB at least, "
                       "and start again; nothing was changed",
                       dir);
    if (rc == 0)
        rc = mdb_env_open(db->env, dir, flags, 0600);
    if (rc == ENOENT)
        return db_absent(dir, e);
    if (rc == MDB_VERSION_MISMATCH || rc == MDB_INVALID)
        return refuse_cut(dir, e);
    int dead;
    if (rc == 0)
        rc = mdb_reader_check(db->env, &dead);
    return rc == 0 ? 0 : db_translate(e, rc, dir);
}

static_assert(sizeof(size_t) == 8, "LMDB's pages are laid out otherwise");
#define SNAPSHOTS 2     /* LMDB's first pages: the last two transactions, each by turns */
#define SNAPSHOT_AT 144 /* of a page: the transaction's number */
#define LOOKS 3         /* others may commit between two reads */

/* The numbers of the last two transactions; false: they cannot be read. */
static bool read_snapshots(MDB_env *env, uint64_t ret_txns[SNAPSHOTS]) {
    MDB_stat stat;
    mdb_filehandle_t fd;
    if (mdb_env_get_fd(env, &fd) != 0 || mdb_env_stat(env, &stat) != 0)
        return false;
    for (int i = 0; i < SNAPSHOTS; i++)
        if (pread(fd, &ret_txns[i], sizeof ret_txns[i], (off_t)stat.ms_psize * i + SNAPSHOT_AT) !=
            sizeof ret_txns[i])
            return false;
    return true;
}

/* That the last two transactions are the last two: LMDB takes the greater number for the last. */
static int check_snapshots(struct db *db, struct err *e) {
    uint64_t txns[SNAPSHOTS];
    for (int i = 0; i < LOOKS; i++) {
        if (!read_snapshots(db->env, txns))
            return db_translate(e, EIO, "opening");
        uint64_t apart = txns[0] > txns[1] ? txns[0] - txns[1] : txns[1] - txns[0];
        if (apart == 1 && txns[0] % SNAPSHOTS == 0)
            return 0;
    }
    return db_behind(e);
}

/* Who it belongs to is as it was written. */
static int check_meta(struct db *db, struct err *e) {
    struct txn *t;
    struct table_state s = {.rows = 0};
    int rc = txn_begin(db, false, &t, e);
    if (rc != 0)
        return rc;
    rc = sums_current(t, e);
    if (rc == 0)
        rc = txn_check_table(t, TABLE_META, &s, e);
    txn_abort(t);
    if (rc == 0 && !table_whole(&s))
        rc = rows_damaged(e, TABLE_META);
    return rc;
}

/* Begin anew where the last start was cut off. */
static int open_again(struct db *db, const char *dir, bool create, struct err *e) {
    char path[FILE_PATH_BYTES];
    if (!create || !file_path(dir, path))
        return db_absent(dir, e);
    mdb_env_close(db->env);
    db->env = NULL;
    if (truncate(path, 0) != 0)
        return db_translate(e, errno, dir);
    return open_env(db, dir, 0, e);
}

/* Whether nothing was ever put into it: its tables are made in the first transaction. */
static bool is_virgin(const struct db *db) {
    MDB_envinfo info;
    return mdb_env_info(db->env, &info) == 0 && info.me_last_txnid == 0;
}

/* LMDB makes files where there are none: look first, so that a wrong directory stays as it was. */
static int open_store(struct db *db, const char *dir, bool create, struct err *e) {
    int found = file_exists(dir);
    bool there = found > 0;
    struct err why = {0};
    if (found < 0)
        return db_translate(e, errno, dir);
    if (!there && !create)
        return db_absent(dir, e);
    if (!create && file_empty(dir))
        return err_set(e, ERR_CORRUPT,
                       "%s/data.mdb is empty: put a backup of it back beside actor.key; if nothing "
                       "was ever kept here, remove the file",
                       dir);
    int rc = open_env(db, dir, 0, &why);
    if (rc == ERR_CORRUPT && file_cut_off(dir)) {
        there = false;
        rc = open_again(db, dir, create, e);
    } else if (rc != 0 && e) {
        *e = why;
    }
    bool has_schema = false;
    if (rc == 0 && there)
        rc = check_schema(db, &has_schema, e);
    if (rc == 0 && there && !has_schema && !is_virgin(db))
        return refuse_cut(dir, e);
    if (rc == 0)
        rc = open_tables(db, dir, create, has_schema, e);
    if (rc == 0)
        rc = check_snapshots(db, e);
    if (rc == 0)
        rc = check_meta(db, e);
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
    mdb_txn_abort(db->spare);
    if (db->env)
        mdb_env_close(db->env);
    mem_free(db->ended);
    mem_free(db);
}

const char *db_table_name(enum store_table table) {
    return names[table];
}

/* Open the copy in `fd`, which has no other name yet. */
static int open_copy(struct db *copy, int fd, struct err *e) {
    char path[32];
    copy->options.map_bytes = MAP_BYTES_DEFAULT;
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int rc = open_env(copy, path, MDB_NOSUBDIR | MDB_NOLOCK, e);
    return rc == 0 ? open_tables(copy, path, false, true, e) : rc;
}

/* Its transactions are counted from the start again: it takes one to say so beside the sums. */
static int finish_copy(struct db *copy, db_note *note, const void *arg, struct err *e) {
    struct txn *t;
    int rc = txn_begin(copy, true, &t, e);
    if (rc != 0)
        return rc;
    t->writes = 1; /* no row, the number */
    note(t, arg);
    return txn_commit(t, e);
}

int db_backup(struct db *db, int fd, db_note *note, const void *arg, struct err *e) {
    int rc = mdb_env_copyfd2(db->env, fd, MDB_CP_COMPACT);
    if (rc != 0)
        return db_translate(e, rc, "copying");
    struct db *copy = mem_zalloc(1, sizeof *copy);
    if (!copy)
        return err_nomem(e);
    rc = open_copy(copy, fd, e);
    if (rc == 0)
        rc = finish_copy(copy, note, arg, e);
    db_close(copy);
    return rc;
}
