#include "node/slot_facts.h"

#include "core/limits.h"
#include "core/mem.h"
#include "node/expected.h"
#include "node/judge.h"
#include "node/slot_author.h"
#include "node/views.h"
#include "store/log.h"

#include <string.h>

const struct slot_reach slot_facts_direct = {.direct = true, .drained = INSTANT_NONE};

int slot_facts_begin(struct slot_facts *f, struct actor *a, struct txn *t, struct err *e) {
    *f = (struct slot_facts){.actor = a, .t = t, .due = INSTANT_NONE, .until = INSTANT_NONE};
    f->acts = acts_of(a, t);
    int rc = mends_load(a, t, &f->mends, e);
    if (rc == 0 && a->role == ROLE_NODE)
        rc = own_reports_load(a, t, &f->own, e);
    return rc;
}

void slot_facts_done(struct slot_facts *f) {
    mends_done(&f->mends);
    own_reports_done(&f->own);
    mem_free(f->revisions);
    mem_free(f->told);
    mem_free(f->author);
    *f = (struct slot_facts){0};
}

/* Know `actor`, an author of reports, in `epoch`; mostly it is the one of the report before. */
static int know_author(struct slot_facts *f, const struct hash *actor, uint32_t epoch,
                       struct err *e) {
    if (!f->author)
        f->author = mem_zalloc(1, sizeof *f->author);
    return f->author ? slot_author_know(f->author, f->t, actor, epoch, e) : err_nomem(e);
}

/* Whose receipt it was that counts, and by what clock. */
struct giver {
    struct uid unit;
    bool doubted, mended;
};

/* Take `row`, of the hub `by` on `report`, into account of when that hub received it. */
static void take_word(const struct slot_facts *f, const struct hash *report,
                      const struct slot_author_hub *by, const struct receipt_row *row, instant *at,
                      struct giver *giver) {
    instant when;
    if (row->state != RECEIPT_VALID || (by->ended && !views_stands(f->t, &row->receipt)))
        return;
    bool mended = mends_apply(&f->mends, report, row, &when);
    bool doubt = !mended && row->clock_doubt;
    if (*at != INSTANT_NONE && (when > *at || (when == *at && (doubt || !giver->doubted))))
        return;
    *at = when;
    giver->doubted = doubt;
    giver->mended = mended;
}

/* When `by` received `report`: the earliest that it said and stands, as mended, and of two alike
 * the one without doubt; INSTANT_NONE: it did not. */
static instant received_by(const struct slot_facts *f, const struct hash *report,
                           const struct slot_author_hub *by, struct giver *ret_giver) {
    struct receipt_row row;
    struct receipt_walk w;
    instant at = INSTANT_NONE;
    *ret_giver = (struct giver){.unit = by->unit};
    if (!views_receipt(f->t, report, &by->actor, &row))
        return at;
    if (!row.others) {
        take_word(f, report, by, &row, &at, ret_giver);
        return at;
    }
    views_words(&w, f->t, report, &by->actor);
    while (views_words_next(&w, &row))
        take_word(f, report, by, &row, &at, ret_giver);
    views_receipts_done(&w);
    return at;
}

/* When `report` counts as received, and by whom. */
static instant first_receipt(const struct slot_facts *f, const struct hash *report,
                             enum receipt_basis basis, const struct slot_author_above *chain,
                             struct giver *ret_by) {
    struct verdict_receipt receipts[LIMIT_UNIT_DEPTH + 1] = {{0}};
    struct giver by[LIMIT_UNIT_DEPTH + 1];
    uint32_t n = 0;
    for (uint32_t i = 0; i < chain->n; i++) {
        instant at = received_by(f, report, &chain->hubs[i], &by[n]);
        if (at != INSTANT_NONE)
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
    struct slot_told *told = mem_realloc(f->told, cap * sizeof *told);
    if (told)
        f->told = told;
    if (!revisions || !told)
        return err_nomem(e);
    f->cap = cap;
    return 0;
}

/* Negative, zero or positive as the author of `i` goes before that of `k`: its hubs have the unit
 * no more, or lost it earlier; else it was enrolled before. */
static int compare_authors(const struct slot_facts *f, uint32_t i, uint32_t k) {
    const struct units *units = f->actor->catalog.units;
    const struct slot_told *a = &f->told[i], *b = &f->told[k];
    if (hash_equal(&a->author, &b->author))
        return 0;
    int enrolled = roster_enrolment_cmp(&a->enrolment, &b->enrolment);
    if (enrolled == 0)
        return 0;
    day x = roster_enrolment_until(&a->enrolment, units, &f->unit);
    day y = roster_enrolment_until(&b->enrolment, units, &f->unit);
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
    struct slot_told told = f->told[i];
    f->revisions[i] = f->revisions[k];
    f->told[i] = f->told[k];
    f->revisions[k] = revision;
    f->told[k] = told;
}

/* Put the revisions in order (Shell's way). A walk gives them by their ids, which is no order. */
static void sort(struct slot_facts *f) {
    uint32_t gap = 1;
    while (gap < f->n / 3)
        gap = 3 * gap + 1;
    for (; gap > 0; gap /= 3)
        for (uint32_t i = gap; i < f->n; i++)
            for (uint32_t k = i; k >= gap && compare(f, k - gap, k) > 0; k -= gap)
                swap(f, k - gap, k);
}

/* Look up where the author of `x` was enrolled, unless another revision tells. */
static int know_enrolment(struct slot_facts *f, struct slot_told *x, struct err *e) {
    for (uint32_t i = 0; i < f->n; i++)
        if (f->told[i].enrolment.n > 0 && hash_equal(&f->told[i].author, &x->author)) {
            x->enrolment = f->told[i].enrolment;
            return 0;
        }
    return roster_enrolment(f->t, &x->author, &x->enrolment, e);
}

/* Where authors were enrolled matters only where a slot has several: then it is known of all
 * revisions, the one entered last too; else of none. */
static int know_enrolments(struct slot_facts *f, struct err *e) {
    uint32_t i = f->n - 1;
    int rc = 0;
    if (f->told[0].enrolment.n == 0) {
        if (hash_equal(&f->told[i].author, &f->told[0].author))
            return 0;
        i = 0;
    }
    for (; i < f->n && rc == 0; i++)
        rc = know_enrolment(f, &f->told[i], e);
    return rc;
}

/* Whether the report `r` stands, and what it rests on. */
static int check_stands(struct slot_facts *f, const struct record *r, bool *ret_stands,
                        struct err *e) {
    struct member author;
    struct judgement j;
    *ret_stands = roster_stands(f->t, &r->h);
    if (!*ret_stands)
        return 0;
    int rc = know_author(f, &r->h.actor, r->h.epoch, e);
    if (rc != 0 || !(f->tainted || f->author->ended) ||
        !roster_find(f->t, &r->h.actor, r->h.epoch, &author))
        return rc;
    rc = judge_again(&f->actor->catalog, f->t, r, &author, &j, e);
    *ret_stands = rc == 0 && j.state == RECEIPT_VALID;
    return rc;
}

/* Read what `in` does not know: its author is zero, or all of it is as the row of the slot says.
 * `ret_stands`: neither it nor what it names was stated after the end of its author. */
static int read_entered(struct slot_facts *f, struct slot_revision *in, bool *ret_stands,
                        struct err *e) {
    struct record r;
    *ret_stands = true;
    if (!hash_is_zero(&in->author)) {
        int rc = know_author(f, &in->author, in->epoch, e);
        if (rc != 0 || !(f->tainted || f->author->ended))
            return rc;
    }
    int rc = log_get(f->t, &in->report, &r, e);
    if (rc != 0)
        return rc;
    in->epoch = r.h.epoch;
    in->seq = r.h.seq;
    return check_stands(f, &r, ret_stands, e);
}

static int enter(struct slot_facts *f, struct slot_revision *in, enum receipt_basis basis,
                 struct err *e) {
    bool stands, withdrawn;
    int rc = reserve(f, e);
    if (rc == 0)
        rc = read_entered(f, in, &stands, e);
    if (rc != 0 || !stands)
        return rc;
    rc = acts_withdrawn(&f->acts, &in->report, &withdrawn, e);
    if (rc != 0)
        return rc;
    struct giver by = {.doubted = false};
    f->told[f->n] =
        (struct slot_told){.author = f->author->actor, .number = in->number, .nil = in->nil};
    f->revisions[f->n] = (struct verdict_revision){
        .id = in->report,
        .order = {.epoch = in->epoch, .seq = in->seq},
        .first = first_receipt(f, &in->report, basis, &f->author->above, &by),
        .valid = true,
        .withdrawn = withdrawn,
    };
    f->told[f->n].by = by.unit;
    f->told[f->n].mended = by.mended;
    f->told[f->n++].doubted = by.doubted;
    return know_enrolments(f, e);
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
    return rc == 0 && w.damaged ? slots_damaged(e) : rc;
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
        return slots_damaged(e);
    bool any = alike && last.epoch != 0;
    int rc = any ? enter(f, &last, basis, e) : txn_failed(f->t, e);
    *ret_known = alike && (!any || f->n == 1);
    return rc;
}

/* Put what was entered in order, and number the enrolments of the slot's authors. */
static void put_in_order(struct slot_facts *f) {
    sort(f);
    for (uint32_t i = 1; i < f->n; i++)
        f->revisions[i].order.enrolment =
            f->revisions[i - 1].order.enrolment + (compare_authors(f, i - 1, i) != 0);
}

/* What is known of `slot` beside its revisions; how its receipts count into `ret_basis`. */
static int begin_slot(struct slot_facts *f, const struct slot *slot, enum receipt_basis *ret_basis,
                      struct err *e) {
    struct catalog *c = &f->actor->catalog;
    const struct catalog_campaign *k = catalog_latest(c, &slot->issuer, slot->campaign);
    const struct report_rule *rule = k ? campaign_report(&k->c, slot->kind) : NULL;
    const struct period *period = k ? campaign_period(&k->c, slot->period) : NULL;
    f->n = 0;
    f->unit = slot->unit;
    f->tainted = catalog_tainted(c, &slot->issuer, slot->campaign);
    if (!rule || !period)
        return err_set(e, ERR_ABSENT, "campaign %s asks for no such report in period %s",
                       slot->campaign, slot->period);
    int rc = expected_due(c, rule, period, &slot->unit, &f->due, e);
    if (rc == 0)
        rc = acts_until(&f->acts, slot, &f->until, e);
    *ret_basis = rule->basis;
    return rc;
}

static int gather(struct slot_facts *f, const struct slot *slot, bool rows, struct err *e) {
    enum receipt_basis basis = BASIS_FIRST_HUB;
    int rc = begin_slot(f, slot, &basis, e);
    if (rc == 0)
        rc = f->actor->role == ROLE_NODE ? enter_own(f, slot, basis, e)
                                         : enter_held(f, slot, basis, rows, e);
    put_in_order(f);
    return rc;
}

int slot_facts_gather(struct slot_facts *f, const struct slot *slot, struct err *e) {
    return gather(f, slot, false, e);
}

int slot_facts_gather_rows(struct slot_facts *f, const struct slot *slot, struct err *e) {
    return gather(f, slot, true, e);
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
    bool known = false;
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

int slot_facts_counting(struct slot_facts *f, const struct slot *slot, struct hash *ret_report,
                        struct err *e) {
    struct err why;
    err_init(&why);
    int rc = slot_facts_gather(f, slot, &why);
    if (rc != 0 && rc != ERR_ABSENT) {
        *e = why;
        return rc;
    }
    uint32_t i = VERDICT_NONE;
    if (rc == 0)
        i = slot_facts_verdict(f, &slot_facts_direct, false, SLOT_FACTS_ALL).effective;
    *ret_report = i == VERDICT_NONE ? (struct hash){{0}} : f->revisions[i].id;
    return 0;
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
