/* What of a slot is lost or changed on disk is noticed when it is read. */
#include "node/slot_facts.h"
#include "node/views.h"
#include "tests/unit/step_world.h"

#define ROWS (1 + STORY - 2) /* the slot's own, and a revision each */

struct row {
    uint8_t key[256], value[64];
    size_t key_len, value_len;
};
static struct row rows[ROWS];
static struct slot_place place;

static void read_rows(void) {
    struct txn *t;
    struct walk w;
    struct slice k, v;
    size_t n = 0;
    assert_int_equal(txn_begin(hub.actor.db, false, &t, NULL), 0);
    walk_init(&w, t, TABLE_SLOTS, slice_of(NULL, 0));
    for (; walk_next(&w, &k, &v); n++) {
        assert_true(n < ROWS && k.len <= sizeof rows->key && v.len <= sizeof rows->value);
        memcpy(rows[n].key, k.data, rows[n].key_len = k.len);
        memcpy(rows[n].value, v.data, rows[n].value_len = v.len);
    }
    walk_done(&w);
    assert_int_equal(n, ROWS);
    assert_true(slots_read(slice_of(rows[0].key, rows[0].key_len), &place));
    txn_abort(t);
}

static int begin_slot(void **state) {
    (void)begin(state);
    greet(PEER, &node);
    fixture_records(&hub, PEER, &node, 1, story, STORY);
    fixture_step(&hub);
    fixture_drop_all(&hub);
    read_rows();
    return 0;
}

/* What reading the slot comes to in `t`: by its rows alone, and by its reports. */
static void read_slot(struct txn *t, int *ret_rows, int *ret_reports) {
    struct slot_facts f;
    struct verdict v;
    assert_int_equal(slot_facts_begin(&f, &hub.actor, t, NULL), 0);
    *ret_rows = slot_facts_in_force(&f, &place.slot, &v, NULL);
    *ret_reports = slot_facts_gather(&f, &place.slot, NULL);
    slot_facts_done(&f);
}

/* Flip `bit` of row `i`, counted through key and value, and read the slot. */
static void reads_flipped(const struct row *row, size_t bit) {
    struct row bad = *row;
    struct txn *t;
    int by_rows, by_reports;
    size_t at = bit / 8;
    uint8_t *byte = at < row->key_len ? &bad.key[at] : &bad.value[at - row->key_len];
    *byte ^= (uint8_t)(1u << bit % 8);
    assert_int_equal(actor_begin(&hub.actor, true, &t, NULL), 0);
    txn_delete(t, TABLE_SLOTS, slice_of(row->key, row->key_len));
    txn_put(t, TABLE_SLOTS, slice_of(bad.key, bad.key_len), slice_of(bad.value, bad.value_len));
    read_slot(t, &by_rows, &by_reports);
    actor_abort(&hub.actor, t);
    if (by_rows != ERR_CORRUPT || by_reports == 0)
        fail_msg("bit %zu: %d, %d", bit, by_rows, by_reports);
}

static void every_bit_of_a_slot_that_flips_is_noticed(void **state) {
    (void)state;
    for (size_t i = 0; i < ROWS; i++)
        for (size_t bit = 0; bit < 8 * (rows[i].key_len + rows[i].value_len); bit++)
            reads_flipped(&rows[i], bit);
}

static void a_row_that_is_gone_is_noticed(void **state) {
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        struct txn *t;
        int by_rows, by_reports;
        assert_int_equal(actor_begin(&hub.actor, true, &t, NULL), 0);
        txn_delete(t, TABLE_SLOTS, slice_of(rows[i].key, rows[i].key_len));
        read_slot(t, &by_rows, &by_reports);
        actor_abort(&hub.actor, t);
        assert_int_equal(by_rows, ERR_CORRUPT);
        assert_int_equal(by_reports, ERR_CORRUPT);
    }
}

static void a_slot_that_is_whole_reads_however_often_a_report_enters_it(void **state) {
    (void)state;
    struct txn *t;
    struct slot_walk w;
    struct slot_revision in, first = {.epoch = 0};
    int by_rows, by_reports;
    assert_int_equal(actor_begin(&hub.actor, true, &t, NULL), 0);
    slots_walk(&w, t, &place.slot);
    assert_true(slots_next(&w, &first));
    while (slots_next(&w, &in))
        assert_false(w.damaged);
    assert_false(w.damaged);
    slots_done(&w);
    slots_enter(t, &place.slot, &first);
    read_slot(t, &by_rows, &by_reports);
    actor_abort(&hub.actor, t);
    assert_int_equal(by_rows, 0);
    assert_int_equal(by_reports, 0);
}

static struct hash made_up(uint32_t n) {
    struct hash h;
    crypto_hash_tagged(TAG_ID, slice_of((const uint8_t *)&n, sizeof n), &h);
    return h;
}

/* Enter `n` more revisions by the author of those that are there; their places follow no order. */
static void crowd(struct txn *t, uint32_t n) {
    struct slot_walk w;
    struct slot_revision in;
    slots_walk(&w, t, &place.slot);
    assert_true(slots_next(&w, &in));
    slots_done(&w);
    for (uint32_t i = 0; i < n; i++) {
        in.report = made_up(1000 + i);
        in.seq = 1000 + i;
        slots_enter(t, &place.slot, &in);
    }
}

static void revisions_of_a_slot_come_in_the_order_of_their_places(void **state) {
    (void)state;
    struct txn *t;
    struct slot_facts f;
    assert_int_equal(actor_begin(&hub.actor, true, &t, NULL), 0);
    crowd(t, 300);
    assert_int_equal(slot_facts_begin(&f, &hub.actor, t, NULL), 0);
    assert_int_equal(slot_facts_gather_rows(&f, &place.slot, NULL), 0);
    assert_int_equal(f.n, 300 + STORY - 2);
    for (uint32_t i = 1; i < f.n; i++)
        assert_true(f.revisions[i - 1].order.seq < f.revisions[i].order.seq);
    slot_facts_done(&f);
    actor_abort(&hub.actor, t);
}

static void of_one_report_an_author_has_so_many_revisions_and_no_more(void **state) {
    (void)state;
    struct txn *t;
    struct slot_walk w;
    struct slot_revision first, in;
    assert_int_equal(actor_begin(&hub.actor, true, &t, NULL), 0);
    slots_walk(&w, t, &place.slot);
    assert_true(slots_next(&w, &first));
    slots_done(&w);
    in = first;
    in.report = made_up(1);
    crowd(t, LIMIT_REVISIONS - (STORY - 2) - 1);
    assert_false(slots_full(t, &place.slot, &in));
    crowd(t, LIMIT_REVISIONS - (STORY - 2));
    assert_true(slots_full(t, &place.slot, &in));
    assert_false(slots_full(t, &place.slot, &first)); /* it is one of them */
    in.author = other.id;
    assert_false(slots_full(t, &place.slot, &in));
    actor_abort(&hub.actor, t);
}

/* The last record of the story comes when its author has as many revisions as there may be. */
static void a_revision_too_many_is_rejected_and_takes_no_place(void **state) {
    (void)state;
    struct txn *t;
    struct receipt_row row;
    struct record last;
    struct err e = {0};
    greet(PEER, &node);
    fixture_records(&hub, PEER, &node, 1, story, STORY - 1);
    fixture_step(&hub);
    fixture_drop_all(&hub);
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
    assert_true(slots_after(t, slice_of(NULL, 0), &place));
    crowd(t, LIMIT_REVISIONS - (STORY - 3));
    FIXTURE_OK(actor_commit(&hub.actor, t, &e), &e);
    fixture_records(&hub, PEER, &node, STORY, &story[STORY - 1], 1);
    fixture_step(&hub);
    fixture_drop_all(&hub);
    FIXTURE_OK(record_parse(buf_slice(&story[STORY - 1]), &last, &e), &e);
    FIXTURE_OK(actor_begin(&hub.actor, false, &t, &e), &e);
    assert_true(views_receipt(t, &last.id, &hub.actor.id, &row));
    assert_int_equal(row.state, RECEIPT_REJECTED);
    assert_int_equal(row.code, REJECT_REVISIONS);
    actor_abort(&hub.actor, t);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin_slot, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(every_bit_of_a_slot_that_flips_is_noticed),
        TEST(a_row_that_is_gone_is_noticed),
        TEST(a_slot_that_is_whole_reads_however_often_a_report_enters_it),
        TEST(revisions_of_a_slot_come_in_the_order_of_their_places),
        TEST(of_one_report_an_author_has_so_many_revisions_and_no_more),
        cmocka_unit_test_setup_teardown(a_revision_too_many_is_rejected_and_takes_no_place, begin,
                                        end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
