#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/limits.h"
#include "core/mem.h"
#include "core/sheet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
        int rc = cell_parse(cases[i].input, cases[i].mode, &c, &e);
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
            if (cell_parse(cases[i], mode, &c, &e) != ERR_REFUSED || e.code != ERR_REFUSED)
                fail_msg("“%s” was taken", cases[i]);
            assert_int_equal(c.state, 99);
            assert_int_equal(c.value, 99);
        }
    struct cell c;
    assert_int_equal(cell_parse("1", MODE_MET, &c, NULL), ERR_REFUSED);
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
        assert_int_equal(cell_parse(text, MODE_POINTS, &c, NULL), 0);
        assert_int_equal(c.value, s);
        score_text_people(s, text);
        assert_int_equal(cell_parse(text, MODE_POINTS, &c, NULL), 0);
        assert_int_equal(c.value, s);
    }
}

/* One small world: leaves in columns, subjects in rows. */
enum { MET, POINTS, BONUS, PENALTY, VALUE, BLANK, AIM, LEADER, PARTS, CLASSED, COLUMNS };
enum { UNIT, HEAD, CLERK, ROWS };

struct world {
    struct criterion leaf[COLUMNS];
    const struct criterion *leaves[COLUMNS];
    struct score_rule rules[COLUMNS];
    struct grade grades[3];
    struct grade_cap caps[1];
    struct unit_attribute attribute;
    struct uid member;
    struct campaign campaign;
    struct criteria criteria;
    struct profile profile;
    struct subject list[ROWS];
    struct subjects subjects;
    struct sheet_rules rules_of;
};

static char leader[] = "leader", takes_part[] = "takes_part", clerk[] = "cong-chuc";
static char *attributes[] = {leader}, *unit_attributes[] = {takes_part}, *classes[] = {clerk};

static void world_leaf(struct world *w, int at, char *id, enum score_part part,
                       enum score_mode mode, score max) {
    w->leaf[at] =
        (struct criterion){.id = id, .leaf = true, .individual = true, .collective = at <= AIM};
    w->leaves[at] = &w->leaf[at];
    w->rules[at] = (struct score_rule){id, part, mode, max};
}

static void world_init(struct world *w) {
    static char ids[COLUMNS][8] = {"met",   "points", "bonus",  "penalty", "value",
                                   "blank", "aim",    "leader", "parts",   "classed"};
    memset(w, 0, sizeof *w);
    world_leaf(w, MET, ids[MET], PART_BASE, MODE_MET, 1000);
    world_leaf(w, POINTS, ids[POINTS], PART_BASE, MODE_POINTS, 2000);
    world_leaf(w, BONUS, ids[BONUS], PART_BONUS, MODE_POINTS, 500);
    world_leaf(w, PENALTY, ids[PENALTY], PART_PENALTY, MODE_POINTS, 5000);
    world_leaf(w, VALUE, ids[VALUE], PART_BASE, MODE_VALUE, 700);
    w->leaf[VALUE].test = TEST_GT;
    w->leaf[VALUE].threshold = 8500;
    world_leaf(w, BLANK, ids[BLANK], PART_BASE, MODE_VALUE, 300);
    w->leaf[BLANK].test = TEST_GE;
    w->leaf[BLANK].threshold_unknown = true;
    world_leaf(w, AIM, ids[AIM], PART_BASE, MODE_MET, 9000);
    w->leaf[AIM].is_aim = true;
    world_leaf(w, LEADER, ids[LEADER], PART_BASE, MODE_MET, 100);
    w->leaf[LEADER].applies = (struct applicability){.n_attributes = 1, .attributes = attributes};
    world_leaf(w, PARTS, ids[PARTS], PART_BASE, MODE_MET, 10);
    w->leaf[PARTS].applies =
        (struct applicability){.n_unit_attributes = 1, .unit_attributes = unit_attributes};
    world_leaf(w, CLASSED, ids[CLASSED], PART_BASE, MODE_MET, 1);
    w->leaf[CLASSED].applies = (struct applicability){.n_classes = 1, .classes = classes};
    static char high[] = "high", middle[] = "middle", low[] = "low";
    w->grades[0] = (struct grade){.id = high, .share_min = 9000};
    w->grades[1] = (struct grade){.id = middle, .share_min = 5000};
    w->grades[2] = (struct grade){.id = low, .share_min = 0};
    w->grades[0].label.vi = w->grades[1].label.vi = w->grades[2].label.vi = high;
    w->caps[0] = (struct grade_cap){ids[POINTS], 500, middle};
    w->member.b[0] = 7;
    w->attribute = (struct unit_attribute){.id = takes_part, .n_units = 1, .units = &w->member};
    w->campaign.n_unit_attributes = 1;
    w->campaign.unit_attributes = &w->attribute;
    w->criteria = (struct criteria){.n_leaves = COLUMNS, .leaves = w->leaves};
    w->profile = (struct profile){.id = high,
                                  .version = 1,
                                  .default_max = 100,
                                  .na_allowed = true,
                                  .n_rules = COLUMNS,
                                  .rules = w->rules,
                                  .n_grades = 3,
                                  .grades = w->grades,
                                  .n_caps = 1,
                                  .caps = w->caps};
    w->profile.label.vi = high;
    static char codes[ROWS][8] = {"31234", "CB01", "CC02"};
    w->list[UNIT] = (struct subject){.code = codes[UNIT], .kind = SUBJECT_COLLECTIVE};
    w->list[HEAD] =
        (struct subject){.code = codes[HEAD], .kind = SUBJECT_INDIVIDUAL, .leader = true};
    w->list[CLERK] =
        (struct subject){.code = codes[CLERK], .kind = SUBJECT_INDIVIDUAL, .class_id = clerk};
    w->subjects = (struct subjects){.n = ROWS, .list = w->list};
    w->rules_of = (struct sheet_rules){
        &w->campaign, &w->criteria, &w->profile, &w->subjects, {.id = w->member, .kind = "state"}};
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
         "CC02, criterion leader: it does not apply"},
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
        sheet_points(&w.rules_of, &s, row, &whole);
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

static void max_zero(struct world *w) {
    w->rules[1].max = 0;
}
static void rule_twice(struct world *w) {
    w->rules[1].criterion = w->rules[0].criterion;
}
static void bands_rising(struct world *w) {
    w->grades[1].share_min = 9000;
}
static void cap_nowhere(struct world *w) {
    w->caps[0].grade = leader;
}
static void cap_penalty(struct world *w) {
    w->caps[0].criterion = w->rules[PENALTY].criterion;
}
static void no_default(struct world *w) {
    w->profile.default_max = 0;
}
static void rule_nowhere(struct world *w) {
    w->rules[2].criterion = takes_part;
}
static void cap_aim(struct world *w) {
    w->caps[0].criterion = w->rules[AIM].criterion;
}
static void too_much(struct world *w) {
    w->rules[0].max = w->rules[1].max = LIMIT_SCORE / 2;
}
static void too_harsh(struct world *w) {
    w->rules[0].max = LIMIT_SCORE;
    w->rules[0].part = PART_PENALTY;
}
static void untested(struct world *w) {
    w->leaf[VALUE].test = TEST_NONE;
}

static void a_profile_is_checked_by_itself_and_against_its_leaves(void **state) {
    (void)state;
    static const struct {
        const char *name;
        void (*input)(struct world *w);
        const char *want;
    } cases[] = {
        {"maximum of zero", max_zero, "rules[1].max: 0"},
        {"rule twice", rule_twice, "rules[1]: “met” stands here a second time"},
        {"bands that do not fall", bands_rising, "grades[1].share_min: grade middle"},
        {"cap to no grade", cap_nowhere, "caps[0].grade: no grade is called “leader”"},
        {"cap on a penalty", cap_penalty, "caps[0].criterion: penalty is a penalty"},
        {"no default", no_default, "default_max: 0"},
        {"rule for no leaf", rule_nowhere, "rules[2].criterion: “takes_part”"},
        {"cap on an aim", cap_aim, "caps[0].criterion: “aim”"},
        {"too many points", too_much, "rules: all criteria together"},
        {"too many penalties", too_harsh, "rules: all criteria together"},
        {"value without a test", untested, "rules: criterion value has no threshold"},
    };
    struct world w;
    world_init(&w);
    w.rules[AIM].max = LIMIT_SCORE; /* an aim gives no points, so it takes no room */
    assert_int_equal(profile_check(&w.profile, NULL), 0);
    assert_int_equal(profile_check_criteria(&w.profile, &w.criteria, NULL), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err e = {0};
        char text[600];
        world_init(&w);
        cases[i].input(&w);
        int rc = profile_check(&w.profile, &e);
        if (rc == 0)
            rc = profile_check_criteria(&w.profile, &w.criteria, &e);
        err_text(&e, NULL, text, sizeof text);
        if (rc != ERR_REFUSED || strncmp(text, cases[i].want, strlen(cases[i].want)) != 0)
            fail_msg("%s: %d %s", cases[i].name, rc, text);
    }
}

static void a_campaign_without_a_profile_is_met_or_not_for_one_point(void **state) {
    (void)state;
    struct score_rule rule;
    assert_int_equal(profile_check(&profile_met, NULL), 0);
    profile_rule(&profile_met, "C1.1", &rule);
    assert_int_equal(rule.mode, MODE_MET);
    assert_int_equal(rule.part, PART_BASE);
    assert_int_equal(rule.max, 100);
}

static void what_is_owned_is_freed_even_half_filled(void **state) {
    (void)state;
    struct profile p = {.n_rules = 2, .n_grades = 1, .n_caps = 3};
    p.rules = mem_zalloc(2, sizeof *p.rules);
    p.rules[0].criterion = mem_strdup("C1");
    p.id = mem_strdup("diem");
    profile_done(&p);
    profile_done(NULL);
    struct subjects list = {.n = 2};
    list.list = mem_zalloc(2, sizeof *list.list);
    list.list[0].code = mem_strdup("a");
    list.list[1].code = mem_strdup("b");
    assert_int_equal(subjects_row(&list, "b"), 1);
    assert_int_equal(subjects_row(&list, "c"), -1);
    subjects_done(&list);
    subjects_done(NULL);
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
        cmocka_unit_test(values_are_read_as_people_write_them),
        cmocka_unit_test(what_is_no_value_is_refused_and_changes_nothing),
        cmocka_unit_test(scores_print_for_machines_and_for_people),
        cmocka_unit_test_setup(any_score_survives_both_printed_forms, seed),
        cmocka_unit_test(a_criterion_applies_when_all_its_conditions_hold),
        cmocka_unit_test(a_cell_holds_only_what_its_criterion_asks_for),
        cmocka_unit_test(a_sheet_of_zeros_is_complete_and_an_empty_cell_is_not),
        cmocka_unit_test(notes_stand_at_one_value_each),
        cmocka_unit_test(points_are_counted_by_part_and_applicable_maximum),
        cmocka_unit_test(thresholds_are_strict_where_the_plan_is),
        cmocka_unit_test_setup(a_row_is_the_sum_of_its_cells_in_any_order, seed),
        cmocka_unit_test(a_grade_is_its_band_unless_a_condition_overrides_it),
        cmocka_unit_test(a_profile_is_checked_by_itself_and_against_its_leaves),
        cmocka_unit_test(a_campaign_without_a_profile_is_met_or_not_for_one_point),
        cmocka_unit_test(what_is_owned_is_freed_even_half_filled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
