#include "audit/rejudge.h"

#include "audit/redue.h"
#include "core/mem.h"
#include "proto/kinds.h"

#include <string.h>

void rejudge_opened_done(struct opened *o) {
    sheet_done(&o->sheet);
    arena_done(&o->arena);
    *o = (struct opened){0};
}

struct sheet_rules rejudge_opened_rules(const struct opened *o) {
    return (struct sheet_rules){
        .campaign = &o->campaign->c,
        .criteria = &o->campaign->criteria,
        .profile = o->profile,
        .subjects = &o->subjects,
        .unit = o->unit,
    };
}

/* Each test returns what has to be said of the report, or 0 where it finds nothing against it. */
enum { FINE = 0 };

/* Whether `unit` was under `top` by some fact. Where others say otherwise it may not have been
 * known at the moment of judging. */
static bool has_part(const struct fold *f, struct fold_report *r, const struct uid *unit,
                     const struct uid *top) {
    r->either |= !units_way_stayed(f->units, unit, top, DAY_NONE, DAY_LATEST);
    return units_ever_under(f->units, unit, top);
}

/* Whether `id` names what is here and was stated after its author's end, or beyond its share. */
static bool is_void(const struct fold *f, const struct hash *id) {
    const struct entry *x = ledger_find(f->l, id);
    return x && (x->past_end || x->beyond);
}

void rejudge_inherited(struct fold *f) {
    for (bool more = true; more;) {
        more = false;
        for (uint32_t i = 0; i < f->n_campaigns; i++) {
            struct fold_campaign *k = &f->campaigns[i];
            for (uint32_t n = 0; !k->inherits_void && n < k->c.n_parents; n++) {
                const struct campaign_parent *p = &k->c.parents[n];
                const struct fold_campaign *up = fold_campaign(f, &p->record);
                k->inherits_void = p->inherit == INHERIT_CRITERIA &&
                                   (is_void(f, &p->record) || (up && up->inherits_void));
                more |= k->inherits_void;
            }
        }
    }
}

/* Take note that `r` names `x` (NULL: nothing that is here) where the place of that is another's:
 * it was there, perhaps, when hubs judged. */
static void note_displaced(struct fold_report *r, const struct entry *x) {
    if (!x || !x->displaced)
        return;
    r->displaced = x;
    r->rests_on_void = true;
}

/* What is to be said of a report that names `id`, which nobody here can read as what it should be:
 * what is void or of another kind never will be that; what is displaced is as if it were not here.
 */
static int judge_absent(const struct fold *f, struct fold_report *r, const struct hash *id) {
    const struct entry *x = ledger_find(f->l, id);
    note_displaced(r, x);
    if (r->displaced)
        return RECEIPT_HELD;
    r->rests_on_void |= is_void(f, id);
    bool known = x && x->author && x->r.h.payload_version == PAYLOAD_VERSION;
    return known || r->rests_on_void ? RECEIPT_REJECTED : RECEIPT_HELD;
}

static int judge_campaign(const struct fold *f, struct opened *o, struct fold_report *r) {
    const struct payload_report *p = &o->report;
    o->campaign = fold_campaign(f, &p->campaign);
    if (!o->campaign)
        return judge_absent(f, r, &p->campaign);
    const struct campaign *c = &o->campaign->c;
    o->period = campaign_period(c, p->period);
    if (!has_part(f, r, &p->unit, fold_issuer(o->campaign)) || campaign_is_template(c) ||
        !o->period || !campaign_report(c, p->kind))
        return RECEIPT_REJECTED;
    r->rests_on_void |= o->campaign->inherits_void;
    if (o->campaign->resolved == ERR_ABSENT)
        return o->campaign->inherits_void ? RECEIPT_REJECTED : RECEIPT_HELD;
    return o->campaign->resolved == 0 ? FINE : RECEIPT_REJECTED;
}

static int judge_profile(const struct fold *f, struct opened *o, struct fold_report *r) {
    o->profile = &profile_met;
    if (hash_is_zero(&o->report.profile))
        return FINE;
    const struct fold_profile *p = fold_profile(f, &o->report.profile);
    if (!p)
        return judge_absent(f, r, &o->report.profile);
    o->profile = &p->p;
    return uid_equal(&p->entry->author->unit, fold_issuer(o->campaign)) &&
                   strcmp(p->p.campaign, o->campaign->c.id) == 0
               ? FINE
               : RECEIPT_REJECTED;
}

static bool has_node(const struct fold *f, const struct uid *unit) {
    for (uint32_t i = 0; i < f->l->n_members; i++)
        if (f->l->members[i].by == BY_NODE && uid_equal(&f->l->members[i].unit, unit) &&
            ledger_stands(f->l, &f->l->members[i]))
            return true;
    return false;
}

static int judge_unit(const struct fold *f, struct opened *o, struct fold_report *r) {
    const struct uid *unit = &o->report.unit, *own = &r->entry->author->unit;
    const struct unit_fact *fact = fold_unit(f, unit, redue_cutoff(o->period));
    if (!fact || !has_part(f, r, unit, own))
        return RECEIPT_REJECTED;
    o->unit = (struct unit_view){*unit, fact->kind};
    r->either |= !uid_equal(unit, own) && has_node(f, unit);
    return FINE;
}

static int judge_subjects(const struct fold *f, struct opened *o, struct fold_report *r,
                          struct err *why) {
    const struct entry *list = ledger_find(f->l, &o->report.subjects);
    r->rests_on_void |= list && list->past_end;
    note_displaced(r, list);
    if (!list || !list->good || list->r.h.kind != KIND_SUBJECTS ||
        !hash_equal(&list->r.h.actor, &r->entry->r.h.actor) ||
        payload_subjects_decode(list->r.payload, &o->arena, &o->subjects, why) != 0)
        return RECEIPT_REJECTED;
    return uid_equal(&o->subjects.unit, &o->report.unit) ? FINE : RECEIPT_REJECTED;
}

static int judge_sheet(struct opened *o, struct err *why) {
    uint32_t empty;
    if (payload_report_to_sheet(&o->report, &o->campaign->criteria, &o->subjects, &o->sheet, why) !=
        0)
        return RECEIPT_REJECTED;
    if (o->report.nil)
        return o->report.n_notes == 0 ? RECEIPT_VALID : RECEIPT_REJECTED;
    struct sheet_rules rules = rejudge_opened_rules(o);
    bool incomplete = campaign_report(&o->campaign->c, o->report.kind)->allow_incomplete;
    return sheet_check(&rules, &o->sheet, incomplete, &empty, why) == 0 ? RECEIPT_VALID
                                                                        : RECEIPT_REJECTED;
}

int rejudge_report(const struct fold *f, struct fold_report *r, struct opened *ret_opened,
                   struct err *e) {
    struct opened o = {0};
    struct err why = {0};
    int says = FINE;
    r->either = r->rests_on_void = false;
    r->displaced = NULL;
    arena_init(&o.arena, PAYLOAD_ARENA_BYTES);
    if (payload_report_decode(r->entry->r.payload, &o.arena, &o.report, &why) != 0)
        says = RECEIPT_REJECTED;
    if (says == FINE)
        says = judge_campaign(f, &o, r);
    if (says == FINE)
        says = judge_profile(f, &o, r);
    if (says == FINE)
        says = judge_unit(f, &o, r);
    if (says == FINE)
        says = judge_subjects(f, &o, r, &why);
    if (says == FINE)
        says = judge_sheet(&o, &why);
    r->rests_on_void |= says != RECEIPT_VALID && f->void_units;
    r->verdict = (enum receipt_state)says;
    if (says == RECEIPT_VALID && ret_opened)
        *ret_opened = o;
    else
        rejudge_opened_done(&o);
    return why.code == ERR_NOMEM ? err_nomem(e) : 0;
}
