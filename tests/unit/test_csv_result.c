#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/csv_result.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* The cells of the only row after the heads, as they were written, without the row's end. */
static char *row_of(struct buf *out) {
    char *all = (char *)buf_cstr(out);
    assert_non_null(all);
    char *row = strstr(all, "\r\n");
    assert_non_null(row);
    row += 2;
    char *end = strstr(row, "\r\n");
    assert_non_null(end);
    assert_string_equal(end, "\r\n");
    *end = '\0';
    return row;
}

static void print_named(const char *name, char separator, struct buf *out) {
    struct rank_row row = {
        .rank = 2,
        .unit = (char[]){"00123"},
        .unit_name = (char *)name,
        .subject = (char[]){"CB01"},
        .total = -850,
        .max = 10000,
        .on_time = true,
        .report = {{0xab}},
        .revision = 1,
    };
    const struct ranking r = {.n_rows = 1, .rows = &row};
    assert_int_equal(csv_ranking(&r, separator, out, NULL), 0);
}

static void
scores_are_written_as_the_spreadsheet_that_wants_the_separator_reads_them(void **state) {
    (void)state;
    static const struct {
        char separator;
        const char *want;
    } cases[] = {
        {',', "2,false,00123,Ban,CB01,,,-8.50,100.00,-8.50,,self,true,ab"},
        {';', "2;false;00123;Ban;CB01;;;-8,50;100,00;-8,50;;self;true;ab"},
        {'\t', "2\tfalse\t00123\tBan\tCB01\t\t\t-8,50\t100,00\t-8,50\t\tself\ttrue\tab"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf out;
        buf_init(&out);
        print_named("Ban", cases[i].separator, &out);
        assert_int_equal(strncmp(buf_cstr(&out), "\xef\xbb\xbfrank", 7), 0);
        const char *row = row_of(&out);
        assert_int_equal(strncmp(row, cases[i].want, strlen(cases[i].want)), 0);
        buf_done(&out);
    }
}

/* A name is somebody else's text, and whoever opens the sheet did not ask for it to be run. */
static void what_people_wrote_is_no_formula(void **state) {
    (void)state;
    static const struct {
        const char *name, *want;
    } cases[] = {
        {"=1+1", "'=1+1"},
        {"+84 90", "'+84 90"},
        {"-Ban", "'-Ban"},
        {"@SUM(A1)", "'@SUM(A1)"},
        {"=HYPERLINK(\"x\",1)", "\"'=HYPERLINK(\"\"x\"\",1)\""},
        {"a=1", "a=1"},
        {"", ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf out;
        buf_init(&out);
        print_named(cases[i].name, ',', &out);
        const char *row = row_of(&out) + strlen("2,false,00123,");
        assert_int_equal(strncmp(row, cases[i].want, strlen(cases[i].want)), 0);
        assert_int_equal(row[strlen(cases[i].want)], ',');
        buf_done(&out);
    }
}

/* What says when and why, and a branch's figures: by their heads. */
static void boards_have_a_cell_for_each_head(void **state) {
    (void)state;
    struct board_row row = {
        .unit = (char[]){"1"},
        .name = (char[]){"Xã, Một"},
        .state = SLOT_MISSING,
        .received_at = INSTANT_NONE,
        .last_contact = INSTANT_NONE,
        .extended_to = 0,
        .why = (char[]){"=lụt"},
    };
    struct board_branch branch = {
        .unit = (char[]){"1"}, .name = (char[]){"Xã"}, .expected = 9, .actual = 5, .missing = 4};
    struct board b = {.campaign = (char[]){"c"},
                      .period = (char[]){"2023"},
                      .kind = REPORT_ANNUAL,
                      .n_rows = 1,
                      .rows = &row};
    struct buf out;
    buf_init(&out);
    assert_int_equal(csv_boards(&b, 1, false, ';', &out, NULL), 0);
    assert_string_equal(row_of(&out), "c;2023;annual;1;Xã, Một;missing;none;;;;;false;;"
                                      "1970-01-01T07:00:00+07:00;false;'=lụt");
    buf_clear(&out);
    b = (struct board){.campaign = b.campaign,
                       .period = b.period,
                       .kind = b.kind,
                       .n_branches = 1,
                       .branches = &branch};
    assert_int_equal(csv_boards(&b, 1, true, ',', &out, NULL), 0);
    assert_string_equal(row_of(&out), "c,2023,annual,1,Xã,9,5,0,4,0,0");
    buf_done(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_are_written_as_the_spreadsheet_that_wants_the_separator_reads_them),
        cmocka_unit_test(what_people_wrote_is_no_formula),
        cmocka_unit_test(boards_have_a_cell_for_each_head),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
