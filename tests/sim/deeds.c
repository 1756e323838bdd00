#include "node/append.h"
#include "proto/payload_act.h"
#include "tests/sim/office.h"
#include "tests/sim/peek.h"
#include "tests/sim/world.h"

#include <stdio.h>
#include <string.h>

static char empty[] = "", other_period[] = "1999", name[] = "Cán bộ";

/* ---- a report ---- */

static struct subject subject_of(const struct uid *id, char *code, enum subject_kind kind) {
    return (struct subject){.id = *id,
                            .code = code,
                            .kind = kind,
                            .class_id = empty,
                            .from = DAY_NONE,
                            .until = DAY_NONE};
}

#define PEOPLE 3

/* The subject list of `unit`: itself and a few people. */
static void list_subjects(const struct machine *n, const struct uid *unit, char codes[][CODE_BYTES],
                          struct subject list[PEOPLE + 1], struct subjects *ret) {
    uint32_t people = n->index % (PEOPLE + 1);
    *ret = (struct subjects){*unit, people + 1, list};
    (void)snprintf(codes[0], CODE_BYTES, "%s", uid_equal(unit, &n->unit) ? n->code : n->below_code);
    list[0] = subject_of(unit, codes[0], SUBJECT_COLLECTIVE);
    for (uint32_t i = 1; i <= people; i++) {
        struct uid id = *unit;
        id.b[15] = (uint8_t)(id.b[15] ^ i);
        (void)snprintf(codes[i], CODE_BYTES, "p%u", i);
        list[i] = subject_of(&id, codes[i], SUBJECT_INDIVIDUAL);
    }
}

static int state(struct machine *n, struct txn *t, uint16_t kind, const struct buf *payload,
                 struct hash *ret_id, struct err *e) {
    return append_own(&n->actor, t, kind, &n->unit, buf_slice(payload), sim_moment(n).wall, ret_id,
                      e);
}

static int state_subjects(struct machine *n, struct txn *t, const struct subjects *list,
                          struct hash *ret_id, struct err *e) {
    struct buf b;
    buf_init(&b);
    int rc = payload_subjects_encode(list, &b, e);
    if (rc == 0)
        rc = state(n, t, KIND_SUBJECTS, &b, ret_id, e);
    buf_done(&b);
    return rc;
}

static bool is_about(const struct criterion *leaf, enum subject_kind kind) {
    return kind == SUBJECT_COLLECTIVE ? leaf->collective : leaf->individual;
}

/* Values of every subject that a criterion is about, bit by bit from the deed. */
static void fill_columns(const struct deed *d, const struct criteria *criteria,
                         const struct subjects *list, struct report_column *columns,
                         uint32_t cells[][PEOPLE + 1]) {
    uint32_t bits = d->cells;
    for (uint32_t j = 0; j < criteria->n_leaves; j++) {
        columns[j] = (struct report_column){.step = 1, .cells = cells[j]};
        for (uint32_t i = 0; i < list->n; i++) {
            if (is_about(criteria->leaves[j], list->list[i].kind))
                cells[j][columns[j].n++] = 2 + (bits & 1); /* not met, met */
            bits = bits >> 1 | bits << 31;
        }
    }
}

#define NOTE_BYTES LIMIT_TEXT

/* A note of the greatest length on every value. */
static void add_notes(const struct criteria *criteria, const struct subjects *list, char *text,
                      struct note notes[CRITERIA * (PEOPLE + 1)], struct payload_report *p) {
    memset(text, 'n', NOTE_BYTES);
    text[NOTE_BYTES] = '\0';
    p->notes = notes;
    for (uint32_t j = 0; j < criteria->n_leaves; j++)
        for (uint32_t i = 0; i < list->n; i++)
            if (is_about(criteria->leaves[j], list->list[i].kind))
                notes[p->n_notes++] = (struct note){i, j, text};
}

/* What the office gets wrong, if it does. */
static void spoil(const struct machine *n, const struct deed *d, struct payload_report *p) {
    if (d->kind == DEED_NIL) {
        p->nil = true;
        p->n_columns = 0;
    } else if (d->kind == DEED_INCOMPLETE) {
        p->columns[0].cells[0] = 0;
    } else if (d->kind == DEED_PERIOD) {
        p->period = other_period;
    } else if (d->kind == DEED_KIND) {
        p->kind = REPORT_FINAL;
    } else if (d->kind == DEED_UNIT) {
        p->unit = sim_above(n)->lone;
    } else if (d->kind == DEED_SUBJECTS) {
        p->subjects.b[0] ^= 1;
    } else if (d->kind == DEED_SHAPE) {
        p->n_columns--;
    } else if (d->kind == DEED_VALUE) {
        p->columns[0].cells[0] = 4 + 850;
    } else if (d->kind == DEED_CAMPAIGN) {
        p->campaign.b[0] ^= 1;
    }
}

static int state_report(struct sim *sim, struct machine *n, struct txn *t, struct deed *d,
                        struct catalog_campaign *k, struct err *e) {
    const struct uid *unit = d->kind == DEED_BELOW ? &n->below : &n->unit;
    uint32_t cells[CRITERIA][PEOPLE + 1] = {{0}};
    struct report_column columns[CRITERIA];
    struct note notes[CRITERIA * (PEOPLE + 1)];
    char codes[PEOPLE + 1][CODE_BYTES], text[NOTE_BYTES + 1];
    struct subject list[PEOPLE + 1];
    struct subjects subjects;
    struct payload_report p = {.campaign = k->record,
                               .period = sim->machines[d->issuer].issue.period,
                               .kind = d->interim ? REPORT_INTERIM : REPORT_ANNUAL,
                               .unit = *unit,
                               .revision = d->revision};
    struct hash id;
    struct buf b;
    buf_init(&b);
    list_subjects(n, unit, codes, list, &subjects);
    int rc = catalog_criteria(&n->actor.catalog, k, NULL, e);
    if (rc == 0)
        rc = state_subjects(n, t, &subjects, &p.subjects, e);
    if (rc == 0) {
        p.n_columns = k->criteria.n_leaves;
        p.columns = columns;
        fill_columns(d, &k->criteria, &subjects, columns, cells);
        if (d->wordy && (d->kind == DEED_GOOD || d->kind == DEED_BELOW))
            add_notes(&k->criteria, &subjects, text, notes, &p);
        spoil(n, d, &p);
        rc = payload_report_encode(&p, &b, e);
    }
    if (rc == 0)
        rc = state(n, t, KIND_REPORT, &b, &id, e);
    buf_done(&b);
    return rc;
}

/* Many small records, more than one window of credits holds. */
static int state_many(struct machine *n, struct txn *t, const struct deed *d, struct err *e) {
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < 200 + d->cells % 200; i++) {
        struct payload_name p = {
            .subject = n->unit, .name = name, .position = empty, .title = empty};
        struct hash id;
        struct buf b;
        buf_init(&b);
        prng_bytes(&n->random, p.salt, sizeof p.salt);
        rc = payload_name_encode(&p, &b, e);
        if (rc == 0)
            rc = state(n, t, KIND_SUBJECT_NAME, &b, &id, e);
        buf_done(&b);
    }
    return rc;
}

/* The last report of `n` that counts for anything, as its store `t` has it. */
static const struct stated *last_report(struct sim *sim, const struct machine *n, struct txn *t) {
    const struct stated *last = NULL;
    for (uint32_t i = n->first_report; i > 0; i = sim->history.list[i - 1].next) {
        const struct stated *s = &sim->history.list[i - 1];
        if (s->kind == KIND_REPORT && s->expect == EXPECT_VALID &&
            txn_get(t, TABLE_RECORDS, slice_of(s->id.b, HASH_BYTES), NULL))
            last = s;
    }
    return last;
}

static int state_withdrawal(struct machine *n, struct txn *t, const struct hash *report,
                            struct err *e) {
    char *words[1] = {other_period};
    struct payload_withdrawal p = {*report, {ACT_REASON_WORDS, 1, words}};
    struct hash id;
    struct buf b;
    buf_init(&b);
    int rc = payload_withdrawal_encode(&p, &b, e);
    if (rc == 0)
        rc = state(n, t, KIND_WITHDRAWAL, &b, &id, e);
    buf_done(&b);
    return rc;
}

static int state_deed(struct sim *sim, struct machine *n, struct txn *t, struct deed *d,
                      struct catalog_campaign *k, const struct stated *last, struct err *e) {
    if (d->kind == DEED_MANY)
        return state_many(n, t, d, e);
    if (d->kind == DEED_WITHDRAW)
        return state_withdrawal(n, t, &last->id, e);
    return state_report(sim, n, t, d, k, e);
}

int office_deed(struct sim *sim, struct machine *n, uint32_t deed, struct err *e) {
    struct deed *d = &n->deeds[deed];
    struct txn *t;
    int rc = actor_begin(&n->actor, true, &t, e);
    if (rc != 0)
        return rc;
    const struct stated *last = last_report(sim, n, t);
    if (d->kind == DEED_WITHDRAW && !last && !n->actor.spent) { /* nothing to take back */
        d->done = true;
        actor_abort(&n->actor, t);
        return 0;
    }
    struct catalog_campaign *k =
        catalog_latest(&n->actor.catalog, &sim->machines[d->issuer].unit, OFFICE_CAMPAIGN);
    if (!k || n->actor.spent) {
        actor_abort(&n->actor, t);
        return 1;
    }
    rc = state_deed(sim, n, t, d, k, last, e);
    if (rc != 0)
        actor_abort(&n->actor, t);
    else
        rc = actor_commit(&n->actor, t, e);
    if (rc == 0 && d->kind == DEED_MANY)
        d->done = true;
    return rc;
}

/* ---- what must come of it ---- */

static void expect(struct stated *s, enum expectation_of what, uint32_t code) {
    s->expect = what;
    s->code = code;
}

/* The deed that a report's payload came of: its label says. */
static uint32_t deed_of(const struct machine *n, struct slice payload) {
    struct reader in = reader_of(payload);
    struct peek_field f;
    while (peek_field(&in, &f))
        if (f.number == 7 && f.value > 0 && f.value <= n->n_deeds)
            return (uint32_t)f.value - 1;
    return NO_DEED;
}

static void expect_withdrawal(struct machine *n, struct stated *s, struct slice payload) {
    struct reader in = reader_of(payload);
    struct peek_field f;
    while (peek_field(&in, &f))
        if (f.number == 1 && f.bytes.len == HASH_BYTES)
            memcpy(s->withdraws.b, f.bytes.data, HASH_BYTES);
    expect(s, EXPECT_VALID, 0);
    for (uint32_t i = 0; i < n->n_deeds; i++)
        if (n->deeds[i].kind == DEED_WITHDRAW && !n->deeds[i].done) {
            n->deeds[i].done = true;
            return;
        }
}

void office_expect(struct sim *sim, struct machine *n, struct stated *s, struct slice payload) {
    static const uint32_t codes[DEED_KINDS] = {
        [DEED_PERIOD] = 4,   [DEED_KIND] = 5,  [DEED_UNIT] = 6,
        [DEED_SUBJECTS] = 8, [DEED_SHAPE] = 9, [DEED_VALUE] = 10,
    };
    if (s->kind == KIND_WITHDRAWAL) {
        expect_withdrawal(n, s, payload);
        return;
    }
    s->deed = deed_of(n, payload);
    if (s->deed == NO_DEED) {
        sim_violate(sim, "custody", "%s stated a report that its office did not make", n->code);
        return;
    }
    struct deed *d = &n->deeds[s->deed];
    bool taken = d->interim && sim->machines[d->issuer].issue.allow_incomplete;
    d->done = true;
    s->issuer = d->issuer;
    s->interim = d->interim;
    s->below = d->kind == DEED_BELOW;
    s->complete = d->kind != DEED_INCOMPLETE;
    if (d->kind == DEED_CAMPAIGN)
        expect(s, EXPECT_HELD, 0);
    else if (d->kind == DEED_INCOMPLETE && !taken)
        expect(s, EXPECT_REJECTED, 11);
    else if (codes[d->kind] != 0)
        expect(s, EXPECT_REJECTED, codes[d->kind]);
    else
        expect(s, EXPECT_VALID, 0);
}
