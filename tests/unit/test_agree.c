#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/agree_ask.h"
#include "tests/unit/relabel_world.h"

/*
 * Whatever comes, hub and auditor agree: random campaigns, units and reports, in a random order of
 * arrival. The hub answers from its views, the auditor from a bundle and with code of its own.
 */

#define ROUNDS 24
#define RELABELLINGS 8
#define LATER_NAMES 6

static void round_of(uint64_t seed) {
    struct hub_world w;
    make_world(&w, seed);
    hub_world_do(&w, "check");
    hub_world_do(&w, "bundle", "export", "bundle.tdb");
    compare_all(&w, seed, "P1", "94/thu");
    hub_world_done(&w);
}

/* What the hub says to a number of questions, without labels; and the ranks, in order. */
static void ask_all(struct hub_world *w, char *under, const struct labels *now,
                    const struct labels *before, struct buf *out) {
    char *const asked[][12] = {
        {"board", "--json"},
        {"board", "--campaign", "thu", "--period", "2023", "--json"},
        {"board", "--kind", "final", "--json"},
        {"board", "--at", "2023-12-11T00:00:00+07:00", "--json"},
        {"board", "--under", under, "--campaign", "thu", "--period", "2023", "--json"},
        {"rank", "--period", "2023", "--subject-kind", "collective", "--group", "-", "--json"},
        {"rank", "--period", "2023", "--subject-kind", "individual", "--group", "a", "--json"},
        {"rank", "--period", "2023", "--subject-kind", "individual", "--group", "h", "--json"},
        {"rank", "--period", "2023", "--subject-kind", "individual", "--under", under, "--json"},
        {"rank", "--period", "2023", "--subject-kind", "collective", "--json"},
        {"report", "list", "--json"},
    };
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        struct err e = {0};
        char *argv[13] = {NULL};
        for (size_t k = 0; k < 12; k++)
            argv[k] = asked[i][k];
        buf_printf(out, "%zu: %d\n", i, hub_world_run_argv(w, &e, argv));
        labels_ranks(w->out, out);
        labels_take_out(now, before, w->out, out);
    }
}

/* Units are renamed and recoded, `dated`: from a day in the middle of things on. */
static void relabel(uint64_t seed, bool dated) {
    struct hub_world w;
    struct labels old, new;
    struct buf before, after;
    char qualified[64];
    unsigned p1 = 0;
    buf_init(&before);
    buf_init(&after);
    make_world(&w, seed);
    labels_read(&old);
    while (strcmp(old.code[p1], "P1") != 0)
        p1++;
    ask_all(&w, "P1", &old, NULL, &before);
    labels_shuffle(&w, &old, dated, &new);
    if (dated)
        labels_apply(&w, &old, &new, "2023-12-10");
    else
        labels_state(&w, &new, DAY_NONE);
    ask_all(&w, new.code[p1], &new, dated ? &old : NULL, &after);
    same_lines(seed, buf_cstr(&before), buf_cstr(&after));
    hub_world_do(&w, "check");
    hub_world_do(&w, "bundle", "export", "bundle.tdb");
    (void)snprintf(qualified, sizeof qualified, "%s/thu", new.code[0]);
    compare_all(&w, seed, new.code[p1], qualified);
    hub_world_done(&w);
    buf_done(&before);
    buf_done(&after);
}

static void new_names_and_codes_change_nothing_but_labels(void **state) {
    (void)state;
    for (uint64_t seed = 1001; seed <= 1000 + RELABELLINGS; seed++)
        relabel(seed, seed % 2 == 0);
}

/* What is called otherwise after its report is called in it as it was. */
static void call_later(uint64_t seed) {
    struct hub_world w;
    struct labels labels;
    struct buf before, after;
    buf_init(&before);
    buf_init(&after);
    make_reporting(&w, seed);
    labels_read(&labels);
    for (unsigned i = 0; i < w.n_offices; i++) /* whoever was nobody yet is now */
        hub_world_rename(&w, &w.offices[i], callings[0], 2, w.now);
    hub_world_deliver(&w);
    ask_all(&w, "P1", &labels, NULL, &before);
    for (unsigned i = 0; i < w.n_offices; i++)
        hub_world_rename(&w, &w.offices[i], callings[2], 2, w.now);
    hub_world_deliver(&w);
    ask_all(&w, "P1", &labels, NULL, &after);
    same_lines(seed, buf_cstr(&before), buf_cstr(&after));
    hub_world_do(&w, "check");
    hub_world_do(&w, "bundle", "export", "bundle.tdb");
    compare_all(&w, seed, "P1", "94/thu");
    hub_world_done(&w);
    buf_done(&before);
    buf_done(&after);
}

static void names_stated_later_change_nothing_of_a_report(void **state) {
    (void)state;
    for (uint64_t seed = 2001; seed <= 2000 + LATER_NAMES; seed++)
        call_later(seed);
}

static void hub_and_auditor_say_the_same_whatever_came(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= ROUNDS; seed++)
        round_of(seed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hub_and_auditor_say_the_same_whatever_came),
        cmocka_unit_test(new_names_and_codes_change_nothing_but_labels),
        cmocka_unit_test(names_stated_later_change_nothing_of_a_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
