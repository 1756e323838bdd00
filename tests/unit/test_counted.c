#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/counted.h"
#include "tests/unit/fixture_disk.h"

#include <stdio.h>
#include <stdlib.h>

/*
 * A counted set against a sorted list, after every one of many changes at random; and the same rows
 * whatever the order.
 */

#define KEYS 20000u

static char folder[FIXTURE_PATH];
static struct db *db;
static struct txn *t;
static uint64_t luck;

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

static uint32_t roll(uint32_t n) {
    return fixture_below(&luck, n);
}

static struct counted make_set(void) {
    struct counted c = {.t = t, .table = TABLE_PLACES};
    key_put(&c.set, "set", 3);
    return c;
}

static struct key key_of(uint32_t n) {
    struct key k = {.n = 0};
    key_u32(&k, n * 2654435761u);
    key_text(&k, n % 3 ? "x" : "");
    return k;
}

static int by_key(const void *pa, const void *pb) {
    struct key a = key_of(*(const uint32_t *)pa), b = key_of(*(const uint32_t *)pb);
    int order = memcmp(a.b, b.b, a.n < b.n ? a.n : b.n);
    return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

/* Every place and count of `c` is that of the `n` keys in `list`. */
static void agrees(const struct counted *c, uint32_t *list, uint32_t n) {
    struct counted_walk w;
    struct slice k, v;
    qsort(list, n, sizeof *list, by_key);
    assert_int_equal(counted_total(c), n);
    assert_true(counted_holds(c));
    for (uint32_t i = 0; i < n; i += 1 + roll(97)) {
        struct key key = key_of(list[i]);
        assert_int_equal(counted_before(c, key_slice(&key)), i);
        assert_int_equal(counted_through(c, key_slice(&key)), i + 1);
        counted_walk_init(&w, c, i);
        for (uint32_t j = i; j < n && j < i + 3; j++) {
            key = key_of(list[j]);
            assert_true(counted_walk_next(&w, &k, &v));
            assert_true(slice_equal(k, key_slice(&key)));
            assert_int_equal(v.len, 1);
        }
        counted_walk_done(&w);
    }
    counted_walk_init(&w, c, n);
    assert_false(counted_walk_next(&w, &k, &v));
    counted_walk_done(&w);
}

static void places_are_those_of_a_sorted_list_whatever_is_added_and_removed(void **state) {
    (void)state;
    static uint32_t list[KEYS];
    luck = fixture_seed("counted");
    struct counted c = make_set();
    uint32_t n = 0, next = 0;
    for (unsigned round = 0; round < 60; round++) {
        bool grow = round < 40 || round % 3 == 0;
        for (unsigned i = 0; i < 400; i++) {
            if (grow && n < KEYS) {
                struct key k = key_of(next);
                counted_add(&c, key_slice(&k), slice_str("v"));
                list[n++] = next++;
            } else if (n > 0) {
                uint32_t at = roll(n);
                struct key k = key_of(list[at]);
                counted_remove(&c, key_slice(&k));
                list[at] = list[--n];
            }
        }
        agrees(&c, list, n);
    }
    while (n > 0) {
        struct key k = key_of(list[--n]);
        counted_remove(&c, key_slice(&k));
    }
    assert_int_equal(txn_count(t, TABLE_PLACES), 0);
}

/* All rows of the set, one after another. */
static void dump(struct buf *out) {
    struct walk w;
    struct slice k, v;
    walk_init(&w, t, TABLE_PLACES, slice_of(NULL, 0));
    while (walk_next(&w, &k, &v)) {
        buf_put(out, k.data, k.len);
        buf_put(out, v.data, v.len);
    }
    walk_done(&w);
}

static void the_same_keys_make_the_same_rows_in_any_order(void **state) {
    (void)state;
    struct buf bytes[2];
    for (unsigned turn = 0; turn < 2; turn++) {
        struct counted c = make_set();
        for (uint32_t i = 0; i < KEYS; i++) {
            struct key k = key_of(turn ? KEYS - 1 - i : i);
            counted_add(&c, key_slice(&k), slice_str("v"));
        }
        for (uint32_t i = 0; i < KEYS; i += 7) { /* what went and came again leaves no trace */
            struct key k = key_of(i);
            counted_remove(&c, key_slice(&k));
            if (turn)
                counted_add(&c, key_slice(&k), slice_str("v"));
            if (turn)
                counted_remove(&c, key_slice(&k));
        }
        buf_init(&bytes[turn]);
        dump(&bytes[turn]);
        txn_clear(t, TABLE_PLACES);
    }
    assert_true(slice_equal(buf_slice(&bytes[0]), buf_slice(&bytes[1])));
    buf_done(&bytes[0]);
    buf_done(&bytes[1]);
}

static void a_wrong_count_is_noticed(void **state) {
    (void)state;
    struct counted c = make_set();
    for (uint32_t i = 0; i < KEYS; i++) {
        struct key k = key_of(i);
        counted_add(&c, key_slice(&k), slice_str("v"));
    }
    assert_true(counted_holds(&c));
    struct key row = c.set, stray = key_of(KEYS + 1);
    key_put(&row, &(uint8_t){0}, 1);
    key_put(&row, stray.b, stray.n);
    txn_put(t, TABLE_PLACES, key_slice(&row), slice_str("v"));
    assert_false(counted_holds(&c));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            places_are_those_of_a_sorted_list_whatever_is_added_and_removed, begin, end),
        cmocka_unit_test_setup_teardown(the_same_keys_make_the_same_rows_in_any_order, begin, end),
        cmocka_unit_test_setup_teardown(a_wrong_count_is_noticed, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
