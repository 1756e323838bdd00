#include "tests/sim/office.h"

#include "core/limits.h"
#include "node/append.h"
#include "proto/payload_campaign.h"
#include "tests/sim/peek.h"
#include "tests/sim/world.h"

#include <stdio.h>
#include <string.h>

/* ---- the campaign ---- */

#define CRITERIA 4

static char empty[] = "", id_campaign[] = OFFICE_CAMPAIGN, title[] = "Phong trào thi đua";
static char why[] = "gia hạn", on[] = "2023-06-01", other_period[] = "1999", name[] = "Cán bộ";
static char criteria_ids[CRITERIA][4] = {"c1", "c2", "c3", "c4"};

static struct report_rule rule(struct sim *sim, uint32_t version, enum report_kind kind,
                               struct due_rule *due) {
    *due = (struct due_rule){.level = empty,
                             .recurrence = DUE_ONCE,
                             .year = sim->due_date[version][0],
                             .month = sim->due_date[version][1],
                             .day = sim->due_date[version][2],
                             .inclusive = sim->inclusive};
    return (struct report_rule){.kind = kind,
                                .is_default = kind == REPORT_ANNUAL,
                                .allow_incomplete = kind == REPORT_INTERIM && sim->allow_incomplete,
                                .return_days = 5,
                                .n_due = 1,
                                .due = due,
                                .embedded_in = empty};
}

static int encode_campaign(struct sim *sim, uint32_t version, struct buf *out, struct err *e) {
    struct criterion criteria[CRITERIA];
    struct due_rule due[2];
    struct report_rule reports[2] = {rule(sim, version, REPORT_ANNUAL, &due[0]),
                                     rule(sim, version, REPORT_INTERIM, &due[1])};
    int year = sim->due_date[version][0];
    struct period period = {.id = sim->period};
    for (uint32_t i = 0; i < CRITERIA; i++)
        criteria[i] = (struct criterion){.id = criteria_ids[i],
                                         .parent = empty,
                                         .leaf = true,
                                         .collective = i != 1,
                                         .individual = i != 0,
                                         .label = {title, empty},
                                         .unit_of_measure = empty};
    if (!day_from_ymd(year, 1, 1, &period.begin) || !day_from_ymd(year, 12, 31, &period.end))
        return err_set(e, ERR_REFUSED, "no such year");
    period.cutoff = period.end;
    struct campaign c = {.id = id_campaign,
                         .version = version,
                         .amended_on = version > 1 ? on : empty,
                         .amended_why = version > 1 ? why : empty,
                         .title = {title, empty},
                         .issuer_name = title,
                         .document = empty,
                         .profile = empty,
                         .funding = empty,
                         .n_periods = 1,
                         .n_reports = 2,
                         .n_criteria = version > 1 ? CRITERIA : CRITERIA - 1,
                         .periods = &period,
                         .reports = reports,
                         .criteria = criteria};
    return campaign_encode(&c, out, e);
}

int office_issue(struct sim *sim, uint32_t version, struct err *e) {
    struct actor *a = &sim->root.actor;
    struct txn *t;
    struct hash id;
    struct buf b;
    buf_init(&b);
    int rc = encode_campaign(sim, version, &b, e);
    if (rc != 0) {
        sim_broken(sim, "writing the campaign", e);
        buf_done(&b);
        return rc;
    }
    rc = actor_begin(a, true, &t, e);
    if (rc == 0) {
        rc = append_own(a, t, KIND_CAMPAIGN, NULL, buf_slice(&b),
                        sim_moment(sim, sim->root.wall_shift).wall, &id, e);
        if (rc == 0)
            rc = actor_commit(a, t, e);
        else
            actor_abort(a, t);
    }
    buf_done(&b);
    return rc;
}

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
static void list_subjects(const struct node *n, const struct uid *unit, char codes[][8],
                          struct subject list[PEOPLE + 1], struct subjects *ret) {
    uint32_t people = n->index % (PEOPLE + 1);
    *ret = (struct subjects){*unit, people + 1, list};
    (void)snprintf(codes[0], 8, "%s%u", uid_equal(unit, &n->unit) ? "u" : "b", n->index);
    list[0] = subject_of(unit, codes[0], SUBJECT_COLLECTIVE);
    for (uint32_t i = 1; i <= people; i++) {
        struct uid id = *unit;
        id.b[15] = (uint8_t)(id.b[15] ^ i);
        (void)snprintf(codes[i], 8, "p%u", i);
        list[i] = subject_of(&id, codes[i], SUBJECT_INDIVIDUAL);
    }
}

static int state(struct sim *sim, struct node *n, struct txn *t, uint16_t kind,
                 const struct buf *payload, struct hash *ret_id, struct err *e) {
    return append_own(&n->actor, t, kind, &n->unit, buf_slice(payload),
                      sim_moment(sim, n->wall_shift).wall, ret_id, e);
}

static int state_subjects(struct sim *sim, struct node *n, struct txn *t,
                          const struct subjects *list, struct hash *ret_id, struct err *e) {
    struct buf b;
    buf_init(&b);
    int rc = payload_subjects_encode(list, &b, e);
    if (rc == 0)
        rc = state(sim, n, t, KIND_SUBJECTS, &b, ret_id, e);
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
static void spoil(struct sim *sim, const struct node *n, const struct deed *d,
                  struct payload_report *p) {
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
        p->unit = n->index % 2 || sim->n_nodes == 1
                      ? sim->root.lone
                      : sim->nodes[(n->index + 1) % sim->n_nodes].unit;
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

static int state_report(struct sim *sim, struct node *n, struct txn *t, struct deed *d,
                        struct catalog_campaign *k, struct err *e) {
    const struct uid *unit = d->kind == DEED_BELOW ? &n->below : &n->unit;
    uint32_t cells[CRITERIA][PEOPLE + 1] = {{0}};
    struct report_column columns[CRITERIA];
    struct note notes[CRITERIA * (PEOPLE + 1)];
    char codes[PEOPLE + 1][8], text[NOTE_BYTES + 1];
    struct subject list[PEOPLE + 1];
    struct subjects subjects;
    struct payload_report p = {.campaign = k->record,
                               .period = sim->period,
                               .kind = d->interim ? REPORT_INTERIM : REPORT_ANNUAL,
                               .unit = *unit,
                               .revision = d->revision};
    struct hash id;
    struct buf b;
    buf_init(&b);
    list_subjects(n, unit, codes, list, &subjects);
    int rc = catalog_criteria(&n->actor.catalog, k, NULL, e);
    if (rc == 0)
        rc = state_subjects(sim, n, t, &subjects, &p.subjects, e);
    if (rc == 0) {
        p.n_columns = k->criteria.n_leaves;
        p.columns = columns;
        fill_columns(d, &k->criteria, &subjects, columns, cells);
        if (d->wordy && (d->kind == DEED_GOOD || d->kind == DEED_BELOW))
            add_notes(&k->criteria, &subjects, text, notes, &p);
        spoil(sim, n, d, &p);
        rc = payload_report_encode(&p, &b, e);
    }
    if (rc == 0)
        rc = state(sim, n, t, KIND_REPORT, &b, &id, e);
    buf_done(&b);
    return rc;
}

/* Many small records, more than one window of credits holds. */
static int state_many(struct sim *sim, struct node *n, struct txn *t, const struct deed *d,
                      struct err *e) {
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
            rc = state(sim, n, t, KIND_SUBJECT_NAME, &b, &id, e);
        buf_done(&b);
    }
    return rc;
}

int office_act(struct sim *sim, struct node *n, uint32_t deed, struct err *e) {
    struct deed *d = &n->deeds[deed];
    struct txn *t;
    int rc = actor_begin(&n->actor, true, &t, e);
    if (rc != 0)
        return rc;
    struct catalog_campaign *k =
        catalog_latest(&n->actor.catalog, &sim->root.unit, OFFICE_CAMPAIGN);
    if (!k) {
        actor_abort(&n->actor, t);
        return 1;
    }
    rc = d->kind == DEED_MANY ? state_many(sim, n, t, d, e) : state_report(sim, n, t, d, k, e);
    if (rc != 0)
        actor_abort(&n->actor, t);
    else
        rc = actor_commit(&n->actor, t, e);
    if (rc == 0 && d->kind == DEED_MANY)
        d->done = true;
    return rc;
}

/* ---- what must come of it ---- */

static void expect(struct stated *s, enum expectation what, uint32_t code) {
    s->expect = what;
    s->code = code;
}

void office_expect(struct sim *sim, struct node *n, struct stated *s, struct slice payload) {
    static const uint32_t codes[DEED_KINDS] = {
        [DEED_PERIOD] = 4,   [DEED_KIND] = 5,  [DEED_UNIT] = 6,
        [DEED_SUBJECTS] = 8, [DEED_SHAPE] = 9, [DEED_VALUE] = 10,
    };
    struct reader in = reader_of(payload);
    struct peek_field f;
    while (peek_field(&in, &f))
        if (f.number == 7 && f.value > 0 && f.value <= n->n_deeds)
            s->deed = (uint32_t)f.value - 1;
    if (s->deed == NO_DEED) {
        sim_violate(sim, "custody", "node %u stated a report that its office did not make",
                    n->index);
        return;
    }
    struct deed *d = &n->deeds[s->deed];
    bool taken = d->interim && sim->allow_incomplete;
    d->done = true;
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
