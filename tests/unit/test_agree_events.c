#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/agree_ask.h"

/*
 * Whatever happens to units, and whenever it is stated: hub and auditor agree on what follows, what
 * was sent stays what it was, and nothing changes before its day.
 */

#define ROUNDS 24
#define QUIET_ROUNDS 12

static unsigned n_stated, n_moved;

/* One event at random from `date` on, by the codes of the beginning; often it is refused. */
static void happen(struct hub_world *w, const char *date) {
    static const char *const ops[] = {"rename", "recode", "move",     "move", "regroup", "merge",
                                      "merge",  "split",  "dissolve", "move", "create"};
    static const char *const extents[] = {"", "partial", "full"};
    struct err e = {0};
    char text[256];
    const char *op = pick(w, ops, 11), *from = codes[roll(w, UNITS)], *to = codes[roll(w, UNITS)];
    unsigned serial = roll(w, 1000);
    bool into = strcmp(op, "merge") == 0 || strcmp(op, "split") == 0;
    size_t n = (size_t)snprintf(text, sizeof text,
                                "date,op,from,to,extent,basis,parent,level,kind,name,group\n%s,%s,",
                                date, op);
    if (strcmp(op, "create") == 0)
        (void)snprintf(text + n, sizeof text - n, ",N%u,,,%s,commune,state,Xã %u,a\n", serial,
                       roll(w, 2) ? to : "94", serial);
    else if (strcmp(op, "move") == 0)
        (void)snprintf(text + n, sizeof text - n, "%s,%s,,QĐ,,,,,\n", from, roll(w, 2) ? to : "94");
    else if (into)
        (void)snprintf(text + n, sizeof text - n, "%s,%s,%s,,,,,,\n", from, to,
                       pick(w, extents, 3));
    else if (strcmp(op, "dissolve") == 0)
        (void)snprintf(text + n, sizeof text - n, "%s,,,,,,,,\n", from);
    else
        (void)snprintf(text + n, sizeof text - n, "%s,%c%u,,,,,,,\n", from,
                       op[2] == 'g' ? 'a' + (char)roll(w, 3) : 'R', serial);
    hub_world_file("events.csv", text);
    if (hub_world_run(w, &e, "unit", "apply", "events.csv") == 0) {
        n_stated++;
        n_moved += strcmp(op, "move") == 0;
    }
}

static void some_more_reports(struct hub_world *w) {
    for (unsigned i = 0; i < w->n_offices && n_sealed < 60; i++)
        if (roll(w, 2))
            seal(w, &w->offices[i], 7);
    hub_world_shuffle(w, w->random);
    hub_world_deliver(w);
}

static void round_of(uint64_t seed) {
    static const char *const days[] = {"2023-03-01", "2023-06-15", "2023-06-16", "2023-12-10",
                                       "2023-12-11", "2023-12-15", "2023-12-16", "2024-01-01"};
    struct hub_world w;
    make_reporting(&w, seed);
    for (size_t i = 0; i < sizeof days / sizeof *days; i++)
        for (unsigned n = roll(&w, 4); n > 0; n--)
            happen(&w, days[i]);
    some_more_reports(&w);
    w.now = hub_world_at("2024-01-20T08:00:00+07:00");
    hub_world_do(&w, "check");
    hub_world_do(&w, "bundle", "export", "bundle.tdb");
    compare_all(&w, seed, "P1", "94/thu");
    both(&w, seed, true, "--period", "2023", "--subject-kind", "collective", "--units-as-of",
         "2023-12-10", "--group", "a");
    both(&w, seed, false, "--under", "P1", "--at", "2023-06-20T00:00:00+07:00");
    hub_world_done(&w);
}

static void hub_and_auditor_agree_whatever_happens_to_units(void **state) {
    (void)state;
    n_stated = n_moved = 0;
    for (uint64_t seed = 2001; seed <= 2000 + ROUNDS; seed++)
        round_of(seed);
    assert_true(n_stated > 5 * ROUNDS && n_moved > ROUNDS);
}

/* What the hub says of the days up to 16/12/2023. */
static void ask_of_before(struct hub_world *w, struct buf *out) {
    char *const asked[][14] = {
        {"board", "--at", "2023-12-16T23:59:59.999+07:00", "--json"},
        {"board", "--at", "2023-12-11T00:00:00+07:00", "--json"},
        {"board", "--campaign", "thu", "--period", "2023", "--kind", "annual", "--json"},
        {"board", "--campaign", "thu", "--period", "2023", "--under", "P1", "--at",
         "2023-12-16T12:00:00+07:00", "--json"},
        {"rank", "--period", "2023", "--subject-kind", "collective", "--group", "-",
         "--units-as-of", "2023-12-16", "--json"},
        {"rank", "--period", "2023", "--subject-kind", "individual", "--under", "P1",
         "--units-as-of", "2023-12-16", "--json"},
        {"rank", "--period", "2023-H1", "--subject-kind", "individual", "--json"},
        {"unit", "list", "--at", "2023-12-16", "--json"},
    };
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        struct err e = {0};
        char *argv[15] = {NULL};
        for (size_t k = 0; k < 14; k++)
            argv[k] = asked[i][k];
        int rc = hub_world_run_argv(w, &e, argv);
        buf_printf(out, "%zu: %d\n%s\n", i, rc, w->out);
    }
}

static void quiet_round(uint64_t seed) {
    static const char *const days[] = {"2023-12-17", "2023-12-20", "2024-02-29"};
    struct hub_world w;
    struct buf before, after;
    buf_init(&before);
    buf_init(&after);
    make_world(&w, seed);
    ask_of_before(&w, &before);
    for (size_t i = 0; i < sizeof days / sizeof *days; i++)
        for (unsigned n = 1 + roll(&w, 4); n > 0; n--)
            happen(&w, days[i]);
    ask_of_before(&w, &after);
    same_lines(seed, buf_cstr(&before), buf_cstr(&after));
    hub_world_do(&w, "check");
    hub_world_done(&w);
    buf_done(&before);
    buf_done(&after);
}

static void nothing_changes_before_its_day(void **state) {
    (void)state;
    n_stated = n_moved = 0;
    for (uint64_t seed = 3001; seed <= 3000 + QUIET_ROUNDS; seed++)
        quiet_round(seed);
    assert_true(n_stated > QUIET_ROUNDS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hub_and_auditor_agree_whatever_happens_to_units),
        cmocka_unit_test(nothing_changes_before_its_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
