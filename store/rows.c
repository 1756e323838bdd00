/*
 * Rows that are held against no record where they are read carry a check; the sum of the checks of
 * each such table, and the number of the transaction that wrote last, stand beside the tables. So
 * what a disk or a memory changed by itself is noticed, be it in a row, or that a row is gone, or
 * that an older page is taken for the one of now.
 */
#include "core/crypto.h"
#include "store/db.h"
#include "store/db_inside.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

#define SUMS_KEY "sums" /* among the names of the tables */
#define SUMS_BYTES                                                                                 \
    ((1 + SUMS) * (size_t)CHECK_BYTES) /* the number of the transaction, the sums                  \
                                        */

static_assert(CHECK_BYTES == sizeof(uint64_t), "a check is a number");

const uint8_t sum_places[TABLE_COUNT] = {
    [TABLE_META] = 1,    [TABLE_TRANSPORTS] = 2, [TABLE_CHILDREN] = 3, [TABLE_CURSORS] = 4,
    [TABLE_TICKETS] = 5, [TABLE_HEARD] = 6,      [TABLE_ARRIVALS] = 7, [TABLE_SHARES] = 8,
    [TABLE_FORKS] = 9,   [TABLE_PENDING] = 10,   [TABLE_AWAITED] = 11, [TABLE_WAITING] = 12,
};

/* What of `value` nothing else proves: records are held against their ids, which keys have. */
static struct slice unproven(enum store_table table, struct slice value) {
    size_t n = table == TABLE_PENDING ? PENDING_BESIDE : table == TABLE_FORKS ? 0 : value.len;
    return slice_of(value.data, n < value.len ? n : value.len);
}

uint64_t row_check(enum store_table table, struct slice key, struct slice value) {
    value = unproven(table, value);
    return crypto_check(crypto_check((uint64_t)table, key), value);
}

static uint64_t u64_at(const uint8_t *p) {
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return be64toh(v);
}

void row_check_put(uint8_t *out, uint64_t check) {
    uint64_t v = htobe64(check);
    memcpy(out, &v, CHECK_BYTES);
}

bool row_open(enum store_table table, struct slice key, struct slice *value) {
    if (value->len < CHECK_BYTES)
        return false;
    struct slice v = slice_of(value->data, value->len - CHECK_BYTES);
    if (row_check(table, key, v) != u64_at(v.data + v.len))
        return false;
    *value = v;
    return true;
}

int db_behind(struct err *e) {
    return err_set(e, ERR_CORRUPT,
                   "the store is damaged (it is not as the last write left it): restore it from a "
                   "backup or from its neighbours");
}

int rows_damaged(struct err *e, enum store_table table) {
    return err_set(e, ERR_CORRUPT,
                   "the store is damaged (table %s is not as it was written): restore it from a "
                   "backup or from its neighbours",
                   db_table_name(table));
}

/* The sums as they are in the store, and which transaction wrote them. */
static int read_sums(struct txn *t, uint64_t ret_sums[SUMS], uint64_t *ret_txn, struct err *e) {
    MDB_val k = {strlen(SUMS_KEY), SUMS_KEY}, v;
    int rc = mdb_get(t->mdb, t->db->names, &k, &v);
    if (rc != 0 && rc != MDB_NOTFOUND)
        return db_translate(e, rc, "sums");
    if (rc != 0 || v.mv_size != SUMS_BYTES)
        return db_behind(e);
    const uint8_t *raw = v.mv_data;
    *ret_txn = u64_at(raw);
    for (size_t i = 0; i < SUMS; i++)
        ret_sums[i] = u64_at(raw + (1 + i) * CHECK_BYTES);
    return 0;
}

int sums_write(MDB_txn *t, MDB_dbi names, const uint64_t sums[SUMS]) {
    uint8_t raw[SUMS_BYTES];
    MDB_val k = {strlen(SUMS_KEY), SUMS_KEY}, v = {sizeof raw, raw};
    row_check_put(raw, mdb_txn_id(t));
    for (size_t i = 0; i < SUMS; i++)
        row_check_put(raw + (1 + i) * CHECK_BYTES, sums[i]);
    return mdb_put(t, names, &k, &v, 0);
}

int sums_current(struct txn *t, struct err *e) {
    uint64_t sums[SUMS], wrote;
    int rc = read_sums(t, sums, &wrote, e);
    return rc == 0 && wrote != txn_id(t) ? db_behind(e) : rc;
}

void sums_begin(struct txn *t) {
    if (t->summed || t->err.code != 0)
        return;
    uint64_t wrote;
    t->summed = read_sums(t, t->sums, &wrote, &t->err) == 0;
}

void sums_take(struct txn *t, enum store_table table, struct slice key) {
    MDB_val k = val_of(key), v;
    int rc = mdb_get(t->mdb, t->db->dbi[table], &k, &v);
    if (rc != 0 && rc != MDB_NOTFOUND)
        db_translate(&t->err, rc, db_table_name(table));
    if (rc == 0 && v.mv_size >= CHECK_BYTES)
        *sum_of(t->sums, table) -= u64_at((const uint8_t *)v.mv_data + v.mv_size - CHECK_BYTES);
}

/* What is off in the rows of `table`, one after another; their checks are summed up. */
static int walk_rows(struct txn *t, enum store_table table, struct table_state *s, uint64_t *sum) {
    MDB_cursor *c;
    MDB_val k, v;
    uint8_t before[MDB_KEY_MAX] = {0};
    size_t n = 0;
    int rc = mdb_cursor_open(t->mdb, t->db->dbi[table], &c);
    if (rc != 0)
        return rc;
    for (rc = mdb_cursor_get(c, &k, &v, MDB_FIRST); rc == 0;
         rc = mdb_cursor_get(c, &k, &v, MDB_NEXT)) {
        struct slice key = slice_val(k), value = slice_val(v);
        size_t shorter = key.len < n ? key.len : n;
        int order = memcmp(before, key.data, shorter);
        s->disordered |= s->rows > 0 && (order > 0 || (order == 0 && key.len <= n));
        s->rows++;
        if (rows_checked(table) && (key.len > MDB_KEY_MAX || !row_open(table, key, &value)))
            s->damaged++;
        else if (rows_checked(table))
            *sum += u64_at(value.data + value.len);
        n = key.len < sizeof before ? key.len : sizeof before;
        memcpy(before, key.data, n);
    }
    mdb_cursor_close(c);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

int txn_check_table(struct txn *t, enum store_table table, struct table_state *ret_state,
                    struct err *e) {
    struct table_state s = {.rows = 0};
    uint64_t sums[SUMS], sum = 0, wrote;
    int rc = walk_rows(t, table, &s, &sum);
    if (rc != 0)
        return db_translate(e, rc, db_table_name(table));
    s.counted = txn_count(t, table);
    if (rows_checked(table))
        s.misses = read_sums(t, sums, &wrote, NULL) != 0 || *sum_of(sums, table) != sum;
    *ret_state = s;
    return txn_failed(t, e);
}

bool table_disposable(enum store_table table) {
    return table == TABLE_CURSORS || table == TABLE_SHARES;
}

bool table_whole(const struct table_state *s) {
    return s->damaged == 0 && !s->misses && !s->disordered && s->rows == s->counted;
}

int db_mend(struct db *db, struct err *e) {
    struct txn *t;
    int rc = txn_begin(db, true, &t, e);
    for (int i = 0; rc == 0 && i < TABLE_COUNT; i++) {
        enum store_table table = (enum store_table)i;
        struct table_state s = {.rows = 0};
        if (!table_disposable(table))
            continue;
        rc = txn_check_table(t, table, &s, e);
        if (rc == 0 && !table_whole(&s))
            txn_clear(t, table);
        else if (rc != 0)
            txn_abort(t);
    }
    return rc == 0 ? txn_commit(t, e) : rc;
}
