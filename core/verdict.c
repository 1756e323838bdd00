#include "core/verdict.h"

#include <stddef.h>

/* What every step looks at: the facts, the instant asked about, and the end of the window. */
struct view {
    const struct verdict_facts *facts;
    instant at;
    instant due; /* INSTANT_END where no date is asked */
    instant window;
};

#define INSTANT_END INT64_MAX

static instant latest(instant a, instant b) {
    return a > b ? a : b;
}

instant verdict_first(enum receipt_basis basis, const struct verdict_receipt *receipts,
                      uint32_t n) {
    instant first = INSTANT_NONE;
    for (uint32_t i = 0; i < n; i++)
        if ((receipts[i].by_root || basis == BASIS_FIRST_HUB) &&
            (first == INSTANT_NONE || receipts[i].at < first))
            first = receipts[i].at;
    return first;
}

static struct view view_of(const struct verdict_facts *facts, instant at) {
    struct view v = {facts, at, INSTANT_END, INSTANT_END};
    if (facts->due == INSTANT_NONE)
        return v;
    v.due = v.window = facts->due;
    for (uint32_t i = 0; i < facts->n_extensions; i++)
        v.window = latest(v.window, facts->extensions[i]);
    return v;
}

/* Negative, zero or positive. The id settles only two records of one seq, which both are kept. */
static int compare(const struct verdict_revision *a, const struct verdict_revision *b) {
    const struct verdict_order *x = &a->order, *y = &b->order;
    if (x->enrolment != y->enrolment)
        return x->enrolment < y->enrolment ? -1 : 1;
    if (x->epoch != y->epoch)
        return x->epoch < y->epoch ? -1 : 1;
    if (x->seq != y->seq)
        return x->seq < y->seq ? -1 : 1;
    return hash_cmp(&a->id, &b->id);
}

/* Whether `a` comes after `b`; everything comes after NULL. */
static bool after(const struct verdict_revision *a, const struct verdict_revision *b) {
    return !b || compare(a, b) > 0;
}

static bool exists(const struct view *v, const struct verdict_revision *r) {
    return r->first != INSTANT_NONE && r->first <= v->at;
}

/* The revision called `id`, if it exists yet. */
static const struct verdict_revision *find(const struct view *v, const struct hash *id) {
    for (uint32_t i = 0; i < v->facts->n_revisions; i++) {
        const struct verdict_revision *r = &v->facts->revisions[i];
        if (hash_equal(&r->id, id))
            return exists(v, r) ? r : NULL;
    }
    return NULL;
}

/* The return that `r` answers: one that it names, of a revision before it. */
static const struct verdict_return *answered(const struct view *v,
                                             const struct verdict_revision *r) {
    if (hash_is_zero(&r->answers))
        return NULL;
    for (uint32_t i = 0; i < v->facts->n_returns; i++) {
        const struct verdict_return *t = &v->facts->returns[i];
        if (!hash_equal(&t->id, &r->answers))
            continue;
        const struct verdict_revision *of = find(v, &t->revision);
        return of && after(r, of) ? t : NULL;
    }
    return NULL;
}

/* Whether `r` came inside the window that is open to it. */
static bool inside(const struct view *v, const struct verdict_revision *r) {
    const struct verdict_return *t = answered(v, r);
    return r->first < (t ? latest(v->window, t->until) : v->window);
}

/* Answers lead from a revision to one before it, so this ends. */
static enum slot_state state_of(const struct view *v, const struct verdict_revision *r) {
    for (;;) {
        if (r->first < v->due)
            return SLOT_ON_TIME;
        if (r->first < v->window)
            return SLOT_EXCUSED;
        const struct verdict_return *t = answered(v, r);
        if (!t || r->first >= t->until)
            return SLOT_LATE;
        r = find(v, &t->revision);
    }
}

static bool is_returned(const struct view *v, const struct verdict_revision *r) {
    for (uint32_t i = 0; i < v->facts->n_returns; i++)
        if (hash_equal(&v->facts->returns[i].revision, &r->id))
            return true;
    return false;
}

/* The last revision that was returned or withdrawn: nothing up to it is a candidate. */
static const struct verdict_revision *last_undone(const struct view *v) {
    const struct verdict_revision *last = NULL;
    for (uint32_t i = 0; i < v->facts->n_revisions; i++) {
        const struct verdict_revision *r = &v->facts->revisions[i];
        if (exists(v, r) && after(r, last) && (r->withdrawn || is_returned(v, r)))
            last = r;
    }
    return last;
}

/* The last revision whose return is still open. */
static const struct verdict_revision *last_open(const struct view *v) {
    const struct verdict_revision *last = NULL;
    for (uint32_t i = 0; i < v->facts->n_returns; i++) {
        const struct verdict_return *t = &v->facts->returns[i];
        const struct verdict_revision *r = find(v, &t->revision);
        if (r && v->at < t->until && after(r, last))
            last = r;
    }
    return last;
}

static bool is_candidate(const struct view *v, const struct verdict_revision *r,
                         const struct verdict_revision *undone) {
    return exists(v, r) && r->valid && after(r, undone);
}

/* The last candidate after `undone`, among those inside their window only or among all. */
static const struct verdict_revision *
last_candidate(const struct view *v, const struct verdict_revision *undone, bool only_inside) {
    const struct verdict_revision *last = NULL;
    for (uint32_t i = 0; i < v->facts->n_revisions; i++) {
        const struct verdict_revision *r = &v->facts->revisions[i];
        if (is_candidate(v, r, undone) && after(r, last) && (!only_inside || inside(v, r)))
            last = r;
    }
    return last;
}

static uint32_t position(const struct view *v, const struct verdict_revision *r) {
    return r ? (uint32_t)(r - v->facts->revisions) : VERDICT_NONE;
}

static void judge_candidates(const struct view *v, const struct verdict_revision *effective,
                             const struct verdict_revision *last, struct verdict *out) {
    out->state = state_of(v, effective);
    out->review = effective->accepted ? REVIEW_ACCEPTED : REVIEW_NONE;
    out->effective = position(v, effective);
    if (last != effective)
        out->shown = position(v, last);
}

/* No candidate: an open return keeps its revision's state; else the window and contact decide. */
static void judge_none(const struct view *v, const struct verdict_revision *undone,
                       struct verdict *out) {
    const struct verdict_revision *open = last_open(v);
    bool drained =
        v->facts->direct || (v->facts->drained != INSTANT_NONE && v->facts->drained >= v->window);
    if (open) {
        out->state = state_of(v, open);
        out->void_value = true;
        out->returned = position(v, open);
    } else {
        out->state = v->at < v->window ? SLOT_NOT_DUE : drained ? SLOT_MISSING : SLOT_UNKNOWN;
        if (undone && is_returned(v, undone))
            out->returned = position(v, undone);
    }
    out->review = out->returned == VERDICT_NONE ? REVIEW_NONE : REVIEW_RETURNED;
}

struct verdict verdict_of(const struct verdict_facts *facts, instant at) {
    struct view v = view_of(facts, at);
    struct verdict out = {
        .window = facts->due == INSTANT_NONE ? INSTANT_NONE : v.window,
        .effective = VERDICT_NONE,
        .shown = VERDICT_NONE,
        .returned = VERDICT_NONE,
    };
    const struct verdict_revision *undone = last_undone(&v);
    const struct verdict_revision *last = last_candidate(&v, undone, false);
    const struct verdict_revision *effective = last_candidate(&v, undone, true);
    if (last)
        judge_candidates(&v, effective ? effective : last, last, &out);
    else
        judge_none(&v, undone, &out);
    if (facts->exempt)
        out.state = SLOT_EXEMPT;
    return out;
}
