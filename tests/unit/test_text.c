#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/mem.h"
#include "core/text.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void any_unicode_form_becomes_nfc(void **state) {
    (void)state;
    static const struct {
        const char *in, *want;
    } cases[] = {
        {"", ""},
        {"abc", "abc"},
        {"Tiê\xcc\x81n", "Tiến"},
        {"e\xcc\xa3\xcc\x82", "ệ"},
        {"đạt", "đạt"},
        {"o\xcc\x9b\xcc\x80", "ờ"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *out = NULL;
        assert_int_equal(text_nfc(slice_str(cases[i].in), &out, NULL), 0);
        assert_string_equal(out, cases[i].want);
        mem_free(out);
    }
}

static void text_longer_than_the_stack_is_composed_too(void **state) {
    (void)state;
    char in[3 * 400 + 1], *out = NULL;
    for (size_t i = 0; i < 400; i++)
        memcpy(in + 3 * i, "e\xcc\x82", 3);
    in[sizeof in - 1] = '\0';
    assert_int_equal(text_nfc(slice_str(in), &out, NULL), 0);
    assert_int_equal(strlen(out), 800);
    assert_int_equal(text_width(out), 400);
    mem_free(out);
}

static void what_is_no_clean_text_is_refused_at_its_byte(void **state) {
    (void)state;
    static const struct {
        const char *in;
        size_t len;
        const char *at;
        bool lines_too;
    } cases[] = {
        {"ab\xff", 3, "3", true},     {"\xc3", 1, "1", true},
        {"đ\xe1\xba", 4, "3", true},  {"a\xed\xa0\x80", 4, "2", true}, /* a surrogate */
        {"a\xc0\x80", 3, "2", true},                                   /* an overlong zero */
        {"a\0b", 3, "2", true},       {"a\x1b[2J", 5, "2", true},
        {"a\xc2\x85", 3, "2", true},  {"a\xe2\x80\xae", 4, "2", true}, /* a direction override */
        {"dòng\nhai", 9, "6", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *out = NULL;
        struct err e = {0};
        struct slice in = slice_of(cases[i].in, cases[i].len);
        assert_int_equal(text_nfc(in, &out, &e), ERR_REFUSED);
        assert_string_equal(e.arg[0], cases[i].at);
        assert_null(out);
        assert_int_equal(text_nfc_lines(in, &out, NULL) != 0, cases[i].lines_too);
        mem_free(out);
    }
}

static void folding_forgets_case_and_marks_and_knows_that_d_with_a_bar_is_no_mark(void **state) {
    (void)state;
    static const struct {
        const char *in, *want;
    } cases[] = {
        {"Đơn Vị", "don vi"},
        {"KHÔNG ĐẠT", "khong dat"},
        {"Nguyễn Thị Hường", "nguyen thi huong"},
        {"e\xcc\xa3\xcc\x82", "e"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *out = NULL;
        assert_int_equal(text_fold(slice_str(cases[i].in), &out, NULL), 0);
        assert_string_equal(out, cases[i].want);
        mem_free(out);
    }
}

static void width_counts_what_a_terminal_shows(void **state) {
    (void)state;
    assert_int_equal(text_width("Sóc Trăng"), 9);
    assert_int_equal(text_width("e\xcc\xa3\xcc\x82"), 1);
    assert_int_equal(text_width("\xff"), 1);
}

static void outer_blanks_are_trimmed(void **state) {
    (void)state;
    char text[] = " \xc2\xa0 a b \xc2\xa0\xc2\xa0 ";
    assert_string_equal(text_trim(text), "a b");
    char blank[] = " \xc2\xa0";
    assert_string_equal(text_trim(blank), "");
}

static void codes_are_letters_and_digits_joined_by_dashes_and_dots(void **state) {
    (void)state;
    static const struct {
        const char *code;
        bool want;
    } cases[] = {
        {"00123", true},
        {"ẤP-1", true},
        {"Đ.2_x", true},
        {"soctrang-2023", true},
        {"12345678901234567890123456789012", true},
        {"123456789012345678901234567890123", false},
        {"", false},
        {"-a", false},
        {"a b", false},
        {"a/b", false},
        {"a\xc2\xa0", false},
        {"a\xcc\x81", false}, /* not NFC */
        {"\xd0\xb0", false},  /* a Cyrillic letter that looks like a */
        {"\xc3\x97", false},  /* a multiplication sign */
        {"a\xff", false},
        {"a\n", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(text_code_valid(cases[i].code), cases[i].want);
        assert_int_equal(text_code_check(cases[i].code, NULL) == 0, cases[i].want);
    }
}

static void every_failed_allocation_is_an_error_without_a_leak(void **state) {
    (void)state;
    char in[1024];
    memset(in, 'a', sizeof in);
    memcpy(in, "ế", 3);
    for (long n = 0;; n++) {
        char *out = NULL;
        mem_fail_at(n);
        int rc = text_nfc(slice_of(in, sizeof in), &out, NULL);
        mem_fail_at(-1);
        mem_free(out);
        if (rc == 0) {
            assert_true(n > 1);
            break;
        }
        assert_int_equal(rc, ERR_NOMEM);
        assert_null(out);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_unicode_form_becomes_nfc),
        cmocka_unit_test(text_longer_than_the_stack_is_composed_too),
        cmocka_unit_test(what_is_no_clean_text_is_refused_at_its_byte),
        cmocka_unit_test(folding_forgets_case_and_marks_and_knows_that_d_with_a_bar_is_no_mark),
        cmocka_unit_test(width_counts_what_a_terminal_shows),
        cmocka_unit_test(outer_blanks_are_trimmed),
        cmocka_unit_test(codes_are_letters_and_digits_joined_by_dashes_and_dots),
        cmocka_unit_test(every_failed_allocation_is_an_error_without_a_leak),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
