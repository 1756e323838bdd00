/*
 * The same questions to the hub and to the auditor of what it exports: both say the same bytes.
 */
#ifndef TESTS_UNIT_AGREE_ASK_H
#define TESTS_UNIT_AGREE_ASK_H

#include "audit/verify_cmd.h"
#include "tests/unit/agree_world.h"

static inline int agree_read(const char *path, struct buf *out, struct err *e) {
    return host_read_file(path, 1 << 24, out, e);
}

/* What the hub and what the auditor say to the same options; neither may be right alone. */
static inline void compare(struct hub_world *w, uint64_t seed, bool rank, char *const *options) {
    static const struct verb *const verbs[] = {&verify_cmd, NULL};
    static const struct verb_program program = {"thidua-audit", "test", "test", verbs};
    const struct verify_cmd_host host = {agree_read};
    char *hub[16] = {rank ? "rank" : "board", "--json"};
    char *audit[24] = {"thidua-audit",
                       "verify",
                       "bundle.tdb",
                       "--root",
                       w->genesis,
                       "--json",
                       rank ? "--rank" : "--board"};
    int n = 0;
    for (; options[n]; n++) {
        hub[2 + n] = options[n];
        audit[7 + n] = options[n];
    }
    struct err e = {0}, f = {0};
    char told[512], found[512];
    struct verb_call call;
    int rc = hub_world_run_argv(w, &e, hub);
    verb_call_init(&call, &w->world, (void *)(uintptr_t)&host);
    int other = verb_run(&program, 7 + n, audit, &call, &f);
    w->out[strcspn(w->out, "\n")] = '\0';
    if (rc != other || (rc == 0 && !strstr(buf_cstr(&call.out), w->out)))
        fail_msg("seed %llu, %s %s %s %s: the hub: %d %s %s\nthe auditor: %d %s %s%s",
                 (unsigned long long)seed, hub[0], n > 0 ? options[0] : "", n > 1 ? options[1] : "",
                 n > 3 ? options[3] : "", rc, w->out, err_text(&e, NULL, told, sizeof told), other,
                 buf_cstr(&call.out), buf_cstr(&call.words),
                 err_text(&f, NULL, found, sizeof found));
    verb_call_done(&call);
}

#define both(w, seed, rank, ...) compare(w, seed, rank, (char *[]){__VA_ARGS__, NULL})

static inline void compare_all(struct hub_world *w, uint64_t seed, char *under, char *qualified) {
    compare(w, seed, false, (char *[]){NULL});
    both(w, seed, false, "--campaign", "thu", "--period", "2023");
    both(w, seed, false, "--campaign", qualified, "--at", "2023-12-11T00:00:00+07:00");
    both(w, seed, false, "--at", "2023-12-15T23:59:59.999+07:00", "--period", "2023-H1");
    both(w, seed, false, "--kind", "final");
    both(w, seed, false, "--under", under, "--campaign", "thu", "--period", "2023");
    both(w, seed, false, "--state", "late", "--campaign", "thu", "--period", "2023");
    both(w, seed, false, "--branches");
    both(w, seed, false, "--branches", "--campaign", "thu", "--period", "2023");
    both(w, seed, false, "--branches", "--at", "2023-12-11T00:00:00+07:00");
    both(w, seed, false, "--branches", "--under", under);
    both(w, seed, false, "--branches", "--state", "late");
    static char *const kinds[] = {"collective", "individual"};
    static char *const groups[] = {"-", "a", "g", "h"};
    for (size_t i = 0; i < 8; i++)
        both(w, seed, true, "--period", "2023", "--subject-kind", kinds[i % 2], "--group",
             groups[i / 2]);
    both(w, seed, true, "--subject-kind", "collective");
    both(w, seed, true, "--period", "2023", "--subject", under);
    both(w, seed, true, "--period", "2023", "--subject", under, "--limit", "2");
    both(w, seed, true, "--period", "2023", "--subject-kind", "individual", "--under", under);
    both(w, seed, true, "--period", "2023", "--subject-kind", "individual", "--units-as-of",
         "2023-06-30", "--limit", "2", "--group", "-");
    both(w, seed, true, "--kind", "final", "--values", "self", "--subject-kind", "collective");
}

/* A world of `seed`, with everything delivered. */
static inline void make_reporting(struct hub_world *w, uint64_t seed) {
    struct buf b;
    struct hub_world dice = {.random = seed};
    unsigned version = 1;
    n_sealed = n_enrolled = 0;
    buf_init(&b);
    make_units(&dice, &b);
    hub_world_init(w, seed + 100, buf_cstr(&b));
    issue(w, &dice, 1);
    hub_world_issue(w, profile);
    for (size_t i = 0; i < UNITS; i++) {
        if (roll(w, 4) == 0)
            continue;
        const char *code = codes[i];
        struct hub_office *o = hub_world_enrol(w, code);
        enrolled[n_enrolled++] = code;
        uint32_t n = roll(w, 3);
        for (uint32_t k = 0; k <= n; k++)
            seal(w, o, k + 1);
        if (roll(w, 2) == 0)
            call_otherwise(w, o);
        if (roll(w, 3) == 0)
            take_back(w, o, n + 1);
        if (roll(w, 12) == 0)
            issue(w, &dice, ++version);
    }
    for (unsigned n = roll(w, 5); n > 0; n--)
        act(w);
    hub_world_shuffle(w, seed);
    hub_world_deliver(w);
    for (unsigned n = roll(w, 5); n > 0; n--)
        act(w);
    buf_done(&b);
}

/* The same, and some machines are lost. */
static inline void make_world(struct hub_world *w, uint64_t seed) {
    make_reporting(w, seed);
    for (unsigned n = roll(w, 3); n > 0 && n_enrolled > 0; n--)
        lose_machine(w);
    w->now = hub_world_at("2023-12-20T08:00:00+07:00");
    for (unsigned n = roll(w, 4); n > 0; n--)
        mend(w);
}

static inline void same_lines(uint64_t seed, const char *a, const char *b) {
    for (size_t n, m; *a || *b; a += n + (a[n] == '\n'), b += m + (b[m] == '\n')) {
        n = strcspn(a, "\n");
        m = strcspn(b, "\n");
        if (n != m || memcmp(a, b, n) != 0)
            fail_msg("seed %llu, before and after:\n%.*s\n%.*s", (unsigned long long)seed, (int)n,
                     a, (int)m, b);
    }
}

#endif
