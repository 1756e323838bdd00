#include "audit/reslot.h"

static bool is_here(const struct reslot_facts *f, int i, instant at) {
    return f->revisions[i].first <= at;
}

/* W: the due instant or the latest extension, whichever is later. */
static instant window_of(const struct reslot_facts *f) {
    instant w = f->due;
    if (w == INSTANT_NONE)
        return INT64_MAX;
    for (int i = 0; i < f->n_extensions; i++)
        if (f->extensions[i] > w)
            w = f->extensions[i];
    return w;
}

/* The return that revision `i` answers; a return of something later is no question to it. */
static const struct reslot_return *answered(const struct reslot_facts *f, int i, instant at) {
    int k = f->revisions[i].answers;
    if (k == RESLOT_NONE || f->returns[k].revision >= i || !is_here(f, f->returns[k].revision, at))
        return NULL;
    return &f->returns[k];
}

static bool in_window(const struct reslot_facts *f, int i, instant at) {
    const struct reslot_return *back = answered(f, i, at);
    instant first = f->revisions[i].first;
    return first < window_of(f) || (back && first < back->until);
}

static enum slot_state state_of(const struct reslot_facts *f, int i, instant at) {
    instant first = f->revisions[i].first;
    const struct reslot_return *back = answered(f, i, at);
    if (f->due == INSTANT_NONE || first < f->due)
        return SLOT_ON_TIME;
    if (first < window_of(f))
        return SLOT_EXCUSED;
    return back && first < back->until ? state_of(f, back->revision, at) : SLOT_LATE;
}

/* The return of revision `i` that stays open longest; NULL if it was never returned. */
static const struct reslot_return *return_of(const struct reslot_facts *f, int i) {
    const struct reslot_return *longest = NULL;
    for (int k = 0; k < f->n_returns; k++)
        if (f->returns[k].revision == i && (!longest || f->returns[k].until > longest->until))
            longest = &f->returns[k];
    return longest;
}

/* The first revision after the last one that was returned or withdrawn. */
static int first_candidate(const struct reslot_facts *f, instant at) {
    int from = 0;
    for (int i = 0; i < f->n_revisions; i++)
        if (is_here(f, i, at) && (f->revisions[i].withdrawn || return_of(f, i)))
            from = i + 1;
    return from;
}

/* The last revision that was sent back and may still be answered. */
static int last_open(const struct reslot_facts *f, instant at) {
    for (int i = f->n_revisions - 1; i >= 0; i--) {
        const struct reslot_return *back = is_here(f, i, at) ? return_of(f, i) : NULL;
        if (back && at < back->until)
            return i;
    }
    return RESLOT_NONE;
}

static void judge_empty(const struct reslot_facts *f, int from, instant at, struct reslot *out) {
    int open = last_open(f, at);
    if (open != RESLOT_NONE) {
        out->state = state_of(f, open, at);
        out->returned = open;
    } else {
        if (f->due == INSTANT_NONE || at < window_of(f))
            out->state = SLOT_NOT_DUE;
        else
            out->state = f->drained >= window_of(f) ? SLOT_MISSING : SLOT_UNKNOWN;
        if (from > 0 && return_of(f, from - 1))
            out->returned = from - 1;
    }
    if (out->returned != RESLOT_NONE)
        out->review = REVIEW_RETURNED;
}

struct reslot reslot_of(const struct reslot_facts *f, instant at) {
    struct reslot out = {SLOT_NOT_DUE, REVIEW_NONE, RESLOT_NONE, RESLOT_NONE, RESLOT_NONE};
    int from = first_candidate(f, at), last = RESLOT_NONE;
    for (int i = from; i < f->n_revisions; i++) {
        if (!is_here(f, i, at))
            continue;
        last = i;
        if (in_window(f, i, at))
            out.effective = i;
    }
    if (out.effective == RESLOT_NONE)
        out.effective = last;
    if (last != out.effective)
        out.shown = last;
    if (last == RESLOT_NONE)
        judge_empty(f, from, at, &out);
    else
        out.state = state_of(f, out.effective, at);
    if (last != RESLOT_NONE && f->revisions[out.effective].accepted)
        out.review = REVIEW_ACCEPTED;
    if (f->exempt)
        out.state = SLOT_EXEMPT;
    return out;
}
