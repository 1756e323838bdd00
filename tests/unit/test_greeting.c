/* Greeting: one child makes no other wait for it, and what it claims costs the hub little. */
#include "hub/arrivals.h"
#include "tests/unit/step_world.h"

#define MANY 1024 /* receipts that are due: more than a step states */
#define RUN 128

/* The inbox that the hub has for `a`. */
static struct uid inbox_of(const struct fixture_author *a) {
    struct child c;
    struct txn *t;
    struct err e = {0};
    FIXTURE_OK(txn_begin(hub.actor.db, false, &t, &e), &e);
    assert_true(actor_child(t, &a->unit, &a->id, &c));
    txn_abort(t);
    return c.inbox;
}

/* `a` greets with a position that its inbox never had; what it is answered: 0, or a refusal. */
static uint32_t claim(uint32_t peer, const struct fixture_author *a, struct frame *ret_welcome) {
    struct uid inbox = inbox_of(a);
    struct frame f;
    uint32_t to, code = 0;
    fixture_hello(&hub, peer, a, 0, &inbox, 1000000);
    fixture_step(&hub);
    while (fixture_left(&hub, &to, &f))
        if (to == peer && f.type == FRAME_REFUSED)
            code = f.u.refused.code;
        else if (to == peer && f.type == FRAME_WELCOME)
            *ret_welcome = f;
    return code;
}

static void say_many(struct fixture_author *author, uint32_t n, struct buf *ret) {
    for (uint32_t i = 0; i < n; i++)
        fixture_next_record(&hub, author, 200, slice_str("x"), &ret[i]);
}

/* `node` claims, brings the story and MANY records, of which nothing is said, and shows by an ACK
 * that there is no more: their receipts are due at once. What the hub answers is still to leave. */
static void bring_many(void) {
    struct frame f = {.type = FRAME_HELLO};
    struct buf records[RUN];
    uint64_t at = 0;
    assert_int_equal(claim(PEER, &node, &f), 0);
    struct frame ack = {.type = FRAME_ACK,
                        .u.ack = {.stream = f.u.greeting.inbox,
                                  .position = f.u.greeting.inbox_end,
                                  .end = STORY + MANY}};
    fixture_records(&hub, PEER, &node, 1, story, STORY);
    fixture_step(&hub);
    for (at = STORY; at < STORY + MANY; at += RUN) {
        say_many(&node, RUN, records);
        fixture_records(&hub, PEER, &node, at + 1, records, RUN);
        fixture_step(&hub);
        fixture_drop_all(&hub);
        for (int i = 0; i < RUN; i++)
            buf_done(&records[i]);
    }
    fixture_knock(&hub, PEER, &node, false, &ack);
    fixture_step(&hub);
    assert_true(fixture_count(&hub, TABLE_ARRIVALS) > 512);
}

static void owe_many(void) {
    bring_many();
    fixture_drop_all(&hub);
}

static void receipts_that_one_child_waits_for_keep_no_other_from_greeting(void **state) {
    (void)state;
    owe_many();
    fixture_hello(&hub, PEER + 1, &other, 0, NULL, 0);
    fixture_step(&hub);
    assert_int_equal(refusal_to(PEER + 1), 0);
    assert_true(fixture_count(&hub, TABLE_ARRIVALS) > 0);
}

static void who_waits_for_its_receipts_is_not_promised_that_they_are_there(void **state) {
    (void)state;
    owe_many();
    fixture_hello(&hub, PEER + 1, &node, STORY + MANY, NULL, 0);
    fixture_step(&hub);
    assert_int_equal(refusal_to(PEER + 1), REFUSED_BUSY);
}

/* Whether any ACK that leaves covers the `end` records that `node` brought, and promises with that
 * all their receipts. */
static bool promised(uint64_t end) {
    struct frame f;
    bool all = false;
    uint32_t to;
    while (fixture_left(&hub, &to, &f))
        all |= to == PEER && f.type == FRAME_ACK && f.u.ack.position >= end;
    return all;
}

static void who_is_connected_is_not_promised_the_receipts_that_are_still_due(void **state) {
    (void)state;
    struct err e = {0};
    int steps = 0;
    for (bring_many(); fixture_count(&hub, TABLE_ARRIVALS) > 0; steps++) {
        struct frame ping = {.type = FRAME_PING, .u.ping = {.clock = hub.now.wall}};
        assert_false(promised(STORY + MANY));
        if (steps == 0) /* and not when it asks */
            fixture_knock(&hub, PEER, &node, false, &ping);
        FIXTURE_OK(hub_tick(&hub.hub, hub.now, &e), &e);
        fixture_step(&hub);
    }
    assert_true(steps > 1);
    assert_true(promised(STORY + MANY)); /* unasked */
}

/* An arrival of the record `id` that `carrier` brought. */
static bool waits(const struct fixture_author *carrier, const struct hash *id, instant *ret_at) {
    struct txn *t;
    struct err e = {0};
    struct arrival x;
    struct key from = {.n = 0};
    bool found = false;
    FIXTURE_OK(txn_begin(hub.actor.db, false, &t, &e), &e);
    key_hash(&from, &carrier->id);
    key_hash(&from, id);
    found = arrivals_find(t, from, &x) && hash_equal(&x.carrier, &carrier->id) &&
            hash_equal(&x.record, id);
    *ret_at = x.at.received;
    txn_abort(t);
    return found;
}

/* `node` is doubted, and its report came by it first; `other` brings a copy. */
static void who_brings_a_copy_of_what_waits_waits_for_it_too(void **state) {
    (void)state;
    struct frame f;
    struct hash id = id_of(&story[2]);
    instant at, came;
    greet(PEER + 1, &other);
    assert_int_equal(claim(PEER, &node, &f), 0);
    fixture_records(&hub, PEER, &node, 1, story, STORY);
    came = hub.now.wall;
    fixture_step(&hub);
    assert_int_equal(fixture_said(&hub, &id), 0);
    assert_false(waits(&other, &id, &at));
    fixture_records(&hub, PEER + 1, &other, 1, story, STORY);
    fixture_step(&hub);
    assert_true(waits(&other, &id, &at));
    assert_true(at == came);
    struct err e = {0};
    FIXTURE_OK(hub_tick(&hub.hub, hub.now, &e), &e);
    fixture_step(&hub);
    assert_int_equal(fixture_receipts(&hub, &id, RECEIPT_VALID, &at), 1);
    assert_true(at == came);
}

/* `author` is not doubted any more. */
static void trust(const struct fixture_author *author) {
    struct txn *t;
    struct child c;
    struct err e = {0};
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
    assert_true(actor_child(t, &author->unit, &author->id, &c));
    c.doubt = false;
    actor_put_child(t, &c);
    FIXTURE_OK(actor_commit(&hub.actor, t, &e), &e);
}

/* Two wait for its receipt, and both may have it in one step. */
static void what_two_wait_for_is_said_once(void **state) {
    (void)state;
    struct frame f;
    struct hash id = id_of(&story[2]);
    instant at;
    struct err e = {0};
    greet(PEER + 1, &other);
    assert_int_equal(claim(PEER, &node, &f), 0);
    fixture_records(&hub, PEER, &node, 1, story, STORY);
    fixture_step(&hub);
    fixture_records(&hub, PEER + 1, &other, 1, story, STORY);
    fixture_step(&hub);
    assert_true(waits(&other, &id, &at));
    trust(&node);
    FIXTURE_OK(hub_tick(&hub.hub, hub.now, &e), &e);
    fixture_step(&hub);
    assert_int_equal(fixture_count(&hub, TABLE_ARRIVALS), 0);
    assert_int_equal(fixture_receipts(&hub, &id, RECEIPT_VALID, &at), 1);
}

/* Claims as often as it is let in; how often that is within `ms`. */
static uint32_t claims_within(int64_t ms, int64_t every_ms) {
    struct frame f;
    uint32_t n = 0;
    for (int64_t i = 0; i < ms; i += every_ms) {
        hub.now.boot_ms += every_ms;
        n += claim(PEER, &node, &f) == 0;
    }
    return n;
}

static void each_time_that_an_inbox_begins_anew_doubles_the_pause_before_the_next(void **state) {
    (void)state;
    static const int64_t minute = 60000, hour = 60 * minute;
    struct frame f;
    assert_int_equal(claims_within(hour, minute), 6); /* after 0, 1, 3, 7, 15 and 31 minutes */
    assert_true(claims_within(24 * hour, minute) <= 25);
    assert_int_equal(claim(PEER + 1, &other, &f), 0);
    hub.now.boot_ms += 2 * hour; /* it rested */
    assert_int_equal(claim(PEER, &node, &f), 0);
    hub.now.boot_ms += minute;
    assert_int_equal(claim(PEER, &node, &f), 0);
    hub.now.boot_ms += minute;
    assert_int_equal(claim(PEER, &node, &f), REFUSED_NEWER);
}

static void a_step_that_fails_does_not_end_the_pause(void **state) {
    (void)state;
    struct frame f;
    struct err e = {0};
    assert_int_equal(claim(PEER, &node, &f), 0);
    fixture_hello(&hub, PEER + 1, &other, 0, NULL, 0);
    next_fault = COMMIT_LOST;
    assert_true(hub_step(&hub.hub, hub.now, &e) < 0);
    fixture_drop_all(&hub);
    assert_int_equal(claim(PEER, &node, &f), REFUSED_NEWER);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(receipts_that_one_child_waits_for_keep_no_other_from_greeting),
        TEST(who_waits_for_its_receipts_is_not_promised_that_they_are_there),
        TEST(who_is_connected_is_not_promised_the_receipts_that_are_still_due),
        TEST(who_brings_a_copy_of_what_waits_waits_for_it_too),
        TEST(what_two_wait_for_is_said_once),
        TEST(each_time_that_an_inbox_begins_anew_doubles_the_pause_before_the_next),
        TEST(a_step_that_fails_does_not_end_the_pause),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
