#include "node/agenda.h"

#include "core/mem.h"
#include "node/expected.h"
#include "node/people.h"
#include "proto/kinds.h"

#include <stdlib.h>
#include <string.h>

void agenda_done(struct agenda *g) {
    mem_free(g->list);
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
    struct buf list; /* struct due_view each */
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

static void add_slots(struct making *m, const struct catalog_campaign *k,
                      const struct unit_fact *unit) {
    for (uint32_t i = 0; i < k->c.n_periods; i++)
        for (uint32_t j = 0; j < k->c.n_reports; j++) {
            const struct period *p = &k->c.periods[i];
            const struct report_rule *rule = &k->c.reports[j];
            instant due;
            if (!expected_of(&m->actor->catalog, k, rule, p, &unit->id, m->today, &due) ||
                due == INSTANT_NONE ||
                !units_under(m->actor->catalog.units, &unit->id, &m->actor->unit,
                             instant_day(due - 1)) ||
                is_received(m, k, p, rule->kind, &unit->id))
                continue;
            const struct slot slot = {k->issuer, k->c.id, p->id, rule->kind, unit->id};
            instant until = acts_until(&m->outcomes->facts.acts, &slot);
            bool extended = until > due;
            due = extended ? until : due;
            struct due_view v = {.unit = unit->code,
                                 .campaign = k->c.id,
                                 .period = p->id,
                                 .kind = rule->kind,
                                 .due = due,
                                 .extended = extended,
                                 .days_left = instant_day(due - 1) - m->today};
            buf_put(&m->list, &v, sizeof v);
        }
}

static void add_unit(struct making *m, const struct unit_fact *unit) {
    const struct catalog *c = &m->actor->catalog;
    for (uint32_t i = 0; i < c->n_campaigns; i++)
        if (catalog_latest(c, &c->campaigns[i]->issuer, c->campaigns[i]->c.id) == c->campaigns[i])
            add_slots(m, c->campaigns[i], unit);
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
            add_unit(m, f);
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
    if (own)
        add_unit(&m, own);
    int rc = add_units_below(&m, e);
    if (rc == 0 && m.list.failed)
        rc = err_nomem(e);
    if (rc == 0)
        rc = txn_failed(t, e);
    if (rc != 0) {
        buf_done(&m.list);
        return rc;
    }
    struct agenda g = {(uint32_t)(m.list.len / sizeof *g.list), (void *)m.list.data};
    if (g.n > 1)
        qsort(g.list, g.n, sizeof *g.list, by_due);
    *ret_agenda = g;
    return 0;
}
