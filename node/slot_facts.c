#include "node/slot_facts.h"

#include "core/limits.h"
#include "core/mem.h"
#include "node/expected.h"
#include "node/views.h"
#include "proto/kinds.h"
#include "store/log.h"

#include <string.h>

const struct slot_reach slot_facts_direct = {.direct = true, .drained = INSTANT_NONE};

int slot_facts_begin(struct slot_facts *f, struct actor *a, struct txn *t, struct err *e) {
    *f = (struct slot_facts){.actor = a, .t = t, .due = INSTANT_NONE, .until = INSTANT_NONE};
    int rc = acts_load(a, t, &f->acts, e);
    if (rc == 0 && a->role == ROLE_NODE)
        rc = own_reports_load(a, t, &f->own, e);
    return rc;
}

void slot_facts_done(struct slot_facts *f) {
    acts_done(&f->acts);
    own_reports_done(&f->own);
    mem_free(f->revisions);
    mem_free(f->enrolments);
    mem_free(f->by);
    *f = (struct slot_facts){0};
}

/* The hubs above one author, the nearest first. */
struct chain {
    uint32_t n;
    struct {
        struct hash actor;
        struct uid unit;
        bool is_root;
    } hubs[LIMIT_UNIT_DEPTH + 1];
};

/* The author of the record that makes `m` a member; false at the top. */
static int member_above(struct txn *t, const struct member *m, struct member *ret_above,
                        bool *ret_found, struct err *e) {
    struct record r;
    int rc = log_get(t, &m->record, &r, e);
    if (rc == 0)
        *ret_found = roster_find(t, &r.h.actor, r.h.epoch, ret_above);
    return rc;
}

static int chain_of(struct txn *t, const struct record *r, struct chain *ret_chain, struct err *e) {
    struct member at, above;
    bool found = roster_find(t, &r->h.actor, r->h.epoch, &at);
    int rc = 0;
    ret_chain->n = 0;
    while (rc == 0 && found && ret_chain->n <= LIMIT_UNIT_DEPTH) {
        rc = member_above(t, &at, &above, &found, e);
        if (rc != 0 || !found)
            break;
        if (above.by == BY_ROOT_KEY) {
            if (ret_chain->n > 0)
                ret_chain->hubs[ret_chain->n - 1].is_root = true;
            break;
        }
        ret_chain->hubs[ret_chain->n].actor = above.actor;
        ret_chain->hubs[ret_chain->n].unit = above.unit;
        ret_chain->hubs[ret_chain->n++].is_root = false;
        at = above;
    }
    return rc;
}

/* When `report` counts as received, and by whom. */
static instant first_receipt(struct txn *t, const struct hash *report, enum receipt_basis basis,
                             const struct chain *chain, struct uid *ret_by) {
    struct verdict_receipt receipts[LIMIT_UNIT_DEPTH + 1];
    struct uid by[LIMIT_UNIT_DEPTH + 1];
    uint32_t n = 0;
    for (uint32_t i = 0; i < chain->n; i++) {
        struct receipt_row row;
        if (!views_receipt(t, report, &chain->hubs[i].actor, &row) || row.state != RECEIPT_VALID)
            continue;
        by[n] = chain->hubs[i].unit;
        receipts[n++] = (struct verdict_receipt){row.received_at, chain->hubs[i].is_root};
    }
    instant first = verdict_first(basis, receipts, n);
    for (uint32_t i = n; i-- > 0;) /* of several alike the nearest to the author */
        if (receipts[i].at == first && (basis == BASIS_FIRST_HUB || receipts[i].by_root))
            *ret_by = by[i];
    return first;
}

static int reserve(struct slot_facts *f, struct err *e) {
    if (f->n < f->cap)
        return 0;
    uint32_t cap = f->cap ? 2 * f->cap : 8;
    struct verdict_revision *revisions = mem_realloc(f->revisions, cap * sizeof *revisions);
    if (revisions)
        f->revisions = revisions;
    struct enrolment_place *enrolments = mem_realloc(f->enrolments, cap * sizeof *enrolments);
    if (enrolments)
        f->enrolments = enrolments;
    struct uid *by = mem_realloc(f->by, cap * sizeof *by);
    if (by)
        f->by = by;
    if (!revisions || !enrolments || !by)
        return err_nomem(e);
    f->cap = cap;
    return 0;
}

/* Negative, zero or positive: revisions stand by first enrolment of the author, epoch, seq. */
static int compare(const struct slot_facts *f, uint32_t i, uint32_t k) {
    int enrolled = roster_enrolment_cmp(&f->enrolments[i], &f->enrolments[k]);
    const struct verdict_order *x = &f->revisions[i].order, *y = &f->revisions[k].order;
    if (enrolled != 0)
        return enrolled;
    if (x->epoch != y->epoch)
        return x->epoch < y->epoch ? -1 : 1;
    if (x->seq != y->seq)
        return x->seq < y->seq ? -1 : 1;
    return hash_cmp(&f->revisions[i].id, &f->revisions[k].id);
}

static void swap(struct slot_facts *f, uint32_t i, uint32_t k) {
    struct verdict_revision revision = f->revisions[i];
    struct enrolment_place enrolment = f->enrolments[i];
    struct uid by = f->by[i];
    f->revisions[i] = f->revisions[k];
    f->enrolments[i] = f->enrolments[k];
    f->by[i] = f->by[k];
    f->revisions[k] = revision;
    f->enrolments[k] = enrolment;
    f->by[k] = by;
}

/* Put the revision entered last into its place; they mostly come in order. */
static void sink(struct slot_facts *f) {
    for (uint32_t i = f->n - 1; i > 0 && compare(f, i - 1, i) > 0; i--)
        swap(f, i - 1, i);
}

static int enter(struct slot_facts *f, const struct hash *report, enum receipt_basis basis,
                 struct err *e) {
    struct record r;
    struct chain chain;
    int rc = reserve(f, e);
    if (rc == 0)
        rc = log_get(f->t, report, &r, e);
    if (rc == 0 && !roster_stands(f->t, &r.h))
        return 0; /* stated after the last good one of an author who was revoked */
    if (rc == 0)
        rc = chain_of(f->t, &r, &chain, e);
    if (rc == 0)
        rc = roster_enrolment(f->t, &r.h.actor, &f->enrolments[f->n], e);
    if (rc != 0)
        return rc;
    struct uid by = {{0}};
    f->revisions[f->n] = (struct verdict_revision){
        .id = *report,
        .order = {.epoch = r.h.epoch, .seq = r.h.seq},
        .first = first_receipt(f->t, report, basis, &chain, &by),
        .valid = true,
        .withdrawn = acts_withdrawn(&f->acts, report),
    };
    f->by[f->n++] = by;
    sink(f);
    return 0;
}

static int enter_own(struct slot_facts *f, const struct slot *slot, enum receipt_basis basis,
                     struct err *e) {
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < f->own.n; i++) {
        const struct own_report *o = &f->own.list[i];
        if (own_reports_same_slot(&o->slot, slot))
            rc = enter(f, &o->report, basis, e);
    }
    return rc;
}

static int enter_held(struct slot_facts *f, const struct slot *slot, enum receipt_basis basis,
                      struct err *e) {
    struct slot_walk w;
    struct hash report;
    int rc = 0;
    slots_walk(&w, f->t, slot);
    while (rc == 0 && slots_next(&w, &report))
        rc = enter(f, &report, basis, e);
    slots_done(&w);
    return rc;
}

/* Number the enrolments of the slot's authors, which stand in order. */
static void number_enrolments(struct slot_facts *f) {
    for (uint32_t i = 1; i < f->n; i++)
        f->revisions[i].order.enrolment =
            f->revisions[i - 1].order.enrolment +
            (roster_enrolment_cmp(&f->enrolments[i - 1], &f->enrolments[i]) != 0);
}

int slot_facts_gather(struct slot_facts *f, const struct slot *slot, struct err *e) {
    const struct catalog *c = &f->actor->catalog;
    const struct catalog_campaign *k = catalog_latest(c, &slot->issuer, slot->campaign);
    const struct report_rule *rule = k ? campaign_report(&k->c, slot->kind) : NULL;
    const struct period *period = k ? campaign_period(&k->c, slot->period) : NULL;
    f->n = 0;
    if (!rule || !period)
        return err_set(e, ERR_ABSENT, "campaign %s asks for no such report in period %s",
                       slot->campaign, slot->period);
    int rc = expected_due(c, rule, period, &slot->unit, &f->due, e);
    f->until = acts_until(&f->acts, slot);
    if (rc == 0)
        rc = f->actor->role == ROLE_NODE ? enter_own(f, slot, rule->basis, e)
                                         : enter_held(f, slot, rule->basis, e);
    number_enrolments(f);
    return rc;
}

struct verdict slot_facts_verdict(const struct slot_facts *f, const struct slot_reach *reach,
                                  bool exempt, instant at) {
    struct verdict_facts facts = {
        .due = f->due,
        .exempt = exempt,
        .direct = reach->direct,
        .drained = reach->drained,
        .n_extensions = f->until != INSTANT_NONE,
        .extensions = &f->until,
        .n_revisions = f->n,
        .revisions = f->revisions,
    };
    return verdict_of(&facts, at);
}

uint32_t slot_facts_place(const struct slot_facts *f, const struct hash *report) {
    for (uint32_t i = 0; i < f->n; i++)
        if (hash_equal(&f->revisions[i].id, report))
            return i;
    return VERDICT_NONE;
}

bool slot_facts_superseded(const struct slot_facts *f, const struct verdict *v, uint32_t i) {
    for (uint32_t k = i + 1; k < f->n; k++)
        if (k == v->effective ||
            (f->revisions[k].withdrawn && f->revisions[k].first != INSTANT_NONE))
            return true;
    return false;
}

static bool is_of(const struct slot *s, const struct uid *issuer, const char *id,
                  const char *period, enum report_kind kind) {
    return s->campaign && uid_equal(&s->issuer, issuer) && strcmp(s->campaign, id) == 0 &&
           (!period || (strcmp(s->period, period) == 0 && (kind == 0 || s->kind == kind)));
}

bool slot_facts_any(const struct slot_facts *f, const struct uid *issuer, const char *id,
                    const char *period, enum report_kind kind) {
    if (f->actor->role != ROLE_NODE)
        return slots_held(f->t, issuer, id, period, kind);
    for (uint32_t i = 0; i < f->own.n; i++)
        if (is_of(&f->own.list[i].slot, issuer, id, period, kind))
            return true;
    return false;
}
