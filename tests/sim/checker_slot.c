/* A slot by plain rules: the head of core/verdict.h, read again from scratch. */
#include "store/db.h"
#include "tests/sim/checker.h"
#include "tests/sim/peek.h"

static bool has(const struct plain_asked *q, const struct stated *s) {
    if (!q->t)
        return !s->gone;
    return txn_get(q->t, TABLE_RECORDS, slice_of(s->id.b, HASH_BYTES), NULL);
}

bool checker_knows(struct sim *sim, const struct plain_asked *q, const struct hash *record) {
    struct history *h = &sim->history;
    for (const struct stated *s = history_find(h, record); s; s = &h->list[s->again - 1]) {
        if (has(q, s))
            return true;
        if (s->again == 0)
            break;
    }
    return false;
}

instant checker_first(struct sim *sim, const struct plain_asked *q, const struct stated *s,
                      uint32_t *ret_by) {
    const struct machine *owner = &sim->machines[s->owner];
    instant first = INSTANT_NONE;
    if (q->t && !s->at[q->hub->level])
        return first;
    for (uint32_t level = owner->level; level-- > 0;) {
        const struct reception *r = &s->hubs[level];
        for (uint32_t i = 0; i < r->n_given; i++) {
            const struct given *g = &r->given[i];
            if (g->state != 2 || !checker_knows(sim, q, &g->id) ||
                (first != INSTANT_NONE && g->received_at >= first))
                continue;
            first = g->received_at;
            *ret_by = sim_hub_of(owner, level)->index;
        }
    }
    return first;
}

static instant due_of(struct sim *sim, const struct plain_asked *q) {
    const struct issue *k = &q->issuer->issue;
    return checker_knows(sim, q, &k->record[2]) ? k->due[2] : k->due[1];
}

static instant window_of(struct sim *sim, const struct plain_asked *q) {
    instant window = due_of(sim, q);
    for (uint32_t i = 0; i < q->issuer->n_acts && !q->below; i++) {
        const struct act *a = &q->issuer->acts[i];
        if (a->kind == ACT_EXTEND && a->target == q->unit->index && a->interim == q->interim &&
            checker_knows(sim, q, &a->record) && a->until > window)
            window = a->until;
    }
    return window;
}

static bool is_exempt(struct sim *sim, const struct plain_asked *q) {
    for (uint32_t i = 0; i < q->issuer->n_acts && !q->below; i++) {
        const struct act *a = &q->issuer->acts[i];
        if (a->kind == ACT_EXEMPT && a->target == q->unit->index &&
            checker_knows(sim, q, &a->record))
            return true;
    }
    return false;
}

/* Whether `s` was taken back, as far as is known. */
static bool is_withdrawn(struct sim *sim, const struct plain_asked *q, const struct stated *s) {
    const struct history *h = &sim->history;
    for (uint32_t i = q->unit->first_report; i > 0; i = h->list[i - 1].next)
        if (hash_equal(&h->list[i - 1].withdraws, &s->id) &&
            checker_knows(sim, q, &h->list[i - 1].id))
            return true;
    return false;
}

static bool is_of_slot(const struct plain_asked *q, const struct stated *s) {
    bool takes_incomplete = q->interim && q->issuer->issue.allow_incomplete;
    return s->kind == PEEK_REPORT && s->expect == EXPECT_VALID && s->below == q->below &&
           s->interim == q->interim && s->issuer == q->issuer->index &&
           (s->complete || takes_incomplete);
}

/* In the order of its author: one taken back takes all before it with it; of the others the last
 * that came within the window counts, else the last. */
struct plain_slot checker_slot(struct sim *sim, const struct plain_asked *q) {
    const struct history *h = &sim->history;
    struct plain_slot slot = {.received_at = INSTANT_NONE, .window = window_of(sim, q)};
    const struct stated *last = NULL, *in_window = NULL;
    instant first_in_window = 0, first_last = 0;
    uint32_t by_in_window = NOBODY, by_last = NOBODY;
    for (uint32_t i = q->unit->first_report; i > 0; i = h->list[i - 1].next) {
        const struct stated *s = &h->list[i - 1];
        uint32_t by = NOBODY;
        instant first = is_of_slot(q, s) ? checker_first(sim, q, s, &by) : INSTANT_NONE;
        if (first == INSTANT_NONE || first > q->at)
            continue;
        if (is_withdrawn(sim, q, s)) {
            last = in_window = NULL;
            continue;
        }
        last = s, first_last = first, by_last = by;
        if (first < slot.window)
            in_window = s, first_in_window = first, by_in_window = by;
    }
    slot.effective = in_window ? in_window : last;
    slot.shown = in_window && last != in_window ? last : NULL;
    slot.received_at = in_window ? first_in_window : last ? first_last : INSTANT_NONE;
    slot.by = in_window ? by_in_window : by_last;
    if (is_exempt(sim, q))
        slot.state = SLOT_EXEMPT;
    else if (!slot.effective)
        slot.state = q->at < slot.window ? SLOT_NOT_DUE : SLOT_MISSING;
    else
        slot.state = slot.received_at < due_of(sim, q) ? SLOT_ON_TIME
                     : slot.received_at < slot.window  ? SLOT_EXCUSED
                                                       : SLOT_LATE;
    return slot;
}
