#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hub/campaign_line.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const char plan[] = "# a plan\n"
                           "campaign:\n"
                           "  id: thu\n"
                           "  periods:\n"
                           "    - {id: \"2024\",\n"
                           "       begin: 01/01/2024}\n"
                           "    - id: 2025\n"
                           "      end: [a, b,\n"
                           "            c]\n"
                           "  title:\n"
                           "    vi: |\n"
                           "      reports: no key\n"
                           "    en: x\n"
                           "  reports: []\n";

static void a_key_path_leads_to_its_line(void **state) {
    (void)state;
    static const struct {
        const char *path;
        unsigned want;
    } cases[] = {
        {"campaign", 2},
        {"campaign.id", 3},
        {"id", 3},
        {"periods", 4},
        {"periods[1]", 5},
        {"campaign.periods[1].begin", 6},
        {"periods[2].id", 7},
        {"periods[2].end[3]", 9},
        {"title.en", 13},
        {"reports", 14},
        /* What is missing stands where it would have to stand. */
        {"periods[1].end", 5},
        {"periods[3]", 4},
        {"title.vi.reports", 11},
        {"reports[1].due", 14},
        /* No key paths of this file. */
        {"", 0},
        {"thu", 0},
        {"perio", 0},
        {"idx", 0},
        {"reports.yaml", 14},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        if (campaign_line(slice_str(plan), cases[i].path) != cases[i].want)
            fail_msg("%s: %u, not %u", cases[i].path, campaign_line(slice_str(plan), cases[i].path),
                     cases[i].want);
}

static void what_is_no_yaml_has_the_lines_that_were_read(void **state) {
    (void)state;
    assert_int_equal(campaign_line(slice_str(""), "id"), 0);
    assert_int_equal(campaign_line(slice_str("a:\n  id: 1\n  b: ]\n"), "id"), 2);
    assert_int_equal(campaign_line(slice_str("[[[[[[[[[[[[[[[[[[[[[[[[1"), "id"), 0);
    assert_int_equal(campaign_line(slice_str("- a\n- b\n"), "[2]"), 2);
    assert_int_equal(campaign_line(slice_str("a: &x\n  id: *x\n"), "id"), 2);
    assert_int_equal(campaign_line(slice_str("? {a: b}\n: {id: c}\n"), "id"), 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_path_leads_to_its_line),
        cmocka_unit_test(what_is_no_yaml_has_the_lines_that_were_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
