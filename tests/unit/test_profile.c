#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/limits.h"
#include "tests/unit/sheet_world.h"

static void max_zero(struct world *w) {
    w->rules[1].max = 0;
}
static void rule_twice(struct world *w) {
    w->rules[1].criterion = w->rules[0].criterion;
}
static void bands_rising(struct world *w) {
    w->grades[1].share_min = 9000;
}
static void bands_high(struct world *w) {
    w->grades[2].share_min = 100;
}
static void cap_nowhere(struct world *w) {
    w->caps[0].grade = leader;
}
static void cap_penalty(struct world *w) {
    w->caps[0].criterion = w->rules[PENALTY].criterion;
}
static void no_default(struct world *w) {
    w->profile.default_max = 0;
}
static void rule_nowhere(struct world *w) {
    w->rules[2].criterion = takes_part;
}
static void cap_aim(struct world *w) {
    w->caps[0].criterion = w->rules[AIM].criterion;
}
static void too_much(struct world *w) {
    w->rules[0].max = w->rules[1].max = LIMIT_SCORE / 2;
}
static void too_harsh(struct world *w) {
    w->rules[0].max = LIMIT_SCORE;
    w->rules[0].part = PART_PENALTY;
}
static void untested(struct world *w) {
    w->leaf[VALUE].test = TEST_NONE;
}

static void a_profile_is_checked_by_itself_and_against_its_leaves(void **state) {
    (void)state;
    static const struct {
        const char *name;
        void (*input)(struct world *w);
        const char *want;
    } cases[] = {
        {"maximum of zero", max_zero, "rules[2].max: 0"},
        {"rule twice", rule_twice, "rules[2]: “met” stands here a second time"},
        {"bands that do not fall", bands_rising, "grades[2].from: grade middle"},
        {"bands that end above 0", bands_high, "grades[3].from: the last grade, low"},
        {"cap to no grade", cap_nowhere, "caps[1].grade: no grade is called “leader”"},
        {"cap on a penalty", cap_penalty, "caps[1].criterion: penalty is a penalty"},
        {"no default", no_default, "default_max: 0"},
        {"rule for no leaf", rule_nowhere, "rules[3].criterion: “takes_part”"},
        {"cap on an aim", cap_aim, "caps[1].criterion: “aim”"},
        {"too many points", too_much, "rules: all criteria together"},
        {"too many penalties", too_harsh, "rules: all criteria together"},
        {"value without a test", untested, "rules: criterion value has no threshold"},
    };
    struct world w;
    world_init(&w);
    w.rules[AIM].max = LIMIT_SCORE; /* an aim gives no points, so it takes no room */
    assert_int_equal(profile_check(&w.profile, NULL), 0);
    assert_int_equal(profile_check_criteria(&w.profile, &w.criteria, NULL), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err e = {0};
        char text[600];
        world_init(&w);
        cases[i].input(&w);
        int rc = profile_check(&w.profile, &e);
        if (rc == 0)
            rc = profile_check_criteria(&w.profile, &w.criteria, &e);
        err_text(&e, NULL, text, sizeof text);
        if (rc != ERR_REFUSED || strncmp(text, cases[i].want, strlen(cases[i].want)) != 0)
            fail_msg("%s: %d %s", cases[i].name, rc, text);
    }
}

static void a_campaign_without_a_profile_is_met_or_not_for_one_point(void **state) {
    (void)state;
    struct score_rule rule;
    assert_int_equal(profile_check(&profile_met, NULL), 0);
    profile_rule(&profile_met, "C1.1", &rule);
    assert_int_equal(rule.mode, MODE_MET);
    assert_int_equal(rule.part, PART_BASE);
    assert_int_equal(rule.max, 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_profile_is_checked_by_itself_and_against_its_leaves),
        cmocka_unit_test(a_campaign_without_a_profile_is_met_or_not_for_one_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
