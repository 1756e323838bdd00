/* One bit of a row that names a record, or of the key under which one is kept: the record is not
 * found under that name, which is damage and nobody's fault, and nothing is signed upon it. */
#include "tests/unit/step_world.h"

#include "node/append.h"
#include "node/slot_facts.h"
#include "node/views.h"
#include "store/key.h"
#include "store/log.h"

static struct txn *begin_writing(void) {
    struct txn *t;
    struct err e = {0};
    FIXTURE_OK(txn_begin(hub.actor.db, true, &t, &e), &e);
    return t;
}

static void commit(struct txn *t) {
    struct err e = {0};
    FIXTURE_OK(txn_commit(t, &e), &e);
}

/* Flip a bit of the key of the record `id`. */
static void flip_name(const struct hash *id) {
    struct txn *t = begin_writing();
    struct slice v;
    struct buf bytes;
    struct hash other = *id;
    buf_init(&bytes);
    assert_true(txn_get(t, TABLE_RECORDS, slice_of(id->b, HASH_BYTES), &v));
    buf_put(&bytes, v.data, v.len);
    other.b[9] ^= 16;
    txn_delete(t, TABLE_RECORDS, slice_of(id->b, HASH_BYTES));
    txn_put(t, TABLE_RECORDS, slice_of(other.b, HASH_BYTES), buf_slice(&bytes));
    buf_done(&bytes);
    commit(t);
}

/* Flip a bit of the id in the last row of `table` below `prefix`. */
static void flip_last(enum store_table table, struct slice prefix) {
    struct txn *t = begin_writing();
    struct slice k, v;
    struct key key = {.n = 0};
    uint8_t bytes[2 * HASH_BYTES];
    assert_true(walk_last(t, table, prefix, &k, &v));
    assert_true(v.len <= sizeof bytes);
    key_put(&key, k.data, k.len);
    memcpy(bytes, v.data, v.len);
    size_t n = v.len;
    bytes[4] ^= 2;
    txn_put(t, table, key_slice(&key), slice_of(bytes, n));
    commit(t);
}

static int step(void) {
    struct err e = {0};
    int rc = hub_step(&hub.hub, hub.now, &e);
    assert_int_equal(e.code, rc);
    return rc;
}

static void take(uint64_t position, uint32_t n) {
    fixture_records(&hub, PEER, &node, position, story + position - 1, n);
}

/* ---- nothing is signed upon it ---- */

static void a_report_is_not_rejected_for_a_list_that_is_damaged(void **state) {
    (void)state;
    struct hash list = id_of(&story[1]), report = id_of(&story[3]);
    instant at;
    greet(PEER, &node);
    take(1, 3);
    fixture_step(&hub);
    fixture_drop_all(&hub);
    flip_name(&list);
    take(4, 1);
    assert_int_equal(step(), ERR_CORRUPT);
    assert_int_equal(fixture_receipts(&hub, &report, RECEIPT_REJECTED, &at), 0);
    assert_false(held(&story[3]));
}

static void a_lane_does_not_part_at_a_row_that_names_nothing(void **state) {
    (void)state;
    struct key lane = key_lane(&node.id, 1, &node.unit);
    greet(PEER, &node);
    take(1, 3);
    fixture_step(&hub);
    fixture_drop_all(&hub);
    flip_last(TABLE_LANES, key_slice(&lane));
    take(4, 1);
    assert_int_equal(step(), ERR_CORRUPT);
    assert_int_equal(fixture_count(&hub, TABLE_FORKS), 0);
    assert_false(held(&story[3]));
}

static void nothing_is_stated_behind_a_row_that_names_nothing(void **state) {
    (void)state;
    struct err e = {0};
    struct hash id;
    struct txn *t;
    struct key lane = key_lane(&hub.actor.id, hub.actor.epoch, &(struct uid){{0}});
    flip_last(TABLE_LANES, key_slice(&lane));
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
    assert_int_equal(
        append_own(&hub.actor, t, KIND_SUBJECTS, NULL, slice_str("x"), hub.now.wall, &id, &e),
        ERR_CORRUPT);
    actor_abort(&hub.actor, t);
}

/* ---- and it is no “no” ---- */

static void what_counts_is_not_told_without_a_report_that_is_damaged(void **state) {
    (void)state;
    struct slot_place place;
    struct slot_facts f;
    struct hash counts, report = id_of(&story[STORY - 1]);
    struct err e = {0};
    struct txn *t;
    greet(PEER, &node);
    take(1, STORY);
    fixture_step(&hub);
    flip_name(&report);
    FIXTURE_OK(actor_begin(&hub.actor, false, &t, &e), &e);
    assert_true(slots_after(t, slice_of(NULL, 0), &place));
    FIXTURE_OK(slot_facts_begin(&f, &hub.actor, t, &e), &e);
    assert_int_equal(slot_facts_counting(&f, &place.slot, &counts, &e), ERR_CORRUPT);
    slot_facts_done(&f);
    actor_abort(&hub.actor, t);
}

static void a_receipt_that_is_damaged_is_not_one_that_says_nothing(void **state) {
    (void)state;
    struct receipt_row row;
    struct hash report = id_of(&story[STORY - 1]);
    struct err e = {0};
    struct txn *t;
    greet(PEER, &node);
    take(1, STORY);
    fixture_step(&hub);
    FIXTURE_OK(actor_begin(&hub.actor, false, &t, &e), &e);
    assert_true(views_receipt(t, &report, &hub.actor.id, &row));
    assert_true(views_may_say(&hub.actor.catalog, t, &row));
    assert_false(views_rejected(&hub.actor.catalog, t, &report));
    actor_abort(&hub.actor, t);
    flip_name(&row.receipt);
    for (int which = 0; which < 3; which++) {
        FIXTURE_OK(actor_begin(&hub.actor, false, &t, &e), &e);
        if (which == 0)
            assert_false(views_may_say(&hub.actor.catalog, t, &row));
        else if (which == 1)
            assert_false(views_stands(t, &row.receipt));
        else
            (void)views_rejected(&hub.actor.catalog, t, &report);
        assert_int_equal(txn_failed(t, NULL), ERR_CORRUPT);
        actor_abort(&hub.actor, t);
    }
}

/* ---- who is told ---- */

/* What another process stated is read again in each step: a person has to mend that. */
static void a_row_of_the_log_that_names_nothing_is_told_as_damage(void **state) {
    (void)state;
    greet(PEER, &node);
    fixture_drop_all(&hub);
    fixture_hub_issue(&hub);
    flip_last(TABLE_LOG, slice_of(NULL, 0));
    fixture_hello(&hub, PEER + 1, &other, 0, NULL, 0);
    assert_int_equal(step(), ERR_CORRUPT);
}

/* One child's stream is its own trouble: the others are served. */
static void a_row_of_a_stream_that_names_nothing_stops_one_child(void **state) {
    (void)state;
    struct child c;
    struct member m;
    struct frame f;
    struct txn *t;
    greet(PEER, &node);
    take(1, STORY);
    fixture_step(&hub);
    fixture_drop_all(&hub);
    t = begin_writing();
    assert_true(roster_find(t, &node.id, 1, &m) && actor_child(t, &m.unit, &node.id, &c));
    txn_abort(t);
    flip_last(TABLE_STREAMS, slice_of(c.inbox.b, UID_BYTES));
    fixture_hello(&hub, PEER, &node, STORY, NULL, 0);
    fixture_hello(&hub, PEER + 1, &other, 0, NULL, 0);
    assert_int_equal(step(), 0);
    assert_int_equal(hub.hub.events.damage.code, ERR_CORRUPT);
    assert_true(fixture_expect(&hub, PEER + 1, FRAME_RECORDS, &f));
}

#undef TEST
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_report_is_not_rejected_for_a_list_that_is_damaged),
        TEST(a_lane_does_not_part_at_a_row_that_names_nothing),
        TEST(nothing_is_stated_behind_a_row_that_names_nothing),
        TEST(what_counts_is_not_told_without_a_report_that_is_damaged),
        TEST(a_receipt_that_is_damaged_is_not_one_that_says_nothing),
        TEST(a_row_of_the_log_that_names_nothing_is_told_as_damage),
        TEST(a_row_of_a_stream_that_names_nothing_stops_one_child),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
