#include "core/limits.h"
#include "core/mem.h"
#include "proto/payload.h"
#include "proto/wire.h"

#include <assert.h>
#include <records.pb-c.h>
#include <string.h>

/* How a cell is written: these, or CODE_NUMBER + number ÷ step. */
enum { CODE_EMPTY, CODE_NA, CODE_NOT_MET, CODE_MET, CODE_NUMBER };

static void put_column(const struct report_column *in, Thidua__Column *m) {
    thidua__column__init(m);
    m->step = in->step == 1 ? 0 : in->step;
    m->measured = in->measured;
    m->n_cells = in->n;
    m->cells = in->cells;
}

static void put_note(const struct note *in, Thidua__Note *m) {
    thidua__note__init(m);
    m->row = in->row;
    m->column = in->column;
    m->text = in->text;
}

/* Fill the repeated fields of `m` from `p`, in `a`. */
static int put_lists(const struct payload_report *p, struct arena *a, Thidua__Report *m,
                     struct err *e) {
    Thidua__Column *columns = arena_alloc(a, p->n_columns * sizeof *columns);
    Thidua__Note *notes = arena_alloc(a, p->n_notes * sizeof *notes);
    m->columns = arena_alloc(a, p->n_columns * sizeof *m->columns);
    m->notes = arena_alloc(a, p->n_notes * sizeof *m->notes);
    if (!columns || !notes || !m->columns || !m->notes)
        return err_nomem(e);
    m->n_columns = p->n_columns;
    m->n_notes = p->n_notes;
    for (uint32_t i = 0; i < p->n_columns; i++)
        put_column(&p->columns[i], m->columns[i] = &columns[i]);
    for (uint32_t i = 0; i < p->n_notes; i++)
        put_note(&p->notes[i], m->notes[i] = &notes[i]);
    return 0;
}

int payload_report_encode(const struct payload_report *p, struct buf *out, struct err *e) {
    Thidua__Report m = THIDUA__REPORT__INIT;
    m.campaign = wire_hash(&p->campaign);
    m.profile = wire_hash(&p->profile);
    m.period = p->period;
    m.kind = p->kind;
    m.unit = wire_uid(&p->unit);
    m.subjects = wire_hash(&p->subjects);
    m.revision = p->revision;
    m.nil = p->nil;
    m.answers = wire_hash(&p->answers);
    struct arena a;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    int rc = put_lists(p, &a, &m, e);
    if (rc == 0)
        rc = wire_pack(&m.base, out, e);
    arena_done(&a);
    return rc;
}

static void get_column(struct wire_check *c, const Thidua__Column *m, struct report_column *out) {
    wire_range(c, "columns.step", m->step, 0, LIMIT_SCORE);
    wire_range(c, "columns.cells", m->n_cells, 0, LIMIT_SUBJECTS);
    *out =
        (struct report_column){m->step ? m->step : 1, m->measured, (uint32_t)m->n_cells, m->cells};
}

static void get_note(struct wire_check *c, const Thidua__Note *m, struct note *out) {
    wire_range(c, "notes.row", m->row, 0, LIMIT_SUBJECTS - 1);
    wire_range(c, "notes.column", m->column, 0, LIMIT_CRITERIA - 1);
    wire_text(c, "notes.text", m->text, LIMIT_TEXT);
    *out = (struct note){m->row, m->column, m->text};
}

static int get_lists(struct wire_check *c, const Thidua__Report *m, struct arena *a,
                     struct payload_report *p) {
    wire_range(c, "columns", m->n_columns, 0, LIMIT_CRITERIA);
    wire_range(c, "notes", m->n_notes, 0, LIMIT_NOTES);
    if (c->rc != 0)
        return c->rc;
    p->n_columns = (uint32_t)m->n_columns;
    p->n_notes = (uint32_t)m->n_notes;
    p->columns = arena_alloc(a, m->n_columns * sizeof *p->columns);
    p->notes = arena_alloc(a, m->n_notes * sizeof *p->notes);
    if (!p->columns || !p->notes)
        return c->rc = wire_no_room(a, "report", c->e);
    uint64_t cells = 0;
    for (uint32_t i = 0; i < p->n_columns; i++) {
        get_column(c, m->columns[i], &p->columns[i]);
        cells += p->columns[i].n;
    }
    wire_range(c, "columns.cells", cells, 0, LIMIT_VALUES);
    for (uint32_t i = 0; i < p->n_notes; i++)
        get_note(c, m->notes[i], &p->notes[i]);
    return c->rc;
}

int payload_report_decode(struct slice in, struct arena *a, struct payload_report *ret,
                          struct err *e) {
    Thidua__Report *m;
    int rc = wire_unpack(&thidua__report__descriptor, in, a, "report", &m, e);
    if (rc != 0)
        return rc;
    struct payload_report p = {.revision = m->revision, .nil = m->nil, .period = m->period};
    struct wire_check c = {.what = "report", .e = e};
    wire_bytes(&c, "campaign", m->campaign, false, p.campaign.b, HASH_BYTES);
    wire_bytes(&c, "profile", m->profile, true, p.profile.b, HASH_BYTES);
    wire_bytes(&c, "unit", m->unit, false, p.unit.b, UID_BYTES);
    wire_bytes(&c, "subjects", m->subjects, false, p.subjects.b, HASH_BYTES);
    wire_bytes(&c, "answers", m->answers, true, p.answers.b, HASH_BYTES);
    wire_text(&c, "period", m->period, LIMIT_CODE);
    wire_range(&c, "kind", m->kind, 1, REPORT_KINDS);
    p.kind = m->kind;
    if (get_lists(&c, m, a, &p) == 0)
        *ret = p;
    return c.rc;
}

static uint32_t gcd(uint32_t a, uint32_t b) {
    while (b != 0) {
        uint32_t t = a % b;
        a = b;
        b = t;
    }
    return a;
}

static bool is_number(const struct cell *c) {
    return c->state == CELL_SCORE || c->state == CELL_VALUE;
}

static uint32_t cell_code(const struct cell *c, uint32_t step) {
    switch ((enum cell_state)c->state) {
    case CELL_EMPTY:
        return CODE_EMPTY;
    case CELL_NA:
        return CODE_NA;
    case CELL_NOT_MET:
        return CODE_NOT_MET;
    case CELL_MET:
        return CODE_MET;
    case CELL_SCORE:
    case CELL_VALUE:
        return CODE_NUMBER + (uint32_t)c->value / step;
    }
    return CODE_EMPTY;
}

/* The greatest step that fits all numbers of column `j`, and of which sort they are. */
static bool column_step(const struct sheet *s, uint32_t j, struct report_column *out) {
    uint32_t step = 0;
    bool scored = false;
    for (uint32_t i = 0; i < s->rows; i++) {
        const struct cell *c = sheet_cell_const(s, i, j);
        if (!is_number(c))
            continue;
        if (c->value < 0 || c->value > LIMIT_SCORE)
            return false;
        step = gcd(step, (uint32_t)c->value);
        out->measured |= c->state == CELL_VALUE;
        scored |= c->state == CELL_SCORE;
    }
    out->step = step ? step : 1;
    return !(out->measured && scored);
}

/* Column `j` of `s`: a code for each subject that `leaf` is about. */
static void fill_column(const struct sheet *s, uint32_t j, const struct criterion *leaf,
                        const struct subjects *subjects, struct report_column *out) {
    for (uint32_t i = 0; i < s->rows; i++)
        if (criterion_about(leaf, subjects->list[i].kind))
            out->cells[out->n++] = cell_code(sheet_cell_const(s, i, j), out->step);
}

int payload_report_from_sheet(const struct sheet *s, const struct criteria *criteria,
                              const struct subjects *subjects, struct arena *a,
                              struct payload_report *ret_report, struct err *e) {
    assert(s->rows == subjects->n && s->columns == criteria->n_leaves);
    struct report_column *columns = arena_alloc(a, criteria->n_leaves * sizeof *columns);
    if (!columns)
        return err_nomem(e);
    for (uint32_t j = 0; j < criteria->n_leaves; j++) {
        columns[j] = (struct report_column){.cells = arena_alloc(a, s->rows * sizeof(uint32_t))};
        if (!columns[j].cells)
            return err_nomem(e);
        if (!column_step(s, j, &columns[j]))
            return err_set(e, ERR_REFUSED,
                           "the numbers of criterion %s cannot be sent together: "
                           "points or measured values, from 0 to 167772,15",
                           criteria->leaves[j]->id);
        fill_column(s, j, criteria->leaves[j], subjects, &columns[j]);
    }
    ret_report->n_columns = criteria->n_leaves;
    ret_report->columns = columns;
    ret_report->n_notes = s->n_notes;
    ret_report->notes = s->notes;
    return 0;
}

static bool cell_from_code(uint32_t code, const struct report_column *column, struct cell *out) {
    static const uint8_t states[] = {CELL_EMPTY, CELL_NA, CELL_NOT_MET, CELL_MET};
    if (code < CODE_NUMBER) {
        *out = (struct cell){.state = states[code]};
        return true;
    }
    uint64_t value = (uint64_t)(code - CODE_NUMBER) * column->step;
    if (value > LIMIT_SCORE)
        return false;
    *out = (struct cell){column->measured ? CELL_VALUE : CELL_SCORE, (score)value};
    return true;
}

static bool read_column(const struct report_column *column, const struct criterion *leaf,
                        const struct subjects *subjects, uint32_t j, struct sheet *s) {
    uint32_t k = 0;
    for (uint32_t i = 0; i < subjects->n; i++) {
        if (!criterion_about(leaf, subjects->list[i].kind))
            continue;
        if (k >= column->n || !cell_from_code(column->cells[k++], column, sheet_cell(s, i, j)))
            return false;
    }
    return k == column->n;
}

static int copy_notes(const struct payload_report *report, struct sheet *s, struct err *e) {
    s->notes = mem_zalloc(report->n_notes, sizeof *s->notes);
    if (!s->notes)
        return err_nomem(e);
    for (uint32_t i = 0; i < report->n_notes; i++) {
        const struct note *n = &report->notes[i];
        if (n->row >= s->rows || n->column >= s->columns)
            return err_set(e, ERR_REFUSED, "a note stands at no cell of this sheet");
        s->notes[i] = (struct note){n->row, n->column, mem_strdup(n->text)};
        s->n_notes = i + 1;
        if (!s->notes[i].text)
            return err_nomem(e);
    }
    return 0;
}

int payload_report_to_sheet(const struct payload_report *report, const struct criteria *criteria,
                            const struct subjects *subjects, struct sheet *ret_sheet,
                            struct err *e) {
    if (report->n_columns != (report->nil ? 0 : criteria->n_leaves))
        return err_set(e, ERR_REFUSED, "the sheet has %u columns, the campaign has %u criteria",
                       report->n_columns, criteria->n_leaves);
    struct sheet s;
    int rc = sheet_init(&s, subjects->n, criteria->n_leaves, e);
    if (rc != 0)
        return rc;
    for (uint32_t j = 0; rc == 0 && j < report->n_columns; j++)
        if (!read_column(&report->columns[j], criteria->leaves[j], subjects, j, &s))
            rc = err_set(e, ERR_REFUSED, "column %s does not fit the subject list",
                         criteria->leaves[j]->id);
    if (rc == 0)
        rc = copy_notes(report, &s, e);
    if (rc == 0)
        *ret_sheet = s;
    else
        sheet_done(&s);
    return rc;
}
