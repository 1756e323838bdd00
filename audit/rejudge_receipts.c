#include "audit/recrowd.h"
#include "audit/redisplaced.h"
#include "audit/rejudge.h"
#include "core/world.h"
#include "proto/kinds.h"

static const char *state_text(enum receipt_state s) {
    switch (s) {
    case RECEIPT_HELD:
        return N_("held");
    case RECEIPT_VALID:
        return N_("valid");
    case RECEIPT_REJECTED:
        return N_("rejected");
    }
    return "?";
}

static struct err *against(struct fold *f, const struct fold_receipt *r) {
    r->entry->good = false;
    return findings_at(f->l->findings, &r->entry->r.id);
}

/*
 * Whether a hub may have rejected `report`, whose content is valid: its campaign had been withdrawn
 * when that hub took it. It need not have: it may have learned of that later.
 */
static bool may_come_too_late(const struct fold *f, const struct fold_report *report,
                              const struct fold_receipt *r) {
    return report->campaign && report->verdict == RECEIPT_VALID &&
           r->says.received_at >= fold_end(f, report->campaign);
}

/* What has to be said of a withdrawal, where it follows from what is here; else what is said. */
static enum receipt_state withdrawal_is(const struct fold *f, const struct fold_withdrawal *w,
                                        enum receipt_state says) {
    const struct entry *of = w->readable ? ledger_find(f->l, &w->report) : NULL;
    if (w->readable && (!of || !of->good))
        return says;
    return of && of->r.h.kind == KIND_REPORT && uid_equal(&of->r.h.lane, &w->entry->r.h.lane)
               ? RECEIPT_VALID
               : RECEIPT_REJECTED;
}

static void check_withdrawal(struct fold *f, const struct fold_receipt *r, const char *id) {
    const struct fold_withdrawal *w = fold_withdrawal(f, r->of);
    enum receipt_state says = r->says.state, is = w ? withdrawal_is(f, w, says) : says;
    if (says != RECEIPT_HELD && says != is)
        err_set(against(f, r), ERR_CORRUPT, "it calls %s %s; by the rules the withdrawal is %s", id,
                err_word(state_text(says)).text, err_word(state_text(is)).text);
}

/*
 * Whether what `r` names came by the one who made the file: its own, and that of those below it.
 * The lanes of units are handed down with receipts for others, whom a hub further up enrolled
 * itself; or another hub, of which nothing is here, while the unit lay there.
 */
static bool was_due(const struct fold *f, const struct fold_receipt *r,
                    const struct member *exporter) {
    if (exporter && !r->whom)
        return units_way_stayed(f->units, &r->entry->r.h.lane, &exporter->unit, DAY_NONE,
                                DAY_LATEST);
    return !exporter || hash_equal(&r->whom->actor, &exporter->actor) ||
           ledger_steps(f->l, r->whom, &exporter->actor) > 0;
}

/* A line that says that `report` is one revision too many. */
static void check_crowd(struct fold *f, const struct recrowd *crowd,
                        const struct fold_report *report, const struct fold_receipt *r,
                        const char *id) {
    uint32_t others = recrowd_others(crowd, report, r);
    if (others < LIMIT_REVISIONS)
        err_set(against(f, r), ERR_CORRUPT,
                "it calls %s a revision too many; of the others by its author %u were taken, and "
                "there may be %u",
                id, others, LIMIT_REVISIONS);
}

/* What is known of whoever made the file, and of whom it is. */
struct file {
    bool all_here;                 /* it is not for one subtree */
    const struct member *exporter; /* NULL: not known */
    struct recrowd crowd;
    struct redisplaced displaced;
};

/* What a line says of `report`, by the rules. */
static void check_verdict(struct fold *f, const struct file *file, const struct fold_report *report,
                          const struct fold_receipt *r, const char *id) {
    enum receipt_state says = r->says.state;
    bool excused = !report->displaced || redisplaced_excused(&file->displaced, r);
    if (says == RECEIPT_HELD || (report->rests_on_void && excused))
        return;
    if (says == RECEIPT_REJECTED && r->says.code == REJECT_REVISIONS &&
        report->verdict != RECEIPT_HELD)
        check_crowd(f, &file->crowd, report, r, id);
    else if (report->verdict != says && !(report->either && report->verdict == RECEIPT_VALID) &&
             !may_come_too_late(f, report, r))
        err_set(against(f, r), ERR_CORRUPT, "it calls %s %s; by the rules the report is %s", id,
                err_word(state_text(says)).text, err_word(state_text(report->verdict)).text);
}

/* Whether `x` is here, as what stands, what stood before its author's end, or as evidence. */
static bool is_here(const struct entry *x) {
    return x && x->author && (!x->second || x->displaced);
}

/* One line by itself: what it names, where it stands, who states it, what it says. */
static void check_line(struct fold *f, struct fold_receipt *r, const struct file *file) {
    char id[HASH_TEXT];
    hash_text(&r->says.record, id);
    if (!is_here(r->of)) {
        if (file->all_here && !f->l->overruled &&
            was_due(f, r, file->exporter)) /* a thief's are nowhere */
            err_set(against(f, r), ERR_CORRUPT, "it receipts %s, which is not here", id);
        return;
    }
    if (r->steps == 0)
        err_set(against(f, r), ERR_CORRUPT,
                "it receipts %s, whose author is not below the hub that states it", id);
    else if (!uid_equal(&r->entry->r.h.lane, &r->of->author->unit))
        err_set(against(f, r), ERR_CORRUPT, "it receipts %s in the lane of another unit", id);
    const struct fold_report *report = fold_report(f, r->of);
    if (report)
        check_verdict(f, file, report, r, id);
    else
        check_withdrawal(f, r, id);
}

static bool same_issuer(const struct fold_receipt *a, const struct fold_receipt *b) {
    return hash_equal(&a->says.record, &b->says.record) &&
           hash_equal(&a->entry->r.h.actor, &b->entry->r.h.actor) &&
           a->entry->r.h.epoch == b->entry->r.h.epoch;
}

/* Whether the hub of `r` has said its final word of the record, in whichever epoch. */
static bool has_final(const struct fold *f, const struct fold_receipt *r) {
    for (uint32_t i = 0; i < f->n_receipts; i++) {
        const struct fold_receipt *other = &f->receipts[i];
        if (other->says.state != RECEIPT_HELD && hash_equal(&other->says.record, &r->says.record) &&
            hash_equal(&other->entry->r.h.actor, &r->entry->r.h.actor))
            return true;
    }
    return false;
}

/* All that one hub said of one record in one epoch: lines [from, to). */
static void check_sequence(struct fold *f, uint32_t from, uint32_t to) {
    const struct fold_receipt *first = &f->receipts[from], *last = &f->receipts[to - 1];
    char id[HASH_TEXT];
    hash_text(&first->says.record, id);
    bool once = to - from == 1;
    bool held_then_final =
        to - from == 2 && first->says.state == RECEIPT_HELD && last->says.state != RECEIPT_HELD;
    if (!once && !held_then_final) {
        err_set(against(f, last), ERR_CORRUPT, "it receipts %s once more", id);
        return;
    }
    if (held_then_final && first->says.received_at != last->says.received_at)
        err_set(against(f, last), ERR_CORRUPT,
                "it gives %s another instant than the receipt that held it", id);
    const struct fold_report *report = first->of ? fold_report(f, first->of) : NULL;
    if (once && report && first->says.state == RECEIPT_HELD && report->verdict != RECEIPT_HELD &&
        !report->rests_on_void && !has_final(f, first))
        err_set(against(f, last), ERR_CORRUPT,
                "it holds %s, and no receipt says that the report is %s", id,
                err_word(state_text(report->verdict)).text);
}

static bool receipted_by(const struct fold *f, const struct fold_report *r,
                         const struct hash *hub) {
    for (uint32_t i = 0; i < r->n_receipts; i++)
        if (hash_equal(&f->receipts[r->first_receipt + i].entry->r.h.actor, hub))
            return true;
    return false;
}

/* A hub holds no report without its own receipt: one transaction made both. */
static void check_exporter(struct fold *f, const struct member *exporter) {
    for (uint32_t i = 0; i < f->n_reports; i++) {
        const struct fold_report *r = &f->reports[i];
        if (ledger_steps(f->l, r->entry->author, &exporter->actor) > 0 &&
            !receipted_by(f, r, &exporter->actor))
            err_set(findings_at(f->l->findings, &r->entry->r.id), ERR_CORRUPT,
                    "the hub that made this file holds it without a receipt");
    }
}

int rejudge_all(struct fold *f, const struct uid *for_unit, const struct member *exporter,
                struct err *e) {
    struct file file = {.all_here = uid_is_zero(for_unit), .exporter = exporter};
    int rc = 0;
    rejudge_inherited(f);
    for (uint32_t i = 0; rc == 0 && i < f->n_reports; i++)
        rc = rejudge_report(f, &f->reports[i], NULL, e);
    if (rc == 0)
        rc = recrowd_init(f, &file.crowd, e);
    if (rc == 0)
        rc = redisplaced_init(f, exporter, &file.displaced, e);
    for (uint32_t i = 0; rc == 0 && i < f->n_receipts; i++)
        check_line(f, &f->receipts[i], &file);
    if (rc == 0)
        redisplaced_check(&file.displaced);
    recrowd_done(&file.crowd);
    redisplaced_done(&file.displaced);
    for (uint32_t from = 0, to; rc == 0 && from < f->n_receipts; from = to) {
        for (to = from + 1; to < f->n_receipts; to++)
            if (!same_issuer(&f->receipts[from], &f->receipts[to]))
                break;
        check_sequence(f, from, to);
    }
    if (rc == 0 && exporter && exporter->by == BY_HUB && file.all_here)
        check_exporter(f, exporter);
    return rc;
}
