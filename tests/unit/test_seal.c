#include "tests/unit/node_world.h"

static bool says(struct node_world *w, const char *want) {
    return strstr(nw_out(w), want) != NULL;
}

static void a_sheet_with_empty_cells_is_refused_and_says_which(void **state) {
    struct node_world *w = *state;
    nw_people(w);
    nw_ok(w, "record --subject DU --criterion C1.1 --score 8,5");
    nw_refused(w, "submit", "6 values are still empty");
    assert_non_null(strstr(nw_words(w), "still empty: DU: C1.2\n"));
    assert_non_null(strstr(nw_words(w), "still empty: BT: I1.1 I1.2\n"));
    assert_non_null(strstr(nw_words(w), "still empty: 007: I1.1\n"));
    nw_ok(w, "report list --json");
    assert_string_equal(nw_out(w), "[]\n");
}

static void a_complete_sheet_is_queued_and_only_a_receipt_says_more(void **state) {
    struct node_world *w = *state;
    nw_fill(w);
    nw_ok(w, "submit --dry-run");
    nw_ok(w, "report list --json");
    assert_string_equal(nw_out(w), "[]\n");
    nw_ok(w, "submit");
    assert_int_equal(strlen(nw_out(w)), 65);
    nw_ok(w, "status --json");
    assert_true(says(w, "\"unit\":\"31633\",\"hub\":\"94\","));
    assert_true(says(w, "\"revision\":1,\"state\":\"queued\",\"sealed_at\":\"2023-12-01T08:00:00"
                        "+07:00\",\"receipts\":[],\"reason\":null"));
    assert_true(says(w, "\"due\":[{\"unit\":\"31633\",\"campaign\":\"thi-dua\",\"period\":\"2023\","
                        "\"kind\":\"annual\",\"due\":\"2023-12-16T00:00:00+07:00\","
                        "\"days_left\":14}"));
    nw_ok(w, "status");
    assert_null(strstr(nw_out(w), "received by"));
    w->now += 60000;
    nw_sync(w);
    nw_ok(w, "status --json");
    assert_true(says(w, "\"state\":\"received\""));
    assert_true(says(w, "\"receipts\":[{\"unit\":\"94\",\"level\":\"province\",\"received_at\":"
                        "\"2023-12-01T08:01:00+07:00\",\"state\":\"valid\",\"clock_doubt\":false,"
                        "\"mended_at\":null}]"));
    assert_false(says(w, "\"due\":[{\"unit\":\"31633\""));
    nw_ok(w, "status");
    assert_true(says(w, "received by 94 on 01/12/2023 08:01"));
}

static void another_name_is_worth_a_revision_and_the_same_one_is_not(void **state) {
    struct node_world *w = *state;
    nw_fill(w);
    nw_ok(w, "submit");
    nw_write(w, "code,kind,class,name,unit,leader,uniformed,person\n"
                "DU,collective,đảng,Đảng ủy,31633,,,\n"
                "BT,individual,cán bộ,Nguyễn Văn Á,31633,yes,no,P1\n"
                "007,individual,công chức,Trần Thị B,31633,no,no,P2\n");
    nw_ok(w, "subject import @");
    nw_ok(w, "submit");
    assert_non_null(strstr(nw_words(w), "revision 2"));
    nw_refused(w, "submit", "nothing has changed since revision 2");
    nw_sync(w);
    nw_ok(w, "rank --subject-kind individual --json");
    assert_true(says(w, "\"name\":\"Nguyễn Văn Á\""));
    nw_people(w);
    nw_sync(w);
    nw_ok(w, "rank --subject-kind individual --json");
    assert_true(says(w, "\"name\":\"Nguyễn Văn Á\""));
    nw_ok(w, "submit");
    nw_sync(w);
    nw_ok(w, "rank --subject-kind individual --json");
    assert_true(says(w, "\"name\":\"Nguyễn Văn A\""));
}

static void what_has_not_changed_is_not_sealed_again(void **state) {
    struct node_world *w = *state;
    nw_fill(w);
    nw_ok(w, "submit");
    nw_refused(w, "submit", "nothing has changed since revision 1");
    nw_ok(w, "record --subject DU --criterion C1.1 --score 9");
    nw_ok(w, "record --subject DU --criterion C1.1 --score 10");
    nw_refused(w, "submit", "nothing has changed since revision 1");
    nw_ok(w, "record --subject DU --criterion C1.1 --score 9");
    nw_ok(w, "submit");
    assert_non_null(strstr(nw_words(w), "revision 2"));
    nw_sync(w);
    nw_ok(w, "report list --json");
    assert_true(says(w, "\"revision\":1,\"state\":\"superseded\""));
    assert_true(says(w, "\"revision\":2,\"state\":\"received\""));
}

static void what_is_not_in_the_last_report_is_said(void **state) {
    struct node_world *w = *state;
    nw_fill(w);
    nw_ok(w, "status --json");
    assert_false(says(w, "unsealed"));
    nw_ok(w, "submit");
    nw_ok(w, "status --json");
    assert_false(says(w, "unsealed"));
    nw_ok(w, "record --subject DU --criterion C1.1 --score 9");
    nw_ok(w, "status --json");
    assert_true(says(w, "\"unsealed\":[{\"unit\":\"31633\",\"campaign\":\"thi-dua\","
                        "\"period\":\"2023\",\"report\":"));
    assert_true(says(w, "\"kind\":\"annual\",\"revision\":1,\"values\":1,\"came_back\":false,"
                        "\"cells\":[{\"subject\":\"DU\",\"criterion\":\"C1.1\",\"here\":\"9.00\","
                        "\"reported\":\"10.00\"}]}]"));
    nw_ok(w, "status");
    assert_true(says(w, "31633, thi-dua 2023: of the values here, 1 differ from revision 1 "
                        "(annual), which was reported: `submit` seals them\n"));
    nw_ok(w, "score --json");
    assert_true(says(w, "\"unsealed\":{\"unit\":\"31633\""));
    nw_ok(w, "score");
    assert_non_null(strstr(nw_words(w), "1 differ from revision 1"));
    assert_non_null(strstr(nw_words(w), "DU C1.1: 9 here, 10 reported\n"));
    nw_ok(w, "submit --dry-run");
    assert_non_null(strstr(nw_words(w), "1 differ from revision 1"));
    assert_non_null(strstr(nw_words(w), "DU C1.1: 9 here, 10 reported\n"));
    nw_ok(w, "record --subject DU --criterion C1.1 --score 10");
    nw_ok(w, "status --json");
    assert_false(says(w, "unsealed"));
    nw_ok(w, "record --subject DU --criterion C1.1 --score 9");
    nw_ok(w, "submit");
    nw_ok(w, "status --json");
    assert_false(says(w, "unsealed"));
    nw_ok(w, "score --json");
    assert_false(says(w, "unsealed"));
}

/* Say of the first `n` of forty people what criterion I1.1 is. */
static void meet(struct node_world *w, unsigned n, const char *value) {
    char text[4096] = "subject,criterion,value,note\n", line[48];
    for (unsigned i = 1; i <= n; i++) {
        (void)snprintf(line, sizeof line, "P%02u,I1.1,%s,\n", i, value);
        strcat(text, line);
    }
    nw_write(w, text);
    nw_ok(w, "import @");
}

static void the_first_of_many_values_are_listed_and_the_rest_counted(void **state) {
    struct node_world *w = *state;
    char text[4096] = "code,kind,class,name,unit\n", line[64];
    for (unsigned i = 1; i <= 40; i++) {
        (void)snprintf(line, sizeof line, "P%02u,individual,x,Người %u,31633\n", i, i);
        strcat(text, line);
    }
    nw_write(w, text);
    nw_ok(w, "subject import @");
    nw_ok(w, "record --subject 31633 --criterion C1.1 --score 1");
    nw_ok(w, "record --subject 31633 --criterion C1.2 --score 1");
    meet(w, 40, "met");
    nw_ok(w, "submit");
    assert_non_null(strstr(nw_words(w), "it goes with the next `sync`"));
    meet(w, 25, "not met");
    nw_ok(w, "submit --dry-run");
    assert_non_null(strstr(nw_words(w), "P01 I1.1: not met here, met reported\n"));
    assert_non_null(strstr(nw_words(w), "P20 I1.1"));
    assert_null(strstr(nw_words(w), "P21 I1.1"));
    assert_non_null(strstr(nw_words(w), "and 5 more values"));
}

/* Who lost the mark of a leader has a value that nobody asks for: not "complete" and then refused.
 */
static void a_value_of_leaders_only_is_told_with_its_cause(void **state) {
    struct node_world *w = *state;
    nw_fill(w);
    nw_ok(w, "score");
    assert_non_null(strstr(nw_words(w), "the sheet is complete"));
    nw_write(w, "code,kind,class,name,unit,leader\n"
                "DU,collective,đảng,Đảng ủy,31633,\n"
                "BT,individual,cán bộ,Nguyễn Văn A,31633,no\n"
                "007,individual,công chức,Trần Thị B,31633,no\n");
    nw_ok(w, "subject import @");
    assert_non_null(strstr(nw_words(w), "BT: leader yes → no\n"));
    nw_ok(w, "score");
    assert_null(strstr(nw_words(w), "the sheet is complete"));
    assert_non_null(strstr(nw_words(w), "31633, thi-dua 2023: `submit` refuses the sheet: BT, "
                                        "criterion I1.2: it is asked of leaders only, and this "
                                        "subject is not marked as one"));
    nw_refused(w, "submit", "BT, criterion I1.2: it is asked of leaders only");
    nw_ok(w, "record --subject BT --criterion I1.2 --value=");
    nw_ok(w, "submit");
}

static void a_revision_after_the_due_instant_does_not_replace_the_one_before(void **state) {
    struct node_world *w = *state;
    nw_fill(w);
    assert_true(instant_parse("2023-12-18T08:00:00+07:00", &w->now));
    nw_ok(w, "status");
    assert_non_null(strstr(nw_out(w), "3 days late"));
    nw_ok(w, "submit");
    assert_true(instant_parse("2023-12-15T23:59:59.999+07:00", &w->now));
    nw_sync(w);
    nw_ok(w, "record --subject DU --criterion C1.1 --score 9");
    assert_true(instant_parse("2023-12-16T00:00:00+07:00", &w->now));
    nw_ok(w, "submit");
    nw_sync(w);
    nw_ok(w, "report list --json");
    assert_true(says(w, "\"revision\":1,\"state\":\"received\""));
    assert_true(says(w, "\"revision\":2,\"state\":\"received\""));
}

static void a_note_that_was_emptied_is_not_sealed(void **state) {
    struct node_world *w = *state;
    char line[128];
    nw_fill(w);
    nw_ok(w, "record --subject DU --criterion C1.1 --na --note mới_lập");
    nw_ok(w, "record --subject DU --criterion C1.1 --value=");
    nw_ok(w, "record --subject DU --criterion C1.1 --score 7");
    nw_ok(w, "submit");
    (void)snprintf(line, sizeof line, "report show %.8s --json", nw_out(w));
    nw_ok(w, line);
    assert_true(says(w, "{\"subject\":\"DU\",\"criterion\":\"C1.1\",\"value\":\"7.00\",\"note\":"
                        "null}"));
}

static void a_nil_report_needs_no_values(void **state) {
    struct node_world *w = *state;
    nw_ok(w, "submit --nil --unit AP1");
    nw_sync(w);
    nw_ok(w, "report list --json");
    assert_true(says(w, "\"unit\":\"AP1\""));
    assert_true(says(w, "\"state\":\"received\""));
    assert_true(says(w, "\"nil\":true"));
}

static void a_kind_that_nobody_asks_for_is_refused(void **state) {
    struct node_world *w = *state;
    nw_fill(w);
    nw_refused(w, "submit --kind final", "asks for no report of kind final");
    assert_int_equal(nw_run(w, "submit --kind often"), 2);
    nw_ok(w, "submit --kind annual");
}

static void a_report_shows_its_values_and_notes(void **state) {
    struct node_world *w = *state;
    char line[128];
    nw_fill(w);
    nw_ok(w, "submit");
    (void)snprintf(line, sizeof line, "report show %.8s --json", nw_out(w));
    nw_ok(w, line);
    assert_true(says(w, "{\"subject\":\"31633\",\"criterion\":\"C1.1\",\"value\":\"8.50\",\"note\":"
                        "null}"));
    assert_true(says(w,
                     "{\"subject\":\"007\",\"criterion\":\"I1.1\",\"value\":\"not met\",\"note\":"
                     "\"chưa xong\"}"));
    nw_refused(w, "report show 00000000", "no record held here");
}

/* The unit gets another code after the report was sealed: the record says which list it means. */
static void a_report_without_an_imported_list_names_the_unit_itself(void **state) {
    struct node_world *w = *state;
    nw_ok(w, "record --subject 31633 --criterion C1.1 --score 1");
    nw_ok(w, "record --subject 31633 --criterion C1.2 --score 0");
    nw_ok(w, "submit");
    nw_sync(w);
    nw_unit(w, "31633M", "Xã An Thạnh Ba", "commune", &w->root, &w->office);
    nw_sync(w);
    nw_ok(w, "status --json");
    assert_true(says(w, "\"unit\":\"31633M\",\"hub\":\"94\""));
    nw_ok(w, "submit");
    nw_sync(w);
    nw_ok(w, "report list --json");
    assert_true(says(w, "\"revision\":2,\"state\":\"received\""));
}

/* Seal a first revision in time and a second one, with another value, after the due instant. */
static void seal_two(struct node_world *w) {
    nw_fill(w);
    nw_ok(w, "submit");
    nw_sync(w);
    assert_true(instant_parse("2023-12-16T08:00:00+07:00", &w->now));
    nw_ok(w, "record --subject DU --criterion C1.1 --score 9");
    nw_ok(w, "submit");
    nw_sync(w);
}

static void a_new_machine_does_not_say_again_what_counts_of_the_one_before(void **state) {
    struct node_world *w = *state;
    seal_two(w);
    nw_replace(w);
    nw_refused(w, "submit", "nothing has changed since revision 1");
}

static void a_new_machine_may_say_what_the_one_before_said_in_vain(void **state) {
    struct node_world *w = *state;
    seal_two(w);
    nw_replace(w);
    nw_ok(w, "record --subject DU --criterion C1.1 --score 9");
    nw_ok(w, "submit");
    assert_non_null(strstr(nw_words(w), "revision 3 of unit 31633"));
    assert_non_null(strstr(nw_words(w), "it follows revision 1, which was sealed on the machine "
                                        "before this one"));
    nw_refused(w, "submit", "nothing has changed since revision 3");
}

static void where_nothing_counts_a_new_machine_says_anew_what_was_taken_back(void **state) {
    struct node_world *w = *state;
    char line[128];
    nw_fill(w);
    nw_ok(w, "submit");
    nw_sync(w);
    nw_ok(w, "report list --json");
    (void)snprintf(line, sizeof line, "withdraw %.8s --reason nhầm", strstr(nw_out(w), ":\"") + 2);
    nw_ok(w, line);
    nw_sync(w);
    nw_replace(w);
    nw_refused(w, "submit", "7 values are still empty");
    nw_fill(w);
    nw_ok(w, "submit");
    assert_non_null(strstr(nw_words(w), "revision 2 of unit 31633"));
    assert_null(strstr(nw_words(w), "it follows revision"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, nw_setup, nw_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_sheet_with_empty_cells_is_refused_and_says_which),
        TEST(a_complete_sheet_is_queued_and_only_a_receipt_says_more),
        TEST(another_name_is_worth_a_revision_and_the_same_one_is_not),
        TEST(what_has_not_changed_is_not_sealed_again),
        TEST(what_is_not_in_the_last_report_is_said),
        TEST(the_first_of_many_values_are_listed_and_the_rest_counted),
        TEST(a_value_of_leaders_only_is_told_with_its_cause),
        TEST(a_revision_after_the_due_instant_does_not_replace_the_one_before),
        TEST(a_note_that_was_emptied_is_not_sealed),
        TEST(a_nil_report_needs_no_values),
        TEST(a_kind_that_nobody_asks_for_is_refused),
        TEST(a_report_shows_its_values_and_notes),
        TEST(a_report_without_an_imported_list_names_the_unit_itself),
        TEST(a_new_machine_does_not_say_again_what_counts_of_the_one_before),
        TEST(a_new_machine_may_say_what_the_one_before_said_in_vain),
        TEST(where_nothing_counts_a_new_machine_says_anew_what_was_taken_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
