/* Large records in parts, over connections that end in the middle of them. */
#include "tests/unit/uplink_world.h"

#include "store/part.h"

#define LARGE 200000u

/* What went over the line since the last look. */
static struct {
    uint32_t parts, runs;
    size_t bytes;
} line;

static void count(struct slice frame) {
    line.parts += frame.data[4] == FRAME_PART;
    line.runs += frame.data[4] == FRAME_RECORDS;
    line.bytes += frame.data[4] == FRAME_PART || frame.data[4] == FRAME_RECORDS ? frame.len : 0;
}

/* At most `most` frames of each side's, a second later; how many there were. */
static uint32_t exchange(uint32_t most) {
    struct sender from = {.peer = PEER, .actor = node.id};
    struct slice frame;
    uint32_t peer, n = 0, down = 0;
    struct err e = {0};
    for (; n < most && post_next(&up.post, &peer, &frame); n++) {
        count(frame);
        FIXTURE_OK(hub_take(&hub.hub, &from, hub.now, frame, &e), &e);
    }
    fixture_step(&hub);
    for (; down < most && post_next(&hub.hub.post, &peer, &frame); down++) {
        count(frame);
        FIXTURE_OK(uplink_frame(&up, hub.now, frame, &e), &e);
    }
    return n + down;
}

/* The line drops: nothing of what is still to leave arrives. */
static void drop_line(void) {
    hub_gone(&hub.hub, PEER);
    fixture_drop_all(&hub);
    connect_again();
}

/* Connect again and again, `turns` exchanges each time, until all is said; how often. */
static uint32_t sync_over_a_bad_line(uint32_t turns) {
    uint32_t n = 0;
    memset(&line, 0, sizeof line);
    for (; n < 200; n++) {
        drop_line();
        for (uint32_t i = 0; i < turns; i++)
            (void)exchange(3);
        if (uplink_settled(&up))
            break;
    }
    return n;
}

static void a_large_record_goes_on_where_the_line_dropped(void **st) {
    (void)st;
    connect_again();
    assert_int_equal(pump(), 0);
    struct hash id = state(1, LARGE);
    uint32_t n = sync_over_a_bad_line(2);
    assert_in_range(n, 3, 100);
    assert_true(line.parts > 3);
    assert_true(line.bytes < 2 * LARGE); /* the last part of a connection may be sent again */
    assert_int_equal(said_here(&id), RECEIPT_HELD);
    assert_int_equal(fixture_count(&hub, TABLE_PARTS), 0);
}

static void a_large_record_of_the_hub_s_goes_on_where_the_line_dropped(void **st) {
    (void)st;
    static const uint8_t large[LARGE];
    connect_again();
    assert_int_equal(pump(), 0);
    uint64_t before = node_rows(TABLE_RECORDS);
    (void)fixture_hub_state(&hub, 998, slice_of(large, sizeof large));
    uint32_t n = sync_over_a_bad_line(2);
    assert_in_range(n, 3, 100);
    assert_true(line.bytes < 2 * LARGE);
    assert_int_equal(node_rows(TABLE_RECORDS), before + 1);
    assert_int_equal(node_rows(TABLE_PARTS), 0);
}

static void before_it_is_welcomed_a_child_sends_nothing_large(void **st) {
    (void)st;
    struct slice frame;
    uint32_t peer;
    state(2, 100);
    (void)state(1, LARGE);
    memset(&line, 0, sizeof line);
    connect_again();
    while (post_next(&up.post, &peer, &frame))
        count(frame);
    assert_int_equal(line.runs, 1);
    assert_in_range(line.bytes, 1, 2000);
}

/* The hub's welcome, with other features. */
static void whoever_does_not_take_parts_is_sent_large_records_whole(void **st) {
    (void)st;
    struct frame f;
    struct buf b;
    struct slice frame;
    struct err e = {0};
    uint32_t peer;
    struct hash id = state(1, LARGE);
    connect_again();
    (void)carry_up();
    fixture_step(&hub);
    assert_true(fixture_expect(&hub, PEER, FRAME_WELCOME, &f));
    assert_true(f.u.greeting.features & FEATURE_PARTS);
    f.u.greeting.features = FEATURE_BATCH;
    f.u.greeting.part = 5000; /* of no meaning then */
    buf_init(&b);
    FIXTURE_OK(frame_encode(&f, &b, &e), &e);
    FIXTURE_OK(uplink_frame(&up, hub.now, buf_slice(&b), &e), &e);
    buf_done(&b);
    memset(&line, 0, sizeof line);
    struct sender from = {.peer = PEER, .actor = node.id};
    while (post_next(&up.post, &peer, &frame)) {
        count(frame);
        FIXTURE_OK(hub_take(&hub.hub, &from, hub.now, frame, &e), &e);
    }
    assert_int_equal(line.parts, 0);
    assert_true(line.bytes > LARGE);
    fixture_step(&hub);
    assert_int_equal(fixture_said(&hub, &id), RECEIPT_HELD);
}

/* ---- parts that are not what they should be ---- */

/* A child made by hand, its join taken, and its next record, which is large. */
static struct {
    struct fixture_author child;
    struct buf join, record;
    struct hash id;
} hand;

static int begin_by_hand(void **state) {
    static uint8_t payload[5000];
    struct buf join;
    if (begin(state) != 0)
        return -1;
    for (size_t i = 0; i < sizeof payload; i++)
        payload[i] = (uint8_t)i;
    fixture_author_init(&hand.child, 90, &hub.communes[1]);
    fixture_enrol_author(&hub, &hand.child, ROLE_NODE);
    fixture_join_payload(&hand.child, ROLE_NODE, &join);
    fixture_next_record(&hub, &hand.child, KIND_JOIN, buf_slice(&join), &hand.join);
    hand.id = fixture_next_record(&hub, &hand.child, 999, slice_of(payload, sizeof payload),
                                  &hand.record);
    buf_done(&join);
    fixture_hello(&hub, 9, &hand.child, 2, NULL, 0);
    fixture_records(&hub, 9, &hand.child, 1, &hand.join, 1);
    fixture_step(&hub);
    fixture_drop_all(&hub);
    return 0;
}

static int end_by_hand(void **state) {
    buf_done(&hand.join);
    buf_done(&hand.record);
    fixture_author_done(&hand.child);
    return end(state);
}

/* Send `n` bytes of `record` from `offset` on, at `position`, as of `size`; what the hub answers.
 */
static struct frame_ack say_part(const struct buf *record, uint64_t position, uint32_t offset,
                                 uint32_t n, uint32_t size) {
    struct frame f = {.type = FRAME_PART}, ack;
    f.u.part = (struct frame_part){
        hand.child.outbox, position, offset, size, slice_of(record->data + offset, n), position};
    fixture_knock(&hub, 9, &hand.child, false, &f);
    fixture_step(&hub);
    assert_true(fixture_expect(&hub, 9, FRAME_ACK, &ack));
    fixture_drop_all(&hub);
    return ack.u.ack;
}

static void assert_ack(struct frame_ack ack, uint64_t position, uint32_t part) {
    assert_int_equal(ack.position, position);
    assert_int_equal(ack.part, part);
}

static void parts_that_do_not_go_on_where_it_ends_are_passed_over_or_begin_anew(void **st) {
    (void)st;
    const struct buf *r = &hand.record;
    uint32_t size = (uint32_t)r->len;
    assert_ack(say_part(r, 2, 1000, 1000, size), 1, 0); /* the beginning is missing */
    assert_ack(say_part(r, 2, 0, 1000, size), 1, 1000);
    assert_ack(say_part(r, 2, 0, 1000, size), 1, 1000);    /* once more */
    assert_ack(say_part(r, 2, 2000, 1000, size), 1, 1000); /* a hole */
    assert_ack(say_part(r, 2, 500, 1000, size), 1, 1500);  /* in part once more */
    assert_ack(say_part(r, 3, 1500, 1000, size), 1, 1500); /* of another record */
    assert_ack(say_part(r, 1, 0, 1000, size), 1, 1500);    /* of one that is here */
    assert_ack(say_part(r, 2, 1500, 10, size + 7), 1, 0);  /* of another size */
    assert_ack(say_part(r, 2, 0, 1000, size), 1, 1000);
    assert_ack(say_part(r, 2, 1000, size - 1000, size), 2, 0);
    assert_int_equal(fixture_said(&hub, &hand.id), RECEIPT_HELD);
    assert_int_equal(fixture_count(&hub, TABLE_PARTS), 0);
}

static void a_record_that_comes_whole_or_in_another_stream_ends_what_was_begun(void **st) {
    (void)st;
    const struct buf *r = &hand.record;
    uint32_t size = (uint32_t)r->len;
    struct frame f;
    assert_ack(say_part(r, 2, 0, 1000, size), 1, 1000);
    fixture_records(&hub, 9, &hand.child, 2, r, 1);
    fixture_step(&hub);
    assert_true(fixture_expect(&hub, 9, FRAME_ACK, &f));
    assert_ack(f.u.ack, 2, 0);
    assert_int_equal(fixture_count(&hub, TABLE_PARTS), 0);
    assert_ack(say_part(r, 3, 0, 1000, size), 2, 1000);
    hand.child.outbox.b[0] ^= 1;
    fixture_hello(&hub, 9, &hand.child, 2, NULL, 0);
    fixture_step(&hub);
    assert_ack(say_part(r, 1, 0, 700, size), 0, 700);
    assert_int_equal(fixture_count(&hub, TABLE_PARTS), 2);
}

/* What was kept may be the beginning of another record: it is asked for once more, and once. */
static void a_record_that_is_no_good_is_asked_for_again_once(void **st) {
    (void)st;
    uint32_t size = (uint32_t)hand.record.len;
    for (unsigned good = 0; good < 2; good++) {
        uint64_t at = 2 + good;
        hand.record.data[700] ^= 1;
        assert_ack(say_part(&hand.record, at, 0, 1000, size), at - 1, 1000);
        hand.record.data[700] ^= (uint8_t)good;
        uint32_t refused = hub.hub.events.refused;
        if (good)
            hand.record.data[2000] ^= 1;
        assert_ack(say_part(&hand.record, at, 1000, size - 1000, size), at - 1, 0);
        if (good)
            hand.record.data[2000] ^= 1;
        assert_int_equal(hub.hub.events.refused, refused);
        assert_ack(say_part(&hand.record, at, 0, 1000, size), at - 1, 1000);
        assert_ack(say_part(&hand.record, at, 1000, size - 1000, size), at, 0);
        assert_int_equal(hub.hub.events.refused,
                         refused + !good); /* it takes its place all the same */
        assert_int_equal(fixture_said(&hub, &hand.id), good ? RECEIPT_HELD : 0);
        hand.record.data[700] ^= (uint8_t)!good;
    }
}

static void however_small_parts_are_no_more_is_kept_than_a_record(void **st) {
    (void)st;
    struct frame f = {.type = FRAME_PART};
    static const uint8_t junk[LIMIT_BATCH_BYTES];
    for (uint32_t had = 0, i = 0; had + 1 < LIMIT_RECORD; i++) {
        uint32_t n = i < 400 ? 1 + i % 3 : LIMIT_BATCH_BYTES;
        n = had + n < LIMIT_RECORD ? n : LIMIT_RECORD - 1 - had;
        f.u.part =
            (struct frame_part){hand.child.outbox, 2, had, LIMIT_RECORD, slice_of(junk, n), 9};
        fixture_knock(&hub, 9, &hand.child, false, &f);
        if (i % 50 == 0 || had + n + 1 >= LIMIT_RECORD)
            fixture_step(&hub);
        had += n;
    }
    assert_true(fixture_count(&hub, TABLE_PARTS) <= 2 + LIMIT_RECORD / 16000);
    struct txn *t;
    struct part p;
    struct err e = {0};
    FIXTURE_OK(txn_begin(hub.actor.db, false, &t, &e), &e);
    assert_true(part_find(t, &hand.child.id, &p));
    assert_int_equal(p.had, LIMIT_RECORD - 1);
    txn_abort(t);
}

/* A commit that is lost takes its parts with it; what was kept before it stands. */
static void after_a_crash_it_goes_on_from_what_was_committed(void **st) {
    (void)st;
    struct frame f;
    const struct buf *r = &hand.record;
    uint32_t size = (uint32_t)r->len;
    assert_ack(say_part(r, 2, 0, 1000, size), 1, 1000);
    fixture_hub_restart(&hub);
    struct frame hello = {.type = FRAME_HELLO};
    static char program[] = "test";
    hello.u.greeting = (struct frame_greeting){.version_min = 1,
                                               .version_max = 1,
                                               .features = FEATURE_PARTS,
                                               .deployment = hub.actor.deployment,
                                               .actor = hand.child.id,
                                               .epoch = 1,
                                               .outbox = hand.child.outbox,
                                               .outbox_position = 2,
                                               .program = program};
    fixture_knock(&hub, 9, &hand.child, false, &hello);
    fixture_step(&hub);
    assert_true(fixture_expect(&hub, 9, FRAME_WELCOME, &f));
    assert_int_equal(f.u.greeting.features, FEATURE_PARTS | FEATURE_BATCH);
    assert_int_equal(f.u.greeting.outbox_position, 1);
    assert_int_equal(f.u.greeting.part, 1000);
    assert_ack(say_part(r, 2, 1000, size - 1000, size), 2, 0);
    assert_int_equal(fixture_said(&hub, &hand.id), RECEIPT_HELD);
}

/* Wherever memory ends while a record is made of its parts, it is held in the end. */
static void want_of_memory_costs_nothing_but_time(void **st) {
    (void)st;
    struct err e = {0};
    connect_again();
    assert_int_equal(pump(), 0);
    struct hash id = state(1, 30000);
    for (int nth = 0; nth < 400 && fixture_said(&hub, &id) != RECEIPT_HELD; nth++) {
        struct sender from = {.peer = PEER, .actor = node.id};
        struct slice frame;
        uint32_t peer;
        int rc = 0;
        drop_line();
        for (unsigned turn = 0; turn < 8 && rc == 0; turn++) {
            while (post_next(&up.post, &peer, &frame))
                FIXTURE_OK(hub_take(&hub.hub, &from, hub.now, frame, &e), &e);
            mem_fail_at(nth);
            rc = hub_step(&hub.hub, hub.now, NULL);
            mem_fail_at(-1);
            assert_true(rc == 0 || rc == ERR_NOMEM);
            int ignored;
            (void)carry_down(&ignored);
        }
    }
    assert_int_equal(fixture_said(&hub, &id), RECEIPT_HELD);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
#define BY_HAND(name) cmocka_unit_test_setup_teardown(name, begin_by_hand, end_by_hand)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_large_record_goes_on_where_the_line_dropped),
        TEST(a_large_record_of_the_hub_s_goes_on_where_the_line_dropped),
        TEST(before_it_is_welcomed_a_child_sends_nothing_large),
        TEST(whoever_does_not_take_parts_is_sent_large_records_whole),
        BY_HAND(parts_that_do_not_go_on_where_it_ends_are_passed_over_or_begin_anew),
        BY_HAND(a_record_that_comes_whole_or_in_another_stream_ends_what_was_begun),
        BY_HAND(a_record_that_is_no_good_is_asked_for_again_once),
        BY_HAND(however_small_parts_are_no_more_is_kept_than_a_record),
        BY_HAND(after_a_crash_it_goes_on_from_what_was_committed),
        TEST(want_of_memory_costs_nothing_but_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
