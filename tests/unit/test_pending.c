#include "tests/unit/admit_world.h"

#include "hub/revoke.h"
#include "node/pending.h"
#include "proto/kinds.h"

/*
 * Since when what waits counts. A record is named by its branch and its place behind the last one
 * held: "a2" names "a1", "b2" another record in the first place. With "+" before it, it comes by
 * another carrier; with "!", it is signed by somebody else.
 */

static const struct hash second = {{0xcc}};

static struct hash say(const struct fixture_author *a, const struct fixture_author *by,
                       const char *name, struct buf *ret) {
    struct log_head head = log_head_of(t, &a->id, 1, &a->unit);
    struct record_header h = fixture_header(&hub, a, 999);
    h.claimed = hub.now.wall;
    h.seq = head.seq;
    h.prev = head.id;
    buf_init(ret);
    for (char place = '1'; place <= name[1]; place++) {
        char text[] = {name[0], place, '\0'};
        buf_done(ret);
        h.seq++;
        h.prev = fixture_sign(place == name[1] ? by : a, &h, slice_str(text), ret);
    }
    return h.prev;
}

/* Whether the clock is in doubt. */
static bool doubting;

static struct buf said[16];
static uint32_t n_said;

/* Offer those that `names` names, by `a`, at `at`. */
static void come(const struct fixture_author *a, const char *names, instant at) {
    for (const char *name = names; *name; name += name[2] ? 3 : 2) {
        bool far = *name == '+', forged = *name == '!';
        name += far || forged;
        struct admit by = admit_by(far ? &second : &node.id);
        enum admission got;
        struct err e = {0};
        assert_true(n_said < 16);
        struct buf *b = &said[n_said++];
        by.sink.held = note_came;
        by.clock_doubt = doubting;
        say(a, forged ? &hub.root : a, name, b);
        FIXTURE_OK(admit_bytes(&by, buf_slice(b), hub.now.wall + at, &got, NULL, &e), &e);
    }
}

static void assert_came(const char *name, const instant *want) {
    uint32_t n = 0;
    for (; want[n] != 0; n++)
        if (n < n_came && came[n] - hub.now.wall != want[n])
            fail_msg("%s: the record held as %u. came at %lld, not %lld", name, n + 1,
                     (long long)(came[n] - hub.now.wall), (long long)want[n]);
    if (n != n_came)
        fail_msg("%s: %u held, not %u", name, n_came, n);
}

static void again(void) {
    for (uint32_t i = 0; i < n_said; i++)
        buf_done(&said[i]);
    n_said = n_came = 0;
    doubting = false;
    actor_abort(&hub.actor, t);
    open_txn();
}

static void of_what_waits_for_its_place_one_run_behind_one_gap_counts_since_it_came(void **state) {
    (void)state;
    static const struct {
        const char *name, *waiting, *key;
        instant want[6];
    } cases[] = {
        {"one", "a2", "a1", {500, 100}},
        {"one run", "a2 a3 a4", "a1", {500, 100, 100, 100}},
        {"… laid down backwards", "a4 a3 a2", "a1", {500, 100, 100, 100}},
        {"… by two carriers", "a2 +a3 a4", "a1", {500, 100, 100, 100}},
        {"… of whom both bring one", "a2 +a2 +a3", "a1", {500, 100, 100}},
        {"another in its place", "a2 b2", "a1", {500, 500}},
        {"… and the other is chosen", "a2 b2", "b1", {500, 500}},
        {"… and a third", "a2 b2 c2", "c1", {500, 500}},
        {"another further on", "a2 b3", "a1", {500, 500}},
        {"… behind it", "a3 b2", "b1", {500, 500}},
        {"another run", "a2 a3 b4 b5", "a1", {500, 500, 500}},
        {"a second gap in one run", "a2 a4", "a1", {500, 500}},
        {"another by another carrier", "a2 +b2", "a1", {500, 500}},
        {"… further on", "a2 +b3", "a1", {500, 500}},
        {"what comes while they wait", "a2 b2 a3", "a1", {500, 500, 500}},
        {"what only names its author", "a2 !b3 !c2", "a1", {500, 100}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        come(&node, cases[i].waiting, 100);
        come(&node, cases[i].key, 500);
        assert_came(cases[i].name, cases[i].want);
        again();
    }
}

/* Enrol `other`, as the hub's clock says at `claimed`, and wake what waited at `now`. */
static void enrol_other(instant claimed, instant now) {
    struct buf enrol;
    struct hash id;
    struct err e = {0};
    struct admit a = admit_by(&node.id);
    a.sink.held = note_came;
    a.clock_doubt = doubting;
    fixture_enrol_payload(&hub, &other, ROLE_NODE, &enrol);
    FIXTURE_OK(append_own(&hub.actor, t, KIND_ENROL, NULL, buf_slice(&enrol),
                          hub.now.wall + claimed, &id, &e),
               &e);
    FIXTURE_OK(admit_wake_held(&a, &id, hub.now.wall + now, &e), &e);
    buf_done(&enrol);
}

static void what_waits_for_its_author_counts_at_the_earliest_since_that_was_enrolled(void **state) {
    (void)state;
    static const struct {
        const char *name, *waiting;
        instant enrolled;
        const char *key; /* comes at 600 */
        instant want[6];
    } cases[] = {
        {"enrolled before, and heard of late", "a1 a2", 50, "", {100, 100}},
        {"enrolled while it waited", "a1 a2", 300, "", {300, 300}},
        {"enrolled by a clock that was ahead", "a1 a2", 900, "", {500, 500}},
        {"in any order", "a3 a1 a5 a2 a4", 50, "", {100, 100, 100, 100, 100}},
        {"by two carriers", "a3 +a1 a2", 50, "", {100, 100, 100}},
        {"a run behind a gap", "a3 a5 a4 a2", 50, "a1", {600, 100, 100, 100, 100}},
        {"another in its place", "a2 b2", 50, "a1", {600, 600}},
        {"another further on", "b3 a2", 50, "a1", {600, 600}},
        {"a second gap", "a2 a4", 50, "a1", {600, 600}},
        {"what only names it", "a2 !b2 !b3 !c5", 50, "a1", {600, 100}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        come(&other, cases[i].waiting, 100);
        assert_int_equal(n_came, 0);
        enrol_other(cases[i].enrolled, 500);
        come(&other, cases[i].key, 600);
        assert_came(cases[i].name, cases[i].want);
        again();
    }
}

/* End the machine of commune `i`. */
static void end_node(uint32_t i) {
    struct member m;
    struct hash id;
    struct ending ends = {0};
    static char words[] = "hỏng";
    char *args[] = {words};
    struct act_reason why = {ACT_REASON_WORDS, 1, args};
    struct err e = {0};
    assert_true(roster_of_unit(t, &hub.communes[i], BY_NODE, &m));
    FIXTURE_OK(revoke_ending(t, &m, NULL, &ends, &e), &e);
    FIXTURE_OK(revoke_state(&hub.actor, t, &m, &ends, &why, hub.now.wall, &id, &e), &e);
    ending_done(&ends);
}

static instant earliest(void) {
    return pending_earliest(t, hub.now.wall + 900) - hub.now.wall;
}

static void a_hub_is_not_done_with_the_instants_that_what_waits_keeps(void **state) {
    (void)state;
    assert_int_equal(earliest(), 900);
    come(&node, "a2", 100);
    come(&node, "a3", 50);
    assert_int_equal(earliest(), 50);
    come(&node, "b2", 70);
    assert_int_equal(earliest(), 900);
    come(&other, "a2", 200);
    come(&other, "a3", 300);
    assert_int_equal(earliest(), 200);
    enrol_other(40, 500);
    assert_int_equal(earliest(), 200);
    come(&other, "a1", 600);
    assert_int_equal(earliest(), 900);
    come(&node, "a1", 600);
    assert_int_equal(earliest(), 900);
    again();
}

static void what_an_ended_machine_brought_or_stated_holds_up_nothing(void **state) {
    (void)state;
    come(&node, "a2", 100);
    assert_int_equal(earliest(), 100);
    end_node(0); /* its author */
    assert_int_equal(earliest(), 900);
    again();
    come(&other, "a1", 100); /* brought by `node` */
    assert_int_equal(earliest(), 100);
    end_node(0);
    assert_int_equal(earliest(), 900);
    enrol_other(50, 500);
    assert_came("brought by a machine that was ended", (const instant[]){500, 0});
    again();
}

/* What comes first, what comes while it waits, and what they wait for: each in doubt, or not. */
static void a_doubt_goes_with_the_instant_that_counts_and_with_no_other(void **state) {
    (void)state;
    static const struct {
        const char *name, *first, *then;
        bool doubts[3];
        bool want[4];
    } cases[] = {
        {"its own", "a2", "", {true, false, false}, {false, true}},
        {"that of what it waited for", "a2", "", {false, false, true}, {true, false}},
        {"each its own", "a2", "a3", {true, false, false}, {false, true, false}},
        {"… in any order", "a3", "a2", {true, false, false}, {false, false, true}},
        {"none that is left", "a2", "b2", {true, true, false}, {false, false}},
        {"… all are as what they waited for", "a2", "b2", {false, false, true}, {true, true}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *names[] = {cases[i].first, cases[i].then, "a1"};
        uint32_t n = cases[i].then[0] == 'a' ? 3 : 2;
        for (uint32_t k = 0; k < 3; k++) {
            doubting = cases[i].doubts[k];
            come(&node, names[k], 100 * (k + 1));
        }
        assert_int_equal(n_came, n);
        for (uint32_t k = 0; k < n; k++)
            if (came_in_doubt[k] != cases[i].want[k])
                fail_msg("%s: the record held as %u.", cases[i].name, k + 1);
        again();
    }
}

static void a_doubt_waits_for_the_author_too(void **state) {
    (void)state;
    static const struct {
        const char *name;
        bool came, woken;
        instant enrolled;
        bool ended, want;
    } cases[] = {
        {"came in doubt", true, false, 50, false, true},
        {"… before its author was enrolled", true, false, 300, false, true},
        {"… and that by a clock that was ahead", true, false, 900, false, false},
        {"… by a machine that was ended since", true, false, 50, true, false},
        {"woken in doubt", false, true, 50, false, false},
        {"… enrolled while it waited", false, true, 300, false, false},
        {"… and that by a clock that was ahead", false, true, 900, false, true},
        {"… by a machine that was ended since", false, true, 50, true, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        doubting = cases[i].came;
        come(&other, "a1", 100); /* brought by `node` */
        if (cases[i].ended)
            end_node(0);
        doubting = cases[i].woken;
        enrol_other(cases[i].enrolled, 500);
        assert_int_equal(n_came, 1);
        if (came_in_doubt[0] != cases[i].want)
            fail_msg("%s: %d", cases[i].name, came_in_doubt[0]);
        again();
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(of_what_waits_for_its_place_one_run_behind_one_gap_counts_since_it_came),
        TEST(what_waits_for_its_author_counts_at_the_earliest_since_that_was_enrolled),
        TEST(a_hub_is_not_done_with_the_instants_that_what_waits_keeps),
        TEST(what_an_ended_machine_brought_or_stated_holds_up_nothing),
        TEST(a_doubt_goes_with_the_instant_that_counts_and_with_no_other),
        TEST(a_doubt_waits_for_the_author_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
