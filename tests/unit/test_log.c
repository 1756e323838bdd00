#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/limits.h"
#include "store/fork.h"
#include "store/log.h"
#include "store/meta.h"
#include "tests/unit/fixture_disk.h"

#include <stdlib.h>
#include <string.h>

static char folder[FIXTURE_PATH];
static struct db *db;
static struct key_pair *key;

static int begin(void **state) {
    (void)state;
    static const uint8_t seed[SEED_BYTES] = {7};
    fixture_folder(folder);
    return crypto_start(NULL) || key_pair_sign_new(seed, &key, NULL) ||
           db_open(folder, true, &(struct db_options){.no_sync = true}, &db, NULL);
}

static int end(void **state) {
    (void)state;
    db_close(db);
    key_pair_free(key);
    fixture_remove(folder);
    return 0;
}

static struct txn *start(void) {
    struct txn *t = NULL;
    struct err e = {0};
    FIXTURE_OK(txn_begin(db, true, &t, &e), &e);
    return t;
}

/* A record of `kind` at `seq` of `lane` with a payload of `n` bytes, in `b`. */
static struct record make(struct buf *b, uint16_t kind, uint8_t lane, uint64_t seq, size_t n) {
    static const uint8_t payload[1 << 20];
    struct record_header h = {.kind = kind, .payload_version = 1, .epoch = 1, .seq = seq};
    struct record r;
    struct hash id;
    struct err e = {0};
    h.actor.b[0] = 1;
    h.lane.b[0] = lane;
    h.prev.b[0] = seq > 1;
    buf_init(b);
    FIXTURE_OK(record_build(&h, slice_of(payload, n), key, b, &id, &e), &e);
    FIXTURE_OK(record_parse(buf_slice(b), &r, &e), &e);
    return r;
}

static void a_record_is_found_by_id_place_kind_and_number(void **state) {
    (void)state;
    struct buf b[4];
    struct record r[4];
    struct txn *t = start();
    for (unsigned i = 0; i < 4; i++) {
        r[i] = make(&b[i], (uint16_t)(40 + i % 2), 9, 1 + i, 10);
        assert_int_equal(log_append(t, &r[i]), i + 1);
    }
    assert_int_equal(log_last(t), 4);
    struct log_head head = log_head_of(t, &r[0].h.actor, 1, &r[0].h.lane);
    assert_int_equal(head.seq, 4);
    assert_true(hash_equal(&head.id, &r[3].id));
    struct hash id;
    assert_true(log_at(t, &r[0].h.actor, 1, &r[0].h.lane, 2, &id));
    assert_true(hash_equal(&id, &r[1].id));
    assert_false(log_at(t, &r[0].h.actor, 1, &r[0].h.lane, 5, &id));
    assert_false(log_at(t, &r[0].h.actor, 2, &r[0].h.lane, 2, &id));
    struct log_walk w;
    uint64_t number;
    log_walk_init(&w, t, 41, 2);
    assert_true(log_walk_next(&w, &number, &id));
    assert_int_equal(number, 4);
    assert_true(hash_equal(&id, &r[3].id));
    assert_false(log_walk_next(&w, &number, &id));
    log_walk_done(&w);
    struct record got;
    assert_int_equal(log_get(t, &r[2].id, &got, NULL), 0);
    assert_true(slice_equal(got.bytes, r[2].bytes));
    txn_abort(t);
    for (unsigned i = 0; i < 4; i++)
        buf_done(&b[i]);
}

static void an_empty_lane_between_two_others_is_empty(void **state) {
    (void)state;
    struct buf b[2];
    struct record low = make(&b[0], 40, 1, 1, 0), high = make(&b[1], 40, 3, 1, 0);
    struct txn *t = start();
    log_append(t, &low);
    log_append(t, &high);
    assert_int_equal(log_head_of(t, &low.h.actor, 1, &(struct uid){{2}}).seq, 0);
    assert_int_equal(log_head_of(t, &low.h.actor, 1, &(struct uid){{0}}).seq, 0);
    txn_abort(t);
    buf_done(&b[0]);
    buf_done(&b[1]);
}

static void what_is_not_here_is_absent_and_what_changed_is_damaged(void **state) {
    (void)state;
    struct buf b;
    struct record r = make(&b, 40, 9, 1, 300), got;
    struct txn *t = start();
    struct err e = {0};
    assert_int_equal(log_seek(t, &r.id, &got, &e), ERR_ABSENT);
    assert_false(log_states(t, &r.h.actor, &r.id));
    err_clear(&e);
    assert_int_equal(log_get(t, &r.id, &got, &e), ERR_CORRUPT); /* a row would not name it */
    log_append(t, &r);
    assert_true(log_states(t, &r.h.actor, &r.id));
    for (size_t i = 0; i < b.len; i++) {
        if (i >= RECORD_HEADER_BYTES && i < RECORD_HEADER_BYTES + SIGNATURE_BYTES)
            continue; /* a proof is checked where it is asked for */
        b.data[i] ^= 0x10;
        txn_put(t, TABLE_RECORDS, slice_of(r.id.b, HASH_BYTES), buf_slice(&b));
        err_clear(&e);
        assert_int_equal(log_get(t, &r.id, &got, &e), ERR_CORRUPT);
        b.data[i] ^= 0x10;
    }
    txn_abort(t);
    buf_done(&b);
}

/* Whoever asks whether a record is held must not go on where that cannot be told. */
static void damage_is_no_absence(void **state) {
    (void)state;
    struct record r, got;
    struct buf b, spoiled;
    struct err e = {0};
    buf_init(&b);
    buf_init(&spoiled);
    r = make(&b, 5, 3, 1, 90);
    struct txn *t = start();
    assert_false(log_held(t, &r.id, &got));
    assert_int_equal(txn_failed(t, NULL), 0);
    (void)log_append(t, &r);
    assert_true(log_held(t, &r.id, &got));
    buf_put(&spoiled, r.bytes.data, r.bytes.len);
    spoiled.data[spoiled.len - 1] ^= 1;
    txn_put(t, TABLE_RECORDS, slice_of(r.id.b, HASH_BYTES), buf_slice(&spoiled));
    assert_false(log_held(t, &r.id, &got));
    assert_int_equal(txn_failed(t, &e), ERR_CORRUPT);
    txn_abort(t);
    buf_done(&spoiled);
    buf_done(&b);
}

static void a_record_of_a_mebibyte_is_stored_and_read_back(void **state) {
    (void)state;
    struct buf b;
    struct record r = make(&b, 40, 9, 1, 1 << 20), got;
    struct txn *t = start();
    struct err e = {0};
    log_append(t, &r);
    FIXTURE_OK(txn_commit(t, &e), &e);
    t = start();
    FIXTURE_OK(log_get(t, &r.id, &got, &e), &e);
    assert_true(slice_equal(got.bytes, r.bytes));
    txn_abort(t);
    buf_done(&b);
}

static void a_fork_is_kept_beside_the_log(void **state) {
    (void)state;
    struct buf b[2];
    struct record r = make(&b[0], 40, 9, 1, 10), other = make(&b[1], 40, 9, 1, 11);
    struct txn *t = start();
    log_append(t, &r);
    fork_keep(t, &other);
    assert_false(log_has(t, &other.id));
    assert_int_equal(txn_count(t, TABLE_FORKS), 1);
    struct log_head head = log_head_of(t, &r.h.actor, 1, &r.h.lane);
    assert_true(hash_equal(&head.id, &r.id));
    txn_abort(t);
    buf_done(&b[0]);
    buf_done(&b[1]);
}

/* What is displaced counts with what was kept before. */
static void of_what_is_displaced_as_much_is_kept_as_convinces(void **state) {
    (void)state;
    struct buf b;
    struct txn *t = start();
    struct err e = {0};
    struct hash author = {{0}};
    for (unsigned round = 0; round < 2; round++) {
        for (uint8_t i = 0; i < LIMIT_FORK_BYTES / LIMIT_PAYLOAD; i++) {
            struct record r = make(&b, 40, (uint8_t)(9 + round), i + 1u, LIMIT_PAYLOAD);
            author = r.h.actor;
            if (round == 0 || i < 2)
                log_append(t, &r);
            buf_done(&b);
        }
        FIXTURE_OK(log_displace(t, &author, 1, &e), &e);
        assert_int_equal(txn_count(t, TABLE_LANES), 0);
        assert_int_equal(txn_count(t, TABLE_FORKS), LIMIT_FORK_BYTES / LIMIT_PAYLOAD - 1);
    }
    txn_abort(t);
}

static void evidence_is_read_back_by_author_and_by_enough_of_its_id(void **state) {
    (void)state;
    struct buf b[3];
    struct record r = make(&b[0], 40, 9, 1, 10), other = make(&b[1], 40, 9, 1, 11), got;
    struct record third = make(&b[2], 40, 9, 1, 12);
    struct txn *t = start();
    struct fork_walk w;
    struct fork f = {.epoch = 0};
    struct hash stranger = {{2}};
    struct err e = {0};
    char text[HASH_TEXT];
    log_append(t, &r);
    fork_keep(t, &other);
    fork_keep(t, &third);
    fork_walk_of(&w, t, &stranger);
    assert_false(fork_walk_next(&w, &f));
    fork_walk_done(&w);
    uint32_t n = 0;
    fork_walk_of(&w, t, &r.h.actor);
    while (fork_walk_next(&w, &f))
        n++;
    fork_walk_done(&w);
    assert_int_equal(n, 2);
    hash_text(&r.id, text);
    assert_false(fork_find(t, text, &f));
    hash_text(&other.id, text);
    text[9] = '\0';
    assert_true(fork_find(t, text, &f));
    assert_true(hash_equal(&f.id, &other.id));
    FIXTURE_OK(fork_get(t, &f, &got, &e), &e);
    assert_true(slice_equal(got.bytes, other.bytes));
    text[7] = '\0';
    assert_false(fork_find(t, text, &f));
    f.seq++;
    assert_int_equal(fork_get(t, &f, &got, &e), ERR_ABSENT);
    txn_abort(t);
    for (uint32_t i = 0; i < 3; i++)
        buf_done(&b[i]);
}

static void a_record_is_named_by_enough_of_its_id(void **state) {
    (void)state;
    struct buf b[2];
    struct record one = make(&b[0], 40, 9, 1, 10), two = make(&b[1], 40, 9, 2, 11);
    struct txn *t = start();
    struct hash id;
    char text[HASH_TEXT];
    log_append(t, &one);
    log_append(t, &two);
    hash_text(&one.id, text);
    for (size_t n = 0; n <= 64; n++) {
        char prefix[HASH_TEXT];
        memcpy(prefix, text, n);
        prefix[n] = '\0';
        int want = n < 8 ? ERR_REFUSED : 0;
        assert_int_equal(log_find(t, prefix, &id, NULL), want);
        assert_true(want != 0 || hash_equal(&id, &one.id));
        if (n > 0 && prefix[n - 1] >= 'a')
            prefix[n - 1] = (char)(prefix[n - 1] - 32);
        assert_int_equal(log_find(t, prefix, &id, NULL), want);
    }
    text[8] = text[8] == '0' ? '1' : '0';
    text[9] = '\0';
    assert_int_equal(log_find(t, text, &id, NULL), ERR_REFUSED);
    assert_int_equal(log_find(t, "zzzzzzzz", &id, NULL), ERR_REFUSED);
    txn_abort(t);
    buf_done(&b[0]);
    buf_done(&b[1]);
}

static void facts_of_the_store_are_read_back_and_others_are_not_there(void **state) {
    (void)state;
    struct txn *t = start();
    struct hash h = {{1, 2, 3}}, got_hash = {{9}};
    struct uid u = {{4, 5}}, got_uid;
    char text[5];
    meta_put_u64(t, "n", UINT64_MAX - 1);
    meta_put_hash(t, "h", &h);
    meta_put_uid(t, "u", &u);
    meta_put_text(t, "t", "four");
    meta_put_text(t, "t5", "five!");
    assert_true(meta_u64(t, "n") == UINT64_MAX - 1);
    assert_true(meta_hash(t, "h", &got_hash) && hash_equal(&h, &got_hash));
    assert_true(meta_uid(t, "u", &got_uid) && uid_equal(&u, &got_uid));
    assert_true(meta_text(t, "t", text, sizeof text));
    assert_string_equal(text, "four");
    assert_false(meta_text(t, "t5", text, sizeof text)); /* with its NUL it is one too long */
    assert_int_equal(meta_u64(t, "h"), 0);
    assert_int_equal(meta_u64(t, "none"), 0);
    assert_false(meta_hash(t, "u", &got_hash));
    assert_true(hash_equal(&h, &got_hash));
    txn_abort(t);
}

static void what_the_log_grew_by_is_told_by_kind_of_few_records_and_of_many(void **state) {
    (void)state;
    static const uint16_t even[] = {40, 42}, none[] = {43, 44};
    struct txn *t = start();
    for (unsigned i = 0; i < 8; i++) {
        struct buf b;
        struct record r = make(&b, i < 3 ? 40 : 41, 9, 1 + i, 10);
        assert_int_equal(log_append(t, &r), i + 1);
        buf_done(&b);
    }
    for (uint64_t after = 0; after < 9; after++) {
        assert_true(log_grew_by(t, after, even, 2) == (after < 3));
        assert_false(log_grew_by(t, after, none, 2));
    }
    txn_abort(t);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_record_is_found_by_id_place_kind_and_number),
        TEST(an_empty_lane_between_two_others_is_empty),
        TEST(what_is_not_here_is_absent_and_what_changed_is_damaged),
        TEST(damage_is_no_absence),
        TEST(a_record_of_a_mebibyte_is_stored_and_read_back),
        TEST(a_fork_is_kept_beside_the_log),
        TEST(of_what_is_displaced_as_much_is_kept_as_convinces),
        TEST(a_record_is_named_by_enough_of_its_id),
        TEST(what_the_log_grew_by_is_told_by_kind_of_few_records_and_of_many),
        TEST(facts_of_the_store_are_read_back_and_others_are_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
