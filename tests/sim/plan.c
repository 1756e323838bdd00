/* What everybody means to do, drawn from the seed before anything can go wrong. */
#include "core/mem.h"
#include "core/unit_id.h"
#include "tests/sim/office.h"
#include "tests/sim/world.h"

#include <assert.h>
#include <stdio.h>
#include <sys/resource.h>

/* ---- the tree ---- */

#define CHILDREN_OF_HUB 40u /* offices a hub, where their number is asked for */

static uint32_t plan_levels(struct sim *sim) {
    static const uint32_t often[] = {2, 2, 3, 3, 3, 4, 4, 5};
    uint32_t drawn = often[prng_below(&sim->plan, 8)];
    return sim->asked.levels >= 2 ? sim->asked.levels : drawn;
}

/* How many offices a large world has; 0: this one is small. One run in two hundred is a district of
 * a hundred; provinces of hundreds come when asked for. */
static uint32_t plan_size(struct sim *sim) {
    struct prng p;
    prng_seed(&p, sim->seed, 6);
    if (sim->asked.nodes > 0)
        return sim->asked.nodes;
    if (sim->asked.large)
        return 200 + prng_below(&p, 601);
    return prng_chance(&p, 5000) ? 40 + prng_below(&p, 111) : 0;
}

static void add_machine(struct sim *sim, bool is_hub, uint32_t parent) {
    struct machine *m = &sim->machines[sim->n];
    *m = (struct machine){.index = sim->n,
                          .parent = parent,
                          .is_hub = is_hub,
                          .level = parent == NOBODY ? 0 : sim->machines[parent].level + 1,
                          .sim = sim,
                          .settled = NEVER,
                          .sync_at = NEVER,
                          .act_at = NEVER};
    if (parent != NOBODY)
        sim->machines[parent].n_children++;
    (void)snprintf(m->code, sizeof m->code, "%c%u", is_hub ? 'h' : 'u', sim->n);
    (void)snprintf(m->below_code, sizeof m->below_code, "%c%u", is_hub ? 'l' : 'b', sim->n);
    (void)snprintf(m->dir, sizeof m->dir, "%.180s/%s", sim->dir, m->code);
    prng_seed(&m->random, sim->seed, 16 + sim->n);
    prng_bytes(&m->random, m->unit.b, UID_BYTES);
    prng_bytes(&m->random, is_hub ? m->lone.b : m->below.b, UID_BYTES);
    if (parent != NOBODY)
        unit_id_bind(&m->unit, &sim->machines[parent].unit);
    if (is_hub)
        unit_id_bind(&m->lone, &m->unit);
    else
        unit_id_bind(&m->below, &sim->machines[parent].unit);
    sim->n++;
    sim->n_hubs += is_hub;
}

/* A hub that may have another one below it. */
static uint32_t some_upper_hub(struct sim *sim) {
    uint32_t h;
    do
        h = prng_below(&sim->plan, sim->n_hubs);
    while (sim->machines[h].level + 2 >= sim->levels);
    return h;
}

/* A chain of hubs down to the last level but one, more hubs anywhere, offices anywhere. */
static void plan_tree(struct sim *sim) {
    struct prng *p = &sim->plan;
    sim->levels = plan_levels(sim);
    uint32_t more = sim->levels > 2 ? prng_below(p, 4) : 0, nodes = 2 + prng_below(p, 6);
    uint32_t many = plan_size(sim);
    if (many > 0) {
        nodes = many;
        more = sim->levels > 2 ? nodes / CHILDREN_OF_HUB : 0;
    }
    uint32_t total = sim->levels - 1 + more + nodes;
    assert(total <= MACHINES_MAX);
    sim->machines = mem_zalloc(total, sizeof *sim->machines);
    assert(sim->machines);
    for (uint32_t i = 0; i + 1 < sim->levels; i++)
        add_machine(sim, true, i == 0 ? NOBODY : i - 1);
    uint32_t deepest = sim->n - 1;
    for (uint32_t i = 0; i < more; i++)
        add_machine(sim, true, some_upper_hub(sim));
    uint32_t hubs = sim->n_hubs;
    for (uint32_t i = 0; i < nodes; i++)
        add_machine(sim, false, i == 0 ? deepest : prng_below(p, hubs));
}

/* ---- the campaigns ---- */

/* The first instant that is too late, from the date alone: midnight in UTC+7, counted by hand. */
static int64_t midnight_after(const int date[3], bool inclusive) {
    int64_t y = date[0] - (date[1] <= 2), era = y / 400, of_era = y - era * 400;
    int64_t month = (date[1] + 9) % 12;
    int64_t days = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + (153 * month + 2) / 5 +
                   date[2] - 1 - 719468;
    return (days + (inclusive ? 1 : 0)) * DAY - 7 * (int64_t)HOUR;
}

static void plan_issue(struct sim *sim, struct issue *k, const int date[3]) {
    struct prng *p = &sim->plan;
    int shift = (int)prng_below(p, 2);
    k->planned = true;
    k->inclusive = prng_chance(p, 700000);
    k->allow_incomplete = prng_chance(p, 500000);
    k->amends = prng_chance(p, 300000);
    for (int i = 0; i < 3; i++)
        k->date[1][i] = k->date[2][i] = date[i];
    k->date[1][2] += date[2] <= 20 ? shift : -shift;
    if (date[2] == 1)
        k->date[1][2] = 1;
    k->date[2][2] = date[2] > 20 ? date[2] - 1 : date[2] + 2; /* an amendment moves it */
    (void)snprintf(k->period, sizeof k->period, "%d", date[0]);
    for (int v = 1; v <= 2; v++)
        k->due[v] = midnight_after(k->date[v], k->inclusive);
}

static void plan_campaigns(struct sim *sim) {
    static const int dates[][3] = {{2023, 12, 15}, {2024, 2, 29}, {2023, 12, 31}, {2024, 1, 1},
                                   {2024, 3, 1},   {2023, 2, 28}, {2026, 6, 30}};
    struct prng *p = &sim->plan;
    const int *date = dates[prng_below(p, sizeof dates / sizeof *dates)];
    uint32_t sole = prng_below(p, sim->n_hubs), n = 0;
    int64_t first = NEVER, last = 0;
    for (uint32_t i = 0; i < sim->n_hubs; i++) {
        struct issue *k = &sim->machines[i].issue;
        if (i != sole && !(i == 0 && prng_chance(p, 700000)) && !(n < 3 && prng_chance(p, 250000)))
            continue;
        plan_issue(sim, k, date);
        n++;
        for (int v = 1; v <= 2; v++) {
            first = k->due[v] < first ? k->due[v] : first;
            last = k->due[v] > last ? k->due[v] : last;
        }
    }
    sim->begun = first - prng_between(p, 4 * DAY, 20 * DAY);
    sim->heal_at = last - sim->begun + prng_between(p, 3 * DAY, 6 * DAY);
}

/* The hub whose campaign an office below `m` reports to; NOBODY if none reaches it. */
static uint32_t plan_issuer(struct sim *sim, const struct machine *m) {
    uint32_t found[LEVELS_MAX], n = 0;
    for (const struct machine *h = sim_above(m); h; h = sim_above(h))
        if (h->issue.planned)
            found[n++] = h->index;
    return n == 0 ? NOBODY : found[prng_below(&sim->plan, n)];
}

/* ---- who does what when ---- */

static int64_t within(const struct sim *sim, int64_t at) {
    return at < 0 ? 0 : at < sim->heal_at ? at : sim->heal_at - 1;
}

/* One of the true due instants. */
static int64_t some_due(struct sim *sim) {
    struct prng *p = &sim->plan;
    uint32_t i = prng_below(p, sim->n_hubs);
    while (!sim->machines[i].issue.planned)
        i = (i + 1) % sim->n_hubs;
    return sim->machines[i].issue.due[1 + prng_below(p, 2)];
}

/* An instant of the run: anywhere, near a due instant, or within seconds of it. */
static int64_t plan_instant(struct sim *sim) {
    struct prng *p = &sim->plan;
    int64_t due = some_due(sim) - sim->begun;
    uint32_t how = prng_below(p, 10);
    int64_t near = how < 5 ? 0 : how < 8 ? 3 * HOUR : how < 9 ? MINUTE : 3 * SECOND;
    return within(sim,
                  near ? due + prng_between(p, -near, near) : prng_between(p, 0, sim->heal_at - 1));
}

static enum deed_kind plan_kind(struct prng *p) {
    uint32_t x = prng_below(p, 300);
    if (x == 0)
        return DEED_MANY;
    if (x < 170)
        return DEED_GOOD;
    if (x < 200)
        return DEED_BELOW;
    return DEED_NIL + prng_below(p, DEED_MANY - DEED_NIL);
}

/* Everything at once, and at length: more frames than may be under way together. */
static void plan_heap(struct sim *sim, struct machine *m) {
    int64_t at = plan_instant(sim);
    m->n_deeds = DEEDS_MAX;
    for (uint32_t i = 0; i < m->n_deeds; i++)
        m->deeds[i] = (struct deed){.kind = DEED_GOOD,
                                    .at = at,
                                    .issuer = plan_issuer(sim, m),
                                    .wordy = true,
                                    .revision = i + 1,
                                    .cells = (uint32_t)prng_next(&sim->plan)};
}

static void plan_node(struct sim *sim, struct machine *m) {
    struct prng *p = &sim->plan;
    if (plan_issuer(sim, m) == NOBODY)
        return;
    m->n_deeds = 1 + prng_below(p, 5);
    for (uint32_t i = 0; i < m->n_deeds; i++)
        m->deeds[i] = (struct deed){.kind = plan_kind(p),
                                    .at = plan_instant(sim),
                                    .issuer = plan_issuer(sim, m),
                                    .wordy = prng_chance(p, 100000),
                                    .interim = prng_chance(p, 300000),
                                    .revision = i + 1,
                                    .cells = (uint32_t)prng_next(p)};
    if (prng_chance(p, 10000))
        plan_heap(sim, m);
    for (uint32_t i = 0; i < m->n_deeds; i++) /* most send soon after they seal */
        m->syncs[m->n_syncs++] = within(
            sim, m->deeds[i].at + prng_between(p, 0, prng_chance(p, 500000) ? SECOND : 6 * HOUR));
}

static void add_act(struct machine *m, struct act a) {
    if (m->n_acts < ACTS_MAX)
        m->acts[m->n_acts++] = a;
}

#define FAVOURS_HASTY 14u /* so that there is something to state whenever a hub is put back */

/* More time, or none asked, for some office below. */
static void plan_favours(struct sim *sim, struct machine *m) {
    struct prng *p = &sim->plan;
    uint32_t target = prng_below(p, sim->n);
    bool below = target != m->index && sim_under(&sim->machines[target], m);
    int64_t more = prng_between(p, MINUTE, 2 * DAY);
    struct act a = {.kind = prng_chance(p, 700000) ? ACT_EXTEND : ACT_EXEMPT,
                    .at = plan_instant(sim),
                    .target = target,
                    .until = m->issue.due[1] + more,
                    .interim = prng_chance(p, 300000)};
    if (below && prng_chance(p, 700000))
        add_act(m, a);
}

static void plan_hub(struct sim *sim, struct machine *m) {
    struct prng *p = &sim->plan;
    struct issue *k = &m->issue;
    add_act(m, (struct act){.kind = ACT_FOUND});
    if (k->planned) {
        add_act(m,
                (struct act){.kind = ACT_ISSUE, .version = 1, .at = prng_between(p, 0, 2 * DAY)});
        int64_t later = prng_between(p, 2 * DAY, sim->heal_at - 1);
        if (k->amends)
            add_act(m, (struct act){.kind = ACT_ISSUE, .version = 2, .at = later});
        for (uint32_t i = 0; i < (sim->asked.hasty ? FAVOURS_HASTY : 2); i++)
            plan_favours(sim, m);
    }
    if (m->parent != NOBODY && prng_chance(p, 350000)) { /* over the due instant, and back */
        int64_t due = some_due(sim) - sim->begun;
        m->dark[0] = within(sim, due - prng_between(p, 0, 3 * DAY));
        m->dark[1] = within(sim, due + prng_between(p, HOUR, 4 * DAY));
    }
}

static void plan_machine(struct sim *sim, struct machine *m) {
    struct prng *p = &sim->plan;
    if (m->is_hub)
        plan_hub(sim, m);
    else
        plan_node(sim, m);
    for (uint32_t more = 1 + prng_below(p, m->is_hub ? 6 : 4); more > 0; more--)
        m->syncs[m->n_syncs++] = plan_instant(sim);
    if (!m->is_hub)
        m->wall_shift = prng_chance(p, 500000) ? 0 : prng_between(p, -3650 * DAY, 3650 * DAY);
    m->linger = prng_chance(p, 900000) ? 0 : prng_between(p, MINUTE, 3 * MINUTE);
    if (m->is_hub && m->linger == 0)
        m->linger = prng_between(p, 5 * SECOND, 30 * SECOND); /* it is asked what it has left */
}

/* Each open store takes two descriptors. */
static void raise_limits(const struct sim *sim) {
    struct rlimit r;
    if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < 64 + 4 * (rlim_t)sim->n) {
        r.rlim_cur = r.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &r);
    }
}

void office_plan(struct sim *sim) {
    plan_tree(sim);
    raise_limits(sim);
    plan_campaigns(sim);
    for (uint32_t i = 0; i < sim->n; i++)
        plan_machine(sim, &sim->machines[i]);
}
