#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "node/views.h"
#include "tests/unit/hub_world.h"

/*
 * What signed acts make of a board: extensions, withdrawals, assignments, the end of a campaign.
 * Everything is due at the end of 15/12/2023.
 */

static const char units[] = "code,parent,level,kind,name,group\n"
                            "P1,94,commune,,Xã Một,a\nP2,94,commune,,Xã Hai,a\n"
                            "P3,94,commune,,Xã Ba,b\nSNV,94,department,,Sở Nội vụ,\n";

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

static struct hash seal(struct hub_world *w, struct hub_office *o, uint32_t revision,
                        const char *at) {
    struct hub_report r = {.campaign = "thu",
                           .period = "2023",
                           .text = revision % 2 ? "+" : "-",
                           .revision = revision};
    return hub_world_seal(w, o, &r, hub_world_at(at));
}

/* Check that the board at `at` has `want` in it. */
static void board_says(struct hub_world *w, const char *at, const char *want) {
    hub_world_do(w, "board", "--json", "--campaign", "thu", "--period", "2023", "--at",
                 (char *)(uintptr_t)at);
    if (!strstr(w->out, want))
        fail_msg("at %s: no %s in\n%s", at, want, w->out);
}

static void refused(struct hub_world *w, char *const *argv, const char *want) {
    struct err e = {0};
    char text[2048];
    int rc = hub_world_run_argv(w, &e, argv);
    (void)err_text(&e, NULL, text, sizeof text);
    if (rc == 0 || !strstr(text, want))
        fail_msg("%s: %d, %s", argv[0], rc, text);
}

/* What the hub said of `record`. */
static struct receipt_row receipt(const struct hash *record) {
    struct actor a;
    struct txn *t;
    struct receipt_row row;
    hub_world_open(&a, false, &t);
    assert_true(views_receipt(t, record, &a.id, &row));
    actor_abort(&a, t);
    actor_close(&a);
    return row;
}

#define P1_IS(state) "{\"unit\":\"P1\",\"name\":\"Xã Một\",\"state\":\"" state "\""

static void a_withdrawn_report_leaves_its_slot_empty_and_the_one_before_does_not_revive(void **s) {
    struct hub_world *w = *s;
    struct hub_office *o = hub_world_enrol(w, "P1");
    struct hash first = seal(w, o, 1, "2023-12-10T08:00:00+07:00");
    struct hash second = seal(w, o, 2, "2023-12-11T08:00:00+07:00");
    struct hash act = hub_world_withdraw(w, o, &second, hub_world_at("2023-12-12"));
    hub_world_deliver(w);
    assert_int_equal(receipt(&act).state, RECEIPT_VALID);
    board_says(w, "2023-12-14", P1_IS("not_due"));
    board_says(w, "2023-12-20", P1_IS("missing"));
    board_says(w, "2023-12-20", "\"expected\":3,\"actual\":0");
    char id[HASH_TEXT];
    hash_text(&first, id);
    hub_world_do(w, "report", "show", "--json", id);
    assert_non_null(strstr(w->out, "\"state\":\"superseded\""));
    hash_text(&second, id);
    hub_world_do(w, "report", "show", "--json", id);
    assert_non_null(strstr(w->out, "\"state\":\"withdrawn\""));
    assert_non_null(strstr(w->out, "\"reason\":\"nhầm\""));
    seal(w, o, 3, "2023-12-15T08:00:00+07:00");
    hub_world_deliver(w);
    board_says(w, "2023-12-20", P1_IS("on_time"));
    hub_world_do(w, "check");
}

static void
a_withdrawal_of_what_is_not_its_own_is_rejected_and_of_what_is_not_here_waits(void **s) {
    struct hub_world *w = *s;
    struct hub_office *o = hub_world_enrol(w, "P1"), *other = hub_world_enrol(w, "P2");
    struct hash theirs = seal(w, other, 1, "2023-12-10T08:00:00+07:00");
    struct hash foreign = hub_world_withdraw(w, o, &theirs, hub_world_at("2023-12-11"));
    struct hash unknown = {{9}};
    struct hash early = hub_world_withdraw(w, o, &unknown, hub_world_at("2023-12-12"));
    struct hash list = hub_world_withdraw(w, o, &foreign, hub_world_at("2023-12-13"));
    hub_world_deliver(w);
    assert_int_equal(receipt(&foreign).state, RECEIPT_REJECTED);
    assert_int_equal(receipt(&foreign).code, REJECT_NO_REPORT);
    assert_int_equal(receipt(&early).state, RECEIPT_HELD);
    assert_int_equal(receipt(&list).code, REJECT_NO_REPORT);
    board_says(w, "2023-12-20", "{\"unit\":\"P2\",\"name\":\"Xã Hai\",\"state\":\"on_time\"");
}

static void an_extension_moves_the_window_and_not_the_due_date(void **s) {
    struct hub_world *w = *s;
    struct hub_office *o = hub_world_enrol(w, "P1");
    hub_world_do(w, "extend", "--campaign", "thu", "--period", "2023", "--unit", "P1", "--until",
                 "2023-12-21T12:00:00+07:00", "--reason", "bão");
    board_says(w, "2023-12-18", P1_IS("not_due"));
    board_says(
        w, "2023-12-18",
        "\"extended_to\":\"2023-12-21T12:00:00+07:00\",\"clock_doubt\":false,\"why\":\"bão\"}");
    board_says(w, "2023-12-18", "\"due\":\"2023-12-16T00:00:00+07:00\"");
    board_says(w, "2023-12-18", "\"unit\":\"P2\",\"name\":\"Xã Hai\",\"state\":\"missing\"");
    board_says(w, "2023-12-21T12:00:00+07:00", P1_IS("missing"));
    seal(w, o, 1, "2023-12-21T11:59:59.999+07:00");
    hub_world_deliver(w);
    board_says(w, "2023-12-31", P1_IS("excused"));
    board_says(w, "2023-12-31", "\"actual\":1,\"actual_on_time\":1");
}

static void a_date_alone_is_a_last_day_and_counts_whole(void **s) {
    struct hub_world *w = *s;
    hub_world_do(w, "extend", "--campaign", "thu", "--period", "2023", "--unit", "P1", "--until",
                 "20/12/2023", "--reason", "bão");
    board_says(w, "2023-12-20T23:59:59.999+07:00", P1_IS("not_due"));
    board_says(w, "2023-12-21T00:00:00+07:00", P1_IS("missing"));
    board_says(w, "2023-12-31", "\"extended_to\":\"2023-12-21T00:00:00+07:00\"");
}

static void an_extension_after_the_due_date_excuses_what_came_late(void **s) {
    struct hub_world *w = *s;
    seal(w, hub_world_enrol(w, "P1"), 1, "2023-12-18T08:00:00+07:00");
    seal(w, hub_world_enrol(w, "P3"), 1, "2023-12-18T08:00:00+07:00");
    hub_world_deliver(w);
    board_says(w, "2023-12-31", P1_IS("late"));
    w->now = hub_world_at("2023-12-25T08:00:00+07:00");
    hub_world_do(w, "extend", "--campaign", "thu", "--period", "2023", "--group", "a", "--until",
                 "2023-12-21", "--reason", "bão");
    assert_int_equal(strncmp(w->out, "P1 ", 3), 0);
    assert_non_null(strstr(w->out, "\nP2 "));
    assert_null(strstr(w->out, "P3"));
    board_says(w, "2023-12-31", P1_IS("excused"));
    board_says(w, "2023-12-31", "\"unit\":\"P3\",\"name\":\"Xã Ba\",\"state\":\"late\"");
}

static void an_extension_that_makes_no_sense_is_refused(void **s) {
    struct hub_world *w = *s;
#define EXTEND(...) (char *[]){"extend", "--campaign", "thu", "--reason", "bão", __VA_ARGS__, NULL}
    refused(w, EXTEND("--unit", "P9", "--until", "2023-12-21"), "there is no unit P9");
    refused(w, EXTEND("--group", "z", "--until", "2023-12-21"), "nobody in z");
    refused(w, EXTEND("--unit", "P1", "--until", "2023-12-15"), "changes nothing");
    refused(w, EXTEND("--unit", "P1", "--until", "mai"), "is neither a last day nor an instant");
    refused(w, EXTEND("--until", "2023-12-21"), "exactly one of");
    refused(w, EXTEND("--unit", "P1", "--group", "a", "--until", "2023-12-21"), "exactly one of");
    refused(w, EXTEND("--unit", "P1", "--until", "2023-12-21", "--period", "2022"), "2022");
    refused(w,
            (char *[]){"extend", "--campaign", "thu", "--unit", "P1", "--until", "2023-12-21",
                       "--reason", " ", NULL},
            "--reason is empty");
    hub_world_do(w, "extend", "--campaign", "thu", "--reason", "bão", "--under", "94", "--until",
                 "2023-12-21", "--dry-run");
    assert_string_equal(w->out, "P1\nP2\nP3\n");
    board_says(w, "2023-12-18", P1_IS("missing"));
}

/* A district hub speaks in the lane of its own unit, and has no say in a campaign from above. */
static void a_hub_below_the_issuer_extends_nothing(void **s) {
    struct hub_world *w = *s;
    struct hub_office *district = hub_world_enrol_as(w, "P1", ROLE_HUB);
    char id[] = "thu", period[] = "2023", none[] = "", words[] = "bão", *args[] = {words};
    struct payload_extension p = {.campaign = id,
                                  .period = period,
                                  .kind = REPORT_ANNUAL,
                                  .until = hub_world_at("2023-12-31"),
                                  .scope = ACT_SCOPE_UNIT,
                                  .group = none,
                                  .reason = {ACT_REASON_WORDS, 1, args}};
    struct actor a;
    struct txn *t;
    struct buf b;
    buf_init(&b);
    hub_world_open(&a, false, &t);
    p.issuer = a.unit;
    assert_int_equal(payload_extension_encode(&p, &b, NULL), 0);
    (void)hub_world_state(w, district, &a.deployment, KIND_EXTENSION, buf_slice(&b),
                          hub_world_at("2023-12-10"));
    actor_abort(&a, t);
    actor_close(&a);
    buf_done(&b);
    hub_world_deliver(w);
    board_says(w, "2023-12-18", P1_IS("unknown"));
}

static void an_assigned_unit_is_asked_and_an_exempt_one_is_shown_and_not_counted(void **s) {
    struct hub_world *w = *s;
    board_says(w, "2023-12-20", "\"expected\":3,");
    hub_world_do(w, "campaign", "assign", "thu", "--unit", "SNV", "--reason", "thêm");
    board_says(w, "2023-12-20", "\"expected\":4,");
    board_says(w, "2023-12-20", "\"unit\":\"SNV\",\"name\":\"Sở Nội vụ\",\"state\":\"missing\"");
    hub_world_do(w, "campaign", "assign", "thu", "--unit", "P1", "--exempt", "--reason",
                 "sáp nhập");
    board_says(w, "2023-12-20", P1_IS("exempt"));
    board_says(w, "2023-12-20", "\"why\":\"sáp nhập\"}");
    board_says(w, "2023-12-20", "\"expected\":3,");
    hub_world_do(w, "campaign", "assign", "thu", "--unit", "P1", "--exempt", "--until",
                 "2023-12-15", "--reason", "chỉ đầu năm");
    board_says(w, "2023-12-20", P1_IS("exempt"));
    hub_world_do(w, "campaign", "assign", "thu", "--unit", "P1", "--reason", "vẫn báo cáo");
    board_says(w, "2023-12-20", P1_IS("missing"));
    hub_world_do(w, "campaign", "assign", "thu", "--unit", "P1", "--exempt", "--from", "2023-12-16",
                 "--reason", "từ sau hạn");
    board_says(w, "2023-12-20", P1_IS("missing"));
    refused(w, (char *[]){"campaign", "assign", "khac", "--unit", "P1", "--reason", "x", NULL},
            "khac");
}

static void a_withdrawn_campaign_asks_nobody_and_takes_nothing_more(void **s) {
    struct hub_world *w = *s;
    struct hub_office *o = hub_world_enrol(w, "P1"), *other = hub_world_enrol(w, "P2");
    struct hash before = seal(w, o, 1, "2023-12-10T08:00:00+07:00");
    struct hash after = seal(w, other, 1, "2023-12-12T08:00:00+07:00");
    w->now = hub_world_at("2023-12-12T08:00:00+07:00");
    hub_world_do(w, "campaign", "withdraw", "thu", "--reason", "thay kế hoạch");
    hub_world_deliver(w);
    assert_int_equal(receipt(&before).state, RECEIPT_VALID);
    assert_int_equal(receipt(&after).state, RECEIPT_REJECTED);
    assert_int_equal(receipt(&after).code, REJECT_WITHDRAWN);
    board_says(w, "2023-12-20", "\"due\":null,\"expected\":0");
    hub_world_do(w, "campaign", "show", "--json", "thu");
    assert_non_null(strstr(w->out, "\"withdrawn\":{\"from\":\"2023-12-12T08:00:00+07:00\","
                                   "\"reason\":\"thay kế hoạch\"}"));
    hub_world_do(w, "campaign", "list");
    assert_non_null(strstr(w->out, "withdrawn"));
    hub_world_do(w, "check");
    refused(w, (char *[]){"campaign", "withdraw", "thu", "--reason", "x", NULL},
            "was withdrawn on");
    refused(w, (char *[]){"campaign", "issue", "campaign.yaml", NULL}, "another id");
    refused(w, EXTEND("--unit", "P1", "--until", "2023-12-21"), "was withdrawn");
}

/* What was due before the end stays as it was. */
static void the_past_of_a_withdrawn_campaign_stands(void **s) {
    struct hub_world *w = *s;
    seal(w, hub_world_enrol(w, "P1"), 1, "2023-12-10T08:00:00+07:00");
    hub_world_deliver(w);
    w->now = hub_world_at("2023-12-16T08:00:00+07:00");
    hub_world_do(w, "campaign", "withdraw", "thu", "--reason", "xong");
    board_says(w, "2023-12-20", P1_IS("on_time"));
    board_says(w, "2023-12-20", "\"expected\":3,");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_withdrawn_report_leaves_its_slot_empty_and_the_one_before_does_not_revive),
        TEST(a_withdrawal_of_what_is_not_its_own_is_rejected_and_of_what_is_not_here_waits),
        TEST(an_extension_moves_the_window_and_not_the_due_date),
        TEST(a_date_alone_is_a_last_day_and_counts_whole),
        TEST(an_extension_after_the_due_date_excuses_what_came_late),
        TEST(an_extension_that_makes_no_sense_is_refused),
        TEST(a_hub_below_the_issuer_extends_nothing),
        TEST(an_assigned_unit_is_asked_and_an_exempt_one_is_shown_and_not_counted),
        TEST(a_withdrawn_campaign_asks_nobody_and_takes_nothing_more),
        TEST(the_past_of_a_withdrawn_campaign_stands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
