/* What hubs said of each report, and that its office has it. */
#include "store/key.h"
#include "tests/sim/checker.h"
#include "tests/sim/peek.h"

#include <stdio.h>

static bool was_taken_at(const struct reception *r, instant at) {
    for (uint32_t i = 0; i < r->n_takes; i++)
        if (r->takes[i] == at)
            return true;
    return r->n_takes == TAKES_MAX || (r->found && at >= r->found_at);
}

static bool holds(struct txn *t, const struct hash *id) {
    return txn_get(t, TABLE_RECORDS, slice_of(id->b, HASH_BYTES), NULL);
}

/* Whether a receipt record is held anywhere; `undisputed`: and stands in a place of its own. */
static bool is_given(struct sim *sim, const struct given *g, bool undisputed) {
    const struct stated *s = history_find(&sim->history, &g->id);
    return s && !s->gone && !(undisputed && s->contested);
}

/* One report and one hub above it. */
struct said {
    struct sim *sim;
    const struct stated *s;
    const struct reception *r;
    const char *text, *hub;
};

/* Whether it came before `at` and may have waited for its author until then: a hub above the author
 * enrolled somebody at that instant. */
static bool was_enrolled_at(const struct said *x, instant at) {
    const struct history *h = &x->sim->history;
    const struct machine *owner = &x->sim->machines[x->s->owner];
    if (x->r->n_takes == 0 || x->r->takes[0] >= at)
        return false;
    for (uint32_t i = 0; i < h->n; i++) {
        const struct stated *s = &h->list[i];
        if (s->kind == PEEK_ENROL && s->claimed == at &&
            sim_under(owner, &x->sim->machines[s->owner]))
            return true;
    }
    return false;
}

static void check_final(const struct said *x, const struct given *g) {
    static const uint32_t states[] = {[EXPECT_VALID] = 2, [EXPECT_REJECTED] = 3};
    if (g->state != states[x->s->expect] || g->code != x->s->code)
        sim_violate(x->sim, "4 verdicts", "%s: %s's receipt %u with code %u, should be %u with %u",
                    x->text, x->hub, g->state, g->code, states[x->s->expect], x->s->code);
    else if (!was_taken_at(x->r, g->received_at) && !was_enrolled_at(x, g->received_at))
        sim_violate(x->sim, "4 instants",
                    "%s: received_at %lld is no instant at which %s took it in", x->text,
                    (long long)g->received_at, x->hub);
    else if (x->r->sure && g->doubt)
        sim_violate(x->sim, "4 instants", "%s: %s doubts its clock, and no clock was off", x->text,
                    x->hub);
}

/* In each epoch of a hub one final receipt at most; of all of them together one at least. */
static void check_given(const struct said *x) {
    uint32_t finals = 0, helds = 0, final = 0, twice = 0;
    for (uint32_t i = 0; i < x->r->n_given; i++) {
        const struct given *g = &x->r->given[i];
        bool real = is_given(x->sim, g, true);
        *(g->state == 1 ? &helds : &finals) += g->state == 1 || is_given(x->sim, g, false);
        final = g->state == 1 ? final : i;
        if (g->state != 1)
            check_final(x, g);
        for (uint32_t k = 0; k < i && real; k++)
            twice += x->r->given[k].epoch == g->epoch && is_given(x->sim, &x->r->given[k], true) &&
                     (x->r->given[k].state == 1) == (g->state == 1);
    }
    if (twice > 0 || finals == 0)
        sim_violate(x->sim, "4 receipts", "%s has %u final receipts of %s and %u held", x->text,
                    finals, x->hub, helds);
    else if (x->r->n_takes == 1 && finals == 1 && helds == 0 && x->r->doubt &&
             x->r->given[final].received_at == x->r->takes[0] && !x->r->given[final].doubt)
        sim_violate(x->sim, "4 instants", "%s: %s's clock was off, its receipt does not say so",
                    x->text, x->hub);
}

/* It waits for ever: it is held, and nothing else was ever said. */
static void check_held(const struct said *x) {
    uint32_t helds = 0, finals = 0;
    for (uint32_t i = 0; i < x->r->n_given; i++) {
        helds += x->r->given[i].state == 1;
        finals += x->r->given[i].state != 1;
    }
    if (helds == 0 || finals > 0 || (helds > 1 && x->sim->n_struck == 0))
        sim_violate(x->sim, "4 receipts", "%s waits for ever at %s: %u held, %u final", x->text,
                    x->hub, helds, finals);
}

/* What every hub above said of `s`, and that its author has it. */
static void check_receipts(struct sim *sim, const struct stated *s, struct txn *t) {
    const struct machine *owner = &sim->machines[s->owner];
    char text[48];
    (void)snprintf(text, sizeof text, "%s's record %llu", owner->code, (unsigned long long)s->seq);
    for (uint32_t level = 0; level < owner->level; level++) {
        const struct machine *hub = sim_hub_of(owner, level);
        struct said x = {sim, s, &s->hubs[level], text, hub->code};
        if (s->contested && !s->at[level])
            continue; /* its place was taken: it was said again */
        if (s->expect == EXPECT_HELD)
            check_held(&x);
        else
            check_given(&x);
        for (uint32_t i = 0; i < x.r->n_given; i++)
            if (is_given(sim, &x.r->given[i], true) && !holds(t, &x.r->given[i].id))
                sim_violate(sim, "1 receipted is held", "%s: its office lacks the receipt of %s",
                            text, hub->code);
    }
}

void checker_receipts(struct sim *sim, struct machine *m, struct txn *t) {
    const struct history *h = &sim->history;
    for (uint32_t i = m->first_report; i > 0; i = h->list[i - 1].next)
        if (!h->list[i - 1].gone)
            check_receipts(sim, &h->list[i - 1], t);
}

/* Whether `m` has any receipt of `s` by the hub right above. */
static bool has_receipt(const struct machine *m, const struct stated *s, struct txn *t) {
    const struct reception *r = &s->hubs[m->level - 1];
    for (uint32_t i = 0; i < r->n_given; i++)
        if (holds(t, &r->given[i].id))
            return true;
    return false;
}

/* Whether the hub above `m` says nothing to it now, or said nothing in the course of this session,
 * of which an answer may still be on its way: it lacks records of its own, or has to find out
 * whether it does. */
static bool is_silenced(const struct machine *m) {
    struct machine *hub = sim_above(m);
    struct key k = {.n = 0};
    struct slice v;
    struct txn *t;
    if (hub->actor.spent || hub->silent_at >= m->since || !hub->up ||
        txn_begin(hub->actor.db, false, &t, NULL) != 0)
        return true;
    key_uid(&k, &m->unit);
    key_hash(&k, &m->id);
    bool doubts = txn_get(t, TABLE_CHILDREN, key_slice(&k), &v) && v.len > UID_BYTES &&
                  (v.data[UID_BYTES] & 1) != 0; /* see `children` in FORMAT.md */
    txn_abort(t);
    return doubts;
}

void checker_settled(struct sim *sim, struct machine *m) {
    struct history *h = &sim->history;
    struct txn *t;
    struct err e = {0};
    if (m->first_report == 0 || is_silenced(m))
        return;
    if (txn_begin(m->actor.db, false, &t, &e) != 0) {
        sim_broken(sim, "reading a store", &e);
        return;
    }
    for (uint32_t i = m->first_report; i > 0; i = h->list[i - 1].next) {
        const struct stated *s = &h->list[i - 1];
        if (s->expect == EXPECT_NOTHING || !holds(t, &s->id) || has_receipt(m, s, t))
            continue;
        if (sim->n_struck > 0)
            history_contest(h);
        if (!s->contested)
            sim_violate(sim, "1 settled means receipted",
                        "%s says all is exchanged; its record %llu has no receipt", m->code,
                        (unsigned long long)s->seq);
    }
    txn_abort(t);
}
