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
    if (rc == 0)
        rc = mends_load(a, t, &f->mends, e);
    if (rc == 0 && a->role == ROLE_NODE)
        rc = own_reports_load(a, t, &f->own, e);
    return rc;
}

void slot_facts_done(struct slot_facts *f) {
    acts_done(&f->acts);
    mends_done(&f->mends);
    own_reports_done(&f->own);
    mem_free(f->revisions);
    mem_free(f->enrolments);
    mem_free(f->by);
    mem_free(f->author);
    mem_free(f->doubted);
    *f = (struct slot_facts){0};
}

/* The hubs above one author, the nearest first. */
struct chain {
    uint32_t n;
    uint32_t epoch; /* of the nearest, in which it enrolled the author */
    struct chain_hub {
        struct hash actor;
        struct uid unit;
        bool is_root;
        bool ended; /* in any epoch, replaced or revoked: not all that it said stands */
    } hubs[LIMIT_UNIT_DEPTH + 1];
};

/* One epoch of an author of reports, which is of no slot. */
struct slot_author {
    struct hash actor;
    uint32_t epoch;
    bool ended;
    struct chain above;
    struct enrolment_place enrolment;
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

/* Whether any epoch of the actor of `m` was ended; mostly it has one. */
static bool any_ended(struct txn *t, const struct member *m) {
    struct member other;
    bool ended = m->ended;
    for (uint32_t epoch = 1;
         !ended && (epoch == m->epoch || roster_find(t, &m->actor, epoch, &other)); epoch++)
        ended = epoch != m->epoch && other.ended;
    return ended;
}

/* Whether `c` begins with the hub `m`. */
static bool begins_with(const struct chain *c, const struct member *m) {
    return c->n > 0 && c->epoch == m->epoch && hash_equal(&c->hubs[0].actor, &m->actor);
}

/* Whose chain is in `chain` may have been enrolled by the same hub as `author`: it is theirs both.
 */
static int chain_of(struct txn *t, const struct member *author, struct chain *chain,
                    struct err *e) {
    struct member at = *author, above;
    bool found = true;
    int rc = member_above(t, &at, &above, &found, e);
    if (rc == 0 && found && begins_with(chain, &above))
        return 0;
    chain->n = 0;
    while (rc == 0 && found && chain->n <= LIMIT_UNIT_DEPTH) {
        if (above.by == BY_ROOT_KEY) {
            if (chain->n > 0)
                chain->hubs[chain->n - 1].is_root = true;
            break;
        }
        if (chain->n == 0)
            chain->epoch = above.epoch;
        chain->hubs[chain->n++] =
            (struct chain_hub){above.actor, above.unit, false, any_ended(t, &above)};
        at = above;
        rc = member_above(t, &at, &above, &found, e);
    }
    if (rc != 0)
        chain->n = 0;
    return rc;
}

/* Know `actor`, an author of reports, in `epoch`. */
static int know_author(struct slot_facts *f, const struct hash *actor, uint32_t epoch,
                       struct err *e) {
    struct slot_author *a = f->author;
    struct member m;
    if (a && a->epoch == epoch && hash_equal(&a->actor, actor))
        return 0;
    if (!a)
        a = f->author = mem_zalloc(1, sizeof *a);
    if (!a)
        return err_nomem(e);
    a->epoch = 0;
    bool found = roster_find(f->t, actor, epoch, &m);
    if (!found)
        a->above.n = 0;
    int rc = found ? chain_of(f->t, &m, &a->above, e) : 0;
    if (rc == 0)
        rc = roster_enrolment(f->t, actor, &a->enrolment, e);
    if (rc != 0)
        return rc;
    a->actor = *actor;
    a->epoch = epoch;
    a->ended = found && m.ended;
    return 0;
}

/* Whether what was said in `receipt`, by a hub that was ended, stands. */
static bool receipt_stands(struct txn *t, const struct hash *receipt) {
    struct record r;
    return log_get(t, receipt, &r, NULL) == 0 && roster_stands(t, &r.h);
}

/* Whose receipt it was that counts. */
struct giver {
    struct uid unit;
    bool doubted;
};

/* Take `row`, of the hub `by` on `report`, into account of when that hub received it. */
static void take_word(const struct slot_facts *f, const struct hash *report,
                      const struct chain_hub *by, const struct receipt_row *row, instant *at,
                      bool *doubted) {
    instant when;
    if (row->state != RECEIPT_VALID || (by->ended && !receipt_stands(f->t, &row->receipt)))
        return;
    bool doubt = !mends_apply(&f->mends, report, row, &when) && row->clock_doubt;
    if (*at != INSTANT_NONE && (when > *at || (when == *at && (doubt || !*doubted))))
        return;
    *at = when;
    *doubted = doubt;
}

/* When `by` received `report`: the earliest that it said and stands, as mended, and of two alike
 * the one without doubt; INSTANT_NONE: it did not. */
static instant received_by(const struct slot_facts *f, const struct hash *report,
                           const struct chain_hub *by, bool *ret_doubted) {
    struct receipt_row row;
    struct receipt_walk w;
    instant at = INSTANT_NONE;
    if (!views_receipt(f->t, report, &by->actor, &row))
        return at;
    if (!row.others) {
        take_word(f, report, by, &row, &at, ret_doubted);
        return at;
    }
    views_words(&w, f->t, report, &by->actor);
    while (views_words_next(&w, &row))
        take_word(f, report, by, &row, &at, ret_doubted);
    views_receipts_done(&w);
    return at;
}

/* When `report` counts as received, and by whom. */
static instant first_receipt(const struct slot_facts *f, const struct hash *report,
                             enum receipt_basis basis, const struct chain *chain,
                             struct giver *ret_by) {
    struct verdict_receipt receipts[LIMIT_UNIT_DEPTH + 1] = {{0}};
    struct giver by[LIMIT_UNIT_DEPTH + 1];
    uint32_t n = 0;
    for (uint32_t i = 0; i < chain->n; i++) {
        bool doubted = false;
        instant at = received_by(f, report, &chain->hubs[i], &doubted);
        if (at == INSTANT_NONE)
            continue;
        by[n] = (struct giver){chain->hubs[i].unit, doubted};
        receipts[n++] = (struct verdict_receipt){at, chain->hubs[i].is_root};
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
    bool *doubted = mem_realloc(f->doubted, cap * sizeof *doubted);
    if (doubted)
        f->doubted = doubted;
    if (!revisions || !enrolments || !by || !doubted)
        return err_nomem(e);
    f->cap = cap;
    return 0;
}

/* Negative, zero or positive as the author of `i` goes before that of `k`: its hubs have the unit
 * no more, or lost it earlier; else it was enrolled before. */
static int compare_authors(const struct slot_facts *f, uint32_t i, uint32_t k) {
    const struct units *units = f->actor->catalog.units;
    int enrolled = roster_enrolment_cmp(&f->enrolments[i], &f->enrolments[k]);
    if (enrolled == 0)
        return 0;
    day x = roster_enrolment_until(&f->enrolments[i], units, &f->unit);
    day y = roster_enrolment_until(&f->enrolments[k], units, &f->unit);
    return x != y ? (x < y ? -1 : 1) : enrolled;
}

/* Negative, zero or positive: revisions stand by author, epoch, seq. */
static int compare(const struct slot_facts *f, uint32_t i, uint32_t k) {
    int enrolled = compare_authors(f, i, k);
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
    bool doubted = f->doubted[i];
    f->revisions[i] = f->revisions[k];
    f->enrolments[i] = f->enrolments[k];
    f->by[i] = f->by[k];
    f->doubted[i] = f->doubted[k];
    f->revisions[k] = revision;
    f->enrolments[k] = enrolment;
    f->by[k] = by;
    f->doubted[k] = doubted;
}

/* Put the revision entered last into its place; they mostly come in order. */
static void sink(struct slot_facts *f) {
    for (uint32_t i = f->n - 1; i > 0 && compare(f, i - 1, i) > 0; i--)
        swap(f, i - 1, i);
}

/* Read what `in` does not know: its author is zero, or all of it is as the row of the slot says.
 * `ret_stands`: it was not stated after the last good one of an author who was revoked. */
static int read_entered(struct slot_facts *f, struct slot_revision *in, bool *ret_stands,
                        struct err *e) {
    struct record r;
    *ret_stands = true;
    if (!hash_is_zero(&in->author)) {
        int rc = know_author(f, &in->author, in->epoch, e);
        if (rc != 0 || !f->author->ended)
            return rc;
    }
    int rc = log_get(f->t, &in->report, &r, e);
    if (rc != 0)
        return rc;
    in->epoch = r.h.epoch;
    in->seq = r.h.seq;
    *ret_stands = roster_stands(f->t, &r.h);
    return *ret_stands ? know_author(f, &r.h.actor, r.h.epoch, e) : 0;
}

static int enter(struct slot_facts *f, struct slot_revision *in, enum receipt_basis basis,
                 struct err *e) {
    bool stands;
    int rc = reserve(f, e);
    if (rc == 0)
        rc = read_entered(f, in, &stands, e);
    if (rc != 0 || !stands)
        return rc;
    struct giver by = {{{0}}, false};
    f->enrolments[f->n] = f->author->enrolment;
    f->revisions[f->n] = (struct verdict_revision){
        .id = in->report,
        .order = {.epoch = in->epoch, .seq = in->seq},
        .first = first_receipt(f, &in->report, basis, &f->author->above, &by),
        .valid = true,
        .withdrawn = acts_withdrawn(&f->acts, &in->report),
    };
    f->by[f->n] = by.unit;
    f->doubted[f->n++] = by.doubted;
    sink(f);
    return 0;
}

static int enter_own(struct slot_facts *f, const struct slot *slot, enum receipt_basis basis,
                     struct err *e) {
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < f->own.n; i++) {
        const struct own_report *o = &f->own.list[i];
        if (own_reports_same_slot(&o->slot, slot))
            rc = enter(f, &(struct slot_revision){.report = o->report}, basis, e);
    }
    return rc;
}

static int damaged(struct err *e) {
    return err_set(e, ERR_CORRUPT,
                   "the store is damaged: reports of one unit are not all where they were: run "
                   "`check`, then restore it from a backup");
}

/* `rows`: what rows say of reports is enough; else each is read, so that damage is found. */
static int enter_held(struct slot_facts *f, const struct slot *slot, enum receipt_basis basis,
                      bool rows, struct err *e) {
    struct slot_walk w;
    struct slot_revision in;
    int rc = 0;
    slots_walk(&w, f->t, slot);
    while (rc == 0 && slots_next(&w, &in)) {
        if (!rows)
            in.author = (struct hash){{0}};
        rc = enter(f, &in, basis, e);
    }
    slots_done(&w);
    return rc == 0 && w.damaged ? damaged(e) : rc;
}

/*
 * Enter the revision of `slot` that stands last, and no other, where rows alone tell which that is:
 * all are by one author. `ret_known`: it was entered, or there is none.
 */
static int enter_last(struct slot_facts *f, const struct slot *slot, enum receipt_basis basis,
                      bool *ret_known, struct err *e) {
    struct slot_walk w;
    struct slot_revision in, last = {.epoch = 0};
    bool alike = true;
    slots_walk(&w, f->t, slot);
    while (alike && slots_next(&w, &in)) {
        bool first = last.epoch == 0;
        alike = !hash_is_zero(&in.author) && (first || hash_equal(&in.author, &last.author));
        if (first || in.epoch > last.epoch ||
            (in.epoch == last.epoch &&
             (in.seq > last.seq || (in.seq == last.seq && hash_cmp(&in.report, &last.report) > 0))))
            last = in;
    }
    slots_done(&w);
    if (alike && w.damaged)
        return damaged(e);
    bool any = alike && last.epoch != 0;
    int rc = any ? enter(f, &last, basis, e) : txn_failed(f->t, e);
    *ret_known = alike && (!any || f->n == 1);
    return rc;
}

/* Number the enrolments of the slot's authors, which stand in order. */
static void number_enrolments(struct slot_facts *f) {
    for (uint32_t i = 1; i < f->n; i++)
        f->revisions[i].order.enrolment =
            f->revisions[i - 1].order.enrolment + (compare_authors(f, i - 1, i) != 0);
}

/* What is known of `slot` beside its revisions; how its receipts count into `ret_basis`. */
static int begin_slot(struct slot_facts *f, const struct slot *slot, enum receipt_basis *ret_basis,
                      struct err *e) {
    const struct catalog *c = &f->actor->catalog;
    const struct catalog_campaign *k = catalog_latest(c, &slot->issuer, slot->campaign);
    const struct report_rule *rule = k ? campaign_report(&k->c, slot->kind) : NULL;
    const struct period *period = k ? campaign_period(&k->c, slot->period) : NULL;
    f->n = 0;
    f->unit = slot->unit;
    if (!rule || !period)
        return err_set(e, ERR_ABSENT, "campaign %s asks for no such report in period %s",
                       slot->campaign, slot->period);
    int rc = expected_due(c, rule, period, &slot->unit, &f->due, e);
    f->until = acts_until(&f->acts, slot);
    *ret_basis = rule->basis;
    return rc;
}

static int gather(struct slot_facts *f, const struct slot *slot, bool rows, struct err *e) {
    enum receipt_basis basis = BASIS_FIRST_HUB;
    int rc = begin_slot(f, slot, &basis, e);
    if (rc == 0)
        rc = f->actor->role == ROLE_NODE ? enter_own(f, slot, basis, e)
                                         : enter_held(f, slot, basis, rows, e);
    number_enrolments(f);
    return rc;
}

int slot_facts_gather(struct slot_facts *f, const struct slot *slot, struct err *e) {
    return gather(f, slot, false, e);
}

/* The last candidate counts if it came inside the window, whatever stands before it. */
static bool settles(const struct slot_facts *f, const struct verdict *v) {
    return f->n == 0 ||
           (v->effective == 0 && (v->state == SLOT_ON_TIME || v->state == SLOT_EXCUSED));
}

int slot_facts_in_force(struct slot_facts *f, const struct slot *slot, struct verdict *ret_verdict,
                        struct err *e) {
    enum receipt_basis basis = BASIS_FIRST_HUB;
    struct verdict v;
    bool known;
    int rc = begin_slot(f, slot, &basis, e);
    if (rc == 0)
        rc = enter_last(f, slot, basis, &known, e);
    if (rc != 0)
        return rc;
    v = slot_facts_verdict(f, &slot_facts_direct, false, SLOT_FACTS_ALL);
    if (!known || !settles(f, &v)) {
        rc = gather(f, slot, true, e);
        v = slot_facts_verdict(f, &slot_facts_direct, false, SLOT_FACTS_ALL);
    }
    if (rc == 0)
        *ret_verdict = v;
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
