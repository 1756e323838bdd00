/* Rows that no record proves: what was changed behind the store's back is told, not taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/db.h"
#include "tests/unit/fixture_disk.h"

#include <endian.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const enum store_table checked[] = {
    TABLE_META,  TABLE_TRANSPORTS, TABLE_CHILDREN, TABLE_CURSORS, TABLE_TICKETS,
    TABLE_HEARD, TABLE_ARRIVALS,   TABLE_SHARES,   TABLE_AWAITED, TABLE_WAITING};
static char folder[FIXTURE_PATH];
static struct db *db;

static int begin(void **state) {
    (void)state;
    fixture_folder(folder);
    return db_open(folder, true, NULL, &db, NULL);
}

static int end(void **state) {
    (void)state;
    db_close(db);
    db = NULL;
    fixture_remove(folder);
    return 0;
}

static struct txn *start(bool write) {
    struct txn *t = NULL;
    struct err e = {0};
    FIXTURE_OK(txn_begin(db, write, &t, &e), &e);
    return t;
}

static void commit(struct txn *t) {
    struct err e = {0};
    FIXTURE_OK(txn_commit(t, &e), &e);
}

/* Three rows in `table`, of which one is then written anew. */
static void fill(enum store_table table) {
    struct txn *t = start(true);
    txn_put(t, table, slice_str("a"), slice_str("one"));
    txn_put(t, table, slice_str("b"), slice_str("two"));
    txn_put(t, table, slice_str("c"), slice_of("", 0));
    commit(t);
    t = start(true);
    txn_put(t, table, slice_str("b"), slice_str("2"));
    commit(t);
}

/* What is done to the bytes of a row, as LMDB has them. */
struct raw {
    MDB_txn *t;
    MDB_dbi dbi;
};

static MDB_val val(const void *data, size_t n) {
    union {
        const void *in;
        void *out;
    } u = {.in = data};
    return (MDB_val){n, u.out};
}

static size_t get(struct raw *r, const char *key, uint8_t out[64]) {
    MDB_val k = val(key, strlen(key)), v;
    assert_int_equal(mdb_get(r->t, r->dbi, &k, &v), 0);
    assert_true(v.mv_size <= 64);
    memcpy(out, v.mv_data, v.mv_size);
    return v.mv_size;
}

static void put(struct raw *r, const char *key, const uint8_t *value, size_t n) {
    MDB_val k = val(key, strlen(key)), v = val(value, n);
    assert_int_equal(mdb_put(r->t, r->dbi, &k, &v, 0), 0);
}

static void drop(struct raw *r, const char *key) {
    MDB_val k = val(key, strlen(key));
    assert_int_equal(mdb_del(r->t, r->dbi, &k, NULL), 0);
}

/* The number of this transaction, where each that writes leaves it. */
static void sign_in(MDB_txn *t) {
    MDB_dbi names;
    uint8_t raw[256];
    MDB_val k = val("sums", 4), v;
    uint64_t number = htobe64(mdb_txn_id(t));
    assert_int_equal(mdb_dbi_open(t, NULL, 0, &names), 0);
    assert_int_equal(mdb_get(t, names, &k, &v), 0);
    assert_true(v.mv_size <= sizeof raw);
    memcpy(raw, v.mv_data, v.mv_size);
    memcpy(raw, &number, sizeof number);
    v.mv_data = raw;
    assert_int_equal(mdb_put(t, names, &k, &v, 0), 0);
}

/* Do `how` to `table` with LMDB alone, while the store is closed. */
static void behind(enum store_table table, void (*how)(struct raw *)) {
    MDB_env *env;
    struct raw r;
    db_close(db);
    db = NULL;
    assert_int_equal(mdb_env_create(&env), 0);
    assert_int_equal(mdb_env_set_maxdbs(env, TABLE_COUNT), 0);
    assert_int_equal(mdb_env_open(env, folder, 0, 0600), 0);
    assert_int_equal(mdb_txn_begin(env, NULL, 0, &r.t), 0);
    assert_int_equal(mdb_dbi_open(r.t, db_table_name(table), 0, &r.dbi), 0);
    how(&r);
    sign_in(r.t);
    assert_int_equal(mdb_txn_commit(r.t), 0);
    mdb_env_close(env);
}

static void flip_value(struct raw *r) {
    uint8_t v[64];
    size_t n = get(r, "a", v);
    v[1] ^= 4;
    put(r, "a", v, n);
}

static void flip_check(struct raw *r) {
    uint8_t v[64];
    size_t n = get(r, "a", v);
    v[n - 1] ^= 128;
    put(r, "a", v, n);
}

static void flip_key(struct raw *r) {
    uint8_t v[64];
    size_t n = get(r, "a", v);
    drop(r, "a");
    put(r, "A", v, n);
}

static void cut_off(struct raw *r) {
    uint8_t v[64];
    (void)get(r, "a", v);
    put(r, "a", v, 3);
}

static void take_away(struct raw *r) {
    drop(r, "a");
}

static void keep_nothing(struct raw *r) {
    assert_int_equal(mdb_drop(r->t, r->dbi, 0), 0);
}

static const struct {
    const char *name;
    void (*how)(struct raw *);
    uint64_t damaged; /* else they are sound, and not those that were written last */
} cases[] = {
    {"a bit of a value", flip_value, 1}, {"a bit of a check", flip_check, 1},
    {"a bit of a key", flip_key, 1},     {"no check", cut_off, 1},
    {"a row less", take_away, 0},        {"no rows", keep_nothing, 0},
};

static struct table_state look(enum store_table table) {
    struct table_state s = {.rows = 0};
    struct err e = {0};
    struct txn *t = start(false);
    FIXTURE_OK(txn_check_table(t, table, &s, &e), &e);
    txn_abort(t);
    return s;
}

/* It is found when all rows are looked at, and nobody is given the row. */
static void expect_found(enum store_table table, size_t i) {
    struct err e = {0};
    struct walk w;
    struct slice k, v;
    struct table_state s = look(table);
    if (s.damaged != cases[i].damaged || !s.misses || table_whole(&s))
        fail_msg("%s, table %s: %u damaged", cases[i].name, db_table_name(table),
                 (unsigned)s.damaged);
    struct txn *t = start(false);
    walk_init(&w, t, table, slice_of(NULL, 0));
    while (walk_next(&w, &k, &v))
        assert_false(cases[i].damaged && slice_equal(k, slice_str("a")));
    walk_done(&w);
    int told = cases[i].damaged > 0 && !table_disposable(table) ? ERR_CORRUPT : 0;
    assert_int_equal(txn_failed(t, &e), told);
    txn_abort(t);
    t = start(false);
    assert_false(txn_get(t, table, slice_str("a"), &v));
    bool absent = cases[i].damaged == 0 || cases[i].how == flip_key;
    assert_int_equal(txn_failed(t, NULL), absent ? 0 : told);
    txn_abort(t);
}

static void what_was_changed_is_found_and_not_given_out(void **state) {
    for (size_t n = 0; n < COUNT(checked); n++)
        for (size_t i = 0; i < COUNT(cases); i++) {
            struct err e = {0};
            fill(checked[n]);
            behind(checked[n], cases[i].how);
            int rc = db_open(folder, false, NULL, &db, &e);
            if (checked[n] != TABLE_META) {
                FIXTURE_OK(rc, &e);
                expect_found(checked[n], i);
            } else if (cases[i].how == keep_nothing) { /* not even its format is there */
                assert_int_equal(rc, ERR_CORRUPT);
            } else if (rc != ERR_CORRUPT || strstr(e.msgid, "is not as it was written") == NULL) {
                fail_msg("%s, table meta: %d", cases[i].name, rc);
            }
            (void)end(state);
            assert_int_equal(begin(state), 0);
        }
}

static uint8_t kept[64];
static size_t kept_bytes;

static void keep(struct raw *r) {
    kept_bytes = get(r, "b", kept);
}

static void put_back(struct raw *r) {
    put(r, "b", kept, kept_bytes);
}

/* Each row of an older page is sound: all of them together are not. */
static void an_older_row_is_missed(void **state) {
    (void)state;
    struct err e = {0};
    fill(TABLE_HEARD);
    behind(TABLE_HEARD, keep);
    FIXTURE_OK(db_open(folder, false, NULL, &db, &e), &e);
    struct txn *t = start(true);
    txn_put(t, TABLE_HEARD, slice_str("b"), slice_str("later"));
    commit(t);
    struct table_state s = look(TABLE_HEARD);
    assert_true(table_whole(&s));
    behind(TABLE_HEARD, put_back);
    FIXTURE_OK(db_open(folder, false, NULL, &db, &e), &e);
    s = look(TABLE_HEARD);
    assert_true(s.misses && s.damaged == 0);
}

static void backwards(struct raw *r) {
    static const uint8_t one[] = {1};
    put(r, "b", one, 1);
    put(r, "a", one, 1);
}

static int last_first(const MDB_val *a, const MDB_val *b) {
    return -memcmp(a->mv_data, b->mv_data, 1);
}

static void reversed(struct raw *r) {
    assert_int_equal(mdb_set_compare(r->t, r->dbi, last_first), 0);
    backwards(r);
}

/* Also of tables whose rows carry no checks. */
static void rows_that_are_not_in_order_are_found(void **state) {
    (void)state;
    struct err e = {0};
    behind(TABLE_ACTS, reversed);
    FIXTURE_OK(db_open(folder, false, NULL, &db, &e), &e);
    struct table_state s = look(TABLE_ACTS);
    assert_true(s.disordered && !s.misses && s.rows == 2 && s.counted == 2);
    assert_false(table_whole(&s));
}

#define PAGE 4096
#define MAIN_ROOT 128 /* of LMDB's first two pages: where the names of the tables are … */
#define LAST_TXN 144  /* … and the number of the transaction */

/* Change the 8 bytes at `at` of `page` by `bits`; what they were. */
static uint64_t flip(unsigned page, unsigned at, uint64_t bits) {
    char path[FIXTURE_PATH];
    uint64_t v, changed;
    fixture_join_path(path, folder, "data.mdb");
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    off_t place = (off_t)page * PAGE + at;
    assert_int_equal(pread(fd, &v, sizeof v, place), sizeof v);
    changed = v ^ bits;
    assert_int_equal(pwrite(fd, &changed, sizeof changed, place), sizeof changed);
    assert_int_equal(close(fd), 0);
    return v;
}

static void expect_damaged(const char *what, unsigned page, unsigned bit) {
    struct err e = {0};
    int rc = db_open(folder, false, NULL, &db, &e);
    if (rc != ERR_CORRUPT)
        fail_msg("%s: page %u, bit %u: %d", what, page, bit, rc);
}

/* LMDB goes on from the greater of two numbers: a bit of one, and the last commit is gone. One bit
 * makes of the last number the one before the last but one, which says nothing wrong: 3 and 2, and
 * 1 and 2. CLAIMS.md says so. */
static void the_transaction_before_is_not_taken_for_the_last(void **state) {
    (void)state;
    struct err e = {0};
    fill(TABLE_HEARD);
    db_close(db);
    db = NULL;
    assert_int_equal(flip(0, LAST_TXN, 0), 2);
    assert_int_equal(flip(1, LAST_TXN, 0), 3);
    for (unsigned page = 0; page < 2; page++)
        for (unsigned bit = 0; bit < 64; bit++) {
            if (page == 1 && bit == 1)
                continue;
            (void)flip(page, LAST_TXN, UINT64_C(1) << bit);
            expect_damaged("number", page, bit);
            (void)flip(page, LAST_TXN, UINT64_C(1) << bit);
        }
    FIXTURE_OK(db_open(folder, false, NULL, &db, &e), &e);
}

/* The names of the tables as they were a transaction ago lead to tables as they were then. */
static void tables_of_then_are_not_those_of_now(void **state) {
    (void)state;
    fill(TABLE_ACTS);
    db_close(db);
    db = NULL;
    uint64_t a = flip(0, MAIN_ROOT, 0), b = flip(1, MAIN_ROOT, 0);
    assert_true(a != b);
    unsigned last = flip(0, LAST_TXN, 0) > flip(1, LAST_TXN, 0) ? 0 : 1;
    (void)flip(last, MAIN_ROOT, a ^ b);
    expect_damaged("root", last, 0);
}

/* One change, drawn; in a table that carries checks or in one that does not. */
static void change(struct txn *t, uint64_t *seed) {
    enum store_table table =
        fixture_below(seed, 3) > 0 ? checked[fixture_below(seed, COUNT(checked))] : TABLE_NAMES;
    char key[8], value[600];
    (void)snprintf(key, sizeof key, "k%u", (unsigned)fixture_below(seed, 20));
    memset(value, 'v', sizeof value);
    value[0] = (char)fixture_below(seed, 128);
    if (fixture_below(seed, 4) == 0)
        txn_delete(t, table, slice_str(key));
    else if (fixture_below(seed, 200) == 0 && table != TABLE_META)
        txn_clear(t, table);
    else
        txn_put(t, table, slice_str(key), slice_of(value, fixture_below(seed, sizeof value)));
}

static void whatever_is_written_all_tables_stay_whole(void **state) {
    (void)state;
    uint64_t seed = fixture_seed("rows");
    for (unsigned round = 0; round < 200; round++) {
        struct err e = {0};
        struct txn *t = start(true);
        for (uint32_t i = fixture_below(&seed, 20); i > 0; i--)
            change(t, &seed);
        if (fixture_below(&seed, 5) == 0)
            txn_abort(t);
        else
            commit(t);
        for (int i = 0; i < TABLE_COUNT; i++) {
            struct table_state s = look((enum store_table)i);
            if (!table_whole(&s))
                fail_msg("round %u: table %s", round, db_table_name((enum store_table)i));
        }
        if (fixture_below(&seed, 10) > 0)
            continue;
        db_close(db);
        FIXTURE_OK(db_open(folder, false, NULL, &db, &e), &e);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_was_changed_is_found_and_not_given_out),
        TEST(an_older_row_is_missed),
        TEST(rows_that_are_not_in_order_are_found),
        TEST(the_transaction_before_is_not_taken_for_the_last),
        TEST(tables_of_then_are_not_those_of_now),
        TEST(whatever_is_written_all_tables_stay_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
