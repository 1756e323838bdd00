#include "node/agenda.h"

#include "core/mem.h"
#include "node/expected.h"
#include "node/people.h"
#include "proto/kinds.h"

#include <stdlib.h>
#include <string.h>

static void free_list(struct due_view *list, size_t n) {
    for (size_t i = 0; i < n; i++)
        mem_free(list[i].why);
    mem_free(list);
}

void agenda_done(struct agenda *g) {
    free_list(g->list, g->n);
    free_list(g->exempt, g->n_exempt);
    *g = (struct agenda){0};
}

const struct unit_fact *agenda_hub(struct actor *a, struct txn *t) {
    struct member m;
    for (uint32_t epoch = 1; roster_find(t, &a->parent, epoch, &m); epoch++)
        if (m.by == BY_HUB)
            return catalog_unit(&a->catalog, &m.unit);
    return NULL;
}

struct making {
    struct actor *actor;
    struct txn *t;
    const struct outcomes *outcomes;
    day today;
    struct buf list, exempt; /* struct due_view each */
};

/* Whether a revision of this slot counts already. */
static bool is_received(const struct making *m, const struct catalog_campaign *k,
                        const struct period *p, enum report_kind kind, const struct uid *unit) {
    const struct slot slot = {k->issuer, k->c.id, p->id, kind, *unit};
    for (uint32_t i = 0; i < m->outcomes->n; i++)
        if (m->outcomes->list[i].effective &&
            own_reports_same_slot(&m->outcomes->list[i].slot, &slot))
            return true;
    return false;
}

/* Put `v` into `list`, which owns its `why` from then on. */
static int keep(struct buf *list, struct due_view *v, struct err *e) {
    buf_put(list, v, sizeof *v);
    if (!list->failed)
        return 0;
    mem_free(v->why);
    return err_nomem(e);
}

/* One slot of `unit`, due at `due`, if it is not dealt with. */
static int add_slot(struct making *m, const struct catalog_campaign *k, const struct period *p,
                    enum report_kind kind, const struct unit_fact *unit, instant due,
                    struct err *e) {
    const struct acts *acts = &m->outcomes->facts.acts;
    if (due == INSTANT_NONE ||
        !units_under(m->actor->catalog.units, &unit->id, &m->actor->unit, instant_day(due - 1)) ||
        is_received(m, k, p, kind, &unit->id))
        return 0;
    const struct slot slot = {k->issuer, k->c.id, p->id, kind, unit->id};
    instant until;
    int rc = acts_until(acts, &slot, &until, e);
    if (rc != 0)
        return rc;
    struct due_view v = {.unit = unit->code,
                         .campaign = k->c.id,
                         .period = p->id,
                         .kind = kind,
                         .due = until > due ? until : due,
                         .extended = until > due};
    v.days_left = instant_day(v.due - 1) - m->today;
    rc = v.extended ? acts_until_why(acts, &slot, &v.why, e) : 0;
    return rc == 0 ? keep(&m->list, &v, e) : rc;
}

/* What `unit` would be asked for by `rule`, were it not exempt; what is past is let rest. */
static int add_exempt(struct making *m, const struct catalog_campaign *k, const struct period *p,
                      const struct report_rule *rule, const struct unit_fact *unit, struct err *e) {
    const struct catalog *c = &m->actor->catalog;
    instant due;
    if (expected_due(c, rule, p, &unit->id, &due, NULL) != 0)
        due = INSTANT_NONE;
    day on = expected_day(p, due, m->today);
    if (due == INSTANT_NONE || on < m->today ||
        expected_on(c, k, rule, &unit->id, on) != EXPECTED_EXEMPT)
        return 0;
    const struct change_assign *x = changes_last(&c->changes, &k->issuer, k->c.id, &unit->id, on);
    struct due_view v = {.unit = unit->code,
                         .campaign = k->c.id,
                         .period = p->id,
                         .kind = rule->kind,
                         .due = due,
                         .days_left = on - m->today};
    if (x && x->why && !(v.why = mem_strdup(x->why)))
        return err_nomem(e);
    return keep(&m->exempt, &v, e);
}

static int add_slots(struct making *m, const struct catalog_campaign *k,
                     const struct unit_fact *unit, struct err *e) {
    int rc = 0;
    for (uint32_t i = 0; i < k->c.n_periods; i++)
        for (uint32_t j = 0; rc == 0 && j < k->c.n_reports; j++) {
            const struct period *p = &k->c.periods[i];
            const struct report_rule *rule = &k->c.reports[j];
            instant due;
            if (expected_of(&m->actor->catalog, k, rule, p, &unit->id, m->today, &due))
                rc = add_slot(m, k, p, rule->kind, unit, due, e);
            else
                rc = add_exempt(m, k, p, rule, unit, e);
        }
    return rc;
}

static int add_unit(struct making *m, const struct unit_fact *unit, struct err *e) {
    const struct catalog *c = &m->actor->catalog;
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < c->n_campaigns; i++)
        if (catalog_latest(c, &c->campaigns[i]->issuer, c->campaigns[i]->c.id) == c->campaigns[i])
            rc = add_slots(m, c->campaigns[i], unit, e);
    return rc;
}

static int add_units_below(struct making *m, struct err *e) {
    struct actor *a = m->actor;
    const struct catalog *c = &a->catalog;
    const struct unit_fact *hub = agenda_hub(a, m->t);
    bool children = !hub || !uid_equal(&hub->id, &a->unit);
    struct member other;
    struct people_units listed;
    int rc = people_units_load(a, m->t, &listed, e);
    for (size_t i = 0; rc == 0 && i < units_count(c->units); i++) {
        const struct uid *id = units_id(c->units, i);
        const struct unit_fact *f = catalog_unit(c, id);
        if (!f || uid_equal(id, &a->unit) || !catalog_ever_under(c, id, &a->unit))
            continue;
        bool ours = (children && uid_equal(&f->parent, &a->unit)) || people_units_has(&listed, id);
        if (ours && !roster_of_unit(m->t, id, BY_NODE, &other) &&
            !roster_of_unit(m->t, id, BY_HUB, &other))
            rc = add_unit(m, f, e);
    }
    people_units_done(&listed);
    return rc;
}

static int by_due(const void *a, const void *b) {
    const struct due_view *x = a, *y = b;
    if (x->due != y->due)
        return x->due < y->due ? -1 : 1;
    int c = strcmp(x->unit, y->unit);
    c = c ? c : strcmp(x->campaign, y->campaign);
    c = c ? c : strcmp(x->period, y->period);
    return c ? c : (int)x->kind - (int)y->kind;
}

int agenda_load(struct actor *a, struct txn *t, const struct outcomes *outcomes, day today,
                struct agenda *ret_agenda, struct err *e) {
    struct making m = {.actor = a, .t = t, .outcomes = outcomes, .today = today};
    const struct unit_fact *own = catalog_unit(&a->catalog, &a->unit);
    buf_init(&m.list);
    buf_init(&m.exempt);
    int rc = own ? add_unit(&m, own, e) : 0;
    if (rc == 0)
        rc = add_units_below(&m, e);
    if (rc == 0)
        rc = txn_failed(t, e);
    struct agenda g = {.n = (uint32_t)(m.list.len / sizeof *g.list),
                       .n_exempt = (uint32_t)(m.exempt.len / sizeof *g.exempt),
                       .list = buf_items(&m.list),
                       .exempt = buf_items(&m.exempt)};
    if (rc != 0) {
        agenda_done(&g);
        return rc;
    }
    if (g.n > 1)
        qsort(g.list, g.n, sizeof *g.list, by_due);
    if (g.n_exempt > 1)
        qsort(g.exempt, g.n_exempt, sizeof *g.exempt, by_due);
    *ret_agenda = g;
    return 0;
}
