#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/db.h"
#include "store/key.h"
#include "tests/unit/fixture_disk.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

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

static void reopen(const struct db_options *options) {
    struct err e = {0};
    db_close(db);
    db = NULL;
    FIXTURE_OK(db_open(folder, false, options, &db, &e), &e);
}

static struct txn *start(bool write) {
    struct txn *t = NULL;
    struct err e = {0};
    FIXTURE_OK(txn_begin(db, write, &t, &e), &e);
    return t;
}

static void put(struct txn *t, const char *key, const char *value) {
    txn_put(t, TABLE_META, slice_str(key), slice_str(value));
}

static bool has(const char *key, const char *value) {
    struct txn *t = start(false);
    struct slice v;
    bool there = txn_get(t, TABLE_META, slice_str(key), &v) && slice_equal(v, slice_str(value));
    txn_abort(t);
    return there;
}

static void what_was_committed_is_there_after_reopening(void **state) {
    (void)state;
    struct txn *t = start(true);
    put(t, "a", "1");
    assert_int_equal(txn_commit(t, NULL), 0);
    reopen(NULL);
    assert_true(has("a", "1"));
}

/* What is left of a store where the machine stopped while it was made. */
static void leave(const char *name, long bytes, bool zeros) {
    char path[4096];
    struct err e = {0};
    struct db *fresh = NULL;
    db_close(db);
    db = NULL;
    (void)snprintf(path, sizeof path, "%s/data.mdb", folder);
    assert_int_equal(truncate(path, zeros ? 0 : bytes), 0);
    assert_int_equal(truncate(path, bytes), 0);
    if (!zeros) { /* no transaction was counted yet */
        int fd = open(path, O_WRONLY | O_CLOEXEC);
        assert_int_equal(pwrite(fd, (uint8_t[8]){0}, 8, 144), 8);
        assert_int_equal(close(fd), 0);
    }
    if (db_open(folder, false, NULL, &fresh, &e) != ERR_ABSENT)
        fail_msg("%s: not absent", name);
    err_clear(&e);
    FIXTURE_OK(db_open(folder, true, NULL, &db, &e), &e);
}

static void a_store_that_was_cut_off_while_it_was_made_is_made_anew(void **state) {
    (void)state;
    leave("one page of two", 4096, false);
    leave("one sector", 512, false);
    leave("room for two pages", 8192, true);
    struct txn *t = start(true);
    put(t, "a", "1");
    assert_int_equal(txn_commit(t, NULL), 0);
    reopen(NULL);
    assert_true(has("a", "1"));
}

static void a_store_that_was_cut_short_later_is_not_made_anew(void **state) {
    (void)state;
    char path[4096];
    struct err e = {0};
    for (int i = 0; i < 2; i++) {
        struct txn *t = start(true);
        put(t, "a", "1");
        assert_int_equal(txn_commit(t, NULL), 0);
    }
    db_close(db);
    db = NULL;
    (void)snprintf(path, sizeof path, "%s/data.mdb", folder);
    static const struct {
        long bytes, zeros;
        bool create;
    } cuts[] = {{8192, 40960, true}, {8192, 40960, false}, {4096, 0, true}, {0, 0, false}};
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        assert_int_equal(truncate(path, cuts[i].bytes), 0);
        assert_int_equal(truncate(path, cuts[i].bytes + cuts[i].zeros), 0);
        assert_int_equal(db_open(folder, cuts[i].create, NULL, &db, &e), ERR_CORRUPT);
    }
}

static void what_was_aborted_never_was(void **state) {
    (void)state;
    struct txn *t = start(true);
    put(t, "a", "1");
    txn_abort(t);
    assert_false(has("a", "1"));
}

static void one_error_fails_the_whole_transaction(void **state) {
    (void)state;
    struct err why = {0}, e = {0};
    struct txn *t = start(true);
    put(t, "before", "1");
    err_set(&why, ERR_REFUSED, "the first");
    txn_fail(t, &why);
    put(t, "after", "1");
    assert_false(txn_get(t, TABLE_META, slice_str("before"), NULL));
    struct err second = {0};
    err_set(&second, ERR_IO, "the second");
    txn_fail(t, &second);
    assert_int_equal(txn_commit(t, &e), ERR_REFUSED);
    assert_string_equal(e.msgid, "the first");
    assert_false(has("before", "1"));
    assert_false(has("after", "1"));
}

static void a_key_that_is_too_long_fails_the_transaction_and_not_the_program(void **state) {
    (void)state;
    static const uint8_t key[600];
    struct txn *t = start(true);
    txn_put(t, TABLE_META, slice_of(key, sizeof key), slice_str("x"));
    assert_int_equal(txn_commit(t, NULL), ERR_IO);
}

/* ---- faults at the commit ---- */

static enum commit_fault next_fault;

static enum commit_fault ask(void *arg) {
    (void)arg;
    return next_fault;
}

static void a_commit_that_fails_says_whether_its_outcome_is_known(void **state) {
    (void)state;
    static const struct {
        enum commit_fault fault;
        int want;
        bool kept;
    } cases[] = {
        {COMMIT_AS_IS, 0, true},
        {COMMIT_LOST, ERR_IO, false},
        {COMMIT_UNKNOWN_KEPT, ERR_UNKNOWN, true},
        {COMMIT_UNKNOWN_LOST, ERR_UNKNOWN, false},
    };
    reopen(&(struct db_options){.fault = ask});
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char key[2] = {(char)('a' + i), '\0'};
        next_fault = cases[i].fault;
        struct err e = {0};
        struct txn *t = start(true);
        put(t, key, "1");
        assert_int_equal(txn_commit(t, &e), cases[i].want);
        assert_int_equal(e.code, cases[i].want);
        assert_int_equal(has(key, "1"), cases[i].kept);
    }
    next_fault = COMMIT_AS_IS;
}

/* ---- opening ---- */

static void a_folder_without_a_store_is_told_from_one_and_stays_empty(void **state) {
    (void)state;
    char other[FIXTURE_PATH], path[FIXTURE_PATH];
    struct db *none = NULL;
    struct err e = {0};
    fixture_folder(other);
    assert_int_equal(db_open(other, false, NULL, &none, &e), ERR_ABSENT);
    assert_null(none);
    fixture_join_path(path, other, "data.mdb");
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(rmdir(other), 0);
    err_clear(&e);
    assert_int_equal(db_open(other, false, NULL, &none, &e), ERR_ABSENT);
}

static void a_store_of_another_format_is_left_alone(void **state) {
    (void)state;
    static const uint8_t formats[][4] = {{0, 0, 0, 2}, {0, 0, 0, 4}};
    struct txn *t = start(true);
    for (size_t i = 0; i < 2; i++) {
        struct err e = {0};
        struct db *other = NULL;
        txn_put(t, TABLE_META, slice_str("schema"), slice_of(formats[i], 4));
        assert_int_equal(txn_commit(t, NULL), 0);
        db_close(db);
        db = NULL;
        assert_int_equal(db_open(folder, true, NULL, &other, &e), ERR_REFUSED);
        assert_null(other);
        if (i == 1)
            break;
        fixture_remove(folder);
        fixture_folder(folder);
        assert_int_equal(db_open(folder, true, NULL, &db, NULL), 0);
        t = start(true);
    }
}

static void a_file_that_is_no_store_is_called_damaged(void **state) {
    (void)state;
    char other[FIXTURE_PATH], path[FIXTURE_PATH], junk[8192];
    struct db *none = NULL;
    struct err e = {0};
    fixture_folder(other);
    fixture_join_path(path, other, "data.mdb");
    memset(junk, 'x', sizeof junk);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(junk, 1, sizeof junk, f), sizeof junk);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(db_open(other, false, NULL, &none, &e), ERR_CORRUPT);
    fixture_remove(other);
}

/* ---- walking ---- */

static void fill_walk(void) {
    static const char *const keys[] = {"a", "aa", "ab", "b", "\xff", "\xff\xff", "\xff\xff\x01"};
    struct txn *t = start(true);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        txn_put(t, TABLE_HEARD, slice_str(keys[i]), slice_str("v"));
    assert_int_equal(txn_commit(t, NULL), 0);
}

static void a_walk_shows_what_begins_so_in_order_and_nothing_else(void **state) {
    (void)state;
    static const struct {
        const char *prefix, *want;
    } cases[] = {{"a", "a aa ab "},
                 {"aa", "aa "},
                 {"b", "b "},
                 {"c", ""},
                 {"\xff\xff", "\xff\xff \xff\xff\x01 "},
                 {"", "a aa ab b \xff \xff\xff \xff\xff\x01 "}};
    fill_walk();
    struct txn *t = start(false);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct walk w;
        struct slice k;
        struct buf got;
        buf_init(&got);
        walk_init(&w, t, TABLE_HEARD, slice_str(cases[i].prefix));
        while (walk_next(&w, &k, NULL)) {
            buf_put(&got, k.data, k.len);
            buf_put_str(&got, " ");
        }
        walk_done(&w);
        assert_string_equal(buf_cstr(&got), cases[i].want);
        buf_done(&got);
    }
    txn_abort(t);
}

static void the_last_of_a_prefix_is_found_also_where_nothing_follows(void **state) {
    (void)state;
    static const struct {
        const char *prefix, *want;
    } cases[] = {
        {"a", "ab"},         {"aa", "aa"}, {"b", "b"}, {"c", NULL}, {"\xff\xff", "\xff\xff\x01"},
        {"", "\xff\xff\x01"}};
    fill_walk();
    struct txn *t = start(false);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct slice k;
        bool found = walk_last(t, TABLE_HEARD, slice_str(cases[i].prefix), &k, NULL);
        assert_int_equal(found, cases[i].want != NULL);
        if (found)
            assert_true(slice_equal(k, slice_str(cases[i].want)));
    }
    assert_false(walk_last(t, TABLE_SLOTS, slice_of(NULL, 0), NULL, NULL));
    txn_abort(t);
}

/* ---- the map ---- */

#define TINY ((size_t)512 << 10)

static void put_record(struct txn *t, uint32_t i, size_t n) {
    static uint8_t value[1 << 20];
    struct key k = {.n = 0};
    key_u32(&k, i);
    txn_put(t, TABLE_RECORDS, key_slice(&k), slice_of(value, n));
}

static void a_small_map_grows_as_records_come(void **state) {
    (void)state;
    reopen(&(struct db_options){.map_bytes = TINY, .no_sync = true});
    for (uint32_t i = 0; i < 400; i++) {
        struct err e = {0};
        struct txn *t = start(true);
        put_record(t, i, 20000);
        FIXTURE_OK(txn_commit(t, &e), &e);
    }
    struct txn *t = start(false);
    assert_int_equal(txn_count(t, TABLE_RECORDS), 400);
    txn_abort(t);
}

static void a_transaction_larger_than_the_map_is_refused_and_fits_when_tried_again(void **state) {
    (void)state;
    int tries = 0, rc;
    reopen(&(struct db_options){.map_bytes = TINY, .no_sync = true});
    do {
        struct txn *t = start(true);
        for (uint32_t i = 0; i < 8; i++)
            put_record(t, i, 1 << 20);
        rc = txn_commit(t, NULL);
        assert_true(rc == 0 || rc == ERR_IO);
    } while (rc != 0 && ++tries < 12);
    assert_int_equal(rc, 0);
    assert_true(tries > 0);
}

static void no_map_is_moved_under_an_open_reader(void **state) {
    (void)state;
    reopen(&(struct db_options){.map_bytes = TINY, .no_sync = true});
    struct txn *w = start(true);
    put_record(w, 0, 300000);
    assert_int_equal(txn_commit(w, NULL), 0);
    struct txn *reader = start(false);
    struct key k = {.n = 0};
    struct slice before, after;
    key_u32(&k, 0);
    assert_true(txn_get(reader, TABLE_RECORDS, key_slice(&k), &before));
    w = start(true);
    put_record(w, 1, 1000);
    assert_int_equal(txn_commit(w, NULL), 0);
    assert_true(txn_get(reader, TABLE_RECORDS, key_slice(&k), &after));
    assert_ptr_equal(before.data, after.data);
    assert_int_equal(before.data[299999], 0);
    txn_abort(reader);
}

/* Wait for the child process; whether it ended well. */
static bool ended_well(pid_t pid) {
    int status = 0;
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* In another process: put `n` records under `first` … into a store of its own. */
static void write_beside(uint32_t first, uint32_t n) {
    struct db *own = NULL;
    struct err e = {0};
    int rc =
        db_open(folder, false, &(struct db_options){.map_bytes = TINY, .no_sync = true}, &own, &e);
    for (uint32_t i = 0; rc == 0 && i < n; i++) {
        struct txn *t;
        rc = txn_begin(own, true, &t, &e);
        if (rc != 0)
            break;
        put_record(t, first + i, 20000);
        rc = txn_commit(t, &e);
    }
    FIXTURE_OK(rc, &e);
    _exit(rc == 0 ? 0 : 1);
}

static void a_map_that_another_process_grew_is_seen_here(void **state) {
    (void)state;
    db_close(db);
    db = NULL;
    struct err e = {0};
    FIXTURE_OK(db_open(folder, false, &(struct db_options){.map_bytes = TINY}, &db, &e), &e);
    pid_t pid = fork();
    if (pid == 0)
        write_beside(0, 200);
    assert_true(ended_well(pid));
    struct txn *t = start(false);
    assert_int_equal(txn_count(t, TABLE_RECORDS), 200);
    txn_abort(t);
    t = start(true);
    put_record(t, 1000, 20000);
    FIXTURE_OK(txn_commit(t, &e), &e);
}

static void two_processes_write_in_turn_and_nothing_is_lost(void **state) {
    (void)state;
    pid_t one = fork();
    if (one == 0)
        write_beside(0, 150);
    pid_t two = fork();
    if (two == 0)
        write_beside(1000, 150);
    assert_true(ended_well(one));
    assert_true(ended_well(two));
    struct txn *t = start(true);
    assert_int_equal(txn_count(t, TABLE_RECORDS), 300);
    assert_true(txn_id(t) > 300);
    txn_abort(t);
}

static void a_transaction_s_number_tells_whether_another_process_wrote(void **state) {
    (void)state;
    struct txn *t = start(true);
    uint64_t mine = txn_id(t);
    put(t, "a", "1");
    assert_int_equal(txn_commit(t, NULL), 0);
    t = start(true);
    assert_int_equal(txn_id(t), mine + 1);
    txn_abort(t);
    pid_t pid = fork();
    if (pid == 0)
        write_beside(0, 1);
    assert_true(ended_well(pid));
    t = start(true);
    assert_int_equal(txn_id(t), mine + 2);
    txn_abort(t);
}

static void note(struct txn *t, const void *arg) {
    put(t, arg, "3");
}

static void a_backup_is_a_store(void **state) {
    (void)state;
    char other[FIXTURE_PATH], file[FIXTURE_PATH + 16];
    struct err e = {0};
    struct txn *t = start(true);
    put(t, "a", "1");
    assert_int_equal(txn_commit(t, NULL), 0);
    fixture_folder(other);
    (void)snprintf(file, sizeof file, "%s/data.mdb", other);
    int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    t = start(true);
    put(t, "a", "2"); /* not committed while the copy is taken */
    FIXTURE_OK(db_backup(db, fd, note, "note", &e), &e);
    assert_int_equal(txn_commit(t, NULL), 0);
    assert_int_equal(close(fd), 0);
    db_close(db);
    db = NULL;
    FIXTURE_OK(db_open(other, false, NULL, &db, &e), &e);
    assert_true(has("a", "1") && has("note", "3"));
    fixture_remove(other);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_was_committed_is_there_after_reopening),
        TEST(what_was_aborted_never_was),
        TEST(a_store_that_was_cut_off_while_it_was_made_is_made_anew),
        TEST(a_store_that_was_cut_short_later_is_not_made_anew),
        TEST(one_error_fails_the_whole_transaction),
        TEST(a_key_that_is_too_long_fails_the_transaction_and_not_the_program),
        TEST(a_commit_that_fails_says_whether_its_outcome_is_known),
        TEST(a_folder_without_a_store_is_told_from_one_and_stays_empty),
        TEST(a_store_of_another_format_is_left_alone),
        TEST(a_file_that_is_no_store_is_called_damaged),
        TEST(a_walk_shows_what_begins_so_in_order_and_nothing_else),
        TEST(the_last_of_a_prefix_is_found_also_where_nothing_follows),
        TEST(a_small_map_grows_as_records_come),
        TEST(a_transaction_larger_than_the_map_is_refused_and_fits_when_tried_again),
        TEST(no_map_is_moved_under_an_open_reader),
        TEST(a_map_that_another_process_grew_is_seen_here),
        TEST(two_processes_write_in_turn_and_nothing_is_lost),
        TEST(a_transaction_s_number_tells_whether_another_process_wrote),
        TEST(a_backup_is_a_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
