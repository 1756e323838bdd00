#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/mem.h"
#include "core/tally.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void a_board_counts_as_dhis2_does(void **state) {
    (void)state;
    static const struct {
        const char *name;
        uint32_t n;
        enum slot_state states[8];
        uint32_t expected, actual, on_time;
        int64_t rate, rate_on_time;
    } cases[] = {
        {"nobody", 0, {0}, 0, 0, 0, 0, 0},
        {"one of each",
         7,
         {SLOT_ON_TIME, SLOT_LATE, SLOT_EXCUSED, SLOT_MISSING, SLOT_UNKNOWN, SLOT_NOT_DUE,
          SLOT_EXEMPT},
         6,
         3,
         2,
         5000,
         3333},
        {"all exempt", 2, {SLOT_EXEMPT, SLOT_EXEMPT}, 0, 0, 0, 0, 0},
        {"all on time, one exempt",
         3,
         {SLOT_ON_TIME, SLOT_EXEMPT, SLOT_EXCUSED},
         2,
         2,
         2,
         10000,
         10000},
        {"two thirds", 3, {SLOT_LATE, SLOT_LATE, SLOT_MISSING}, 3, 2, 0, 6667, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct board_row rows[8];
        struct board b = {.n_rows = cases[i].n, .rows = rows, .expected = 77};
        memset(rows, 0, sizeof rows);
        for (uint32_t k = 0; k < b.n_rows; k++)
            rows[k].state = cases[i].states[k];
        print_message("  %s\n", cases[i].name);
        tally_board(&b);
        assert_int_equal(b.expected, cases[i].expected);
        assert_int_equal(b.actual, cases[i].actual);
        assert_int_equal(b.actual_on_time, cases[i].on_time);
        assert_int_equal(tally_rate(&b), cases[i].rate);
        assert_int_equal(tally_rate_on_time(&b), cases[i].rate_on_time);
    }
}

static void no_board_goes_over_a_hundred_percent(void **state) {
    (void)state;
    enum { STATES = SLOT_EXEMPT + 1, ROWS = 4 };
    for (int code = 0; code < STATES * STATES * STATES * STATES; code++) {
        struct board_row rows[ROWS];
        struct board b = {.n_rows = ROWS, .rows = rows};
        memset(rows, 0, sizeof rows);
        for (int k = 0, c = code; k < ROWS; k++, c /= STATES)
            rows[k].state = (enum slot_state)(c % STATES);
        tally_board(&b);
        assert_true(b.actual_on_time <= b.actual && b.actual <= b.expected && b.expected <= ROWS);
        assert_true(tally_rate_on_time(&b) <= tally_rate(&b) && tally_rate(&b) <= 10000);
    }
}

static void shares_round_half_up_and_half_away_from_zero(void **state) {
    (void)state;
    static const struct {
        int64_t part, whole, want;
    } cases[] = {{1, 3, 3333},
                 {2, 3, 6667},
                 {1, 20000, 1},
                 {1, 20001, 0},
                 {3, 20000, 2},
                 {0, 7, 0},
                 {5, 0, 0},
                 {10700, 10000, 10700},
                 {850, 1000, 8500},
                 {1, 1, 10000},
                 {0xffffff, 1, 167772150000}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_true(share_half_up(cases[i].part, cases[i].whole) == cases[i].want);
        assert_true(share_half_away(cases[i].part, cases[i].whole) == cases[i].want);
        assert_true(share_half_away(-cases[i].part, cases[i].whole) == -cases[i].want);
    }
}

static void states_are_spelt_as_the_contract_says_and_read_back(void **state) {
    (void)state;
    static const char *const want[] = {"on_time", "late",    "excused", "missing",
                                       "unknown", "not_due", "exempt"};
    for (int s = 0; s <= SLOT_EXEMPT; s++) {
        assert_string_equal(slot_state_text((enum slot_state)s), want[s]);
        assert_int_equal(slot_state_parse(want[s]), s);
    }
    assert_int_equal(slot_state_parse("On_time"), -1);
    assert_int_equal(slot_state_parse("Đúng hạn"), SLOT_ON_TIME);
    assert_int_equal(slot_state_parse("chưa đến hạn"), SLOT_NOT_DUE);
    assert_int_equal(slot_state_parse(""), -1);
    assert_string_equal(slot_review_text(REVIEW_NONE), "none");
    assert_string_equal(slot_review_text(REVIEW_ACCEPTED), "accepted");
    assert_string_equal(slot_review_text(REVIEW_RETURNED), "returned");
}

static void results_give_back_all_that_they_hold(void **state) {
    (void)state;
    struct board b = {.campaign = mem_strdup("c"), .period = mem_strdup("p"), .n_rows = 2};
    b.rows = mem_zalloc(2, sizeof *b.rows);
    assert_non_null(b.rows);
    b.rows[0].unit = mem_strdup("u");
    b.rows[1].name = mem_strdup("n");
    b.rows[1].by = mem_strdup("h");
    board_done(&b);
    assert_null(b.rows);
    assert_int_equal(b.n_rows, 0);
    board_done(&b);
    board_done(NULL);

    struct ranking r = {.campaign = mem_strdup("c"),
                        .period = mem_strdup("p"),
                        .under = mem_strdup("u"),
                        .group = mem_strdup("g"),
                        .profile = mem_strdup("f"),
                        .n_rows = 1,
                        .n_excluded = 1};
    r.rows = mem_zalloc(1, sizeof *r.rows);
    r.excluded = mem_zalloc(1, sizeof *r.excluded);
    assert_non_null(r.rows);
    assert_non_null(r.excluded);
    r.rows[0] = (struct rank_row){.unit = mem_strdup("u"),
                                  .unit_name = mem_strdup("n"),
                                  .subject = mem_strdup("s"),
                                  .name = mem_strdup("x"),
                                  .class_id = mem_strdup("c"),
                                  .grade = mem_strdup("g")};
    r.excluded[0] = (struct rank_excluded){mem_strdup("u"), mem_strdup("s"), "late"};
    ranking_done(&r);
    assert_null(r.rows);
    ranking_done(&r);
    ranking_done(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_board_counts_as_dhis2_does),
        cmocka_unit_test(no_board_goes_over_a_hundred_percent),
        cmocka_unit_test(shares_round_half_up_and_half_away_from_zero),
        cmocka_unit_test(states_are_spelt_as_the_contract_says_and_read_back),
        cmocka_unit_test(results_give_back_all_that_they_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
