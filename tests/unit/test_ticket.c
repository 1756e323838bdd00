#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/ticket.h"

#include <stdio.h>
#include <string.h>

static struct ticket a_ticket(void) {
    struct ticket t = {.role = ROLE_NODE,
                       .genesis = {{0xaa, 1}},
                       .transport_key = {{0xbb, 2}},
                       .unit = {{0xcc, 3}},
                       .address = "tcp://127.0.0.1:9494",
                       .code = "31498",
                       .name = "Thị trấn Kế Sách"};
    memset(t.token, 0x11, sizeof t.token);
    return t;
}

static void a_ticket_is_read_as_it_was_written(void **state) {
    (void)state;
    struct ticket in = a_ticket(), out;
    char text[TICKET_TEXT_MAX];
    assert_int_equal(ticket_text(&in, text, NULL), 0);
    assert_int_equal(strncmp(text, "td1-", 4), 0);
    assert_null(strpbrk(text, " \n=+/"));
    assert_int_equal(ticket_parse(text, &out, NULL), 0);
    assert_int_equal(out.role, in.role);
    assert_memory_equal(out.token, in.token, TOKEN_BYTES);
    assert_true(hash_equal(&out.genesis, &in.genesis));
    assert_memory_equal(out.transport_key.b, in.transport_key.b, PUBLIC_KEY_BYTES);
    assert_true(uid_equal(&out.unit, &in.unit));
    assert_string_equal(out.address, in.address);
    assert_string_equal(out.code, in.code);
    assert_string_equal(out.name, in.name);
}

static void the_longest_ticket_fits(void **state) {
    (void)state;
    struct ticket in = a_ticket(), out;
    memset(in.address, 'a', TICKET_ADDRESS_MAX);
    memset(in.code, 'c', LIMIT_CODE);
    memset(in.name, 'n', LIMIT_NAME);
    char text[TICKET_TEXT_MAX];
    assert_int_equal(ticket_text(&in, text, NULL), 0);
    assert_int_equal(ticket_parse(text, &out, NULL), 0);
    assert_string_equal(out.name, in.name);
}

static void space_around_a_ticket_and_in_it_does_not_matter(void **state) {
    (void)state;
    struct ticket in = a_ticket(), out;
    char text[TICKET_TEXT_MAX], spaced[TICKET_TEXT_MAX + 8] = "\n \t";
    assert_int_equal(ticket_text(&in, text, NULL), 0);
    memcpy(spaced + 3, text, strlen(text));
    memcpy(spaced + 3 + strlen(text), " \r\n", 4);
    assert_int_equal(ticket_parse(spaced, &out, NULL), 0);
    for (size_t at = 1; at < strlen(text); at++) { /* as mail breaks a line */
        (void)snprintf(spaced, sizeof spaced, "%.*s\r\n  %s", (int)at, text, text + at);
        assert_int_equal(ticket_parse(spaced, &out, NULL), 0);
    }
    memset(spaced, 'a', sizeof spaced - 1);
    memcpy(spaced, "td1-", 4);
    spaced[sizeof spaced - 1] = '\0';
    assert_int_equal(ticket_parse(spaced, &out, NULL), ERR_REFUSED);
}

static void a_ticket_cut_short_or_mistyped_is_refused(void **state) {
    (void)state;
    struct ticket in = a_ticket(), out;
    char text[TICKET_TEXT_MAX], bad[TICKET_TEXT_MAX];
    assert_int_equal(ticket_text(&in, text, NULL), 0);
    for (size_t n = 0; n < strlen(text); n++) {
        struct err e = {0};
        memcpy(bad, text, n);
        bad[n] = '\0';
        assert_int_equal(ticket_parse(bad, &out, &e), ERR_REFUSED);
        assert_int_equal(e.code, ERR_REFUSED);
        memcpy(bad, text, strlen(text) + 1);
        bad[n] = bad[n] == 'A' ? 'B' : 'A';
        assert_int_equal(ticket_parse(bad, &out, NULL), ERR_REFUSED);
    }
}

/* `body` with a right check, as a ticket's text. */
static void sealed(const struct buf *body, char out[TICKET_TEXT_MAX]) {
    struct hash h;
    crypto_hash_tagged("thidua ticket 1", buf_slice(body), &h);
    struct buf b;
    buf_init(&b);
    buf_put(&b, body->data, body->len);
    buf_put(&b, h.b, 8);
    memcpy(out, "td1-", 4);
    base64_encode(b.data, b.len, out + 4);
    buf_done(&b);
}

static void put_text(struct buf *b, const char *s, size_t n) {
    buf_put_u16(b, (uint16_t)n);
    buf_put(b, s, n);
}

static void fields_out_of_bounds_are_refused_though_the_check_is_right(void **state) {
    (void)state;
    char longest[300];
    memset(longest, 'x', sizeof longest);
    const struct {
        const char *name;
        uint8_t role;
        const char *address;
        size_t address_len, extra;
        bool good;
    } cases[] = {
        {"a right one", 1, "tcp://h:1", 9, 0, true},
        {"role 0", 0, "tcp://h:1", 9, 0, false},
        {"role 3", 3, "tcp://h:1", 9, 0, false},
        {"an address too long", 1, longest, 201, 0, false},
        {"an address with a zero byte", 1, "tcp\0//h:1", 9, 0, false},
        {"an address with an escape", 1, "tcp\033//h:1", 9, 0, false},
        {"an address that is no UTF-8", 1, "tcp\xff//h:1", 9, 0, false},
        {"bytes left over", 1, "tcp://h:1", 9, 1, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static const uint8_t ids[TOKEN_BYTES + HASH_BYTES + PUBLIC_KEY_BYTES + UID_BYTES] = {1};
        char text[TICKET_TEXT_MAX];
        struct ticket t;
        struct buf b;
        buf_init(&b);
        buf_put_u8(&b, cases[i].role);
        buf_put(&b, ids, sizeof ids);
        put_text(&b, cases[i].address, cases[i].address_len);
        put_text(&b, "31498", 5);
        put_text(&b, "Kế Sách", strlen("Kế Sách"));
        buf_put(&b, longest, cases[i].extra);
        sealed(&b, text);
        if ((ticket_parse(text, &t, NULL) == 0) != cases[i].good)
            fail_msg("%s", cases[i].name);
        buf_done(&b);
    }
}

static void what_is_no_ticket_is_told_from_one_that_was_cut(void **state) {
    (void)state;
    struct ticket t;
    struct err e = {0};
    assert_int_equal(ticket_parse("hello", &t, &e), ERR_REFUSED);
    assert_non_null(strstr(e.msgid, "not a ticket"));
    err_clear(&e);
    assert_int_equal(ticket_parse("td1-abcd", &t, &e), ERR_REFUSED);
    assert_non_null(strstr(e.msgid, "cut short"));
}

static int start(void **state) {
    (void)state;
    return crypto_start(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ticket_is_read_as_it_was_written),
        cmocka_unit_test(the_longest_ticket_fits),
        cmocka_unit_test(space_around_a_ticket_and_in_it_does_not_matter),
        cmocka_unit_test(a_ticket_cut_short_or_mistyped_is_refused),
        cmocka_unit_test(fields_out_of_bounds_are_refused_though_the_check_is_right),
        cmocka_unit_test(what_is_no_ticket_is_told_from_one_that_was_cut),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
