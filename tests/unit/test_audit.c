#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "audit/rerank.h"
#include "core/mem.h"
#include "proto/json.h"
#include "tests/unit/audit_world.h"

/* ---- what is right ---- */

static void test_an_honest_bundle_has_no_findings(void **state) {
    (void)state;
    struct story s;
    struct verify v;
    tell(&s);
    pack(&s);
    assert_int_equal(verify_bundle(buf_slice(&s.file), &s.f.deployment, NULL, &v, NULL), 0);
    print(&v.findings);
    assert_int_equal(v.findings.total, 0);
    assert_true(v.ledger.signatures_ok);
    assert_int_equal(v.ledger.read, s.f.n_records);
    assert_int_equal(v.ledger.authors, 2 + NODES);
    verify_done(&v);
    end(&s);
}

static void test_order_in_the_file_changes_nothing(void **state) {
    (void)state;
    struct story s;
    tell(&s);
    struct hash record;
    char what[1024];
    for (uint32_t i = 0; i < s.f.n_records / 2; i++) {
        struct fixture_record x = s.f.records[i];
        s.f.records[i] = s.f.records[s.f.n_records - 1 - i];
        s.f.records[s.f.n_records - 1 - i] = x;
    }
    pack(&s);
    assert_int_equal(verify(buf_slice(&s.file), &s.f.deployment, &record, what), 0);
    end(&s);
}

static void answer(struct story *s, const struct ask *a, struct buf *board, struct buf *rank) {
    struct verify v;
    struct board *boards;
    struct ranking r;
    struct err e = {0};
    uint32_t n;
    bool single;
    char text[1024];
    pack(s);
    assert_int_equal(verify_bundle(buf_slice(&s->file), &s->f.deployment, NULL, &v, NULL), 0);
    if (reboard_all(&v.fold, &v.home, a, &boards, &n, &single, &e) != 0 ||
        rerank_of(&v.fold, &v.home, a, &r, &e) != 0)
        fail_msg("%s", err_text(&e, NULL, text, sizeof text));
    assert_int_equal(json_boards(boards, n, single, board, NULL), 0);
    assert_int_equal(json_ranking(&r, rank, NULL), 0);
    for (uint32_t i = 0; i < n; i++)
        board_done(&boards[i]);
    mem_free(boards);
    ranking_done(&r);
    verify_done(&v);
}

static void assert_has(struct buf *json, const char *part) {
    if (!strstr(buf_cstr(json), part))
        fail_msg("no %s in %s", part, buf_cstr(json));
}

static struct ask everything(void) {
    return (struct ask){.state = -1,
                        .units_as_of = DAY_NONE,
                        .subjects = SUBJECT_INDIVIDUAL,
                        .at = fixture_at("2023-12-20")};
}

static void test_the_last_millisecond_is_in_time_and_the_next_is_late(void **state) {
    (void)state;
    struct story s;
    struct buf board = {0}, rank = {0};
    struct ask a = everything();
    tell(&s);
    answer(&s, &a, &board, &rank);
    assert_has(&board, "{\"campaign\":\"thi-dua-2023\",\"period\":\"2023\",\"kind\":\"annual\","
                       "\"at\":\"2023-12-20T00:00:00+07:00\",\"due\":\"2023-12-16T00:00:00+07:00\","
                       "\"expected\":8,\"actual\":3,\"actual_on_time\":2,\"rate\":\"37.50\","
                       "\"rate_on_time\":\"25.00\",\"rows\":[");
    assert_has(&board, "{\"unit\":\"1001\",\"name\":\"xã số 1\",\"state\":\"on_time\","
                       "\"review\":\"none\",\"received_at\":\"2023-12-15T23:59:59.999+07:00\","
                       "\"by\":\"94\",\"report\":\"");
    assert_has(&board, "\"last_contact\":\"2023-12-19T23:59:59+07:00\",\"clock_doubt\":false},"
                       "{\"unit\":\"1002\","
                       "\"name\":\"xã số 2\",\"state\":\"late\"");
    assert_has(&board,
               "{\"unit\":\"1004\",\"name\":\"xã số 4\",\"state\":\"missing\","
               "\"review\":\"none\",\"received_at\":null,\"by\":null,\"report\":null,"
               "\"revision\":null,\"nil\":false,\"last_contact\":null,\"clock_doubt\":false}");
    buf_done(&board);
    buf_done(&rank);
    end(&s);
}

static void test_zeros_in_time_count_and_the_late_sheet_is_only_shown(void **state) {
    (void)state;
    struct story s;
    struct buf board = {0}, rank = {0};
    struct ask a = everything();
    tell(&s);
    answer(&s, &a, &board, &rank);
    char zeros[HASH_TEXT], late[HASH_TEXT], want[512];
    hash_text(&s.reports[2], zeros);
    hash_text(&s.reports[3], late);
    snprintf(
        want, sizeof want,
        "\"state\":\"on_time\",\"review\":\"none\",\"received_at\":\"2023-12-14T09:00:00+07:00\","
        "\"by\":\"94\",\"report\":\"%s\",\"revision\":1,\"nil\":false,\"last_contact\":null,"
        "\"shown\":{\"report\":\"%s\",\"received_at\":\"2023-12-17T09:00:00+07:00\"},"
        "\"clock_doubt\":false}",
        zeros, late);
    assert_has(&board, want);
    snprintf(
        want, sizeof want,
        "{\"rank\":4,\"tied\":true,\"unit\":\"1003\",\"unit_name\":\"xã số 3\","
        "\"subject\":\"CB01\",\"name\":null,\"class\":null,\"score\":\"0.00\",\"max\":\"1.00\","
        "\"share\":\"0.00\",\"grade\":null,\"source\":\"self\",\"on_time\":true,"
        "\"report\":\"%s\",\"revision\":1}",
        zeros);
    assert_has(&rank, want);
    buf_done(&board);
    buf_done(&rank);
    end(&s);
}

static void test_a_ranking_ties_as_1_1_1_4(void **state) {
    (void)state;
    static const struct {
        enum subject_kind subjects;
        uint32_t limit;
        const char *want;
    } cases[] = {
        {SUBJECT_INDIVIDUAL, 0,
         "1001/CB01 1,1002/CB01 1,1002/CB02 1,1001/CB02 4,1003/CB01 4,"
         "1003/CB02 4,"},
        {SUBJECT_INDIVIDUAL, 1, "1001/CB01 1,1002/CB01 1,1002/CB02 1,"},
        {SUBJECT_INDIVIDUAL, 3, "1001/CB01 1,1002/CB01 1,1002/CB02 1,"},
        {SUBJECT_COLLECTIVE, 0, "1001/1001 1,1002/1002 1,1003/1003 3,"},
    };
    struct story s;
    struct verify v;
    tell(&s);
    pack(&s);
    assert_int_equal(verify_bundle(buf_slice(&s.file), &s.f.deployment, NULL, &v, NULL), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ask a = everything();
        struct ranking r;
        struct buf got = {0};
        a.subjects = cases[i].subjects;
        a.limit = cases[i].limit;
        assert_int_equal(rerank_of(&v.fold, &v.home, &a, &r, NULL), 0);
        for (uint32_t k = 0; k < r.n_rows; k++)
            buf_printf(&got, "%s/%s %u,", r.rows[k].unit, r.rows[k].subject, r.rows[k].rank);
        assert_string_equal(buf_cstr(&got), cases[i].want);
        buf_done(&got);
        ranking_done(&r);
    }
    verify_done(&v);
    end(&s);
}

static void test_a_ranking_asks_for_the_kind_of_subject_where_there_are_two(void **state) {
    (void)state;
    struct story s;
    struct verify v;
    struct ranking r;
    struct err e = {0};
    struct ask a = everything();
    a.subjects = SUBJECT_ANY;
    tell(&s);
    pack(&s);
    assert_int_equal(verify_bundle(buf_slice(&s.file), &s.f.deployment, NULL, &v, NULL), 0);
    assert_int_equal(rerank_of(&v.fold, &v.home, &a, &r, &e), ERR_USAGE);
    assert_string_equal(e.arg[0], "collective, individual");
    verify_done(&v);
    end(&s);
}

/* ---- what a campaign may ask for ---- */

static void change_penalty(struct fixture *f) {
    f->plan.reports[0].late = LATE_PENALTY;
    f->plan.reports[0].late_penalty = 25;
}

static void change_exclude(struct fixture *f) {
    f->plan.reports[0].late = LATE_EXCLUDE;
}

static void change_profile(struct fixture *f) {
    static char id[] = "diem-2023";
    f->plan.profile = id;
}

static void change_root_only(struct fixture *f) {
    f->plan.reports[0].basis = BASIS_ROOT;
}

static void change_compare_i2(struct fixture *f) {
    static char i2[] = "I2";
    static struct comparator by;
    by = (struct comparator){.field = BY_CRITERION, .criterion = i2};
    f->plan.n_criteria = 3;
    f->plan.n_comparators = 1;
    f->plan.comparators = &by;
}

static void change_compare_i2_ascending(struct fixture *f) {
    change_compare_i2(f);
    f->plan.comparators[0].ascending = true;
}

static void change_groups(struct fixture *f) {
    static char ids[2][8] = {"cum-1", "cum-2"}, label[] = "Cụm";
    static struct peer_group groups[2];
    static struct uid units[3];
    for (int i = 0; i < 3; i++)
        units[i] = f->units[i];
    for (int i = 0; i < 2; i++)
        groups[i] = (struct peer_group){.id = ids[i], .label = {label, label}};
    groups[0].n_units = 2;
    groups[0].units = units;
    groups[1].n_units = 1;
    groups[1].units = units + 2;
    f->plan.n_groups = 2;
    f->plan.groups = groups;
}

static void change_expect_two(struct fixture *f) {
    static struct selection two;
    static struct uid units[2];
    units[0] = f->units[0];
    units[1] = f->units[4];
    two = (struct selection){.n_include = 2, .include = units, .from = DAY_NONE, .until = DAY_NONE};
    f->plan.reports[0].n_expected = 1;
    f->plan.reports[0].expected = &two;
}

/* `unit/subject total rank` of each row, then `!unit/subject why`, then the board's states. */
static void sum_up(struct story *s, const struct ask *a, struct buf *out) {
    struct verify v;
    struct ranking r;
    struct board *boards;
    struct err e = {0};
    uint32_t n;
    bool single;
    pack(s);
    assert_int_equal(verify_bundle(buf_slice(&s->file), &s->f.deployment, NULL, &v, NULL), 0);
    print(&v.findings);
    assert_int_equal(v.findings.total, 0);
    int rc = rerank_of(&v.fold, &v.home, a, &r, &e);
    if (rc != 0)
        buf_printf(out, "%d %s", rc, e.arg[0]);
    for (uint32_t i = 0; rc == 0 && i < r.n_rows; i++)
        buf_printf(out, "%s/%s %d %u,", r.rows[i].unit, r.rows[i].subject, r.rows[i].total,
                   r.rows[i].rank);
    for (uint32_t i = 0; rc == 0 && i < r.n_excluded; i++)
        buf_printf(out, "!%s/%s %s,", r.excluded[i].unit, r.excluded[i].subject, r.excluded[i].why);
    if (rc == 0)
        ranking_done(&r);
    assert_int_equal(reboard_all(&v.fold, &v.home, a, &boards, &n, &single, NULL), 0);
    assert_true(single);
    buf_printf(out, " %u/%u/%u", boards[0].expected, boards[0].actual, boards[0].actual_on_time);
    board_done(&boards[0]);
    mem_free(boards);
    verify_done(&v);
}

static void test_a_ranking_follows_what_the_campaign_says(void **state) {
    (void)state;
    static const struct {
        const char *name;
        void (*change)(struct fixture *);
        enum subject_kind subjects;
        const char *group, *want;
    } cases[] = {
        {"late is marked", NULL, SUBJECT_COLLECTIVE, NULL,
         "1001/1001 100 1,1002/1002 100 1,1003/1003 0 3, 8/3/2"},
        {"late costs", change_penalty, SUBJECT_COLLECTIVE, NULL,
         "1001/1001 100 1,1002/1002 75 2,1003/1003 0 3, 8/3/2"},
        {"late is out", change_exclude, SUBJECT_COLLECTIVE, NULL,
         "1001/1001 100 1,1003/1003 0 2,!1002/1002 late, 8/3/2"},
        {"another profile", change_profile, SUBJECT_COLLECTIVE, NULL,
         "!1001/1001 other_profile,!1002/1002 other_profile,!1003/1003 other_profile, 8/3/2"},
        {"the root's receipts", change_root_only, SUBJECT_COLLECTIVE, NULL,
         "1001/1001 100 1,1002/1002 100 1,1003/1003 0 3, 8/3/2"},
        {"a comparator", change_compare_i2, SUBJECT_INDIVIDUAL, NULL,
         "1001/CB02 100 1,1003/CB01 100 1,1003/CB02 100 1,1001/CB01 100 4,1002/CB01 100 4,"
         "1002/CB02 100 4, 8/3/2"},
        {"smallest first", change_compare_i2_ascending, SUBJECT_INDIVIDUAL, NULL,
         "1001/CB01 100 1,1002/CB01 100 1,1002/CB02 100 1,1001/CB02 100 4,1003/CB01 100 4,"
         "1003/CB02 100 4, 8/3/2"},
        {"groups, none chosen", change_groups, SUBJECT_COLLECTIVE, NULL, "-2 cum-1, cum-2 8/3/2"},
        {"a group", change_groups, SUBJECT_COLLECTIVE, "cum-1",
         "1001/1001 100 1,1002/1002 100 1, 8/3/2"},
        {"the other group", change_groups, SUBJECT_COLLECTIVE, "cum-2", "1003/1003 0 1, 8/3/2"},
        {"those in no group", change_groups, SUBJECT_COLLECTIVE, "-", " 8/3/2"},
        {"a group that is not there", change_groups, SUBJECT_COLLECTIVE, "cum-3", "-1 cum-3 8/3/2"},
        {"two are expected", change_expect_two, SUBJECT_COLLECTIVE, NULL,
         "1001/1001 100 1,1002/1002 100 1,1003/1003 0 3, 2/1/1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct story s;
        struct buf got = {0};
        struct ask a = everything();
        a.subjects = cases[i].subjects;
        a.group = cases[i].group;
        tell_changed(&s, cases[i].change);
        sum_up(&s, &a, &got);
        if (strcmp(buf_cstr(&got), cases[i].want) != 0)
            fail_msg("%s: %s", cases[i].name, buf_cstr(&got));
        buf_done(&got);
        end(&s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_honest_bundle_has_no_findings),
        cmocka_unit_test(test_order_in_the_file_changes_nothing),
        cmocka_unit_test(test_the_last_millisecond_is_in_time_and_the_next_is_late),
        cmocka_unit_test(test_zeros_in_time_count_and_the_late_sheet_is_only_shown),
        cmocka_unit_test(test_a_ranking_ties_as_1_1_1_4),
        cmocka_unit_test(test_a_ranking_follows_what_the_campaign_says),
        cmocka_unit_test(test_a_ranking_asks_for_the_kind_of_subject_where_there_are_two),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
