#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "node/outlive.h"

#include <string.h>

static int64_t boot_ms;

static int64_t boot(void *arg) {
    (void)arg;
    return boot_ms;
}

static const struct world world = {.boot_ms = boot};

static int meet(struct outlive *o, struct verb_call *call, int code, const char *which) {
    struct err e = {0};
    err_set(&e, code, "what failed is %s", which);
    int rc = outlive_failure(o, call, "thidua-hub", code, &e);
    assert_int_equal(e.code, rc); /* whoever ends the program says it; else it is told */
    return rc;
}

static const char *told(struct verb_call *call) {
    static char text[1024];
    size_t n = call->words.len < sizeof text - 1 ? call->words.len : sizeof text - 1;
    memcpy(text, buf_slice(&call->words).data, n);
    text[n] = '\0';
    buf_clear(&call->words);
    return text;
}

static void damage_and_an_unknown_outcome_end_a_program_and_nothing_else_does(void **state) {
    (void)state;
    static const struct {
        const char *name;
        int code, want;
        const char *says;
    } cases[] = {
        {"a refusal", ERR_REFUSED, 0, "what failed is this\n"},
        {"no memory", ERR_NOMEM, 0, "what failed is this\n"},
        {"the machine", ERR_IO, 0, "what failed is this\n"},
        {"nothing there", ERR_ABSENT, 0, "what failed is this\n"},
        {"nobody there", ERR_AWAY, 0, "what failed is this\n"},
        {"damage", ERR_CORRUPT, ERR_CORRUPT, "run `thidua-hub check`"},
        {"an unknown outcome", ERR_UNKNOWN, ERR_UNKNOWN, ""},
    };
    struct verb_call call;
    verb_call_init(&call, &world, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct outlive o = {.said_ms = 0};
        print_message("%s\n", cases[i].name);
        assert_int_equal(meet(&o, &call, cases[i].code, "this"), cases[i].want);
        const char *said = told(&call);
        assert_non_null(strstr(said, cases[i].says));
        assert_true(*cases[i].says != '\0' || *said == '\0');
    }
    struct outlive o = {.said_ms = 0};
    assert_int_equal(outlive_failure(&o, &call, "thidua-hub", 0, NULL), 0);
    assert_string_equal(told(&call), "");
    verb_call_done(&call);
}

static void what_comes_again_and_again_is_told_once_a_minute(void **state) {
    (void)state;
    static const struct {
        int64_t at_ms;
        const char *which, *want;
    } cases[] = {
        {0, "this", "what failed is this\n"},
        {200, "this", ""},
        {59999, "this", ""},
        {60000, "this", "what failed is this\n"},
        {60200, "that", "what failed is that\n"},
        {60400, "this", "what failed is this\n"},
    };
    struct outlive o = {.said_ms = 0};
    struct verb_call call;
    verb_call_init(&call, &world, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        boot_ms = 1000 + cases[i].at_ms;
        assert_int_equal(meet(&o, &call, ERR_IO, cases[i].which), 0);
        assert_string_equal(told(&call), cases[i].want);
    }
    verb_call_done(&call);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damage_and_an_unknown_outcome_end_a_program_and_nothing_else_does),
        cmocka_unit_test(what_comes_again_and_again_is_told_once_a_minute),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
