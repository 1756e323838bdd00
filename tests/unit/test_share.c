/* What a hub keeps of each child is bounded, whatever the child says. */
#include "hub/share.h"
#include "proto/kinds.h"
#include "store/key.h"
#include "tests/unit/step_world.h"

#define UNKNOWN 999

static struct key row_key(const struct fixture_author *a, enum share_of of) {
    struct key k = {.n = 0};
    key_hash(&k, &a->id);
    key_put(&k, &(uint8_t){(uint8_t)of}, 1);
    return k;
}

static uint64_t used(const struct fixture_author *a, enum share_of of) {
    struct key k = row_key(a, of);
    struct txn *t;
    struct slice v;
    uint64_t n = 0;
    assert_int_equal(txn_begin(hub.actor.db, false, &t, NULL), 0);
    if (txn_get(t, TABLE_SHARES, key_slice(&k), &v)) {
        struct reader r = reader_of(v);
        n = reader_u64(&r);
    }
    txn_abort(t);
    return n;
}

static void use(const struct fixture_author *a, enum share_of of, uint64_t bytes) {
    struct key k = row_key(a, of), v = {.n = 0};
    struct txn *t;
    assert_int_equal(txn_begin(hub.actor.db, true, &t, NULL), 0);
    key_u64(&v, bytes);
    txn_put(t, TABLE_SHARES, key_slice(&k), key_slice(&v));
    assert_int_equal(txn_commit(t, NULL), 0);
}

static uint64_t weight(const struct buf *b) {
    return LIMIT_SHARE_RECORD + (uint64_t)b->len;
}

/* What the child on `peer` was told: how far it was taken, and a refusal (0: none). */
static uint32_t told(uint32_t peer, uint64_t *ret_position) {
    struct frame f;
    uint32_t to, code = 0;
    *ret_position = 0;
    while (fixture_left(&hub, &to, &f)) {
        if (to == peer && f.type == FRAME_ACK)
            *ret_position = f.u.ack.position;
        if (to == peer && f.type == FRAME_REFUSED)
            code = f.u.refused.code;
    }
    return code;
}

static void unknown_kinds(struct fixture_author *a, uint32_t n, struct buf *out) {
    for (uint32_t i = 0; i < n; i++)
        fixture_next_record(&hub, a, UNKNOWN, slice_str("of a later version"), &out[i]);
}

static void done(struct buf *list, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        buf_done(&list[i]);
}

static void who_states_without_end_is_refused_at_its_share_and_nobody_else(void **state) {
    (void)state;
    struct buf run[4];
    uint64_t position;
    char text[512];
    unknown_kinds(&other, 4, run);
    use(&other, SHARE_STATED, LIMIT_SHARE_NODE - weight(&run[0]) - weight(&run[1]));
    for (int round = 0; round < 2; round++) { /* it comes again, and is told so again */
        greet(PEER, &other);
        greet(PEER + 1, &node);
        fixture_drop_all(&hub);
        fixture_records(&hub, PEER, &other, 1, run, 4);
        fixture_records(&hub, PEER + 1, &node, 1, story, 1);
        fixture_step(&hub);
        assert_int_equal(told(PEER, &position), REFUSED_SHARE);
        assert_int_equal(position, 2);
        assert_true(held(&run[1]) && held(&story[0]));
        assert_false(held(&run[2]));
        assert_int_equal(used(&other, SHARE_STATED), LIMIT_SHARE_NODE);
        assert_int_equal(hub.hub.events.over.code, ERR_REFUSED);
        assert_non_null(
            strstr(err_text(&hub.hub.events.over, NULL, text, sizeof text), "unit 1002"));
        assert_non_null(strstr(text, "256 MiB"));
        hub.hub.events.over = (struct err){0};
    }
    done(run, 4);
}

static void who_is_over_keeps_nobody_waiting_for_what_it_builds_on(void **state) {
    (void)state;
    struct buf run[3];
    uint64_t position;
    unknown_kinds(&other, 3, run);
    use(&other, SHARE_STATED, LIMIT_SHARE_NODE);
    greet(PEER, &other);
    fixture_records(&hub, PEER, &other, 1, &run[1],
                    2); /* the first is left out: these would wait */
    fixture_step(&hub);
    assert_int_equal(told(PEER, &position), REFUSED_SHARE);
    assert_int_equal(fixture_count(&hub, TABLE_PENDING), 0);
    done(run, 3);
}

static void every_kind_weighs_its_bytes_and_its_places(void **state) {
    (void)state;
    static const uint16_t kinds[] = {KIND_SUBJECTS, KIND_SUBJECT_NAME, KIND_REPORT, KIND_WITHDRAWAL,
                                     KIND_EVIDENCE, KIND_ROTATE,       UNKNOWN};
    uint64_t want = 0;
    greet(PEER, &other);
    for (uint32_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct buf b;
        fixture_next_record(&hub, &other, kinds[i], slice_str("makes no sense"), &b);
        fixture_records(&hub, PEER, &other, i + 1, &b, 1);
        fixture_step(&hub);
        assert_true(held(&b));
        want += weight(&b);
        assert_int_equal(used(&other, SHARE_STATED), want);
        buf_done(&b);
    }
}

static void what_waited_is_counted_once_it_is_held(void **state) {
    (void)state;
    struct buf run[2];
    unknown_kinds(&other, 2, run);
    greet(PEER, &other);
    fixture_records(&hub, PEER, &other, 1, &run[1], 1);
    fixture_step(&hub);
    assert_int_equal(used(&other, SHARE_STATED), 0);
    fixture_records(&hub, PEER, &other, 2, run, 1);
    fixture_step(&hub);
    assert_true(held(&run[1]));
    assert_int_equal(used(&other, SHARE_STATED), weight(&run[0]) + weight(&run[1]));
    done(run, 2);
}

static void a_copy_is_answered_as_long_as_its_carrier_has_a_share(void **state) {
    (void)state;
    struct frame f;
    struct uid inbox;
    uint64_t end = 0, before = 0;
    fixture_hello(&hub, PEER, &node, 0, NULL, 0);
    fixture_records(&hub, PEER, &node, 1, story, STORY);
    fixture_step(&hub);
    assert_true(fixture_expect(&hub, PEER, FRAME_WELCOME, &f));
    inbox = f.u.greeting.inbox;
    for (uint8_t i = 0; i < 3; i++) { /* answered; answered; over */
        assert_true(fixture_expect(&hub, PEER + i, FRAME_ACK, &f));
        assert_int_equal(f.u.ack.end - end, i == 0 ? f.u.ack.end : i == 1);
        end = f.u.ack.end;
        if (i == 1)
            assert_int_equal(used(&node, SHARE_STATED), before + LIMIT_SHARE_ANSWER);
        before = used(&node, SHARE_STATED);
        if (i == 1)
            use(&node, SHARE_STATED, LIMIT_SHARE_NODE);
        fixture_drop_all(&hub);
        memset(node.outbox.b, 0x90 + i, UID_BYTES);
        fixture_hello(&hub, PEER + i + 1, &node, 0, &inbox, end);
        fixture_records(&hub, PEER + i + 1, &node, 1, story, STORY);
        fixture_step(&hub);
    }
}

/* A child hub of commune 2, and a node that it enrolled there; their first records. */
static struct fixture_author district, behind;
static struct buf enrolment, beyond[3], own;

static int begin_district(void **state) {
    struct buf payload;
    (void)begin(state);
    fixture_author_init(&district, 31, &hub.communes[2]);
    fixture_author_init(&behind, 32, &hub.communes[2]);
    fixture_enrol_author(&hub, &district, ROLE_HUB);
    fixture_enrol_payload(&hub, &behind, ROLE_NODE, &payload);
    struct record_header h = fixture_header(&hub, &district, KIND_ENROL);
    h.lane = (struct uid){{0}};
    fixture_sign(&district, &h, buf_slice(&payload), &enrolment);
    buf_done(&payload);
    unknown_kinds(&behind, 3, beyond);
    unknown_kinds(&district, 1, &own);
    greet(PEER, &district);
    fixture_records(&hub, PEER, &district, 1, &enrolment, 1);
    fixture_records(&hub, PEER, &district, 2, beyond, 1);
    fixture_step(&hub);
    fixture_drop_all(&hub);
    return 0;
}

static int end_district(void **state) {
    buf_done(&enrolment);
    buf_done(&own);
    done(beyond, 3);
    fixture_author_done(&district);
    fixture_author_done(&behind);
    return end(state);
}

static void who_is_behind_a_hub_and_over_is_passed_over(void **state) {
    (void)state;
    uint64_t position;
    assert_true(held(&beyond[0]));
    assert_int_equal(used(&behind, SHARE_STATED), weight(&beyond[0]));
    assert_int_equal(used(&district, SHARE_STATED), weight(&enrolment));
    assert_int_equal(used(&district, SHARE_BROUGHT), weight(&beyond[0]));
    use(&behind, SHARE_STATED, LIMIT_SHARE_NODE);
    fixture_records(&hub, PEER, &district, 3, &beyond[1], 2);
    fixture_records(&hub, PEER, &district, 5, &own, 1);
    fixture_step(&hub);
    assert_int_equal(told(PEER, &position), 0);
    assert_int_equal(position, 5);
    assert_true(held(&own));
    assert_false(held(&beyond[1]));
    assert_int_equal(fixture_count(&hub, TABLE_PENDING), 0);
    assert_int_equal(hub.hub.events.over.code, ERR_REFUSED);
}

static void what_a_hub_brings_of_others_is_bounded_too(void **state) {
    (void)state;
    uint64_t position;
    char text[512];
    use(&district, SHARE_BROUGHT, LIMIT_SHARE_BROUGHT - weight(&beyond[1]));
    fixture_records(&hub, PEER, &district, 3, &beyond[1], 2);
    fixture_step(&hub);
    assert_int_equal(told(PEER, &position), REFUSED_SHARE);
    assert_int_equal(position, 3);
    assert_true(held(&beyond[1]));
    assert_false(held(&beyond[2]));
    (void)err_text(&hub.hub.events.over, NULL, text, sizeof text);
    assert_non_null(strstr(text, "unit 1003: its hub has brought more of others"));
    assert_non_null(strstr(text, "65536 MiB"));
    assert_null(strstr(text, "its machine has stated"));
}

static void a_hub_has_a_larger_share_than_a_node(void **state) {
    (void)state;
    uint64_t position;
    struct buf more;
    use(&district, SHARE_STATED, LIMIT_SHARE_HUB - weight(&own));
    fixture_records(&hub, PEER, &district, 3, &own, 1);
    fixture_step(&hub);
    assert_int_equal(told(PEER, &position), 0);
    assert_true(held(&own));
    unknown_kinds(&district, 1, &more);
    fixture_records(&hub, PEER, &district, 4, &more, 1);
    fixture_step(&hub);
    assert_int_equal(told(PEER, &position), REFUSED_SHARE);
    assert_false(held(&more));
    buf_done(&more);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
#define BEHIND(f) cmocka_unit_test_setup_teardown(f, begin_district, end_district)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(who_states_without_end_is_refused_at_its_share_and_nobody_else),
        TEST(who_is_over_keeps_nobody_waiting_for_what_it_builds_on),
        TEST(every_kind_weighs_its_bytes_and_its_places),
        TEST(what_waited_is_counted_once_it_is_held),
        TEST(a_copy_is_answered_as_long_as_its_carrier_has_a_share),
        BEHIND(who_is_behind_a_hub_and_over_is_passed_over),
        BEHIND(what_a_hub_brings_of_others_is_bounded_too),
        BEHIND(a_hub_has_a_larger_share_than_a_node),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
