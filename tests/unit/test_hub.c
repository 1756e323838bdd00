#include "proto/kinds.h"
#include "store/log.h"
#include "store/meta.h"
#include "tests/unit/step_world.h"

#include "hub/heard.h"

/* ---- receipts ---- */

static void receipts_are_on_the_inbox_before_the_ack_for_their_records_leaves(void **state) {
    (void)state;
    struct frame f;
    struct txn *t;
    struct child child;
    struct err e = {0};
    greet(PEER, &node);
    fixture_records(&hub, PEER, &node, 1, story, STORY);
    fixture_step(&hub);
    assert_true(fixture_expect(&hub, PEER, FRAME_ACK, &f));
    assert_int_equal(f.u.ack.position, STORY);
    FIXTURE_OK(txn_begin(hub.actor.db, false, &t, &e), &e);
    assert_true(actor_child(t, &node.unit, &node.id, &child));
    assert_int_equal(f.u.ack.end, stream_end(t, &child.inbox));
    txn_abort(t);
    for (uint32_t i = 2; i < STORY; i++) {
        struct hash id = id_of(&story[i]);
        instant at;
        assert_int_equal(fixture_receipts(&hub, &id, RECEIPT_VALID, &at), 1);
        assert_true(at == hub.now.wall - 1000); /* when it was taken, not when it was judged */
    }
}

static void a_copy_is_answered_with_the_receipt_that_exists(void **state) {
    (void)state;
    struct frame f;
    struct hash id = id_of(&story[2]);
    fixture_hello(&hub, PEER, &node, 0, NULL, 0);
    fixture_records(&hub, PEER, &node, 1, story, STORY);
    fixture_step(&hub);
    assert_true(fixture_expect(&hub, PEER, FRAME_WELCOME, &f));
    struct uid inbox = f.u.greeting.inbox;
    assert_true(fixture_expect(&hub, PEER, FRAME_ACK, &f));
    uint64_t all = f.u.ack.end;
    fixture_drop_all(&hub);
    memset(node.outbox.b, 0x99, UID_BYTES); /* the child has rebuilt its outbox */
    fixture_hello(&hub, PEER + 1, &node, 0, &inbox, all);
    fixture_records(&hub, PEER + 1, &node, 1, story, STORY);
    fixture_step(&hub);
    assert_true(fixture_expect(&hub, PEER + 1, FRAME_ACK, &f));
    assert_int_equal(f.u.ack.position, STORY);
    assert_int_equal(f.u.ack.end, all + 1); /* one receipt names all three */
    assert_true(fixture_expect(&hub, PEER + 1, FRAME_RECORDS, &f));
    assert_int_equal(f.u.records.first, all + 1);
    assert_int_equal(fixture_receipts(&hub, &id, RECEIPT_VALID, NULL), 1);
}

/* ---- positions ---- */

static void a_refused_record_takes_its_position_and_displaces_nothing(void **state) {
    (void)state;
    struct frame f;
    struct buf run[3] = {story[0], {0}, story[1]};
    buf_put_str(&run[1], "no record at all");
    greet(PEER, &node);
    fixture_records(&hub, PEER, &node, 1, run, 3);
    fixture_step(&hub);
    assert_true(fixture_expect(&hub, PEER, FRAME_ACK, &f));
    assert_int_equal(f.u.ack.position, 3);
    assert_int_equal(hub.hub.events.refused, 1);
    assert_true(held(&story[1]));
    buf_done(&run[1]);
}

static void a_run_that_begins_after_a_gap_is_ignored_and_told_where_to_go_on(void **state) {
    (void)state;
    struct frame f;
    greet(PEER, &node);
    fixture_records(&hub, PEER, &node, 2, &story[1], 2);
    fixture_step(&hub);
    assert_true(fixture_expect(&hub, PEER, FRAME_ACK, &f));
    assert_int_equal(f.u.ack.position, 0);
    assert_false(held(&story[1]));
    fixture_records(&hub, PEER, &node, 1, story, 3);
    fixture_records(&hub, PEER, &node, 2, &story[1], 4); /* overlaps: what is new is taken */
    fixture_step(&hub);
    assert_true(fixture_expect(&hub, PEER, FRAME_ACK, &f));
    assert_int_equal(f.u.ack.position, STORY);
}

static void a_record_of_a_mebibyte_passes(void **state) {
    (void)state;
    static const uint8_t big[LIMIT_PAYLOAD];
    struct frame f;
    struct buf b;
    greet(PEER, &other);
    fixture_next_record(&hub, &other, 999, slice_of(big, sizeof big), &b);
    fixture_records(&hub, PEER, &other, 1, &b, 1);
    fixture_step(&hub);
    assert_true(fixture_expect(&hub, PEER, FRAME_ACK, &f));
    assert_int_equal(f.u.ack.position, 1);
    assert_true(held(&b));
    buf_done(&b);
}

static void no_room_for_more_pending_is_said_after_the_ack_and_ends_it(void **state) {
    (void)state;
    struct frame f;
    struct buf b[2];
    struct fixture_author nobody;
    uint32_t peer, code = 0;
    fixture_author_init(&nobody, 90, &hub.communes[2]);
    greet(PEER, &node);
    for (uint64_t i = 1; i <= LIMIT_PENDING_RECORDS + 1 && code == 0; i++) {
        struct record_header h = fixture_header(&hub, &nobody, 999);
        h.claimed = (instant)i;
        fixture_sign(&nobody, &h, slice_of(NULL, 0), &b[0]);
        fixture_records(&hub, PEER, &node, i, b, 1);
        buf_done(&b[0]);
        if (i % 100 == 0 || i > LIMIT_PENDING_RECORDS) {
            uint64_t position = 0;
            fixture_step(&hub);
            while (fixture_left(&hub, &peer, &f)) {
                if (f.type == FRAME_ACK)
                    position = f.u.ack.position;
                if (f.type == FRAME_REFUSED)
                    code = f.u.refused.code;
                assert_true(code == 0 || position == LIMIT_PENDING_RECORDS);
            }
        }
    }
    assert_int_equal(code, REFUSED_PENDING);
    fixture_records(&hub, PEER, &node, LIMIT_PENDING_RECORDS + 1, story, 1);
    fixture_step(&hub);
    assert_int_equal(fixture_drop_all(&hub), 0); /* the connection is over */
    fixture_author_done(&nobody);
}

/* ---- sessions ---- */

static void the_newest_connection_of_an_actor_wins(void **state) {
    (void)state;
    struct frame f;
    greet(PEER, &node);
    fixture_hello(&hub, PEER + 1, &node, 0, NULL, 0);
    fixture_records(&hub, PEER, &node, 1, story, 1);
    fixture_step(&hub);
    assert_int_equal(refusal_to(PEER), REFUSED_NEWER);
    assert_false(held(&story[0]));
    fixture_drop_all(&hub);
    fixture_records(&hub, PEER + 1, &node, 1, story, 1);
    fixture_step(&hub);
    assert_true(fixture_expect(&hub, PEER + 1, FRAME_ACK, &f));
    assert_true(held(&story[0]));
}

static void what_comes_before_a_greeting_is_ignored(void **state) {
    (void)state;
    fixture_records(&hub, PEER, &node, 1, story, 1);
    fixture_step(&hub);
    assert_int_equal(fixture_drop_all(&hub), 0);
    assert_false(held(&story[0]));
}

static void greetings_that_do_not_fit_are_refused_each_for_its_reason(void **state) {
    (void)state;
    static const struct {
        const char *name;
        uint32_t min, max;
        bool deployment, actor, epoch;
        uint32_t want;
    } cases[] = {
        {"later", 2, 3, false, false, false, REFUSED_VERSION},
        {"deployment", 1, 1, true, false, false, REFUSED_DEPLOYMENT},
        {"another's name", 1, 1, false, true, false, REFUSED_UNKNOWN},
        {"an epoch that this hub may have forgotten", 1, 1, false, false, true, 0},
        {"as it should be", 1, 9, false, false, false, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct frame f = {.type = FRAME_HELLO};
        struct frame_greeting *g = &f.u.greeting;
        *g = (struct frame_greeting){.version_min = cases[i].min,
                                     .version_max = cases[i].max,
                                     .deployment = hub.actor.deployment,
                                     .actor = cases[i].actor ? other.id : node.id,
                                     .epoch = cases[i].epoch ? 2 : 1,
                                     .outbox = node.outbox,
                                     .clock = 1};
        g->deployment.b[0] ^= cases[i].deployment;
        fixture_knock(&hub, PEER, &node, false, &f);
        fixture_step(&hub);
        print_message("%s\n", cases[i].name);
        assert_int_equal(refusal_to(PEER), cases[i].want);
    }
}

static void frames_that_make_no_sense_end_their_connection_and_no_other(void **state) {
    (void)state;
    struct sender from = {.peer = PEER, .actor = node.id};
    struct err e = {0};
    struct frame f;
    greet(PEER, &node);
    greet(PEER + 1, &other);
    FIXTURE_OK(hub_take(&hub.hub, &from, hub.now, slice_str("GET / HTTP/1.1"), &e), &e);
    fixture_records(&hub, PEER, &node, 1, story, 1);
    fixture_step(&hub);
    assert_int_equal(refusal_to(PEER), REFUSED_FRAME);
    assert_false(held(&story[0]));
    struct fixture_author wrong = node; /* a stream that was not greeted with */
    wrong.outbox.b[0] ^= 1;
    greet(PEER, &node);
    fixture_records(&hub, PEER, &wrong, 1, story, 1);
    fixture_records(&hub, PEER, &node, 1, story, 1);
    fixture_step(&hub);
    assert_int_equal(refusal_to(PEER), REFUSED_FRAME);
    assert_false(held(&story[0]));
    f = (struct frame){.type = FRAME_PING, .u.ping = {.nonce = 4}};
    fixture_knock(&hub, PEER + 1, &other, false, &f);
    fixture_step(&hub);
    assert_true(fixture_expect(&hub, PEER + 1, FRAME_PONG, &f));
    assert_int_equal(f.u.ping.nonce, 4);
}

/* Whether a child hub with one record to send is known to be drained after it answered, and the
 * record came or not. */
static bool drains(bool answers, uint64_t shift, bool sends, instant *ret_asked) {
    struct fixture_author district;
    struct frame f;
    struct heard h;
    struct txn *t;
    struct err e = {0};
    fixture_author_init(&district, 62, &hub.communes[2]);
    fixture_enrol_author(&hub, &district, ROLE_HUB);
    fixture_hello(&hub, PEER, &district, 1, NULL, 0);
    fixture_step(&hub);
    fixture_drop_all(&hub);
    *ret_asked = hub.now.wall;
    FIXTURE_OK(hub_tick(&hub.hub, hub.now, &e), &e);
    assert_true(fixture_expect(&hub, PEER, FRAME_PING, &f));
    assert_true(f.u.ping.nonce > 0);
    struct frame pong = {.type = FRAME_PONG};
    pong.u.ping = (struct frame_ping){f.u.ping.nonce + shift, *ret_asked, district.outbox, 1};
    if (answers)
        fixture_knock(&hub, PEER, &district, false, &pong);
    if (sends)
        fixture_records(&hub, PEER, &district, 1, story, 1);
    fixture_step(&hub);
    FIXTURE_OK(actor_begin(&hub.actor, false, &t, &e), &e);
    bool heard = heard_of(t, &district.id, &h);
    actor_abort(&hub.actor, t);
    fixture_author_done(&district);
    assert_true(heard);
    assert_true(h.drained_to == INSTANT_NONE || h.drained_to == *ret_asked);
    return h.drained_to != INSTANT_NONE;
}

static void a_child_hub_is_drained_once_all_it_held_when_asked_is_here(void **state) {
    static const struct {
        const char *name;
        bool answers;
        uint64_t shift;
        bool sends, want;
    } cases[] = {{"its record came, and no answer", false, 0, true, false},
                 {"it answered, and its record is on its way", true, 0, false, false},
                 {"an answer to another asking", true, 1, true, false},
                 {"both came", true, 0, true, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        instant asked;
        if (i > 0) {
            end(state);
            begin(state);
        }
        print_message("%s\n", cases[i].name);
        assert_int_equal(drains(cases[i].answers, cases[i].shift, cases[i].sends, &asked),
                         cases[i].want);
    }
}

static void an_actor_that_was_replaced_is_refused_on_its_open_connection(void **state) {
    (void)state;
    struct fixture_author heir;
    struct buf join, payload;
    struct frame f = {.type = FRAME_JOIN};
    struct ticket ticket = fixture_ticket(&hub, &node.unit, ROLE_NODE, 7);
    greet(PEER, &node);
    fixture_author_init(&heir, 61, &node.unit);
    fixture_join_payload(&heir, ROLE_NODE, &payload);
    fixture_next_record(&hub, &heir, KIND_JOIN, buf_slice(&payload), &join);
    memcpy(f.u.join.token, ticket.token, TOKEN_BYTES);
    f.u.join.record = buf_slice(&join);
    fixture_knock(&hub, PEER + 1, &heir, true, &f);
    fixture_records(&hub, PEER, &node, 1, story, 1);
    fixture_step(&hub);
    assert_int_equal(refusal_to(PEER), REFUSED_ENDED);
    assert_false(held(&story[0]));
    fixture_hello(&hub, PEER, &node, 0, NULL, 0);
    fixture_step(&hub);
    assert_int_equal(refusal_to(PEER), REFUSED_ENDED);
    f.u.join.record = buf_slice(&story[0]);
    fixture_knock(&hub, PEER, &node, false, &f);
    fixture_step(&hub);
    assert_int_equal(refusal_to(PEER), REFUSED_ENDED);
    struct hash who;
    assert_int_equal(hub_knows(&hub.hub, key_pair_public(node.transport), &who), 0);
    assert_int_equal(hub_knows(&hub.hub, key_pair_public(heir.transport), &who), 1);
    assert_true(hash_equal(&who, &heir.id));
    assert_int_equal(hub_knows(&hub.hub, key_pair_public(heir.sign), &who), 0);
    fixture_knock(&hub, PEER + 2, &node, true,
                  &f); /* as a guest it is told, and nothing is taken */
    fixture_step(&hub);
    assert_int_equal(refusal_to(PEER + 2), REFUSED_ENDED);
    f = (struct frame){.type = FRAME_PING};
    fixture_knock(&hub, PEER + 2, &node, true, &f);
    fixture_step(&hub);
    assert_int_equal(refusal_to(PEER + 2), REFUSED_ENDED);
    buf_done(&payload);
    buf_done(&join);
    fixture_author_done(&heir);
}

static void a_hub_that_was_ended_takes_nothing_and_tells_whoever_speaks_to_it(void **state) {
    (void)state;
    static const uint32_t refusals[] = {REFUSED_ENDED, REFUSED_REVOKED};
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        struct txn *t;
        struct err e = {0};
        struct frame_refused refused = {.code = refusals[i]};
        greet(PEER, &node);
        assert_int_equal(actor_state(&hub.actor), ACTOR_LIVE);
        hub.actor.is_root = false;
        FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
        actor_put_answer(&hub.actor, t, &refused, hub.now.wall);
        FIXTURE_OK(actor_commit(&hub.actor, t, &e), &e);
        assert_int_equal(actor_may_sign(&hub.actor, NULL), ERR_REFUSED);
        fixture_records(&hub, PEER, &node, 1, story, 1);
        fixture_step(&hub);
        assert_int_equal(refusal_to(PEER), REFUSED_HUB_ENDED);
        assert_false(held(&story[0]));
        fixture_hello(&hub, PEER, &node, 0, NULL, 0);
        fixture_step(&hub);
        assert_int_equal(refusal_to(PEER), REFUSED_HUB_ENDED);
        FIXTURE_OK(hub_tick(&hub.hub, hub.now, &e), &e); /* it states no contacts either */
        FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
        actor_put_answer(&hub.actor, t, NULL, hub.now.wall); /* it was welcomed after all */
        FIXTURE_OK(actor_commit(&hub.actor, t, &e), &e);
        hub.actor.is_root = true;
    }
    greet(PEER, &node);
    fixture_records(&hub, PEER, &node, 1, story, 1);
    fixture_step(&hub);
    assert_true(held(&story[0]));
}

/* Spoil what is stored of the receipt that the hub gave for `record`. */
static void spoil_receipt(void) {
    struct txn *t;
    struct err e = {0};
    struct log_walk w;
    struct hash id, last = {{0}};
    uint8_t junk[300] = {0};
    FIXTURE_OK(txn_begin(hub.actor.db, true, &t, &e), &e);
    log_walk_init(&w, t, KIND_RECEIPT, 0);
    while (log_walk_next(&w, NULL, &id))
        last = id;
    log_walk_done(&w);
    txn_put(t, TABLE_RECORDS, slice_of(last.b, HASH_BYTES), slice_of(junk, sizeof junk));
    FIXTURE_OK(txn_commit(t, &e), &e);
}

static void a_damaged_record_is_the_trouble_of_the_child_that_it_is_for(void **state) {
    (void)state;
    struct frame f;
    greet(PEER, &node);
    fixture_records(&hub, PEER, &node, 1, story, STORY);
    fixture_step(&hub);
    fixture_drop_all(&hub);
    spoil_receipt();
    fixture_hello(&hub, PEER, &node, STORY, NULL, 0);
    fixture_hello(&hub, PEER + 1, &other, 0, NULL, 0);
    fixture_step(&hub);
    assert_int_equal(hub.hub.events.damage.code, ERR_CORRUPT);
    assert_true(fixture_expect(&hub, PEER + 1, FRAME_RECORDS, &f)); /* what is there for it */
    fixture_hello(&hub, PEER, &node, STORY, NULL, 0);
    fixture_step(&hub);
    assert_int_equal(refusal_to(PEER), REFUSED_BUSY);
}

static void a_silent_child_is_asked_and_one_that_speaks_is_not(void **state) {
    (void)state;
    struct err e = {0};
    struct frame f;
    greet(PEER, &node);
    hub.now.boot_ms += SESSION_PING_MS - 2000;
    FIXTURE_OK(hub_tick(&hub.hub, hub.now, &e), &e);
    assert_false(fixture_expect(&hub, PEER, FRAME_PING, &f));
    hub.now.boot_ms += 2000;
    FIXTURE_OK(hub_tick(&hub.hub, hub.now, &e), &e);
    assert_true(fixture_expect(&hub, PEER, FRAME_PING, &f));
    hub.now.boot_ms += 1000;
    FIXTURE_OK(hub_tick(&hub.hub, hub.now, &e), &e);
    assert_false(fixture_expect(&hub, PEER, FRAME_PING, &f));
}

/* ---- what is sent down ---- */

static void what_another_process_stated_is_sent_to_who_is_silent_and_once(void **state) {
    (void)state;
    struct err e = {0};
    struct frame f;
    greet(PEER, &node);
    FIXTURE_OK(hub_tick(&hub.hub, hub.now, &e), &e);
    fixture_drop_all(&hub);
    fixture_hub_issue(&hub);
    FIXTURE_OK(hub_tick(&hub.hub, hub.now, &e), &e);
    assert_true(fixture_expect(&hub, PEER, FRAME_RECORDS, &f));
    fixture_drop_all(&hub);
    FIXTURE_OK(hub_tick(&hub.hub, hub.now, &e), &e);
    assert_false(fixture_expect(&hub, PEER, FRAME_RECORDS, &f));
}

static void no_more_is_in_flight_than_credits_and_runs_allow(void **state) {
    (void)state;
    static const uint8_t big[30000];
    struct frame f;
    struct uid inbox = {{0}};
    uint64_t acked = 0, last = 0;
    uint32_t runs = 0, peer;
    for (uint32_t i = 0; i < 1500; i++)
        fixture_hub_state(&hub, 998, slice_of(big, i < 60 ? sizeof big : 0));
    fixture_hello(&hub, PEER, &node, 0, NULL, 0);
    fixture_step(&hub);
    for (unsigned turn = 0; turn < 400 && (last == 0 || acked < 1500); turn++) {
        while (fixture_left(&hub, &peer, &f)) {
            size_t bytes = 0;
            if (f.type == FRAME_WELCOME)
                inbox = f.u.greeting.inbox;
            if (f.type != FRAME_RECORDS)
                continue;
            assert_true(f.u.records.first == last + 1);
            last += f.u.records.n;
            runs++;
            for (uint32_t i = 0; i < f.u.records.n; i++)
                bytes += f.u.records.records[i].len;
            assert_true(f.u.records.n == 1 || bytes <= LIMIT_BATCH_BYTES);
        }
        assert_true(last - acked <= (turn == 0 ? LIMIT_BATCH_RECORDS : 300));
        assert_true(runs <= SYNC_RUNS);
        acked = last;
        runs = 0;
        f = (struct frame){.type = FRAME_ACK, .u.ack = {inbox, acked, 300, 0}};
        fixture_knock(&hub, PEER, &node, false, &f);
        fixture_step(&hub);
    }
    assert_true(acked > 1500);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

static void a_hub_that_keeps_its_last_room_refuses_kindly_and_still_acts(void **state) {
    (void)state;
    greet(PEER, &node);
    fixture_records(&hub, PEER, &node, 1, story, 2);
    fixture_step(&hub);
    assert_true(held(&story[1]));
    hub.hub.disk_low = true;
    fixture_drop_all(&hub);
    fixture_records(&hub, PEER, &node, 3, story + 2, 1);
    fixture_step(&hub);
    assert_int_equal(refusal_to(PEER), REFUSED_DISK);
    assert_false(held(&story[2]));
    fixture_hub_issue(&hub); /* an act of its own */
    hub.hub.disk_low = false;
    greet(PEER, &node);
    fixture_records(&hub, PEER, &node, 3, story + 2, 1);
    fixture_step(&hub);
    assert_true(held(&story[2]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(receipts_are_on_the_inbox_before_the_ack_for_their_records_leaves),
        TEST(a_copy_is_answered_with_the_receipt_that_exists),
        TEST(a_refused_record_takes_its_position_and_displaces_nothing),
        TEST(a_run_that_begins_after_a_gap_is_ignored_and_told_where_to_go_on),
        TEST(a_record_of_a_mebibyte_passes),
        TEST(no_room_for_more_pending_is_said_after_the_ack_and_ends_it),
        TEST(the_newest_connection_of_an_actor_wins),
        TEST(what_comes_before_a_greeting_is_ignored),
        TEST(greetings_that_do_not_fit_are_refused_each_for_its_reason),
        TEST(frames_that_make_no_sense_end_their_connection_and_no_other),
        TEST(a_child_hub_is_drained_once_all_it_held_when_asked_is_here),
        TEST(an_actor_that_was_replaced_is_refused_on_its_open_connection),
        TEST(a_hub_that_was_ended_takes_nothing_and_tells_whoever_speaks_to_it),
        TEST(a_damaged_record_is_the_trouble_of_the_child_that_it_is_for),
        TEST(a_hub_that_keeps_its_last_room_refuses_kindly_and_still_acts),
        TEST(a_silent_child_is_asked_and_one_that_speaks_is_not),
        TEST(what_another_process_stated_is_sent_to_who_is_silent_and_once),
        TEST(no_more_is_in_flight_than_credits_and_runs_allow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
