#include "core/due_days.h"

#include "core/due.h"
#include "core/mem.h"

#define WORD_BITS 64u
#define AFTER_LAST 8 /* a due instant lies so many days after the calendar's last one at most */

static day first_day(void) {
    return instant_day(INSTANT_MIN);
}

static uint32_t n_bits(void) {
    return (uint32_t)(instant_day(INSTANT_MAX) - first_day()) + AFTER_LAST;
}

void due_days_done(struct due_days *d) {
    mem_free(d->words);
    *d = (struct due_days){0};
}

static void add_rule(struct due_days *d, const struct report_rule *rule,
                     const struct period *period) {
    for (uint32_t i = 0; i < rule->n_due; i++) {
        instant due;
        if (due_instant(rule, period, rule->due[i].level, NULL, &due, NULL) != 0 ||
            due == INSTANT_NONE)
            continue;
        uint32_t bit = (uint32_t)(instant_day(due) - first_day());
        if (bit < n_bits())
            d->words[bit / WORD_BITS] |= UINT64_C(1) << bit % WORD_BITS;
    }
}

int due_days_add(struct due_days *d, const struct campaign *c, struct err *e) {
    if (!d->words)
        d->words = mem_zalloc(n_bits() / WORD_BITS + 1, sizeof *d->words);
    if (!d->words)
        return err_nomem(e);
    for (uint32_t i = 0; i < c->n_reports; i++)
        for (uint32_t k = 0; k < c->n_periods; k++)
            add_rule(d, &c->reports[i], &c->periods[k]);
    return 0;
}

/* How many of the days begin at `t` or before. */
static uint32_t days_until(instant t) {
    if (t < INSTANT_MIN)
        return 0;
    if (t >= INSTANT_MAX + (instant)AFTER_LAST * MS_PER_DAY)
        return n_bits();
    uint32_t n = (uint32_t)(instant_day(t) - first_day()) + 1;
    return n < n_bits() ? n : n_bits();
}

instant due_days_next(const struct due_days *d, instant after, instant until) {
    uint32_t bit = days_until(after), end = days_until(until);
    while (d->words && bit < end) {
        uint64_t rest = d->words[bit / WORD_BITS] >> bit % WORD_BITS;
        if (rest == 0) {
            bit += WORD_BITS - bit % WORD_BITS;
            continue;
        }
        bit += (uint32_t)__builtin_ctzll(rest);
        return bit < end ? instant_of_day(first_day() + (day)bit) : INSTANT_NONE;
    }
    return INSTANT_NONE;
}
