#include "tests/unit/node_world.h"

#include "node/show_report.h"
#include "proto/payload_act.h"

/* What an office sees of acts: its own withdrawals, and what its hub states of dates and plans. */

static char words[] = "vì bão", *args[] = {words}, id[] = "thi-dua", period[] = "2023", none[] = "";

/* Let the hub state `payload` (emptied) in `lane`. */
static void state_in(struct node_world *w, uint16_t kind, const struct uid *lane, struct buf *b) {
    struct txn *t;
    struct hash record;
    assert_int_equal(actor_begin(&w->hub, true, &t, &w->e), 0);
    assert_int_equal(append_own(&w->hub, t, kind, lane, buf_slice(b), w->now, &record, &w->e), 0);
    assert_int_equal(actor_commit(&w->hub, t, &w->e), 0);
    buf_done(b);
}

static void extend(struct node_world *w, const char *until) {
    struct payload_extension p = {.issuer = w->root,
                                  .campaign = id,
                                  .period = period,
                                  .kind = REPORT_ANNUAL,
                                  .scope = ACT_SCOPE_UNIT,
                                  .group = none,
                                  .reason = {ACT_REASON_WORDS, 1, args}};
    struct buf b;
    buf_init(&b);
    assert_true(instant_parse(until, &p.until));
    assert_int_equal(payload_extension_encode(&p, &b, &w->e), 0);
    state_in(w, KIND_EXTENSION, &w->office, &b);
    nw_sync(w);
}

static void submit(struct node_world *w, char report[HASH_TEXT]) {
    nw_ok(w, "submit");
    (void)snprintf(report, HASH_TEXT, "%s", nw_out(w));
    report[HASH_TEXT - 1] = '\0';
}

static void a_report_is_withdrawn_once_a_hub_has_received_that(void **state) {
    struct node_world *w = *state;
    char report[HASH_TEXT], line[256];
    nw_fill(w);
    submit(w, report);
    nw_sync(w);
    (void)snprintf(line, sizeof line, "withdraw %.8s --reason nhầm_lẫn --dry-run", report);
    nw_ok(w, line);
    assert_non_null(strstr(nw_words(w), "would be withdrawn"));
    (void)snprintf(line, sizeof line, "withdraw %.8s --reason nhầm_lẫn", report);
    nw_ok(w, line);
    nw_ok(w, "status --json");
    assert_non_null(strstr(nw_out(w), "\"state\":\"received\""));
    assert_non_null(strstr(nw_out(w), "\"reason\":\"its withdrawal waits here for the hub\""));
    nw_refused(w, line, "was withdrawn before");
    nw_sync(w);
    nw_ok(w, "status --json");
    assert_non_null(strstr(nw_out(w), "\"state\":\"withdrawn\""));
    assert_non_null(strstr(nw_out(w), "\"reason\":\"nhầm lẫn\""));
    assert_non_null(strstr(nw_out(w), "\"due\":[{\"unit\":\"31633\""));
    nw_ok(w, "status");
    assert_non_null(strstr(nw_out(w), "withdrawn"));
    nw_ok(w, "submit"); /* the same sheet is worth a new revision now */
    assert_non_null(strstr(nw_words(w), "revision 2"));
    nw_ok(w, "check");
}

static void a_withdrawal_of_a_superseded_revision_says_which_one_counts(void **state) {
    struct node_world *w = *state;
    char first[HASH_TEXT], second[HASH_TEXT], line[256];
    nw_fill(w);
    submit(w, first);
    nw_ok(w, "record --subject 31633 --criterion C1.1 --score 1");
    submit(w, second);
    nw_sync(w);
    (void)snprintf(line, sizeof line, "withdraw %.8s --reason nhầm", first);
    nw_ok(w, line);
    assert_non_null(strstr(nw_words(w), "Revision 2 came after it and goes on counting"));
    assert_null(strstr(nw_words(w), "No earlier revision"));
    (void)snprintf(line, sizeof line, "withdraw %.8s --reason nhầm", second);
    nw_ok(w, line);
    assert_non_null(strstr(nw_words(w), "No earlier revision takes its place"));
}

static void a_withdrawal_that_leaves_a_late_revision_says_so(void **state) {
    struct node_world *w = *state;
    char first[HASH_TEXT], second[HASH_TEXT], line[256];
    nw_fill(w);
    submit(w, first);
    nw_sync(w);
    nw_ok(w, "record --subject 31633 --criterion C1.1 --score 1");
    assert_true(instant_parse("2023-12-20T08:00:00+07:00", &w->now));
    submit(w, second);
    nw_sync(w);
    (void)snprintf(line, sizeof line, "withdraw %.8s --reason nhầm", first);
    nw_ok(w, line);
    assert_non_null(strstr(nw_words(w), "Revision 2 came after it and goes on counting"));
    assert_non_null(strstr(nw_words(w), "revision 2 was received after the due date"));
}

static void a_withdrawal_past_the_due_date_says_what_is_lost(void **state) {
    struct node_world *w = *state;
    char first[HASH_TEXT], second[HASH_TEXT], line[256];
    nw_fill(w);
    submit(w, first);
    nw_sync(w);
    (void)snprintf(line, sizeof line, "withdraw %.8s --reason nhầm --dry-run", first);
    nw_ok(w, line);
    assert_null(strstr(nw_words(w), "due date"));
    assert_true(instant_parse("2023-12-20T08:00:00+07:00", &w->now));
    nw_ok(w, line);
    assert_non_null(strstr(nw_words(w),
                           "the due date has passed: it was due until 15/12/2023. Revision 1, "
                           "which was received in time, counts no more once it is withdrawn, and "
                           "what is received from now on comes late"));
    nw_ok(w, "record --subject 31633 --criterion C1.1 --score 1");
    submit(w, second);
    nw_ok(w, line); /* the one that is queued comes late as well */
    assert_non_null(strstr(nw_words(w), "Revision 1, which was received in time"));
    (void)snprintf(line, sizeof line, "withdraw %.8s --reason nhầm", second);
    nw_ok(w, line);
    assert_non_null(strstr(nw_words(w), "15/12/2023, so what is received from now on comes late"));
    extend(w, "2023-12-22T00:00:00+07:00");
    (void)snprintf(line, sizeof line, "withdraw %.8s --reason nhầm", first);
    nw_ok(w, line);
    assert_null(strstr(nw_words(w), "due date has passed"));
}

static void only_a_report_of_this_office_can_be_withdrawn(void **state) {
    struct node_world *w = *state;
    nw_refused(w, "withdraw 00000000 --reason x", "00000000");
    nw_refused(w, "withdraw 00000000", "--reason");
    nw_refused(w, "withdraw --reason x", "withdraw");
}

static void an_extended_report_is_due_later(void **state) {
    struct node_world *w = *state;
    nw_ok(w, "status --json");
    assert_non_null(strstr(nw_out(w), "\"due\":\"2023-12-16T00:00:00+07:00\",\"days_left\":14}"));
    extend(w, "2023-12-20T12:00:00+07:00");
    extend(w, "2023-12-18T00:00:00+07:00");
    nw_ok(w, "status --json");
    assert_non_null(strstr(nw_out(w), "\"due\":\"2023-12-20T12:00:00+07:00\",\"days_left\":19,"
                                      "\"extended\":true,\"why\":\"vì bão\"}"));
    nw_ok(w, "status");
    assert_non_null(strstr(nw_out(w), "has until 20/12/2023 12:00: vì bão"));
}

static void an_exempt_office_is_asked_for_nothing(void **state) {
    struct node_world *w = *state;
    struct payload_campaign_assign p = {.campaign = id,
                                        .unit = w->office,
                                        .exempt = true,
                                        .from = DAY_NONE,
                                        .until = DAY_NONE,
                                        .reason = {ACT_REASON_WORDS, 1, args}};
    struct buf b;
    buf_init(&b);
    assert_int_equal(payload_campaign_assign_encode(&p, &b, &w->e), 0);
    state_in(w, KIND_CAMPAIGN_ASSIGN, NULL, &b);
    nw_sync(w);
    nw_ok(w, "status --json");
    assert_null(strstr(nw_out(w), "\"due\":[{\"unit\":\"31633\""));
}

static void a_late_report_is_told_when_it_is_sealed_and_when_it_was_received(void **state) {
    struct node_world *w = *state;
    char report[HASH_TEXT];
    nw_fill(w);
    nw_ok(w, "submit --dry-run");
    assert_null(strstr(nw_words(w), "due date"));
    assert_true(instant_parse("2023-12-18T08:00:00+07:00", &w->now));
    nw_ok(w, "submit --dry-run");
    assert_non_null(strstr(nw_words(w), "the due date has passed: it was due until 15/12/2023, so "
                                        "it comes late unless the hub above extends that"));
    submit(w, report);
    nw_ok(w, "status");
    assert_null(strstr(nw_out(w), "days late: it was"));
    nw_sync(w);
    nw_ok(w, "status");
    assert_non_null(strstr(nw_out(w), "; 3 days late: it was due until 15/12/2023"));
    nw_ok(w, "status --json");
    assert_non_null(strstr(nw_out(w), "\"late\":true,\"due\":\"2023-12-16T00:00:00+07:00\""));
    (void)snprintf(w->text, sizeof w->text, "report show %s", report);
    nw_ok(w, w->text);
    assert_non_null(strstr(nw_out(w), "3 days late"));
    extend(w, "2023-12-20T12:00:00+07:00");
    nw_ok(w, "status");
    assert_null(strstr(nw_out(w), "late: it was"));
    nw_ok(w, "record --subject 31633 --criterion C1.1 --score 1");
    nw_ok(w, "submit --dry-run");
    assert_null(strstr(nw_words(w), "due date"));
}

static void each_hub_that_rejected_a_report_says_why(void **state) {
    struct node_world *w = *state;
    struct receipt_view receipts[] = {
        {.unit = "94", .state = RECEIPT_REJECTED, .mended_at = INSTANT_NONE, .reason = "withdrawn"},
        {.unit = "948", .state = RECEIPT_VALID, .mended_at = INSTANT_NONE},
    };
    struct report_view v = {.state = STATE_RECEIVED, .n_receipts = 2, .receipts = receipts};
    struct buf out;
    buf_init(&out);
    show_report_state(&v, &w->world, &out);
    assert_non_null(strstr(buf_cstr(&out), ": withdrawn; received by 948"));
    buf_clear(&out);
    v.state = STATE_REJECTED; /* and it is not said twice */
    v.reason = "withdrawn";
    v.n_receipts = 1;
    show_report_state(&v, &w->world, &out);
    assert_non_null(strstr(buf_cstr(&out), ": withdrawn"));
    assert_null(strstr(buf_cstr(&out), ": withdrawn: withdrawn"));
    buf_done(&out);
}

static void a_rejection_stands_with_its_reason_at_the_receipt(void **state) {
    struct node_world *w = *state;
    struct payload_campaign_withdraw p = {id, w->now, {ACT_REASON_WORDS, 1, args}};
    char report[HASH_TEXT];
    struct buf b;
    nw_fill(w);
    submit(w, report);
    buf_init(&b);
    assert_int_equal(payload_campaign_withdraw_encode(&p, &b, &w->e), 0);
    w->now += 1000;
    state_in(w, KIND_CAMPAIGN_WITHDRAW, NULL, &b);
    nw_sync(w);
    nw_ok(w, "status --json");
    assert_non_null(strstr(nw_out(w), "\"state\":\"rejected\",\"clock_doubt\":false,"
                                      "\"mended_at\":null,\"reason\":\"campaign thi-dua had"));
}

static void a_withdrawn_campaign_takes_no_more_reports(void **state) {
    struct node_world *w = *state;
    struct payload_campaign_withdraw p = {id, w->now, {ACT_REASON_WORDS, 1, args}};
    struct buf b;
    nw_fill(w);
    nw_ok(w, "submit --dry-run --campaign thi-dua");
    buf_init(&b);
    assert_int_equal(payload_campaign_withdraw_encode(&p, &b, &w->e), 0);
    state_in(w, KIND_CAMPAIGN_WITHDRAW, NULL, &b);
    nw_sync(w);
    nw_refused(w, "submit --campaign thi-dua", "was withdrawn on");
    nw_ok(w, "status --json");
    assert_non_null(strstr(nw_out(w), "\"due\":[]"));
    nw_ok(w, "campaign show thi-dua");
    assert_non_null(strstr(nw_out(w), "why it was withdrawn: vì bão"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, nw_setup, nw_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_report_is_withdrawn_once_a_hub_has_received_that),
        TEST(a_withdrawal_of_a_superseded_revision_says_which_one_counts),
        TEST(a_withdrawal_that_leaves_a_late_revision_says_so),
        TEST(a_withdrawal_past_the_due_date_says_what_is_lost),
        TEST(only_a_report_of_this_office_can_be_withdrawn),
        TEST(an_extended_report_is_due_later),
        TEST(a_late_report_is_told_when_it_is_sealed_and_when_it_was_received),
        TEST(each_hub_that_rejected_a_report_says_why),
        TEST(a_rejection_stands_with_its_reason_at_the_receipt),
        TEST(an_exempt_office_is_asked_for_nothing),
        TEST(a_withdrawn_campaign_takes_no_more_reports),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
