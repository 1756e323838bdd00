#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/limits.h"
#include "core/mem.h"
#include "tests/unit/sheet_world.h"

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

static bool asked(struct world *w, uint32_t row, uint32_t column) {
    return criterion_applies(&w->leaf[column], &w->campaign, &w->list[row], &w->rules_of.unit);
}

static void a_criterion_applies_when_all_its_conditions_hold(void **state) {
    (void)state;
    struct world w;
    world_init(&w);
    static const struct {
        uint32_t row, column;
        bool want;
    } cases[] = {
        {UNIT, MET, true},      {UNIT, LEADER, false},  {HEAD, LEADER, true},
        {CLERK, LEADER, false}, {HEAD, CLASSED, false}, {CLERK, CLASSED, true},
        {CLERK, PARTS, true},   {UNIT, PARTS, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(asked(&w, cases[i].row, cases[i].column), cases[i].want);
    w.rules_of.unit.id.b[0] = 8;
    assert_false(asked(&w, CLERK, PARTS));
    static char state_kind[] = "state";
    static char *kinds[] = {state_kind};
    w.attribute.n_kinds = 1;
    w.attribute.kinds = kinds;
    assert_true(asked(&w, CLERK, PARTS));
    assert_false(unit_has_attribute(&w.campaign, &w.rules_of.unit, "unheard"));
    assert_true(criterion_about(&w.leaf[LEADER], SUBJECT_ANY));
    assert_false(criterion_about(&w.leaf[LEADER], SUBJECT_COLLECTIVE));
}

static void a_cell_holds_only_what_its_criterion_asks_for(void **state) {
    (void)state;
    struct world w;
    world_init(&w);
    static const struct {
        const char *name;
        uint32_t row, column;
        struct cell input;
        bool note;
        const char *want; /* NULL: accepted */
    } cases[] = {
        {"met", UNIT, MET, {CELL_MET, 0}, false, NULL},
        {"not met", UNIT, MET, {CELL_NOT_MET, 0}, false, NULL},
        {"score for met", UNIT, MET, {CELL_SCORE, 100}, false, "it is met or not"},
        {"full marks", UNIT, POINTS, {CELL_SCORE, 2000}, false, NULL},
        {"above maximum",
         UNIT,
         POINTS,
         {CELL_SCORE, 2001},
         false,
         "31234, criterion points: 20,01 is not allowed; give 0 to 20"},
        {"below zero", UNIT, POINTS, {CELL_SCORE, -1}, false, "-0,01 is not allowed"},
        {"no number", UNIT, POINTS, {CELL_SCORE, SCORE_NONE}, false, "is not allowed"},
        {"met for points", UNIT, POINTS, {CELL_MET, 0}, false, "points are asked for"},
        {"value for points", UNIT, POINTS, {CELL_VALUE, 100}, false, "points are asked for"},
        {"value", UNIT, VALUE, {CELL_VALUE, 9999}, false, NULL},
        {"score for a value", UNIT, VALUE, {CELL_SCORE, 100}, false, "a measured value is asked"},
        {"met for a value", UNIT, VALUE, {CELL_MET, 0}, false, "a measured value is asked for"},
        {"met where the threshold is blank", UNIT, BLANK, {CELL_MET, 0}, false, NULL},
        {"value where the threshold is blank", UNIT, BLANK, {CELL_VALUE, 1}, false, "blank"},
        {"na with a note", UNIT, POINTS, {CELL_NA, 0}, true, NULL},
        {"na without a note", UNIT, POINTS, {CELL_NA, 0}, false, "needs a note"},
        {"empty", UNIT, POINTS, {CELL_EMPTY, 0}, false, NULL},
        {"empty where it does not apply", UNIT, LEADER, {CELL_EMPTY, 0}, false, NULL},
        {"empty with a number", UNIT, POINTS, {CELL_EMPTY, 5}, false, "no known kind"},
        {"given where it does not apply",
         CLERK,
         LEADER,
         {CELL_MET, 0},
         false,
         "CC02, criterion leader: it is asked of leaders only"},
        {"met with a number", UNIT, MET, {CELL_MET, 5}, false, "at once"},
        {"unknown state", UNIT, MET, {77, 0}, false, "no known kind"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err e = {0};
        char text[600];
        int rc = cell_check(&w.rules_of, cases[i].row, cases[i].column, &cases[i].input,
                            cases[i].note, &e);
        err_text(&e, NULL, text, sizeof text);
        if (cases[i].want ? rc != ERR_REFUSED || !strstr(text, cases[i].want) : rc != 0)
            fail_msg("%s: %d %s", cases[i].name, rc, text);
    }
    struct cell na = {CELL_NA, 0};
    w.profile.na_allowed = false;
    assert_int_equal(cell_check(&w.rules_of, UNIT, MET, &na, true, NULL), ERR_REFUSED);
}

static void put(struct sheet *s, uint32_t row, uint32_t column, enum cell_state state, score v) {
    *sheet_cell(s, row, column) = (struct cell){(uint8_t)state, v};
}

/* Zeros wherever something is asked for. */
static void fill_zeros(struct world *w, struct sheet *s) {
    for (uint32_t row = 0; row < ROWS; row++)
        for (uint32_t column = 0; column < COLUMNS; column++) {
            enum score_mode mode = w->rules[column].mode;
            if (column == AIM || !asked(w, row, column))
                continue;
            if (mode == MODE_MET || column == BLANK)
                put(s, row, column, CELL_NOT_MET, 0);
            else
                put(s, row, column, mode == MODE_POINTS ? CELL_SCORE : CELL_VALUE, 0);
        }
}

static void a_sheet_of_zeros_is_complete_and_an_empty_cell_is_not(void **state) {
    (void)state;
    struct world w;
    struct sheet s;
    struct err e = {0};
    uint32_t empty = 99;
    world_init(&w);
    assert_int_equal(sheet_init(&s, ROWS, COLUMNS, &e), 0);
    assert_int_equal(sheet_check(&w.rules_of, &s, true, &empty, &e), 0);
    assert_int_equal(empty, 6 + 8 + 8);
    fill_zeros(&w, &s);
    assert_int_equal(sheet_check(&w.rules_of, &s, false, &empty, &e), 0);
    assert_int_equal(empty, 0);
    put(&s, CLERK, POINTS, CELL_EMPTY, 0);
    assert_int_equal(sheet_check(&w.rules_of, &s, true, &empty, &e), 0);
    assert_int_equal(sheet_check(&w.rules_of, &s, false, &empty, &e), ERR_REFUSED);
    assert_int_equal(empty, 1);
    put(&s, CLERK, POINTS, CELL_SCORE, 0);
    put(&s, UNIT, AIM, CELL_SCORE, 5);
    assert_int_equal(sheet_check(&w.rules_of, &s, false, &empty, NULL), ERR_REFUSED);
    put(&s, UNIT, AIM, CELL_MET, 0);
    assert_int_equal(sheet_check(&w.rules_of, &s, false, &empty, NULL), 0);
    w.subjects.n = ROWS - 1;
    assert_int_equal(sheet_check(&w.rules_of, &s, true, &empty, NULL), ERR_REFUSED);
    sheet_done(&s);
    assert_int_equal(sheet_init(&s, LIMIT_SUBJECTS, LIMIT_CRITERIA, NULL), ERR_REFUSED);
}

static void notes_stand_at_one_value_each(void **state) {
    (void)state;
    struct world w;
    struct sheet s;
    uint32_t empty;
    char why[] = "Không có thủ tục nào", nothing[] = "";
    struct note notes[2] = {{UNIT, POINTS, why}, {UNIT, MET, why}};
    world_init(&w);
    assert_int_equal(sheet_init(&s, ROWS, COLUMNS, NULL), 0);
    fill_zeros(&w, &s);
    put(&s, UNIT, POINTS, CELL_NA, 0);
    assert_int_equal(sheet_check(&w.rules_of, &s, false, &empty, NULL), ERR_REFUSED);
    s.notes = notes;
    s.n_notes = 2;
    assert_int_equal(sheet_check(&w.rules_of, &s, false, &empty, NULL), 0);
    assert_string_equal(sheet_note(&s, UNIT, MET), why);
    assert_null(sheet_note(&s, HEAD, MET));
    static const struct {
        const char *name;
        uint32_t row, column;
        bool text;
    } bad[] = {
        {"twice", UNIT, POINTS, true},        {"below", ROWS, MET, true},
        {"beside", UNIT, COLUMNS, true},      {"says nothing", UNIT, MET, false},
        {"not about it", UNIT, LEADER, true},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        notes[1] = (struct note){bad[i].row, bad[i].column, bad[i].text ? why : nothing};
        if (sheet_check(&w.rules_of, &s, false, &empty, NULL) != ERR_REFUSED)
            fail_msg("%s", bad[i].name);
    }
    s.notes = NULL;
    s.n_notes = 0;
    sheet_done(&s);
}

static void points_are_counted_by_part_and_applicable_maximum(void **state) {
    (void)state;
    struct world w;
    struct sheet s;
    struct points p;
    world_init(&w);
    assert_int_equal(sheet_init(&s, ROWS, COLUMNS, NULL), 0);
    put(&s, HEAD, MET, CELL_MET, 0);
    put(&s, HEAD, POINTS, CELL_SCORE, 1950);
    put(&s, HEAD, BONUS, CELL_SCORE, 500);
    put(&s, HEAD, PENALTY, CELL_SCORE, 5000);
    put(&s, HEAD, VALUE, CELL_VALUE, 8501);
    put(&s, HEAD, BLANK, CELL_NA, 0);
    put(&s, HEAD, AIM, CELL_MET, 0);
    put(&s, HEAD, CLASSED, CELL_MET, 0); /* does not apply: never counted */
    sheet_points(&w.rules_of, &s, HEAD, &p);
    assert_int_equal(p.base, 1000 + 1950 + 700);
    assert_int_equal(p.bonus, 500);
    assert_int_equal(p.penalty, 5000);
    assert_int_equal(p.total, 3650 + 500 - 5000);
    assert_int_equal(p.max, 1000 + 2000 + 700 + 300 + 100 + 10);
    assert_int_equal(p.met, 3);
    assert_int_equal(p.empty, 2);
    sheet_points(&w.rules_of, &s, UNIT, &p);
    assert_int_equal(p.max, 1000 + 2000 + 700 + 300);
    assert_int_equal(p.total, 0);
    assert_int_equal(p.empty, 6);
    for (int i = 0; i < COLUMNS; i++)
        w.leaf[i].is_aim = true;
    sheet_points(&w.rules_of, &s, HEAD, &p);
    assert_int_equal(p.max, 0);
    assert_null(sheet_grade(&w.rules_of, &s, HEAD, &p));
    sheet_done(&s);
}

static void thresholds_are_strict_where_the_plan_is(void **state) {
    (void)state;
    static const struct {
        enum indicator_test test;
        score below, at, above;
    } cases[] = {
        {TEST_GT, 0, 0, 700},   {TEST_GE, 0, 700, 700}, {TEST_LT, 700, 0, 0},
        {TEST_LE, 700, 700, 0}, {TEST_EQ, 0, 700, 0},   {TEST_NONE, 0, 0, 0},
    };
    struct world w;
    struct sheet s;
    world_init(&w);
    assert_int_equal(sheet_init(&s, ROWS, COLUMNS, NULL), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const score want[] = {cases[i].below, cases[i].at, cases[i].above};
        w.leaf[VALUE].test = cases[i].test;
        for (score k = 0; k < 3; k++) {
            struct points p;
            put(&s, UNIT, VALUE, CELL_VALUE, 8499 + k);
            sheet_points(&w.rules_of, &s, UNIT, &p);
            assert_int_equal(p.base, want[k]);
        }
    }
    sheet_done(&s);
}

/* Random sheets: what each column adds by itself adds up to the row, in any order of columns. */
static void a_row_is_the_sum_of_its_cells_in_any_order(void **state) {
    (void)state;
    struct world w;
    struct sheet s, one;
    world_init(&w);
    assert_int_equal(sheet_init(&s, ROWS, COLUMNS, NULL), 0);
    assert_int_equal(sheet_init(&one, ROWS, COLUMNS, NULL), 0);
    for (int round = 0; round < 2000; round++) {
        uint32_t row = below(ROWS);
        struct points whole, shuffled, sum = {0};
        for (uint32_t column = 0; column < COLUMNS; column++) {
            enum cell_state state_of = (enum cell_state)below(CELL_VALUE + 1);
            score v = state_of >= CELL_SCORE ? (score)below(10001) : 0;
            put(&s, row, column, state_of, v);
            put(&one, row, column, state_of, v);
            struct points p;
            sheet_points(&w.rules_of, &one, row, &p);
            put(&one, row, column, CELL_EMPTY, 0);
            sum.base += p.base;
            sum.bonus += p.bonus;
            sum.penalty += p.penalty;
            sum.met += p.met;
        }
        struct score_rule columns[COLUMNS];
        struct points prepared;
        sheet_points(&w.rules_of, &s, row, &whole);
        sheet_columns(&w.profile, &w.criteria, columns);
        w.rules_of.columns = columns;
        sheet_points(&w.rules_of, &s, row, &prepared);
        w.rules_of.columns = NULL;
        assert_memory_equal(&whole, &prepared, sizeof whole);
        assert_int_equal(whole.base, sum.base);
        assert_int_equal(whole.bonus, sum.bonus);
        assert_int_equal(whole.penalty, sum.penalty);
        assert_int_equal(whole.met, sum.met);
        assert_int_equal(whole.total, sum.base + sum.bonus - sum.penalty);
        for (uint32_t a = COLUMNS - 1; a > 0; a--) {
            uint32_t b = below(a + 1);
            const struct criterion *leaf = w.leaves[a];
            struct cell cell = *sheet_cell(&s, row, a);
            w.leaves[a] = w.leaves[b];
            w.leaves[b] = leaf;
            *sheet_cell(&s, row, a) = *sheet_cell(&s, row, b);
            *sheet_cell(&s, row, b) = cell;
        }
        sheet_points(&w.rules_of, &s, row, &shuffled);
        assert_memory_equal(&whole, &shuffled, sizeof whole);
        for (int i = 0; i < COLUMNS; i++)
            w.leaves[i] = &w.leaf[i];
    }
    sheet_done(&s);
    sheet_done(&one);
}

static void a_grade_is_its_band_unless_a_condition_overrides_it(void **state) {
    (void)state;
    struct world w;
    struct sheet s;
    world_init(&w);
    assert_int_equal(sheet_init(&s, ROWS, COLUMNS, NULL), 0);
    put(&s, UNIT, POINTS, CELL_SCORE, 500);
    static const struct {
        const char *name;
        int32_t total, max;
        score points;
        const char *want;
    } cases[] = {
        {"at the edge", 9000, 10000, 500, "high"},
        {"a hair below, though it prints 90.00", 8999999, 10000000, 500, "middle"},
        {"over the scale", 10700, 10000, 500, "high"},
        {"half", 5000, 10000, 500, "middle"},
        {"less", 4999, 10000, 500, "low"},
        {"below zero", -3000, 10000, 500, "low"},
        {"capped", 10000, 10000, 499, "middle"},
        {"a cap never lifts", 0, 10000, 0, "low"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct points p = {.total = cases[i].total, .max = cases[i].max};
        put(&s, UNIT, POINTS, CELL_SCORE, cases[i].points);
        const struct grade *g = sheet_grade(&w.rules_of, &s, UNIT, &p);
        if (!g || strcmp(g->id, cases[i].want) != 0)
            fail_msg("%s: %s", cases[i].name, g ? g->id : "none");
    }
    struct points full = {.total = 100, .max = 100};
    put(&s, UNIT, POINTS, CELL_EMPTY, 0);
    assert_string_equal(sheet_grade(&w.rules_of, &s, UNIT, &full)->id, "middle");
    w.leaf[POINTS].collective = false;
    assert_string_equal(sheet_grade(&w.rules_of, &s, UNIT, &full)->id, "high");
    w.profile.n_grades = w.profile.n_caps = 0;
    assert_null(sheet_grade(&w.rules_of, &s, UNIT, &full));
    sheet_done(&s);
}

static void a_subject_is_found_by_its_code(void **state) {
    (void)state;
    char codes[2][2] = {"a", "b"};
    struct subject two[] = {{.code = codes[0]}, {.code = codes[1]}};
    const struct subjects list = {.n = 2, .list = two};
    assert_int_equal(subjects_row(&list, "b"), 1);
    assert_int_equal(subjects_row(&list, "c"), -1);
}

static void what_is_owned_is_freed_even_half_filled(void **state) {
    (void)state;
    struct profile p = {.n_rules = 2, .n_grades = 1, .n_caps = 3};
    p.rules = mem_zalloc(2, sizeof *p.rules);
    p.rules[0].criterion = mem_strdup("C1");
    p.id = mem_strdup("diem");
    profile_done(&p);
    profile_done(NULL);
    struct sheet s = {.n_notes = 2};
    s.notes = mem_zalloc(2, sizeof *s.notes);
    s.notes[0].text = mem_strdup("x");
    sheet_done(&s);
    sheet_done(NULL);
    mem_fail_at(0);
    assert_int_equal(sheet_init(&s, 2, 2, NULL), ERR_NOMEM);
    mem_fail_at(-1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_criterion_applies_when_all_its_conditions_hold),
        cmocka_unit_test(a_cell_holds_only_what_its_criterion_asks_for),
        cmocka_unit_test(a_sheet_of_zeros_is_complete_and_an_empty_cell_is_not),
        cmocka_unit_test(notes_stand_at_one_value_each),
        cmocka_unit_test(points_are_counted_by_part_and_applicable_maximum),
        cmocka_unit_test(thresholds_are_strict_where_the_plan_is),
        cmocka_unit_test_setup(a_row_is_the_sum_of_its_cells_in_any_order, seed),
        cmocka_unit_test(a_grade_is_its_band_unless_a_condition_overrides_it),
        cmocka_unit_test(a_subject_is_found_by_its_code),
        cmocka_unit_test(what_is_owned_is_freed_even_half_filled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
