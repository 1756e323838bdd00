#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/due.h"
#include "core/period.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void a_period_id_stands_for_its_natural_days(void **state) {
    (void)state;
    static const struct {
        const char *id, *begin, *end;
    } cases[] = {
        {"2023", "2023-01-01", "2023-12-31"},      {"2023-H1", "2023-01-01", "2023-06-30"},
        {"2023-H2", "2023-07-01", "2023-12-31"},   {"2023-Q1", "2023-01-01", "2023-03-31"},
        {"2023-Q3", "2023-07-01", "2023-09-30"},   {"2023-Q4", "2023-10-01", "2023-12-31"},
        {"2023-10", "2023-10-01", "2023-10-31"},   {"2023-02", "2023-02-01", "2023-02-28"},
        {"2024-02", "2024-02-01", "2024-02-29"},   {"1900-02", "1900-02-01", "1900-02-28"},
        {"2019-2025", "2019-01-01", "2025-12-31"}, {"0001", "0001-01-01", "0001-12-31"},
        {"9999-12", "9999-12-01", "9999-12-31"},   {"0001-9999", "0001-01-01", "9999-12-31"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        day begin, end;
        char text[INSTANT_TEXT];
        assert_int_equal(period_parse(cases[i].id, &begin, &end, NULL), 0);
        day_text(begin, text);
        assert_string_equal(text, cases[i].begin);
        day_text(end, text);
        assert_string_equal(text, cases[i].end);
    }
}

static void anything_else_is_no_period(void **state) {
    (void)state;
    static const char *const bad[] = {"",          "202",       "20233",     "0000",     "2023-",
                                      "2023-H0",   "2023-H3",   "2023-Q0",   "2023-Q5",  "2023-h1",
                                      "2023-00",   "2023-13",   "2023-1",    "2023-001", "2023/10",
                                      "2023-2023", "2025-2019", "2023-Hx",   "2023-Q",   "x023",
                                      "2023-10 ",  " 2023",     "2019-202x", "-001"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        day begin = 1, end = 2;
        struct err e = {0};
        assert_int_equal(period_parse(bad[i], &begin, &end, &e), ERR_REFUSED);
        assert_string_equal(e.arg[0], bad[i]);
        assert_int_equal(begin, 1);
        assert_int_equal(end, 2);
    }
}

static char empty[] = "", commune[] = "commune", district[] = "district";
static char y2023[] = "2023", y2024[] = "2024";

static struct period period_of(char *id) {
    struct period p = {.id = id};
    assert_int_equal(period_parse(id, &p.begin, &p.end, NULL), 0);
    p.cutoff = p.end;
    return p;
}

/* What due_instant says for one due date, as text. */
static const char *due_text(struct due_rule d, char *period, const struct holidays *h,
                            char out[INSTANT_TEXT]) {
    if (!d.level)
        d.level = empty;
    struct report_rule rule = {.kind = REPORT_ANNUAL, .n_due = 1, .due = &d};
    struct period p = period_of(period);
    instant due;
    assert_int_equal(due_instant(&rule, &p, commune, h, &due, NULL), 0);
    if (due == INSTANT_NONE)
        return "none";
    instant_text(due, out);
    return out;
}

static void a_due_instant_is_the_first_one_that_is_too_late(void **state) {
    (void)state;
    static char h1[] = "2023-H1", q3[] = "2023-Q3", feb[] = "2024-02", years[] = "2019-2025";
    const struct {
        const char *name;
        struct due_rule due;
        char *period;
        const char *want;
    } cases[] = {
        {"chậm nhất ngày 15/12/2023",
         {.recurrence = DUE_ONCE, .year = 2023, .month = 12, .day = 15, .inclusive = true},
         y2023,
         "2023-12-16T00:00:00+07:00"},
        {"trước ngày 30 tháng 10 hàng năm",
         {.recurrence = DUE_YEARLY, .month = 10, .day = 30},
         y2023,
         "2023-10-30T00:00:00+07:00"},
        {"yearly falls in the year of the period's end",
         {.recurrence = DUE_YEARLY, .month = 10, .day = 30},
         years,
         "2025-10-30T00:00:00+07:00"},
        {"yearly in a half year",
         {.recurrence = DUE_YEARLY, .month = 6, .day = 30, .inclusive = true},
         h1,
         "2023-07-01T00:00:00+07:00"},
        {"the end of the year",
         {.recurrence = DUE_PERIOD_END, .inclusive = true},
         y2023,
         "2024-01-01T00:00:00+07:00"},
        {"five days after the quarter",
         {.recurrence = DUE_PERIOD_END, .days_after = 5, .inclusive = true},
         q3,
         "2023-10-06T00:00:00+07:00"},
        {"before the fifth day after the quarter",
         {.recurrence = DUE_PERIOD_END, .days_after = 5},
         q3,
         "2023-10-05T00:00:00+07:00"},
        {"the end of a leap February",
         {.recurrence = DUE_PERIOD_END, .inclusive = true},
         feb,
         "2024-03-01T00:00:00+07:00"},
        {"29 February once",
         {.recurrence = DUE_ONCE, .year = 2024, .month = 2, .day = 29, .inclusive = true},
         y2024,
         "2024-03-01T00:00:00+07:00"},
        {"until 29 February in a leap year",
         {.recurrence = DUE_YEARLY, .month = 2, .day = 29, .inclusive = true},
         y2024,
         "2024-03-01T00:00:00+07:00"},
        {"before 29 February in a leap year",
         {.recurrence = DUE_YEARLY, .month = 2, .day = 29},
         y2024,
         "2024-02-29T00:00:00+07:00"},
        {"until 29 February in a common year",
         {.recurrence = DUE_YEARLY, .month = 2, .day = 29, .inclusive = true},
         y2023,
         "2023-03-01T00:00:00+07:00"},
        {"before 29 February in a common year",
         {.recurrence = DUE_YEARLY, .month = 2, .day = 29},
         y2023,
         "2023-03-01T00:00:00+07:00"},
        {"no date", {.recurrence = DUE_UNDATED}, y2023, "none"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[INSTANT_TEXT];
        print_message("  %s\n", cases[i].name);
        assert_string_equal(due_text(cases[i].due, cases[i].period, NULL, text), cases[i].want);
    }
}

/* A yearly date in 2023, or over Tết 2024 (Thursday 8 to Wednesday 14 February). */
struct roll_case {
    const char *name;
    int month, day;
    bool exclusive, tet;
    enum due_roll roll;
    const char *want;
};

static const struct roll_case roll_cases[] = {
    {"a Friday stays", 12, 15, .roll = ROLL_NEXT, .want = "2023-12-16T00:00:00+07:00"},
    {"Saturday to Monday", 12, 16, .roll = ROLL_NEXT, .want = "2023-12-19T00:00:00+07:00"},
    {"Saturday to Friday", 12, 16, .roll = ROLL_PREVIOUS, .want = "2023-12-16T00:00:00+07:00"},
    {"Saturday stays without a roll", 12, 16, .want = "2023-12-17T00:00:00+07:00"},
    {"Sunday to Monday", 12, 17, .roll = ROLL_NEXT, .want = "2023-12-19T00:00:00+07:00"},
    {"before Monday 30/10: Sunday 29/10 is the last day", 10, 30, .exclusive = true,
     .want = "2023-10-30T00:00:00+07:00"},
    {"before 30/10, next: Monday 30/10 counts", 10, 30, .exclusive = true, .roll = ROLL_NEXT,
     .want = "2023-10-31T00:00:00+07:00"},
    {"before 30/10, previous: Friday 27/10", 10, 30, .exclusive = true, .roll = ROLL_PREVIOUS,
     .want = "2023-10-28T00:00:00+07:00"},
    {"over Tết, next", 2, 10, .tet = true, .roll = ROLL_NEXT, .want = "2024-02-16T00:00:00+07:00"},
    {"over Tết, previous", 2, 10, .tet = true, .roll = ROLL_PREVIOUS,
     .want = "2024-02-08T00:00:00+07:00"},
    {"over Tết without a roll", 2, 10, .tet = true, .want = "2024-02-11T00:00:00+07:00"},
};

static void the_last_day_that_counts_rolls_off_weekends_and_holidays(void **state) {
    (void)state;
    static const char *const tet[] = {"2024-02-08", "2024-02-09", "2024-02-12", "2024-02-13",
                                      "2024-02-14"};
    day off[COUNT(tet)];
    for (size_t i = 0; i < COUNT(tet); i++)
        assert_true(day_parse(tet[i], &off[i]));
    const struct holidays h = {COUNT(off), off}, none = {0, NULL};
    for (size_t i = 0; i < COUNT(roll_cases); i++) {
        const struct roll_case *c = &roll_cases[i];
        char text[INSTANT_TEXT];
        struct due_rule d = {.recurrence = DUE_YEARLY,
                             .month = c->month,
                             .day = c->day,
                             .inclusive = !c->exclusive,
                             .roll = c->roll};
        print_message("  %s\n", c->name);
        assert_string_equal(due_text(d, c->tet ? y2024 : y2023, c->tet ? &h : NULL, text), c->want);
        if (!c->tet)
            assert_string_equal(due_text(d, y2023, &none, text), c->want);
    }
}

static void a_due_date_for_the_level_goes_before_one_for_all(void **state) {
    (void)state;
    struct due_rule due[] = {
        {.level = empty, .recurrence = DUE_ONCE, .year = 2023, .month = 12, .day = 20},
        {.level = commune, .recurrence = DUE_ONCE, .year = 2023, .month = 12, .day = 10},
        {.level = commune, .recurrence = DUE_ONCE, .year = 2023, .month = 12, .day = 11},
        {.level = district, .recurrence = DUE_UNDATED},
        {.level = empty, .recurrence = DUE_ONCE, .year = 2023, .month = 12, .day = 21},
    };
    struct report_rule rule = {.n_due = COUNT(due), .due = due}, only_district = rule, none = {0};
    only_district.n_due = 1;
    only_district.due = due + 3;
    struct period p = period_of(y2023);
    const struct {
        const char *name;
        const struct report_rule *rule;
        const char *level;
        const char *want;
    } cases[] = {
        {"own level, first of two", &rule, "commune", "2023-12-10T00:00:00+07:00"},
        {"another level", &rule, "province", "2023-12-20T00:00:00+07:00"},
        {"no level", &rule, NULL, "2023-12-20T00:00:00+07:00"},
        {"undated for this level", &rule, "district", NULL},
        {"only another level has one", &only_district, "commune", NULL},
        {"no due date at all", &none, "commune", NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        instant due = 0;
        char text[INSTANT_TEXT];
        print_message("  %s\n", cases[i].name);
        assert_int_equal(due_instant(cases[i].rule, &p, cases[i].level, NULL, &due, NULL), 0);
        assert_int_equal(due == INSTANT_NONE, cases[i].want == NULL);
        if (cases[i].want) {
            instant_text(due, text);
            assert_string_equal(text, cases[i].want);
        }
    }
}

static void a_date_that_does_not_exist_is_refused_and_nothing_is_written(void **state) {
    (void)state;
    struct period p = period_of(y2023);
    const struct due_rule cases[] = {
        {.recurrence = DUE_ONCE, .year = 2023, .month = 2, .day = 29},
        {.recurrence = DUE_ONCE, .year = 2023, .month = 13, .day = 1},
        {.recurrence = DUE_ONCE, .month = 1, .day = 1},
        {.recurrence = DUE_YEARLY, .month = 6, .day = 31},
        {.recurrence = DUE_PERIOD_END, .days_after = INT32_MAX},
        {.recurrence = DUE_PERIOD_END, .days_after = INT32_MIN},
        {.recurrence = DUE_ONCE, .year = 9999, .month = 12, .day = 31, .inclusive = true},
        {.recurrence = (enum due_recurrence)99},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct due_rule d = cases[i];
        d.level = empty;
        struct report_rule rule = {.n_due = 1, .due = &d};
        struct err e = {0};
        instant due = 7;
        assert_int_equal(due_instant(&rule, &p, commune, NULL, &due, &e), ERR_REFUSED);
        assert_non_null(e.msgid);
        assert_int_equal(due, 7);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_period_id_stands_for_its_natural_days),
        cmocka_unit_test(anything_else_is_no_period),
        cmocka_unit_test(a_due_instant_is_the_first_one_that_is_too_late),
        cmocka_unit_test(the_last_day_that_counts_rolls_off_weekends_and_holidays),
        cmocka_unit_test(a_due_date_for_the_level_goes_before_one_for_all),
        cmocka_unit_test(a_date_that_does_not_exist_is_refused_and_nothing_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
