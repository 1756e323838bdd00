/* What the history knows of directories that are lost, put back and copied: who holds what, what is
 * held nowhere any more, which places were taken twice. */
#include "core/mem.h"
#include "store/key.h"
#include "tests/sim/history.h"
#include "tests/sim/office.h"
#include "tests/sim/peek.h"
#include "tests/sim/world.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* ---- who holds what ---- */

void history_forget(struct sim *sim, struct machine *m) {
    struct history *h = &sim->history;
    struct txn *t;
    struct err e = {0};
    struct walk w;
    struct slice v;
    if (txn_begin(m->actor.db, false, &t, &e) != 0) {
        sim_broken(sim, "reading a store", &e);
        return;
    }
    walk_init(&w, t, TABLE_LOG, slice_of(NULL, 0));
    while (walk_next(&w, NULL, &v)) {
        struct hash id;
        memcpy(id.b, v.data, HASH_BYTES);
        struct stated *s = history_find(h, &id);
        if (!s)
            continue;
        s->holders--;
        s->at[m->level] &= !m->is_hub || !sim_under(&sim->machines[s->owner], m);
        if (m->is_hub && s->hubs)
            s->hubs[m->level].retaken = false;
    }
    walk_done(&w);
    txn_abort(t);
    m->seen_log = 0;
    m->n_arrivals = 0;
}

/* Whether somebody holds `first`, or what says the same. */
static bool is_said(struct history *h, const struct stated *first) {
    for (const struct stated *s = first;; s = &h->list[s->again - 1]) {
        if (s->holders > 0)
            return true;
        if (s->again == 0)
            return false;
    }
}

static bool other_of_deed(const struct history *h, const struct machine *m, uint32_t deed) {
    for (uint32_t i = m->first_report; i > 0; i = h->list[i - 1].next)
        if (h->list[i - 1].deed == deed && h->list[i - 1].holders > 0)
            return true;
    return false;
}

/* Its people see that it is not there, and mean to do it again. */
static void undo(struct sim *sim, const struct stated *s) {
    struct machine *m = &sim->machines[s->owner];
    if (s->deed != NO_DEED && !other_of_deed(&sim->history, m, s->deed))
        m->deeds[s->deed].done = false;
    for (uint32_t i = 0; i < m->n_acts; i++) {
        struct act *a = &m->acts[i];
        if (!hash_equal(&a->record, &s->id) || is_said(&sim->history, s))
            continue;
        a->done = false;
        a->record = (struct hash){{0}};
        if (a->kind == ACT_ISSUE)
            m->issue.record[a->version] = a->record;
    }
}

/* How many machines from `m` up have suffered a loss. */
static uint32_t losses_above(const struct machine *m) {
    uint32_t n = 0;
    for (; m; m = sim_above(m))
        n += m->struck;
    return n;
}

/* Whether a receipt of `s` is held by somebody who does not hold it in vain. */
static bool is_receipted(struct history *h, const struct machine *owner, const struct stated *s) {
    for (uint32_t level = 0; s->hubs && level < owner->level; level++)
        for (uint32_t i = 0; i < s->hubs[level].n_given; i++) {
            const struct stated *receipt = history_find(h, &s->hubs[level].given[i].id);
            if (receipt && receipt->holders > 0)
                return true;
        }
    return false;
}

void history_mourn(struct sim *sim, struct machine *m) {
    struct history *h = &sim->history;
    for (uint32_t i = 0; i < h->n; i++) {
        struct stated *s = &h->list[i];
        const struct machine *owner = &sim->machines[s->owner];
        if (s->holders > 0 || s->gone || !sim_under(owner, m))
            continue;
        s->gone = true;
        sim_say(sim, "%s's %llu of epoch %u, kind %u, is gone", owner->code,
                (unsigned long long)s->seq, s->epoch, s->kind);
        if (is_receipted(h, owner, s) && losses_above(owner) < 2)
            sim_violate(sim, "1 receipted is held", "%s's record %llu is gone, and had a receipt",
                        owner->code, (unsigned long long)s->seq);
        undo(sim, s);
    }
}

/* ---- places taken twice ---- */

/* By place: author, epoch, lane, seq. */
static int by_place(const void *pa, const void *pb) {
    const struct stated *a = *(struct stated *const *)pa, *b = *(struct stated *const *)pb;
    if (a->owner != b->owner)
        return a->owner < b->owner ? -1 : 1;
    if (a->life != b->life)
        return a->life < b->life ? -1 : 1;
    if (a->epoch != b->epoch)
        return a->epoch < b->epoch ? -1 : 1;
    int c = uid_cmp(&a->lane, &b->lane);
    if (c != 0)
        return c;
    return (a->seq > b->seq) - (a->seq < b->seq);
}

static bool same_lane(const struct stated *a, const struct stated *b) {
    return a->owner == b->owner && a->life == b->life && a->epoch == b->epoch &&
           uid_equal(&a->lane, &b->lane);
}

void history_contest(struct history *h) {
    struct stated **list = mem_alloc((h->n + 1) * sizeof(struct stated *));
    assert(list);
    for (uint32_t i = 0; i < h->n; i++)
        list[i] = &h->list[i];
    qsort(list, h->n, sizeof *list, by_place);
    for (uint32_t i = 0; i < h->n; i++) {
        struct stated *s = list[i];
        const struct stated *before = i > 0 ? list[i - 1] : NULL;
        const struct stated *after = i + 1 < h->n ? list[i + 1] : NULL;
        s->contested =
            (before && same_lane(before, s) && (before->contested || before->seq == s->seq)) ||
            (after && same_lane(after, s) && after->seq == s->seq);
    }
    mem_free(list);
}
