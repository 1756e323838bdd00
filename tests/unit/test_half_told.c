/* A store that fails while a verb reads it: nothing of what was met before is told as all of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "node/command.h"
#include "tests/unit/fixture_disk.h"
#include "tests/unit/hub_world.h"

static struct hub_world w;

static int begin(void **state) {
    (void)state;
    hub_world_init(&w, 1, NULL);
    return 0;
}

static int end(void **state) {
    (void)state;
    hub_world_done(&w);
    return 0;
}

/* A verb that has told two of its rows, and ends with `rc`; its store failed, or not. */
static int read_rows(int rc, bool failed, struct err *e) {
    struct verb_call call;
    struct command c = {0};
    verb_call_init(&call, &w.world, NULL);
    call.data = "hub";
    FIXTURE_OK(command_begin(&call, ROLE_HUB, COMMAND_READ, &c, e), e);
    buf_put_str(&call.out, "one, two");
    if (failed) {
        struct err why = {0};
        (void)err_set(&why, ERR_IO, "the disk is gone");
        txn_fail(c.t, &why);
    }
    if (rc != 0)
        (void)err_set(e, rc, "it says why");
    rc = command_end(&c, rc, e);
    (void)snprintf(w.out, sizeof w.out, "%s", buf_cstr(&call.out));
    verb_call_done(&call);
    return rc;
}

static void half_of_a_list_is_not_told(void **state) {
    (void)state;
    static const struct {
        int ends;
        bool failed;
        int want;
        const char *tells;
    } cases[] = {
        {0, false, 0, "one, two"},
        {0, true, ERR_IO, ""},
        {ERR_REFUSED, true, ERR_IO, ""}, /* it was made of what could not be read */
        {ERR_CORRUPT, false, ERR_CORRUPT, ""},
        {ERR_REFUSED, false, ERR_REFUSED, "one, two"}, /* what a verb refuses it explains */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err e = {0};
        assert_int_equal(read_rows(cases[i].ends, cases[i].failed, &e), cases[i].want);
        assert_int_equal(e.code, cases[i].want);
        assert_string_equal(w.out, cases[i].tells);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(half_of_a_list_is_not_told, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
