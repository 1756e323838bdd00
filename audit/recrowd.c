#include "audit/recrowd.h"

#include "core/list.h"
#include "core/mem.h"
#include "core/search.h"
#include "proto/kinds.h"

#include <stdlib.h>
#include <string.h>

/*
 * One revision, by its author, its slot and a hub: without a hub one that is valid; with one, such
 * a one that this hub turned away. Without a slot it is void, and may have been in any. The marks
 * stand in this order, so that alike ones are counted by their two ends.
 */
struct recrowd_mark {
    struct hash author;
    const struct fold_report *report; /* in the slot; NULL: any */
    struct hash hub;                  /* zero: any */
    bool beyond;                      /* when looked for: what stands behind all that are alike */
};

/* Order of slots: the lineage of the campaign, period, kind, unit. */
static int by_slot(const struct fold_report *a, const struct fold_report *b) {
    if (!a || !b)
        return (a != NULL) - (b != NULL);
    int order = uid_cmp(&a->unit, &b->unit);
    if (order == 0)
        order = (a->kind > b->kind) - (a->kind < b->kind);
    if (order == 0)
        order = strcmp(a->period, b->period);
    if (order == 0)
        order = uid_cmp(fold_issuer(a->campaign), fold_issuer(b->campaign));
    return order != 0 ? order : strcmp(a->campaign->c.id, b->campaign->c.id);
}

static int by_place(const void *pa, const void *pb) {
    const struct recrowd_mark *a = pa, *b = pb;
    int order = hash_cmp(&a->author, &b->author);
    if (order == 0)
        order = by_slot(a->report, b->report);
    if (order == 0)
        order = hash_cmp(&a->hub, &b->hub);
    return order != 0 ? order : a->beyond - b->beyond;
}

static int mark(struct recrowd *c, const struct entry *x, const struct fold_report *report,
                const struct hash *hub, struct err *e) {
    if (list_grow(&c->marks, c->n, sizeof *c->marks, e) != 0)
        return ERR_NOMEM;
    struct recrowd_mark *m = &c->marks[c->n++];
    *m = (struct recrowd_mark){.author = x->r.h.actor, .report = report};
    if (hub)
        m->hub = *hub;
    return 0;
}

/* Whether `r` took a place in its slot, unless there were too many. */
static bool takes_place(const struct fold_report *r) {
    return r->campaign && r->verdict == RECEIPT_VALID && !r->rests_on_void;
}

/* Whether one hub, by what it said of a report in the lines [from, to), turned it away. */
static bool turned_away(const struct fold_receipt *lines, uint32_t from, uint32_t to) {
    bool rejected = false;
    for (uint32_t i = from; i < to; i++) {
        if (lines[i].says.state == RECEIPT_VALID)
            return false;
        rejected |= lines[i].says.state == RECEIPT_REJECTED &&
                    lines[i].says.code != REJECT_WITHDRAWN; /* which it looks for after the place */
    }
    return rejected;
}

/* Mark `r`, and the hubs that turned it away: their lines stand together. */
static int mark_report(struct recrowd *c, const struct fold_report *r, struct err *e) {
    const struct fold_receipt *lines = r->n_receipts > 0 ? &c->f->receipts[r->first_receipt] : NULL;
    int rc = 0;
    if (takes_place(r))
        rc = mark(c, r->entry, r, NULL, e);
    else if (r->rests_on_void)
        rc = mark(c, r->entry, NULL, NULL, e);
    for (uint32_t from = 0, to; rc == 0 && takes_place(r) && from < r->n_receipts; from = to) {
        const struct hash *hub = &lines[from].entry->r.h.actor;
        for (to = from + 1; to < r->n_receipts; to++)
            if (!hash_equal(&lines[to].entry->r.h.actor, hub))
                break;
        if (turned_away(lines, from, to))
            rc = mark(c, r->entry, r, hub, e);
    }
    return rc;
}

static bool is_void_report(const struct entry *x) {
    return x->author && x->past_end && x->r.h.kind == KIND_REPORT;
}

int recrowd_init(const struct fold *f, struct recrowd *ret_crowd, struct err *e) {
    struct recrowd c = {.f = f};
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < f->n_reports; i++)
        rc = mark_report(&c, &f->reports[i], e);
    for (uint32_t i = 0; rc == 0 && i < f->l->n; i++)
        if (is_void_report(&f->l->list[i]))
            rc = mark(&c, &f->l->list[i], NULL, NULL, e);
    if (c.n > 1)
        qsort(c.marks, c.n, sizeof *c.marks, by_place);
    if (rc == 0)
        *ret_crowd = c;
    else
        recrowd_done(&c);
    return rc;
}

void recrowd_done(struct recrowd *c) {
    mem_free(c->marks);
    *c = (struct recrowd){0};
}

/* How many marks are like `m`. */
static uint32_t count(const struct recrowd *c, struct recrowd_mark m) {
    uint32_t first = search_first(&m, c->marks, c->n, sizeof m, by_place);
    m.beyond = true;
    return search_first(&m, c->marks, c->n, sizeof m, by_place) - first;
}

uint32_t recrowd_others(const struct recrowd *c, const struct fold_report *report,
                        const struct fold_receipt *r) {
    struct recrowd_mark m = {.author = report->entry->r.h.actor};
    uint32_t others = count(c, m);
    if (!report->campaign)
        return others;
    m.report = report;
    others += count(c, m);
    m.hub = r->entry->r.h.actor;
    return others - count(c, m);
}
