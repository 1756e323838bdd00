#include "hub/campaign_values.h"

#include "core/limits.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void campaign_values_enter(struct campaign_values *v, const char *at, ...) {
    va_list args;
    va_start(args, at);
    vsnprintf(v->at, sizeof v->at, at, args);
    va_end(args);
}

const char *campaign_values_place(const struct campaign_values *v, const char *key,
                                  char out[ERR_ARG_BYTES]) {
    snprintf(out, ERR_ARG_BYTES, "%s%s%s", v->at, *key ? "." : "", key);
    return out;
}

void *campaign_values_many(struct campaign_values *v, uint32_t n, size_t size) {
    if (v->rc || n == 0)
        return NULL;
    void *p = arena_alloc(&v->arena, n * size);
    if (p)
        memset(p, 0, n * size);
    else
        v->rc = err_nomem(v->e);
    return p;
}

static bool given(const struct campaign_values *v, const char *text) {
    return v->rc == 0 && text && *text;
}

day campaign_values_day(struct campaign_values *v, const char *key, const char *text) {
    char at[ERR_ARG_BYTES];
    day d = DAY_NONE;
    if (given(v, text) && !day_parse(text, &d))
        v->rc =
            err_set(v->e, ERR_REFUSED,
                    "%s: %s: “%s” is no date of the calendar; write it as 15/12/2023 or 2023-12-15",
                    v->name, campaign_values_place(v, key, at), text);
    return d;
}

/* `n` digits at most at `*p`, which moves past them; -1 if there is none or one too many. */
static int64_t digits(const char **p, int n) {
    int64_t sum = 0;
    const char *from = *p;
    while (**p >= '0' && **p <= '9' && *p - from <= n)
        sum = sum * 10 + (*(*p)++ - '0');
    return *p == from || *p - from > n ? -1 : sum;
}

void campaign_values_day_of_year(struct campaign_values *v, const char *key, const char *text,
                                 int32_t *ret_month, int32_t *ret_day) {
    if (!given(v, text))
        return;
    const char *p = text;
    char at[ERR_ARG_BYTES];
    day unused;
    int d = (int)digits(&p, 2);
    bool slash = *p == '/';
    p += slash;
    int m = slash ? (int)digits(&p, 2) : -1;
    if (*p || !day_from_ymd(2024, m, d, &unused)) {
        v->rc = err_set(v->e, ERR_REFUSED,
                        "%s: %s: “%s” is no day of the year; write day and month as 30/10", v->name,
                        campaign_values_place(v, key, at), text);
        return;
    }
    *ret_month = m;
    *ret_day = d;
}

int32_t campaign_values_whole(struct campaign_values *v, const char *key, const char *text,
                              int32_t min, int32_t max, int32_t none) {
    if (!given(v, text))
        return none;
    const char *p = text;
    char at[ERR_ARG_BYTES];
    int64_t n = digits(&p, 9);
    if (!*p && n >= min && n <= max)
        return (int32_t)n;
    v->rc = err_set(v->e, ERR_REFUSED, "%s: %s: “%s” is no whole number from %d to %d", v->name,
                    campaign_values_place(v, key, at), text, min, max);
    return none;
}

score campaign_values_hundredths(struct campaign_values *v, const char *key, const char *text,
                                 score none) {
    if (!given(v, text))
        return none;
    const char *p = text;
    char at[ERR_ARG_BYTES];
    int sign = *p == '-' ? -1 : 1;
    p += sign < 0;
    int64_t n = digits(&p, 6) * 100;
    if (n >= 0 && (*p == ',' || *p == '.')) {
        const char *fraction = ++p;
        int64_t f = digits(&p, 2);
        n = f < 0 ? -1 : n + (p - fraction == 1 ? f * 10 : f);
    }
    if (!*p && n >= 0 && n <= LIMIT_SCORE)
        return (score)(sign * n);
    v->rc = err_set(v->e, ERR_REFUSED,
                    "%s: %s: “%s” is no number; write it as 8,5 with at most two decimals", v->name,
                    campaign_values_place(v, key, at), text);
    return none;
}

struct uid *campaign_values_units(struct campaign_values *v, const char *key, char *const *codes,
                                  uint32_t n) {
    char at[ERR_ARG_BYTES];
    struct uid *units = campaign_values_many(v, n, sizeof *units);
    for (uint32_t i = 0; units && v->rc == 0 && i < n; i++)
        if (!v->resolve || !v->resolve(v->arg, codes[i], &units[i]))
            v->rc =
                err_set(v->e, ERR_REFUSED,
                        "%s: %s: no unit has the code “%s”; correct it, or import the unit first",
                        v->name, campaign_values_place(v, key, at), codes[i]);
    return units;
}
