#include "tests/unit/uplink_world.h"

#include "hub/arrivals.h"
#include "node/pending.h"
#include "store/key.h"

static void once_settled_everything_stated_is_receipted_and_everything_above_is_here(void **st) {
    (void)st;
    struct hash id = state(700, 10);
    connect_again();
    assert_false(uplink_settled(&up));
    assert_int_equal(pump(), 0);
    assert_true(uplink_settled(&up));
    assert_int_equal(said_here(&id), RECEIPT_HELD);
    assert_int_equal(fixture_said(&hub, &id), RECEIPT_HELD);
    assert_int_equal(node_rows(TABLE_RECORDS), fixture_count(&hub, TABLE_RECORDS));
    struct txn *t;
    struct err e = {0};
    FIXTURE_OK(actor_begin(&node, false, &t, &e), &e);
    assert_non_null(catalog_campaign(&node.catalog, &hub.campaign));
    actor_abort(&node, t);
}

static void a_second_connection_sends_what_is_new_and_nothing_else(void **st) {
    (void)st;
    state(10, 10);
    connect_again();
    assert_int_equal(pump(), 0);
    struct hash id = state(1, 10);
    uint32_t copies = hub.hub.events.again;
    connect_again();
    assert_int_equal(pump(), 0);
    assert_true(uplink_settled(&up));
    assert_int_equal(up.received, 1); /* the receipt */
    assert_int_equal(hub.hub.events.again, copies);
    assert_int_equal(said_here(&id), RECEIPT_HELD);
}

static void what_is_stated_while_connected_goes_up_with_the_next_tick(void **st) {
    (void)st;
    struct err e = {0};
    connect_again();
    assert_int_equal(pump(), 0);
    struct hash id = state(1, 10);
    FIXTURE_OK(uplink_tick(&up, hub.now, &e), &e);
    assert_false(uplink_settled(&up));
    assert_int_equal(pump(), 0);
    assert_true(uplink_settled(&up));
    assert_int_equal(said_here(&id), RECEIPT_HELD);
}

static void streams_larger_than_a_frame_and_records_of_a_mebibyte_pass(void **st) {
    (void)st;
    state(20, 30000);
    struct hash id = state(3, LIMIT_PAYLOAD);
    connect_again();
    assert_int_equal(pump(), 0);
    assert_true(uplink_settled(&up));
    assert_int_equal(said_here(&id), RECEIPT_HELD);
}

static void no_more_is_in_flight_than_a_line_may_carry_the_greeting_s_counted_in(void **st) {
    (void)st;
    struct slice frame;
    uint32_t peer, runs = 0;
    const uint32_t most = SYNC_WINDOW_SECONDS; /* … and a frame is what it carries in one */
    int rc;
    state(60, 7000); /* one to a run */
    connect_again();
    struct sender from = {.peer = PEER, .actor = node.id};
    struct err e = {0};
    while (post_next(&up.post, &peer, &frame)) {
        runs += frame.data[4] == FRAME_RECORDS;
        if (frame.data[4] == FRAME_HELLO)
            FIXTURE_OK(hub_take(&hub.hub, &from, hub.now, frame, &e), &e);
    }
    assert_int_equal(runs, most);
    fixture_step(&hub); /* the greeting is answered; the runs are still on their way */
    carry_down(&rc);
    assert_int_equal(rc, 0);
    while (post_next(&up.post, &peer, &frame))
        runs += frame.data[4] == FRAME_RECORDS;
    assert_int_equal(runs, most);
    assert_true(up.out.sent.position - up.out.acked.position <= LIMIT_CREDITS);
}

static void what_was_lost_is_sent_again_once_the_hub_says_for_long_that_it_lacks_it(void **st) {
    (void)st;
    struct slice frame;
    uint32_t peer;
    connect_again();
    assert_int_equal(pump(), 0);
    struct hash id = state(1, 10);
    struct err e = {0};
    FIXTURE_OK(uplink_tick(&up, hub.now, &e), &e);
    while (post_next(&up.post, &peer, &frame))
        assert_int_equal(frame.data[4], FRAME_RECORDS); /* gone */
    hub.now.boot_ms += UPLINK_PING_MS;
    FIXTURE_OK(uplink_tick(&up, hub.now, &e), &e);
    assert_int_equal(pump(), 0);
    assert_int_equal(said_here(&id), RECEIPT_HELD);
    assert_true(uplink_settled(&up));
}

/* ---- what ends a connection ---- */

static int say(const struct frame *f) {
    struct buf b;
    struct err e = {0};
    buf_init(&b);
    FIXTURE_OK(frame_encode(f, &b, &e), &e);
    int rc = uplink_frame(&up, hub.now, buf_slice(&b), NULL);
    buf_done(&b);
    return rc;
}

static struct frame a_welcome(void) {
    struct frame f = {.type = FRAME_WELCOME};
    f.u.greeting = (struct frame_greeting){.version_min = 1,
                                           .version_max = 1,
                                           .actor = hub.actor.id,
                                           .inbox = {{0x31}},
                                           .credits = 10,
                                           .clock = 1};
    return f;
}

static void a_welcome_that_does_not_fit_ends_it(void **st) {
    (void)st;
    for (unsigned i = 0; i < 4; i++) {
        struct frame f = a_welcome();
        connect_again();
        if (i == 0)
            f.u.greeting.actor.b[0] ^= 1; /* another hub */
        if (i == 1)
            f.u.greeting.version_min = f.u.greeting.version_max = 2;
        if (i == 3)
            f.u.greeting.outbox_position = 2; /* more than was ever stated here */
        assert_int_equal(say(&f), 0);
        assert_int_equal(up.state, i != 2 ? UPLINK_OVER : UPLINK_LIVE);
        assert_int_equal(up.why.code != 0, i != 2);
        assert_false(i != 2 && uplink_settled(&up));
    }
}

/* A twin was granted the next epoch: this one has to ask for one of its own, with streams anew. */
static void an_epoch_that_another_asked_for_ends_it(void **st) {
    (void)st;
    struct payload_enrol p = {.role = ROLE_NODE};
    struct buf b;
    struct err e = {0};
    p.grant = (struct payload_grant){.actor = node.id,
                                     .epoch = 2,
                                     .sign_key = *key_pair_public(node.sign),
                                     .transport_key = *key_pair_public(node.transport),
                                     .unit = node.unit,
                                     .renewal = {{0x42}}};
    payload_renewal_prove(&p.grant, &hub.actor.deployment, node.sign, p.grant.proof);
    connect_again();
    assert_int_equal(pump(), 0);
    assert_true(uplink_settled(&up));
    buf_init(&b);
    FIXTURE_OK(payload_enrol_encode(&p, &b, &e), &e);
    (void)fixture_hub_state(&hub, KIND_ENROL, buf_slice(&b));
    buf_done(&b);
    FIXTURE_OK(hub_tick(&hub.hub, hub.now, &e), &e);
    assert_int_equal(pump(), 0);
    assert_true(node.spent);
    assert_int_equal(up.state, UPLINK_OVER);
    assert_int_equal(up.why.code, ERR_AWAY);
}

static void a_refusal_or_a_frame_without_sense_ends_it_with_a_reason(void **st) {
    (void)st;
    static const struct {
        enum frame_type type;
        int want;
    } cases[] = {{FRAME_REFUSED, ERR_AWAY}, {FRAME_HELLO, ERR_AWAY}, {FRAME_RENEW, ERR_AWAY}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct frame f = a_welcome();
        f.type = cases[i].type;
        f.u.greeting.deployment = hub.actor.deployment;
        f.u.greeting.outbox = (struct uid){{1}};
        f.u.greeting.epoch = 1;
        if (f.type == FRAME_REFUSED)
            f.u.refused = (struct frame_refused){.code = REFUSED_BUSY};
        if (f.type == FRAME_RENEW)
            f.u.renew = (struct frame_renew){2, {{1}}, {{1}}, {1}};
        connect_again();
        assert_int_equal(say(&f), 0);
        assert_int_equal(up.state, UPLINK_OVER);
        assert_int_equal(up.why.code, cases[i].want);
    }
    connect_again();
    assert_int_equal(uplink_frame(&up, hub.now, slice_str("SSH-2.0-OpenSSH"), NULL), 0);
    assert_int_equal(up.state, UPLINK_OVER);
}

/* Whether `record`, which waits here, came by a clock in doubt. */
static bool came_in_doubt(const struct hash *record) {
    struct err e = {0};
    struct txn *t;
    struct slice v;
    struct key k = {.n = 0};
    key_hash(&k, &node.parent);
    key_hash(&k, record);
    FIXTURE_OK(actor_begin(&node, false, &t, &e), &e);
    assert_true(txn_get(t, TABLE_PENDING, key_slice(&k), &v));
    bool doubt = v.data[8] != 0;
    actor_abort(&node, t);
    return doubt;
}

/* A hub's own child hands it back too, and then it is receipted with the instant at which it came.
 */
static void what_waits_from_above_came_in_doubt_if_the_clock_was(void **st) {
    (void)st;
    static const struct {
        const char *name;
        bool doubts;
        int64_t parent_ahead_ms;
        bool want;
    } cases[] = {
        {"sure", false, 60000, false},
        {"in doubt", true, 0, true},
        {"far behind the parent's", false, 700000, true},
        {"far ahead of it", false, -700000, true},
    };
    connect_again();
    assert_int_equal(pump(), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf b;
        struct hash id = fixture_next_record(&hub, &stranger, 999, slice_of(NULL, 0), &b);
        struct slice one = buf_slice(&b);
        uint64_t at = up.inbox_position + 1;
        struct frame f = {.type = FRAME_RECORDS, .u.records = {up.inbox, at, at, 1, &one}};
        node.clock_doubt = cases[i].doubts;
        up.parent_ahead_ms = cases[i].parent_ahead_ms;
        assert_int_equal(say(&f), 0);
        if (came_in_doubt(&id) != cases[i].want)
            fail_msg("%s", cases[i].name);
        buf_done(&b);
    }
}

static void silence_is_asked_about_and_then_given_up(void **st) {
    (void)st;
    struct err e = {0};
    struct slice frame;
    uint32_t peer, pings = 0;
    connect_again();
    assert_int_equal(pump(), 0);
    for (int64_t ms = 0; ms < UPLINK_SILENCE_MS + 2000; ms += 1000) {
        FIXTURE_OK(uplink_tick(&up, hub.now, &e), &e);
        while (post_next(&up.post, &peer, &frame))
            pings += frame.data[4] == FRAME_PING;
        hub.now.boot_ms += 1000;
    }
    assert_in_range(pings, 2, 3);
    assert_int_equal(up.state, UPLINK_OVER);
    assert_int_equal(up.why.code, ERR_AWAY);
}

static void a_welcome_that_never_comes_is_given_up_whatever_else_is_heard(void **st) {
    (void)st;
    struct err e = {0};
    struct frame f = {.type = FRAME_PING, .u.ping = {.nonce = 7, .clock = hub.now.wall}};
    connect_again();
    for (int64_t ms = 0; ms <= UPLINK_SILENCE_MS && up.state != UPLINK_OVER; ms += 10000) {
        assert_int_equal(say(&f), 0);
        hub.now.boot_ms += 10000;
        FIXTURE_OK(uplink_tick(&up, hub.now, &e), &e);
    }
    assert_int_equal(up.state, UPLINK_OVER);
    assert_int_equal(up.why.code, ERR_AWAY);
}

/* ---- what comes from a hub is not trusted ---- */

static void records_that_a_stream_brings_are_admitted_and_not_believed(void **st) {
    (void)st;
    struct buf b;
    struct slice one;
    struct frame f = a_welcome();
    connect_again();
    f.u.greeting.inbox_end = 1;
    assert_int_equal(say(&f), 0);
    struct record_header h = fixture_header(&hub, &stranger, KIND_RECEIPT);
    fixture_sign(&stranger, &h, slice_str("x"), &b);
    one = buf_slice(&b);
    f = (struct frame){.type = FRAME_RECORDS, .u.records = {{{0x31}}, 1, 1, 1, &one}};
    uint64_t before = node_rows(TABLE_RECORDS);
    assert_int_equal(say(&f), 0);
    assert_int_equal(node_rows(TABLE_RECORDS), before);
    assert_int_equal(up.inbox_position, 1);
    f.u.records.stream.b[0] ^= 1; /* a stream that was not announced */
    f.u.records.first = f.u.records.end = 2;
    assert_int_equal(say(&f), 0);
    assert_int_equal(up.inbox_position, 1);
    buf_done(&b);
}

/* ---- group commit, memory ---- */

static void nothing_is_acknowledged_but_after_a_commit_that_succeeded(void **st) {
    (void)st;
    static const enum commit_fault faults[] = {COMMIT_LOST, COMMIT_UNKNOWN_LOST,
                                               COMMIT_UNKNOWN_KEPT};
    state(5, 10);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct slice frame;
        uint32_t peer;
        int rc = 0;
        connect_again();
        carry_up();
        fixture_step(&hub);
        while (rc == 0 && post_next(&hub.hub.post, &peer, &frame)) {
            if (frame.data[4] == FRAME_RECORDS)
                next_fault = faults[i];
            rc = uplink_frame(&up, hub.now, frame, NULL);
        }
        assert_true(rc == ERR_IO || rc == ERR_UNKNOWN);
        assert_int_equal(up.state, UPLINK_OVER);
        while (post_next(&up.post, &peer, &frame))
            assert_int_not_equal(frame.data[4], FRAME_ACK);
        close_node();
        open_node();
        fixture_drop_all(&hub);
    }
    connect_again();
    assert_int_equal(pump(), 0);
    assert_true(uplink_settled(&up));
}

static void want_of_memory_in_an_exchange_costs_a_connection_and_nothing_else(void **st) {
    (void)st;
    struct hash id = state(5, 10);
    bool done = false;
    for (long nth = 0; !done; nth++) {
        struct err e = {0};
        uplink_done(&up);
        hub_gone(&hub.hub, PEER);
        uplink_init(&up, &node, "test", pending_earliest);
        mem_fail_at(nth);
        int rc = uplink_start(&up, hub.now, &e);
        mem_fail_at(-1);
        for (unsigned i = 0; rc == 0 && i < 20; i++) {
            struct slice frame;
            uint32_t peer, n = carry_up();
            fixture_step(&hub);
            for (; rc == 0 && post_next(&hub.hub.post, &peer, &frame); n++) {
                mem_fail_at(nth);
                rc = uplink_frame(&up, hub.now, frame, NULL);
                mem_fail_at(-1);
            }
            if (n == 0)
                break;
        }
        assert_true(rc == 0 || rc == ERR_NOMEM);
        done = rc == 0;
        assert_true(rc == 0 ? uplink_settled(&up) : up.state != UPLINK_LIVE);
        assert_true(said_here(&id) == 0 || said_here(&id) == RECEIPT_HELD);
        fixture_drop_all(&hub);
        assert_true(nth < 3000);
    }
    assert_int_equal(said_here(&id), RECEIPT_HELD);
    assert_int_equal(node_rows(TABLE_RECORDS), fixture_count(&hub, TABLE_RECORDS));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(once_settled_everything_stated_is_receipted_and_everything_above_is_here),
        TEST(a_second_connection_sends_what_is_new_and_nothing_else),
        TEST(what_is_stated_while_connected_goes_up_with_the_next_tick),
        TEST(streams_larger_than_a_frame_and_records_of_a_mebibyte_pass),
        TEST(no_more_is_in_flight_than_a_line_may_carry_the_greeting_s_counted_in),
        TEST(what_was_lost_is_sent_again_once_the_hub_says_for_long_that_it_lacks_it),
        TEST(a_welcome_that_does_not_fit_ends_it),
        TEST(an_epoch_that_another_asked_for_ends_it),
        TEST(a_refusal_or_a_frame_without_sense_ends_it_with_a_reason),
        TEST(what_waits_from_above_came_in_doubt_if_the_clock_was),
        TEST(silence_is_asked_about_and_then_given_up),
        TEST(a_welcome_that_never_comes_is_given_up_whatever_else_is_heard),
        TEST(records_that_a_stream_brings_are_admitted_and_not_believed),
        TEST(nothing_is_acknowledged_but_after_a_commit_that_succeeded),
        TEST(want_of_memory_in_an_exchange_costs_a_connection_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
