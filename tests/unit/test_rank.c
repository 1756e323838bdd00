#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/limits.h"
#include "core/rank.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static uint64_t seed = 20231030;

static uint32_t below(uint32_t n) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 20) % n);
}

static int sign(int64_t x) {
    return (x > 0) - (x < 0);
}

static void a_key_is_the_bytes_that_the_design_says(void **state) {
    (void)state;
    static const struct {
        const char *name;
        int32_t total, max;
        uint8_t want[RANK_KEY_BYTES];
    } cases[] = {
        {"nothing of 1.00", 0, 100, {0x80, 0, 0, 0}},
        {"all of 1.00", 100, 100, {0x80, 0, 0, 1}},
        {"half", 50, 100, {0x80, 0, 0, 0, 0x80}},
        {"a third", 1, 3, {0x80, 0, 0, 0, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55}},
        {"107 of 100", 10700, 10000, {0x80, 0, 0, 1, 0x11, 0xeb, 0x85, 0x1e, 0xb8, 0x51}},
        {"minus a half", -50, 100, {0x7f, 0xff, 0xff, 0xff, 0x80}},
        {"minus one", -100, 100, {0x7f, 0xff, 0xff, 0xff}},
        {"the least of all", -LIMIT_SCORE, 1, {0x7f, 0, 0, 1}},
        {"the most of all", LIMIT_SCORE, 1, {0x80, 0xff, 0xff, 0xff}},
        {"no maximum", 500, 0, {0}},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t key[RANK_KEY_BYTES];
        print_message("  %s\n", cases[i].name);
        rank_key(cases[i].total, cases[i].max, key);
        assert_memory_equal(key, cases[i].want, RANK_KEY_BYTES);
    }
}

static void assert_key_order(int32_t t1, int32_t m1, int32_t t2, int32_t m2) {
    uint8_t k1[RANK_KEY_BYTES], k2[RANK_KEY_BYTES];
    rank_key(t1, m1, k1);
    rank_key(t2, m2, k2);
    int want = sign((int64_t)t1 * m2 - (int64_t)t2 * m1);
    if (sign(memcmp(k1, k2, RANK_KEY_BYTES)) != want)
        fail_msg("%d/%d against %d/%d", t1, m1, t2, m2);
}

static void keys_order_exactly_as_fractions_do(void **state) {
    (void)state;
    print_message("  seed %llu\n", (unsigned long long)seed);
    for (int i = 0; i < 200000; i++) {
        uint32_t top = i % 2 ? LIMIT_SCORE : 1 + below(200);
        int32_t m1 = 1 + (int32_t)below(top), m2 = 1 + (int32_t)below(top);
        int32_t t1 = (int32_t)below(2 * top + 1) - (int32_t)top;
        int32_t t2 = (int32_t)below(2 * top + 1) - (int32_t)top;
        assert_key_order(t1, m1, t2, m2);
        /* The nearest neighbours: the same share but for one hundredth. */
        int64_t near = (int64_t)t1 * m2 / m1 + (int32_t)below(3) - 1;
        if (near >= -LIMIT_SCORE && near <= LIMIT_SCORE)
            assert_key_order(t1, m1, (int32_t)near, m2);
    }
}

static void the_closest_shares_of_all_have_different_keys(void **state) {
    (void)state;
    const int32_t top = LIMIT_SCORE;
    for (int32_t i = 0; i < 1000; i++) {
        assert_key_order(top - 2 - i, top - 1 - i, top - 1 - i, top - i);
        assert_key_order(1, top - 1 - i, 1, top - i);
        assert_key_order(-1, top - 1 - i, -1, top - i);
        assert_key_order(1 + i, 2 * (1 + i), 4, 8);
    }
}

/* Entries of a case: in the order expected. */
struct row {
    int32_t total, max;
    int64_t keys[2];
    const char *unit, *subject;
    uint32_t rank;
    bool tied;
};

static void rank_rows_of(const struct row *rows, uint32_t n, struct rank_entry *out) {
    for (uint32_t i = 0; i < n; i++)
        out[i] = (struct rank_entry){.total = rows[i].total,
                                     .max = rows[i].max,
                                     .keys = rows[i].keys,
                                     .unit = rows[i].unit,
                                     .subject = rows[i].subject,
                                     .row = i,
                                     .rank = 99};
}

static void shuffle(struct rank_entry *e, uint32_t n) {
    for (uint32_t i = n; i > 1; i--) {
        uint32_t j = below(i);
        struct rank_entry spare = e[j];
        e[j] = e[i - 1];
        e[i - 1] = spare;
    }
}

static void equal_is_equal_and_codes_only_print(void **state) {
    (void)state;
    static const struct row rows[] = {
        {10700, 10000, {0, 0}, "02", "A", 1, false}, {500, 1000, {9, 1}, "01", "B", 2, true},
        {50, 100, {9, 1}, "01", "C", 2, true},       {1, 2, {9, 1}, "011", "A", 2, true},
        {1, 2, {9, 0}, "01", "A", 5, false},         {1, 2, {8, 7}, "00", "A", 6, false},
        {1, 3, {0, 0}, "01", "D", 7, true},          {3333, 9999, {0, 0}, "01", "E", 7, true},
        {0, 5, {INT64_MAX, 0}, "01", "F", 9, false}, {0, 700, {INT64_MIN, 0}, "01", "G", 10, false},
        {-1, 700, {0, 0}, "01", "H", 11, false},     {-1, 5, {0, 0}, "01", "I", 12, false},
        {100, 0, {5, 0}, "01", "J", 0, false},       {-100, 0, {7, 0}, "01", "K", 0, false},
        {900, 0, {6, 0}, "03", "A", 0, false},
    };
    const uint32_t n = COUNT(rows);
    struct rank_entry e[COUNT(rows)];
    rank_rows_of(rows, n, e);
    print_message("  seed %llu\n", (unsigned long long)seed);
    for (int k = 0; k < 1000; k++) {
        shuffle(e, n);
        rank_order(e, n, 2);
        for (uint32_t i = 0; i < n; i++) {
            assert_int_equal(e[i].row, i);
            assert_int_equal(e[i].rank, rows[i].rank);
            assert_int_equal(e[i].tied, rows[i].tied);
        }
    }
}

static void any_shuffle_gives_the_same_bytes(void **state) {
    (void)state;
    enum { N = 400 };
    static char code[N][8];
    static int64_t keys[N];
    static struct rank_entry first[N], e[N];
    print_message("  seed %llu\n", (unsigned long long)seed);
    memset(first, 0, sizeof first);
    for (uint32_t i = 0; i < N; i++) {
        for (uint32_t d = 0, v = i; d < 4; d++, v /= 10)
            code[i][3 - d] = (char)('0' + v % 10);
        keys[i] = below(3);
        first[i].total = (int32_t)below(30) - 5;
        first[i].max = (int32_t)below(20);
        first[i].keys = &keys[i];
        first[i].unit = code[i / 20];
        first[i].subject = code[i];
        first[i].row = i;
    }
    rank_order(first, N, 1);
    for (int k = 0; k < 100; k++) {
        memcpy(e, first, sizeof e);
        shuffle(e, N);
        rank_order(e, N, 1);
        assert_memory_equal(e, first, sizeof e);
    }
    /* By definition: a rank is one more than the number of those that are better. */
    for (uint32_t i = 0; i < N; i++) {
        uint32_t better = 0, equal = 0;
        for (uint32_t j = 0; j < N; j++) {
            better += first[j].max != 0 && rank_compare(&first[j], &first[i], 1) < 0;
            equal += rank_compare(&first[j], &first[i], 1) == 0;
        }
        assert_int_equal(first[i].rank, first[i].max == 0 ? 0 : better + 1);
        assert_int_equal(first[i].tied, first[i].max != 0 && equal > 1);
    }
}

/* Ordered entries with the given shares of 10, 0 for a maximum of zero. */
static uint32_t ladder(const int32_t *totals, struct rank_entry *out) {
    uint32_t n = 0;
    for (; totals[n] >= 0; n++)
        out[n] = (struct rank_entry){
            .total = totals[n], .max = totals[n] ? 10 : 0, .unit = "u", .subject = "s", .row = n};
    rank_order(out, n, 0);
    return n;
}

static void a_limit_never_cuts_a_tie(void **state) {
    (void)state;
    static const int32_t totals[] = {9, 8, 8, 8, 7, 0, 0, -1};
    static const uint32_t want[] = {0, 1, 4, 4, 4, 5, 6, 7, 7};
    struct rank_entry e[8];
    uint32_t n = ladder(totals, e);
    for (uint32_t limit = 0; limit < COUNT(want); limit++)
        assert_int_equal(rank_limit(e, n, limit), want[limit]);
    assert_int_equal(rank_limit(e, 0, 3), 0);
    rank_order(e, 0, 0);
}

static void a_tie_across_the_edge_of_a_quota_is_left_to_the_council(void **state) {
    (void)state;
    static const struct {
        const char *name;
        int32_t totals[10];
        uint32_t places;
        struct rank_edge want;
    } cases[] = {
        {"clean cut", {9, 8, 7, 6, -1}, 2, {2, 2, 0}},
        {"no places", {9, 9, -1}, 0, {0, 0, 0}},
        {"more places than rows", {9, 8, -1}, 5, {2, 2, 0}},
        {"just enough", {9, 8, 8, -1}, 3, {3, 3, 0}},
        {"two tie for one place", {9, 8, 8, 7, -1}, 2, {1, 3, 1}},
        {"four tie for two places", {9, 8, 8, 8, 8, 7, -1}, 3, {1, 5, 2}},
        {"all tie", {8, 8, 8, -1}, 2, {0, 3, 2}},
        {"a tie wholly inside", {9, 9, 7, 6, -1}, 3, {3, 3, 0}},
        {"no place without a rank", {9, 0, 0, -1}, 2, {1, 1, 0}},
        {"nobody has a rank", {0, 0, -1}, 2, {0, 0, 0}},
        {"nobody at all", {-1}, 2, {0, 0, 0}},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct rank_entry e[10];
        print_message("  %s\n", cases[i].name);
        struct rank_edge got = rank_quota_edge(e, ladder(cases[i].totals, e), cases[i].places);
        assert_int_equal(got.inside, cases[i].want.inside);
        assert_int_equal(got.tie_end, cases[i].want.tie_end);
        assert_int_equal(got.left, cases[i].want.left);
    }
}

static void a_percentage_rounds_as_its_rule_says(void **state) {
    (void)state;
    static const struct {
        const char *name;
        bool is_percentage;
        int32_t amount;
        enum quota_rounding rounding;
        uint32_t base, want;
    } cases[] = {
        {"four individuals, whatever the base", false, 4, ROUND_DOWN, 1000, 4},
        {"15 % of 20", true, 1500, ROUND_DOWN, 20, 3},
        {"15 % of 26 down", true, 1500, ROUND_DOWN, 26, 3},
        {"15 % of 26 up", true, 1500, ROUND_UP, 26, 4},
        {"15 % of 26 half up", true, 1500, ROUND_HALF_UP, 26, 4},
        {"15 % of 22 half up", true, 1500, ROUND_HALF_UP, 22, 3},
        {"12.5 % of 20 half up", true, 1250, ROUND_HALF_UP, 20, 3},
        {"an exact one is not rounded up", true, 1500, ROUND_UP, 20, 3},
        {"nothing of something", true, 0, ROUND_UP, 20, 0},
        {"something of nothing", true, 1500, ROUND_UP, 0, 0},
        {"all of the most", true, 10000, ROUND_UP, UINT32_MAX, UINT32_MAX},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct quota q = {.is_percentage = cases[i].is_percentage,
                          .amount = cases[i].amount,
                          .rounding = cases[i].rounding};
        print_message("  %s\n", cases[i].name);
        assert_int_equal(rank_quota_places(&q, cases[i].base), cases[i].want);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_the_bytes_that_the_design_says),
        cmocka_unit_test(keys_order_exactly_as_fractions_do),
        cmocka_unit_test(the_closest_shares_of_all_have_different_keys),
        cmocka_unit_test(equal_is_equal_and_codes_only_print),
        cmocka_unit_test(any_shuffle_gives_the_same_bytes),
        cmocka_unit_test(a_limit_never_cuts_a_tie),
        cmocka_unit_test(a_tie_across_the_edge_of_a_quota_is_left_to_the_council),
        cmocka_unit_test(a_percentage_rounds_as_its_rule_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
