#include "audit/fold.h"
#include "core/limits.h"
#include "core/mem.h"
#include "proto/kinds.h"

#include <string.h>

static day known_day(const struct fold *f, const struct uid *unit, day on) {
    return units_at(f->units, unit, on) ? on : DAY_LATEST;
}

const struct unit_fact *fold_unit(const struct fold *f, const struct uid *unit, day on) {
    return units_at(f->units, unit, known_day(f, unit, on));
}

const char *fold_code(const struct fold *f, const struct uid *unit, day on) {
    const struct unit_fact *fact = fold_unit(f, unit, on);
    return fact ? fact->code : "?";
}

const struct fold_campaign *fold_campaign(const struct fold *f, const struct hash *record) {
    for (uint32_t i = 0; i < f->n_campaigns; i++)
        if (hash_equal(&f->campaigns[i].entry->r.id, record))
            return &f->campaigns[i];
    return NULL;
}

const struct fold_profile *fold_profile(const struct fold *f, const struct hash *record) {
    for (uint32_t i = 0; i < f->n_profiles; i++)
        if (hash_equal(&f->profiles[i].entry->r.id, record))
            return &f->profiles[i];
    return NULL;
}

struct fold_report *fold_report(const struct fold *f, const struct entry *x) {
    uint32_t at = f->report_at[x - f->l->list];
    return at > 0 ? &f->reports[at - 1] : NULL;
}

const struct uid *fold_issuer(const struct fold_campaign *k) {
    return &k->entry->author->unit;
}

/* Whether `a` is a later version than `b`. */
static bool is_later(const struct fold_campaign *a, const struct fold_campaign *b) {
    const struct record_header *g = &a->entry->r.h, *h = &b->entry->r.h;
    if (a->c.version != b->c.version)
        return a->c.version > b->c.version;
    return g->epoch != h->epoch ? g->epoch > h->epoch : g->seq > h->seq;
}

const struct fold_campaign *fold_latest(const struct fold *f, const struct fold_campaign *k) {
    const struct fold_campaign *best = k;
    for (uint32_t i = 0; i < f->n_campaigns; i++) {
        const struct fold_campaign *other = &f->campaigns[i];
        if (strcmp(other->c.id, k->c.id) == 0 && uid_equal(fold_issuer(other), fold_issuer(k)) &&
            is_later(other, best))
            best = other;
    }
    return best;
}

instant fold_end(const struct fold *f, const struct fold_campaign *k) {
    instant first = INSTANT_LATEST;
    for (uint32_t i = 0; i < f->n_changes; i++) {
        const struct fold_change *x = &f->changes[i];
        if (x->ends && strcmp(x->campaign, k->c.id) == 0 &&
            uid_equal(&x->entry->author->unit, fold_issuer(k)) && x->at < first)
            first = x->at;
    }
    return first;
}

const struct fold_withdrawal *fold_withdrawal(const struct fold *f, const struct entry *x) {
    for (uint32_t i = 0; i < f->n_withdrawals; i++)
        if (f->withdrawals[i].entry == x)
            return &f->withdrawals[i];
    return NULL;
}

int fold_order(const struct fold *f, const struct entry *a, const struct entry *b) {
    const struct member *x = ledger_actor(f->l, &a->r.h.actor);
    const struct member *y = ledger_actor(f->l, &b->r.h.actor);
    int enrolled = ledger_enrolled(f->l, x, y);
    if (enrolled != 0)
        return enrolled;
    if (a->r.h.epoch != b->r.h.epoch)
        return a->r.h.epoch < b->r.h.epoch ? -1 : 1;
    if (a->r.h.seq != b->r.h.seq)
        return a->r.h.seq < b->r.h.seq ? -1 : 1;
    return hash_cmp(&a->r.id, &b->r.id);
}

int fold_revised(const struct fold *f, const struct fold_report *a, const struct fold_report *b) {
    if (a->enrolled_until != b->enrolled_until)
        return a->enrolled_until < b->enrolled_until ? -1 : 1;
    return fold_order(f, a->entry, b->entry);
}

/* The day before the last change, up to `on`, of what leads from `unit` to the root. */
static day before_change(const struct fold *f, const struct uid *unit, day on) {
    day changed = DAY_NONE;
    const struct unit_fact *fact = units_at(f->units, unit, on);
    for (unsigned steps = 0; fact && steps <= LIMIT_UNIT_DEPTH; steps++) {
        if (fact->effective > changed)
            changed = fact->effective;
        fact = units_at(f->units, &fact->parent, on);
    }
    return changed == DAY_NONE ? DAY_NONE : changed - 1;
}

day fold_enrolled_until(const struct fold *f, const struct member *author, const struct uid *unit) {
    day until = DAY_LATEST;
    for (const struct member *m = author; m; m = ledger_actor(f->l, &m->enroller)) {
        if (m->by == BY_ROOT_KEY || uid_equal(&m->unit, unit))
            continue;
        day here = DAY_LATEST;
        while (here != DAY_NONE && !units_under(f->units, unit, &m->unit, here))
            here = before_change(f, unit, here);
        if (here < until)
            until = here;
    }
    return until;
}

/* How the name at `n` stands to `subject` in the lane of `report`, and then to `report` itself. */
static int stands(const struct fold *f, const struct fold_name *n, const struct uid *subject,
                  const struct entry *report) {
    int order = uid_cmp(&n->entry->r.h.lane, &report->r.h.lane);
    if (order == 0)
        order = uid_cmp(&n->subject, subject);
    return order != 0 ? order : fold_order(f, n->entry, report);
}

/* The last record before `report` that names `subject` in its lane, else the first after it. */
static const struct entry *name_at(const struct fold *f, const struct uid *subject,
                                   const struct entry *report) {
    uint32_t lo = 0, hi = f->n_names;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (stands(f, &f->names[mid], subject, report) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (uint32_t i = lo > 0 ? lo - 1 : 0; i <= lo && i < f->n_names; i++) {
        const struct fold_name *n = &f->names[i];
        if (uid_equal(&n->subject, subject) && uid_equal(&n->entry->r.h.lane, &report->r.h.lane))
            return n->entry;
    }
    return NULL;
}

int fold_subject_name(const struct fold *f, const struct entry *report, const struct uid *subject,
                      char **ret_name, struct err *e) {
    const struct entry *best = name_at(f, subject, report);
    if (!best) {
        *ret_name = NULL;
        return 0;
    }
    struct arena a;
    struct payload_name p;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    int rc = payload_name_decode(best->r.payload, &a, &p, e);
    char *name = rc == 0 ? mem_strdup(p.name) : NULL;
    arena_done(&a);
    if (rc == 0 && !name)
        return err_nomem(e);
    if (rc == 0)
        *ret_name = name;
    return rc;
}
