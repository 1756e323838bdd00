#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hub/catch_up.h"

/* Moments one after another: what is known then, and whether rankings are brought on. */
static const struct {
    const char *name;
    bool behind, idle;
    int64_t now_ms;
    bool want;
} moments[] = {
    {"nothing is behind", false, true, 1000, false},
    {"behind, but frames wait", true, false, 1100, false},
    {"they still do", true, false, 1699, false},
    {"it waited long enough", true, false, 1700, true},
    {"and is not done", true, false, 1800, true},
    {"caught up", false, false, 1900, false},
    {"behind again: the wait begins anew", true, false, 5000, false},
    {"nothing else to do", true, true, 5001, true},
    {"frames again, shortly after", true, false, 5002, false},
};

static void rankings_wait_for_frames_but_not_for_long(void **state) {
    struct catch_up c = {0};
    (void)state;
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
        c.behind = moments[i].behind;
        if (catch_up_due(&c, moments[i].idle, moments[i].now_ms) != moments[i].want)
            fail_msg("%s", moments[i].name);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rankings_wait_for_frames_but_not_for_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
