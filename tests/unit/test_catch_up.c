#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hub/catch_up.h"
#include "node/standing_keep.h"
#include "tests/unit/hub_world.h"

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

/* Where it is found at each look that they are behind, as under a load: nobody looks between. */
static void after_rankings_were_brought_on_the_wait_begins_anew(void **state) {
    static struct hub_world w;
    struct catch_up c = {.behind = true, .since_ms = 1000};
    struct actor a;
    (void)state;
    hub_world_init(&w, 7, NULL);
    assert_int_equal(actor_open("hub", ROLE_HUB, NULL, NULL, &a, NULL), 0);
    while (c.behind)
        assert_int_equal(catch_up_step(&c, &a, 4, NULL), 0);
    actor_close(&a);
    c.behind = true;
    assert_false(catch_up_due(&c, false, 2000));
    assert_false(catch_up_due(&c, false, 2599));
    assert_true(catch_up_due(&c, false, 2600));
    hub_world_done(&w);
}

/* The book is begun at once, and then, while somebody states a unit a second, ever more rarely. */
static void made_anew_again_and_again_they_pause_ever_longer(void **state) {
    static struct hub_world w;
    struct catch_up c = {.behind = false};
    unsigned begun = 0, last = 0, longest = 0;
    (void)state;
    hub_world_init(&w, 7, NULL);
    for (unsigned s = 1; s <= 400; s++) {
        char row[160];
        struct actor a;
        struct txn *t;
        if (s <= 300) {
            (void)snprintf(row, sizeof row,
                           "code,parent,level,kind,name,group\nP%u,94,commune,,P,\n", s);
            hub_world_file("units.csv", row);
            hub_world_do(&w, "unit", "import", "units.csv");
        }
        hub_world_open(&a, false, &t);
        uint64_t before = standing_keep_begun(t);
        catch_up_look(&c, t);
        actor_abort(&a, t);
        while (catch_up_due(&c, true, 1000 * s))
            assert_int_equal(catch_up_step(&c, &a, 1, NULL), 0);
        assert_int_equal(actor_begin(&a, false, &t, NULL), 0);
        if (standing_keep_begun(t) != before) {
            assert_int_equal(standing_keep_begun(t), before + 1);
            longest = begun++ && s - last > longest ? s - last : longest;
            last = s;
        }
        if (s == 1 || s == 400)
            assert_true(standing_keep_current(t));
        actor_abort(&a, t);
        actor_close(&a);
    }
    assert_int_equal(begun, 9); /* at 1, 3, 7, 15, 31, 63, 127, 255 and 383 s */
    assert_int_equal(longest, 128);
    hub_world_done(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rankings_wait_for_frames_but_not_for_long),
        cmocka_unit_test(made_anew_again_and_again_they_pause_ever_longer),
        cmocka_unit_test(after_rankings_were_brought_on_the_wait_begins_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
