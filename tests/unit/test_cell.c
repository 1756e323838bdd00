#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/limits.h"
#include "core/sheet.h"

#include <stdlib.h>

/* A seeded generator (xorshift64*): a failing run is repeated with THIDUA_SEED. */
static uint64_t rng;

static uint32_t below(uint32_t n) {
    rng ^= rng >> 12;
    rng ^= rng << 25;
    rng ^= rng >> 27;
    return (uint32_t)((rng * 2685821657736338717u) >> 33) % n;
}

static int seed(void **state) {
    (void)state;
    const char *given = getenv("THIDUA_SEED");
    rng = given ? strtoull(given, NULL, 10) : 20231215;
    print_message("seed %llu\n", (unsigned long long)rng);
    rng = rng * 2 + 1;
    return 0;
}

static void values_are_read_as_people_write_them(void **state) {
    (void)state;
    static const struct {
        const char *input;
        enum score_mode mode;
        enum cell_state state;
        score value;
    } cases[] = {
        {"8,5", MODE_POINTS, CELL_SCORE, 850},
        {"8.5", MODE_POINTS, CELL_SCORE, 850},
        {"8.50", MODE_POINTS, CELL_SCORE, 850},
        {" 8 ", MODE_POINTS, CELL_SCORE, 800},
        {"0", MODE_POINTS, CELL_SCORE, 0},
        {"0,05", MODE_VALUE, CELL_VALUE, 5},
        {"167772.15", MODE_VALUE, CELL_VALUE, LIMIT_SCORE},
        {"", MODE_POINTS, CELL_EMPTY, 0},
        {" \t ", MODE_MET, CELL_EMPTY, 0},
        {"met", MODE_MET, CELL_MET, 0},
        {"Not Met", MODE_MET, CELL_NOT_MET, 0},
        {"NA", MODE_POINTS, CELL_NA, 0},
        {"đạt", MODE_MET, CELL_MET, 0},
        {"ĐẠT", MODE_MET, CELL_MET, 0},
        {"đa\u0323t", MODE_MET, CELL_MET, 0},
        {" Không đạt", MODE_MET, CELL_NOT_MET, 0},
        {"KHO\u0302NG ĐA\u0323T", MODE_VALUE, CELL_NOT_MET, 0},
        {"không áp dụng", MODE_MET, CELL_NA, 0},
        {"Kho\u0302ng a\u0301p du\u0323ng ", MODE_MET, CELL_NA, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cell c = {99, 99};
        struct err e = {0};
        int rc = cell_parse(cases[i].input, cases[i].mode, LIMIT_SCORE, true, &c, &e);
        if (rc != 0 || c.state != cases[i].state || c.value != cases[i].value)
            fail_msg("“%s”: %d, state %d, value %d", cases[i].input, rc, c.state, c.value);
    }
}

static void what_is_no_value_is_refused_and_changes_nothing(void **state) {
    (void)state;
    static const char *const cases[] = {
        "nan",
        "inf",
        "-inf",
        "8.555",
        "8,555",
        "1,000",
        "1.000.000",
        "-1",
        "-0",
        "+1",
        "1e3",
        "0x10",
        "8.",
        ".5",
        ",5",
        "8 5",
        "8,5 điểm",
        "167772.16",
        "99999999999999999999",
        "dat",
        "đạt rồi",
        "không",
        "not",
        "n a",
        "đat",
        "８",
        "8,5\n1",
        "--",
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (enum score_mode mode = MODE_MET; mode <= MODE_VALUE; mode++) {
            struct cell c = {99, 99};
            struct err e = {0};
            if (cell_parse(cases[i], mode, LIMIT_SCORE, true, &c, &e) != ERR_REFUSED ||
                e.code != ERR_REFUSED)
                fail_msg("“%s” was taken", cases[i]);
            assert_int_equal(c.state, 99);
            assert_int_equal(c.value, 99);
        }
    struct cell c;
    assert_int_equal(cell_parse("1", MODE_MET, LIMIT_SCORE, true, &c, NULL), ERR_REFUSED);
}

static void na_is_offered_only_where_it_may_stand(void **state) {
    (void)state;
    static const struct {
        const char *input;
        enum score_mode mode;
    } cases[] = {{"dat", MODE_MET}, {"1", MODE_MET}, {"tam", MODE_POINTS}, {"tam", MODE_VALUE}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int na = 0; na < 2; na++) {
            struct cell c;
            struct err e = {0};
            assert_int_equal(
                cell_parse(cases[i].input, cases[i].mode, LIMIT_SCORE, na != 0, &c, &e),
                ERR_REFUSED);
            if ((strstr(e.msgid, "“na”") != NULL) != (na != 0))
                fail_msg("“%s”, %d: %s", cases[i].input, na, e.msgid);
        }
}

static void scores_print_for_machines_and_for_people(void **state) {
    (void)state;
    static const struct {
        score input;
        const char *json, *people;
    } cases[] = {
        {850, "8.50", "8,5"},
        {800, "8.00", "8"},
        {855, "8.55", "8,55"},
        {5, "0.05", "0,05"},
        {0, "0.00", "0"},
        {-50, "-0.50", "-0,5"},
        {-1234, "-12.34", "-12,34"},
        {LIMIT_SCORE, "167772.15", "167772,15"},
        {INT32_MIN, "-21474836.48", "-21474836,48"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[16];
        score_text(cases[i].input, text);
        assert_string_equal(text, cases[i].json);
        score_text_people(cases[i].input, text);
        assert_string_equal(text, cases[i].people);
    }
}

static void any_score_survives_both_printed_forms(void **state) {
    (void)state;
    for (int i = 0; i < 20000; i++) {
        score s = (score)below(LIMIT_SCORE + 1);
        char text[16];
        struct cell c;
        score_text(s, text);
        assert_int_equal(cell_parse(text, MODE_POINTS, LIMIT_SCORE, true, &c, NULL), 0);
        assert_int_equal(c.value, s);
        score_text_people(s, text);
        assert_int_equal(cell_parse(text, MODE_POINTS, LIMIT_SCORE, true, &c, NULL), 0);
        assert_int_equal(c.value, s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_read_as_people_write_them),
        cmocka_unit_test(what_is_no_value_is_refused_and_changes_nothing),
        cmocka_unit_test(na_is_offered_only_where_it_may_stand),
        cmocka_unit_test(scores_print_for_machines_and_for_people),
        cmocka_unit_test_setup(any_score_survives_both_printed_forms, seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
