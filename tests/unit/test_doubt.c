#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hub/doubt.h"
#include "hub/hub.h"
#include "hub/session.h"

/* What makes a hub doubt its own clock. */

#define NOW ((instant)1702600000000) /* 15 December 2023 */
#define MINUTE INT64_C(60000)
#define YEARS_10 (3652 * (int64_t)MS_PER_DAY)

static void a_clock_is_doubted_for_what_can_be_held_against_it(void **state) {
    (void)state;
    static const struct {
        const char *name;
        int64_t wall, boot; /* gone since the start */
        int64_t started;    /* the wall clock then, off NOW */
        instant last;       /* receipt */
        int64_t parent_ahead;
        bool children;
        int64_t children_off;
        enum doubt want;
    } cases[] = {
        {.name = "nothing is known"},
        {.name = "an hour has gone", .wall = 60 * MINUTE, .boot = 60 * MINUTE},
        {.name = "it gains a minute", .wall = MINUTE},
        {.name = "… and a millisecond", .wall = MINUTE + 1, .want = DOUBT_DRIFT},
        {.name = "it loses as much", .boot = MINUTE + 1, .want = DOUBT_DRIFT},
        {.name = "at the last receipt", .last = NOW},
        {.name = "behind it", .last = NOW + 1, .want = DOUBT_BEHIND},
        {.name = "ten years behind it at the start",
         .started = -YEARS_10 / 4,
         .last = NOW,
         .want = DOUBT_BEHIND},
        {.name = "reset to 1970", .started = -NOW, .want = DOUBT_EARLY},
        {.name = "ten minutes off the hub above", .parent_ahead = 10 * MINUTE},
        {.name = "… and more", .parent_ahead = 10 * MINUTE + 1, .want = DOUBT_PARENT},
        {.name = "… and behind", .parent_ahead = -10 * MINUTE - 1, .want = DOUBT_PARENT},
        {.name = "ten years ahead at the start, and nobody to ask", .started = YEARS_10},
        {.name = "the same, and those below agree",
         .started = YEARS_10,
         .children = true,
         .want = DOUBT_CHILDREN},
        {.name = "those below agree with it", .children = true, .children_off = 10 * MINUTE},
        {.name = "those below do not",
         .children = true,
         .children_off = -10 * MINUTE - 1,
         .want = DOUBT_CHILDREN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct doubt_reference r = {.started = {NOW + cases[i].started, 5000},
                                    .parent_ahead_ms = cases[i].parent_ahead,
                                    .children = cases[i].children,
                                    .children_boot = NOW - 5000 + cases[i].children_off};
        struct moment at = {NOW + cases[i].started + cases[i].wall, 5000 + cases[i].boot};
        enum doubt is = doubt_clock(&r, cases[i].last, at);
        if (is != cases[i].want)
            fail_msg("%s: %d, should be %d", cases[i].name, is, cases[i].want);
    }
}

static void a_call_that_begins_says_nothing_of_the_clock_above(void **state) {
    (void)state;
    struct hub h = {.reference.started = {NOW, 5000}};
    struct uplink up = {.state = UPLINK_LIVE, .parent_ahead_ms = -20 * MINUTE};
    hub_heard_above(&h, &up);
    up = (struct uplink){.state = UPLINK_GREETING};
    hub_heard_above(&h, &up);
    up = (struct uplink){.state = UPLINK_OVER};
    hub_heard_above(&h, &up);
    assert_true(h.welcomed);
    assert_int_equal(doubt_clock(&h.reference, 0, (struct moment){NOW, 5000}), DOUBT_PARENT);
}

static void children_are_heard_where_most_of_at_least_three_agree(void **state) {
    (void)state;
    static const struct {
        const char *name;
        uint32_t n;
        int64_t minutes[5]; /* what each clock shows, off 0 */
        bool want;
        int64_t agreed;
    } cases[] = {
        {"nobody", 0, {0}, false, 0},
        {"two that agree", 2, {0, 0}, false, 0},
        {"three that agree", 3, {4, 0, 9}, true, 4},
        {"two of three", 3, {90000, 1, 2}, true, 2},
        {"two of four", 4, {0, 1, 90000, 90001}, false, 0},
        {"three of five, in between", 5, {-90000, 1, 50000, 2, 3}, true, 3},
        {"three, each another", 3, {0, 5000, -5000}, false, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct session list[6] = {0};
        struct sessions all = {.n = cases[i].n + 1, .list = list};
        struct doubt_reference r = {.children = true};
        for (uint32_t k = 0; k < cases[i].n; k++) {
            list[k].live = true;
            session_note_clock(&list[k], cases[i].minutes[k] * MINUTE + 7, (struct moment){0, 7});
        }
        doubt_ask_children(&r, &all);
        if (r.children != cases[i].want ||
            (r.children && r.children_boot != cases[i].agreed * MINUTE))
            fail_msg("%s: %d, %lld", cases[i].name, r.children, (long long)r.children_boot);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clock_is_doubted_for_what_can_be_held_against_it),
        cmocka_unit_test(a_call_that_begins_says_nothing_of_the_clock_above),
        cmocka_unit_test(children_are_heard_where_most_of_at_least_three_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
