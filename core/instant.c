#include "core/instant.h"

#include <stdio.h>
#include <string.h>

#define OFFSET_MS ((instant)7 * 3600 * 1000)

static int64_t floor_div(int64_t a, int64_t b) {
    int64_t q = a / b;
    return q - ((a % b != 0) && ((a < 0) != (b < 0)));
}

instant instant_of_day(day d) {
    return (instant)d * MS_PER_DAY - OFFSET_MS;
}

day instant_day(instant t) {
    return (day)floor_div(t + OFFSET_MS, MS_PER_DAY);
}

static bool is_leap(int y) {
    return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

static int month_days(int y, int m) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[m - 1] + (m == 2 && is_leap(y));
}

/* Days before 1 January of year `y`, counted from 1 January of year 1. */
static int64_t days_before_year(int y) {
    int64_t n = y - 1;
    return n * 365 + n / 4 - n / 100 + n / 400;
}

#define EPOCH_DAYS 719162 /* days_before_year(1970) */

bool day_from_ymd(int y, int m, int d, day *ret_day) {
    if (y < 1 || y > 9999 || m < 1 || m > 12 || d < 1 || d > month_days(y, m))
        return false;
    int64_t n = days_before_year(y) - EPOCH_DAYS;
    for (int i = 1; i < m; i++)
        n += month_days(y, i);
    *ret_day = (day)(n + d - 1);
    return true;
}

void day_to_ymd(day d, int *ret_y, int *ret_m, int *ret_d) {
    int64_t n = (int64_t)d + EPOCH_DAYS;
    int y = (int)floor_div(n, 366) + 1;
    while (days_before_year(y + 1) <= n)
        y++;
    n -= days_before_year(y);
    int m = 1;
    while (n >= month_days(y, m))
        n -= month_days(y, m++);
    *ret_y = y;
    *ret_m = m;
    *ret_d = (int)n + 1;
}

int day_of_week(day d) {
    return (int)(((int64_t)d + 3) - 7 * floor_div((int64_t)d + 3, 7));
}

void instant_text(instant t, char out[INSTANT_TEXT]) {
    int y, m, d;
    t = t < INSTANT_MIN ? INSTANT_MIN : t > INSTANT_MAX ? INSTANT_MAX : t; /* it has to fit */
    day_to_ymd(instant_day(t), &y, &m, &d);
    int ms = (int)(t - instant_of_day(instant_day(t)));
    int n = snprintf(out, INSTANT_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d", y, m, d, ms / 3600000,
                     ms / 60000 % 60, ms / 1000 % 60);
    if (ms % 1000 != 0)
        n += snprintf(out + n, (size_t)(INSTANT_TEXT - n), ".%03d", ms % 1000);
    (void)snprintf(out + n, (size_t)(INSTANT_TEXT - n), "+07:00");
}

void instant_text_people(instant t, char out[INSTANT_TEXT]) {
    int y, m, d;
    day_to_ymd(instant_day(t), &y, &m, &d);
    int ms = (int)(t - instant_of_day(instant_day(t)));
    (void)snprintf(out, INSTANT_TEXT, "%02d/%02d/%04d %02d:%02d", d, m, y, ms / 3600000,
                   ms / 60000 % 60);
}

void day_text(day at, char out[INSTANT_TEXT]) {
    int y, m, d;
    day_to_ymd(at, &y, &m, &d);
    (void)snprintf(out, INSTANT_TEXT, "%04d-%02d-%02d", y, m, d);
}

void day_text_people(day at, char out[INSTANT_TEXT]) {
    int y, m, d;
    day_to_ymd(at, &y, &m, &d);
    (void)snprintf(out, INSTANT_TEXT, "%02d/%02d/%04d", d, m, y);
}

/* Between `min` and `max` decimal digits at *p; advances *p. */
static bool digits(const char **p, int min, int max, int *ret_value) {
    int n = 0, v = 0;
    while (n < max && **p >= '0' && **p <= '9') {
        v = v * 10 + (*(*p)++ - '0');
        n++;
    }
    *ret_value = v;
    return n >= min;
}

static bool literal(const char **p, char c) {
    if (**p != c)
        return false;
    (*p)++;
    return true;
}

/* A date in either form at *p; advances *p. */
static bool date_at(const char **p, day *ret_day) {
    int y, m, d;
    const char *q = *p;
    if (digits(&q, 4, 4, &y) && literal(&q, '-') && digits(&q, 2, 2, &m) && literal(&q, '-') &&
        digits(&q, 2, 2, &d)) {
        *p = q;
        return day_from_ymd(y, m, d, ret_day);
    }
    q = *p;
    if (!digits(&q, 1, 2, &d) || !literal(&q, '/') || !digits(&q, 1, 2, &m) || !literal(&q, '/') ||
        !digits(&q, 4, 4, &y))
        return false;
    *p = q;
    return day_from_ymd(y, m, d, ret_day);
}

bool day_parse(const char *text, day *ret_day) {
    day d;
    if (!date_at(&text, &d) || *text != '\0')
        return false;
    *ret_day = d;
    return true;
}

/* `HH:MM[:SS[.mmm]]` at *p, in milliseconds. */
static bool clock_at(const char **p, int64_t *ret_ms) {
    int h, m, s = 0, ms = 0;
    if (!digits(p, 2, 2, &h) || !literal(p, ':') || !digits(p, 2, 2, &m))
        return false;
    if (literal(p, ':')) {
        if (!digits(p, 2, 2, &s))
            return false;
        if (literal(p, '.') && !digits(p, 3, 3, &ms))
            return false;
    }
    if (h > 23 || m > 59 || s > 59)
        return false;
    *ret_ms = ((h * 60 + m) * 60 + s) * (int64_t)1000 + ms;
    return true;
}

/* `Z`, `+hh:mm` or `-hh:mm` at *p, in milliseconds; nothing means UTC+7. */
static bool offset_at(const char **p, int64_t *ret_ms) {
    *ret_ms = OFFSET_MS;
    if (**p == '\0')
        return true;
    if (literal(p, 'Z')) {
        *ret_ms = 0;
        return true;
    }
    int sign = **p == '-' ? -1 : 1, h, m;
    if (**p != '+' && **p != '-')
        return false;
    (*p)++;
    if (!digits(p, 2, 2, &h) || !literal(p, ':') || !digits(p, 2, 2, &m) || h > 14 || m > 59)
        return false;
    *ret_ms = sign * (h * 60 + m) * (int64_t)60000;
    return true;
}

bool instant_parse(const char *text, instant *ret_instant) {
    day d;
    int64_t clock = 0, offset = OFFSET_MS;
    if (!date_at(&text, &d))
        return false;
    if (*text == 'T' || *text == ' ') {
        text++;
        if (!clock_at(&text, &clock) || !offset_at(&text, &offset))
            return false;
    }
    if (*text != '\0')
        return false;
    *ret_instant = (instant)d * MS_PER_DAY + clock - offset;
    return true;
}

bool instant_parse_end(const char *text, instant *ret_instant) {
    day last;
    if (!day_parse(text, &last))
        return instant_parse(text, ret_instant);
    if (last >= instant_day(INSTANT_MAX))
        return false;
    *ret_instant = instant_of_day(last + 1);
    return true;
}
