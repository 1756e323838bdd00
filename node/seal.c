#include "node/seal.h"

#include "core/limits.h"
#include "core/mem.h"
#include "node/acts.h"
#include "node/append.h"
#include "node/heir.h"
#include "node/judge.h"
#include "node/names.h"
#include "node/returned.h"
#include "node/slot_facts.h"
#include "node/views.h"
#include "store/log.h"

#include <string.h>

bool seal_is_empty(const struct office *o, uint32_t row, uint32_t column) {
    return sheet_cell_const(&o->sheet, row, column)->state == CELL_EMPTY &&
           !o->campaign->criteria.leaves[column]->is_aim && office_applies(o, row, column);
}

uint32_t seal_filled(const struct office *o) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < o->sheet.rows; i++)
        for (uint32_t j = 0; j < o->sheet.columns; j++)
            n += sheet_cell_const(&o->sheet, i, j)->state != CELL_EMPTY;
    return n;
}

/* The empty criteria of `row`, as ` C1.1 C1.2 …`, into `ids`; how many. */
static uint32_t empty_of_row(const struct office *o, uint32_t row, struct buf *ids) {
    uint32_t n = 0;
    for (uint32_t j = 0; j < o->sheet.columns; j++)
        if (seal_is_empty(o, row, j)) {
            buf_printf(ids, " %s", o->campaign->criteria.leaves[j]->id);
            n++;
        }
    return n;
}

uint32_t seal_empty(const struct office *o, const struct world *w, struct buf *words,
                    uint32_t lines) {
    uint32_t total = 0, said = 0;
    for (uint32_t i = 0; i < o->sheet.rows; i++) {
        struct buf ids;
        buf_init(&ids);
        uint32_t n = empty_of_row(o, i, &ids);
        const char *list = buf_cstr(&ids);
        if (n > 0 && words && list && said++ < lines)
            world_say(w, words, "still empty: %s:%s", o->people.subjects.list[i].code, list);
        total += n;
        buf_done(&ids);
    }
    if (words && said > lines)
        world_say(w, words, "… and %u more subjects; `score` shows all", said - lines);
    return total;
}

/* The report that the sheet of `o` makes, in `a`. */
static int build(struct office *o, const struct seal *how, struct arena *a,
                 struct payload_report *p, struct err *e) {
    *p = (struct payload_report){
        .campaign = o->campaign->record,
        .profile = o->profile_record,
        .subjects = o->people.record,
        .period = o->period->id,
        .kind = how->kind,
        .unit = o->unit->id,
        .nil = how->nil,
    };
    if (how->nil)
        return 0;
    return payload_report_from_sheet(&o->sheet, &o->campaign->criteria, &o->people.subjects, a, p,
                                     e);
}

/*
 * What was stated for the slot before: the last revision of this machine; where it stated none, the
 * one of the machines before it that counts, as which the sheet begins (see resume).
 */
struct before {
    bool any;
    uint32_t greatest;  /* of all revisions so far; what follows has the next number */
    uint32_t revision;  /* that one's */
    uint32_t inherited; /* that one's, if a machine before this one stated it */
    bool same;          /* it says what is to be said now, … */
    bool rejected;      /* … but a hub rejected it, or it was taken back */
    struct hash report;
};

static int content(struct payload_report p, struct buf *out, struct err *e) {
    p.revision = 0;
    return payload_report_encode(&p, out, e);
}

/* Whether `p`, stated earlier, is of the slot that `now` is for. */
static bool is_same_slot(const struct office *o, const struct payload_report *p,
                         const struct payload_report *now) {
    const struct catalog_campaign *k = catalog_campaign(&o->actor->catalog, &p->campaign);
    return k && uid_equal(&p->unit, &now->unit) && p->kind == now->kind &&
           strcmp(p->period, now->period) == 0 && strcmp(k->c.id, o->campaign->c.id) == 0 &&
           uid_equal(&k->issuer, &o->campaign->issuer);
}

/* Whether the subject lists `x` and `y`, of two machines of one unit, say the same. */
static bool same_list(struct txn *t, const struct hash *x, const struct hash *y) {
    struct record a, b;
    return log_held(t, x, &a) && log_held(t, y, &b) && slice_equal(a.payload, b.payload);
}

/* What is to be said, beside what was. */
struct saying {
    struct office *o;
    const struct payload_report *now;
    struct buf bytes; /* `now`, whatever its revision */
    struct acts acts;
};

/* `p`, the report `r`, is what comes before `s`. */
static int follow(struct saying *s, const struct record *r, struct payload_report *p,
                  struct before *b, struct err *e) {
    struct buf then;
    bool own = hash_equal(&r->h.actor, &s->o->actor->id);
    if (!own && same_list(s->o->t, &p->subjects, &s->now->subjects))
        p->subjects = s->now->subjects;
    b->any = true;
    b->revision = p->revision;
    b->inherited = own ? 0 : p->revision;
    b->report = r->id;
    b->rejected = views_rejected(&s->o->actor->catalog, s->o->t, &r->id);
    buf_init(&then);
    int rc = content(*p, &then, e);
    b->same = slice_equal(buf_slice(&then), buf_slice(&s->bytes));
    if (rc == 0 && !b->rejected)
        rc = acts_withdrawn(&s->acts, &r->id, &b->rejected, e);
    buf_done(&then);
    return rc;
}

/* Take the report `id` into account; one of a machine before this one is followed where it is
 * `counting`. */
static int look_at(struct saying *s, const struct hash *id, bool counting, struct before *b,
                   struct err *e) {
    struct record r;
    struct arena a;
    struct payload_report p;
    int rc = log_get(s->o->t, id, &r, e);
    if (rc != 0 || !heir_has(s->o->actor, s->o->t, &r.h))
        return rc;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    int read = payload_report_decode(r.payload, &a, &p, NULL);
    if (read == ERR_NOMEM)
        rc = err_nomem(e);
    if (read == 0 && is_same_slot(s->o, &p, s->now)) {
        b->greatest = p.revision > b->greatest ? p.revision : b->greatest;
        if (counting || hash_equal(&r.h.actor, &s->o->actor->id))
            rc = follow(s, &r, &p, b, e);
    }
    arena_done(&a);
    return rc;
}

/* Take into account what counts of the machines before this one. */
static int look_at_counting(struct saying *s, struct before *b, struct err *e) {
    const struct catalog_campaign *k = s->o->campaign;
    const struct slot slot = {.issuer = k->issuer,
                              .campaign = k->c.id,
                              .period = s->now->period,
                              .kind = s->now->kind,
                              .unit = s->now->unit};
    struct slot_facts f;
    struct hash counts = {{0}};
    int rc = slot_facts_begin(&f, s->o->actor, s->o->t, e);
    if (rc == 0)
        rc = slot_facts_counting(&f, &slot, &counts, e);
    slot_facts_done(&f);
    return rc == 0 && !hash_is_zero(&counts) ? look_at(s, &counts, true, b, e) : rc;
}

static int find_before(struct office *o, const struct payload_report *now, struct before *ret,
                       struct err *e) {
    struct saying s = {.o = o, .now = now, .acts = acts_of(o->actor, o->t)};
    struct before b = {0};
    struct log_walk w;
    struct hash id;
    buf_init(&s.bytes);
    int rc = content(*now, &s.bytes, e);
    log_walk_init(&w, o->t, KIND_REPORT, 0);
    while (rc == 0 && log_walk_next(&w, NULL, &id))
        rc = look_at(&s, &id, false, &b, e);
    log_walk_done(&w);
    if (rc == 0)
        rc = txn_failed(o->t, e);
    if (rc == 0 && !b.any && b.greatest > 0)
        rc = look_at_counting(&s, &b, e);
    buf_done(&s.bytes);
    if (rc == 0)
        *ret = b;
    return rc;
}

/* Judge the report that `payload` would be, as the hub will. */
static int judge(struct office *o, struct slice payload, uint32_t *ret_empty, struct err *e) {
    struct judgement j;
    struct member self;
    struct record r = {.payload = payload};
    r.h.actor = o->actor->id;
    r.h.epoch = o->actor->epoch;
    if (!roster_find(o->t, &o->actor->id, o->actor->epoch, &self))
        return err_set(e, ERR_REFUSED, "this machine is not enrolled yet: finish `join` first");
    int rc = judge_report(&o->actor->catalog, o->t, &r, &self, &j, NULL, e);
    if (rc != 0)
        return rc;
    if (j.state == RECEIPT_HELD)
        return err_set(e, ERR_REFUSED,
                       "something that campaign %s builds on is not here yet: `sync` with the hub "
                       "first",
                       o->campaign->c.id);
    if (j.state == RECEIPT_REJECTED) {
        char *args[JUDGE_ARGS];
        for (uint32_t i = 0; i < JUDGE_ARGS; i++)
            args[i] = j.args[i];
        reject_words(j.code, j.n_args, args, e);
        return ERR_REFUSED;
    }
    *ret_empty = j.empty;
    return 0;
}

/* What is wrong with the sheet, in words that lead to the cell: the judge's are for receipts. */
static int check_values(const struct office *o, const struct seal *how, struct err *e) {
    const struct report_rule *rule = campaign_report(&o->campaign->c, how->kind);
    struct sheet_rules rules = office_rules(o);
    uint32_t empty;
    if (!rule)
        return err_set(e, ERR_REFUSED,
                       "campaign %s asks for no report of kind %s; `campaign show` lists the kinds",
                       o->campaign->c.id, report_kind_text(how->kind));
    uint32_t values = how->nil ? seal_filled(o) : 0;
    if (values > 0)
        return err_set(e, ERR_REFUSED,
                       "%u values are recorded for %s %s, so there is something to report: leave "
                       "--nil out, or empty them first with `record --value ''`",
                       values, o->campaign->c.id, o->period->id);
    return how->nil ? 0 : sheet_check(&rules, &o->sheet, rule->allow_incomplete, &empty, e);
}

/* A campaign that was withdrawn takes no more reports. */
static int check_end(const struct office *o, instant now, struct err *e) {
    const struct campaign *k = &o->campaign->c;
    const struct change_end *end =
        changes_end(&o->actor->catalog.changes, &o->campaign->issuer, k->id);
    if (!end || now < end->from)
        return 0;
    char when[INSTANT_TEXT];
    instant_text_people(end->from, when);
    return err_set(
        e, ERR_REFUSED,
        "campaign %s was withdrawn on %s: it takes no more reports; `campaign show` says "
        "why",
        k->id, when);
}

static int state_subjects(struct office *o, instant now, struct err *e) {
    if (!hash_is_zero(&o->people.record))
        return 0;
    return people_state(o->actor, o->t, &o->people.subjects, now, &o->people.record, e);
}

/* Whether the name of row `row` is another by now than it was with `report`. */
static int is_renamed(const struct office *o, const struct names *names, uint32_t row,
                      const struct hash *report, bool *ret_renamed, struct err *e) {
    const struct uid *lane = &o->actor->unit, *subject = &o->people.subjects.list[row].id;
    char *then __attribute__((cleanup(mem_cleanup))) = NULL;
    char *now __attribute__((cleanup(mem_cleanup))) = NULL;
    int rc = names_find(names, o->t, lane, subject, report, &then, e);
    if (rc == 0)
        rc = names_find(names, o->t, lane, subject, NULL, &now, e);
    if (rc == 0 && now)
        *ret_renamed = !then || strcmp(then, now) != 0;
    return rc;
}

/* Whether somebody in the list is called otherwise than with `report`, which shows its own names
 * for ever. */
static int find_renamed(const struct office *o, const struct hash *report, bool *ret_renamed,
                        struct err *e) {
    struct names names;
    bool renamed = false;
    int rc = names_load(o->t, &names, e);
    if (rc != 0)
        return rc;
    for (uint32_t i = 1; rc == 0 && !renamed && i < o->people.subjects.n; i++)
        rc = is_renamed(o, &names, i, report, &renamed, e);
    names_done(&names);
    if (rc == 0)
        *ret_renamed = renamed;
    return rc;
}

static int state_report(struct office *o, const struct seal *how, struct payload_report *p,
                        struct sealed *ret, struct err *e) {
    struct before b;
    struct sealed s = {.kind = how->kind};
    bool renamed = false;
    int rc = find_before(o, p, &b, e);
    if (rc == 0 && b.any && b.same && !p->nil)
        rc = find_renamed(o, &b.report, &renamed, e);
    if (rc != 0)
        return rc;
    if (b.any && b.same && !b.rejected && !renamed)
        return err_set(e, ERR_REFUSED,
                       "nothing has changed since revision %u of %s %s: there is nothing to submit",
                       b.revision, o->campaign->c.id, p->period);
    s.revision = p->revision = b.greatest + 1;
    s.inherited = b.inherited;
    struct buf payload;
    buf_init(&payload);
    rc = payload_report_encode(p, &payload, e);
    if (rc == 0 && payload.len > LIMIT_PAYLOAD)
        rc = err_set(e, ERR_REFUSED, "the report is larger than %u bytes: shorten its notes",
                     LIMIT_PAYLOAD);
    if (rc == 0)
        rc = judge(o, buf_slice(&payload), &s.empty, e);
    if (rc == 0)
        rc = append_own(o->actor, o->t, KIND_REPORT, &o->actor->unit, buf_slice(&payload), how->now,
                        &s.report, e);
    struct draft d = office_draft(o);
    draft_mark(o->t, &d);
    draft_stated(o->t, &d);
    if (rc == 0)
        rc = returned_sealed(o->actor, o->t, &d, e);
    buf_done(&payload);
    if (rc == 0)
        *ret = s;
    return rc;
}

int seal_report(struct office *o, const struct seal *how, struct sealed *ret_sealed,
                struct err *e) {
    struct seal want = *how;
    struct payload_report p;
    struct arena a;
    if (want.kind == 0)
        want.kind = campaign_default_report(&o->campaign->c)->kind;
    int rc = check_end(o, want.now, e);
    if (rc == 0)
        rc = check_values(o, &want, e);
    if (rc == 0)
        rc = state_subjects(o, want.now, e);
    if (rc != 0)
        return rc;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    rc = build(o, &want, &a, &p, e);
    if (rc == 0)
        rc = state_report(o, &want, &p, ret_sealed, e);
    arena_done(&a);
    return rc;
}
