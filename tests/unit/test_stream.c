#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/limits.h"
#include "store/stream.h"
#include "tests/unit/fixture_disk.h"

#include <string.h>

static char folder[FIXTURE_PATH];
static struct db *db;
static struct txn *t;

static int begin(void **state) {
    (void)state;
    fixture_folder(folder);
    return db_open(folder, true, &(struct db_options){.no_sync = true}, &db, NULL) ||
           txn_begin(db, true, &t, NULL);
}

static int end(void **state) {
    (void)state;
    txn_abort(t);
    db_close(db);
    fixture_remove(folder);
    return 0;
}

static void positions_begin_at_one_and_have_no_holes(void **state) {
    (void)state;
    const struct uid s = {{5}};
    struct hash id = {{0}}, got;
    assert_int_equal(stream_end(t, &s), 0);
    for (uint8_t i = 1; i <= 200; i++) {
        id.b[3] = i;
        assert_int_equal(stream_append(t, &s, &id), i);
    }
    assert_int_equal(stream_end(t, &s), 200);
    for (uint8_t i = 1; i <= 200; i++) {
        id.b[3] = i;
        assert_true(stream_at(t, &s, i, &got));
        assert_true(hash_equal(&got, &id));
        assert_int_equal(stream_position_of(t, &s, &id), i);
    }
    assert_false(stream_at(t, &s, 0, &got));
    assert_false(stream_at(t, &s, 201, &got));
}

static void streams_do_not_touch_each_other(void **state) {
    (void)state;
    /* In order of their names, so that the last of one lies beside the first of the next. */
    struct uid s[3] = {{{1}}, {{1}}, {{2}}};
    const struct hash id = {{7}};
    s[1].b[UID_BYTES - 1] = 1;
    stream_append(t, &s[0], &id);
    stream_append(t, &s[2], &id);
    stream_append(t, &s[2], &id);
    assert_int_equal(stream_end(t, &s[0]), 1);
    assert_int_equal(stream_end(t, &s[1]), 0);
    assert_int_equal(stream_end(t, &s[2]), 2);
    assert_int_equal(stream_position_of(t, &s[1], &id), 0);
}

static void a_record_added_twice_is_known_by_its_last_position(void **state) {
    (void)state;
    const struct uid s = {{5}};
    const struct hash a = {{1}}, b = {{2}};
    stream_append(t, &s, &a);
    stream_append(t, &s, &b);
    assert_int_equal(stream_append(t, &s, &a), 3);
    assert_int_equal(stream_position_of(t, &s, &a), 3);
    assert_int_equal(stream_position_of(t, &s, &b), 2);
}

static void streams_of_one_neighbour_are_remembered_up_to_a_bound(void **state) {
    (void)state;
    const struct hash peer = {{1}}, other = {{2}};
    const struct uid mine = {{9}};
    cursor_put(t, &other, &mine, &(struct cursor){.position = 7});
    for (uint8_t i = 1; i <= LIMIT_CURSORS + 10; i++)
        for (uint64_t at = 1; at <= 2; at++)
            cursor_put(t, &peer, &(struct uid){{i}}, &(struct cursor){.position = at});
    assert_int_equal(txn_count(t, TABLE_CURSORS), 1 + LIMIT_CURSORS);
    assert_int_equal(cursor_get(t, &peer, &(struct uid){{LIMIT_CURSORS + 10}}).position, 2);
    assert_int_equal(cursor_get(t, &other, &mine).position, 7);
}

static void a_cursor_is_of_one_neighbour_and_one_instance(void **state) {
    (void)state;
    const struct hash peer = {{1}}, other = {{2}};
    const struct uid s = {{5}}, rebuilt = {{6}};
    cursor_put(t, &peer, &s, &(struct cursor){.position = UINT64_MAX - 257});
    assert_true(cursor_get(t, &peer, &s).position == UINT64_MAX - 257);
    assert_int_equal(cursor_get(t, &other, &s).position, 0);
    assert_int_equal(cursor_get(t, &peer, &rebuilt).position, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(positions_begin_at_one_and_have_no_holes),
        TEST(streams_do_not_touch_each_other),
        TEST(a_record_added_twice_is_known_by_its_last_position),
        TEST(streams_of_one_neighbour_are_remembered_up_to_a_bound),
        TEST(a_cursor_is_of_one_neighbour_and_one_instance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
