#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/hub_world.h"

static const char province[] = "code,parent,level,kind,name,group\n"
                               "P1,94,commune,state,Phường 1,xa-phuong\n"
                               "P5,94,commune,state,Phường 5,xa-phuong\n"
                               "SNV,94,department,state,Sở Nội vụ,so-nganh\n"
                               "SYT,94,department,state,Sở Y tế,so-nganh\n"
                               "AP3,P5,hamlet,hamlet,Ấp 3,\n";

static const char campaign[] = "campaign:\n"
                               "  id: thu\n"
                               "  title: {vi: Phong trào thử}\n"
                               "  issuer: Tỉnh\n"
                               "  periods:\n"
                               "    - {id: \"2023\", begin: 01/01/2023, end: 31/12/2023}\n"
                               "  reports:\n"
                               "    - kind: annual\n"
                               "      due: {date: 15/12/2023, inclusive: yes}\n"
                               "      expected: [{levels: [commune, department]}]\n"
                               "  criteria:\n"
                               "    - {id: C1, about: collective, label: {vi: Một}}\n"
                               "    - {id: C2, about: collective, label: {vi: Hai}}\n";

static const struct hub_report whole = {.campaign = "thu", .text = "+ -"};
static const struct hub_report better = {.campaign = "thu", .text = "+ +", .revision = 2};
static const struct hub_report nothing = {.campaign = "thu"};

static void begin(struct hub_world *w, uint64_t seed) {
    hub_world_init(w, seed, province);
    hub_world_issue(w, campaign);
}

/* The row of `unit` in the board of `at`. */
static const char *row(struct hub_world *w, const char *at, const char *unit) {
    static char found[1024];
    char key[64];
    struct err e = {0};
    assert_int_equal(
        hub_world_run(w, &e, "board", "--json", "--campaign", "thu", "--at", (char *)(uintptr_t)at),
        0);
    (void)snprintf(key, sizeof key, "{\"unit\":\"%s\"", unit);
    const char *begin_at = strstr(w->out, key);
    if (!begin_at)
        fail_msg("no row of %s in %s", unit, w->out);
    (void)snprintf(found, sizeof found, "%.*s", (int)strcspn(begin_at, "}"), begin_at);
    return found;
}

#define assert_has(text, part)                                                                     \
    do {                                                                                           \
        const char *has_text = (text);                                                             \
        if (!strstr(has_text, part))                                                               \
            fail_msg("no %s in %s", part, has_text);                                               \
    } while (0)

static void the_last_moment_is_on_time_and_the_next_is_late(void **state) {
    (void)state;
    struct hub_world w;
    begin(&w, 11);
    struct hub_office *p1 = hub_world_enrol(&w, "P1"), *p5 = hub_world_enrol(&w, "P5");
    hub_world_seal(&w, p1, &whole, hub_world_at("2023-12-15T23:59:59.999+07:00"));
    hub_world_seal(&w, p5, &whole, hub_world_at("2023-12-16T00:00:00.000+07:00"));
    hub_world_deliver(&w);
    assert_has(row(&w, "2023-12-20", "P1"), "\"state\":\"on_time\",\"review\":\"none\","
                                            "\"received_at\":\"2023-12-15T23:59:59.999+07:00\","
                                            "\"by\":\"94\"");
    assert_has(row(&w, "2023-12-20", "P5"), "\"state\":\"late\"");
    assert_has(row(&w, "2023-12-20", "SNV"), "\"state\":\"missing\"");
    assert_has(row(&w, "2023-12-15T23:59:59.999+07:00", "SNV"), "\"state\":\"not_due\"");
    assert_has(row(&w, "2023-12-15T23:59:59.999+07:00", "P5"), "\"state\":\"not_due\"");
    assert_has(w.out, "\"expected\":4,\"actual\":1,\"actual_on_time\":1,\"rate\":\"25.00\"");
    hub_world_done(&w);
}

static void where_nothing_is_due_the_first_to_come_is_named(void **state) {
    (void)state;
    struct hub_world w;
    begin(&w, 10);
    hub_world_do(&w, "board", "--campaign", "thu", "--at", "2023-12-15");
    assert_has(w.out, "Reported 0 of 4");
    static const char later[] =
        "campaign:\n  id: sau\n  title: {vi: Sau}\n  issuer: Tỉnh\n"
        "  periods:\n"
        "    - {id: \"2023\", begin: 01/01/2023, end: 31/12/2023}\n"
        "  reports:\n    - kind: annual\n"
        "      due: {date: 20/12/2023, inclusive: yes}\n"
        "  criteria:\n    - {id: C1, about: collective, label: {vi: Một}}\n";
    hub_world_issue(&w, later);
    hub_world_do(&w, "board", "--at", "2023-12-14");
    assert_has(w.words, "nothing is due yet");
    assert_has(w.words, "next: campaign thu, period 2023, ");
    assert_has(w.words, "by the end of 15/12/2023: 0 of 4 reported");
    hub_world_do(&w, "board", "--at", "2023-12-14", "--state", "missing");
    assert_has(w.words, "0 of 4 reported");
    hub_world_done(&w);
}

static void who_is_expected_is_a_rule(void **state) {
    (void)state;
    struct hub_world w;
    begin(&w, 12);
    hub_world_do(&w, "board", "--json", "--campaign", "thu", "--at", "2023-12-20");
    assert_null(strstr(w.out, "AP3"));
    assert_null(strstr(w.out, "\"unit\":\"94\""));
    assert_has(w.out, "\"due\":\"2023-12-16T00:00:00+07:00\"");
    hub_world_do(&w, "board", "--json", "--campaign", "94/thu", "--under", "P5");
    assert_has(w.out, "\"rows\":[{\"unit\":\"P5\"");
    assert_has(w.out, "\"expected\":1");
    hub_world_done(&w);
}

static void a_later_revision_counts_inside_the_window_and_is_shown_after_it(void **state) {
    (void)state;
    struct hub_world w;
    begin(&w, 13);
    struct hub_office *p1 = hub_world_enrol(&w, "P1");
    hub_world_seal(&w, p1, &whole, hub_world_at("2023-12-01T08:00:00+07:00"));
    hub_world_seal(&w, p1, &better, hub_world_at("2023-12-10T08:00:00+07:00"));
    struct hub_report third = better;
    third.revision = 3;
    hub_world_seal(&w, p1, &third, hub_world_at("2023-12-18T08:00:00+07:00"));
    hub_world_deliver(&w);
    assert_has(row(&w, "2023-12-05", "P1"), "\"revision\":1");
    assert_has(row(&w, "2023-12-12", "P1"), "\"revision\":2");
    assert_has(row(&w, "2023-12-20", "P1"), "\"revision\":2,\"nil\":false");
    assert_has(row(&w, "2023-12-20", "P1"), "\"shown\":{\"report\":");
    hub_world_done(&w);
}

static void a_nil_report_is_a_report(void **state) {
    (void)state;
    struct hub_world w;
    begin(&w, 14);
    hub_world_seal(&w, hub_world_enrol(&w, "SYT"), &nothing,
                   hub_world_at("2023-12-01T08:00:00+07:00"));
    hub_world_deliver(&w);
    assert_has(row(&w, "2023-12-20", "SYT"), "\"state\":\"on_time\"");
    assert_has(row(&w, "2023-12-20", "SYT"), "\"nil\":true");
    hub_world_done(&w);
}

static void an_incomplete_report_is_none(void **state) {
    (void)state;
    struct hub_world w;
    struct hub_report half = {.campaign = "thu", .text = "+ ."};
    begin(&w, 15);
    hub_world_seal(&w, hub_world_enrol(&w, "SYT"), &half,
                   hub_world_at("2023-12-01T08:00:00+07:00"));
    hub_world_deliver(&w);
    assert_has(row(&w, "2023-12-20", "SYT"), "\"state\":\"missing\"");
    hub_world_do(&w, "report", "list", "--json");
    assert_has(w.out, "\"state\":\"rejected\"");
    assert_has(w.out, "\"reason_code\":11");
    hub_world_done(&w);
}

static void without_options_all_that_is_due_is_shown(void **state) {
    (void)state;
    struct hub_world w;
    begin(&w, 16);
    hub_world_do(&w, "board", "--json");
    assert_has(w.out, "{\"campaign\":\"thu\""); /* the only one there is: one object */
    char second[2048];
    (void)snprintf(second, sizeof second, "%s", campaign);
    memcpy(strstr(second, "id: thu"), "id: hai", 7);
    memcpy(strstr(second, "15/12"), "15/06", 5);
    hub_world_issue(&w, second);
    hub_world_do(&w, "board", "--json", "--at", "2023-03-01");
    assert_string_equal(w.out, "[]\n");
    hub_world_do(&w, "board", "--json", "--at", "2023-07-01");
    assert_has(w.out, "[{\"campaign\":\"hai\"");
    assert_null(strstr(w.out, "\"thu\""));
    hub_world_seal(&w, hub_world_enrol(&w, "P1"), &whole,
                   hub_world_at("2023-06-01T08:00:00+07:00"));
    hub_world_deliver(&w);
    hub_world_do(&w, "board", "--json", "--at", "2023-07-01"); /* something came for it */
    assert_has(w.out, "\"campaign\":\"thu\"");
    hub_world_done(&w);
}

static void what_is_asked_wrongly_is_told(void **state) {
    (void)state;
    struct hub_world w;
    begin(&w, 17);
    static const struct {
        const char *name;
        char *argv[5];
        int want;
    } cases[] = {
        {"unknown campaign", {"board", "--campaign", "x"}, ERR_REFUSED},
        {"unknown period", {"board", "--period", "2022"}, ERR_REFUSED},
        {"unknown unit", {"board", "--under", "X"}, ERR_REFUSED},
        {"a kind that nobody asks for", {"board", "--kind", "final"}, ERR_REFUSED},
        {"no kind", {"board", "--kind", "x"}, ERR_USAGE},
        {"no state", {"board", "--state", "x"}, ERR_USAGE},
        {"no instant", {"board", "--at", "x"}, ERR_USAGE},
        {"two forms", {"board", "--csv", "--json"}, ERR_USAGE},
        {"rows and none", {"board", "--branches", "--state", "late"}, ERR_USAGE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err e = {0};
        print_message("%s\n", cases[i].name);
        assert_int_equal(hub_world_run_argv(&w, &e, cases[i].argv), cases[i].want);
    }
    hub_world_done(&w);
}

static void a_state_drops_rows_and_leaves_the_figures(void **state) {
    (void)state;
    struct hub_world w;
    begin(&w, 18);
    hub_world_seal(&w, hub_world_enrol(&w, "P1"), &whole,
                   hub_world_at("2023-12-01T08:00:00+07:00"));
    hub_world_deliver(&w);
    hub_world_do(&w, "board", "--csv", "--state", "on_time", "--at", "2023-12-20");
    assert_has(w.out, "thu,2023,annual,P1,Phường 1,on_time,none,2023-12-01T08:00:00+07:00,94,");
    assert_null(strstr(w.out, "SNV"));
    hub_world_do(&w, "board", "--json", "--state", "on_time", "--at", "2023-12-20");
    assert_has(w.out, "\"expected\":4,\"actual\":1");
    hub_world_done(&w);
}

static void branches_count_all_that_lies_below_the_next_unit(void **state) {
    static const char tree[] = "code,parent,level,kind,name,group\n"
                               "H1,94,district,state,Huyện 1,\n"
                               "H2,94,district,state,Huyện 2,\n"
                               "P1,H1,commune,state,Xã 1,\n"
                               "P2,H1,commune,state,Xã 2,\n"
                               "P3,H2,commune,state,Xã 3,\n"
                               "AP,P3,commune,state,Xã trong xã,\n"
                               "SNV,94,department,state,Sở Nội vụ,\n";
    struct hub_world w;
    (void)state;
    hub_world_init(&w, 20, tree);
    hub_world_issue(&w, campaign);
    hub_world_seal(&w, hub_world_enrol(&w, "P1"), &whole,
                   hub_world_at("2023-12-01T08:00:00+07:00"));
    hub_world_seal(&w, hub_world_enrol(&w, "AP"), &whole,
                   hub_world_at("2023-12-18T08:00:00+07:00"));
    hub_world_deliver(&w);
    hub_world_do(&w, "board", "--branches", "--json", "--at", "2023-12-20");
    assert_has(w.out, "\"expected\":5,\"actual\":2,\"actual_on_time\":1,\"rate\":\"40.00\","
                      "\"rate_on_time\":\"20.00\",\"rows\":[],\"branches\":["
                      "{\"unit\":\"H1\",\"name\":\"Huyện 1\",\"expected\":2,\"actual\":1,"
                      "\"actual_on_time\":1,\"rate\":\"50.00\",\"rate_on_time\":\"50.00\","
                      "\"missing\":1,\"unknown\":0,\"not_due\":0},"
                      "{\"unit\":\"H2\",\"name\":\"Huyện 2\",\"expected\":2,\"actual\":1,"
                      "\"actual_on_time\":0,\"rate\":\"50.00\",\"rate_on_time\":\"0.00\","
                      "\"missing\":1,\"unknown\":0,\"not_due\":0},"
                      "{\"unit\":\"SNV\",\"name\":\"Sở Nội vụ\",\"expected\":1,\"actual\":0,"
                      "\"actual_on_time\":0,\"rate\":\"0.00\",\"rate_on_time\":\"0.00\","
                      "\"missing\":1,\"unknown\":0,\"not_due\":0}]}");
    hub_world_do(&w, "board", "--branches", "--csv", "--under", "P3", "--at", "2023-12-20");
    assert_has(w.out, "campaign,period,kind,unit,name,expected,actual,actual_on_time,missing,"
                      "unknown,not_due");
    assert_has(w.out, "thu,2023,annual,AP,Xã trong xã,1,1,0,0,0,0"); /* below it … */
    assert_has(w.out, "thu,2023,annual,P3,Xã 3,1,0,0,1,0,0");        /* … and itself */
    hub_world_do(&w, "board", "--branches", "--at", "2023-12-10");
    assert_has(w.out, "not due\nH1 ");
    hub_world_do(&w, "board", "--json", "--at", "2023-12-20");
    assert_null(strstr(w.out, "branches"));
    hub_world_done(&w);
}

/* Six reports with corrections by three offices, in an order of arrival that `seed` makes; what
 * board and ranking say of it into `out`. */
static void shuffled(uint64_t seed, char *out, size_t cap) {
    static const char *const codes[] = {"P1", "P5", "SNV"};
    struct hub_world w;
    begin(&w, 19);
    for (size_t i = 0; i < 3; i++) {
        struct hub_office *o = hub_world_enrol(&w, codes[i]);
        hub_world_seal(&w, o, &whole, hub_world_at("2023-12-01T08:00:00+07:00") + (instant)i);
        hub_world_seal(&w, o, &better, hub_world_at("2023-12-14T08:00:00+07:00") + (instant)i);
    }
    hub_world_shuffle(&w, seed);
    hub_world_deliver(&w);
    hub_world_do(&w, "board", "--json", "--at", "2023-12-20");
    int n = snprintf(out, cap, "%s", w.out);
    hub_world_do(&w, "rank", "--json", "--group", "xa-phuong");
    (void)snprintf(out + n, cap - (size_t)n, "%s", w.out);
    hub_world_do(&w, "check");
    hub_world_done(&w);
}

static void any_order_in_which_offices_are_heard_gives_one_board_and_one_ranking(void **state) {
    (void)state;
    static char first[1 << 15], again[1 << 15];
    shuffled(1, first, sizeof first);
    assert_has(first, "\"revision\":2");
    for (uint64_t seed = 2; seed < 8; seed++) {
        shuffled(seed, again, sizeof again);
        if (strcmp(first, again) != 0)
            fail_msg("seed %llu:\n%s\n%s", (unsigned long long)seed, first, again);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_moment_is_on_time_and_the_next_is_late),
        cmocka_unit_test(where_nothing_is_due_the_first_to_come_is_named),
        cmocka_unit_test(who_is_expected_is_a_rule),
        cmocka_unit_test(a_later_revision_counts_inside_the_window_and_is_shown_after_it),
        cmocka_unit_test(a_nil_report_is_a_report),
        cmocka_unit_test(an_incomplete_report_is_none),
        cmocka_unit_test(without_options_all_that_is_due_is_shown),
        cmocka_unit_test(what_is_asked_wrongly_is_told),
        cmocka_unit_test(a_state_drops_rows_and_leaves_the_figures),
        cmocka_unit_test(branches_count_all_that_lies_below_the_next_unit),
        cmocka_unit_test(any_order_in_which_offices_are_heard_gives_one_board_and_one_ranking),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
