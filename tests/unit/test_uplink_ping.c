/* What a machine says of itself when the hub above asks how far it is: the answer to a ping. */
#include "hub/arrivals.h"
#include "node/pending.h"
#include "store/key.h"
#include "tests/unit/uplink_world.h"

/* The answer to a ping with nonce 77. */
static struct frame_ping answer_to_ping(void) {
    struct err e = {0};
    struct frame f = {.type = FRAME_PING, .u.ping = {.nonce = 77, .clock = 5}};
    struct slice frame;
    uint32_t peer;
    struct buf b;
    buf_init(&b);
    FIXTURE_OK(frame_encode(&f, &b, &e), &e);
    FIXTURE_OK(uplink_frame(&up, hub.now, buf_slice(&b), &e), &e);
    assert_true(post_next(&up.post, &peer, &frame));
    arena_done(&hub.arena);
    arena_init(&hub.arena, FRAME_ARENA_BYTES);
    FIXTURE_OK(frame_decode(frame, &hub.arena, &f, &e), &e);
    assert_int_equal(f.type, FRAME_PONG);
    assert_int_equal(f.u.ping.nonce, 77);
    buf_done(&b);
    return f.u.ping;
}

static void a_ping_is_answered_with_where_the_outbox_ends_now(void **st) {
    (void)st;
    struct err e = {0};
    struct txn *t;
    connect_again();
    assert_int_equal(pump(), 0);
    (void)state(2, 10);
    struct frame_ping pong = answer_to_ping();
    assert_true(uid_equal(&pong.stream, &node.outbox));
    assert_true(pong.clock == hub.now.wall);
    FIXTURE_OK(actor_begin(&node, false, &t, &e), &e);
    assert_int_equal(pong.end, stream_end(t, &node.outbox));
    actor_abort(&node, t);
    assert_true(pong.end > up.out.acked.position);
}

/* As another process does. */
static void spend(bool spent) {
    struct err e = {0};
    struct txn *t;
    FIXTURE_OK(txn_begin(node.db, true, &t, &e), &e);
    meta_put_u64(t, "spent", spent);
    FIXTURE_OK(txn_commit(t, &e), &e);
}

static void who_lacks_records_of_its_own_does_not_say_where_its_outbox_ends(void **st) {
    (void)st;
    connect_again();
    assert_int_equal(pump(), 0);
    spend(true);
    struct frame_ping pong = answer_to_ping();
    spend(false);
    assert_true(uid_is_zero(&pong.stream));
    assert_int_equal(pong.end, 0);
}

/* A receipt that is still to be given will bear the instant at which the record came. */
static void a_ping_is_answered_with_no_later_clock_than_what_waits_for_its_receipt(void **st) {
    (void)st;
    struct err e = {0};
    struct txn *t;
    connect_again();
    up.earliest = arrivals_earliest; /* as a hub's has it */
    assert_int_equal(pump(), 0);
    FIXTURE_OK(actor_begin(&node, true, &t, &e), &e);
    for (uint8_t i = 0; i < 3; i++) {
        struct arrival x = {{{i}}, node.id, {hub.now.wall - (i == 1 ? 5000 : 3000), false}};
        arrivals_keep(t, &x);
    }
    FIXTURE_OK(actor_commit(&node, t, &e), &e);
    struct frame_ping pong = answer_to_ping();
    assert_true(pong.clock == hub.now.wall - 5000);
    assert_true(uid_equal(&pong.stream, &node.outbox));
}

/* What was taken from a socket and is still with the threads bears the instant at which it came. */
static void a_ping_is_answered_with_no_later_clock_than_what_no_step_has_taken(void **st) {
    (void)st;
    connect_again();
    assert_int_equal(pump(), 0);
    assert_true(answer_to_ping().clock == hub.now.wall);
    up.in_hand = hub.now.wall - 7000;
    assert_true(answer_to_ping().clock == hub.now.wall - 7000);
    up.in_hand = hub.now.wall + 7000; /* the clock was set back since */
    assert_true(answer_to_ping().clock == hub.now.wall);
    up.in_hand = INSTANT_NONE;
    assert_true(answer_to_ping().clock == hub.now.wall);
}

/* What waits for its predecessor is receipted with the instant at which it came. */
static void a_ping_is_answered_with_the_instant_of_what_is_pending(void **st) {
    (void)st;
    struct err e = {0};
    struct txn *t;
    struct buf story[4];
    struct record r;
    struct fixture_author author;
    bool kept = false;
    connect_again();
    assert_int_equal(pump(), 0);
    fixture_author_init(&author, 77, &hub.communes[1]);
    fixture_story(&hub, &author, 2, story);
    FIXTURE_OK(record_parse(buf_slice(&story[2]), &r, &e), &e);
    FIXTURE_OK(actor_begin(&node, true, &t, &e), &e);
    FIXTURE_OK(pending_keep(t, &author.id, &r, true, (struct taken_at){hub.now.wall - 4000, false},
                            &kept, &e),
               &e);
    FIXTURE_OK(actor_commit(&node, t, &e), &e);
    assert_true(kept);
    assert_true(answer_to_ping().clock == hub.now.wall - 4000);
    up.earliest = arrivals_earliest;
    assert_true(answer_to_ping().clock == hub.now.wall - 4000);
    for (unsigned i = 0; i < 4; i++)
        buf_done(&story[i]);
    fixture_author_done(&author);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_ping_is_answered_with_where_the_outbox_ends_now),
        TEST(who_lacks_records_of_its_own_does_not_say_where_its_outbox_ends),
        TEST(a_ping_is_answered_with_no_later_clock_than_what_waits_for_its_receipt),
        TEST(a_ping_is_answered_with_no_later_clock_than_what_no_step_has_taken),
        TEST(a_ping_is_answered_with_the_instant_of_what_is_pending),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
