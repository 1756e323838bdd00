#include "node/standing_whom.h"

#include "core/campaign.h"
#include "node/judge.h"
#include "node/standing_book.h"
#include "node/standing_group.h"
#include "node/standing_keep.h"
#include "store/log.h"

#include <stdio.h>
#include <string.h>

struct finding {
    struct slot_facts *f;
    const struct standing_asked *asked;
    struct standing_choice choice;
    struct standing_subject subject;
    const struct unit_fact *unit;
    enum subject_kind kind; /* found out */
    char class_id[LIMIT_CODE + 1];
    struct err *e;
};

static bool is(struct finding *x, enum subject_kind kind, const char *class_id) {
    x->kind = kind;
    (void)snprintf(x->class_id, sizeof x->class_id, "%s", class_id);
    return true;
}

/* The subject called so in `o`; false: it is not there. */
static bool find_row(struct finding *x, const struct opened_report *o) {
    int row = subjects_row(&o->subjects, x->subject.code);
    return row >= 0 && is(x, o->subjects.list[row].kind, o->subjects.list[row].class_id);
}

/* Look in the standing book, where that is up to date; false: it is not there. */
static bool look_in_book(struct finding *x, const struct slot *slot) {
    const struct standing_id id = standing_id_of(slot);
    struct standing_held held;
    struct standing_held_row row;
    if (standing_book_has(x->f->t, slot) != STANDING_KEPT || !standing_keep_current(x->f->t) ||
        !standing_book_unit(x->f->t, &id, &slot->unit, &held))
        return false;
    for (uint32_t i = 0; i < held.n && standing_held_row(&held, i, &row); i++)
        if (strcmp(row.code, x->subject.code) == 0)
            return is(x, row.kind, row.class_id);
    return false;
}

/* Look in the report that counts for the unit. */
static int look_in_report(struct finding *x, const struct slot *slot, bool *ret_found) {
    struct opened_report o;
    struct judgement j;
    struct record r;
    struct member author;
    int rc = slot_facts_gather(x->f, slot, x->e);
    if (rc != 0)
        return rc;
    struct verdict v = slot_facts_verdict(x->f, &slot_facts_direct, false, SLOT_FACTS_ALL);
    if (v.effective == VERDICT_NONE)
        return 0;
    rc = log_get(x->f->t, &x->f->revisions[v.effective].id, &r, x->e);
    if (rc != 0 || !roster_find(x->f->t, &r.h.actor, r.h.epoch, &author))
        return rc;
    rc = judge_report(&x->f->actor->catalog, x->f->t, &r, &author, &j, &o, x->e);
    if (rc != 0 || j.state != RECEIPT_VALID)
        return rc;
    *ret_found = find_row(x, &o);
    judge_opened_done(&o);
    return 0;
}

static int look(struct finding *x, bool *ret_found) {
    const struct slot slot = {x->choice.campaign->issuer, x->choice.campaign->c.id,
                              x->choice.period->id, x->choice.rule->kind, x->unit->id};
    *ret_found = look_in_book(x, &slot);
    return *ret_found ? 0 : look_in_report(x, &slot, ret_found);
}

/* Which subject is meant, and what it is. */
static int find_subject(struct finding *x, struct buf *words) {
    struct standing_asked open = *x->asked;
    const struct units *units = x->f->actor->catalog.units;
    bool found;
    if (!open.subject_kind)
        open.subject_kind = subject_kind_text(SUBJECT_COLLECTIVE); /* so as not to be asked */
    int rc = standing_choice_make(x->f, &open, &x->choice, words, x->e);
    if (rc == 0)
        rc = standing_subject_parse(x->f, &x->choice, open.subject, &x->subject, x->e);
    if (rc != 0)
        return rc;
    rc = units_named(units, x->subject.unit, x->choice.as_of, &x->unit, x->e);
    if (rc != 0)
        return rc;
    if (!x->unit)
        return standing_subject_absent(x->asked, x->e);
    x->kind = SUBJECT_COLLECTIVE;
    rc = look(x, &found);
    if (rc == 0 && !found && strcmp(x->subject.unit, x->subject.code) != 0)
        return standing_subject_absent(x->asked, x->e);
    return rc;
}

/* The group declared that it is in; `-`: in none; empty: in several. False: none is declared. */
static bool find_declared(const struct finding *x, char group[LIMIT_NAME + 1]) {
    const struct campaign *c = &x->choice.campaign->c;
    struct standing_group g = {.choice = GROUP_DECLARED, .campaign = c, .subjects = x->kind};
    uint32_t n = 0, in = 0;
    (void)snprintf(group, LIMIT_NAME + 1, "-");
    for (uint32_t i = 0; i < c->n_groups; i++) {
        g.declared = &c->groups[i];
        if (g.declared->subjects != SUBJECT_ANY && g.declared->subjects != x->kind)
            continue;
        n++;
        if (standing_group_has(&g, x->unit, x->class_id) && in++ == 0)
            (void)snprintf(group, LIMIT_NAME + 1, "%s", g.declared->id);
    }
    if (in > 1)
        group[0] = '\0';
    return n > 0;
}

int standing_whom_fill(struct actor *a, struct txn *t, struct standing_asked *asked,
                       struct standing_whom *whom, struct buf *words, struct err *e) {
    struct slot_facts f;
    struct finding x = {.f = &f, .asked = asked, .e = e};
    if (!asked->subject || (asked->subject_kind && asked->group))
        return 0;
    int rc = slot_facts_begin(&f, a, t, e);
    if (rc == 0)
        rc = find_subject(&x, words);
    if (rc == 0 && !find_declared(&x, whom->group))
        (void)snprintf(whom->group, sizeof whom->group, "%s",
                       x.unit->group[0] ? x.unit->group : "-");
    if (rc == 0) {
        whom->subject_kind = subject_kind_text(x.kind);
        if (!asked->subject_kind)
            asked->subject_kind = whom->subject_kind;
        if (!asked->group && whom->group[0])
            asked->group = whom->group;
    }
    slot_facts_done(&f);
    return rc;
}
