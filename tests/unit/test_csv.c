#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/csv.h"
#include "core/csv_out.h"
#include "core/limits.h"
#include "core/mem.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

enum { CODE, NAME, NOTE, KNOWN };
static const struct csv_column columns[] = {
    [CODE] = {"code", {"mã", "mã đơn vị"}, true},
    [NAME] = {"name", {"tên"}, true},
    [NOTE] = {"note", {"ghi chú"}, false},
};

/* Everything that reading `in` says: its cells as `code|name|note/…`, then its problems, then e. */
static void read_all(struct slice in, struct buf *said) {
    struct csv *c = NULL;
    struct problems p = {0};
    struct err e = {0};
    char text[2048];
    if (csv_open(in, "f.csv", &c, &p, &e) == 0 &&
        csv_match(c, columns, KNOWN, false, &p, &e) == 0 && p.total == 0)
        for (size_t row = 0; row < csv_rows(c); row++)
            buf_printf(said, "%zu:%s|%s|%s/", csv_line(c, row), csv_get(c, row, CODE),
                       csv_get(c, row, NAME), csv_get(c, row, NOTE));
    if (c && !e.code) {
        const size_t keys[] = {CODE};
        if (csv_where(c, CODE) != CSV_ABSENT)
            assert_int_equal(csv_unique(c, keys, 1, &p, &e), 0);
        (void)problems_end(&p, "f.csv", NULL, said, &e);
    }
    buf_put_str(said, err_text(&e, NULL, text, sizeof text));
    csv_close(c);
    problems_done(&p);
}

struct reading_case {
    const char *name, *in;
    size_t len; /* 0: strlen */
    const char *want;
};

/* `whole`: nothing else is said than what is wanted. */
static void check(const struct reading_case *cases, size_t n, bool whole) {
    for (size_t i = 0; i < n; i++) {
        struct buf said;
        buf_init(&said);
        size_t len = cases[i].len ? cases[i].len : strlen(cases[i].in);
        read_all(slice_of(cases[i].in, len), &said);
        const char *got = buf_cstr(&said);
        if (whole ? strcmp(got, cases[i].want) != 0 : !strstr(got, cases[i].want))
            fail_msg("%s: got '%s'", cases[i].name, got);
        buf_done(&said);
    }
}

static void every_dress_of_a_good_file_gives_the_same_rows(void **state) {
    (void)state;
    static const char good[] = "2:001|Xã Đông|/3:002|Xã Tây|/";
    static const struct reading_case cases[] = {
        {"comma", "code,name\n001,Xã Đông\n002,Xã Tây\n", 0, good},
        {"no end of the last line", "code,name\n001,Xã Đông\n002,Xã Tây", 0, good},
        {"semicolon and CRLF", "code;name\r\n001;Xã Đông\r\n002;Xã Tây\r\n", 0, good},
        {"tab", "code\tname\n001\tXã Đông\n002\tXã Tây\n", 0, good},
        {"old Mac line ends", "code,name\r001,Xã Đông\r002,Xã Tây\r", 0, good},
        {"a byte order mark",
         "\xef\xbb\xbf"
         "code,name\n001,Xã Đông\n002,Xã Tây\n",
         0, good},
        {"quotes", "\"code\",\"name\"\n\"001\",\"Xã Đông\"\n\"002\",\"Xã Tây\"\n", 0, good},
        {"quotes behind a mark", "\xef\xbb\xbf\"code\",\"name\"\n001,Xã Đông\n002,Xã Tây\n", 0,
         good},
        {"blanks around", " code , name \n 001 ,\"  Xã Đông \"\n002\xc2\xa0,Xã Tây\n", 0, good},
        {"decomposed text", "code,name\n001,Xa\xcc\x83 Đo\xcc\x82ng\n002,Xa\xcc\x83 Ta\xcc\x82y\n",
         0, good},
        {"Vietnamese header", "Mã đơn vị;Tên\n001;Xã Đông\n002;Xã Tây\n", 0, good},
        {"header without marks", "MA_DON_VI,TEN\n001,Xã Đông\n002,Xã Tây\n", 0, good},
        {"empty columns at the end", "code,name,,\n001,Xã Đông,,\n002,Xã Tây,\n", 0, good},
        {"blank rows at the end", "code,name\n001,Xã Đông\n002,Xã Tây\n\n,\n , \n", 0, good},
        {"another order", "name,code\nXã Đông,001\nXã Tây,002\n", 0, good},
        {"a comma in a header with semicolons", "code;\"name\"\n001;Xã Đông\n002;Xã Tây\n", 0,
         good},
        {"UTF-16 little",
         "\xff\xfe"
         "c\0o\0d\0e\0,\0n\0a\0m\0e\0\n\0"
         "1\0,\0\xbf\x1e\n\0",
         30, "2:1|ế|/"},
        {"UTF-16 big",
         "\xfe\xff\0c\0o\0d\0e\0,\0n\0a\0m\0e\0\n\0"
         "1\0,\x1e\xbf\0\n",
         30, "2:1|ế|/"},
        {"UTF-16 beyond the first plane",
         "\xff\xfe"
         "c\0o\0d\0e\0,\0n\0a\0m\0e\0\n\0"
         "1\0,\0\x3d\xd8\x00\xde",
         30, "2:1|😀|/"},
        {"lines count as an editor shows them",
         "\n\ncode,name\n\n1,\"a\nb\"\r\n\r\n\"2\n\n\",c\n3,d\n", 0, "5:1|a b|/8:2|c|/11:3|d|/"},
        {"a line that names the separator", "sep=;\r\ncode;name\r\n1;a, b\r\n", 0, "3:1|a, b|/"},
        {"… with a mark, in capitals", "\xef\xbb\xbfSEP=,\ncode,name\n1,a\n", 0, "3:1|a|/"},
        {"… in quotes", "\"sep=\t\"\ncode\tname\n1\ta\n", 0, "3:1|a|/"},
        {"… filled up", "sep=;;\ncode;name\n1;a\n", 0, "3:1|a|/"},
        {"… after which comes nothing", "sep=;\n", 0,
         "f.csv is empty: its first line must name the columns"},
        {"doubled quotes and separators in quotes", "code,name\n1,\"a \"\"b\"\", c\"\n", 0,
         "2:1|a \"b\", c|/"},
        {"only a header", "code,name\n", 0, ""},
    };
    check(cases, COUNT(cases), true);
}

static void a_file_that_is_no_csv_is_refused_with_what_to_do(void **state) {
    (void)state;
    static const struct reading_case cases[] = {
        {"empty", "", 0, "f.csv is empty"},
        {"blank", "\n\n , \n", 0, "f.csv is empty: its first line must name the columns"},
        {"a workbook", "PK\x03\x04....", 0, "f.csv is a workbook, not CSV"},
        {"an old workbook", "\xd0\xcf\x11\xe0....", 0, "f.csv is a workbook, not CSV"},
        {"UTF-16 without a mark", "c\0o\0d\0e\0", 8, "f.csv holds zero bytes"},
        {"UTF-16 cut off",
         "\xff\xfe"
         "c\0o\0\n\0d",
         9, "f.csv, line 2: the UTF-16 text is damaged"},
        {"half a pair",
         "\xff\xfe\x3d\xd8"
         "a\0",
         6, "f.csv, line 1: the UTF-16 text is damaged"},
        {"an old encoding", "code,name\n1,X\xe3 \xd0\xf4ng\n", 0,
         "f.csv, line 2, byte 4: this is not UTF-8"},
        {"an open quote", "code,name\n1,a\n2,\"b\n3,c\n", 0,
         "f.csv, line 3: a quote (\") is not closed"},
        {"a quote inside", "code,name\n1,5\" tube\n", 0, "f.csv, line 2: a quote (\")"},
        {"text behind a quote", "code,name\n1,\"a\"b\n", 0, "f.csv, line 2: a quote (\")"},
    };
    check(cases, COUNT(cases), false);
}

static void every_mistake_is_told_with_line_and_column(void **state) {
    (void)state;
    static const struct reading_case cases[] = {
        {"a missing column", "code,note\n1,x\n", 0,
         "f.csv, line 1: column 'name' (tên) is missing: add it to the first line\n"},
        {"an unknown column", "code,name,colour\n1,a,red\n", 0,
         "f.csv, line 1, column 3 (colour): this column is not known here"},
        {"a repeated column", "code,name,Mã\n1,a,2\n", 0,
         "f.csv, line 1, column 3 (Mã): column 'code' is there twice, first as column 1"},
        {"a column without a name", "code,,name\n1,x,a\n", 0,
         "f.csv, line 1, column 2: the column has cells but no name"},
        {"a row too short", "code,name\n1\n", 0,
         "f.csv, line 2: there are 1 cells where the header has 2"},
        {"a row too long", "code,name\n1,a,b\n", 0,
         "f.csv, line 2: there are 3 cells where the header has 2: put what holds a comma in "
         "quotes, as \"8,5\", or write 8.5, or save the file with semicolons"},
        {"a row too long by an empty cell", "code,name\n1,a,\n", 0,
         "f.csv, line 2: there are 3 cells where the header has 2: put what holds a comma"},
        {"more empty cells than the header has", "code,name,\n1,a,,\n", 0,
         "f.csv, line 2: there are 4 cells where the header has 3"},
        {"a cell below a header that is empty", "code,name,\n1,a,b\n", 0,
         "f.csv, line 2: there are 3 cells where the header has 2"},
        {"too long with semicolons", "code;name\n1;a;\n", 0,
         "f.csv, line 2: there are 3 cells where the header has 2: add or remove separators"},
        {"a control character",
         "code,name\n1,a\x01"
         "b\n",
         0, "f.csv, line 2, column 2 (name): byte 2 begins a control character"},
        {"a repeated row", "code,name\n1,a\n2,b\n1,c\n", 0,
         "f.csv, line 4, column 1 (code): '1' is there twice, first on line 2"},
        {"all of them", "code,name,x\n1,a,\n2\n1,b\x01,\n", 0,
         "f.csv, line 1, column 3 (x): this column is not known here: rename or remove it; known "
         "are code, name, "
         "note\n"
         "f.csv, line 3: there are 1 cells where the header has 3: add or remove separators, or "
         "put "
         "quotes around a text that holds one\n"
         "f.csv, line 4, column 1 (code): '1' is there twice, first on line 2: keep one of the two "
         "rows\n"
         "f.csv, line 4, column 2 (name): byte 2 begins a control character: remove it\n"
         "f.csv has 4 mistakes; nothing was changed: correct them and try again"},
        {"another separator", "code|name\n1|a\n", 0,
         "column 1 (code|name): this column is not known here"},
    };
    check(cases, COUNT(cases), false);
}

static void mistakes_beyond_those_kept_are_counted(void **state) {
    (void)state;
    struct buf in, said;
    buf_init(&in);
    buf_init(&said);
    buf_put_str(&in, "code,name\n");
    for (int i = 0; i < 60; i++)
        buf_put_str(&in, "1\n");
    struct problems p = {0};
    struct err e = {0};
    struct csv *c = NULL;
    assert_int_equal(csv_open(buf_slice(&in), "f.csv", &c, &p, &e), 0);
    assert_int_equal(problems_end(&p, "f.csv", NULL, &said, &e), ERR_REFUSED);
    assert_string_equal(e.arg[1], "60");
    assert_string_equal(e.arg[2], "50");
    csv_close(c);
    problems_done(&p);
    buf_done(&in);
    buf_done(&said);
}

static void more_rows_or_columns_than_bounded_are_refused(void **state) {
    (void)state;
    struct buf in, said;
    buf_init(&in);
    buf_init(&said);
    buf_put_str(&in, "code,name\n");
    for (unsigned i = 0; i <= LIMIT_CSV_ROWS; i++)
        buf_put_str(&in, "1,a\n");
    read_all(buf_slice(&in), &said);
    assert_non_null(strstr(buf_cstr(&said), "f.csv, line 262146: more than 262144 rows"));
    buf_clear(&in);
    buf_clear(&said);
    for (unsigned i = 0; i <= LIMIT_CSV_COLUMNS; i++)
        buf_put_str(&in, "x,");
    buf_put_str(&in, "\nx,y\n");
    read_all(buf_slice(&in), &said);
    assert_non_null(strstr(buf_cstr(&said), "more than 1024 columns"));
    buf_done(&in);
    buf_done(&said);
}

static void other_columns_are_left_to_a_reader_that_allows_them(void **state) {
    (void)state;
    static const char in[] = "code,name,C1.1,C1.2\n1,a,8,9\n";
    struct csv *c = NULL;
    struct problems p = {0};
    assert_int_equal(csv_open(slice_str(in), "f.csv", &c, &p, NULL), 0);
    assert_int_equal(csv_match(c, columns, KNOWN, true, &p, NULL), 0);
    assert_int_equal(p.total, 0);
    assert_int_equal(csv_columns(c), 4);
    assert_true(csv_which(c, 0) == CODE && csv_which(c, 2) == CSV_ABSENT);
    assert_true(csv_where(c, NOTE) == CSV_ABSENT);
    assert_string_equal(csv_header(c, 3), "C1.2");
    assert_string_equal(csv_cell(c, 0, 3), "9");
    assert_string_equal(csv_get(c, 0, NOTE), "");
    csv_close(c);
    problems_done(&p);
}

static bool is_known(void *arg, const char *code) {
    return strcmp(code, arg) == 0;
}

static void an_eaten_leading_zero_is_suggested(void **state) {
    (void)state;
    static const struct {
        const char *typed, *known, *want;
    } cases[] = {
        {"1", "001", "001"}, {"18139", "018139", "018139"}, {"1", "1", NULL},
        {"1", "002", NULL},  {"A1", "0A1", NULL},           {"", "0", NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char known[LIMIT_CODE + 1], code[LIMIT_CODE + 1] = "unchanged";
        memcpy(known, cases[i].known, strlen(cases[i].known) + 1);
        assert_int_equal(csv_suggest_code(cases[i].typed, is_known, known, code),
                         cases[i].want != NULL);
        assert_string_equal(code, cases[i].want ? cases[i].want : "unchanged");
    }
}

static void what_is_written_is_read_back(void **state) {
    (void)state;
    static const char *const cells[] = {"", "a", "8,5", "a;b", "say \"no\"", "\tx", "đạt"};
    static const char separators[] = {',', ';', '\t'};
    for (size_t s = 0; s < COUNT(separators); s++) {
        struct buf out;
        struct csv *c = NULL;
        struct problems p = {0};
        buf_init(&out);
        csv_out_mark(&out);
        csv_out_cell(&out, separators[s], true, "code");
        csv_out_cell(&out, separators[s], false, "name");
        csv_out_end(&out);
        for (size_t i = 0; i < COUNT(cells); i++) {
            csv_out_cell(&out, separators[s], true, "1");
            csv_out_cell(&out, separators[s], false, cells[i]);
            csv_out_end(&out);
        }
        assert_int_equal(csv_open(buf_slice(&out), "f.csv", &c, &p, NULL), 0);
        assert_int_equal(csv_columns(c), 2);
        assert_int_equal(csv_rows(c), COUNT(cells));
        for (size_t i = 0; i < COUNT(cells); i++)
            assert_string_equal(csv_cell(c, i, 1), *cells[i] == '\t' ? "x" : cells[i]);
        csv_close(c);
        problems_done(&p);
        buf_done(&out);
    }
}

static void every_failed_allocation_is_an_error_without_a_leak(void **state) {
    (void)state;
    static const char in[] = "\xff\xfe"
                             "c\0o\0d\0e\0,\0n\0a\0m\0e\0\n\0"
                             "1\0,\0\xbf\x1e\n\0"
                             "2\0\n";
    for (long n = 0;; n++) {
        struct csv *c = NULL;
        struct problems p = {0};
        struct buf words;
        const size_t keys[] = {CODE};
        buf_init(&words);
        mem_fail_at(n);
        int rc = csv_open(slice_of(in, sizeof in), "f.csv", &c, &p, NULL);
        if (rc == 0)
            rc = csv_match(c, columns, KNOWN, false, &p, NULL);
        if (rc == 0)
            rc = csv_unique(c, keys, 1, &p, NULL);
        if (rc == 0)
            rc = problems_end(&p, "f.csv", NULL, &words, NULL);
        mem_fail_at(-1);
        csv_close(c);
        problems_done(&p);
        buf_done(&words);
        if (rc == ERR_REFUSED && n > 15)
            break;
        assert_true(rc == ERR_NOMEM || rc == ERR_REFUSED);
        assert_true(n < 200);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_dress_of_a_good_file_gives_the_same_rows),
        cmocka_unit_test(a_file_that_is_no_csv_is_refused_with_what_to_do),
        cmocka_unit_test(every_mistake_is_told_with_line_and_column),
        cmocka_unit_test(mistakes_beyond_those_kept_are_counted),
        cmocka_unit_test(more_rows_or_columns_than_bounded_are_refused),
        cmocka_unit_test(other_columns_are_left_to_a_reader_that_allows_them),
        cmocka_unit_test(an_eaten_leading_zero_is_suggested),
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(every_failed_allocation_is_an_error_without_a_leak),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
