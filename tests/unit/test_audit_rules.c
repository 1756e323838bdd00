#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "audit/redue.h"
#include "audit/reslot.h"
#include "core/due.h"
#include "core/verdict.h"

#include <string.h>

#define MAX 4
#define NONE RESLOT_NONE

/* ---- the table of core/verdict.h ---- */

struct slot_case {
    const char *name;
    instant at, firsts[MAX]; /* 0 ends the list */
    int withdrawn;           /* position; NONE */
    struct reslot_return returns[2];
    int n_returns;
    int answers[MAX]; /* return answered, from 1; 0: none */
    instant extension, drained;
    enum slot_state want;
    int effective, shown, returned;
};

static const struct slot_case slot_cases[] = {
    {"received before the due instant",
     200,
     {99},
     NONE,
     {{0}},
     0,
     {0},
     0,
     0,
     SLOT_ON_TIME,
     0,
     NONE,
     NONE},
    {"received at the due instant",
     200,
     {100},
     NONE,
     {{0}},
     0,
     {0},
     0,
     0,
     SLOT_LATE,
     0,
     NONE,
     NONE},
    {"zeros in time, the real one late",
     200,
     {90, 110},
     NONE,
     {{0}},
     0,
     {0},
     0,
     0,
     SLOT_ON_TIME,
     0,
     1,
     NONE},
    {"nothing", 200, {0}, NONE, {{0}}, 0, {0}, 0, 500, SLOT_MISSING, NONE, NONE, NONE},
    {"returned, open", 105, {90}, NONE, {{0, 120}}, 1, {0}, 0, 500, SLOT_ON_TIME, NONE, NONE, 0},
    {"returned, answered in time",
     200,
     {90, 110},
     NONE,
     {{0, 120}},
     1,
     {0, 1},
     0,
     500,
     SLOT_ON_TIME,
     1,
     NONE,
     NONE},
    {"returned, answered too late",
     200,
     {90, 130},
     NONE,
     {{0, 120}},
     1,
     {0, 1},
     0,
     500,
     SLOT_LATE,
     1,
     NONE,
     NONE},
    {"returned, never answered",
     200,
     {90},
     NONE,
     {{0, 120}},
     1,
     {0},
     0,
     500,
     SLOT_MISSING,
     NONE,
     NONE,
     0},
    {"the second returned: the first does not revive",
     105,
     {80, 90},
     NONE,
     {{1, 120}},
     1,
     {0},
     0,
     500,
     SLOT_ON_TIME,
     NONE,
     NONE,
     1},
    {"the second withdrawn",
     200,
     {80, 90},
     1,
     {{0}},
     0,
     {0},
     0,
     500,
     SLOT_MISSING,
     NONE,
     NONE,
     NONE},
    {"extended, not yet over",
     120,
     {0},
     NONE,
     {{0}},
     0,
     {0},
     150,
     500,
     SLOT_NOT_DUE,
     NONE,
     NONE,
     NONE},
    {"extended, over", 200, {0}, NONE, {{0}}, 0, {0}, 150, 500, SLOT_MISSING, NONE, NONE, NONE},
    {"extended, returned, answered",
     200,
     {120, 160},
     NONE,
     {{0, 170}},
     1,
     {0, 1},
     150,
     500,
     SLOT_EXCUSED,
     1,
     NONE,
     NONE},
    {"extended after the due instant",
     200,
     {120},
     NONE,
     {{0}},
     0,
     {0},
     150,
     500,
     SLOT_EXCUSED,
     0,
     NONE,
     NONE},
    {"a hub between cut off", 200, {0}, NONE, {{0}}, 0, {0}, 0, 90, SLOT_UNKNOWN, NONE, NONE, NONE},
    {"a hub between back", 200, {95}, NONE, {{0}}, 0, {0}, 0, 500, SLOT_ON_TIME, 0, NONE, NONE},
    {"it does not exist yet",
     95,
     {99},
     NONE,
     {{0}},
     0,
     {0},
     0,
     500,
     SLOT_NOT_DUE,
     NONE,
     NONE,
     NONE},
};

static void test_slots_stand_as_the_table_of_the_design_says(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof slot_cases / sizeof *slot_cases; i++) {
        const struct slot_case *c = &slot_cases[i];
        struct reslot_revision revisions[MAX];
        int n = 0;
        for (; n < MAX && c->firsts[n]; n++)
            revisions[n] = (struct reslot_revision){c->firsts[n], n == c->withdrawn, false,
                                                    c->answers[n] ? c->answers[n] - 1 : NONE};
        struct reslot_facts f = {.due = 100,
                                 .drained = c->drained,
                                 .n_revisions = n,
                                 .n_returns = c->n_returns,
                                 .n_extensions = c->extension ? 1 : 0,
                                 .revisions = revisions,
                                 .returns = c->returns,
                                 .extensions = &c->extension};
        struct reslot got = reslot_of(&f, c->at);
        if (got.state != c->want || got.effective != c->effective || got.shown != c->shown ||
            got.returned != c->returned)
            fail_msg("%s: %s, effective %d, shown %d, returned %d", c->name,
                     slot_state_text(got.state), got.effective, got.shown, got.returned);
    }
}

/* ---- the auditor's rules against the product's ---- */

static uint32_t draw(uint32_t *seed, uint32_t below) {
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % below;
}

static struct hash id_of(uint32_t what, int n) {
    struct hash h = {{(uint8_t)what, (uint8_t)(n + 1)}};
    return h;
}

struct both {
    struct reslot_facts mine;
    struct verdict_facts theirs;
    struct reslot_revision revisions[MAX];
    struct reslot_return returns[MAX];
    struct verdict_revision v_revisions[MAX];
    struct verdict_return v_returns[MAX];
    instant extensions[2];
};

/* One slot of random facts, in both shapes. */
static void draw_slot(uint32_t *seed, struct both *b) {
    int n = (int)draw(seed, MAX + 1), m = n > 0 ? (int)draw(seed, 3) : 0;
    memset(b, 0, sizeof *b);
    for (int i = 0; i < n; i++) {
        int answers = m > 0 ? (int)draw(seed, (uint32_t)m + 1) - 1 : NONE;
        b->revisions[i] = (struct reslot_revision){80 + draw(seed, 60), draw(seed, 5) == 0,
                                                   draw(seed, 3) == 0, answers};
        b->v_revisions[i] = (struct verdict_revision){.id = id_of(1, i),
                                                      .order = {1, 1, (uint64_t)i + 1},
                                                      .first = b->revisions[i].first,
                                                      .valid = true,
                                                      .withdrawn = b->revisions[i].withdrawn,
                                                      .accepted = b->revisions[i].accepted};
        if (answers != NONE)
            b->v_revisions[i].answers = id_of(2, answers);
    }
    for (int k = 0; k < m; k++) {
        int of = (int)draw(seed, (uint32_t)n);
        b->returns[k] = (struct reslot_return){of, 90 + draw(seed, 60)};
        b->v_returns[k] = (struct verdict_return){id_of(2, k), id_of(1, of), b->returns[k].until};
    }
    uint32_t extensions = draw(seed, 3);
    for (uint32_t i = 0; i < extensions; i++)
        b->extensions[i] = 80 + draw(seed, 60);
    instant due = draw(seed, 9) == 0 ? INSTANT_NONE : 100, drained = 90 + draw(seed, 60);
    bool exempt = draw(seed, 9) == 0;
    b->mine = (struct reslot_facts){due,          exempt,     drained,      n, m, (int)extensions,
                                    b->revisions, b->returns, b->extensions};
    b->theirs = (struct verdict_facts){.due = due,
                                       .exempt = exempt,
                                       .drained = drained,
                                       .n_extensions = extensions,
                                       .n_revisions = (uint32_t)n,
                                       .n_returns = (uint32_t)m,
                                       .extensions = b->extensions,
                                       .revisions = b->v_revisions,
                                       .returns = b->v_returns};
}

static int position(uint32_t v) {
    return v == VERDICT_NONE ? NONE : (int)v;
}

static void test_verdicts_agree_with_those_of_the_product(void **state) {
    (void)state;
    for (uint32_t i = 0; i < 200000; i++) {
        struct both b;
        uint32_t seed = i * 2654435761u;
        draw_slot(&seed, &b);
        instant at = 80 + draw(&seed, 80);
        struct reslot mine = reslot_of(&b.mine, at);
        struct verdict theirs = verdict_of(&b.theirs, at);
        if (mine.state != theirs.state || mine.review != theirs.review ||
            mine.effective != position(theirs.effective) || mine.shown != position(theirs.shown) ||
            mine.returned != position(theirs.returned))
            fail_msg("seed %u: %s %s %d %d %d, the product %s %s %d %d %d", i,
                     slot_state_text(mine.state), slot_review_text(mine.review), mine.effective,
                     mine.shown, mine.returned, slot_state_text(theirs.state),
                     slot_review_text(theirs.review), position(theirs.effective),
                     position(theirs.shown), position(theirs.returned));
    }
}

static void draw_rule(uint32_t *seed, struct due_rule *r) {
    static char levels[3][12] = {"", "commune", "district"};
    *r = (struct due_rule){.level = levels[draw(seed, 3)],
                           .recurrence = (enum due_recurrence)draw(seed, 4),
                           .year = 0,
                           .month = (int32_t)draw(seed, 12) + 1,
                           .day = (int32_t)draw(seed, 28) + 1,
                           .days_after = (int32_t)draw(seed, 40),
                           .inclusive = draw(seed, 2) == 0,
                           .roll = (enum due_roll)draw(seed, 3)};
    if (r->recurrence == DUE_ONCE)
        r->year = 2019 + (int32_t)draw(seed, 8);
    if (r->recurrence == DUE_YEARLY && draw(seed, 4) == 0) {
        r->month = 2;
        r->day = 29;
    }
}

static void test_due_instants_agree_with_those_of_the_product(void **state) {
    (void)state;
    static char id[] = "p";
    for (uint32_t i = 0; i < 100000; i++) {
        uint32_t seed = i * 2654435761u;
        struct due_rule due[3];
        struct report_rule rule = {.n_due = draw(&seed, 4), .due = due};
        struct period period = {.id = id, .cutoff = DAY_NONE};
        for (int k = 0; k < 3; k++)
            draw_rule(&seed, &due[k]);
        day_from_ymd(2019, 1, 1, &period.begin);
        period.end = period.begin + (day)draw(&seed, 3000);
        static const char *const levels[] = {"commune", "district", "province", NULL};
        const char *level = levels[draw(&seed, 4)];
        instant theirs = INSTANT_NONE, mine = redue_instant(&rule, &period, level);
        assert_int_equal(due_instant(&rule, &period, level, NULL, &theirs, NULL), 0);
        if (mine != theirs)
            fail_msg("seed %u: %lld, the product %lld", i, (long long)mine, (long long)theirs);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slots_stand_as_the_table_of_the_design_says),
        cmocka_unit_test(test_verdicts_agree_with_those_of_the_product),
        cmocka_unit_test(test_due_instants_agree_with_those_of_the_product),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
