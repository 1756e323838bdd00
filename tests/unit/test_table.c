#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/mem.h"
#include "core/table.h"
#include "core/text.h"

#include <locale.h>
#include <string.h>

static const struct table_column columns[] = {
    {"Đơn vị", TABLE_TREE},
    {"Điểm", TABLE_RIGHT},
    {"Ghi chú", TABLE_WRAP},
};

static void a_tree_is_drawn_with_numbers_to_the_right(void **state) {
    (void)state;
    struct table *t;
    struct buf out;
    size_t top;
    buf_init(&out);
    assert_int_equal(table_new(columns, 3, &t, NULL), 0);
    assert_int_equal(
        table_row(t, TABLE_TOP, (const char *[]){"Sóc Trăng", "8,50", NULL}, &top, NULL), 0);
    assert_int_equal(table_row(t, top, (const char *[]){"Xã A", "100,00", "đạt"}, NULL, NULL), 0);
    assert_int_equal(table_row(t, top, (const char *[]){"Xã B", NULL, NULL}, NULL, NULL), 0);
    assert_int_equal(table_render(t, 0, &out, NULL), 0);
    assert_string_equal(buf_cstr(&out), "Đơn vị      Điểm Ghi chú\n"
                                        "Sóc Trăng   8,50\n"
                                        "├─Xã A    100,00 đạt\n"
                                        "└─Xã B\n");
    table_free(t);
    buf_done(&out);
}

static void a_limited_width_wraps_and_an_unlimited_one_does_not(void **state) {
    (void)state;
    static const size_t widths[] = {40, 0};
    for (size_t i = 0; i < 2; i++) {
        struct table *t;
        struct buf out;
        buf_init(&out);
        assert_int_equal(table_new(columns, 3, &t, NULL), 0);
        for (size_t row = 0; row < 3; row++)
            assert_int_equal(table_row(t, TABLE_TOP,
                                       (const char *[]){"Xã Đông", "1",
                                                        "một lời ghi chú khá dài, dài hơn bốn mươi "
                                                        "cột của màn hình nhỏ này"},
                                       NULL, NULL),
                             0);
        assert_int_equal(table_render(t, widths[i], &out, NULL), 0);
        const char *text = buf_cstr(&out);
        size_t lines = 0;
        for (size_t n; *text; text += n + 1, lines++) {
            char line[256] = {0};
            n = strcspn(text, "\n");
            memcpy(line, text, n);
            assert_true(widths[i] == 0 || text_width(line) <= widths[i]);
        }
        if (widths[i] == 0)
            assert_int_equal(lines, 4);
        else
            assert_true(lines > 6);
        table_free(t);
        buf_done(&out);
    }
}

static void no_rows_give_nothing(void **state) {
    (void)state;
    struct table *t;
    struct buf out;
    buf_init(&out);
    assert_int_equal(table_new(columns, 3, &t, NULL), 0);
    assert_int_equal(table_render(t, 0, &out, NULL), 0);
    assert_int_equal(out.len, 0);
    table_free(t);
    table_free(NULL);
    buf_done(&out);
}

int main(void) {
    (void)setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tree_is_drawn_with_numbers_to_the_right),
        cmocka_unit_test(a_limited_width_wraps_and_an_unlimited_one_does_not),
        cmocka_unit_test(no_rows_give_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
