#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/due.h"
#include "core/verdict.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define MAX 8
#define DUE 100

/* A revision in a case: its seq is its place in the list, its id follows from that. */
struct r {
    instant first;
    bool rejected, withdrawn, accepted;
    int answers; /* which return of the case, from 1; 0: none */
};
/* A return in a case: of which revision, from 1. */
struct t {
    int of;
    instant until;
};

struct want {
    enum slot_state state;
    enum slot_review review;
    int effective, shown, returned; /* from 1; 0: none */
    bool void_value;
};

struct slot {
    const char *name;
    instant due, at;
    struct r revisions[MAX];
    struct t returns[MAX];
    instant extensions[MAX];
    bool cut_off, exempt;
    instant drained; /* where cut_off */
    struct want want;
};

struct made {
    struct verdict_revision revisions[MAX];
    struct verdict_return returns[MAX];
    instant extensions[MAX];
    struct verdict_facts facts;
};

static struct hash id_of(uint8_t what, int n) {
    struct hash h = {{0}};
    if (n > 0) {
        h.b[0] = what;
        h.b[1] = (uint8_t)(7 * n); /* neither 0 nor in the order of n */
    }
    return h;
}

static void make(const struct slot *s, struct made *m) {
    memset(m, 0, sizeof *m);
    struct verdict_facts *f = &m->facts;
    *f = (struct verdict_facts){.due = s->due ? s->due : DUE,
                                .exempt = s->exempt,
                                .direct = !s->cut_off,
                                .drained = s->drained ? s->drained : INSTANT_NONE,
                                .extensions = m->extensions,
                                .revisions = m->revisions,
                                .returns = m->returns};
    for (int i = 0; i < MAX && s->revisions[i].first != 0; i++) {
        const struct r *r = &s->revisions[i];
        m->revisions[f->n_revisions++] = (struct verdict_revision){.id = id_of(1, i + 1),
                                                                   .order = {0, 1, (uint64_t)i},
                                                                   .first = r->first,
                                                                   .valid = !r->rejected,
                                                                   .withdrawn = r->withdrawn,
                                                                   .accepted = r->accepted,
                                                                   .answers = id_of(2, r->answers)};
    }
    for (int i = 0; i < MAX && s->returns[i].of != 0; i++)
        m->returns[f->n_returns++] = (struct verdict_return){
            id_of(2, i + 1), id_of(1, s->returns[i].of), s->returns[i].until};
    for (int i = 0; i < MAX && s->extensions[i] != 0; i++)
        m->extensions[f->n_extensions++] = s->extensions[i];
}

static int place(uint32_t i) {
    return i == VERDICT_NONE ? 0 : (int)i + 1;
}

static void check(const struct slot *s) {
    struct made m;
    print_message("  %s\n", s->name);
    make(s, &m);
    struct verdict v = verdict_of(&m.facts, s->at ? s->at : 200);
    assert_string_equal(slot_state_text(v.state), slot_state_text(s->want.state));
    assert_string_equal(slot_review_text(v.review), slot_review_text(s->want.review));
    assert_int_equal(place(v.effective), s->want.effective);
    assert_int_equal(place(v.shown), s->want.shown);
    assert_int_equal(place(v.returned), s->want.returned);
    assert_int_equal(v.void_value, s->want.void_value);
}

/* Shorthands for the tables. */
#define ON_TIME SLOT_ON_TIME, REVIEW_NONE
#define LATE SLOT_LATE, REVIEW_NONE
#define EXCUSED SLOT_EXCUSED, REVIEW_NONE
#define MISSING SLOT_MISSING, REVIEW_NONE
#define UNKNOWN SLOT_UNKNOWN, REVIEW_NONE
#define NOT_DUE SLOT_NOT_DUE, REVIEW_NONE
#define RETURNED REVIEW_RETURNED

static void the_twelve_cases_of_the_design_hold(void **state) {
    (void)state;
    static const struct slot cases[] = {
        {"1 received at 99", .revisions = {{99}}, .want = {ON_TIME, 1}},
        {"1 received at 100", .revisions = {{100}}, .want = {LATE, 1}},
        {"2 zeros in time, the real one late", .revisions = {{90}, {110}},
         .want = {ON_TIME, 1, .shown = 2}},
        {"3 a rejected one", .revisions = {{90, .rejected = true}}, .want = {MISSING}},
        {"4 returned, at 105", .at = 105, .revisions = {{90}}, .returns = {{1, 120}},
         .want = {SLOT_ON_TIME, RETURNED, .returned = 1, .void_value = true}},
        {"4 answered at 110", .revisions = {{90}, {110, .answers = 1}}, .returns = {{1, 120}},
         .want = {ON_TIME, 2}},
        {"4 answered at 130", .revisions = {{90}, {130, .answers = 1}}, .returns = {{1, 120}},
         .want = {LATE, 2}},
        {"4 never answered", .revisions = {{90}}, .returns = {{1, 120}},
         .want = {SLOT_MISSING, RETURNED, .returned = 1}},
        {"5 the second returned", .at = 105, .revisions = {{80}, {90}}, .returns = {{2, 120}},
         .want = {SLOT_ON_TIME, RETURNED, .returned = 2, .void_value = true}},
        {"6 the second withdrawn", .revisions = {{80}, {90, .withdrawn = true}}, .want = {MISSING}},
        {"7 extended, at 120", .at = 120, .extensions = {150}, .want = {NOT_DUE}},
        {"7 extended, at 200", .extensions = {150}, .want = {MISSING}},
        {"8 extended, returned, answered after", .revisions = {{120}, {160, .answers = 1}},
         .returns = {{1, 170}}, .extensions = {150}, .want = {EXCUSED, 2}},
        {"9 extended after the due date", .revisions = {{120}}, .extensions = {150},
         .want = {EXCUSED, 1}},
        {"11 cut off since 90", .cut_off = true, .drained = 90, .want = {UNKNOWN}},
        {"12 back, received there at 95", .cut_off = true, .drained = 190, .revisions = {{95}},
         .want = {ON_TIME, 1}},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        check(&cases[i]);
}

static void receipts_of_two_epochs_count_by_the_earlier(void **state) {
    (void)state;
    static const struct verdict_receipt both[] = {{130, false}, {95, false}},
                                        root[] = {{95, false}, {130, true}, {140, true}};
    struct slot s = {"10", .revisions = {{0}}, .want = {ON_TIME, 1}};
    s.revisions[0].first = verdict_first(BASIS_FIRST_HUB, both, 2);
    check(&s);
    s.revisions[0].first = verdict_first(BASIS_FIRST_HUB, root, 3);
    check(&s);
    assert_int_equal(verdict_first(BASIS_ROOT, root, 3), 130);
    assert_true(verdict_first(BASIS_ROOT, both, 2) == INSTANT_NONE);
    assert_true(verdict_first(BASIS_FIRST_HUB, NULL, 0) == INSTANT_NONE);
}

static void a_window_is_half_open_to_the_millisecond(void **state) {
    (void)state;
    static const struct slot cases[] = {
        {"before the due date", .at = 99, .want = {NOT_DUE}},
        {"at the due date", .at = 100, .want = {MISSING}},
        {"last instant of an extension", .revisions = {{149}}, .extensions = {150},
         .want = {EXCUSED, 1}},
        {"first instant after it", .revisions = {{150}}, .extensions = {150}, .want = {LATE, 1}},
        {"the later of two extensions", .revisions = {{149}}, .extensions = {120, 150, 130},
         .want = {EXCUSED, 1}},
        {"an extension before the due date takes nothing away", .revisions = {{99}},
         .extensions = {50}, .want = {ON_TIME, 1}},
        {"last instant of a return", .revisions = {{90}, {119, .answers = 1}},
         .returns = {{1, 120}}, .want = {ON_TIME, 2}},
        {"first instant after it", .revisions = {{90}, {120, .answers = 1}}, .returns = {{1, 120}},
         .want = {LATE, 2}},
        {"a return is open at its last instant", .at = 119, .revisions = {{90}},
         .returns = {{1, 120}},
         .want = {SLOT_ON_TIME, RETURNED, .returned = 1, .void_value = true}},
        {"and closed at its until", .at = 120, .revisions = {{90}}, .returns = {{1, 120}},
         .want = {SLOT_MISSING, RETURNED, .returned = 1}},
        {"drained to the end of the window", .cut_off = true, .drained = 100, .want = {MISSING}},
        {"drained to just before it", .cut_off = true, .drained = 99, .want = {UNKNOWN}},
        {"never heard of", .cut_off = true, .want = {UNKNOWN}},
        {"drained to the due date but not to the extension", .cut_off = true, .drained = 100,
         .extensions = {150}, .want = {UNKNOWN}},
        {"cut off, but not due yet", .at = 99, .cut_off = true, .want = {NOT_DUE}},
        {"received just now", .at = 90, .revisions = {{90}}, .want = {ON_TIME, 1}},
        {"not received yet", .at = 89, .revisions = {{90}}, .want = {NOT_DUE}},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        check(&cases[i]);
}

static void candidates_are_the_good_ones_after_the_last_act(void **state) {
    (void)state;
    static const struct slot cases[] = {
        {"the last in time counts", .revisions = {{80}, {90}}, .want = {ON_TIME, 2}},
        {"two late: the last counts, none is shown beside it", .revisions = {{110}, {120}},
         .want = {LATE, 2}},
        {"an older one that arrives late is not shown", .revisions = {{110}, {90}},
         .want = {ON_TIME, 2}},
        {"a rejected one is passed over", .revisions = {{80}, {90, .rejected = true}},
         .want = {ON_TIME, 1}},
        {"a new one after a withdrawal, too late", .revisions = {{90, .withdrawn = true}, {110}},
         .want = {LATE, 2}},
        {"returned and a newer one already there", .revisions = {{80}, {90}}, .returns = {{1, 120}},
         .want = {ON_TIME, 2}},
        {"accepted", .revisions = {{90, .accepted = true}},
         .want = {SLOT_ON_TIME, REVIEW_ACCEPTED, 1}},
        {"acceptance binds to one revision", .revisions = {{80, .accepted = true}, {90}},
         .want = {ON_TIME, 2}},
        {"acceptance does not override a return", .revisions = {{90, .accepted = true}},
         .returns = {{1, 120}}, .want = {SLOT_MISSING, RETURNED, .returned = 1}},
        {"accepted in time, a later one shown", .revisions = {{90, .accepted = true}, {110}},
         .want = {SLOT_ON_TIME, REVIEW_ACCEPTED, 1, .shown = 2}},
        {"returned before the due date, return over, not due", .at = 97, .revisions = {{90}},
         .returns = {{1, 95}}, .want = {SLOT_NOT_DUE, RETURNED, .returned = 1}},
        {"returned, answered inside the window after the until",
         .revisions = {{80}, {99, .answers = 1}}, .returns = {{1, 95}}, .want = {ON_TIME, 2}},
        {"returned twice, answered twice",
         .revisions = {{90}, {110, .answers = 1}, {130, .answers = 2}},
         .returns = {{1, 120}, {2, 140}}, .want = {ON_TIME, 3}},
        {"the chain breaks where one answer was too late",
         .revisions = {{90}, {125, .answers = 1}, {130, .answers = 2}},
         .returns = {{1, 120}, {2, 140}}, .want = {LATE, 3}},
        {"a late one returned stays late", .revisions = {{110}, {120, .answers = 1}},
         .returns = {{1, 130}}, .want = {LATE, 2}},
        {"a late correction admitted by a return", .revisions = {{90}, {110}, {130, .answers = 1}},
         .returns = {{2, 140}}, .want = {LATE, 3}},
        {"an answer withdrawn while the return is open", .at = 115,
         .revisions = {{90}, {110, .answers = 1, .withdrawn = true}}, .returns = {{1, 120}},
         .want = {SLOT_ON_TIME, RETURNED, .returned = 1, .void_value = true}},
        {"no answer without naming the return", .revisions = {{90}, {110}}, .returns = {{1, 120}},
         .want = {LATE, 2}},
        {"an answer to a return of a later one is none", .revisions = {{110, .answers = 1}, {120}},
         .returns = {{2, 300}}, .want = {SLOT_LATE, RETURNED, .returned = 2, .void_value = true}},
        {"a return of a revision that is not received yet says nothing", .at = 85,
         .revisions = {{80}, {90}}, .returns = {{2, 300}}, .want = {ON_TIME, 1}},
        {"nor does it open anything", .at = 85, .revisions = {{90}}, .returns = {{1, 300}},
         .want = {NOT_DUE}},
        {"a return of a revision that is not here says nothing", .revisions = {{90}},
         .returns = {{5, 300}}, .want = {ON_TIME, 1}},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        check(&cases[i]);
}

static void without_a_date_nothing_is_late_and_exempt_is_exempt(void **state) {
    (void)state;
    static const struct slot cases[] = {
        {"undated, nothing", .due = INSTANT_NONE, .want = {NOT_DUE}},
        {"undated, something", .due = INSTANT_NONE, .revisions = {{190}}, .want = {ON_TIME, 1}},
        {"undated with an extension", .due = INSTANT_NONE, .extensions = {50}, .want = {NOT_DUE}},
        {"exempt, nothing", .exempt = true, .want = {SLOT_EXEMPT, REVIEW_NONE}},
        {"exempt, a report all the same", .exempt = true, .revisions = {{90}},
         .want = {SLOT_EXEMPT, REVIEW_NONE, 1}},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        check(&cases[i]);
    struct verdict_facts f = {.due = INSTANT_NONE};
    assert_true(verdict_of(&f, 5).window == INSTANT_NONE);
    f.due = 100;
    assert_int_equal(verdict_of(&f, 5).window, 100);
}

static void revisions_stand_by_enrolment_epoch_and_seq_not_by_arrival(void **state) {
    (void)state;
    struct verdict_revision r[3] = {{.id = id_of(1, 1), .order = {1, 0, 0}, .first = 70},
                                    {.id = id_of(1, 2), .order = {0, 1, 9}, .first = 80},
                                    {.id = id_of(1, 3), .order = {0, 9, 1}, .first = 90}};
    struct verdict_facts f = {.due = 100, .direct = true, .n_revisions = 3, .revisions = r};
    for (int i = 0; i < 3; i++)
        r[i].valid = true;
    assert_int_equal(verdict_of(&f, 200).effective, 0);
    r[0].valid = false;
    assert_int_equal(verdict_of(&f, 200).effective, 2);
    r[2].valid = false;
    assert_int_equal(verdict_of(&f, 200).effective, 1);
}

static void two_records_of_one_seq_stand_the_same_whichever_came_first(void **state) {
    (void)state;
    struct verdict_revision r[2] = {
        {.id = id_of(1, 1), .order = {0, 1, 5}, .first = 70, .valid = true},
        {.id = id_of(1, 2), .order = {0, 1, 5}, .first = 80, .valid = true}};
    struct verdict_facts f = {.due = 100, .direct = true, .n_revisions = 2, .revisions = r};
    struct hash one = r[verdict_of(&f, 200).effective].id;
    struct verdict_revision spare = r[0];
    r[0] = r[1];
    r[1] = spare;
    assert_true(hash_equal(&r[verdict_of(&f, 200).effective].id, &one));
}

static void midnight_decides_over_weekends_and_leap_days(void **state) {
    (void)state;
    static char none[] = "", id[] = "p";
    static const struct {
        struct due_rule due;
        const char *last;
    } cases[] = {
        {{.recurrence = DUE_ONCE, .year = 2023, .month = 12, .day = 15, .inclusive = true},
         "2023-12-15T23:59:59.999+07:00"},
        {{.recurrence = DUE_ONCE, .year = 2023, .month = 10, .day = 30},
         "2023-10-29T23:59:59.999+07:00"},
        {{.recurrence = DUE_ONCE, .year = 2023, .month = 10, .day = 30, .roll = ROLL_PREVIOUS},
         "2023-10-27T23:59:59.999+07:00"},
        {{.recurrence = DUE_ONCE, .year = 2024, .month = 2, .day = 29, .inclusive = true},
         "2024-02-29T23:59:59.999+07:00"},
        {{.recurrence = DUE_PERIOD_END, .inclusive = true, .roll = ROLL_NEXT},
         "2024-01-01T23:59:59.999+07:00"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct due_rule d = cases[i].due;
        d.level = none;
        struct report_rule rule = {.n_due = 1, .due = &d};
        struct period p = {.id = id};
        instant last, due;
        assert_true(day_parse("2023-12-31", &p.end));
        assert_true(instant_parse(cases[i].last, &last));
        assert_int_equal(due_instant(&rule, &p, NULL, NULL, &due, NULL), 0);
        assert_true(due == last + 1);
        struct verdict_revision r = {.id = id_of(1, 1), .first = last, .valid = true};
        struct verdict_facts f = {.due = due, .direct = true, .n_revisions = 1, .revisions = &r};
        assert_int_equal(verdict_of(&f, due + MS_PER_DAY).state, SLOT_ON_TIME);
        r.first = due;
        assert_int_equal(verdict_of(&f, due + MS_PER_DAY).state, SLOT_LATE);
        f.n_revisions = 0;
        assert_int_equal(verdict_of(&f, last).state, SLOT_NOT_DUE);
        assert_int_equal(verdict_of(&f, due).state, SLOT_MISSING);
    }
}

static uint64_t seed = 20231215;

static uint32_t below(uint32_t n) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 20) % n);
}

static void random_slot(struct slot *s) {
    *s = (struct slot){.name = "random", .at = 60 + below(140)};
    s->cut_off = below(3) == 0;
    s->drained = 80 + below(100);
    uint32_t n = below(MAX), n_returns = below(4), n_extensions = below(3);
    for (uint32_t i = 0; i < n; i++)
        s->revisions[i] = (struct r){.first = 70 + below(100),
                                     .rejected = below(6) == 0,
                                     .withdrawn = below(8) == 0,
                                     .accepted = below(4) == 0,
                                     .answers = (int)below(4)};
    for (uint32_t i = 0; i < n_returns; i++)
        s->returns[i] = (struct t){1 + (int)below(MAX), 80 + below(110)};
    for (uint32_t i = 0; i < n_extensions; i++)
        s->extensions[i] = 90 + below(80);
}

static void shuffle(void *items, uint32_t n, size_t size) {
    uint8_t *a = items, spare[256];
    assert_true(size <= sizeof spare);
    for (uint32_t i = n; i > 1; i--) {
        uint32_t j = below(i);
        memcpy(spare, a + j * size, size);
        memmove(a + j * size, a + (i - 1) * size, size);
        memcpy(a + (i - 1) * size, spare, size);
    }
}

/* A verdict with revisions by id, so that two orders of the same facts compare. */
struct named {
    struct verdict v;
    struct hash effective, shown, returned;
};

static struct named named_of(const struct made *m, instant at) {
    struct named n;
    memset(&n, 0, sizeof n);
    n.v = verdict_of(&m->facts, at);
    if (n.v.effective != VERDICT_NONE)
        n.effective = m->revisions[n.v.effective].id;
    if (n.v.shown != VERDICT_NONE)
        n.shown = m->revisions[n.v.shown].id;
    if (n.v.returned != VERDICT_NONE)
        n.returned = m->revisions[n.v.returned].id;
    return n;
}

static void assert_same(const struct named *a, const struct named *b) {
    assert_int_equal(a->v.state, b->v.state);
    assert_int_equal(a->v.review, b->v.review);
    assert_true(a->v.window == b->v.window);
    assert_int_equal(a->v.void_value, b->v.void_value);
    assert_true(hash_equal(&a->effective, &b->effective));
    assert_true(hash_equal(&a->shown, &b->shown));
    assert_true(hash_equal(&a->returned, &b->returned));
}

static void every_order_of_arrival_gives_one_verdict(void **state) {
    (void)state;
    print_message("  seed %llu\n", (unsigned long long)seed);
    for (int round = 0; round < 5000; round++) {
        struct slot s;
        struct made m;
        random_slot(&s);
        make(&s, &m);
        struct named want = named_of(&m, s.at);
        for (int k = 0; k < 6; k++) {
            shuffle(m.revisions, m.facts.n_revisions, sizeof *m.revisions);
            shuffle(m.returns, m.facts.n_returns, sizeof *m.returns);
            shuffle(m.extensions, m.facts.n_extensions, sizeof *m.extensions);
            struct named got = named_of(&m, s.at);
            assert_same(&got, &want);
        }
    }
}

/* What must hold of any verdict, said without the steps that make one. */
static void no_verdict_contradicts_its_facts(void **state) {
    (void)state;
    print_message("  seed %llu\n", (unsigned long long)seed);
    for (int round = 0; round < 20000; round++) {
        struct slot s;
        struct made m;
        random_slot(&s);
        make(&s, &m);
        struct verdict v = verdict_of(&m.facts, s.at), bare;
        bool counts = v.effective != VERDICT_NONE;
        assert_int_equal(counts || v.void_value, v.state <= SLOT_EXCUSED);
        assert_true(!v.void_value || v.returned != VERDICT_NONE);
        assert_true(v.shown == VERDICT_NONE || (counts && v.shown != v.effective));
        assert_int_equal(v.returned != VERDICT_NONE, v.review == REVIEW_RETURNED);
        if (counts) {
            const struct verdict_revision *r = &m.revisions[v.effective];
            assert_true(r->first <= s.at && r->valid && !r->withdrawn);
            assert_int_equal(v.review == REVIEW_ACCEPTED, r->accepted);
            if (r->first < DUE)
                assert_int_equal(v.state, SLOT_ON_TIME);
        }
        m.facts.n_returns = 0;
        bare = verdict_of(&m.facts, s.at);
        if (bare.effective != VERDICT_NONE)
            assert_int_equal(bare.state, m.revisions[bare.effective].first < DUE ? SLOT_ON_TIME
                                         : m.revisions[bare.effective].first < bare.window
                                             ? SLOT_EXCUSED
                                             : SLOT_LATE);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_twelve_cases_of_the_design_hold),
        cmocka_unit_test(receipts_of_two_epochs_count_by_the_earlier),
        cmocka_unit_test(a_window_is_half_open_to_the_millisecond),
        cmocka_unit_test(candidates_are_the_good_ones_after_the_last_act),
        cmocka_unit_test(without_a_date_nothing_is_late_and_exempt_is_exempt),
        cmocka_unit_test(revisions_stand_by_enrolment_epoch_and_seq_not_by_arrival),
        cmocka_unit_test(two_records_of_one_seq_stand_the_same_whichever_came_first),
        cmocka_unit_test(midnight_decides_over_weekends_and_leap_days),
        cmocka_unit_test(every_order_of_arrival_gives_one_verdict),
        cmocka_unit_test(no_verdict_contradicts_its_facts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
