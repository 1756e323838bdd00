#include "core/rank.h"

#include "core/limits.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define STEP_BITS 24
#define PERCENT_HUNDRED 10000 /* in hundredths of a percent */

static_assert(LIMIT_SCORE < 1 << STEP_BITS, "two steps of 24 bits tell any two shares apart");

/* Negative when `a` has the greater share. Products stay below 2^62. */
static int compare_share(const struct rank_entry *a, const struct rank_entry *b) {
    int64_t x = (int64_t)a->total * b->max, y = (int64_t)b->total * a->max;
    return (x < y) - (x > y);
}

int rank_compare(const struct rank_entry *a, const struct rank_entry *b, uint32_t n_keys) {
    if (a->max == 0 || b->max == 0)
        return (a->max == 0) - (b->max == 0);
    int order = compare_share(a, b);
    for (uint32_t i = 0; order == 0 && i < n_keys; i++)
        order = (a->keys[i] < b->keys[i]) - (a->keys[i] > b->keys[i]);
    return order;
}

/* The order of printing: codes only part what ties. */
static int compare_printed(const void *pa, const void *pb, void *arg) {
    const struct rank_entry *a = pa, *b = pb;
    int order = rank_compare(a, b, *(const uint32_t *)arg);
    if (order == 0)
        order = strcmp(a->unit, b->unit);
    return order != 0 ? order : strcmp(a->subject, b->subject);
}

/* The end of the run of entries that tie with entry `start`. */
static uint32_t tie_end(const struct rank_entry *entries, uint32_t n, uint32_t start,
                        uint32_t n_keys) {
    uint32_t end = start + 1;
    while (end < n && rank_compare(&entries[start], &entries[end], n_keys) == 0)
        end++;
    return end;
}

void rank_order(struct rank_entry *entries, uint32_t n, uint32_t n_keys) {
    if (n == 0)
        return;
    qsort_r(entries, n, sizeof *entries, compare_printed, &n_keys);
    for (uint32_t start = 0; start < n;) {
        uint32_t end = tie_end(entries, n, start, n_keys);
        bool ranked = entries[start].max != 0;
        for (uint32_t i = start; i < end; i++) {
            entries[i].rank = ranked ? start + 1 : 0;
            entries[i].tied = ranked && end - start > 1;
        }
        start = end;
    }
}

uint32_t rank_limit(const struct rank_entry *entries, uint32_t n, uint32_t limit) {
    if (limit == 0 || limit >= n)
        return limit < n ? limit : n;
    uint32_t end = limit;
    while (end < n && entries[end].rank != 0 && entries[end].rank == entries[limit - 1].rank)
        end++;
    return end;
}

static void put_be(uint8_t *out, uint32_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; i--, value >>= 8)
        out[i] = (uint8_t)(value & 0xffu);
}

void rank_key(int32_t total, int32_t max, uint8_t out[RANK_KEY_BYTES]) {
    assert(total >= -LIMIT_SCORE && total <= LIMIT_SCORE && max >= 0 && max <= LIMIT_SCORE);
    memset(out, 0, RANK_KEY_BYTES);
    if (max == 0)
        return;
    int32_t q = total / max, r = total % max;
    if (r < 0) {
        q--;
        r += max;
    }
    uint64_t rest = (uint64_t)r, whole = (uint64_t)max;
    put_be(out, (uint32_t)q ^ 0x80000000u, 4);
    for (int step = 0; step < 2; step++) {
        rest <<= STEP_BITS;
        put_be(out + 4 + 3 * step, (uint32_t)(rest / whole), 3);
        rest %= whole;
    }
}

uint32_t rank_quota_places(const struct quota *q, uint32_t base) {
    assert(q->amount >= 0);
    if (!q->is_percentage)
        return (uint32_t)q->amount;
    assert(q->amount <= PERCENT_HUNDRED);
    uint64_t product = (uint64_t)base * (uint32_t)q->amount;
    switch (q->rounding) {
    case ROUND_DOWN:
        break;
    case ROUND_UP:
        product += PERCENT_HUNDRED - 1;
        break;
    case ROUND_HALF_UP:
        product += PERCENT_HUNDRED / 2;
        break;
    }
    return (uint32_t)(product / PERCENT_HUNDRED);
}

struct rank_edge rank_quota_edge(const struct rank_entry *entries, uint32_t n, uint32_t places) {
    uint32_t end = rank_limit(entries, n, places);
    while (end > 0 && entries[end - 1].rank == 0)
        end--;
    if (end <= places)
        return (struct rank_edge){end, end, 0};
    uint32_t inside = entries[end - 1].rank - 1;
    return (struct rank_edge){inside, end, places - inside};
}
