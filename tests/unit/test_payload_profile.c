#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/limits.h"
#include "proto/payload_profile.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define SAME_TEXT(m) assert_string_equal(a->m, b->m)
#define SAME(m) assert_int_equal(a->m, b->m)

static struct score_rule rules[] = {{"C1", PART_BONUS, MODE_POINTS, 850}};
static struct grade grades[] = {{"x", {"Tốt", "Good"}, 9000}, {"y", {"Kém", "Poor"}, 0}};
static struct grade_cap caps[] = {{"C1", 400, "y"}};

static struct profile full(void) {
    return (struct profile){
        .id = "p",
        .version = 3,
        .campaign = "c",
        .label = {"Điểm", "Points"},
        .default_mode = MODE_VALUE,
        .default_max = 400,
        .na_allowed = true,
        .n_rules = COUNT(rules),
        .rules = rules,
        .n_grades = COUNT(grades),
        .grades = grades,
        .n_caps = COUNT(caps),
        .caps = caps,
    };
}

static void every_member_arrives_as_it_left(void **state) {
    (void)state;
    struct profile p = full(), back;
    struct buf bytes;
    struct err e = {0};
    buf_init(&bytes);
    assert_int_equal(profile_encode(&p, &bytes, &e), 0);
    assert_int_equal(profile_decode(buf_slice(&bytes), &back, &e), 0);
    const struct profile *a = &p, *b = &back;
    SAME_TEXT(id);
    SAME_TEXT(campaign);
    SAME_TEXT(label.vi);
    SAME_TEXT(label.en);
    SAME(version), SAME(default_mode), SAME(default_max), SAME(na_allowed);
    SAME(n_rules), SAME(n_grades), SAME(n_caps);
    SAME_TEXT(rules[0].criterion);
    SAME(rules[0].part), SAME(rules[0].mode), SAME(rules[0].max);
    SAME_TEXT(grades[0].id);
    SAME_TEXT(grades[0].label.vi);
    SAME_TEXT(grades[0].label.en);
    SAME(grades[0].share_min);
    SAME_TEXT(caps[0].criterion);
    SAME_TEXT(caps[0].grade);
    SAME(caps[0].below);
    profile_done(&back);
    buf_done(&bytes);
}

static void no_truncation_and_no_flipped_bit_does_harm(void **state) {
    (void)state;
    struct profile p = full(), back;
    struct buf b;
    struct err e = {0};
    buf_init(&b);
    assert_int_equal(profile_encode(&p, &b, &e), 0);
    for (size_t i = 0; i < b.len * 9; i++) {
        bool cut = i >= b.len * 8;
        if (!cut)
            b.data[i / 8] ^= (uint8_t)(1u << i % 8);
        err_clear(&e);
        if (profile_decode(slice_of(b.data, cut ? i - b.len * 8 : b.len), &back, &e) == 0)
            profile_done(&back);
        else
            assert_true(e.code == ERR_REFUSED || e.code == ERR_CORRUPT);
        if (!cut)
            b.data[i / 8] ^= (uint8_t)(1u << i % 8);
    }
    buf_done(&b);
}

static void what_passes_a_bound_is_refused(void **state) {
    (void)state;
    struct buf b;
    struct err e = {0};
    buf_init(&b);
    struct profile p = full();
    p.default_max = 0;
    assert_int_equal(profile_encode(&p, &b, &e), ERR_REFUSED);
    err_clear(&e);
    p = full();
    p.default_max = LIMIT_SCORE + 1;
    assert_int_equal(profile_encode(&p, &b, &e), ERR_REFUSED);
    err_clear(&e);
    p = full();
    p.id = "";
    assert_int_equal(profile_encode(&p, &b, &e), ERR_REFUSED);
    assert_int_equal(b.len, 0);
    buf_done(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_member_arrives_as_it_left),
        cmocka_unit_test(no_truncation_and_no_flipped_bit_does_harm),
        cmocka_unit_test(what_passes_a_bound_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
