#include "hub/board.h"

#include "core/list.h"
#include "core/mem.h"
#include "core/tally.h"
#include "core/units_way.h"
#include "node/expected.h"
#include "node/slot_facts.h"

#include <stdlib.h>
#include <string.h>

/* One board on its way. */
struct making {
    struct actor *a;
    struct txn *t;
    const struct contacts *contacts;
    const struct board_query *q;
    struct slot_facts facts;
    struct board b;
    struct err *e;
};

static const struct units *units_of(const struct making *m) {
    return m->a->catalog.units;
}

static int find_under(struct making *m) {
    if (!m->q->under)
        return 0;
    const struct unit_fact *f = NULL;
    int rc = units_named(units_of(m), m->q->under, instant_day(m->q->at), &f, m->e);
    if (rc == 0 && !f)
        rc = units_named(units_of(m), m->q->under, m->q->period->end, &f, m->e);
    if (rc != 0)
        return rc;
    if (!f)
        return err_set(m->e, ERR_REFUSED, "there is no unit %s here: `unit list` shows all",
                       m->q->under);
    m->b.under = f->id;
    return 0;
}

static int due_of(const struct making *m, const struct uid *unit, instant *ret_due) {
    return expected_due(&m->a->catalog, m->q->rule, m->q->period, unit, ret_due, m->e);
}

static day day_of(const struct making *m, instant due) {
    return expected_day(m->q->period, due, instant_day(m->q->at));
}

/* Whether `unit` has a row: it is asked, or it was exempted by name. */
static enum expectation has_row(const struct making *m, const struct uid *unit, day on) {
    const struct uid *issuer = &m->q->campaign->issuer; /* whoever is asked is below it */
    enum expectation asked = expected_on(&m->a->catalog, m->q->campaign, m->q->rule, unit, on);
    if (asked == EXPECTED_NOT ||
        (!uid_equal(issuer, &m->a->unit) && !units_under(units_of(m), unit, &m->a->unit, on)) ||
        (!uid_is_zero(&m->b.under) && !units_under(units_of(m), unit, &m->b.under, on)))
        return EXPECTED_NOT;
    return asked;
}

static struct slot slot_of(const struct board_query *q, const struct uid *unit) {
    return (struct slot){q->campaign->issuer, q->campaign->c.id, q->period->id, q->rule->kind,
                         *unit};
}

static int fill_received(struct making *m, const struct verdict *v, day on, struct board_row *row) {
    const struct verdict_revision *effective = &m->facts.revisions[v->effective];
    const struct slot_told *told = &m->facts.told[v->effective];
    const struct unit_fact *by = units_at(units_of(m), &told->by, on);
    row->report = effective->id;
    row->received_at = effective->first;
    row->clock_doubt = told->doubted;
    row->clock_mended = told->mended;
    row->by = mem_strdup(by ? by->code : catalog_code(&m->a->catalog, &told->by));
    row->revision = told->number;
    row->nil = told->nil;
    if (v->shown != VERDICT_NONE) {
        row->shown = m->facts.revisions[v->shown].id;
        row->shown_received_at = m->facts.revisions[v->shown].first;
    }
    return row->by ? 0 : err_nomem(m->e);
}

/* Why the unit of `row` is exempt or has more time, in the words of the act that says so. */
static int fill_why(struct making *m, const struct slot *slot, day on, bool exempt,
                    struct board_row *row) {
    const struct change_assign *x = exempt ? changes_last(&m->a->catalog.changes, &slot->issuer,
                                                          slot->campaign, &slot->unit, on)
                                           : NULL;
    if (x && x->why && !(row->why = mem_strdup(x->why)))
        return err_nomem(m->e);
    if (exempt || row->extended_to == INSTANT_NONE)
        return 0;
    return acts_until_why(&m->facts.acts, slot, &row->why, m->e);
}

static int fill_row(struct making *m, const struct uid *unit, instant due, day on, bool exempt,
                    struct board_row *row) {
    struct slot slot = slot_of(m->q, unit);
    struct slot_reach reach;
    int rc = slot_facts_gather_rows(&m->facts, &slot, m->e);
    if (rc != 0)
        return rc;
    reach.drained = contacts_drained(m->contacts, unit, on, &reach.direct);
    if (!units_way_stayed(units_of(m), unit, &m->a->unit, m->q->period->begin, on))
        reach = (struct slot_reach){.drained = INSTANT_NONE}; /* it may have reported elsewhere */
    struct verdict v = slot_facts_verdict(&m->facts, &reach, exempt, m->q->at);
    const struct unit_fact *f = units_at(units_of(m), unit, on);
    *row = (struct board_row){
        .id = *unit,
        .on = on,
        .unit = mem_strdup(f->code),
        .name = mem_strdup(f->name),
        .state = v.state,
        .review = v.review,
        .received_at = INSTANT_NONE,
        .shown_received_at = INSTANT_NONE,
        .known_to = INSTANT_NONE,
        .extended_to = due != INSTANT_NONE && v.window > due ? v.window : INSTANT_NONE,
        .last_contact = contacts_last(m->contacts, unit),
    };
    if (!row->unit || !row->name)
        return err_nomem(m->e);
    if (v.state == SLOT_UNKNOWN)
        row->known_to = reach.drained;
    rc = fill_why(m, &slot, on, exempt, row);
    return rc != 0 || v.effective == VERDICT_NONE ? rc : fill_received(m, &v, on, row);
}

static int add_unit(struct making *m, const struct uid *unit) {
    instant due;
    int rc = due_of(m, unit, &due);
    if (rc != 0)
        return rc;
    day on = day_of(m, due);
    enum expectation asked = has_row(m, unit, on);
    if (asked == EXPECTED_NOT)
        return 0;
    rc = list_grow(&m->b.rows, m->b.n_rows, sizeof *m->b.rows, m->e);
    if (rc != 0)
        return rc;
    struct board_row *row = &m->b.rows[m->b.n_rows++];
    *row = (struct board_row){0};
    rc = fill_row(m, unit, due, on, asked == EXPECTED_EXEMPT, row);
    if (due != INSTANT_NONE && (m->b.due == INSTANT_NONE || due > m->b.due))
        m->b.due = due;
    return rc;
}

static int by_code(const void *pa, const void *pb) {
    const struct board_row *a = *(struct board_row *const *)pa, *b = *(struct board_row *const *)pb;
    int order = strcmp(a->unit, b->unit);
    return order != 0 ? order : uid_cmp(&a->id, &b->id);
}

/* Rows are large: what is sorted is where they are, and each is then moved once. */
static int sort_rows(struct making *m) {
    uint32_t n = m->b.n_rows;
    if (n < 2)
        return 0;
    struct board_row **list = mem_zalloc(n, sizeof(struct board_row *)),
                     *rows = mem_zalloc(n, sizeof *rows);
    if (!list || !rows) {
        mem_free(list);
        mem_free(rows);
        return err_nomem(m->e);
    }
    for (uint32_t i = 0; i < n; i++)
        list[i] = &m->b.rows[i];
    qsort(list, n, sizeof(struct board_row *), by_code);
    for (uint32_t i = 0; i < n; i++)
        rows[i] = *list[i];
    mem_free(list);
    mem_free(m->b.rows);
    m->b.rows = rows;
    return 0;
}

static int fill_head(struct making *m) {
    struct catalog_campaign *k = m->q->campaign;
    struct err why = {0};
    int rc = catalog_criteria(&m->a->catalog, k, NULL, &why);
    if (rc == ERR_NOMEM)
        return err_nomem(m->e);
    m->b.reconstructed = k->c.reconstructed || (rc == 0 && k->criteria.reconstructed);
    m->b.registration_unchecked = m->q->rule->needs == REPORT_REGISTRATION;
    m->b.campaign = mem_strdup(k->c.id);
    m->b.period = mem_strdup(m->q->period->id);
    return m->b.campaign && m->b.period ? 0 : err_nomem(m->e);
}

/* Without any row: the due date of a unit of no level, unless the campaign ended before it. */
static int due_of_nobody(struct making *m) {
    const struct catalog_campaign *k = m->q->campaign;
    instant due;
    int rc = due_of(m, NULL, &due);
    if (rc == 0 && !changes_ended(&m->a->catalog.changes, &k->issuer, k->c.id, day_of(m, due)))
        m->b.due = due;
    return rc;
}

static instant withdrawn_by(const struct actor *a, const struct board_query *q) {
    const struct change_end *end =
        changes_end(&a->catalog.changes, &q->campaign->issuer, q->campaign->c.id);
    return end && end->from <= q->at ? end->from : INSTANT_NONE;
}

int board_compute(struct actor *a, struct txn *t, const struct contacts *contacts,
                  const struct board_query *q, struct board *ret_board, struct err *e) {
    struct making m = {.a = a, .t = t, .contacts = contacts, .q = q, .e = e};
    m.b = (struct board){
        .kind = q->rule->kind, .at = q->at, .due = INSTANT_NONE, .withdrawn = withdrawn_by(a, q)};
    size_t n = units_count(units_of(&m));
    int rc = slot_facts_begin(&m.facts, a, t, e);
    if (rc == 0)
        rc = find_under(&m);
    if (rc == 0)
        rc = fill_head(&m);
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = add_unit(&m, units_id(units_of(&m), i));
    if (rc == 0 && m.b.n_rows == 0)
        rc = due_of_nobody(&m);
    if (rc == 0)
        rc = sort_rows(&m);
    tally_board(&m.b);
    slot_facts_done(&m.facts);
    if (rc == 0)
        *ret_board = m.b;
    else
        board_done(&m.b);
    return rc;
}

bool board_is_due(const struct board *b) {
    if (b->n_rows == 0)
        return false;
    if (b->due != INSTANT_NONE && b->due <= b->at)
        return true;
    for (uint32_t i = 0; i < b->n_rows; i++)
        if (!hash_is_zero(&b->rows[i].report))
            return true;
    return false;
}

void board_keep(struct board *b, enum slot_state state) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < b->n_rows; i++) {
        if (b->rows[i].state == state)
            b->rows[n++] = b->rows[i];
        else
            board_row_done(&b->rows[i]);
    }
    b->n_rows = n;
}
