/*
 * Rankings: order by total ÷ applicable maximum, compared exactly, then by the comparators that the
 * campaign declares. Equal is equal: ranks run 1-2-2-4. Rows of one rank are printed by unit code
 * and subject code (bytes), and that decides nothing. A maximum of zero has no rank and comes last.
 *
 * Totals are signed and unclamped: a bonus may take one over its maximum, a penalty below zero.
 * |total| and maximum are at most LIMIT_SCORE (below 2^24) hundredths.
 */
#ifndef CORE_RANK_H
#define CORE_RANK_H

#include "core/campaign.h"

#define RANK_KEY_BYTES 10

/* One row to be ranked. The caller keeps what is pointed to. */
struct rank_entry {
    int32_t total, max;         /* hundredths; max ≥ 0 */
    const int64_t *keys;        /* a value per comparator, the greater one goes first */
    const char *unit, *subject; /* codes; the two together are unique in a ranking */
    uint32_t row;               /* for the caller, to find what the entry stands for */
    uint32_t rank;              /* result: 1 …; 0: none */
    bool tied;                  /* result: another entry has the same rank */
};

/*
 * Negative when `a` goes before `b` by total ÷ max and the `n_keys` comparators, positive when
 * after, zero when they tie (or both have no rank). Codes have no say.
 */
int rank_compare(const struct rank_entry *a, const struct rank_entry *b, uint32_t n_keys);

/* Sort the `n` `entries`, each with `n_keys` comparators, and fill their rank and tied. */
void rank_order(struct rank_entry *entries, uint32_t n, uint32_t n_keys);

/*
 * How many of the `n` ordered `entries` to print where `limit` are asked for: those and the rest of
 * the tie that the limit would cut.
 */
uint32_t rank_limit(const struct rank_entry *entries, uint32_t n, uint32_t limit);

/*
 * Put into `out` the key of `total` ÷ `max`: bytes that compare, as memcmp does, exactly as the
 * fractions compare, equal for equal fractions, the greater fraction the greater key.
 *
 *     0..3   floor(total ÷ max) + 2^31
 *     4..6   first 24 bits of the remainder ÷ max
 *     7..9   the next 24 bits
 *
 * All integers big-endian. 48 bits are enough because two fractions with maxima below 2^24 that
 * differ at all differ by more than 2^-48. A `max` of zero gives ten zero bytes, below any other.
 */
void rank_key(int32_t total, int32_t max, uint8_t out[RANK_KEY_BYTES]);

/* How many places `q` gives where its percentage, if it is one, is taken of `base`. */
uint32_t rank_quota_places(const struct quota *q, uint32_t base);

/*
 * Where a quota cuts a ranking: entries [0, inside) have a place. Entries [inside, tie_end) tie for
 * the `left` places that remain, fewer than they are, and a recorded vote of the council has to
 * choose. Where no tie stands across the edge, tie_end = inside.
 */
struct rank_edge {
    uint32_t inside, tie_end, left;
};

/* The edge that `places` make in the `n` ordered `entries`. One without a rank never has a place.
 */
struct rank_edge rank_quota_edge(const struct rank_entry *entries, uint32_t n, uint32_t places);

#endif
