#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "audit/verify_cmd.h"
#include "tests/unit/hub_world.h"
#include "tests/unit/rank_both.h"

#include <locale.h>

static const char province[] = "code,parent,level,kind,name,group\n"
                               "P1,94,commune,state,Phường 1,xa-phuong\n"
                               "P5,94,commune,state,Phường 5,xa-phuong\n"
                               "SNV,94,department,state,Sở Nội vụ,so-nganh\n"
                               "SYT,94,department,state,Sở Y tế,so-nganh\n";

/* `rule` goes into the report rule, `more` at the end. */
#define CAMPAIGN(rule, more)                                                                       \
    "campaign:\n"                                                                                  \
    "  id: thu\n"                                                                                  \
    "  title: {vi: Phong trào thử}\n"                                                           \
    "  issuer: Tỉnh\n"                                                                           \
    "  profile: diem\n"                                                                            \
    "  periods:\n"                                                                                 \
    "    - {id: \"2023\", begin: 01/01/2023, end: 31/12/2023, cutoff: 30/11/2023}\n"               \
    "  individuals:\n"                                                                             \
    "    - {id: cong-chuc, label: {vi: Công chức}}\n"                                           \
    "    - {id: can-bo, label: {vi: Cán bộ}}\n"                                                 \
    "  reports:\n"                                                                                 \
    "    - kind: annual\n"                                                                         \
    "      due: {date: 15/12/2023, inclusive: yes}\n" rule "  criteria:\n"                         \
    "    - {id: C1, about: both, label: {vi: Một}}\n"                                            \
    "    - {id: C2, about: both, label: {vi: Hai}}\n"                                              \
    "    - {id: L, about: individual, label: {vi: Ba}, applies: {attributes: [leader]}}\n" more

static const char profile[] = "profile:\n"
                              "  id: diem\n"
                              "  campaign: thu\n"
                              "  label: {vi: Chấm điểm}\n"
                              "  default_mode: points\n"
                              "  default_max: 10\n"
                              "  grades:\n"
                              "    - {id: tot, from: 70, label: {vi: Tốt}}\n"
                              "    - {id: kem, from: 0, label: {vi: Kém}}\n";

static const struct hub_person staff[] = {{"01", "cong-chuc", "Nguyễn Văn An", false},
                                          {"02", "can-bo", "Trần Thị Bình", true}};

static struct hub_report scored(const char *text, uint32_t revision) {
    return (struct hub_report){.campaign = "thu",
                               .profile = "diem",
                               .text = text,
                               .revision = revision,
                               .n_people = 2,
                               .people = staff};
}

static void begin(struct hub_world *w, uint64_t seed, const char *campaign) {
    hub_world_init(w, seed, province);
    hub_world_issue(w, campaign);
    hub_world_issue(w, profile);
    w->now = hub_world_at("2023-12-20T08:00:00+07:00");
}

static void seal(struct hub_world *w, const char *code, const char *text, const char *at) {
    struct hub_report r = scored(text, 1);
    hub_world_seal(w, hub_world_enrol(w, code), &r, hub_world_at(at));
}

#define assert_has(text, part)                                                                     \
    do {                                                                                           \
        const char *has_text = (text);                                                             \
        if (!strstr(has_text, part))                                                               \
            fail_msg("no %s in %s", part, has_text);                                               \
    } while (0)

static int read_file(const char *path, struct buf *out, struct err *e) {
    return host_read_file(path, 1 << 24, out, e);
}

/* The auditor, from a bundle and with code of its own, gives the very bytes of the hub's board and
 * ranking; `choice` are the options that both get. */
static void agree(struct hub_world *w, char *subject_kind, char *group) {
    static char board[1 << 15], rank[1 << 15];
    const struct verify_cmd_host host = {read_file};
    static const struct verb *const verbs[] = {&verify_cmd, NULL};
    static const struct verb_program program = {"thidua-audit", "test", "test", verbs};
    hub_world_do(w, "board", "--json", "--campaign", "thu");
    (void)snprintf(board, sizeof board, "%.*s", (int)strlen(w->out) - 1, w->out);
    hub_world_do(w, "rank", "--json", "--campaign", "thu", "--subject-kind", subject_kind,
                 "--group", group);
    (void)snprintf(rank, sizeof rank, "%.*s", (int)strlen(w->out) - 1, w->out);
    hub_world_do(w, "bundle", "export", "bundle.tdb");
    char *argv[] = {"thidua-audit", "verify",  "bundle.tdb", "--root", w->genesis,
                    "--board",      "--rank",  "--campaign", "thu",    "--subject-kind",
                    subject_kind,   "--group", group,        "--json"};
    struct verb_call call;
    struct err e = {0};
    char text[1024];
    verb_call_init(&call, &w->world, (void *)(uintptr_t)&host);
    int rc = verb_run(&program, sizeof argv / sizeof *argv, argv, &call, &e);
    const char *out = buf_cstr(&call.out);
    if (rc != 0)
        fail_msg("%s\n%s%s", err_text(&e, NULL, text, sizeof text), out, buf_cstr(&call.words));
    assert_has(out, "\"problems\":[]");
    assert_has(out, board);
    assert_has(out, rank);
    verb_call_done(&call);
}

static void rows_stand_by_share_and_equal_is_equal(void **state) {
    (void)state;
    struct hub_world w;
    begin(&w, 21, CAMPAIGN("", ""));
    seal(&w, "P1", "8 9\n5 5\n6 6 6", "2023-12-01");
    seal(&w, "P5", "9 8\n9 9\n6 6 6", "2023-12-01");
    hub_world_deliver(&w);
    hub_world_do(&w, "rank", "--json", "--subject-kind", "collective", "--group", "xa-phuong");
    assert_has(w.out,
               "\"group\":\"xa-phuong\",\"subject_kind\":\"collective\",\"profile\":\"diem\"");
    assert_has(w.out, "[{\"rank\":1,\"tied\":true,\"unit\":\"P1\"");
    assert_has(w.out, "{\"rank\":1,\"tied\":true,\"unit\":\"P5\",\"unit_name\":\"Phường 5\","
                      "\"subject\":\"P5\",\"name\":\"Phường 5\",\"class\":null,\"score\":\"17.00\","
                      "\"max\":\"20.00\",\"share\":\"85.00\",\"grade\":\"tot\"");
    hub_world_done(&w);
}

static void one_of_several_groups_has_to_be_chosen(void **state) {
    (void)state;
    struct hub_world w;
    struct err e = {0};
    begin(&w, 22, CAMPAIGN("", ""));
    seal(&w, "P1", "8 9\n5 5\n6 6 6", "2023-12-01");
    seal(&w, "SNV", "9 9\n9 9\n6 6 6", "2023-12-01");
    hub_world_deliver(&w);
    assert_int_equal(hub_world_run(&w, &e, "rank"), ERR_USAGE);
    assert_string_equal(w.words, "collective\nindividual\n");
    err_clear(&e);
    assert_int_equal(hub_world_run(&w, &e, "rank", "--subject-kind", "collective"), ERR_USAGE);
    assert_string_equal(w.words, "so-nganh\nxa-phuong\n");
    hub_world_do(&w, "rank", "--json", "--subject-kind", "collective", "--group", "so-nganh");
    assert_has(w.out, "\"rows\":[{\"rank\":1,\"tied\":false,\"unit\":\"SNV\"");
    assert_null(strstr(w.out, "P1"));
    err_clear(&e);
    assert_int_equal(hub_world_run(&w, &e, "rank", "--subject-kind", "collective", "--group", "x"),
                     ERR_REFUSED);
    hub_world_done(&w);
}

static void individuals_are_named_and_a_limit_cuts_no_tie(void **state) {
    (void)state;
    struct hub_world w;
    begin(&w, 23, CAMPAIGN("", ""));
    seal(&w, "P1", "8 9\n5 5\n9 9 9", "2023-12-01");
    seal(&w, "P5", "9 8\n9 9\n5 5 5", "2023-12-01");
    hub_world_deliver(&w);
    hub_world_do(&w, "rank", "--json", "--subject-kind", "individual", "--limit", "1", "--group",
                 "xa-phuong");
    assert_has(w.out, "\"subject\":\"02\",\"name\":\"Trần Thị Bình\",\"class\":\"can-bo\","
                      "\"score\":\"27.00\",\"max\":\"30.00\",\"share\":\"90.00\"");
    assert_has(w.out, "\"unit\":\"P5\",\"unit_name\":\"Phường 5\",\"subject\":\"01\"");
    assert_null(strstr(w.out, "\"rank\":3"));
    hub_world_done(&w);
}

static void one_subject_is_shown_with_its_rank_among_all(void **state) {
    (void)state;
    struct hub_world w;
    struct err e = {0};
    begin(&w, 33, CAMPAIGN("", ""));
    seal(&w, "P1", "8 9\n5 5\n9 9 9", "2023-12-01");
    seal(&w, "P5", "9 8\n9 9\n5 5 5", "2023-12-01");
    hub_world_deliver(&w);
    for (unsigned kept = 0; kept < 2; kept++) { /* computed, then out of the book */
        hub_world_do(&w, "rank", "--json", "--subject-kind", "individual", "--group", "xa-phuong",
                     "--subject", "P5/02");
        assert_has(w.out, "\"rows\":[{\"rank\":3,\"tied\":true,\"unit\":\"P5\"");
        assert_has(w.out, "\"subject\":\"02\"");
        assert_null(strstr(w.out, "P1"));
        hub_world_do(&w, "rank", "--json", "--subject-kind", "individual", "--group", "xa-phuong",
                     "--limit", "1", "--subject", "P5/02");
        assert_has(w.out, "\"rows\":[{\"rank\":1,");
        assert_has(w.out, "{\"rank\":3,\"tied\":true,\"unit\":\"P5\"");
        hub_world_do(&w, "rank", "--json", "--subject-kind", "collective", "--group", "xa-phuong",
                     "--subject", "P5");
        assert_has(w.out, "\"unit\":\"P5\",\"unit_name\":\"Phường 5\",\"subject\":\"P5\"");
        assert_int_equal(hub_world_run(&w, &e, "rank", "--subject-kind", "collective", "--group",
                                       "xa-phuong", "--subject", "P5/02"),
                         ERR_REFUSED);
        err_clear(&e);
        (void)rank_both_keep(&w, 3);
    }
    hub_world_done(&w);
}

static void late_ones_are_marked_penalised_or_left_out(void **state) {
    (void)state;
    static const struct {
        const char *name, *campaign, *want;
    } cases[] = {
        {"mark", CAMPAIGN("", ""),
         "\"score\":\"18.00\",\"max\":\"20.00\",\"share\":\"90.00\",\"grade\":\"tot\","
         "\"source\":\"self\",\"on_time\":false"},
        {"penalty", CAMPAIGN("      late: penalty\n      late_penalty: 5\n", ""),
         "\"score\":\"13.00\",\"max\":\"20.00\",\"share\":\"65.00\",\"grade\":\"kem\""},
        {"exclude", CAMPAIGN("      late: exclude\n", ""),
         "\"excluded\":[{\"unit\":\"P1\",\"subject\":\"P1\",\"why\":\"late\"}]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hub_world w;
        print_message("%s\n", cases[i].name);
        begin(&w, 24 + i, cases[i].campaign);
        seal(&w, "P1", "9 9\n5 5\n9 9 9", "2023-12-16");
        hub_world_deliver(&w);
        hub_world_do(&w, "rank", "--json", "--subject-kind", "collective", "--group", "xa-phuong");
        assert_has(w.out, cases[i].want);
        agree(&w, "collective", "xa-phuong");
        hub_world_done(&w);
    }
}

static void comparators_decide_between_equals(void **state) {
    (void)state;
    struct hub_world w;
    begin(&w, 28,
          CAMPAIGN("",
                   "  tie_breakers:\n    - {by: criterion, criterion: C2, smallest_first: yes}\n"));
    seal(&w, "P1", "8 9\n5 5\n6 6 6", "2023-12-01");
    seal(&w, "P5", "9 8\n9 9\n6 6 6", "2023-12-01");
    hub_world_deliver(&w);
    hub_world_do(&w, "rank", "--json", "--subject-kind", "collective", "--group", "xa-phuong");
    assert_has(w.out, "[{\"rank\":1,\"tied\":false,\"unit\":\"P5\"");
    assert_has(w.out, "{\"rank\":2,\"tied\":false,\"unit\":\"P1\"");
    assert_has(w.out, "\"tie_breakers\":[{\"by\":\"criterion\",\"criterion\":\"C2\","
                      "\"value\":\"8.00\"}]");
    assert_has(w.out, "\"value\":\"9.00\"}]");
    hub_world_do(&w, "rank", "--csv", "--subject-kind", "collective", "--group", "xa-phuong");
    assert_has(w.out, "revision,tie_breakers");
    assert_has(w.out, "C2=8.00");
    hub_world_do(&w, "rank", "--subject-kind", "collective", "--group", "xa-phuong");
    assert_has(w.out, "criterion C2 8");
    assert_has(w.out, "criterion C2 9");
    agree(&w, "collective", "xa-phuong");
    hub_world_done(&w);
}

static void declared_groups_go_before_those_of_units(void **state) {
    (void)state;
    struct hub_world w;
    begin(&w, 29,
          CAMPAIGN("", "  groups:\n"
                       "    - {id: g1, subjects: individual, classes: [can-bo], label: {vi: A}}\n"
                       "    - {id: g2, subjects: collective, units: [P1, SNV], label: {vi: B}}\n"));
    seal(&w, "P1", "8 9\n5 5\n6 6 6", "2023-12-01");
    seal(&w, "P5", "9 8\n9 9\n6 6 6", "2023-12-01");
    seal(&w, "SNV", "9 9\n9 9\n6 6 6", "2023-12-01");
    hub_world_deliver(&w);
    hub_world_do(&w, "rank", "--json", "--subject-kind", "collective");
    assert_has(w.out, "\"group\":\"g2\"");
    assert_null(strstr(w.out, "P5"));
    hub_world_do(&w, "rank", "--json", "--subject-kind", "individual");
    assert_has(w.out, "\"group\":\"g1\"");
    assert_null(strstr(w.out, "cong-chuc"));
    hub_world_do(&w, "rank", "--json", "--subject-kind", "individual", "--group", "-");
    assert_has(w.out, "\"group\":null");
    assert_null(strstr(w.out, "can-bo"));
    agree(&w, "individual", "-");
    agree(&w, "individual", "g1");
    agree(&w, "collective", "g2");
    hub_world_done(&w);
}

static void another_profile_is_no_measure(void **state) {
    (void)state;
    struct hub_world w;
    struct hub_report r = scored("+ +\n+ +\n+ + +", 1);
    r.profile = NULL;
    begin(&w, 30, CAMPAIGN("", ""));
    hub_world_seal(&w, hub_world_enrol(&w, "P1"), &r, hub_world_at("2023-12-01"));
    hub_world_deliver(&w);
    hub_world_do(&w, "rank", "--json", "--subject-kind", "individual", "--group", "xa-phuong");
    assert_has(w.out, "\"rows\":[],\"excluded\":[{\"unit\":\"P1\",\"subject\":\"01\","
                      "\"why\":\"other_profile\"}");
    agree(&w, "individual", "xa-phuong");
    hub_world_done(&w);
}

static void what_cannot_be_ranked_is_told(void **state) {
    (void)state;
    struct hub_world w;
    begin(&w, 31, CAMPAIGN("", ""));
    static const struct {
        const char *name;
        char *argv[8];
        int want;
    } cases[] = {
        {"appraised", {"rank", "--values", "appraised"}, ERR_REFUSED},
        {"no values", {"rank", "--values", "x"}, ERR_USAGE},
        {"unknown campaign", {"rank", "--campaign", "x"}, ERR_REFUSED},
        {"unknown period", {"rank", "--period", "x"}, ERR_REFUSED},
        {"unknown unit", {"rank", "--subject-kind", "collective", "--under", "x"}, ERR_REFUSED},
        {"no subject kind", {"rank", "--subject-kind", "any"}, ERR_USAGE},
        {"no day", {"rank", "--units-as-of", "x"}, ERR_USAGE},
        {"no limit", {"rank", "--limit", "0"}, ERR_USAGE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err e = {0};
        print_message("%s\n", cases[i].name);
        assert_int_equal(hub_world_run_argv(&w, &e, cases[i].argv), cases[i].want);
    }
    hub_world_done(&w);
}

static void people_and_spreadsheets_read_it_too(void **state) {
    (void)state;
    struct hub_world w;
    begin(&w, 32, CAMPAIGN("", ""));
    seal(&w, "P1", "8,5 9\n5 5\n6 6 6", "2023-12-01");
    hub_world_deliver(&w);
    hub_world_do(&w, "rank", "--subject-kind", "collective", "--group", "xa-phuong");
    assert_has(w.out, "17,5");
    hub_world_do(&w, "rank", "--csv", "--subject-kind", "collective", "--group", "xa-phuong");
    assert_has(w.out, "\r\n1,false,P1,Phường 1,P1,Phường 1,,17.50,20.00,87.50,tot,self,true,");
    hub_world_do(&w, "report", "list");
    assert_has(w.out, "P1");
    char *id = strtok(w.out, "\n");
    id = strtok(NULL, " ");
    assert_non_null(id);
    char report[16];
    (void)snprintf(report, sizeof report, "%s", id);
    hub_world_do(&w, "report", "show", report);
    assert_has(w.out, "8,5");
    hub_world_do(&w, "report", "show", "--json", report);
    assert_has(w.out, "\"unit\":\"94\",\"level\":\"province\",\"received_at\":\"2023-12-01T00:00:00"
                      "+07:00\",\"state\":\"valid\"");
    assert_has(w.out, "{\"subject\":\"P1\",\"criterion\":\"C1\",\"value\":\"8.50\"");
    hub_world_done(&w);
}

int main(void) {
    (void)setlocale(LC_ALL, "C.UTF-8"); /* tables count columns */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_stand_by_share_and_equal_is_equal),
        cmocka_unit_test(one_of_several_groups_has_to_be_chosen),
        cmocka_unit_test(individuals_are_named_and_a_limit_cuts_no_tie),
        cmocka_unit_test(one_subject_is_shown_with_its_rank_among_all),
        cmocka_unit_test(late_ones_are_marked_penalised_or_left_out),
        cmocka_unit_test(comparators_decide_between_equals),
        cmocka_unit_test(declared_groups_go_before_those_of_units),
        cmocka_unit_test(another_profile_is_no_measure),
        cmocka_unit_test(what_cannot_be_ranked_is_told),
        cmocka_unit_test(people_and_spreadsheets_read_it_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
