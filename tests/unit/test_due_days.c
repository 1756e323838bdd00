#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/due.h"
#include "core/due_days.h"
#include "core/limits.h"
#include "proto/payload_campaign.h"
#include "tests/unit/fixture_records.h"

#include <stdio.h>

#define PERIODS 40

static struct fixture f;

/* A campaign of two kinds of report and PERIODS years, with `n` due dates each. */
struct plan {
    char levels[LIMIT_DUE + 1][4], ids[PERIODS][8], none[1];
    struct due_rule due[2][LIMIT_DUE + 1];
    struct report_rule reports[2];
    struct period periods[PERIODS];
    struct campaign c;
};

static void plan(struct plan *p, uint32_t n, int first_year) {
    *p = (struct plan){0};
    for (uint32_t i = 0; i < n; i++) {
        if (i > 0)
            (void)snprintf(p->levels[i], sizeof p->levels[i], "l%u", i);
        int32_t day_of_month = (int32_t)(i % 28) + 1;
        p->due[0][i] = (struct due_rule){.level = p->levels[i],
                                         .recurrence = DUE_YEARLY,
                                         .month = (int32_t)(i % 12) + 1,
                                         .day = day_of_month,
                                         .inclusive = i % 2 == 0,
                                         .roll = i % 3 == 0 ? ROLL_NEXT : ROLL_NONE};
        p->due[1][i] = (struct due_rule){.level = p->levels[i],
                                         .recurrence = i % 5 == 4 ? DUE_UNDATED : DUE_PERIOD_END,
                                         .days_after = i % 5 == 4 ? 0 : (int32_t)i * 7};
    }
    for (uint32_t i = 0; i < 2; i++)
        p->reports[i] = (struct report_rule){.kind = (enum report_kind)(i + 1),
                                             .is_default = i == 0,
                                             .n_due = n,
                                             .due = p->due[i],
                                             .embedded_in = p->none};
    for (int i = 0; i < PERIODS; i++) {
        struct period *x = &p->periods[i];
        (void)snprintf(p->ids[i], sizeof p->ids[i], "%04d", first_year + i);
        x->id = p->ids[i];
        assert_true(day_from_ymd(first_year + i, 1, 1, &x->begin));
        assert_true(day_from_ymd(first_year + i, 12, 31, &x->end));
        x->cutoff = x->end;
    }
    p->c = f.plan;
    p->c.n_reports = 2;
    p->c.reports = p->reports;
    p->c.n_periods = PERIODS;
    p->c.periods = p->periods;
}

/* The same, by asking every due date. */
static instant next_by_hand(const struct plan *p, instant after, instant until) {
    instant best = INSTANT_NONE;
    for (uint32_t r = 0; r < p->c.n_reports; r++)
        for (uint32_t k = 0; k < p->c.n_periods; k++)
            for (uint32_t i = 0; i < p->reports[r].n_due; i++) {
                instant due = INSTANT_NONE;
                if (due_instant(&p->reports[r], &p->periods[k], p->levels[i], NULL, &due, NULL) ||
                    due == INSTANT_NONE || due <= after || due > until)
                    continue;
                if (best == INSTANT_NONE || due < best)
                    best = due;
            }
    return best;
}

static void the_next_due_instant_is_the_earliest_that_any_due_date_makes(void **state) {
    (void)state;
    static const int first_years[] = {1, 1900, 2000, 9960};
    static struct plan p;
    for (size_t i = 0; i < sizeof first_years / sizeof *first_years; i++) {
        struct due_days d = {0};
        plan(&p, LIMIT_DUE, first_years[i]);
        assert_int_equal(due_days_add(&d, &p.c, NULL), 0);
        uint32_t n = 0;
        instant at = INSTANT_NONE, next;
        for (; (next = due_days_next(&d, at, INT64_MAX)) != INSTANT_NONE; at = next, n++) {
            assert_int_equal(next, next_by_hand(&p, at, INT64_MAX));
            assert_int_equal(due_days_next(&d, next - 1, next), next);
            assert_int_equal(due_days_next(&d, at, next - 1), INSTANT_NONE);
        }
        assert_int_equal(next_by_hand(&p, at, INT64_MAX), INSTANT_NONE);
        assert_true(n > PERIODS);
        due_days_done(&d);
    }
}

static void nothing_is_due_where_no_campaign_asks_for_anything(void **state) {
    (void)state;
    struct due_days d = {0};
    assert_int_equal(due_days_next(&d, INSTANT_NONE, INT64_MAX), INSTANT_NONE);
    assert_int_equal(due_days_add(&d, &(struct campaign){0}, NULL), 0);
    assert_int_equal(due_days_next(&d, INSTANT_NONE, INT64_MAX), INSTANT_NONE);
    assert_int_equal(due_days_next(&d, INT64_MAX, INT64_MAX), INSTANT_NONE);
    assert_int_equal(due_days_next(&d, INSTANT_NONE, INSTANT_NONE), INSTANT_NONE);
    due_days_done(&d);
}

static void a_report_has_no_more_due_dates_than_there_are_levels_and_one_for_all(void **state) {
    (void)state;
    static struct plan p;
    for (uint32_t n = LIMIT_DUE; n <= LIMIT_DUE + 1; n++) {
        int want = n > LIMIT_DUE ? ERR_REFUSED : 0;
        struct campaign c;
        struct buf b;
        buf_init(&b);
        plan(&p, n, 2000);
        assert_int_equal(campaign_check(&p.c, NULL), want);
        assert_int_equal(campaign_encode(&p.c, &b, NULL), want);
        if (want == 0) {
            assert_int_equal(campaign_decode(buf_slice(&b), &c, NULL), 0);
            campaign_done(&c);
        }
        buf_done(&b);
    }
}

int main(void) {
    fixture_plan(&f);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_next_due_instant_is_the_earliest_that_any_due_date_makes),
        cmocka_unit_test(nothing_is_due_where_no_campaign_asks_for_anything),
        cmocka_unit_test(a_report_has_no_more_due_dates_than_there_are_levels_and_one_for_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
