#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/limits.h"
#include "core/mem.h"
#include "proto/payload.h"

#include <string.h>

/* What one test decodes into, and encodes onto. */
static struct arena arena;
static struct buf out;

static int begin(void **state) {
    (void)state;
    arena_init(&arena, PAYLOAD_ARENA_BYTES);
    buf_init(&out);
    return 0;
}

static int end(void **state) {
    (void)state;
    arena_done(&arena);
    buf_done(&out);
    return 0;
}

static char *text_of(size_t n) {
    char *s = arena_alloc(&arena, n + 1);
    memset(s, 'x', n);
    s[n] = '\0';
    return s;
}

static const struct uid unit_a = {{0xa1}};

/*
 * One case of a decoder: the struct that `spoil` changed must not survive the wire. `spoil` NULL:
 * it must.
 */
#define CHECK(type, good, spoilers)                                                                \
    for (size_t i_ = 0; i_ < sizeof(spoilers) / sizeof *(spoilers); i_++) {                        \
        struct payload_##type in_ = good(), ret_;                                                  \
        struct err e_ = {0};                                                                       \
        if ((spoilers)[i_].spoil)                                                                  \
            (spoilers)[i_].spoil(&in_);                                                            \
        buf_clear(&out);                                                                           \
        assert_int_equal(payload_##type##_encode(&in_, &out, NULL), 0);                            \
        int rc_ = payload_##type##_decode(buf_slice(&out), &arena, &ret_, &e_);                    \
        if (rc_ != ((spoilers)[i_].spoil ? ERR_CORRUPT : 0) || rc_ != e_.code)                     \
            fail_msg("%s: %s: %d", #type, (spoilers)[i_].name, rc_);                               \
    }

/* ---- reports ---- */

static struct payload_report good_report(void) {
    static uint32_t cells[] = {3, 4 + 17, 1};
    static struct report_column columns[2];
    static struct note notes[1];
    columns[0] = (struct report_column){50, false, 3, cells};
    columns[1] = (struct report_column){1, true, 0, NULL};
    notes[0] = (struct note){1, 0, "không áp dụng:\nlý do"};
    return (struct payload_report){.campaign = {{1}},
                                   .subjects = {{2}},
                                   .period = "2023",
                                   .kind = REPORT_ANNUAL,
                                   .unit = unit_a,
                                   .revision = 2,
                                   .n_columns = 2,
                                   .n_notes = 1,
                                   .columns = columns,
                                   .notes = notes};
}
static void no_campaign(struct payload_report *p) {
    p->campaign = (struct hash){{0}};
}
static void no_subjects(struct payload_report *p) {
    p->subjects = (struct hash){{0}};
}
static void report_without_unit(struct payload_report *p) {
    p->unit = (struct uid){{0}};
}
static void report_kind_zero(struct payload_report *p) {
    p->kind = 0;
}
static void report_kind_eight(struct payload_report *p) {
    p->kind = REPORT_KINDS + 1;
}
static void long_period(struct payload_report *p) {
    p->period = text_of(LIMIT_CODE + 1);
}
static void big_step(struct payload_report *p) {
    p->columns[0].step = LIMIT_SCORE + 1;
}
static void long_note(struct payload_report *p) {
    p->notes[0].text = text_of(LIMIT_TEXT + 1);
}
static void note_at_no_row(struct payload_report *p) {
    p->notes[0] = (struct note){LIMIT_SUBJECTS, 0, "x"};
}
static void note_at_no_column(struct payload_report *p) {
    p->notes[0] = (struct note){0, LIMIT_CRITERIA, "x"};
}
/* `n` columns of `cells` cells each. */
static void columns_of(struct payload_report *p, uint32_t n, uint32_t cells) {
    p->n_columns = n;
    p->columns = arena_alloc(&arena, n * sizeof *p->columns);
    uint32_t *values = arena_alloc(&arena, cells * sizeof *values);
    memset(values, 0, cells * sizeof *values);
    for (uint32_t i = 0; i < n; i++)
        p->columns[i] = (struct report_column){1, false, cells, values};
}
static void too_many_columns(struct payload_report *p) {
    columns_of(p, LIMIT_CRITERIA + 1, 1);
}
static void too_long_a_column(struct payload_report *p) {
    columns_of(p, 1, LIMIT_SUBJECTS + 1);
}
static void too_many_cells(struct payload_report *p) {
    columns_of(p, LIMIT_VALUES / LIMIT_SUBJECTS + 1, LIMIT_SUBJECTS);
}
static void too_many_notes(struct payload_report *p) {
    p->n_notes = LIMIT_NOTES + 1;
    p->notes = arena_alloc(&arena, p->n_notes * sizeof *p->notes);
    for (uint32_t i = 0; i < p->n_notes; i++)
        p->notes[i] = (struct note){0, 0, "x"};
}

static void reports_are_decoded_or_refused(void **state) {
    (void)state;
    static const struct {
        const char *name;
        void (*spoil)(struct payload_report *);
    } cases[] = {{"good", NULL},
                 {"no campaign", no_campaign},
                 {"no subject list", no_subjects},
                 {"no unit", report_without_unit},
                 {"kind 0", report_kind_zero},
                 {"kind 8", report_kind_eight},
                 {"a period too long", long_period},
                 {"too many columns", too_many_columns},
                 {"a column too long", too_long_a_column},
                 {"too many cells", too_many_cells},
                 {"too many notes", too_many_notes},
                 {"a note too long", long_note},
                 {"a note at no row", note_at_no_row},
                 {"a note at no column", note_at_no_column},
                 {"a step too big", big_step}};
    CHECK(report, good_report, cases)
}

static void the_largest_report_fits_its_bounds(void **state) {
    (void)state;
    struct payload_report in = good_report(), ret;
    columns_of(&in, LIMIT_VALUES / LIMIT_SUBJECTS, LIMIT_SUBJECTS);
    in.columns[0].step = 1;
    assert_int_equal(payload_report_encode(&in, &out, NULL), 0);
    assert_true(out.len < LIMIT_PAYLOAD);
    assert_int_equal(payload_report_decode(buf_slice(&out), &arena, &ret, NULL), 0);
    assert_int_equal(ret.columns[63].n, LIMIT_SUBJECTS);
}

/* ---- sheets ---- */

#define ROWS 9
#define LEAVES 7

static struct criterion leaf_of[LEAVES];
static const struct criterion *leaves[LEAVES];
static struct criteria criteria;
static struct subject row_of[ROWS];
static struct subjects subjects = {.unit = {{0xa1}}, .n = ROWS, .list = row_of};
static uint64_t random_state;

static uint32_t below(uint32_t n) {
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33) % n;
}

/* Criteria about collectives, individuals or both, and subjects of either kind. */
static void set_the_table(void) {
    for (uint32_t j = 0; j < LEAVES; j++) {
        leaf_of[j] = (struct criterion){.id = "c", .leaf = true};
        leaf_of[j].collective = below(2);
        leaf_of[j].individual = !leaf_of[j].collective || below(2);
        leaves[j] = &leaf_of[j];
    }
    criteria = (struct criteria){.n = LEAVES, .all = leaves, .n_leaves = LEAVES, .leaves = leaves};
    for (uint32_t i = 0; i < ROWS; i++)
        row_of[i].kind = i == 0 || below(3) == 0 ? SUBJECT_COLLECTIVE : SUBJECT_INDIVIDUAL;
}

static void fill(struct sheet *s) {
    static const uint32_t units[] = {1, 5, 25, 50, 100, 1000};
    for (uint32_t j = 0; j < LEAVES; j++) {
        bool measured = below(2);
        uint32_t unit = units[below(6)];
        for (uint32_t i = 0; i < ROWS; i++) {
            struct cell *c = sheet_cell(s, i, j);
            if (!criterion_about(leaves[j], row_of[i].kind))
                continue;
            *c = (struct cell){.state = (uint8_t)below(CELL_SCORE + 1)};
            if (c->state != CELL_SCORE)
                continue;
            c->state = measured ? CELL_VALUE : CELL_SCORE;
            c->value = below(8) ? (score)(below(LIMIT_SCORE / unit + 1) * unit) : LIMIT_SCORE;
        }
    }
}

static void add_notes(struct sheet *s) {
    s->n_notes = below(4);
    s->notes = mem_zalloc(s->n_notes + 1, sizeof *s->notes);
    for (uint32_t i = 0; i < s->n_notes; i++)
        s->notes[i] = (struct note){below(ROWS), below(LEAVES), mem_strdup("ghi chú")};
}

static void assert_same_sheet(const struct sheet *a, const struct sheet *b) {
    for (uint32_t i = 0; i < ROWS * LEAVES; i++) {
        assert_int_equal(a->cells[i].state, b->cells[i].state);
        assert_int_equal(a->cells[i].value, b->cells[i].value);
    }
    assert_int_equal(a->n_notes, b->n_notes);
    for (uint32_t i = 0; i < a->n_notes; i++) {
        assert_int_equal(a->notes[i].row, b->notes[i].row);
        assert_int_equal(a->notes[i].column, b->notes[i].column);
        assert_string_equal(a->notes[i].text, b->notes[i].text);
    }
}

static void a_sheet_survives_the_wire(void **state) {
    (void)state;
    const uint64_t first = 20231215;
    print_message("# seeds %llu to %llu\n", (unsigned long long)first,
                  (unsigned long long)first + 299);
    for (uint64_t seed = first; seed < first + 300; seed++) {
        random_state = seed * 0x9e3779b97f4a7c15u;
        set_the_table();
        struct arena a;
        struct sheet in, back;
        struct payload_report p = good_report(), ret;
        arena_init(&a, PAYLOAD_ARENA_BYTES);
        buf_clear(&out);
        assert_int_equal(sheet_init(&in, ROWS, LEAVES, NULL), 0);
        fill(&in);
        add_notes(&in);
        assert_int_equal(payload_report_from_sheet(&in, &criteria, &subjects, &a, &p, NULL), 0);
        assert_int_equal(payload_report_encode(&p, &out, NULL), 0);
        assert_int_equal(payload_report_decode(buf_slice(&out), &a, &ret, NULL), 0);
        assert_int_equal(payload_report_to_sheet(&ret, &criteria, &subjects, &back, NULL), 0);
        assert_same_sheet(&in, &back);
        sheet_done(&in);
        sheet_done(&back);
        arena_done(&a);
    }
}

static void numbers_that_do_not_fit_are_not_sealed(void **state) {
    (void)state;
    static const struct {
        const char *name;
        struct cell first, second;
        int want;
    } cases[] = {{"as large as may be", {CELL_SCORE, LIMIT_SCORE}, {CELL_MET, 0}, 0},
                 {"zeros", {CELL_SCORE, 0}, {CELL_SCORE, 0}, 0},
                 {"too large", {CELL_VALUE, LIMIT_SCORE + 1}, {CELL_EMPTY, 0}, ERR_REFUSED},
                 {"negative", {CELL_VALUE, -1}, {CELL_EMPTY, 0}, ERR_REFUSED},
                 {"points and values", {CELL_VALUE, 5}, {CELL_SCORE, 5}, ERR_REFUSED}};
    random_state = 1;
    set_the_table();
    leaf_of[0].collective = leaf_of[0].individual = true;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sheet s;
        struct payload_report p = good_report();
        assert_int_equal(sheet_init(&s, ROWS, LEAVES, NULL), 0);
        *sheet_cell(&s, 0, 0) = cases[i].first;
        *sheet_cell(&s, 1, 0) = cases[i].second;
        if (payload_report_from_sheet(&s, &criteria, &subjects, &arena, &p, NULL) != cases[i].want)
            fail_msg("%s", cases[i].name);
        sheet_done(&s);
    }
}

/* A report of empty columns that fits the table. */
static struct payload_report fitting(void) {
    struct payload_report p = good_report();
    struct sheet s;
    p.n_notes = 0;
    assert_int_equal(sheet_init(&s, ROWS, LEAVES, NULL), 0);
    assert_int_equal(payload_report_from_sheet(&s, &criteria, &subjects, &arena, &p, NULL), 0);
    p.n_notes = 0;
    sheet_done(&s);
    return p;
}

static void a_report_of_another_shape_makes_no_sheet(void **state) {
    (void)state;
    random_state = 5;
    set_the_table();
    static struct note stray = {ROWS, 0, "x"};
    for (int what = 0; what < 7; what++) {
        struct payload_report p = fitting();
        struct sheet s;
        if (what == 1)
            p.n_columns--;
        if (what == 2)
            p.columns[3].n--;
        if (what == 3)
            p.columns[3].n++;
        if (what == 4)
            p.n_notes = 1, p.notes = &stray;
        if (what == 5)
            p.columns[0].step = 2, p.columns[0].cells[0] = LIMIT_SCORE / 2 + 6;
        if (what == 6)
            p.columns[0].cells[0] = UINT32_MAX;
        assert_int_equal(payload_report_to_sheet(&p, &criteria, &subjects, &s, NULL),
                         what == 0 ? 0 : ERR_REFUSED);
        if (what == 0)
            sheet_done(&s);
    }
    struct payload_report nil = good_report();
    struct sheet s;
    nil.nil = true;
    nil.n_columns = nil.n_notes = 0;
    assert_int_equal(payload_report_to_sheet(&nil, &criteria, &subjects, &s, NULL), 0);
    assert_int_equal(s.rows, ROWS);
    sheet_done(&s);
    nil.n_columns = 1;
    assert_int_equal(payload_report_to_sheet(&nil, &criteria, &subjects, &s, NULL), ERR_REFUSED);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(reports_are_decoded_or_refused),
        TEST(the_largest_report_fits_its_bounds),
        TEST(a_sheet_survives_the_wire),
        TEST(numbers_that_do_not_fit_are_not_sealed),
        TEST(a_report_of_another_shape_makes_no_sheet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
