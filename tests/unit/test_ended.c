#include "tests/unit/uplink_world.h"

#include "hub/revoke.h"

/* The hub says `f` to the node, on a connection of its own. */
static void say(const struct frame *f) {
    struct buf b;
    struct err e = {0};
    buf_init(&b);
    connect_again();
    FIXTURE_OK(frame_encode(f, &b, &e), &e);
    FIXTURE_OK(uplink_frame(&up, hub.now, buf_slice(&b), &e), &e);
    buf_done(&b);
}

static void refuse(uint32_t code) {
    say(&(struct frame){.type = FRAME_REFUSED, .u.refused = {.code = code}});
}

/* What the node may do, as a process that opens its directory anew finds it. */
static enum actor_state state_anew(void) {
    struct txn *t;
    struct err e = {0};
    close_node();
    open_node();
    FIXTURE_OK(actor_begin(&node, false, &t, &e), &e);
    actor_abort(&node, t);
    return actor_state(&node);
}

/* Whether the node states something; if not, its words into `text`. */
static bool states(char *text, size_t cap) {
    static const uint8_t payload[8];
    struct txn *t;
    struct hash id;
    struct err e = {0}, why = {0};
    FIXTURE_OK(actor_begin(&node, true, &t, &e), &e);
    int rc = append_own(&node, t, 999, &node.unit, slice_of(payload, sizeof payload), 1, &id, &why);
    actor_abort(&node, t);
    assert_true(rc == 0 || rc == ERR_REFUSED);
    err_text(&why, NULL, text, cap);
    return rc == 0;
}

static void what_the_hub_says_ends_a_machine_and_nothing_but_its_welcome_lifts_that(void **st) {
    (void)st;
    static const struct {
        const char *name;
        uint32_t codes[2];
        enum actor_state want;
        const char *words;
    } cases[] = {
        {"revoked", {REFUSED_REVOKED}, ACTOR_ENDED, "was revoked on"},
        {"replaced", {REFUSED_ENDED}, ACTOR_ENDED, "took the place of this one"},
        {"replaced, then revoked", {REFUSED_ENDED, REFUSED_REVOKED}, ACTOR_ENDED, "revoked on"},
        {"revoked, then unknown", {REFUSED_REVOKED, REFUSED_UNKNOWN}, ACTOR_ENDED, "revoked on"},
        {"revoked, then busy", {REFUSED_REVOKED, REFUSED_BUSY}, ACTOR_ENDED, "was revoked on"},
        {"unknown", {REFUSED_UNKNOWN}, ACTOR_LIVE, ""},
        {"the hub ended, not we", {REFUSED_HUB_ENDED}, ACTOR_LIVE, ""},
        {"busy", {REFUSED_BUSY}, ACTOR_LIVE, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[ERR_ARGS * ERR_ARG_BYTES];
        print_message("%s\n", cases[i].name);
        for (unsigned k = 0; k < 2 && cases[i].codes[k]; k++)
            refuse(cases[i].codes[k]);
        assert_int_equal(actor_state(&node), cases[i].want);
        assert_int_equal(state_anew(), cases[i].want);
        assert_int_equal(states(text, sizeof text), cases[i].want == ACTOR_LIVE);
        assert_non_null(strstr(text, cases[i].words));
        for (unsigned n = 0; n == 0 || (n == 1 && !uplink_settled(&up)); n++) {
            connect_again(); /* whom the hub did not know shows its enrolment first */
            assert_int_equal(pump(), 0);
        }
        assert_true(uplink_settled(&up)); /* it was welcomed */
        assert_int_equal(actor_state(&node), ACTOR_LIVE);
        assert_int_equal(state_anew(), ACTOR_LIVE);
        assert_true(states(text, sizeof text));
    }
}

static void a_refusal_says_since_when_and_why_and_otherwise_when_it_was_first_told(void **st) {
    (void)st;
    static char when[] = "2026-11-20T08:30:00+07:00", why[] = "mất máy", *args[] = {when, why};
    static const struct frame_refused revoked = {REFUSED_REVOKED, 2, args},
                                      replaced = {.code = REFUSED_ENDED};
    char text[ERR_ARGS * ERR_ARG_BYTES];
    say(&(struct frame){.type = FRAME_REFUSED, .u.refused = revoked});
    assert_false(states(text, sizeof text));
    assert_non_null(strstr(text, "on 20/11/2026 08:30 (mất máy):"));
    hub.now.wall += 60000;
    instant told = hub.now.wall;
    say(&(struct frame){.type = FRAME_REFUSED, .u.refused = replaced});
    hub.now.wall += 60000;
    say(&(struct frame){.type = FRAME_REFUSED, .u.refused = replaced});
    assert_int_equal(node.ended.how, ENDED_REPLACED);
    assert_int_equal(node.ended.since, told);
}

/* The record by which the hub revokes the node, held by the node too. */
static void hold_revocation(void) {
    static char words[] = "mất máy", *args[] = {words};
    static const struct act_reason why = {ACT_REASON_WORDS, 1, args};
    struct ending ending = {0};
    struct member m;
    struct txn *t, *here;
    struct hash id;
    struct record r;
    struct err e = {0};
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
    assert_true(roster_find(t, &node.id, 1, &m));
    FIXTURE_OK(revoke_ending(t, &m, NULL, &ending, &e), &e);
    FIXTURE_OK(revoke_state(&hub.actor, t, &m, &ending, &why, hub.now.wall, &id, &e), &e);
    FIXTURE_OK(log_get(t, &id, &r, &e), &e);
    FIXTURE_OK(actor_begin(&node, true, &here, &e), &e);
    FIXTURE_OK(append_record(&node, here, &r, ORIGIN_ABOVE, &e), &e);
    FIXTURE_OK(actor_commit(&node, here, &e), &e);
    FIXTURE_OK(actor_commit(&hub.actor, t, &e), &e);
    ending_done(&ending);
}

static void a_revocation_that_came_as_a_record_holds_whoever_welcomes_it(void **st) {
    (void)st;
    char text[ERR_ARGS * ERR_ARG_BYTES];
    struct txn *t;
    struct err e = {0};
    connect_again();
    assert_int_equal(pump(), 0);
    hold_revocation();
    assert_int_equal(state_anew(), ACTOR_ENDED);
    assert_int_equal(node.ended.since, hub.now.wall);
    FIXTURE_OK(actor_begin(&node, true, &t, &e), &e);
    actor_put_answer(&node, t, NULL, hub.now.wall);
    FIXTURE_OK(actor_commit(&node, t, &e), &e);
    assert_int_equal(actor_state(&node), ACTOR_ENDED);
    assert_false(states(text, sizeof text));
    assert_non_null(strstr(text, "(mất máy)"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
    static const struct CMUnitTest tests[] = {
        TEST(what_the_hub_says_ends_a_machine_and_nothing_but_its_welcome_lifts_that),
        TEST(a_refusal_says_since_when_and_why_and_otherwise_when_it_was_first_told),
        TEST(a_revocation_that_came_as_a_record_holds_whoever_welcomes_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
