/* What everybody means to do, drawn from the seed before anything can go wrong. */
#include "tests/sim/office.h"
#include "tests/sim/world.h"

#include <stdio.h>

/* The first instant that is too late, from the date alone: midnight in UTC+7, counted by hand. */
static int64_t midnight_after(const int date[3], bool inclusive) {
    int64_t y = date[0] - (date[1] <= 2), era = y / 400, of_era = y - era * 400;
    int64_t month = (date[1] + 9) % 12;
    int64_t days = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + (153 * month + 2) / 5 +
                   date[2] - 1 - 719468;
    return (days + (inclusive ? 1 : 0)) * DAY - 7 * (int64_t)HOUR;
}

static void plan_dates(struct sim *sim) {
    static const int dates[][3] = {{2023, 12, 15}, {2024, 2, 29}, {2023, 12, 31}, {2024, 1, 1},
                                   {2024, 3, 1},   {2023, 2, 28}, {2026, 6, 30}};
    struct prng *p = &sim->plan;
    const int *date = dates[prng_below(p, sizeof dates / sizeof *dates)];
    sim->inclusive = prng_chance(p, 700000);
    sim->allow_incomplete = prng_chance(p, 500000);
    sim->amends = prng_chance(p, 400000);
    for (int i = 0; i < 3; i++)
        sim->due_date[1][i] = sim->due_date[2][i] = date[i];
    sim->due_date[2][2] = date[2] > 20 ? date[2] - 1 : date[2] + 2; /* an amendment moves it */
    (void)snprintf(sim->period, sizeof sim->period, "%d", date[0]);
    for (int v = 1; v <= 2; v++)
        sim->due[v] = midnight_after(sim->due_date[v], sim->inclusive);
    sim->begun = sim->due[1] - prng_between(p, 4 * DAY, 20 * DAY);
    sim->heal_at = sim->due[1] - sim->begun + prng_between(p, 3 * DAY, 6 * DAY);
}

/* An instant of the run: anywhere, near the due instant, or within seconds of it. */
static int64_t plan_instant(struct sim *sim) {
    struct prng *p = &sim->plan;
    int64_t due = sim->due[1 + prng_below(p, 2)] - sim->begun;
    uint32_t how = prng_below(p, 10);
    int64_t near = how < 5 ? 0 : how < 8 ? 3 * HOUR : how < 9 ? MINUTE : 3 * SECOND;
    int64_t at = near ? due + prng_between(p, -near, near) : prng_between(p, 0, sim->heal_at - 1);
    return at < sim->heal_at ? at : sim->heal_at - 1;
}

static enum deed_kind plan_kind(struct prng *p) {
    uint32_t x = prng_below(p, 200);
    if (x == 0)
        return DEED_MANY;
    if (x < 100)
        return DEED_GOOD;
    if (x < 120)
        return DEED_BELOW;
    return DEED_NIL + prng_below(p, DEED_MANY - DEED_NIL);
}

/* Everything at once, and at length: more frames than may be under way together. */
static void plan_heap(struct sim *sim, struct node *n) {
    int64_t at = plan_instant(sim);
    n->n_deeds = DEEDS_MAX;
    for (uint32_t i = 0; i < n->n_deeds; i++)
        n->deeds[i] = (struct deed){.kind = DEED_GOOD,
                                    .at = at,
                                    .wordy = true,
                                    .revision = i + 1,
                                    .cells = (uint32_t)prng_next(&sim->plan)};
}

static void plan_node(struct sim *sim, struct node *n) {
    struct prng *p = &sim->plan;
    n->n_deeds = 1 + prng_below(p, 8);
    for (uint32_t i = 0; i < n->n_deeds; i++)
        n->deeds[i] = (struct deed){.kind = plan_kind(p),
                                    .at = plan_instant(sim),
                                    .wordy = prng_chance(p, 200000),
                                    .interim = prng_chance(p, 300000),
                                    .revision = i + 1,
                                    .cells = (uint32_t)prng_next(p)};
    if (prng_chance(p, 40000))
        plan_heap(sim, n);
    for (uint32_t i = 0; i < n->n_deeds; i++) { /* most send soon after they seal */
        int64_t soon =
            n->deeds[i].at + prng_between(p, 0, prng_chance(p, 500000) ? SECOND : 6 * HOUR);
        n->syncs[n->n_syncs++] = soon < sim->heal_at ? soon : sim->heal_at - 1;
    }
    for (uint32_t more = 1 + prng_below(p, 8); more > 0; more--)
        n->syncs[n->n_syncs++] = plan_instant(sim);
    n->wall_shift = prng_chance(p, 500000) ? 0 : prng_between(p, -3650 * DAY, 3650 * DAY);
    n->linger = prng_chance(p, 700000) ? 0 : prng_between(p, MINUTE, 10 * MINUTE);
}

void office_plan(struct sim *sim) {
    plan_dates(sim);
    for (uint32_t i = 0; i < sim->n_nodes; i++)
        plan_node(sim, &sim->nodes[i]);
}
