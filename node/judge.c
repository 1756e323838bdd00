#include "node/judge.h"

#include "core/text.h"
#include "proto/kinds.h"
#include "proto/payload_act.h"
#include "store/log.h"

#include <stdio.h>
#include <string.h>

static int reject(struct judgement *j, enum reject_code code, const char *a, const char *b) {
    j->state = RECEIPT_REJECTED;
    j->code = code;
    const char *args[JUDGE_ARGS] = {a, b};
    for (uint32_t i = 0; i < JUDGE_ARGS && args[i]; i++) {
        size_t n = strlen(args[i]);
        if (n >= sizeof j->args[i]) /* a receipt carries whole letters only */
            n = text_utf8_prefix(slice_of(args[i], sizeof j->args[i] - 1));
        memcpy(j->args[i], args[i], n);
        j->args[i][n] = '\0';
        j->n_args = i + 1;
    }
    return 1;
}

static int wait_for(struct judgement *j, const struct hash *what) {
    j->state = RECEIPT_HELD;
    j->awaits = *what;
    return 1;
}

/*
 * `what` is nothing that the catalog has: wait until it is here, unless it is and never will be
 * more. What was stated after its author's end is void for good; what is of another kind, or cannot
 * be read, is as if it were not named (`code`); of a later version nobody here can say. What is
 * beyond its author's share waits too: it counts again where somebody is ended who filled that.
 */
static int wait_or_reject(const struct catalog *c, struct txn *t, struct judgement *j,
                          const struct hash *what, enum reject_code code) {
    struct record r;
    if (log_held(t, what, &r) && campaign_shares_count(&c->shares, t, &r.h)) {
        if (!roster_stands(t, &r.h))
            return reject(j, REJECT_VOID, NULL, NULL);
        if (r.h.payload_version == PAYLOAD_VERSION)
            return reject(j, code, NULL, NULL);
    }
    return wait_for(j, what);
}

/* Each step returns 0 to go on, 1 when the judgement is made, below zero when we failed. */

static int find_campaign(struct catalog *c, struct txn *t, struct opened_report *o,
                         struct judgement *j, struct err *e) {
    const struct payload_report *p = &o->report;
    o->campaign = catalog_campaign(c, &p->campaign);
    if (!o->campaign)
        return wait_or_reject(c, t, j, &p->campaign, REJECT_CAMPAIGN);
    const struct campaign *k = &o->campaign->c;
    const struct period *period = campaign_period(k, p->period);
    o->on = period ? period->cutoff : instant_day(INSTANT_MAX);
    /* Whether it was asked on its day is for the board: what was right to send when it was sent
     * does not become wrong by a move, whenever people learn of that. */
    if (!catalog_ever_under(c, &p->unit, &o->campaign->issuer))
        return reject(j, REJECT_CAMPAIGN, NULL, NULL);
    if (campaign_is_template(k))
        return reject(j, REJECT_TEMPLATE, k->id, NULL);
    if (!period)
        return reject(j, REJECT_PERIOD, p->period, NULL);
    if (!campaign_report(k, p->kind))
        return reject(j, REJECT_KIND, report_kind_text(p->kind), NULL);
    struct hash missing;
    struct err why;
    err_init(&why);
    int rc = catalog_criteria(c, o->campaign, &missing, &why);
    if (rc == ERR_ABSENT)
        return wait_or_reject(c, t, j, &missing, REJECT_CAMPAIGN);
    if (rc == ERR_NOMEM)
        return err_nomem(e);
    return rc == 0 ? 0 : reject(j, REJECT_CAMPAIGN, NULL, NULL);
}

static int find_profile(struct catalog *c, struct txn *t, struct opened_report *o,
                        struct judgement *j) {
    if (hash_is_zero(&o->report.profile)) {
        o->profile = &profile_met;
        return 0;
    }
    const struct catalog_profile *p = catalog_profile(c, &o->report.profile);
    if (!p)
        return wait_or_reject(c, t, j, &o->report.profile, REJECT_PROFILE);
    if (!uid_equal(&p->issuer, &o->campaign->issuer) ||
        strcmp(p->p.campaign, o->campaign->c.id) != 0)
        return reject(j, REJECT_PROFILE, NULL, NULL);
    o->profile = &p->p;
    return 0;
}

/* An office reports for its own unit, and for units below it that have no machine of their own;
 * with `again` they may have got one since. */
static int check_unit(struct catalog *c, struct txn *t, struct opened_report *o,
                      const struct member *author, bool again, struct judgement *j) {
    const struct uid *unit = &o->report.unit;
    struct member other;
    bool own = uid_equal(unit, &author->unit);
    o->unit = units_at(c->units, unit, o->on);
    if (!o->unit)
        o->unit = catalog_unit(c, unit);
    if (!o->unit || !catalog_ever_under(c, unit, &author->unit) ||
        (!own && !again && roster_of_unit(t, unit, BY_NODE, &other)))
        return reject(j, REJECT_UNIT, o->unit ? o->unit->code : "?", NULL);
    return 0;
}

void judge_lists_init(struct judge_lists *l) {
    *l = (struct judge_lists){0};
    arena_init(&l->arena, PAYLOAD_ARENA_BYTES);
}

void judge_lists_done(struct judge_lists *l) {
    arena_done(&l->arena);
    *l = (struct judge_lists){0};
}

/* Decode `list` for `o`, or into `l` (NULL: nobody wants it again). */
static int decode_list(struct judge_lists *l, const struct record *list, struct opened_report *o,
                       struct err *why) {
    if (l) {
        judge_lists_done(l);
        judge_lists_init(l);
    }
    int rc = payload_subjects_decode(list->payload, l ? &l->arena : &o->arena, &o->subjects, why);
    if (rc == 0 && l) {
        l->record = list->id;
        l->author = list->h.actor;
        l->subjects = o->subjects;
    }
    return rc;
}

static int find_subjects(struct judge_lists *l, struct txn *t, const struct record *r,
                         struct opened_report *o, struct judgement *j, struct err *e) {
    const struct hash *id = &o->report.subjects;
    struct record list;
    struct err why;
    int rc = 0;
    err_init(&why);
    if (l && hash_equal(&l->record, id) && hash_equal(&l->author, &r->h.actor)) {
        o->subjects = l->subjects;
    } else {
        rc = log_seek(t, id, &list, &why);
        if (rc == ERR_ABSENT && log_states(t, &r->h.actor, id))
            return log_damaged(id, e);
        if (txn_failed(t, e) != 0)
            return txn_failed(t, NULL);
        if (rc == ERR_CORRUPT || txn_failed(t, NULL) != 0) {
            if (e)
                *e = why;
            return rc;
        }
        if (rc == 0 && (list.h.kind != KIND_SUBJECTS || list.h.payload_version != PAYLOAD_VERSION ||
                        !hash_equal(&list.h.actor, &r->h.actor) || !roster_stands(t, &list.h)))
            rc = ERR_ABSENT;
        if (rc == 0)
            rc = decode_list(l, &list, o, &why);
    }
    if (rc == ERR_NOMEM)
        return err_nomem(e);
    if (rc != 0 || !uid_equal(&o->subjects.unit, &o->report.unit))
        return reject(j, REJECT_SUBJECTS, NULL, NULL);
    return 0;
}

struct sheet_rules judge_opened_rules(const struct opened_report *o) {
    return (struct sheet_rules){
        .campaign = &o->campaign->c,
        .criteria = &o->campaign->criteria,
        .profile = o->profile,
        .subjects = &o->subjects,
        .unit = {o->unit->id, o->unit->kind},
    };
}

static int check_sheet(struct opened_report *o, struct judgement *j, struct err *e) {
    struct err why;
    char count[16];
    err_init(&why);
    int rc =
        payload_report_to_sheet(&o->report, &o->campaign->criteria, &o->subjects, &o->sheet, &why);
    if (rc == ERR_NOMEM)
        return err_nomem(e);
    if (rc != 0)
        return reject(j, REJECT_SHAPE, why.n > 0 ? why.arg[0] : "?", NULL);
    if (o->report.nil) {
        j->state = RECEIPT_VALID;
        return o->report.n_notes == 0 ? 0 : reject(j, REJECT_NIL, NULL, NULL);
    }
    struct sheet_rules rules = judge_opened_rules(o);
    const struct report_rule *asked = campaign_report(&o->campaign->c, o->report.kind);
    rc = sheet_check(&rules, &o->sheet, true, &j->empty, &why);
    if (rc == ERR_NOMEM)
        return err_nomem(e);
    if (rc != 0)
        return reject(j, REJECT_VALUE, why.n > 0 ? why.arg[0] : "?", why.n > 1 ? why.arg[1] : "?");
    (void)snprintf(count, sizeof count, "%u", j->empty);
    if (j->empty > 0 && !asked->allow_incomplete)
        return reject(j, REJECT_INCOMPLETE, count, NULL);
    j->state = RECEIPT_VALID;
    return 0;
}

void judge_opened_done(struct opened_report *o) {
    sheet_done(&o->sheet);
    arena_done(&o->arena);
    *o = (struct opened_report){0};
}

int judge_report(struct catalog *c, struct txn *t, const struct record *r,
                 const struct member *author, struct judgement *ret_judgement,
                 struct opened_report *ret_opened, struct err *e) {
    return judge_next(NULL, c, t, r, author, ret_judgement, ret_opened, e);
}

/* What is judged, whose it is. */
struct judging {
    const struct record *r;
    const struct member *author;
    bool again; /* what decided it when it came may be otherwise now, see judge_again */
};

static int judge_as(struct judge_lists *lists, struct catalog *c, struct txn *t,
                    const struct judging *g, struct judgement *ret_judgement,
                    struct opened_report *ret_opened, struct err *e) {
    const struct record *r = g->r;
    struct judgement j = {.state = RECEIPT_VALID};
    struct opened_report o = {0};
    struct err why;
    err_init(&why);
    arena_init(&o.arena, PAYLOAD_ARENA_BYTES);
    int rc = payload_report_decode(r->payload, &o.arena, &o.report, &why);
    if (rc != 0 && rc != ERR_NOMEM)
        rc = reject(&j, REJECT_MALFORMED, why.n > 1 ? why.arg[1] : "?", NULL);
    if (rc == 0)
        rc = find_campaign(c, t, &o, &j, e);
    if (rc == 0)
        rc = find_profile(c, t, &o, &j);
    if (rc == 0)
        rc = check_unit(c, t, &o, g->author, g->again, &j);
    if (rc == 0)
        rc = find_subjects(lists, t, r, &o, &j, e);
    if (rc == 0)
        rc = check_sheet(&o, &j, e);
    if (rc == 0 && ret_opened)
        *ret_opened = o;
    else
        judge_opened_done(&o);
    if (rc < 0)
        return rc == ERR_NOMEM ? err_nomem(e) : rc;
    *ret_judgement = j;
    return 0;
}

int judge_next(struct judge_lists *lists, struct catalog *c, struct txn *t, const struct record *r,
               const struct member *author, struct judgement *ret_judgement,
               struct opened_report *ret_opened, struct err *e) {
    return judge_as(lists, c, t, &(struct judging){r, author, false}, ret_judgement, ret_opened, e);
}

int judge_again(struct catalog *c, struct txn *t, const struct record *r,
                const struct member *author, struct judgement *ret_judgement, struct err *e) {
    return judge_as(NULL, c, t, &(struct judging){r, author, true}, ret_judgement, NULL, e);
}

void judge_crowded(struct judgement *judgement) {
    char most[16];
    (void)snprintf(most, sizeof most, "%u", LIMIT_REVISIONS);
    (void)reject(judgement, REJECT_REVISIONS, most, NULL);
}

void judge_end(const struct catalog *c, const struct catalog_campaign *k, instant received_at,
               struct judgement *judgement) {
    const struct change_end *end = changes_end(&c->changes, &k->issuer, k->c.id);
    if (end && received_at >= end->from)
        (void)reject(judgement, REJECT_WITHDRAWN, k->c.id, NULL);
}

int judge_withdrawal(struct txn *t, const struct record *r, struct judgement *ret_judgement,
                     struct err *e) {
    struct judgement j = {.state = RECEIPT_VALID};
    struct payload_withdrawal p;
    struct record report;
    struct uid lane = r->h.lane;
    struct arena a;
    struct err why;
    err_init(&why);
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    int rc = payload_withdrawal_decode(r->payload, &a, &p, &why);
    arena_done(&a);
    if (rc == ERR_NOMEM)
        return err_nomem(e);
    if (rc != 0)
        (void)reject(&j, REJECT_MALFORMED, why.n > 1 ? why.arg[1] : "?", NULL);
    else if (!log_has(t, &p.record))
        (void)wait_for(&j, &p.record);
    else if ((rc = log_get(t, &p.record, &report, e)) != 0)
        return rc;
    else if (report.h.kind != KIND_REPORT || !uid_equal(&report.h.lane, &lane))
        (void)reject(&j, REJECT_NO_REPORT, NULL, NULL);
    *ret_judgement = j;
    return 0;
}
