#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/mem.h"
#include "proto/json.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* What the document {"t": s} is printed as, after what `out` has. */
static int print_text(const char *s, struct buf *out) {
    struct json *j;
    int rc = json_new(&j, NULL);
    if (rc != 0)
        return rc;
    json_begin_object(j, NULL);
    json_put_text(j, "t", s);
    json_end(j);
    rc = json_print(j, out, NULL);
    json_free(j);
    return rc;
}

static void texts_are_escaped_where_they_must_be(void **state) {
    (void)state;
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"", "{\"t\":\"\"}"},
        {"Tỉnh Sóc Trăng", "{\"t\":\"Tỉnh Sóc Trăng\"}"},
        {"said \"no\"", "{\"t\":\"said \\\"no\\\"\"}"},
        {"C:\\td", "{\"t\":\"C:\\\\td\"}"},
        {"a\nb\tc", "{\"t\":\"a\\nb\\tc\"}"},
        {"\x01", "{\"t\":\"\\u0001\"}"},
        {"\x7f/", "{\"t\":\"\x7f/\"}"},
        {NULL, "{\"t\":null}"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf out;
        buf_init(&out);
        assert_int_equal(print_text(cases[i].text, &out), 0);
        assert_string_equal(buf_cstr(&out), cases[i].want);
        buf_done(&out);
    }
}

static void a_text_that_is_not_utf8_fails_and_leaves_nothing(void **state) {
    (void)state;
    static const char *const cases[] = {"\xff", "a\xc3", "\xe1\xba\"", "\xc0\x80", "\xed\xa0\x80"};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf out;
        buf_init(&out);
        buf_put_str(&out, "before");
        assert_int_not_equal(print_text(cases[i], &out), 0);
        assert_string_equal(buf_cstr(&out), "before");
        buf_done(&out);
    }
}

static int print_all(struct buf *out) {
    struct json *j;
    int rc = json_new(&j, NULL);
    if (rc != 0)
        return rc;
    json_begin_list(j, NULL);
    json_begin_object(j, NULL);
    json_end(j);
    json_begin_object(j, NULL);
    json_begin_list(j, "empty");
    json_end(j);
    json_put_int(j, "least", INT64_MIN);
    json_put_bool(j, "yes", true);
    json_put_bool(j, "no", false);
    json_put_null(j, "nothing");
    json_put_score(j, "score", 850);
    json_put_score(j, "none", SCORE_NONE);
    json_put_text(j, "an id", "é");
    json_begin_list(j, "list");
    json_put_int(j, NULL, 1);
    json_begin_list(j, NULL);
    json_put_text(j, NULL, "x\ny");
    json_end(j);
    json_put_int(j, NULL, -2);
    json_end(j);
    json_end(j);
    json_end(j);
    rc = json_print(j, out, NULL);
    json_free(j);
    return rc;
}

static const char all[] =
    "[{},{\"empty\":[],\"least\":-9223372036854775808,\"yes\":true,\"no\":false,"
    "\"nothing\":null,\"score\":\"8.50\",\"none\":null,\"an id\":\"é\","
    "\"list\":[1,[\"x\\ny\"],-2]}]";

static void members_come_in_the_order_given_with_commas_between(void **state) {
    (void)state;
    struct buf out;
    buf_init(&out);
    assert_int_equal(print_all(&out), 0);
    assert_string_equal(buf_cstr(&out), all);
    buf_done(&out);
}

static void every_failed_allocation_is_an_error_without_a_leak(void **state) {
    (void)state;
    for (long n = 0;; n++) {
        struct buf out;
        buf_init(&out);
        mem_fail_at(n);
        int rc = print_all(&out);
        mem_fail_at(-1);
        if (rc == 0)
            assert_string_equal(buf_cstr(&out), all);
        else
            assert_int_equal(out.len, 0);
        buf_done(&out);
        if (rc == 0)
            break;
        assert_int_equal(rc, ERR_NOMEM);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_escaped_where_they_must_be),
        cmocka_unit_test(a_text_that_is_not_utf8_fails_and_leaves_nothing),
        cmocka_unit_test(members_come_in_the_order_given_with_commas_between),
        cmocka_unit_test(every_failed_allocation_is_an_error_without_a_leak),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
