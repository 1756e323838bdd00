/* What a child claims of itself and of its hub, and what it asks for. */
#include "tests/unit/renewal_world.h"

#include "core/mem.h"
#include "hub/enrolment.h"
#include "hub/greeting.h"
#include "hub/revoke.h"

#define NODE (&machines[0])
#define OTHER (&machines[1])
#define HUB (&machines[2])

/* ---- a child that lies ---- */

/* A hello of `m` whose inbox is the right one, with a digest that is not. */
static void lie(struct machine *m, uint64_t beyond) {
    struct fixture_author a = {.id = m->actor.id, .unit = m->actor.unit, .outbox = m->actor.outbox};
    struct frame f = {.type = FRAME_HELLO};
    char program[] = "liar";
    struct txn *t;
    struct child c;
    struct err e = {0};
    FIXTURE_OK(txn_begin(hub.actor.db, false, &t, &e), &e);
    assert_true(actor_child(t, &m->actor.unit, &m->actor.id, &c));
    uint64_t end = stream_end(t, &c.inbox);
    txn_abort(t);
    f.u.greeting = (struct frame_greeting){.version_min = 1,
                                           .version_max = 1,
                                           .deployment = hub.actor.deployment,
                                           .actor = a.id,
                                           .epoch = 1,
                                           .outbox = a.outbox,
                                           .inbox = c.inbox,
                                           .inbox_position = end + beyond,
                                           .digest = {{0x66}},
                                           .clock = hub.now.wall,
                                           .program = program};
    hub_gone(&hub.hub, peer_of(m));
    fixture_knock(&hub, peer_of(m), &a, false, &f);
    fixture_step(&hub);
}

static void a_child_s_word_makes_nobody_else_wait(void **state) {
    (void)state;
    static const uint64_t beyond[] = {0, 1, 1000000};
    struct err e = {0};
    struct frame f;
    for (size_t i = 0; i < sizeof beyond / sizeof *beyond; i++) {
        lie(NODE, beyond[i]);
        assert_true(fixture_expect(&hub, peer_of(NODE), FRAME_WELCOME, &f));
        assert_int_equal(f.u.greeting.inbox_position, 0); /* a stream that begins anew */
        assert_false(hub.actor.spent);
        struct hash id = machine_say(OTHER, "not my affair");
        assert_true(machine_sync(OTHER));
        assert_int_equal(fixture_said(&hub, &id), RECEIPT_HELD);
        hub.now.boot_ms += ANEW_MS_MAX;
        FIXTURE_OK(hub_tick(&hub.hub, hub.now, &e), &e);
        assert_int_equal(hub.actor.epoch, 1);
    }
}

static void a_child_that_lies_again_at_once_is_sent_away(void **state) {
    (void)state;
    struct frame f;
    lie(NODE, 0);
    assert_true(fixture_expect(&hub, peer_of(NODE), FRAME_WELCOME, &f));
    lie(NODE, 0);
    assert_true(fixture_expect(&hub, peer_of(NODE), FRAME_REFUSED, &f));
    assert_int_equal(f.u.refused.code, REFUSED_NEWER);
    hub.now.boot_ms += 60000;
    lie(NODE, 0);
    assert_true(fixture_expect(&hub, peer_of(NODE), FRAME_WELCOME, &f));
}

static void what_a_doubted_child_brings_is_receipted_once_all_it_has_is_here(void **state) {
    (void)state;
    struct err e = {0};
    instant at;
    struct hash id = machine_say(NODE, "late");
    lie(NODE, 0);
    fixture_drop_all(&hub);
    machine_connect(NODE); /* in earnest; its doubt outlives the connection */
    carry_up(NODE);
    instant came = hub.now.wall;
    fixture_step(&hub);
    assert_true(holds(hub.actor.db, &id));
    assert_int_equal(fixture_said(&hub, &id), 0);
    assert_int_equal(fixture_count(&hub, TABLE_ARRIVALS), 1);
    hub_copy(false); /* nor does a restart end it */
    FIXTURE_OK(hub_tick(&hub.hub, hub.now, &e), &e);
    assert_false(hub.hub.news);
    hub.now.wall += 5000;
    assert_true(machine_sync(NODE));
    assert_int_equal(said_in(NODE->actor.db, &id, &at), RECEIPT_HELD);
    assert_true(at == came);
    assert_int_equal(fixture_count(&hub, TABLE_ARRIVALS), 0);
    assert_int_equal(hub.actor.epoch, 1);
}

/* Whoever has its outbox acknowledged to its end, and has read its inbox, believes that it has its
 * receipts. */
static void a_doubted_child_s_outbox_is_not_acknowledged_to_its_end(void **state) {
    (void)state;
    struct frame f;
    struct uid outbox = NODE->actor.outbox;
    struct txn *t;
    struct err e = {0};
    struct hash id = machine_say(NODE, "wait");
    lie(NODE, 0);
    fixture_drop_all(&hub);
    machine_connect(NODE);
    carry_up(NODE);
    fixture_step(&hub);
    assert_true(holds(hub.actor.db, &id));
    assert_true(fixture_expect(&hub, peer_of(NODE), FRAME_ACK, &f));
    FIXTURE_OK(txn_begin(NODE->actor.db, false, &t, &e), &e);
    assert_int_equal(f.u.ack.position, stream_end(t, &outbox) - 1);
    txn_abort(t);
    fixture_drop_all(&hub);
    assert_true(machine_sync(NODE));
    assert_int_equal(said_in(NODE->actor.db, &id, NULL), RECEIPT_HELD);
}

/* What the hub said of `record` once it had the time to look at what waits. */
static int said_after_a_tick(const struct hash *record) {
    struct err e = {0};
    FIXTURE_OK(hub_tick(&hub.hub, hub.now, &e), &e);
    if (hub.hub.news)
        fixture_step(&hub);
    return fixture_said(&hub, record);
}

static void a_doubted_child_shows_what_it_has_by_its_ack_or_its_next_hello(void **state) {
    (void)state;
    for (int lost = 0; lost < 2; lost++) {
        struct hash id = machine_say(NODE, lost ? "lost" : "in time");
        struct slice frame;
        uint32_t peer;
        lie(NODE, 0);
        fixture_drop_all(&hub);
        machine_connect(NODE);
        (void)carry_up(NODE);
        fixture_step(&hub);
        (void)carry_down(); /* it reads all */
        assert_int_equal(said_after_a_tick(&id), 0);
        while (lost && post_next(&NODE->up.post, &peer, &frame))
            continue;
        (void)carry_up(NODE);
        fixture_step(&hub);
        if (lost) {
            assert_int_equal(said_after_a_tick(&id), 0);
            fixture_drop_all(&hub);
            machine_connect(NODE);
            (void)carry_up(NODE);
            fixture_step(&hub);
        }
        assert_int_equal(said_after_a_tick(&id), RECEIPT_HELD);
        assert_false(hub.actor.spent);
        fixture_drop_all(&hub);
        assert_true(machine_sync(NODE));
        hub.now.boot_ms += 2 * ANEW_MS_MAX;
    }
}

/* A hello of `m` that has read all that the hub has for it and holds its own lane up to `head`, or,
 * with `full`, says as much of LIMIT_HEADS other lanes instead. Where its inbox then ends. */
static uint64_t claim_to_hold(struct machine *m, const struct lane_head *head, bool full) {
    struct fixture_author a = {.id = m->actor.id, .unit = m->actor.unit, .outbox = m->actor.outbox};
    struct lane_head *heads = mem_zalloc(LIMIT_HEADS, sizeof *heads);
    struct frame f = {.type = FRAME_HELLO};
    struct frame_greeting *g = &f.u.greeting;
    char program[] = "liar";
    struct child c;
    struct err e = {0};
    struct txn *t;
    assert_non_null(heads);
    for (uint32_t i = 0; i < LIMIT_HEADS; i++) {
        heads[i] = *head;
        if (full)
            heads[i].lane = (struct uid){{0xee, (uint8_t)(i >> 8), (uint8_t)i}};
    }
    FIXTURE_OK(txn_begin(hub.actor.db, false, &t, &e), &e);
    assert_true(actor_child(t, &m->actor.unit, &m->actor.id, &c));
    *g = (struct frame_greeting){.version_min = 1,
                                 .version_max = 1,
                                 .deployment = hub.actor.deployment,
                                 .actor = a.id,
                                 .epoch = 1,
                                 .outbox = a.outbox,
                                 .inbox = c.inbox,
                                 .inbox_position = stream_end(t, &c.inbox),
                                 .heads = heads,
                                 .n_heads = full ? LIMIT_HEADS : 1,
                                 .clock = hub.now.wall,
                                 .program = program};
    assert_true(stream_digest(t, &c.inbox, g->inbox_position, &g->digest));
    txn_abort(t);
    fixture_knock(&hub, peer_of(m), &a, false, &f);
    fixture_step(&hub);
    assert_true(fixture_expect(&hub, peer_of(m), FRAME_WELCOME, &f));
    fixture_drop_all(&hub);
    mem_free(heads);
    FIXTURE_OK(txn_begin(hub.actor.db, false, &t, &e), &e);
    uint64_t end = stream_end(t, &c.inbox);
    txn_abort(t);
    return end;
}

/* How many records the hub looked at because of what `m` said. */
static uint64_t looked_for(const struct machine *m) {
    const struct session *s = session_find(&hub.hub.sessions, &m->actor.id);
    assert_non_null(s);
    return s->handed.looked;
}

static void
a_child_that_says_again_and_again_that_it_lacks_its_lane_is_given_it_once(void **state) {
    (void)state;
    struct lane_head low = {.actor = NODE->actor.id, .epoch = 1, .lane = NODE->actor.unit};
    struct txn *t;
    struct err e = {0};
    for (unsigned i = 0; i < 20; i++)
        machine_say(NODE, "mine");
    assert_true(machine_sync(NODE));
    FIXTURE_OK(txn_begin(hub.actor.db, false, &t, &e), &e);
    low.seq = 1;
    assert_true(log_at(t, &low.actor, 1, &low.lane, 1, &low.id));
    txn_abort(t);
    uint64_t full = claim_to_hold(NODE, &low, true); /* of the lane itself it says nothing */
    uint64_t once = claim_to_hold(NODE, &low, false);
    assert_int_equal(once, full + 20);
    for (unsigned i = 0; i < 1000; i++)
        assert_int_equal(claim_to_hold(NODE, &low, false), once);
    assert_int_equal(looked_for(NODE), 20); /* nor is it looked through again */
}

/* `m` says of its 20 records again and again that it lacks them, each time one more. */
static void lose_one_by_one(struct machine *m) {
    struct lane_head head = {.actor = m->actor.id, .epoch = 1, .lane = m->actor.unit};
    struct txn *t;
    struct err e = {0};
    for (unsigned i = 0; i < 20; i++)
        machine_say(m, "mine");
    assert_true(machine_sync(m));
    uint64_t before = 0;
    for (head.seq = 20; head.seq > 0; head.seq--) {
        FIXTURE_OK(txn_begin(hub.actor.db, false, &t, &e), &e);
        assert_true(log_at(t, &head.actor, 1, &head.lane, head.seq, &head.id));
        txn_abort(t);
        uint64_t ends = claim_to_hold(m, &head, false);
        if (head.seq < 20)
            assert_int_equal(looked_for(m), before + 1);
        if (head.seq == 5) /* and more than that is said to be here again: nothing is lacking */
            assert_int_equal(claim_to_hold(m, &head, false), ends);
        before = looked_for(m);
    }
}

/* Of a hub also what others below it stated is looked through, but once. */
static void one_record_less_each_time_costs_one_record_more(void **state) {
    (void)state;
    lose_one_by_one(NODE);
    machine_close(HUB);
    HUB->role = ROLE_HUB;
    HUB->ticket = fixture_ticket(&hub, &hub.communes[3], ROLE_HUB, 20);
    fixture_join_path(HUB->dir, hub.folder, "below");
    machine_join(HUB);
    lose_one_by_one(HUB);
}

static void a_connection_greets_once(void **state) {
    (void)state;
    struct slice hello, frame;
    struct buf copy;
    uint32_t peer;
    struct err e = {0};
    struct sender from = {.peer = peer_of(NODE), .actor = NODE->actor.id};
    machine_connect(NODE);
    assert_true(post_next(&NODE->up.post, &peer, &hello));
    assert_int_equal(hello.data[4], FRAME_HELLO);
    buf_init(&copy);
    buf_put(&copy, hello.data, hello.len);
    for (uint32_t want = 1; want <= 2; want++) {
        uint32_t welcomes = 0;
        if (want == 2) /* the same again, on a connection of its own */
            from.peer = 77;
        for (unsigned i = 0; i < 3; i++)
            FIXTURE_OK(hub_take(&hub.hub, &from, hub.now, buf_slice(&copy), &e), &e);
        fixture_step(&hub);
        while (post_next(&hub.hub.post, &peer, &frame))
            welcomes += peer == from.peer && frame.data[4] == FRAME_WELCOME;
        assert_int_equal(welcomes, 1);
    }
    buf_done(&copy);
}

/* ---- asking for an epoch ---- */

static uint32_t renew_answer(uint32_t epoch, const struct public_key *key, bool right_proof,
                             uint32_t *ret_verdict) {
    struct fixture_author a = {.id = NODE->actor.id, .unit = NODE->actor.unit};
    struct frame f = {.type = FRAME_RENEW}, out;
    struct payload_grant g = {.actor = a.id,
                              .epoch = epoch,
                              .sign_key = *key,
                              .transport_key = *key_pair_public(NODE->actor.transport),
                              .unit = a.unit,
                              .renewal = {{0x51}}};
    f.u.renew = (struct frame_renew){.epoch = epoch, .sign_key = g.sign_key, .renewal = g.renewal};
    payload_renewal_prove(&g, &hub.actor.deployment, NODE->actor.sign, f.u.renew.proof);
    f.u.renew.proof[3] ^= !right_proof;
    machine_connect(NODE);
    pump();
    fixture_knock(&hub, peer_of(NODE), &a, false, &f);
    fixture_step(&hub);
    *ret_verdict = 0;
    if (fixture_expect(&hub, peer_of(NODE), FRAME_REFUSED, &out))
        *ret_verdict = out.u.refused.code;
    struct txn *t;
    struct err e = {0};
    FIXTURE_OK(txn_begin(hub.actor.db, false, &t, &e), &e);
    uint32_t last = roster_epoch(t, &NODE->actor.id);
    txn_abort(t);
    return last;
}

static void a_request_is_granted_once_if_it_is_proven_and_next(void **state) {
    (void)state;
    static const struct {
        const char *name;
        uint32_t epoch;
        bool proven;
        uint32_t want_epoch, want_refusal;
    } cases[] = {
        {"another's proof", 2, false, 1, REFUSED_TAKEN},
        {"one that skips", 3, true, 1, REFUSED_BUSY},
        {"the next", 2, true, 2, 0},
        {"one that was granted", 2, true, 2, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t refusal, refused = hub.hub.events.refused;
        print_message("%s\n", cases[i].name);
        hub.now.wall -= 1000; /* the steps of one case take no time */
        uint32_t last = renew_answer(cases[i].epoch, key_pair_public(NODE->actor.sign),
                                     cases[i].proven, &refusal);
        assert_int_equal(last, cases[i].want_epoch);
        assert_int_equal(refusal, cases[i].want_refusal);
        assert_int_equal(hub.hub.events.refused - refused, refusal == REFUSED_TAKEN);
    }
}

/* Whoever copied the disk was first, and keeps what comes next for himself. */
static void whom_a_copy_locked_out_is_told_so_for_good_and_the_hub_says_who(void **state) {
    (void)state;
    struct fixture_author thief;
    uint32_t refusal;
    char text[512];
    struct err e = {0};
    fixture_author_init(&thief, 77, &NODE->actor.unit);
    assert_int_equal(renew_answer(2, key_pair_public(thief.sign), true, &refusal), 2);
    assert_int_equal(refusal, 0);
    hub.now.wall += 3600000;
    machine_connect(NODE);
    pump();
    FIXTURE_OK(uplink_tick(&NODE->up, hub.now, &e), &e);
    assert_int_equal(NODE->up.state, UPLINK_OVER); /* it has to begin with new streams */
    assert_int_equal(NODE->up.why.code, ERR_AWAY);
    machine_connect(NODE);
    pump();
    FIXTURE_OK(uplink_tick(&NODE->up, hub.now, &e), &e);
    pump();
    assert_int_equal(NODE->up.state, UPLINK_OVER);
    assert_int_equal(NODE->up.why.code, ERR_REFUSED);
    assert_non_null(strstr(err_text(&NODE->up.why, NULL, text, sizeof text), "new ticket"));
    assert_non_null(strstr(err_text(&hub.hub.events.why, NULL, text, sizeof text), "unit "));
    fixture_author_done(&thief);
}

/* Each loss of its store takes the root hub an epoch further, and all of them are part of every
 * answer to a join. */
static void a_hub_of_too_many_epochs_refuses_who_joins_and_nobody_else(void **state) {
    (void)state;
    struct machine late = {.role = ROLE_NODE};
    struct sender from = {.peer = 90, .guest = true};
    struct hash ids[CLOSURE_MAX];
    struct frame f = {.type = FRAME_JOIN}, out;
    struct fixture_author a;
    struct buf story[2];
    struct txn *t;
    struct err e = {0}, why = {0};
    uint32_t n = 0;
    bool within = true;
    while (n < CLOSURE_MAX) {
        FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
        FIXTURE_OK(enrolment_closure(t, &hub.actor.id, hub.actor.epoch, ids, &n, &e), &e);
        FIXTURE_OK(enrolment_bounds(&hub.actor, t, &hub.communes[0], ROLE_NODE, &within, &why, &e),
                   &e);
        assert_int_equal(within, n < CLOSURE_MAX);
        renewal_lost(&hub.actor, t);
        FIXTURE_OK(actor_commit(&hub.actor, t, &e), &e);
        FIXTURE_OK(hub_tick(&hub.hub, hub.now, &e), &e);
        fixture_drop_all(&hub);
        assert_int_equal(hub_renew(1), 0);
    }
    late.ticket = fixture_ticket(&hub, &hub.communes[0], ROLE_NODE, 99);
    fixture_author_init(&a, 78, &hub.communes[0]);
    fixture_story(&hub, &a, 0, story);
    memcpy(f.u.join.token, late.ticket.token, TOKEN_BYTES);
    f.u.join.record = buf_slice(&story[0]);
    fixture_knock(&hub, from.peer, &a, true, &f);
    fixture_step(&hub); /* the step itself is sound: whoever else is in it is served */
    assert_true(fixture_expect(&hub, from.peer, FRAME_REFUSED, &out));
    assert_int_equal(out.u.refused.code, REFUSED_BOUND);
    buf_done(&story[0]);
    buf_done(&story[1]);
    fixture_author_done(&a);
}

/* Revoke `m` for good. */
static void end_machine(struct machine *m) {
    const struct act_reason why = {ACT_REASON_WORDS, 1, (char *[]){"gone"}};
    struct ending ending = {0};
    struct member member;
    struct txn *t;
    struct hash id;
    struct err e = {0};
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
    assert_true(roster_find(t, &m->actor.id, 1, &member));
    FIXTURE_OK(revoke_ending(t, &member, NULL, &ending, &e), &e);
    FIXTURE_OK(revoke_state(&hub.actor, t, &member, &ending, &why, hub.now.wall, &id, &e), &e);
    ending_done(&ending);
    FIXTURE_OK(actor_commit(&hub.actor, t, &e), &e);
}

static void what_a_doubted_child_brought_is_receipted_once_it_is_ended(void **state) {
    (void)state;
    struct err e = {0};
    struct hash id = machine_say(NODE, "late");
    lie(NODE, 0);
    fixture_drop_all(&hub);
    machine_connect(NODE);
    carry_up(NODE);
    fixture_step(&hub);
    fixture_drop_all(&hub);
    hub_gone(&hub.hub, peer_of(NODE)); /* and never comes again */
    FIXTURE_OK(hub_tick(&hub.hub, hub.now, &e), &e);
    fixture_step(&hub);
    assert_int_equal(fixture_count(&hub, TABLE_ARRIVALS), 1);
    assert_int_equal(fixture_said(&hub, &id), 0);
    end_machine(NODE);
    FIXTURE_OK(hub_tick(&hub.hub, hub.now, &e), &e);
    fixture_step(&hub);
    assert_int_equal(fixture_count(&hub, TABLE_ARRIVALS), 0);
    assert_int_equal(fixture_said(&hub, &id), RECEIPT_HELD);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_child_that_says_again_and_again_that_it_lacks_its_lane_is_given_it_once, begin, end),
        cmocka_unit_test_setup_teardown(one_record_less_each_time_costs_one_record_more, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_connection_greets_once, begin, end),
        cmocka_unit_test_setup_teardown(a_child_s_word_makes_nobody_else_wait, begin, end),
        cmocka_unit_test_setup_teardown(what_a_doubted_child_brought_is_receipted_once_it_is_ended,
                                        begin, end),
        cmocka_unit_test_setup_teardown(a_child_that_lies_again_at_once_is_sent_away, begin, end),
        cmocka_unit_test_setup_teardown(
            what_a_doubted_child_brings_is_receipted_once_all_it_has_is_here, begin, end),
        cmocka_unit_test_setup_teardown(a_doubted_child_s_outbox_is_not_acknowledged_to_its_end,
                                        begin, end),
        cmocka_unit_test_setup_teardown(
            a_doubted_child_shows_what_it_has_by_its_ack_or_its_next_hello, begin, end),
        cmocka_unit_test_setup_teardown(a_request_is_granted_once_if_it_is_proven_and_next, begin,
                                        end),
        cmocka_unit_test_setup_teardown(
            whom_a_copy_locked_out_is_told_so_for_good_and_the_hub_says_who, begin, end),
        cmocka_unit_test_setup_teardown(a_hub_of_too_many_epochs_refuses_who_joins_and_nobody_else,
                                        begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
