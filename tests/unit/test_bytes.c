#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/bytes.h"
#include "core/err.h"
#include "core/instant.h"
#include "core/mem.h"

#include <string.h>

static void a_reader_past_the_end_gives_zero_and_stays_failed(void **state) {
    (void)state;
    const uint8_t bytes[] = {1, 2, 3};
    struct reader r = reader_of(slice_of(bytes, sizeof bytes));
    assert_int_equal(reader_u16(&r), 0x0102);
    assert_int_equal(reader_u32(&r), 0);
    assert_true(r.failed);
    assert_int_equal(reader_u8(&r), 0);
}

static void what_is_put_is_read_back(void **state) {
    (void)state;
    struct buf b;
    buf_init(&b);
    buf_put_u8(&b, 7);
    buf_put_u16(&b, 0xfffe);
    buf_put_u32(&b, 0x01020304);
    buf_put_u64(&b, UINT64_MAX - 1);
    buf_put_str(&b, "đạt");
    struct reader r = reader_of(buf_slice(&b));
    assert_int_equal(reader_u8(&r), 7);
    assert_int_equal(reader_u16(&r), 0xfffe);
    assert_int_equal(reader_u32(&r), 0x01020304);
    assert_true(reader_u64(&r) == UINT64_MAX - 1);
    assert_true(slice_equal(reader_bytes(&r, r.left), slice_str("đạt")));
    assert_false(r.failed);
    buf_done(&b);
}

static void a_buffer_that_cannot_grow_stays_failed(void **state) {
    (void)state;
    struct buf b;
    buf_init(&b);
    mem_fail_at(0);
    buf_put_u8(&b, 1);
    buf_put_u8(&b, 2);
    mem_fail_at(-1);
    assert_true(b.failed);
    assert_int_equal(b.len, 0);
    buf_done(&b);
}

static void
nothing_has_a_place_in_an_empty_buffer_and_can_be_read_from_an_empty_slice(void **state) {
    (void)state;
    struct buf b;
    buf_init(&b);
    assert_non_null(buf_extend(&b, 0)); /* an encoder of an empty message is not out of memory */
    assert_int_equal(b.len, 0);
    buf_done(&b);
    struct reader r = reader_of(slice_of(NULL, 0));
    assert_int_equal(reader_bytes(&r, 0).len, 0);
    assert_false(r.failed);
    char *none = mem_strndup(NULL, 0);
    assert_string_equal(none, "");
    mem_free(none);
}

static void hex_refuses_what_is_not_exactly_its_length(void **state) {
    (void)state;
    uint8_t out[2];
    assert_true(hex_decode("0aFf", 4, out, 2));
    assert_int_equal(out[1], 0xff);
    assert_false(hex_decode("0aF", 3, out, 2));
    assert_false(hex_decode("0aFg", 4, out, 2));
}

static const char *reversed(const char *msgid) {
    (void)msgid;
    return "%2$s trước %1$s";
}

static void an_error_is_set_once_and_rendered_in_the_translations_order(void **state) {
    (void)state;
    struct err e = {0};
    char text[64];
    assert_int_equal(err_set(&e, ERR_REFUSED, "%s before %d", "a", 12), ERR_REFUSED);
    err_set(&e, ERR_IO, "too late");
    assert_string_equal(err_text(&e, NULL, text, sizeof text), "a before 12");
    assert_string_equal(err_text(&e, reversed, text, sizeof text), "12 trước a");
    assert_string_equal(err_text(&e, NULL, text, 4), "a b");
}

static void instants_are_calendar_days_in_utc_plus_7(void **state) {
    (void)state;
    static const struct {
        const char *in, *iso, *people;
    } cases[] = {
        {"2023-12-15T23:59:59.999+07:00", "2023-12-15T23:59:59.999+07:00", "15/12/2023 23:59"},
        {"2023-12-15T17:00:00Z", "2023-12-16T00:00:00+07:00", "16/12/2023 00:00"},
        {"29/02/2024 08:05", "2024-02-29T08:05:00+07:00", "29/02/2024 08:05"},
        {"1/3/2023", "2023-03-01T00:00:00+07:00", "01/03/2023 00:00"},
        {"1969-12-31T23:59:59-01:00", "1970-01-01T07:59:59+07:00", "01/01/1970 07:59"},
        {"0001-01-01", "0001-01-01T00:00:00+07:00", "01/01/0001 00:00"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        instant t;
        char text[INSTANT_TEXT];
        assert_true(instant_parse(cases[i].in, &t));
        instant_text(t, text);
        assert_string_equal(text, cases[i].iso);
        instant_text_people(t, text);
        assert_string_equal(text, cases[i].people);
    }
    static const char *const bad[] = {
        "",         "2023-02-29",          "31/04/2023",  "2023-12-15T24:00",
        "15/12/23", "2023-12-15T23:59:60", "2023-12-15x", "2023-12-15T10:00+15:00"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        instant t;
        assert_false(instant_parse(bad[i], &t));
    }
}

static void a_date_alone_is_its_first_instant_or_as_an_end_the_one_after_it(void **state) {
    (void)state;
    static const struct {
        const char *in, *begin, *end;
    } cases[] = {
        {"15/12/2023", "2023-12-15T00:00:00+07:00", "2023-12-16T00:00:00+07:00"},
        {"2023-12-31", "2023-12-31T00:00:00+07:00", "2024-01-01T00:00:00+07:00"},
        {"15/12/2023 17:00", "2023-12-15T17:00:00+07:00", "2023-12-15T17:00:00+07:00"},
        {"2023-12-15T17:00:00Z", "2023-12-16T00:00:00+07:00", "2023-12-16T00:00:00+07:00"},
    };
    instant t;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[INSTANT_TEXT];
        assert_true(instant_parse(cases[i].in, &t));
        instant_text(t, text);
        assert_string_equal(text, cases[i].begin);
        assert_true(instant_parse_end(cases[i].in, &t));
        instant_text(t, text);
        assert_string_equal(text, cases[i].end);
    }
    assert_false(instant_parse_end("31/12/9999", &t)); /* no instant comes after it */
    assert_false(instant_parse_end("31/02/2023", &t));
}

static const char *shout(const char *msgid) {
    return strcmp(msgid, "not a record: %s") == 0 ? "KHÔNG PHẢI: %s"
           : strcmp(msgid, "cut short") == 0      ? "BỊ CẮT"
                                                  : msgid;
}

static void a_word_of_ours_inside_a_message_is_translated_with_it(void **state) {
    (void)state;
    char text[400];
    struct err e = {0};
    err_set(&e, ERR_CORRUPT, "not a record: %s", err_word("cut short").text);
    assert_string_equal(err_text(&e, NULL, text, sizeof text), "not a record: cut short");
    assert_string_equal(err_text(&e, shout, text, sizeof text), "KHÔNG PHẢI: BỊ CẮT");
    err_clear(&e);
    err_set(&e, ERR_CORRUPT, "not a record: %s", "cut short");
    assert_string_equal(err_text(&e, shout, text, sizeof text), "KHÔNG PHẢI: cut short");
}

static void every_day_of_four_centuries_survives_the_round_trip(void **state) {
    (void)state;
    for (day d = -100000; d < 60000; d++) {
        int y, m, n;
        day back;
        day_to_ymd(d, &y, &m, &n);
        assert_true(day_from_ymd(y, m, n, &back));
        assert_int_equal(back, d);
        assert_int_equal(instant_day(instant_of_day(d)), d);
        assert_int_equal(instant_day(instant_of_day(d) - 1), d - 1);
    }
    day friday;
    assert_true(day_parse("2023-12-15", &friday));
    assert_int_equal(day_of_week(friday), 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reader_past_the_end_gives_zero_and_stays_failed),
        cmocka_unit_test(what_is_put_is_read_back),
        cmocka_unit_test(a_buffer_that_cannot_grow_stays_failed),
        cmocka_unit_test(hex_refuses_what_is_not_exactly_its_length),
        cmocka_unit_test(
            nothing_has_a_place_in_an_empty_buffer_and_can_be_read_from_an_empty_slice),
        cmocka_unit_test(an_error_is_set_once_and_rendered_in_the_translations_order),
        cmocka_unit_test(instants_are_calendar_days_in_utc_plus_7),
        cmocka_unit_test(a_date_alone_is_its_first_instant_or_as_an_end_the_one_after_it),
        cmocka_unit_test(a_word_of_ours_inside_a_message_is_translated_with_it),
        cmocka_unit_test(every_day_of_four_centuries_survives_the_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
