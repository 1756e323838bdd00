#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hub/doubt.h"
#include "hub/session.h"
#include "store/meta.h"
#include "tests/unit/hub_world.h"

/*
 * Clocks that were wrong: what a mend makes of a board.
 * Everything is due at the end of 15/12/2023.
 */

/* ---- mends ---- */

static const char units[] = "code,parent,level,kind,name,group\n"
                            "P1,94,commune,,Xã Một,a\nP2,94,commune,,Xã Hai,a\n"
                            "P3,94,commune,,Xã Ba,b\n";

static const char campaign[] =
    "campaign:\n  id: thu\n  title: {vi: Thử}\n  issuer: Tỉnh\n"
    "  periods:\n    - {id: \"2023\", begin: 01/01/2023, end: 31/12/2023}\n"
    "  reports:\n    - kind: annual\n      default: yes\n"
    "      due: {date: 15/12/2023, inclusive: yes}\n"
    "      expected: [{levels: [commune]}]\n"
    "  criteria:\n    - {id: C1, about: collective, label: {vi: Một}}\n";

static int begin(void **state) {
    struct hub_world *w = calloc(1, sizeof *w);
    hub_world_init(w, 7, units);
    hub_world_issue(w, campaign);
    *state = w;
    return 0;
}

static int end(void **state) {
    hub_world_done(*state);
    free(*state);
    return 0;
}

static struct hash seal(struct hub_world *w, struct hub_office *o, bool doubting, const char *at) {
    struct hub_report r = {.campaign = "thu", .period = "2023", .text = "+"};
    w->doubting = doubting;
    return hub_world_seal(w, o, &r, hub_world_at(at));
}

#define MEND(...)                                                                                  \
    (char *[]) {                                                                                   \
        "clock", "mend", "94", "--reason", "pin", __VA_ARGS__, NULL                                \
    }
#define BY_KEY "--key", "root.key"

static bool too_soon; /* mends are stated by the clock as it is in the test's world */

static int mend(struct hub_world *w, char *const *argv) {
    struct err e = {0};
    char text[1024];
    const instant now = w->now;
    if (!too_soon)
        w->now = hub_world_at("2043-01-01"); /* long after all that is mended */
    int rc = hub_world_run_argv(w, &e, argv);
    w->now = now;
    if (rc != 0)
        (void)snprintf(w->words, sizeof w->words, "%s", err_text(&e, NULL, text, sizeof text));
    return rc;
}

static void board(struct hub_world *w) {
    hub_world_do(w, "board", "--json", "--campaign", "thu", "--period", "2023", "--at",
                 "2036-12-31");
}

/* The row of `unit` on the board: its state, instant and doubt. */
static void row_is(struct hub_world *w, const char *name, const char *unit, const char *state,
                   const char *at, bool doubt) {
    char head[64], want[128];
    board(w);
    (void)snprintf(head, sizeof head, "{\"unit\":\"%s\"", unit);
    char *row = strstr(w->out, head), *stop = row ? strstr(row, "}") : NULL;
    if (!stop)
        fail_msg("%s: no row of %s in %s", name, unit, w->out);
    *stop = '\0';
    (void)snprintf(want, sizeof want, "\"state\":\"%s\",\"review\":\"none\",\"received_at\":\"%s\"",
                   state, at);
    if (!strstr(row, want) ||
        !strstr(row, doubt ? "\"clock_doubt\":true" : "\"clock_doubt\":false"))
        fail_msg("%s: %s%s, should be %s and %s", name, row, "", want, doubt ? "doubted" : "sure");
}

#define MENDS_MAX 3
#define AT(x) "2023-12-" x "+07:00"

/* One report of P1, received as `shown`; then the mends, in order. */
static const struct {
    const char *name, *shown;
    bool doubted;
    const char *want, *at;
    bool still; /* in doubt */
    char *mends[MENDS_MAX][8];
} mended[] = {
    {"nobody mends it", AT("16T00:00:00"), true, "late", AT("16T00:00:00"), true, {{0}}},
    {"a millisecond makes it timely",
     AT("16T00:00:00"),
     true,
     "on_time",
     AT("15T23:59:00"),
     false,
     {{BY_KEY, "--from", AT("16T00:00:00"), "--until", "2023-12-17", "--shift", "-1m"}}},
    {"the span begins after it",
     AT("16T00:00:00"),
     true,
     "late",
     AT("16T00:00:00"),
     true,
     {{BY_KEY, "--from", AT("16T00:00:00.001"), "--until", "2023-12-17", "--shift", "-1m"}}},
    {"the span ends at it",
     AT("16T00:00:00"),
     true,
     "late",
     AT("16T00:00:00"),
     true,
     {{BY_KEY, "--from", AT("10T00:00:00"), "--until", AT("16T00:00:00"), "--shift", "-1m"}}},
    {"the span ends right after it",
     AT("16T00:00:00"),
     true,
     "on_time",
     AT("15T23:00:00"),
     false,
     {{BY_KEY, "--from", AT("10T00:00:00"), "--until", AT("16T00:00:00.001"), "--shift", "-1h"}}},
    {"ten years ahead",
     "2033-12-10T08:00:00+07:00",
     true,
     "on_time",
     AT("10T08:00:00"),
     false,
     {{BY_KEY, "--from", "2033-01-01", "--until", "2034-01-01", "--shift", "-3653d"}}},
    {"ten years behind",
     "2013-12-20T08:00:00+07:00",
     true,
     "late",
     AT("20T08:00:00"),
     false,
     {{BY_KEY, "--from", "2013-01-01", "--until", "2014-01-01", "--shift", "+3652d"}}},
    {"the clock was right after all",
     AT("16T00:00:00"),
     true,
     "late",
     AT("16T00:00:00"),
     false,
     {{BY_KEY, "--from", AT("10T00:00:00"), "--until", AT("17T00:00:00"), "--shift", "0s"}}},
    {"the later of two that overlap",
     AT("16T00:00:00"),
     true,
     "late",
     AT("17T00:00:00"),
     false,
     {{BY_KEY, "--from", AT("10T00:00:00"), "--until", AT("17T00:00:00"), "--shift", "-1d"},
      {BY_KEY, "--from", AT("15T00:00:00"), "--until", AT("18T00:00:00"), "--shift", "+1d"}}},
    {"a later one beside it changes nothing",
     AT("16T00:00:00"),
     true,
     "on_time",
     AT("15T00:00:00"),
     false,
     {{BY_KEY, "--from", AT("10T00:00:00"), "--until", AT("17T00:00:00"), "--shift", "-1d"},
      {BY_KEY, "--from", AT("16T00:00:01"), "--until", AT("18T00:00:00"), "--shift", "+1d"}}},
    {"the recovery key over the root key, though earlier",
     AT("16T00:00:00"),
     true,
     "on_time",
     AT("15T00:00:00"),
     false,
     {{"--key", "recovery.key", "--from", AT("10T00:00:00"), "--until", AT("17T00:00:00"),
       "--shift", "-1d"},
      {BY_KEY, "--from", AT("10T00:00:00"), "--until", AT("17T00:00:00"), "--shift", "+1d"}}},
    {"a sure one stays",
     AT("16T00:00:00"),
     false,
     "late",
     AT("16T00:00:00"),
     false,
     {{BY_KEY, "--from", AT("10T00:00:00"), "--until", AT("17T00:00:00"), "--shift", "-1d"}}},
};

static void an_instant_counts_as_the_mend_that_holds_says(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof mended / sizeof *mended; i++) {
        void *world;
        begin(&world);
        struct hub_world *w = world;
        (void)seal(w, hub_world_enrol(w, "P1"), mended[i].doubted, mended[i].shown);
        hub_world_deliver(w);
        for (size_t k = 0; k < MENDS_MAX && mended[i].mends[k][0]; k++) {
            char *argv[16] = {"clock", "mend", "94", "--reason", "pin"};
            memcpy(argv + 5, mended[i].mends[k], sizeof mended[i].mends[k]);
            (void)mend(w, argv);
        }
        row_is(w, mended[i].name, "P1", mended[i].want, mended[i].at, mended[i].still);
        hub_world_do(w, "check");
        end(&world);
    }
}

static void with_all_what_was_not_doubted_is_mended_and_nothing_that_comes_later(void **s) {
    struct hub_world *w = *s;
    (void)seal(w, hub_world_enrol(w, "P1"), false, "2033-12-10T08:00:00+07:00");
    hub_world_deliver(w);
    char *year[] = {"--from", "2033-01-01", "--until", "2034-01-01", "--shift", "-3653d"};
#define YEAR year[0], year[1], year[2], year[3], year[4], year[5]
    assert_int_equal(mend(w, MEND(BY_KEY, YEAR)), ERR_REFUSED);
    assert_non_null(strstr(w->words, "--all"));
    assert_int_equal(mend(w, MEND(BY_KEY, YEAR, "--all")), 0);
    row_is(w, "mended", "P1", "on_time", AT("10T08:00:00"), false);
    (void)seal(w, hub_world_enrol(w, "P2"), false, "2033-12-10T08:00:00+07:00");
    hub_world_deliver(w); /* ten years have gone by */
    row_is(w, "in its own year", "P2", "late", "2033-12-10T08:00:00+07:00", false);
}

static void a_dry_run_tells_which_receipts_and_verdicts_and_changes_none(void **s) {
    struct hub_world *w = *s;
    struct hash id = seal(w, hub_world_enrol(w, "P1"), true, AT("16T08:00:00"));
    char text[HASH_TEXT], line[512];
    hub_world_deliver(w);
    hash_text(&id, text);
    assert_int_equal(
        mend(w, MEND(BY_KEY, "--from", "2023-12-16", "--until", "2023-12-17", "--showed",
                     "2023-12-16", "--was", AT("15T22:00:00"), "--dry-run", "--json")),
        0);
    (void)snprintf(
        line, sizeof line,
        "[{\"record\":\"%s\",\"unit\":\"P1\",\"campaign\":\"thu\",\"period\":"
        "\"2023\",\"revision\":1,\"received_at\":\"" AT("16T08:00:00") "\",\"counted_as\":\"" AT(
            "16T08:00:00") "\",\"counts_as\":\"" AT("16T06:00:00") "\"}]\n",
        text);
    assert_string_equal(w->out, line);
    assert_non_null(strstr(w->words, "1 receipts would count at another instant, and 0 verdicts"));
    assert_int_equal(mend(w, MEND(BY_KEY, "--from", "2023-12-16", "--until", "2023-12-17",
                                  "--shift", "-9h", "--dry-run")),
                     0);
    assert_non_null(strstr(w->words, "unit P1, thu 2023: on time, was late"));
    row_is(w, "nothing", "P1", "late", AT("16T08:00:00"), true);
    hub_world_do(w, "clock", "list", "--json");
    assert_non_null(strstr(w->out, "{\"unit\":\"94\",\"hub\":\""));
    assert_non_null(strstr(w->out, "\"from\":\"" AT("16T08:00:00") "\",\"until\":\"" AT(
                                       "16T08:00:00.001") "\",\"receipts\":1,\"mended\":0}]"));
    assert_int_equal(
        mend(w, MEND(BY_KEY, "--from", "2023-12-16", "--until", "2023-12-17", "--shift", "-9h")),
        0);
    hub_world_do(w, "clock", "list", "--json");
    assert_non_null(strstr(w->out, "\"receipts\":1,\"mended\":1}]"));
    hub_world_do(w, "report", "show", "--json", text);
    assert_non_null(strstr(
        w->out, "\"received_at\":\"" AT("16T08:00:00") "\",\"state\":\"valid\","
                                                       "\"clock_doubt\":true,\"mended_at\":\"" AT(
                                                           "15T23:00:00") "\"}"));
}

static void a_mend_that_makes_no_sense_is_refused(void **s) {
    struct hub_world *w = *s;
    (void)seal(w, hub_world_enrol(w, "P1"), true, AT("16T08:00:00"));
    hub_world_deliver(w);
    static const struct {
        char *argv[12];
        int want;
        const char *says;
    } cases[] = {
        {{"--from", "2023-12-16", "--until", "2023-12-17", "--shift", "-9h"},
         ERR_REFUSED,
         "--key root.key"},
        {{BY_KEY, "--from", "2023-12-16", "--until", "2023-12-15", "--shift", "-9h"},
         ERR_USAGE,
         "after --from"},
        {{BY_KEY, "--from", "mai", "--until", "2023-12-16", "--shift", "-9h"}, ERR_USAGE, "--from"},
        {{BY_KEY, "--from", "2023-12-16", "--until", "2023-12-17", "--shift", "9h"},
         ERR_USAGE,
         "with its sign"},
        {{BY_KEY, "--from", "2023-12-16", "--until", "2023-12-17", "--shift", "9"},
         ERR_USAGE,
         "--shift"},
        {{BY_KEY, "--from", "2023-12-16", "--until", "2023-12-17", "--shift", "-36526d"},
         ERR_USAGE,
         "--shift"},
        {{BY_KEY, "--from", "2023-12-16", "--until", "2023-12-17", "--shift",
          "+99999999999999999999s"},
         ERR_USAGE,
         "--shift"},
        {{BY_KEY, "--from", "2023-12-16", "--until", "2023-12-17", "--showed", "2023-12-16"},
         ERR_USAGE,
         "--was"},
        {{BY_KEY, "--from", "2023-12-17", "--until", "2023-12-18", "--shift", "-9h"},
         ERR_REFUSED,
         "no receipt"},
        {{"--key", "hub/actor.key", "--from", "2023-12-16", "--until", "2023-12-17", "--shift",
          "-9h"},
         ERR_REFUSED,
         "not the root or recovery key"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *argv[20] = {"clock", "mend", "94", "--reason", "pin"};
        memcpy(argv + 5, cases[i].argv, sizeof cases[i].argv);
        int rc = mend(w, argv);
        if (rc != cases[i].want || !strstr(w->words, cases[i].says))
            fail_msg("%s: %d, %s", cases[i].says, rc, w->words);
    }
    assert_int_equal(
        mend(w, (char *[]){"clock", "mend", "P1", "--reason", "pin", "--from", "2023-12-16",
                           "--until", "2023-12-17", "--shift", "0s", NULL}),
        ERR_REFUSED);
    assert_non_null(strstr(w->words, "unit P1 has no hub here"));
}

static void
nothing_is_mended_into_the_time_to_come_and_what_is_touched_is_shown_for_people(void **s) {
    struct hub_world *w = *s;
    (void)seal(w, hub_world_enrol(w, "P1"), true, "2023-12-16T08:00:00+07:00");
    hub_world_deliver(w);
    char *day[] = {"--from", "2023-12-16", "--until", "2023-12-17", "--shift", "+10d"};
    too_soon = true;
    w->now = hub_world_at("2023-12-20");
    assert_int_equal(mend(w, MEND(BY_KEY, day[0], day[1], day[2], day[3], day[4], day[5])),
                     ERR_REFUSED);
    assert_non_null(strstr(w->words, "a receipt of 16/12/2023 08:00 would count as 26/12/2023 "
                                     "08:00, which is still to come"));
    too_soon = false;
    char less[] = "-1d";
    assert_int_equal(mend(w, MEND(BY_KEY, day[0], day[1], day[2], day[3], day[4], less)), 0);
    assert_non_null(strstr(w->out, "16/12/2023 08:00 15/12/2023 08:00"));
}

/* A hub below, whose receipts of a node of its own are brought here with a mend by it. */
static void state_mend(struct hub_world *w, struct hub_office *o, const struct hash *deployment,
                       const struct hash *hub) {
    char words[] = "tự sửa", *args[] = {words};
    struct payload_clock_mend p = {.actor = *hub,
                                   .from = hub_world_at("2023-12-01"),
                                   .until = hub_world_at("2023-12-31"),
                                   .shift_ms = -20 * (int64_t)MS_PER_DAY,
                                   .reason = {ACT_REASON_WORDS, 1, args}};
    struct buf b;
    struct uid lane = o->unit;
    buf_init(&b);
    assert_int_equal(payload_clock_mend_encode(&p, &b, NULL), 0);
    o->unit = (struct uid){{0}};
    (void)hub_world_state(w, o, deployment, KIND_CLOCK_MEND, buf_slice(&b),
                          hub_world_at("2023-12-20"));
    o->unit = lane;
    buf_done(&b);
}

static void nobody_mends_its_own_clock_or_that_of_whoever_is_above(void **s) {
    struct hub_world *w = *s;
    struct actor a;
    struct txn *t;
    (void)seal(w, hub_world_enrol(w, "P1"), true, AT("16T08:00:00"));
    struct hub_office *district = hub_world_enrol_as(w, "P2", ROLE_HUB);
    hub_world_open(&a, false, &t);
    struct hash root = a.id, deployment = a.deployment;
    actor_abort(&a, t);
    actor_close(&a);
    state_mend(w, district, &deployment, &root);
    state_mend(w, district, &deployment, &district->actor);
    hub_world_deliver(w);
    row_is(w, "as it was", "P1", "late", AT("16T08:00:00"), true);
}

/* ---- the last receipt ---- */

static void after_a_mend_the_last_receipt_is_where_the_clock_meant_it(void **s) {
    struct hub_world *w = *s;
    struct actor a;
    struct txn *t;
    struct doubt_reference r = {0};
    (void)seal(w, hub_world_enrol(w, "P1"), false, "2033-12-10T08:00:00+07:00");
    hub_world_deliver(w);
    hub_world_open(&a, true, &t);
    meta_put_u64(t, "receipt.last", (uint64_t)hub_world_at("2033-12-10T08:00:00+07:00"));
    assert_int_equal(doubt_last(&r, &a, t, NULL), 0);
    assert_true(r.last == hub_world_at("2033-12-10T08:00:00+07:00"));
    assert_int_equal(actor_commit(&a, t, NULL), 0);
    actor_close(&a);
    assert_int_equal(mend(w, MEND(BY_KEY, "--from", "2033-01-01", "--until", "2034-01-01",
                                  "--shift", "-3653d", "--all")),
                     0);
    hub_world_open(&a, false, &t);
    assert_int_equal(doubt_last(&r, &a, t, NULL), 0);
    assert_true(r.last == hub_world_at(AT("10T08:00:00")));
    mends_kept_done(&r.mends);
    actor_abort(&a, t);
    actor_close(&a);
}

#define TEST(x) cmocka_unit_test_setup_teardown(x, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_instant_counts_as_the_mend_that_holds_says),
        TEST(with_all_what_was_not_doubted_is_mended_and_nothing_that_comes_later),
        TEST(a_dry_run_tells_which_receipts_and_verdicts_and_changes_none),
        TEST(a_mend_that_makes_no_sense_is_refused),
        TEST(nobody_mends_its_own_clock_or_that_of_whoever_is_above),
        TEST(after_a_mend_the_last_receipt_is_where_the_clock_meant_it),
        TEST(nothing_is_mended_into_the_time_to_come_and_what_is_touched_is_shown_for_people),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
