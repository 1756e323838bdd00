#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "audit/fold.h"
#include "audit/fold_right.h"
#include "core/unit_id.h"
#include "core/units_way.h"
#include "proto/kinds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 1 is the root; 2 and 3 lie below it, 4 below 2, 5 below 4. On day 100 unit 4 comes to 3, on day
 * 200 back to 2; 6 is new on day 150, below 3. */
static const struct {
    uint8_t unit, parent;
    day effective;
} told[] = {{1, 0, DAY_NONE}, {2, 1, DAY_NONE}, {3, 1, DAY_NONE}, {4, 2, DAY_NONE},
            {5, 4, DAY_NONE}, {4, 3, 100},      {6, 3, 150},      {4, 2, 200}};

/* 5 to 9 were drawn by hubs: 6 by that of unit 3, the others by that of 2. */
static struct uid uid_of(unsigned n) {
    struct uid id = {{(uint8_t)n}}, author = {{n == 6 ? 3 : 2}};
    if (n >= 5 && n <= 9)
        unit_id_bind(&id, &author);
    return id;
}

static struct unit_fact fact(unsigned unit, unsigned parent, day effective) {
    static char text[8][8], level[] = "commune", name[] = "Xã", none[] = "";
    (void)snprintf(text[unit % 8], sizeof *text, "c%u", unit);
    return (struct unit_fact){.id = uid_of(unit),
                              .parent = uid_of(parent),
                              .effective = effective,
                              .from = DAY_NONE,
                              .until = DAY_NONE,
                              .code = text[unit % 8],
                              .level = level,
                              .kind = none,
                              .name = name,
                              .group = none,
                              .contact = none,
                              .phone = none};
}

static struct units *tree(void) {
    struct units *u;
    assert_int_equal(units_new(&u, NULL), 0);
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        struct unit_fact f = fact(told[i].unit, told[i].parent, told[i].effective);
        assert_int_equal(units_add(u, &f, NULL), 0);
    }
    return u;
}

static void a_unit_has_a_part_in_whatever_it_was_ever_under(void **state) {
    (void)state;
    static const struct {
        unsigned unit;
        const char *above;
    } cases[] = {{1, "1"}, {2, "21"}, {4, "4231"}, {5, "54231"}, {6, "631"}, {7, ""}};
    struct units *u = tree();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct uid id = uid_of(cases[i].unit), list[8];
        char text[9] = "";
        size_t n = units_way_above(u, &id, list, 8);
        assert_int_equal(n, strlen(cases[i].above));
        for (size_t k = 0; k < n; k++)
            text[k] = (char)('0' + list[k].b[0]);
        assert_string_equal(text, cases[i].above);
        if (n > 1)
            assert_true(units_way_above(u, &id, list, n - 1) > n - 1);
    }
    units_free(u);
}

static void whether_a_unit_stayed_is_asked_of_every_day_between(void **state) {
    (void)state;
    static const struct {
        unsigned unit, top;
        day from, to;
        bool want;
    } cases[] = {{4, 2, DAY_NONE, 99, true},     {4, 2, DAY_NONE, 100, false},
                 {4, 2, 99, 201, false},         {4, 2, 200, DAY_LATEST, true},
                 {4, 2, 199, DAY_LATEST, false}, {4, 3, 100, 199, true},
                 {4, 3, 99, 199, false},         {5, 2, 50, 150, false},
                 {5, 3, 100, 199, true},         {5, 1, DAY_NONE, DAY_LATEST, true},
                 {6, 3, DAY_NONE, 150, true},    {6, 3, 10, 20, true},
                 {6, 2, 10, 20, true},           {6, 2, 10, 150, false}};
    struct units *u = tree();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct uid id = uid_of(cases[i].unit), top = uid_of(cases[i].top);
        if (units_way_stayed(u, &id, &top, cases[i].from, cases[i].to) != cases[i].want)
            fail_msg("case %zu", i);
    }
    units_free(u);
}

static void since_when_a_unit_is_there_is_the_last_time_that_it_came(void **state) {
    (void)state;
    static const struct {
        unsigned unit, top;
        day want;
    } cases[] = {{4, 2, 200},      {5, 2, 200}, {5, 4, DAY_NONE},
                 {5, 1, DAY_NONE}, {6, 3, 150}, {2, 2, DAY_NONE}};
    struct units *u = tree();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct uid id = uid_of(cases[i].unit), top = uid_of(cases[i].top);
        assert_int_equal(units_way_since(u, &id, &top), cases[i].want);
    }
    struct uid four = uid_of(4);
    assert_int_equal(units_way_next(u, &four, DAY_NONE)->effective, 100);
    assert_int_equal(units_way_next(u, &four, 100)->effective, 200);
    assert_null(units_way_next(u, &four, 200));
    units_free(u);
}

static void a_hub_speaks_of_a_unit_for_the_days_on_which_it_lies_below_it(void **state) {
    (void)state;
    static const struct {
        const char *name;
        unsigned author, unit, parent;
        day effective;
        enum fold_right want;
    } cases[] = {
        {"before the move the old one", 2, 4, 2, 99, FOLD_RIGHT_YES},
        {"since the move not", 2, 4, 2, 100, FOLD_RIGHT_PAST},
        {"nor of what lies below", 2, 5, 4, 150, FOLD_RIGHT_PAST},
        {"since it is back again", 2, 4, 2, 200, FOLD_RIGHT_YES},
        {"the new one since the move", 3, 4, 3, 100, FOLD_RIGHT_YES},
        {"not before", 3, 4, 3, 99, FOLD_RIGHT_PAST},
        {"nor as if since ever", 3, 4, 3, DAY_NONE, FOLD_RIGHT_PAST},
        {"a new unit below one that was there that day", 2, 7, 4, DAY_NONE, FOLD_RIGHT_YES},
        {"a new unit below one that was not", 2, 7, 4, 150, FOLD_RIGHT_PAST},
        {"a unit before the day on which it began", 3, 6, 3, DAY_NONE, FOLD_RIGHT_YES},
        {"never of itself", 2, 2, 1, 50, FOLD_RIGHT_NEVER},
        {"never of what was never below it", 2, 6, 3, 160, FOLD_RIGHT_NEVER},
        {"nor put it there", 2, 6, 2, 160, FOLD_RIGHT_NEVER},
        {"nor put its own elsewhere", 2, 4, 3, 50, FOLD_RIGHT_NEVER},
        {"nor for the days before it began", 2, 6, 2, 100, FOLD_RIGHT_NEVER},
        {"a new unit that a hub below drew", 1, 7, 4, 50, FOLD_RIGHT_YES},
        {"a new unit that another hub drew", 3, 7, 6, 160, FOLD_RIGHT_NEVER},
        {"below nobody", 2, 7, 0, 50, FOLD_RIGHT_NEVER},
        {"below a stranger", 2, 7, 8, 50, FOLD_RIGHT_PAST},
    };
    struct units *u = tree();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct uid author = uid_of(cases[i].author);
        struct unit_fact f = fact(cases[i].unit, cases[i].parent, cases[i].effective);
        enum fold_right right = fold_right_unit(u, &author, &f);
        if (right != cases[i].want ||
            units_may_state(u, &author, &f) != (cases[i].want == FOLD_RIGHT_YES))
            fail_msg("%s: %d", cases[i].name, (int)right);
    }
    units_free(u);
}

/* The rule of the hub and that of the auditor, over trees at random. */
static void both_have_one_rule_of_who_may_speak(void **state) {
    (void)state;
    const char *given = getenv("THIDUA_SEED");
    uint64_t dice = given ? strtoull(given, NULL, 10) : 20230801;
    print_message("seed %llu\n", (unsigned long long)dice);
    unsigned yes = 0;
    for (unsigned round = 0; round < 200; round++) {
        struct units *u;
        assert_int_equal(units_new(&u, NULL), 0);
        for (unsigned i = 0; i < 40; i++) {
            dice = dice * 6364136223846793005u + 1442695040888963407u;
            unsigned d = (unsigned)(dice >> 33);
            day on = d % 5 == 0 ? DAY_NONE : (day)(d / 8 % 20);
            struct unit_fact f = fact(1 + d / 160 % 7, d / 1120 % 8, on);
            struct uid author = uid_of(1 + d / 8960 % 4);
            bool may = units_may_state(u, &author, &f);
            yes += may;
            assert_int_equal(may, fold_right_unit(u, &author, &f) == FOLD_RIGHT_YES);
            (void)units_add(u, &f, NULL);
        }
        units_free(u);
    }
    assert_true(yes > 200);
}

/* By hub and auditor alike. */
static void until_when_a_unit_was_there_is_the_last_day_of_all_the_ways(void **state) {
    (void)state;
    const char *given = getenv("THIDUA_SEED");
    uint64_t dice = given ? strtoull(given, NULL, 10) : 20230802;
    print_message("seed %llu\n", (unsigned long long)dice);
    unsigned moved = 0;
    for (unsigned round = 0; round < 200; round++) {
        struct units *u;
        assert_int_equal(units_new(&u, NULL), 0);
        for (unsigned i = 0; i < 40; i++) {
            dice = dice * 6364136223846793005u + 1442695040888963407u;
            unsigned d = (unsigned)(dice >> 33);
            struct unit_fact f =
                fact(1 + d / 160 % 7, d / 1120 % 8, d % 5 == 0 ? DAY_NONE : (day)(d / 8 % 20));
            (void)units_add(u, &f, NULL);
        }
        for (unsigned i = 0; i < 49; i++) {
            struct uid id = uid_of(1 + i % 7), top = uid_of(1 + i / 7);
            struct ledger l = {.n_members = 0};
            struct fold f = {.l = &l, .units = u};
            struct member m = {.unit = top, .by = BY_HUB};
            day want = DAY_LATEST; /* nothing changes after day 19, nor before day 0 */
            if (!units_at(u, &id, DAY_LATEST) && !uid_equal(&id, &top))
                want = DAY_NONE;
            else if (!units_under(u, &id, &top, DAY_LATEST) && !uid_equal(&id, &top))
                for (want = 19; want >= -1 && !units_under(u, &id, &top, want);)
                    want--;
            if (want == -2)
                want = DAY_NONE;
            moved += want >= -1 && want < DAY_LATEST;
            assert_int_equal(units_way_until(u, &id, &top), want);
            assert_int_equal(fold_enrolled_until(&f, &m, &id), want);
        }
        units_free(u);
    }
    assert_true(moved > 100);
}

static void a_place_that_was_put_right_on_the_same_day_counts_as_well(void **state) {
    (void)state;
    struct units *u = tree();
    struct unit_fact f = fact(6, 2, 150), back = fact(6, 3, 150);
    struct uid six = uid_of(6), two = uid_of(2), list[8];
    assert_false(units_ever_under(u, &six, &two));
    assert_int_equal(units_add(u, &f, NULL), 0);
    assert_int_equal(units_add(u, &back, NULL), 0);
    assert_true(units_ever_under(u, &six, &two));
    assert_int_equal(units_way_above(u, &six, list, 8), 4);
    assert_true(uid_equal(&list[2], &two));
    units_free(u);
}

/* Thirteen layers of two units, each under either of the layer above by 32 facts in turn: more
 * chains of facts than could ever be followed one by one. */
static void whoever_was_ever_above_is_found_without_following_each_chain(void **state) {
    (void)state;
    enum { LAYERS = 13, FACTS = 32 };
    struct units *u = tree();
    for (unsigned i = 0; i < 2 * LAYERS; i++)
        for (unsigned k = 0; k < (i < 2 ? 1 : FACTS); k++) {
            unsigned parent = i < 2 ? 2 : 10 + i / 2 * 2 - 2 + k % 2;
            struct unit_fact f = fact(10 + i, parent, k == 0 ? DAY_NONE : (day)(1000 + k));
            char code[8];
            (void)snprintf(code, sizeof code, "u%u", i);
            f.code = code;
            assert_int_equal(units_add(u, &f, NULL), 0);
        }
    struct uid last = uid_of(10 + 2 * LAYERS - 1), two = uid_of(2), three = uid_of(3),
               list[2 * LAYERS + 2];
    assert_true(units_ever_under(u, &last, &two));
    assert_false(units_ever_under(u, &last, &three));
    assert_int_equal(units_way_above(u, &last, list, 2 * LAYERS + 2), 2 * LAYERS + 1);
    struct unit_fact f = fact(10 + 2 * LAYERS - 1, 3, 5000);
    assert_int_equal(fold_right_unit(u, &three, &f), FOLD_RIGHT_NEVER);
    units_free(u);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_unit_has_a_part_in_whatever_it_was_ever_under),
        cmocka_unit_test(whether_a_unit_stayed_is_asked_of_every_day_between),
        cmocka_unit_test(since_when_a_unit_is_there_is_the_last_time_that_it_came),
        cmocka_unit_test(until_when_a_unit_was_there_is_the_last_day_of_all_the_ways),
        cmocka_unit_test(a_hub_speaks_of_a_unit_for_the_days_on_which_it_lies_below_it),
        cmocka_unit_test(a_place_that_was_put_right_on_the_same_day_counts_as_well),
        cmocka_unit_test(whoever_was_ever_above_is_found_without_following_each_chain),
        cmocka_unit_test(both_have_one_rule_of_who_may_speak),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
