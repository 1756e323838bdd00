#include "audit/reclock.h"

#include "proto/kinds.h"

#define WEIGHT_ROOT 1000u
#define WEIGHT_RECOVERY 1001u

/* What the author of `m` weighs when it speaks of that hub's clock: 0: nothing; else of two mends
 * that of the greater weight holds, and of one weight the later in its author's log. */
static unsigned weight(const struct fold *f, const struct fold_mend *m) {
    const struct hash *author = &m->entry->r.h.actor;
    const struct member *hub = ledger_actor(f->l, &m->actor);
    if (!hub || hub->by != BY_HUB)
        return 0;
    if (m->entry->author->by != BY_ROOT_KEY)
        return ledger_steps(f->l, hub, author);
    const struct entry *genesis = ledger_find(f->l, &f->l->root);
    return genesis && hash_equal(&genesis->r.h.actor, author) ? WEIGHT_ROOT : WEIGHT_RECOVERY;
}

/* ---- what an instant counts as ---- */

static bool names(const struct fold_mend *m, const struct hash *record) {
    for (uint32_t i = 0; i < m->n_records; i++)
        if (hash_equal(&m->records[i], record))
            return true;
    return false;
}

/* Whether `a` holds over `b`. */
static bool outranks(const struct fold *f, const struct fold_mend *a, const struct fold_mend *b) {
    unsigned w = weight(f, a), v = weight(f, b);
    const struct record_header *g = &a->entry->r.h, *h = &b->entry->r.h;
    if (w != v)
        return w > v;
    if (g->epoch != h->epoch)
        return g->epoch > h->epoch;
    if (g->seq != h->seq)
        return g->seq > h->seq;
    return hash_cmp(&a->entry->r.id, &b->entry->r.id) > 0;
}

static bool spans(const struct fold *f, const struct fold_mend *m, const struct hash *hub,
                  instant shown) {
    return hash_equal(&m->actor, hub) && shown >= m->from && shown < m->until && weight(f, m) > 0;
}

/* The mend that holds for the line `r`; NULL: none does. */
static const struct fold_mend *mend_of(const struct fold *f, const struct fold_receipt *r) {
    const struct fold_mend *best = NULL;
    for (uint32_t i = 0; i < f->n_mends; i++) {
        const struct fold_mend *m = &f->mends[i];
        if (!spans(f, m, &r->entry->r.h.actor, r->says.received_at))
            continue;
        bool touches = m->n_records == 0 ? r->says.clock_doubt : names(m, &r->says.record);
        if (touches && (!best || outranks(f, m, best)))
            best = m;
    }
    return best;
}

instant reclock_instant(const struct fold *f, const struct fold_receipt *r) {
    const struct fold_mend *m = mend_of(f, r);
    return r->says.received_at + (m ? m->shift : 0);
}

bool reclock_doubts(const struct fold *f, const struct fold_receipt *r) {
    return r->says.clock_doubt && !mend_of(f, r);
}

/* ---- what does not fit together ---- */

/* The shift of what the author of `x` claimed, if its clock was in doubt then: nothing tells
 * whether it was. */
static int64_t shift_of(const struct fold *f, const struct entry *x) {
    const struct fold_mend *best = NULL;
    for (uint32_t i = 0; i < f->n_mends; i++) {
        const struct fold_mend *m = &f->mends[i];
        if (spans(f, m, &x->r.h.actor, x->r.h.claimed) && (!best || outranks(f, m, best)))
            best = m;
    }
    return best ? best->shift : 0;
}

/* The earliest that the author of `x` can have meant by the time that it claims. */
static instant claimed(const struct fold *f, const struct entry *x) {
    int64_t shift = shift_of(f, x);
    return x->r.h.claimed + (shift < 0 ? shift : 0);
}

/* … and the latest. */
static instant claimed_latest(const struct fold *f, const struct entry *x) {
    int64_t shift = shift_of(f, x);
    return x->r.h.claimed + (shift > 0 ? shift : 0);
}

static struct err *warn(struct findings *warnings, const struct fold_receipt *r,
                        char id[HASH_TEXT]) {
    hash_text(&r->says.record, id);
    return findings_at(warnings, &r->entry->r.id);
}

/* Nobody above has a report before whoever handed it up. */
static void against_above(const struct fold *f, const struct fold_report *report,
                          const struct fold_receipt *r, struct findings *warnings) {
    char id[HASH_TEXT];
    instant at = reclock_instant(f, r);
    for (uint32_t i = 0; i < report->n_receipts; i++) {
        const struct fold_receipt *x = &f->receipts[report->first_receipt + i];
        if (x->steps <= r->steps || !x->entry->good || reclock_doubts(f, x) ||
            reclock_instant(f, x) >= at - RECLOCK_SLACK_MS)
            continue;
        err_set(warn(warnings, r, id), ERR_CORRUPT,
                "it says that %s came later than a hub further up received it: one of the two "
                "clocks was wrong, or it came another way",
                id);
        return;
    }
}

/* What a hub says that it received, it received before it said so, by the same clock. */
static void against_itself(const struct fold *f, const struct fold_receipt *r,
                           struct findings *warnings) {
    char id[HASH_TEXT];
    if (reclock_instant(f, r) > claimed_latest(f, r->entry) + RECLOCK_SLACK_MS)
        err_set(warn(warnings, r, id), ERR_CORRUPT,
                "it says that %s came later than, by the same clock, it was stated itself", id);
}

/* A hub that goes on in another epoch gives a record the instant at which it held it in an earlier
 * one, or a later one where its store forgot that. */
static void against_held(const struct fold *f, const struct fold_report *report,
                         const struct fold_receipt *r, struct findings *warnings) {
    char id[HASH_TEXT];
    instant at = reclock_instant(f, r);
    for (uint32_t i = 0; i < report->n_receipts; i++) {
        const struct fold_receipt *x = &f->receipts[report->first_receipt + i];
        if (x->says.state != RECEIPT_HELD || !x->entry->good || reclock_doubts(f, x) ||
            !hash_equal(&x->entry->r.h.actor, &r->entry->r.h.actor) ||
            x->entry->r.h.epoch >= r->entry->r.h.epoch ||
            reclock_instant(f, x) <= at + RECLOCK_SLACK_MS)
            continue;
        err_set(warn(warnings, r, id), ERR_CORRUPT,
                "it says that %s came earlier than the hub said when it first held it", id);
        return;
    }
}

static void against_before(const struct fold *f, const struct fold_report *report,
                           const struct fold_receipt *r, struct findings *warnings) {
    char id[HASH_TEXT];
    instant at = reclock_instant(f, r) + RECLOCK_SLACK_MS;
    const struct member *author = ledger_actor(f->l, &report->entry->author->actor);
    const struct entry *enrolment = author ? ledger_find(f->l, &author->record) : NULL;
    if (enrolment && hash_equal(&enrolment->r.h.actor, &r->entry->r.h.actor) &&
        at < claimed(f, enrolment))
        err_set(warn(warnings, r, id), ERR_CORRUPT,
                "it says that %s came before the hub, by the same clock, enrolled its author", id);
    else if (report->campaign && at < claimed(f, report->campaign->entry))
        err_set(warn(warnings, r, id), ERR_CORRUPT,
                "it says that %s came before the campaign that it answers was issued: one of the "
                "two clocks was wrong",
                id);
}

void reclock_warn(const struct fold *f, struct findings *warnings) {
    for (uint32_t i = 0; i < f->n_mends; i++)
        if (weight(f, &f->mends[i]) == 0)
            err_set(findings_at(warnings, &f->mends[i].entry->r.id), ERR_CORRUPT,
                    "it mends the clock of a hub that is not below its author: it counts for "
                    "nothing");
    for (uint32_t i = 0; i < f->n_reports; i++) {
        const struct fold_report *report = &f->reports[i];
        for (uint32_t k = 0; k < report->n_receipts; k++) {
            const struct fold_receipt *r = &f->receipts[report->first_receipt + k];
            if (!r->entry->good || r->steps == 0 || r->says.state == RECEIPT_HELD ||
                reclock_doubts(f, r))
                continue;
            against_above(f, report, r, warnings);
            against_itself(f, r, warnings);
            against_held(f, report, r, warnings);
            against_before(f, report, r, warnings);
        }
    }
}
