#include "hub/board.h"

#include "core/mem.h"
#include "core/tally.h"
#include "core/units_way.h"
#include "node/expected.h"
#include "node/slot_facts.h"
#include "store/log.h"

#include <stdlib.h>
#include <string.h>

/* One board on its way. */
struct making {
    struct actor *a;
    struct txn *t;
    const struct contacts *contacts;
    const struct board_query *q;
    struct slot_facts facts;
    struct uid under; /* zero: not limited */
    struct board b;
    uint32_t cap;
    struct uid *ids; /* of the units of the rows */
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
    m->under = f->id;
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
    if (!units_exist(units_of(m), unit, on) || !units_under(units_of(m), unit, &m->a->unit, on) ||
        !units_under(units_of(m), unit, &m->under, on))
        return EXPECTED_NOT;
    return expected_on(&m->a->catalog, m->q->campaign, m->q->rule, unit, on);
}

static struct slot slot_of(const struct board_query *q, const struct uid *unit) {
    return (struct slot){q->campaign->issuer, q->campaign->c.id, q->period->id, q->rule->kind,
                         *unit};
}

/* What the effective report says of itself. */
static int read_report(struct making *m, const struct hash *id, struct board_row *row) {
    struct record r;
    struct arena arena;
    struct payload_report p;
    int rc = log_get(m->t, id, &r, m->e);
    if (rc != 0)
        return rc;
    arena_init(&arena, PAYLOAD_ARENA_BYTES);
    rc = payload_report_decode(r.payload, &arena, &p, m->e);
    if (rc == 0) {
        row->revision = p.revision;
        row->nil = p.nil;
    }
    arena_done(&arena);
    return rc;
}

static int fill_received(struct making *m, const struct verdict *v, day on, struct board_row *row) {
    const struct verdict_revision *effective = &m->facts.revisions[v->effective];
    const struct unit_fact *by = units_at(units_of(m), &m->facts.by[v->effective], on);
    row->report = effective->id;
    row->received_at = effective->first;
    row->clock_doubt = m->facts.doubted[v->effective];
    row->by = mem_strdup(by ? by->code : catalog_code(&m->a->catalog, &m->facts.by[v->effective]));
    if (v->shown != VERDICT_NONE) {
        row->shown = m->facts.revisions[v->shown].id;
        row->shown_received_at = m->facts.revisions[v->shown].first;
    }
    return row->by ? read_report(m, &effective->id, row) : err_nomem(m->e);
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
    return acts_until_why(&m->facts.acts, m->t, slot, &row->why, m->e);
}

static int fill_row(struct making *m, const struct uid *unit, instant due, day on, bool exempt,
                    struct board_row *row) {
    struct slot slot = slot_of(m->q, unit);
    struct slot_reach reach;
    int rc = slot_facts_gather(&m->facts, &slot, m->e);
    if (rc != 0)
        return rc;
    reach.drained = contacts_drained(m->contacts, unit, on, &reach.direct);
    if (!units_way_stayed(units_of(m), unit, &m->a->unit, m->q->period->begin, on))
        reach = (struct slot_reach){.drained = INSTANT_NONE}; /* it may have reported elsewhere */
    struct verdict v = slot_facts_verdict(&m->facts, &reach, exempt, m->q->at);
    const struct unit_fact *f = units_at(units_of(m), unit, on);
    *row = (struct board_row){
        .id = *unit,
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

static int reserve(struct making *m) {
    if (m->b.n_rows < m->cap)
        return 0;
    uint32_t cap = m->cap ? 2 * m->cap : 64;
    struct board_row *rows = mem_realloc(m->b.rows, cap * sizeof *rows);
    if (rows)
        m->b.rows = rows;
    struct uid *ids = mem_realloc(m->ids, cap * sizeof *ids);
    if (ids)
        m->ids = ids;
    if (!rows || !ids)
        return err_nomem(m->e);
    m->cap = cap;
    return 0;
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
    rc = reserve(m);
    if (rc != 0)
        return rc;
    struct board_row *row = &m->b.rows[m->b.n_rows];
    *row = (struct board_row){0};
    m->ids[m->b.n_rows++] = *unit;
    rc = fill_row(m, unit, due, on, asked == EXPECTED_EXEMPT, row);
    if (due != INSTANT_NONE && (m->b.due == INSTANT_NONE || due > m->b.due))
        m->b.due = due;
    return rc;
}

/* A row with the id that orders it among others of its code. */
struct placed {
    struct board_row row;
    struct uid id;
};

static int by_code(const void *pa, const void *pb) {
    const struct placed *a = pa, *b = pb;
    int order = strcmp(a->row.unit, b->row.unit);
    return order != 0 ? order : uid_cmp(&a->id, &b->id);
}

static int sort_rows(struct making *m) {
    struct placed *list = mem_zalloc(m->b.n_rows, sizeof *list);
    if (!list)
        return err_nomem(m->e);
    for (uint32_t i = 0; i < m->b.n_rows; i++)
        list[i] = (struct placed){m->b.rows[i], m->ids[i]};
    if (m->b.n_rows > 1)
        qsort(list, m->b.n_rows, sizeof *list, by_code);
    for (uint32_t i = 0; i < m->b.n_rows; i++)
        m->b.rows[i] = list[i].row;
    mem_free(list);
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

int board_compute(struct actor *a, struct txn *t, const struct contacts *contacts,
                  const struct board_query *q, struct board *ret_board, struct err *e) {
    struct making m = {.a = a, .t = t, .contacts = contacts, .q = q, .e = e};
    m.b = (struct board){.kind = q->rule->kind, .at = q->at, .due = INSTANT_NONE};
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
    mem_free(m.ids);
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
