#include "hub/check_slots.h"
#include "hub/revoke.h"
#include "node/append.h"
#include "proto/kinds.h"
#include "store/log.h"
#include "tests/unit/step_world.h"

static char words[] = "mất máy", *args[] = {words};
static const struct act_reason why = {ACT_REASON_WORDS, 1, args};

static struct txn *open_txn(bool write) {
    struct txn *t;
    struct err e = {0};
    FIXTURE_OK(actor_begin(&hub.actor, write, &t, &e), &e);
    return t;
}

static struct member member_of(struct txn *t, const struct fixture_author *a) {
    struct member m;
    assert_true(roster_find(t, &a->id, roster_epoch(t, &a->id), &m));
    return m;
}

/* Let the hub revoke `a` in a transaction of its own, as the verb does; `last` NULL: at its heads.
 */
static void revoke_author(const struct fixture_author *a, const struct last_good *last) {
    struct ending ending = {0};
    struct hash id;
    struct err e = {0};
    struct txn *t = open_txn(true);
    struct member m = member_of(t, a);
    FIXTURE_OK(revoke_ending(t, &m, last, &ending, &e), &e);
    FIXTURE_OK(revoke_state(&hub.actor, t, &m, &ending, &why, hub.now.wall, &id, &e), &e);
    FIXTURE_OK(actor_commit(&hub.actor, t, &e), &e);
    ending_done(&ending);
}

/* Enrol `a` in its second epoch, with the keys of the first. */
static void renew_author(const struct fixture_author *a) {
    struct payload_enrol p = {.role = ROLE_NODE};
    struct buf b;
    struct err e = {0};
    p.grant = (struct payload_grant){.actor = a->id,
                                     .epoch = 2,
                                     .sign_key = *key_pair_public(a->sign),
                                     .transport_key = *key_pair_public(a->transport),
                                     .unit = a->unit,
                                     .renewal = {{7}}};
    payload_renewal_prove(&p.grant, &hub.actor.deployment, a->sign, p.grant.proof);
    buf_init(&b);
    FIXTURE_OK(payload_enrol_encode(&p, &b, &e), &e);
    fixture_hub_state(&hub, KIND_ENROL, buf_slice(&b));
    buf_done(&b);
}

static void tick(void) {
    struct err e = {0};
    FIXTURE_OK(hub_tick(&hub.hub, hub.now, &e), &e);
}

static bool stands(const struct fixture_author *a, uint32_t epoch, uint64_t seq) {
    struct record_header h = {.actor = a->id, .epoch = epoch, .lane = a->unit, .seq = seq};
    struct txn *t = open_txn(false);
    bool yes = roster_stands(t, &h);
    actor_abort(&hub.actor, t);
    return yes;
}

static void a_silent_open_connection_is_cut_and_hears_nothing_more(void **state) {
    (void)state;
    struct hash who;
    greet(PEER, &node);
    greet(PEER + 1, &other);
    fixture_drop_all(&hub);
    revoke_author(&node, NULL);
    tick();
    fixture_step(&hub);
    assert_int_equal(refusal_to(PEER), REFUSED_REVOKED);
    assert_int_equal(hub_knows(&hub.hub, key_pair_public(node.transport), &who), 0);
    assert_int_equal(hub_knows(&hub.hub, key_pair_public(other.transport), &who), 1);
    fixture_hub_issue(&hub); /* news for all who are connected */
    tick();
    fixture_step(&hub);
    uint32_t peer;
    struct frame f;
    unsigned to_other = 0;
    while (fixture_left(&hub, &peer, &f)) {
        assert_int_not_equal(peer, PEER);
        to_other += peer == PEER + 1;
    }
    assert_true(to_other > 0);
}

static void what_was_held_before_stands_and_nothing_after_it_is_taken(void **state) {
    (void)state;
    greet(PEER, &node);
    fixture_records(&hub, PEER, &node, 1, story, 3);
    fixture_step(&hub);
    assert_true(held(&story[2]));
    revoke_author(&node, NULL);
    fixture_records(&hub, PEER, &node, 4, story + 3, 2);
    fixture_step(&hub);
    assert_false(held(&story[3]));
    assert_true(stands(&node, 1, 3));
    assert_false(stands(&node, 1, 4));
}

static void a_last_good_record_before_the_head_makes_void_what_follows_it(void **state) {
    (void)state;
    uint32_t voided = 0;
    struct err e = {0};
    greet(PEER, &node);
    fixture_records(&hub, PEER, &node, 1, story, STORY);
    fixture_step(&hub);
    revoke_author(&node, &(struct last_good){.epoch = 1, .seq = 3});
    assert_true(stands(&node, 1, 3));
    assert_false(stands(&node, 1, 4));
    struct txn *t = open_txn(false);
    FIXTURE_OK(revoke_count_void(t, &node.id, &voided, &e), &e);
    actor_abort(&hub.actor, t);
    assert_int_equal(voided, 2);
}

static void every_epoch_ends_by_revoking_and_by_replacing(void **state) {
    (void)state;
    struct fixture_author heir;
    struct buf join, payload;
    struct frame f = {.type = FRAME_JOIN};
    struct hash who;
    renew_author(&node);
    renew_author(&other);
    revoke_author(&node, NULL);
    assert_false(stands(&node, 1, 1)); /* nothing of it was held */
    assert_false(stands(&node, 2, 1));
    struct ticket ticket = fixture_ticket(&hub, &other.unit, ROLE_NODE, 7);
    fixture_author_init(&heir, 61, &other.unit);
    fixture_join_payload(&heir, ROLE_NODE, &payload);
    fixture_next_record(&hub, &heir, KIND_JOIN, buf_slice(&payload), &join);
    memcpy(f.u.join.token, ticket.token, TOKEN_BYTES);
    f.u.join.record = buf_slice(&join);
    fixture_knock(&hub, PEER, &heir, true, &f);
    fixture_step(&hub);
    assert_false(stands(&other, 1, 1));
    assert_false(stands(&other, 2, 1));
    assert_int_equal(hub_knows(&hub.hub, key_pair_public(other.transport), &who), 0);
    buf_done(&payload);
    buf_done(&join);
    fixture_author_done(&heir);
}

static void an_end_said_twice_is_the_earlier_one(void **state) {
    (void)state;
    struct last_good ends[2] = {{node.id, 1, node.unit, 2}, {node.id, 1, node.unit, 4}};
    for (int i = 0; i < 2; i++) {
        struct payload_revoke p = {node.id, 1, &ends[i], why};
        struct buf b;
        struct err e = {0};
        buf_init(&b);
        FIXTURE_OK(payload_revoke_encode(&p, &b, &e), &e);
        fixture_hub_state(&hub, KIND_REVOKE, buf_slice(&b));
        buf_done(&b);
    }
    assert_true(stands(&node, 1, 2));
    assert_false(stands(&node, 1, 3));
}

/* The hub may have been put back since, and hold less than it held when it said so. */
static void what_ended_before_ends_where_it_did(void **state) {
    (void)state;
    struct uid lane = hub.communes[uid_equal(&hub.communes[0], &node.unit) ? 1 : 0];
    struct last_good ends[] = {{node.id, 1, node.unit, 4}, {node.id, 1, lane, 7}};
    struct payload_revoke p = {node.id, 2, ends, why};
    struct ending ending;
    struct err e = {0};
    struct buf b;
    greet(PEER, &node);
    fixture_records(&hub, PEER, &node, 1, story, 2);
    fixture_step(&hub);
    buf_init(&b);
    FIXTURE_OK(payload_revoke_encode(&p, &b, &e), &e);
    fixture_hub_state(&hub, KIND_REVOKE, buf_slice(&b));
    buf_done(&b);
    struct txn *t = open_txn(false);
    FIXTURE_OK(ending_heads(t, &node.id, &ending, &e), &e);
    assert_int_equal(ending.n, 2);
    for (unsigned i = 0; i < 2; i++) {
        const struct last_good *end = &ending.list[i];
        assert_true(hash_equal(&end->actor, &node.id) && end->epoch == 1);
        assert_int_equal(end->seq, uid_equal(&end->lane, &lane) ? 7 : 4);
    }
    assert_false(uid_equal(&ending.list[0].lane, &ending.list[1].lane));
    ending_done(&ending);
    actor_abort(&hub.actor, t);
}

/* What a check of the slots has to say. */
static uint64_t findings(void) {
    const struct world w = {.tr = NULL};
    struct err e = {0};
    struct txn *t = open_txn(false);
    struct findings f = {.world = &w, .t = t};
    FIXTURE_OK(check_slots(&hub.actor, t, &f, &e), &e);
    uint64_t n = f.total;
    check_findings_done(&f);
    actor_abort(&hub.actor, t);
    return n;
}

/* Of a hub that was put back: what it receipted comes back to it after that was ended. */
static void what_was_receipted_and_ended_stands_in_no_slot(void **state) {
    (void)state;
    struct err e = {0};
    greet(PEER, &node);
    fixture_records(&hub, PEER, &node, 1, story, STORY);
    fixture_step(&hub);
    tick();
    assert_int_equal(findings(), 0);
    struct txn *t = open_txn(true);
    txn_clear(t, TABLE_SLOTS);
    FIXTURE_OK(actor_commit(&hub.actor, t, &e), &e);
    assert_int_not_equal(findings(), 0);
    revoke_author(&node, &(struct last_good){.epoch = 1, .seq = 2});
    assert_int_equal(findings(), 0);
}

static void only_whom_it_enrolled_a_hub_revokes(void **state) {
    (void)state;
    struct revoke_targets targets = {0};
    struct err e = {0};
    struct txn *t = open_txn(true);
    struct hash stranger = {{9}};
    const struct hash *const actors[] = {&node.id, &hub.actor.id, &hub.root.id, &stranger};
    for (unsigned i = 0; i < sizeof actors / sizeof *actors; i++) {
        struct last_good end_of = {*actors[i], 1, node.unit, 0};
        struct payload_revoke p = {*actors[i], 1, &end_of, why};
        struct record r = {.h = {.kind = KIND_REVOKE, .payload_version = 1, .actor = hub.actor.id}};
        struct buf b;
        buf_init(&b);
        FIXTURE_OK(payload_revoke_encode(&p, &b, &e), &e);
        r.payload = buf_slice(&b);
        struct err off = {0};
        assert_int_equal(roster_check(t, &r, &off), i == 0 ? 0 : ERR_REFUSED);
        r.h.actor = hub.root.id; /* a root key revokes the root hub, and nobody else */
        off = (struct err){0};
        assert_int_equal(roster_check(t, &r, &off), i == 1 ? 0 : ERR_REFUSED);
        buf_done(&b);
    }
    assert_int_equal(revoke_find(&hub.actor, t, &node.unit, "1001", 0, &targets, &e), 0);
    assert_int_equal(targets.n, 1);
    assert_true(hash_equal(&targets.list[0].actor, &node.id));
    revoke_targets_done(&targets);
    assert_int_equal(revoke_find(&hub.actor, t, &node.unit, "1001", BY_HUB, &targets, &e),
                     ERR_REFUSED);
    err_clear(&e);
    assert_int_equal(revoke_find(&hub.actor, t, &hub.province, "94", 0, &targets, &e), ERR_REFUSED);
    assert_non_null(strstr(e.msgid, "has the root hub, here"));
    actor_abort(&hub.actor, t);
}

static void a_last_good_record_that_is_not_here_is_refused(void **state) {
    (void)state;
    static const struct last_good none[] = {{.epoch = 1, .seq = 4}, {.epoch = 2, .seq = 1}};
    greet(PEER, &node);
    fixture_records(&hub, PEER, &node, 1, story, 3);
    fixture_step(&hub);
    struct txn *t = open_txn(false);
    struct member m = member_of(t, &node);
    for (int i = 0; i < 2; i++) {
        struct ending ending;
        struct err e = {0};
        assert_int_equal(revoke_ending(t, &m, &none[i], &ending, &e), ERR_REFUSED);
    }
    actor_abort(&hub.actor, t);
}

/* Let `by`, a hub, state as its first record that it revokes `whom`, whom it did not enrol. */
static void revoke_void(const struct fixture_author *by, const struct hash *whom) {
    static char lie[] = "bịa";
    char *lies[] = {lie};
    struct last_good end_of = {*whom, 1, {{0}}, 0};
    struct payload_revoke p = {*whom, 1, &end_of, {ACT_REASON_WORDS, 1, lies}};
    struct record_header h = fixture_header(&hub, by, KIND_REVOKE);
    struct buf payload, record;
    struct err e = {0};
    h.lane = (struct uid){{0}};
    h.seq = 1;
    buf_init(&payload);
    FIXTURE_OK(payload_revoke_encode(&p, &payload, &e), &e);
    (void)fixture_sign(by, &h, buf_slice(&payload), &record);
    greet(PEER + 1, by);
    fixture_records(&hub, PEER + 1, by, 1, &record, 1);
    fixture_step(&hub);
    assert_true(held(&record));
    buf_done(&record);
    buf_done(&payload);
}

static bool said(const struct hash *actor, char ret_words[ENDED_WHY_BYTES]) {
    instant at;
    struct txn *t = open_txn(false);
    bool so = ended_said(t, actor, &at, ret_words);
    actor_abort(&hub.actor, t);
    return so;
}

static void who_may_not_revoke_it_words_no_refusal(void **state) {
    (void)state;
    char text[ENDED_WHY_BYTES];
    for (int before = 0; before < 2; before++) {
        struct fixture_author rogue;
        const struct fixture_author *whom = before ? &node : &other;
        fixture_author_init(&rogue, (uint8_t)(71 + before), &hub.communes[2 + before]);
        fixture_enrol_author(&hub, &rogue, ROLE_HUB);
        if (before)
            revoke_void(&rogue, &whom->id);
        assert_false(said(&whom->id, text));
        revoke_author(whom, NULL);
        if (!before)
            revoke_void(&rogue, &whom->id);
        assert_true(said(&whom->id, text));
        assert_string_equal(text, words);
        fixture_author_done(&rogue);
    }
}

/* Any hub below states as many void revocations as it likes, and whom it ended knocks as often. */
static void revocations_are_read_once_for_whom_they_refuse(void **state) {
    (void)state;
    struct ended_search k = {.actor = node.id}, none = {.actor = other.id};
    struct fixture_author rogue;
    char text[ENDED_WHY_BYTES];
    instant at;
    fixture_author_init(&rogue, 73, &hub.communes[2]);
    fixture_enrol_author(&hub, &rogue, ROLE_HUB);
    struct txn *t = open_txn(false);
    assert_false(ended_search(t, &k, &at, text));
    actor_abort(&hub.actor, t);
    revoke_author(&node, NULL);
    revoke_author(&other, NULL);
    revoke_void(&rogue, &node.id);
    t = open_txn(false);
    none.seen = log_last(t); /* as if all had been read */
    assert_false(ended_search(t, &none, &at, text));
    assert_true(ended_search(t, &k, &at, text));
    assert_true(k.found && k.seen == log_last(t));
    assert_true(ended_search(t, &k, &at, text)); /* though nothing is behind what it has seen */
    assert_string_equal(text, words);
    actor_abort(&hub.actor, t);
    fixture_author_done(&rogue);
}

static void a_revocation_is_decoded_or_refused(void **state) {
    (void)state;
    static const char *const names[] = {"good",          "no actor", "no ends",
                                        "another's end", "epoch 0",  "no reason"};
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        struct last_good end_of = {node.id, i == 4 ? 0 : 3, node.unit, 17};
        struct payload_revoke p = {node.id, i != 2, &end_of, why}, back;
        struct arena a;
        struct buf b;
        struct err e = {0};
        if (i == 1)
            p.actor = (struct hash){{0}};
        if (i == 3)
            end_of.actor = other.id;
        if (i == 5)
            p.reason.code = 0;
        print_message("%s\n", names[i]);
        buf_init(&b);
        arena_init(&a, PAYLOAD_ARENA_BYTES);
        FIXTURE_OK(payload_revoke_encode(&p, &b, &e), &e);
        assert_int_equal(payload_revoke_decode(buf_slice(&b), &a, &back, &e) == 0, i == 0);
        if (i == 0) {
            assert_int_equal(back.n_ends, 1);
            assert_int_equal(back.ends[0].epoch, 3);
            assert_int_equal(back.ends[0].seq, 17);
            assert_string_equal(payload_act_words(&back.reason), words);
        }
        arena_done(&a);
        buf_done(&b);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_silent_open_connection_is_cut_and_hears_nothing_more),
        TEST(what_was_held_before_stands_and_nothing_after_it_is_taken),
        TEST(a_last_good_record_before_the_head_makes_void_what_follows_it),
        TEST(every_epoch_ends_by_revoking_and_by_replacing),
        TEST(an_end_said_twice_is_the_earlier_one),
        TEST(what_ended_before_ends_where_it_did),
        TEST(what_was_receipted_and_ended_stands_in_no_slot),
        TEST(only_whom_it_enrolled_a_hub_revokes),
        TEST(a_last_good_record_that_is_not_here_is_refused),
        TEST(who_may_not_revoke_it_words_no_refusal),
        TEST(revocations_are_read_once_for_whom_they_refuse),
        TEST(a_revocation_is_decoded_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
