#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "audit/rerank.h"
#include "audit_world.h"
#include "core/mem.h"
#include "proto/json.h"

/* ---- what is right ---- */

static void test_an_honest_bundle_has_no_findings(void **state) {
    (void)state;
    struct story s;
    struct verify v;
    tell(&s);
    pack(&s);
    assert_int_equal(verify_bundle(buf_slice(&s.file), &s.f.deployment, &v, NULL), 0);
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
    assert_int_equal(verify_bundle(buf_slice(&s->file), &s->f.deployment, &v, NULL), 0);
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
    assert_has(&board, "\"last_contact\":\"2023-12-19T23:59:59+07:00\"},{\"unit\":\"1002\","
                       "\"name\":\"xã số 2\",\"state\":\"late\"");
    assert_has(&board, "{\"unit\":\"1004\",\"name\":\"xã số 4\",\"state\":\"missing\","
                       "\"review\":\"none\",\"received_at\":null,\"by\":null,\"report\":null,"
                       "\"revision\":null,\"nil\":false,\"last_contact\":null}");
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
        "\"shown\":{\"report\":\"%s\",\"received_at\":\"2023-12-17T09:00:00+07:00\"}}",
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
    assert_int_equal(verify_bundle(buf_slice(&s.file), &s.f.deployment, &v, NULL), 0);
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
    assert_int_equal(verify_bundle(buf_slice(&s.file), &s.f.deployment, &v, NULL), 0);
    assert_int_equal(rerank_of(&v.fold, &v.home, &a, &r, &e), ERR_USAGE);
    assert_string_equal(e.arg[0], "collective, individual");
    verify_done(&v);
    end(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_honest_bundle_has_no_findings),
        cmocka_unit_test(test_order_in_the_file_changes_nothing),
        cmocka_unit_test(test_the_last_millisecond_is_in_time_and_the_next_is_late),
        cmocka_unit_test(test_zeros_in_time_count_and_the_late_sheet_is_only_shown),
        cmocka_unit_test(test_a_ranking_ties_as_1_1_1_4),
        cmocka_unit_test(test_a_ranking_asks_for_the_kind_of_subject_where_there_are_two),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
