#include "core/due.h"

#include <stdlib.h>
#include <string.h>

#define SATURDAY 5

static bool for_all(const struct due_rule *d) {
    return !d->level || d->level[0] == '\0';
}

/* The due date that holds for `level`; NULL if none does. */
static const struct due_rule *choose(const struct report_rule *rule, const char *level) {
    const struct due_rule *general = NULL;
    for (uint32_t i = 0; i < rule->n_due; i++) {
        const struct due_rule *d = &rule->due[i];
        if (for_all(d) && !general)
            general = d;
        if (!for_all(d) && level && strcmp(d->level, level) == 0)
            return d;
    }
    return general;
}

/* The day `y`-`m`-`d`, or the day before it unless `inclusive`, in 64 bits as all sums here. */
static int last_day_of_date(int32_t y, int32_t m, int32_t d, bool inclusive, int64_t *ret_last,
                            struct err *e) {
    day date;
    if (!day_from_ymd(y, m, d, &date))
        return err_set(e, ERR_REFUSED,
                       "the due date %d/%d/%d does not exist: correct the date in the campaign", d,
                       m, y);
    *ret_last = (int64_t)date - !inclusive;
    return 0;
}

static int last_day_yearly(const struct due_rule *d, day period_end, int64_t *ret_last,
                           struct err *e) {
    int year, month, dom;
    day leap_day;
    day_to_ymd(period_end, &year, &month, &dom);
    if (d->month == 2 && d->day == 29 && !day_from_ymd(year, 2, 29, &leap_day))
        return last_day_of_date(year, 2, 28, true, ret_last, e);
    return last_day_of_date(year, d->month, d->day, d->inclusive, ret_last, e);
}

/* The last day that counts, before any rolling. */
static int last_day(const struct due_rule *d, const struct period *period, int64_t *ret_last,
                    struct err *e) {
    switch (d->recurrence) {
    case DUE_ONCE:
        return last_day_of_date(d->year, d->month, d->day, d->inclusive, ret_last, e);
    case DUE_YEARLY:
        return last_day_yearly(d, period->end, ret_last, e);
    case DUE_PERIOD_END:
        *ret_last = (int64_t)period->end + d->days_after - !d->inclusive;
        return 0;
    case DUE_UNDATED:
        break;
    }
    return err_set(
        e, ERR_REFUSED,
        "the campaign has a due date of unknown kind %d: upgrade the program or correct it",
        (int)d->recurrence);
}

static int cmp_day(const void *a, const void *b) {
    day x = *(const day *)a, y = *(const day *)b;
    return (x > y) - (x < y);
}

static bool is_working(day d, const struct holidays *h) {
    if (day_of_week(d) >= SATURDAY)
        return false;
    return !h || h->n == 0 || !bsearch(&d, h->days, h->n, sizeof *h->days, cmp_day);
}

/* Ends because the table is finite. */
static day rolled(day d, enum due_roll roll, const struct holidays *h) {
    if (roll != ROLL_NONE)
        while (!is_working(d, h))
            d += roll == ROLL_NEXT ? 1 : -1;
    return d;
}

static bool in_calendar(int64_t last) {
    return last >= instant_day(INSTANT_MIN) && last < instant_day(INSTANT_MAX);
}

int due_instant(const struct report_rule *rule, const struct period *period, const char *unit_level,
                const struct holidays *holidays, instant *ret_due, struct err *e) {
    const struct due_rule *d = choose(rule, unit_level);
    if (!d || d->recurrence == DUE_UNDATED) {
        *ret_due = INSTANT_NONE;
        return 0;
    }
    int64_t last = 0;
    int r = last_day(d, period, &last, e);
    if (r != 0)
        return r;
    if (!in_calendar(last))
        return err_set(
            e, ERR_REFUSED,
            "the due date for period %s lies outside the years 1 to 9999: correct it in the "
            "campaign",
            period->id);
    *ret_due = instant_of_day(rolled((day)last, d->roll, holidays) + 1);
    return 0;
}
