#include "node/evidence.h"

#include "core/limits.h"
#include "core/mem.h"
#include "node/views.h"
#include "proto/kinds.h"
#include "store/log.h"

#include <string.h>

void evidence_done(struct evidence *ev) {
    mem_free(ev->revisions);
    mem_free(ev->enrolments);
    mem_free(ev->by);
    *ev = (struct evidence){0};
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

static int reserve(struct evidence *ev, struct err *e) {
    if (ev->n < ev->cap)
        return 0;
    uint32_t cap = ev->cap ? 2 * ev->cap : 8;
    struct verdict_revision *revisions = mem_realloc(ev->revisions, cap * sizeof *revisions);
    if (revisions)
        ev->revisions = revisions;
    struct enrolment_place *enrolments = mem_realloc(ev->enrolments, cap * sizeof *enrolments);
    if (enrolments)
        ev->enrolments = enrolments;
    struct uid *by = mem_realloc(ev->by, cap * sizeof *by);
    if (by)
        ev->by = by;
    if (!revisions || !enrolments || !by)
        return err_nomem(e);
    ev->cap = cap;
    return 0;
}

static int enter(struct txn *t, const struct slot_revision *in, enum receipt_basis basis,
                 const struct acts *acts, struct evidence *ev, struct err *e) {
    struct record r;
    struct chain chain;
    int rc = reserve(ev, e);
    if (rc == 0)
        rc = log_get(t, &in->report, &r, e);
    if (rc == 0)
        rc = chain_of(t, &r, &chain, e);
    if (rc == 0)
        rc = roster_enrolment(t, &r.h.actor, r.h.epoch, &ev->enrolments[ev->n], e);
    if (rc != 0)
        return rc;
    struct uid by = {{0}};
    ev->revisions[ev->n] = (struct verdict_revision){
        .id = in->report,
        .order = {.epoch = r.h.epoch, .seq = r.h.seq},
        .first = first_receipt(t, &in->report, basis, &chain, &by),
        .valid = true,
        .complete = in->complete,
        .withdrawn = acts_withdrawn(acts, &in->report),
    };
    ev->by[ev->n++] = by;
    return 0;
}

static bool enrolled_before(const struct enrolment_place *a, const struct enrolment_place *b) {
    return a->epoch != b->epoch ? a->epoch < b->epoch : a->seq < b->seq;
}

/* Number the enrolments of the slot's authors; a slot has few revisions. */
static void number_enrolments(struct evidence *ev) {
    for (uint32_t i = 0; i < ev->n; i++)
        for (uint32_t k = 0; k < ev->n; k++)
            ev->revisions[i].order.enrolment +=
                enrolled_before(&ev->enrolments[k], &ev->enrolments[i]);
}

int evidence_load(struct txn *t, const struct slot *slot, enum receipt_basis basis,
                  const struct acts *acts, struct evidence *ev, struct err *e) {
    struct slot_walk w;
    struct slot_revision in;
    int rc = 0;
    ev->n = 0;
    slots_walk(&w, t, slot);
    while (rc == 0 && slots_next(&w, &in))
        rc = enter(t, &in, basis, acts, ev, e);
    slots_done(&w);
    if (rc == 0)
        number_enrolments(ev);
    return rc;
}
