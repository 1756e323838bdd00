#include "audit/fold.h"

#include "audit/fold_place.h"
#include "audit/fold_right.h"
#include "audit/fold_shares.h"
#include "core/limits.h"
#include "core/list.h"
#include "core/mem.h"
#include "core/search.h"
#include "proto/kinds.h"
#include "proto/payload_campaign.h"
#include "proto/payload_profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fold_init(struct fold *f, struct ledger *l) {
    *f = (struct fold){.l = l};
}

void fold_done(struct fold *f) {
    for (uint32_t i = 0; i < f->n_campaigns; i++) {
        criteria_done(&f->campaigns[i].criteria);
        campaign_done(&f->campaigns[i].c);
    }
    for (uint32_t i = 0; i < f->n_profiles; i++)
        profile_done(&f->profiles[i].p);
    mem_free(f->campaigns);
    mem_free(f->profiles);
    mem_free(f->reports);
    mem_free(f->report_at);
    mem_free(f->receipts);
    mem_free(f->names);
    mem_free(f->contacts);
    mem_free(f->changes);
    mem_free(f->extensions);
    mem_free(f->withdrawals);
    for (uint32_t i = 0; i < f->n_mends; i++)
        mem_free(f->mends[i].records);
    mem_free(f->mends);
    units_free(f->units);
    unit_shares_done(&f->shares);
    *f = (struct fold){0};
}

/* ---- reading one kind of record ---- */

/* Take note that `x` cannot be read, because `why`; our own lack of memory is passed on. */
static int unreadable(struct fold *f, struct entry *x, const struct err *why, struct err *e) {
    if (why->code == ERR_NOMEM)
        return err_nomem(e);
    x->good = false;
    *findings_at(f->l->findings, &x->r.id) = *why;
    return 0;
}

static int read_campaign(struct fold *f, struct entry *x, struct arena *a, struct err *e) {
    struct err why = {0};
    (void)a;
    if (list_grow(&f->campaigns, f->n_campaigns, sizeof *f->campaigns, e) != 0)
        return ERR_NOMEM;
    struct fold_campaign *k = &f->campaigns[f->n_campaigns];
    *k = (struct fold_campaign){.entry = x, .resolved = ERR_ABSENT};
    if (campaign_decode(x->r.payload, &k->c, &why) != 0)
        return unreadable(f, x, &why, e);
    f->n_campaigns++;
    return 0;
}

static int read_profile(struct fold *f, struct entry *x, struct arena *a, struct err *e) {
    struct err why = {0};
    (void)a;
    if (list_grow(&f->profiles, f->n_profiles, sizeof *f->profiles, e) != 0)
        return ERR_NOMEM;
    struct fold_profile *p = &f->profiles[f->n_profiles];
    *p = (struct fold_profile){.entry = x};
    if (profile_decode(x->r.payload, &p->p, &why) != 0)
        return unreadable(f, x, &why, e);
    f->n_profiles++;
    return 0;
}

static int read_report(struct fold *f, struct entry *x, struct arena *a, struct err *e) {
    struct err why = {0};
    struct payload_report p;
    if (list_grow(&f->reports, f->n_reports, sizeof *f->reports, e) != 0)
        return ERR_NOMEM;
    struct fold_report *r = &f->reports[f->n_reports++];
    *r = (struct fold_report){.entry = x};
    if (payload_report_decode(x->r.payload, a, &p, &why) != 0)
        return why.code == ERR_NOMEM ? err_nomem(e) : 0;
    r->readable = true;
    r->campaign_id = p.campaign;
    r->profile_id = p.profile;
    r->subjects_id = p.subjects;
    r->kind = p.kind;
    r->unit = p.unit;
    r->revision = p.revision;
    r->nil = p.nil;
    r->enrolled_until = fold_enrolled_until(f, x->author, &p.unit);
    (void)snprintf(r->period, sizeof r->period, "%s", p.period);
    return 0;
}

static int read_receipt(struct fold *f, struct entry *x, struct arena *a, struct err *e) {
    struct err why = {0};
    struct payload_receipt p;
    if (payload_receipt_decode(x->r.payload, a, &p, &why) != 0)
        return unreadable(f, x, &why, e);
    for (uint32_t i = 0; i < p.n; i++) {
        if (list_grow(&f->receipts, f->n_receipts, sizeof *f->receipts, e) != 0)
            return ERR_NOMEM;
        struct fold_receipt *r = &f->receipts[f->n_receipts++];
        *r = (struct fold_receipt){.entry = x,
                                   .of = ledger_find(f->l, &p.entries[i].record),
                                   .whom = ledger_member(f->l, &p.actor, p.epoch),
                                   .says = p.entries[i]};
        r->says.args = NULL;
        if (r->of && r->of->author)
            r->steps = ledger_steps(f->l, r->of->author, &x->r.h.actor);
        if (r->of && (!hash_equal(&r->of->r.h.actor, &p.actor) || r->of->r.h.epoch != p.epoch))
            err_set(findings_at(f->l->findings, &x->r.id), ERR_CORRUPT,
                    "line %u names a record of another author than the receipt does", i + 1);
    }
    return 0;
}

static int read_name(struct fold *f, struct entry *x, struct arena *a, struct err *e) {
    struct err why = {0};
    struct payload_name p;
    if (list_grow(&f->names, f->n_names, sizeof *f->names, e) != 0)
        return ERR_NOMEM;
    if (payload_name_decode(x->r.payload, a, &p, &why) != 0)
        return unreadable(f, x, &why, e);
    f->names[f->n_names++] = (struct fold_name){x, p.subject};
    return 0;
}

static int read_contact(struct fold *f, struct entry *x, struct arena *a, struct err *e) {
    struct err why = {0};
    struct payload_contact p;
    if (payload_contact_decode(x->r.payload, a, &p, &why) != 0)
        return unreadable(f, x, &why, e);
    for (uint32_t i = 0; i < p.n; i++) {
        if (list_grow(&f->contacts, f->n_contacts, sizeof *f->contacts, e) != 0)
            return ERR_NOMEM;
        f->contacts[f->n_contacts++] = (struct fold_contact){x, p.stated_at, p.children[i]};
    }
    return 0;
}

static int read_join(struct fold *f, struct entry *x, struct arena *a, struct err *e) {
    struct err why = {0};
    struct payload_join p;
    if (payload_join_decode(x->r.payload, a, &p, &why) != 0)
        return unreadable(f, x, &why, e);
    const struct member *m = x->author;
    if (memcmp(&p.sign_key, &m->sign_key, sizeof p.sign_key) != 0 ||
        memcmp(&p.transport_key, &m->transport_key, sizeof p.transport_key) != 0)
        err_set(findings_at(f->l->findings, &x->r.id), ERR_CORRUPT,
                "its author joined with other keys than it was enrolled with");
    return 0;
}

/* The unit lists are read where they are used; here it is only seen that they can be. */
static int read_subjects(struct fold *f, struct entry *x, struct arena *a, struct err *e) {
    struct err why = {0};
    struct subjects s;
    (void)e;
    return payload_subjects_decode(x->r.payload, a, &s, &why) == 0 ? 0 : unreadable(f, x, &why, e);
}

/* A fact by the hub of `x`, which is not the root's, and within its share. */
static int read_fact(struct fold *f, struct entry *x, const struct unit_author *author,
                     const struct unit_fact *fact) {
    enum fold_right right = fold_right_unit(f->units, &x->author->unit, fact);
    if (right == FOLD_RIGHT_NEVER)
        err_set(findings_at(f->l->findings, &x->r.id), ERR_CORRUPT,
                "it speaks of unit %s, which is not below its author", fact->code);
    /* Otherwise it counts for nothing, as one that does not fit into the tree. */
    return right == FOLD_RIGHT_YES ? unit_shares_add(&f->shares, f->units, author, fact) : 0;
}

static int read_units(struct fold *f, struct entry *x, struct arena *a, struct err *e) {
    struct unit_author author = {.hub = x->r.h.actor, .epoch = x->r.h.epoch, .seq = x->r.h.seq};
    bool is_root = fold_place_depth(f->l, x->author) <= 1;
    struct err why = {0};
    struct payload_units p = {0};
    int rc = payload_units_decode(x->r.payload, a, &p, &why);
    if (rc == ERR_NOMEM)
        return rc;
    uint32_t n = rc == 0 ? p.n : LIMIT_UNITS_PER_RECORD;
    author.branch = fold_place_branch(f->l, x->author);
    if (!is_root && unit_shares_state(&f->shares, &author, n, &n, e) != 0)
        return ERR_NOMEM;
    if (rc != 0)
        return unreadable(f, x, &why, e);
    for (uint32_t i = 0; i < n; i++) {
        rc = is_root ? units_add(f->units, &p.facts[i], NULL)
                     : read_fact(f, x, &author, &p.facts[i]);
        if (rc == ERR_NOMEM)
            return rc;
    }
    return 0;
}

static int read_change(struct fold *f, struct entry *x, struct arena *a, struct err *e) {
    struct err why = {0};
    if (list_grow(&f->changes, f->n_changes, sizeof *f->changes, e) != 0)
        return ERR_NOMEM;
    struct fold_change *c = &f->changes[f->n_changes];
    if (fold_act_change(&x->r, a, c, &why) != 0)
        return unreadable(f, x, &why, e);
    c->entry = x;
    f->n_changes++;
    return 0;
}

static int read_extension(struct fold *f, struct entry *x, struct arena *a, struct err *e) {
    struct err why = {0};
    if (list_grow(&f->extensions, f->n_extensions, sizeof *f->extensions, e) != 0)
        return ERR_NOMEM;
    struct fold_extension *c = &f->extensions[f->n_extensions];
    if (fold_act_extension(&x->r, a, c, &why) != 0)
        return unreadable(f, x, &why, e);
    c->entry = x;
    f->n_extensions++;
    return 0;
}

static int read_withdrawal(struct fold *f, struct entry *x, struct arena *a, struct err *e) {
    if (list_grow(&f->withdrawals, f->n_withdrawals, sizeof *f->withdrawals, e) != 0)
        return ERR_NOMEM;
    struct fold_withdrawal *w = &f->withdrawals[f->n_withdrawals];
    int rc = fold_act_withdrawal(&x->r, a, w, e);
    w->entry = x;
    f->n_withdrawals += rc == 0;
    return rc;
}

static int read_mend(struct fold *f, struct entry *x, struct arena *a, struct err *e) {
    struct err why = {0};
    if (list_grow(&f->mends, f->n_mends, sizeof *f->mends, e) != 0)
        return ERR_NOMEM;
    struct fold_mend *m = &f->mends[f->n_mends];
    if (fold_act_mend(&x->r, a, m, &why) != 0)
        return unreadable(f, x, &why, e);
    m->entry = x;
    f->n_mends++;
    return 0;
}

static int read_one(struct fold *f, struct entry *x, struct err *e,
                    int (*read)(struct fold *, struct entry *, struct arena *, struct err *)) {
    struct arena a;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    int rc = read(f, x, &a, e);
    arena_done(&a);
    return rc == ERR_NOMEM ? err_nomem(e) : rc;
}

/* ---- units, from the top of the tree down ---- */

static bool states_units(const struct entry *x) {
    return fold_place_can_read(x) && x->r.h.kind == KIND_UNITS &&
           (kind_rule(KIND_UNITS)->by & x->author->by) != 0;
}

/* Hubs above speak first, each in the order of its own log. */
static int fold_units(struct fold *f, struct err *e) {
    struct ledger *l = f->l;
    struct fold_place *order = mem_zalloc(l->n, sizeof *order);
    uint32_t n = 0;
    int rc = order ? units_new(&f->units, e) : err_nomem(e);
    for (uint32_t i = 0; rc == 0 && i < l->n; i++)
        f->void_units |= l->list[i].r.h.kind == KIND_UNITS && l->list[i].past_end;
    for (uint32_t i = 0; rc == 0 && i < l->n; i++)
        if (states_units(&l->list[i]))
            order[n++] = fold_place_of(l, &l->list[i]);
    if (rc == 0)
        qsort(order, n, sizeof *order, fold_place_compare);
    for (uint32_t i = 0; rc == 0 && i < n; i++)
        rc = read_one(f, order[i].entry, e, read_units);
    mem_free(order);
    return rc;
}

/* ---- rights ---- */

static int check_rights(struct fold *f, struct entry *x, struct err *e) {
    struct err why = {0};
    int rc = fold_right_record(f->units, x, &why, e);
    if (rc != 0 || why.code == 0)
        return rc;
    x->good = false;
    *findings_at(f->l->findings, &x->r.id) = why;
    return 0;
}

/* ---- the rest ---- */

static int read_rest(struct fold *f, struct entry *x, struct err *e) {
    if (x->beyond)
        return 0;
    switch (x->r.h.kind) {
    case KIND_CAMPAIGN:
        return read_one(f, x, e, read_campaign);
    case KIND_PROFILE:
        return read_one(f, x, e, read_profile);
    case KIND_JOIN:
        return read_one(f, x, e, read_join);
    case KIND_SUBJECTS:
        return read_one(f, x, e, read_subjects);
    case KIND_SUBJECT_NAME:
        return read_one(f, x, e, read_name);
    case KIND_REPORT:
        return read_one(f, x, e, read_report);
    case KIND_RECEIPT:
        return read_one(f, x, e, read_receipt);
    case KIND_CONTACT:
        return read_one(f, x, e, read_contact);
    case KIND_EXTENSION:
        return read_one(f, x, e, read_extension);
    case KIND_WITHDRAWAL:
        return read_one(f, x, e, read_withdrawal);
    case KIND_CLOCK_MEND:
        return read_one(f, x, e, read_mend);
    case KIND_CAMPAIGN_ASSIGN:
    case KIND_CAMPAIGN_WITHDRAW:
        return read_one(f, x, e, read_change);
    default:
        return 0;
    }
}

static const struct campaign *parent_of(void *arg, const struct hash *record) {
    const struct fold_campaign *k = fold_campaign(arg, record);
    return k ? &k->c : NULL;
}

static int resolve_all(struct fold *f, struct err *e) {
    for (uint32_t i = 0; i < f->n_campaigns; i++) {
        struct fold_campaign *k = &f->campaigns[i];
        struct err why = {0};
        k->resolved = criteria_resolve(&k->c, parent_of, f, &k->criteria, &why);
        if (k->resolved == ERR_NOMEM)
            return err_nomem(e);
        if (k->resolved != 0 && k->resolved != ERR_ABSENT)
            *findings_at(f->l->findings, &k->entry->r.id) = why;
    }
    for (uint32_t i = 0; i < f->n_reports; i++)
        f->reports[i].campaign = fold_campaign(f, &f->reports[i].campaign_id);
    return 0;
}

static int by_record(const void *a, const void *b) {
    const struct fold_receipt *x = a, *y = b;
    const struct record_header *g = &x->entry->r.h, *h = &y->entry->r.h;
    int order = hash_cmp(&x->says.record, &y->says.record);
    if (order == 0)
        order = hash_cmp(&g->actor, &h->actor);
    if (order == 0)
        order = (g->epoch > h->epoch) - (g->epoch < h->epoch);
    if (order == 0)
        order = uid_cmp(&g->lane, &h->lane);
    return order != 0 ? order : (g->seq > h->seq) - (g->seq < h->seq);
}

static int by_subject(const void *a, const void *b, void *fold) {
    const struct fold_name *x = a, *y = b;
    int order = uid_cmp(&x->entry->r.h.lane, &y->entry->r.h.lane);
    if (order == 0)
        order = uid_cmp(&x->subject, &y->subject);
    return order != 0 ? order : fold_order(fold, x->entry, y->entry);
}

static int by_order(const void *a, const void *b, void *fold) {
    return fold_revised(fold, a, b);
}

static int receipt_of(const void *record, const void *receipt) {
    return hash_cmp(record, &((const struct fold_receipt *)receipt)->says.record);
}

/* Sort what was read, and give each report its receipts. */
static void arrange(struct fold *f) {
    if (f->n_receipts > 0)
        qsort(f->receipts, f->n_receipts, sizeof *f->receipts, by_record);
    if (f->n_names > 0)
        qsort_r(f->names, f->n_names, sizeof *f->names, by_subject, f);
    if (f->n_reports > 0)
        qsort_r(f->reports, f->n_reports, sizeof *f->reports, by_order, f);
    for (uint32_t i = 0; i < f->n_reports; i++) {
        struct fold_report *r = &f->reports[i];
        f->report_at[r->entry - f->l->list] = i + 1;
        r->first_receipt = search_first(&r->entry->r.id, f->receipts, f->n_receipts,
                                        sizeof *f->receipts, receipt_of);
        uint32_t end = r->first_receipt;
        while (end < f->n_receipts && f->receipts[end].of == r->entry)
            end++;
        r->n_receipts = end - r->first_receipt;
    }
}

/* A withdrawal counts when it stands in the lane of the report that it names. */
static void mark_withdrawn(struct fold *f) {
    for (uint32_t i = 0; i < f->n_withdrawals; i++) {
        const struct fold_withdrawal *w = &f->withdrawals[i];
        const struct entry *of = w->readable ? ledger_find(f->l, &w->report) : NULL;
        struct fold_report *r = of ? fold_report(f, of) : NULL;
        if (r && uid_equal(&of->r.h.lane, &w->entry->r.h.lane))
            r->withdrawn = true;
    }
}

int fold_all(struct fold *f, struct err *e) {
    struct ledger *l = f->l;
    f->report_at = mem_zalloc(l->n, sizeof *f->report_at);
    int rc = f->report_at ? fold_units(f, e) : err_nomem(e);
    if (rc == 0)
        rc = fold_shares(l, e);
    for (uint32_t i = 0; rc == 0 && i < l->n; i++)
        if (l->list[i].good && l->list[i].author)
            rc = check_rights(f, &l->list[i], e);
    for (uint32_t i = 0; rc == 0 && i < l->n; i++)
        if (l->list[i].author && fold_place_can_read(&l->list[i]))
            rc = read_rest(f, &l->list[i], e);
    if (rc == 0)
        rc = resolve_all(f, e);
    if (rc == 0) {
        arrange(f);
        mark_withdrawn(f);
    }
    return rc;
}
