#include "audit/redue.h"

#include <string.h>

/* The first rule for just this level, else the first one for all. */
static const struct due_rule *rule_for(const struct report_rule *rule, const char *level) {
    const struct due_rule *general = NULL;
    for (uint32_t i = 0; i < rule->n_due; i++) {
        const char *of = rule->due[i].level;
        bool for_all = !of || of[0] == '\0';
        if (!for_all && level && strcmp(of, level) == 0)
            return &rule->due[i];
        if (for_all && !general)
            general = &rule->due[i];
    }
    return general;
}

static int year_of(day d) {
    int y, m, dd;
    day_to_ymd(d, &y, &m, &dd);
    return y;
}

/* The last day that counts, before any roll; DAY_NONE if there is no such date. */
static day last_day(const struct due_rule *due, const struct period *period) {
    day date;
    if (due->recurrence == DUE_PERIOD_END) {
        date = period->end + due->days_after;
    } else {
        int year = due->recurrence == DUE_ONCE ? due->year : year_of(period->end);
        if (!day_from_ymd(year, due->month, due->day, &date)) {
            /* A yearly 29 February in a common year: the 28th is in time under either wording. */
            bool leap_day = due->recurrence == DUE_YEARLY && due->month == 2 && due->day == 29;
            return leap_day && day_from_ymd(year, 2, 28, &date) ? date : DAY_NONE;
        }
    }
    return due->inclusive ? date : date - 1;
}

static bool is_weekend(day d) {
    return day_of_week(d) >= 5;
}

instant redue_instant(const struct report_rule *rule, const struct period *period,
                      const char *level) {
    const struct due_rule *due = rule_for(rule, level);
    if (!due || due->recurrence == DUE_UNDATED)
        return INSTANT_NONE;
    day last = last_day(due, period);
    if (last == DAY_NONE)
        return INSTANT_NONE;
    while (due->roll == ROLL_NEXT && is_weekend(last))
        last++;
    while (due->roll == ROLL_PREVIOUS && is_weekend(last))
        last--;
    return instant_of_day(last + 1);
}

day redue_cutoff(const struct period *period) {
    return period->cutoff != DAY_NONE ? period->cutoff : period->end;
}
