#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/err.h"
#include "proto/endpoint.h"

#include <string.h>

static void an_address_is_read_or_refused(void **state) {
    (void)state;
    static const struct {
        const char *text, *host, *port; /* host NULL: refused */
    } cases[] = {
        {"tcp://127.0.0.1:5555", "127.0.0.1", "5555"},
        {"tcp://hub.soctrang.gov.vn:1", "hub.soctrang.gov.vn", "1"},
        {"tcp://[fe80::1%eth0]:65535", "fe80::1%eth0", "65535"},
        {"tcp://*:*", "*", "*"},
        {"tcp://*:0", "*", "*"},
        {"tcp://h:65536", NULL, NULL},
        {"tcp://h:99999999999999999999", NULL, NULL},
        {"tcp://h:05", NULL, NULL},
        {"tcp://h:", NULL, NULL},
        {"tcp://h:5 ", NULL, NULL},
        {"tcp://h", NULL, NULL},
        {"tcp://:5", NULL, NULL},
        {"tcp://", NULL, NULL},
        {"", NULL, NULL},
        {"udp://h:5", NULL, NULL},
        {"TCP://h:5", NULL, NULL},
        {"h:5", NULL, NULL},
        {"tcp://h/x:5", NULL, NULL},
        {"tcp://a;b:5", NULL, NULL},
        {"tcp://::1:5", NULL, NULL},
        {"tcp://[::1]5", NULL, NULL},
        {"tcp://[::1:5", NULL, NULL},
        {"tcp://[]:5", NULL, NULL},
        {"tcp://[*]:5", NULL, NULL},
        {"tcp://th\xe1\xbb\x8b.vn:5", NULL, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct endpoint p = {.host = "untouched"};
        struct err e = {0};
        int rc = endpoint_parse(cases[i].text, &p, &e);
        if (cases[i].host) {
            assert_int_equal(rc, 0);
            assert_string_equal(p.host, cases[i].host);
            assert_string_equal(p.port, cases[i].port);
        } else {
            print_message("refused: %s\n", cases[i].text);
            assert_int_equal(rc, ERR_REFUSED);
            assert_int_equal(e.code, ERR_REFUSED);
            assert_string_equal(p.host, "untouched");
        }
    }
}

static void an_endless_host_is_refused(void **state) {
    (void)state;
    char text[ENDPOINT_TEXT + 100] = "tcp://";
    memset(text + 6, 'a', ENDPOINT_TEXT);
    memcpy(text + 6 + ENDPOINT_TEXT, ":5", 3);
    struct endpoint p;
    assert_int_equal(endpoint_parse(text, &p, NULL), ERR_REFUSED);
}

static void numbers_are_resolved_without_asking_anyone(void **state) {
    (void)state;
    static const char *const texts[] = {"tcp://192.0.2.7:5555", "tcp://[2001:db8::1]:5555"};
    for (size_t i = 0; i < 2; i++) {
        struct endpoint p;
        struct endpoint_numbers n;
        assert_int_equal(endpoint_parse(texts[i], &p, NULL), 0);
        assert_int_equal(endpoint_resolve(&p, &n, NULL), 0);
        assert_int_equal(n.n, 1);
        assert_string_equal(n.text[0], texts[i]);
    }
}

static void nobody_connects_to_a_wildcard(void **state) {
    (void)state;
    static const char *const texts[] = {"tcp://*:5", "tcp://h:*", "tcp://0.0.0.0:5",
                                        "tcp://[::]:5"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct endpoint p;
        struct endpoint_numbers n;
        assert_int_equal(endpoint_parse(texts[i], &p, NULL), 0);
        assert_true(endpoint_is_wildcard(&p));
        assert_int_equal(endpoint_resolve(&p, &n, NULL), ERR_REFUSED);
    }
}

/* Where to listen is not looked up: a name that could be hex is a name. */
static void one_listens_at_numbers_only(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool good;
    } cases[] = {
        {"tcp://*:7411", true},         {"tcp://0.0.0.0:7411", true},
        {"tcp://127.0.0.1:7411", true}, {"tcp://[::1]:7411", true},
        {"tcp://[::]:7411", true},      {"tcp://localhost:7411", false},
        {"tcp://cafe:7411", false},     {"tcp://hub.example:7411", false},
        {"tcp://127.0.0.1", false},     {"tcp://300.1.1.1:7411", false},
        {"tcp://[cafe]:7411", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err e = {0};
        print_message("%s\n", cases[i].text);
        assert_int_equal(endpoint_listens(cases[i].text, &e), cases[i].good ? 0 : ERR_REFUSED);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_read_or_refused),
        cmocka_unit_test(an_endless_host_is_refused),
        cmocka_unit_test(numbers_are_resolved_without_asking_anyone),
        cmocka_unit_test(nobody_connects_to_a_wildcard),
        cmocka_unit_test(one_listens_at_numbers_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
