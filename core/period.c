#include "core/period.h"

#include <assert.h>
#include <string.h>

/* The first month of the period and how many months it lasts. */
struct span {
    int year, month, months;
};

/* Exactly `n` decimal digits at `p`; -1 if one of them is something else. */
static int digits(const char *p, int n) {
    int v = 0;
    for (int i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9')
            return -1;
        v = v * 10 + (p[i] - '0');
    }
    return v;
}

/* What follows `YYYY-`: a half, a quarter, a month or a second year. */
static bool parse_part(const char *part, struct span *s) {
    size_t len = strlen(part);
    if (len == 2 && (part[0] == 'H' || part[0] == 'Q')) {
        int n = digits(part + 1, 1);
        s->months = part[0] == 'H' ? 6 : 3;
        s->month = (n - 1) * s->months + 1;
        return n >= 1 && n * s->months <= 12;
    }
    if (len == 2) {
        s->month = digits(part, 2);
        s->months = 1;
        return s->month >= 1 && s->month <= 12;
    }
    if (len == 4) {
        int last = digits(part, 4);
        s->months = (last - s->year + 1) * 12;
        return last > s->year;
    }
    return false;
}

static bool parse(const char *id, struct span *ret_span) {
    size_t len = strlen(id);
    struct span s = {len >= 4 ? digits(id, 4) : -1, 1, 12};
    if (s.year < 1 || (len > 4 && (id[4] != '-' || !parse_part(id + 5, &s))))
        return false;
    *ret_span = s;
    return true;
}

/* The last day of `month` of `year`; both exist. */
static day month_end(int year, int month) {
    day end = 0;
    for (int d = 31; !day_from_ymd(year, month, d, &end); d--)
        assert(d > 28);
    return end;
}

int period_parse(const char *id, day *ret_begin, day *ret_end, struct err *e) {
    struct span s;
    if (!parse(id, &s))
        return err_set(
            e, ERR_REFUSED,
            "period '%s' is not known: write 2023, 2023-H1, 2023-Q3, 2023-10 or 2019-2025", id);
    bool exists = day_from_ymd(s.year, s.month, 1, ret_begin);
    assert(exists);
    int last = s.month - 1 + s.months - 1;
    *ret_end = month_end(s.year + last / 12, last % 12 + 1);
    return 0;
}
