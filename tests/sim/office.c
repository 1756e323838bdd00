#include "tests/sim/office.h"

#include "core/limits.h"
#include "hub/enrolment.h"
#include "node/append.h"
#include "proto/payload_act.h"
#include "proto/payload_campaign.h"
#include "tests/sim/machine.h"

#include <stdio.h>
#include <string.h>

/* ---- the campaign ---- */

static char empty[] = "", id_campaign[] = OFFICE_CAMPAIGN, title[] = "Phong trào thi đua";
static char why[] = "gia hạn", on[] = "2023-06-01";
static char level_names[LEVELS_MAX + 1][4] = {"l0", "l1", "l2", "l3", "l4", "l5"};
static char criteria_ids[CRITERIA][4] = {"c1", "c2", "c3", "c4"};

static struct report_rule rule(const struct issue *k, uint32_t version, enum report_kind kind,
                               struct due_rule *due) {
    *due = (struct due_rule){.level = empty,
                             .recurrence = DUE_ONCE,
                             .year = k->date[version][0],
                             .month = k->date[version][1],
                             .day = k->date[version][2],
                             .inclusive = k->inclusive};
    return (struct report_rule){.kind = kind,
                                .is_default = kind == REPORT_ANNUAL,
                                .allow_incomplete = kind == REPORT_INTERIM && k->allow_incomplete,
                                .return_days = 5,
                                .n_due = 1,
                                .due = due,
                                .embedded_in = empty};
}

static int encode_campaign(struct issue *k, uint32_t version, struct buf *out, struct err *e) {
    struct criterion criteria[CRITERIA];
    struct due_rule due[2];
    struct report_rule reports[2] = {rule(k, version, REPORT_ANNUAL, &due[0]),
                                     rule(k, version, REPORT_INTERIM, &due[1])};
    int year = k->date[version][0];
    struct period period = {.id = k->period};
    for (uint32_t i = 0; i < CRITERIA; i++)
        criteria[i] = (struct criterion){.id = criteria_ids[i],
                                         .parent = empty,
                                         .leaf = true,
                                         .collective = i != 1,
                                         .individual = i != 0,
                                         .label = {title, empty},
                                         .unit_of_measure = empty};
    if (!day_from_ymd(year, 1, 1, &period.begin) || !day_from_ymd(year, 12, 31, &period.end))
        return err_set(e, ERR_REFUSED, "no such year");
    period.cutoff = period.end;
    struct campaign c = {.id = id_campaign,
                         .version = version,
                         .amended_on = version > 1 ? on : empty,
                         .amended_why = version > 1 ? why : empty,
                         .title = {title, empty},
                         .issuer_name = title,
                         .document = empty,
                         .profile = empty,
                         .funding = empty,
                         .n_periods = 1,
                         .n_reports = 2,
                         .n_criteria = version > 1 ? CRITERIA : CRITERIA - 1,
                         .periods = &period,
                         .reports = reports,
                         .criteria = criteria};
    return campaign_encode(&c, out, e);
}

/* ---- the office of a hub ---- */

static struct unit_fact fact(const struct uid *id, const struct uid *parent, char *code,
                             char *level) {
    return (struct unit_fact){.id = *id,
                              .parent = *parent,
                              .effective = DAY_NONE,
                              .from = DAY_NONE,
                              .until = DAY_NONE,
                              .code = code,
                              .level = level,
                              .kind = empty,
                              .name = code,
                              .group = empty,
                              .contact = empty,
                              .phone = empty};
}

static int state_here(struct machine *m, struct txn *t, uint16_t kind, const struct uid *lane,
                      const struct buf *payload, struct hash *ret_id, struct err *e) {
    return append_own(&m->actor, t, kind, lane, buf_slice(payload), sim_moment(m).wall, ret_id, e);
}

#define FACTS_AT_ONCE 64u

/* Each child's unit, and the one below an office's. */
static uint32_t facts_of(struct machine *child, const struct machine *m, struct unit_fact *facts) {
    char *level = level_names[child->level];
    uint32_t n = 0;
    facts[n++] = fact(&child->unit, &m->unit, child->code, level);
    if (!child->is_hub)
        facts[n++] = fact(&child->below, &child->unit, child->below_code, level);
    return n;
}

static int flush_facts(struct machine *m, struct txn *t, struct payload_units *p, struct err *e) {
    struct hash id;
    struct buf b;
    buf_init(&b);
    int rc = payload_units_encode(p, &b, e);
    if (rc == 0)
        rc = state_here(m, t, KIND_UNITS, NULL, &b, &id, e);
    buf_done(&b);
    p->n = 0;
    return rc;
}

static int state_units(struct sim *sim, struct machine *m, struct txn *t, struct err *e) {
    struct unit_fact facts[FACTS_AT_ONCE + 2];
    struct payload_units p = {0, facts};
    int rc = 0;
    facts[p.n++] = fact(&m->lone, &m->unit, m->below_code, level_names[m->level + 1]);
    for (uint32_t i = m->index + 1; rc == 0 && i < sim->n; i++) {
        if (sim->machines[i].parent != m->index)
            continue;
        p.n += facts_of(&sim->machines[i], m, facts + p.n);
        if (p.n >= FACTS_AT_ONCE)
            rc = flush_facts(m, t, &p, e);
    }
    return rc == 0 && p.n > 0 ? flush_facts(m, t, &p, e) : rc;
}

static void make_ticket(struct machine *m, struct machine *child) {
    child->ticket = (struct ticket){.role = child->is_hub ? ROLE_HUB : ROLE_NODE,
                                    .genesis = m->actor.deployment,
                                    .transport_key = *key_pair_public(m->actor.transport),
                                    .unit = child->unit,
                                    .address = "tcp://127.0.0.1:1"};
    (void)snprintf(child->ticket.code, sizeof child->ticket.code, "%s", child->code);
    (void)snprintf(child->ticket.name, sizeof child->ticket.name, "%s", child->code);
    prng_bytes(&m->random, child->ticket.token, TOKEN_BYTES);
}

int office_ticket(struct machine *m, struct machine *child, struct err *e) {
    struct txn *t;
    int rc = actor_begin(&m->actor, true, &t, e);
    if (rc != 0)
        return rc;
    make_ticket(m, child);
    enrolment_note(t, child->ticket.token, &child->unit, child->ticket.role, sim_moment(m).wall);
    rc = actor_commit(&m->actor, t, e);
    child->has_ticket = rc == 0;
    child->wants_ticket = rc != 0;
    return rc;
}

/* Units and tickets of all children; the tickets go out by hand, once they are durable. */
static int found_below(struct sim *sim, struct machine *m, struct txn *t, struct err *e) {
    m->acts[0].version = 1; /* it was tried */
    for (uint32_t i = m->index + 1; i < sim->n; i++) {
        struct machine *child = &sim->machines[i];
        if (child->parent != m->index)
            continue;
        make_ticket(m, child);
        enrolment_note(t, child->ticket.token, &child->unit, child->ticket.role,
                       sim_moment(m).wall);
    }
    return state_units(sim, m, t, e);
}

static int issue(struct machine *m, struct txn *t, const struct act *a, struct hash *ret_id,
                 struct err *e) {
    struct buf b;
    buf_init(&b);
    int rc = encode_campaign(&m->issue, a->version, &b, e);
    if (rc == 0)
        rc = state_here(m, t, KIND_CAMPAIGN, NULL, &b, ret_id, e);
    buf_done(&b);
    return rc;
}

static int extend(struct sim *sim, struct machine *m, struct txn *t, const struct act *a,
                  struct hash *ret_id, struct err *e) {
    char *words[1] = {why};
    struct payload_extension p = {.issuer = m->unit,
                                  .campaign = id_campaign,
                                  .period = m->issue.period,
                                  .kind = a->interim ? REPORT_INTERIM : REPORT_ANNUAL,
                                  .until = a->until,
                                  .scope = ACT_SCOPE_UNIT,
                                  .group = empty,
                                  .reason = {ACT_REASON_WORDS, 1, words}};
    struct buf b;
    buf_init(&b);
    int rc = payload_extension_encode(&p, &b, e);
    if (rc == 0)
        rc = state_here(m, t, KIND_EXTENSION, &sim->machines[a->target].unit, &b, ret_id, e);
    buf_done(&b);
    return rc;
}

static int exempt(struct sim *sim, struct machine *m, struct txn *t, const struct act *a,
                  struct hash *ret_id, struct err *e) {
    char *words[1] = {why};
    struct payload_campaign_assign p = {.campaign = id_campaign,
                                        .unit = sim->machines[a->target].unit,
                                        .exempt = true,
                                        .from = DAY_NONE,
                                        .until = DAY_NONE,
                                        .reason = {ACT_REASON_WORDS, 1, words}};
    struct buf b;
    buf_init(&b);
    int rc = payload_campaign_assign_encode(&p, &b, e);
    if (rc == 0)
        rc = state_here(m, t, KIND_CAMPAIGN_ASSIGN, NULL, &b, ret_id, e);
    buf_done(&b);
    return rc;
}

/* Whether what `a` needs is here: 1 it has to wait, 0 go on. An earlier try whose outcome nobody
 * knew may have been kept: then the history has seen it. */
static bool has_to_wait(struct sim *sim, struct machine *m, const struct act *a) {
    const struct catalog *c = &m->actor.catalog;
    switch (a->kind) {
    case ACT_FOUND:
        return catalog_unit(c, &m->unit) == NULL;
    case ACT_ISSUE:
        return a->version > 1 && hash_is_zero(&m->issue.record[1]);
    case ACT_EXTEND:
    case ACT_EXEMPT:
        break;
    }
    return hash_is_zero(&m->issue.record[1]) || !catalog_unit(c, &sim->machines[a->target].unit);
}

static int state_act(struct sim *sim, struct machine *m, struct txn *t, struct act *a,
                     struct err *e) {
    switch (a->kind) {
    case ACT_FOUND:
        return found_below(sim, m, t, e);
    case ACT_ISSUE:
        return issue(m, t, a, &a->record, e);
    case ACT_EXTEND:
        return extend(sim, m, t, a, &a->record, e);
    case ACT_EXEMPT:
        break;
    }
    return exempt(sim, m, t, a, &a->record, e);
}

int office_state(struct sim *sim, struct machine *m, uint32_t act, struct err *e) {
    struct act *a = &m->acts[act];
    struct txn *t;
    int rc = actor_begin(&m->actor, true, &t, e);
    if (rc != 0)
        return rc;
    bool waits = machine_is_unsure(m) && !sim->asked.hasty;
    if (m->actor.spent || waits || has_to_wait(sim, m, a)) {
        actor_abort(&m->actor, t);
        return 1;
    }
    rc = state_act(sim, m, t, a, e);
    if (rc == 0)
        return actor_commit(&m->actor, t, e);
    actor_abort(&m->actor, t);
    return rc;
}

/* Tickets are handed out once the units that they are for are durable. */
static void founded(struct sim *sim, struct machine *m, const struct hash *record) {
    m->acts[0].done = true;
    if (hash_is_zero(&m->acts[0].record))
        m->acts[0].record = *record;
    for (uint32_t i = m->index + 1; i < sim->n; i++)
        if (sim->machines[i].parent == m->index)
            sim->machines[i].has_ticket = true;
}

void office_stated(struct sim *sim, struct machine *m, uint16_t kind, const struct hash *id) {
    if (kind == KIND_UNITS && m->acts[0].version > 0)
        founded(sim, m, id);
    for (uint32_t i = 0; i < m->n_acts; i++) {
        struct act *a = &m->acts[i];
        if (!hash_equal(&a->record, id) || a->kind == ACT_FOUND)
            continue;
        a->done = true;
        if (a->kind == ACT_ISSUE)
            m->issue.record[a->version] = *id;
    }
}
