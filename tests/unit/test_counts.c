#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hub/counts.h"

#include <string.h>

static const char *in_capitals(const char *word) {
    return strcmp(word, "valid") == 0 ? "VALID" : word;
}

static void what_came_is_counted_in_the_words_of_the_reader(void **state) {
    (void)state;
    const struct hub_events v = {.valid = 3, .joined = 1};
    const struct world w = {.tr = in_capitals};
    struct buf said;
    buf_init(&said);
    counts_say(&v, &w, &said);
    assert_string_equal(buf_cstr(&said), "VALID=3 rejected=0 held=0 again=0 pending=0 refused=0 "
                                         "voided=0 forks=0 joined=1\n");
    buf_done(&said);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_came_is_counted_in_the_words_of_the_reader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
