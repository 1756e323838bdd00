#include "core/sheet.h"

#include "core/check.h"
#include "core/limits.h"
#include "core/mem.h"

#include <assert.h>
#include <string.h>

int subjects_row(const struct subjects *s, const char *code) {
    for (uint32_t i = 0; i < s->n; i++)
        if (strcmp(s->list[i].code, code) == 0)
            return (int)i;
    return -1;
}

int sheet_init(struct sheet *s, uint32_t rows, uint32_t columns, struct err *e) {
    if (rows > LIMIT_SUBJECTS || columns > LIMIT_CRITERIA ||
        (uint64_t)rows * columns > LIMIT_VALUES)
        return err_set(e, ERR_REFUSED,
                       "a sheet of %u subjects and %u criteria does not fit into a report of at "
                       "most %u values; report for fewer subjects",
                       rows, columns, LIMIT_VALUES);
    struct cell *cells = mem_zalloc((size_t)rows * columns, sizeof *cells);
    if (!cells)
        return err_nomem(e);
    *s = (struct sheet){.rows = rows, .columns = columns, .cells = cells};
    return 0;
}

static void free_notes(struct sheet *s) {
    for (uint32_t i = 0; s->notes && i < s->n_notes; i++)
        mem_free(s->notes[i].text);
    mem_free(s->notes);
    s->notes = NULL;
    s->n_notes = 0;
}

void sheet_clear(struct sheet *s) {
    free_notes(s);
    if (s->cells)
        memset(s->cells, 0, (size_t)s->rows * s->columns * sizeof *s->cells);
}

void sheet_done(struct sheet *s) {
    if (!s)
        return;
    free_notes(s);
    mem_free(s->cells);
    memset(s, 0, sizeof *s);
}

struct cell *sheet_cell(struct sheet *s, uint32_t row, uint32_t column) {
    assert(row < s->rows && column < s->columns);
    return &s->cells[(size_t)row * s->columns + column];
}

const struct cell *sheet_cell_const(const struct sheet *s, uint32_t row, uint32_t column) {
    assert(row < s->rows && column < s->columns);
    return &s->cells[(size_t)row * s->columns + column];
}

const char *sheet_note(const struct sheet *s, uint32_t row, uint32_t column) {
    for (uint32_t i = 0; i < s->n_notes; i++)
        if (s->notes[i].row == row && s->notes[i].column == column)
            return s->notes[i].text;
    return NULL;
}

static bool has_string(char *const *list, uint32_t n, const char *s) {
    for (uint32_t i = 0; s && i < n; i++)
        if (check_same(list[i], s))
            return true;
    return false;
}

bool unit_has_attribute(const struct campaign *c, const struct unit_view *unit, const char *id) {
    for (uint32_t i = 0; i < c->n_unit_attributes; i++) {
        const struct unit_attribute *a = &c->unit_attributes[i];
        if (!check_same(a->id, id))
            continue;
        for (uint32_t k = 0; k < a->n_units; k++)
            if (uid_equal(&a->units[k], &unit->id))
                return true;
        return has_string(a->kinds, a->n_kinds, unit->kind);
    }
    return false;
}

bool criterion_about(const struct criterion *leaf, enum subject_kind kind) {
    switch (kind) {
    case SUBJECT_COLLECTIVE:
        return leaf->collective;
    case SUBJECT_INDIVIDUAL:
        return leaf->individual;
    case SUBJECT_ANY:
        break;
    }
    return leaf->collective || leaf->individual;
}

bool criterion_applies(const struct criterion *leaf, const struct campaign *c,
                       const struct subject *subject, const struct unit_view *unit) {
    const struct applicability *a = &leaf->applies;
    if (!criterion_about(leaf, subject->kind))
        return false;
    for (uint32_t i = 0; i < a->n_attributes; i++) {
        bool leader = check_same(a->attributes[i], "leader") && subject->leader;
        bool uniformed = check_same(a->attributes[i], "uniformed") && subject->uniformed;
        if (!leader && !uniformed)
            return false;
    }
    if (a->n_classes > 0 && !has_string(a->classes, a->n_classes, subject->class_id))
        return false;
    for (uint32_t i = 0; i < a->n_unit_attributes; i++)
        if (!unit_has_attribute(c, unit, a->unit_attributes[i]))
            return false;
    return true;
}

void sheet_columns(const struct profile *p, const struct criteria *c,
                   struct score_rule *ret_columns) {
    for (uint32_t i = 0; i < c->n_leaves; i++)
        profile_rule(p, c->leaves[i]->id, &ret_columns[i]);
}

struct score_rule sheet_column(const struct sheet_rules *r, uint32_t column) {
    struct score_rule rule;
    if (r->columns)
        return r->columns[column];
    profile_rule(r->profile, r->criteria->leaves[column]->id, &rule);
    return rule;
}

/* The number in `cell`, a score or a measured value, fits the way in which `leaf` is scored. */
static int check_number(const struct criterion *leaf, const struct score_rule *rule,
                        const char *code, const struct cell *cell, struct err *e) {
    char most[16], got[16];
    bool points = cell->state == CELL_SCORE;
    score max = points ? rule->max : LIMIT_SCORE;
    if (rule->mode == MODE_MET)
        return err_set(e, ERR_REFUSED,
                       "%s, criterion %s: a number is given, but it is met or not; write “met” or "
                       "“not met”",
                       code, leaf->id);
    if (points && rule->mode == MODE_VALUE)
        return err_set(
            e, ERR_REFUSED,
            "%s, criterion %s: points are given, but a measured value is asked for; give "
            "it as a value",
            code, leaf->id);
    if (!points && rule->mode == MODE_POINTS)
        return err_set(
            e, ERR_REFUSED,
            "%s, criterion %s: a measured value is given, but points are asked for; give "
            "it as a score",
            code, leaf->id);
    if (!points && leaf->threshold_unknown)
        return err_set(e, ERR_REFUSED,
                       "%s, criterion %s: the plan leaves the threshold blank, so a number cannot "
                       "be judged; write “met” or “not met”",
                       code, leaf->id);
    if (cell->value >= 0 && cell->value <= max)
        return 0;
    score_text_people(max, most);
    score_text_people(cell->value, got);
    return err_set(e, ERR_REFUSED, "%s, criterion %s: %s is not allowed; give 0 to %s", code,
                   leaf->id, got, most);
}

static int check_word(const struct sheet_rules *r, const struct criterion *leaf,
                      const struct score_rule *rule, const char *code, const struct cell *cell,
                      bool has_note, struct err *e) {
    if (cell->value != 0)
        return err_set(e, ERR_REFUSED,
                       "%s, criterion %s: a word and a number are given at once; give one of them",
                       code, leaf->id);
    if (cell->state == CELL_NA && !r->profile->na_allowed)
        return err_set(e, ERR_REFUSED,
                       "%s, criterion %s: “na” is not allowed by scoring profile %s; give a value",
                       code, leaf->id, r->profile->id);
    if (cell->state == CELL_NA && !has_note)
        return err_set(e, ERR_REFUSED, "%s, criterion %s: “na” needs a note that says why; add one",
                       code, leaf->id);
    if (cell->state == CELL_NA || rule->mode == MODE_MET || leaf->threshold_unknown)
        return 0;
    if (rule->mode == MODE_VALUE)
        return err_set(e, ERR_REFUSED,
                       "%s, criterion %s: “met” or “not met” is given, but a measured value is "
                       "asked for; give the number",
                       code, leaf->id);
    char most[16];
    score_text_people(rule->max, most);
    return err_set(
        e, ERR_REFUSED,
        "%s, criterion %s: “met” or “not met” is given, but points are asked for; give 0 "
        "to %s",
        code, leaf->id, most);
}

static bool applies(const struct sheet_rules *r, uint32_t row, uint32_t column) {
    return criterion_applies(r->criteria->leaves[column], r->campaign, &r->subjects->list[row],
                             &r->unit);
}

static bool asks_for(const struct criterion *leaf, const char *attribute) {
    return has_string(leaf->applies.attributes, leaf->applies.n_attributes, attribute);
}

int cell_misplaced(const struct sheet_rules *r, uint32_t row, uint32_t column, struct err *e) {
    const struct criterion *leaf = r->criteria->leaves[column];
    const struct subject *s = &r->subjects->list[row];
    bool about = criterion_about(leaf, s->kind);
    if (about && asks_for(leaf, "leader") && !s->leader)
        return err_set(e, ERR_REFUSED,
                       "%s, criterion %s: it is asked of leaders only, and this subject is not "
                       "marked as one: mark that in the list of subjects (column leader), or leave "
                       "it empty",
                       s->code, leaf->id);
    if (about && asks_for(leaf, "uniformed") && !s->uniformed)
        return err_set(e, ERR_REFUSED,
                       "%s, criterion %s: it is asked of the armed forces only, and this subject "
                       "is not marked as such: mark that in the list of subjects (column "
                       "uniformed), or leave it empty",
                       s->code, leaf->id);
    return err_set(e, ERR_REFUSED, "%s, criterion %s: it does not apply here; leave it empty",
                   s->code, leaf->id);
}

int cell_check(const struct sheet_rules *r, uint32_t row, uint32_t column, const struct cell *cell,
               bool has_note, struct err *e) {
    assert(row < r->subjects->n && column < r->criteria->n_leaves);
    const struct criterion *leaf = r->criteria->leaves[column];
    const char *code = r->subjects->list[row].code;
    if (cell->state == CELL_EMPTY && cell->value == 0)
        return 0;
    if (!applies(r, row, column))
        return cell_misplaced(r, row, column, e);
    struct score_rule rule = sheet_column(r, column);
    switch ((enum cell_state)cell->state) {
    case CELL_SCORE:
    case CELL_VALUE:
        return check_number(leaf, &rule, code, cell, e);
    case CELL_NA:
    case CELL_MET:
    case CELL_NOT_MET:
        return check_word(r, leaf, &rule, code, cell, has_note, e);
    case CELL_EMPTY:
        break;
    }
    return err_set(e, ERR_REFUSED, "%s, criterion %s: the value is of no known kind; give it again",
                   code, leaf->id);
}

/* Mark the noted cells of `s` in `noted`, a byte each; every note is of a cell, once, and says
 * something. */
static int check_notes(const struct sheet_rules *r, const struct sheet *s, uint8_t *noted,
                       struct err *e) {
    struct check k;
    check_init(&k, e);
    (void)check_count(&k, "notes", s->n_notes, LIMIT_NOTES);
    for (uint32_t i = 0; i < s->n_notes && k.rc == 0; i++) {
        const struct note *n = &s->notes[i];
        check_enter(&k, "notes[%u]", i + 1);
        check_text(&k, "text", n->text, LIMIT_TEXT, true);
        bool inside = n->row < s->rows && n->column < s->columns;
        size_t at = inside ? (size_t)n->row * s->columns + n->column : 0;
        if (k.rc == 0 &&
            (!inside || noted[at] || !check_given(n->text) ||
             !criterion_about(r->criteria->leaves[n->column], r->subjects->list[n->row].kind)))
            k.rc = err_set(e, ERR_REFUSED,
                           "%s: the note is empty, a second one, or of no value in this sheet; "
                           "leave it out",
                           check_path(&k, "text"));
        else if (k.rc == 0)
            noted[at] = 1;
    }
    return k.rc;
}

static int check_cells(const struct sheet_rules *given, const struct sheet *s, const uint8_t *noted,
                       uint32_t *ret_empty, struct err *e) {
    struct score_rule columns[LIMIT_CRITERIA];
    struct sheet_rules prepared = *given;
    const struct sheet_rules *r = &prepared;
    int rc = 0;
    uint32_t empty = 0;
    if (!prepared.columns) {
        assert(r->criteria->n_leaves <= LIMIT_CRITERIA);
        sheet_columns(r->profile, r->criteria, columns);
        prepared.columns = columns;
    }
    for (uint32_t row = 0; row < s->rows; row++)
        for (uint32_t column = 0; column < s->columns; column++) {
            const struct cell *cell = sheet_cell_const(s, row, column);
            bool has_note = noted[(size_t)row * s->columns + column];
            if (rc == 0)
                rc = cell_check(r, row, column, cell, has_note, e);
            empty += cell->state == CELL_EMPTY && !r->criteria->leaves[column]->is_aim &&
                     applies(r, row, column);
        }
    *ret_empty = empty;
    return rc;
}

int sheet_check(const struct sheet_rules *r, const struct sheet *s, bool allow_incomplete,
                uint32_t *ret_empty, struct err *e) {
    *ret_empty = 0;
    if (s->rows != r->subjects->n || s->columns != r->criteria->n_leaves)
        return err_set(e, ERR_REFUSED,
                       "the sheet has %u rows and %u columns, but there are %u subjects and %u "
                       "criteria; make it again from the present lists",
                       s->rows, s->columns, r->subjects->n, r->criteria->n_leaves);
    uint8_t *noted = mem_zalloc((size_t)s->rows * s->columns, 1);
    if (!noted)
        return err_nomem(e);
    int rc = check_notes(r, s, noted, e);
    int rc_cells = check_cells(r, s, noted, ret_empty, rc == 0 ? e : NULL);
    mem_free(noted);
    if (rc == 0)
        rc = rc_cells;
    if (rc == 0 && *ret_empty > 0 && !allow_incomplete)
        rc = err_set(e, ERR_REFUSED,
                     "the sheet is not complete: %u values are still empty; fill them in, zeros "
                     "included",
                     *ret_empty);
    return rc;
}
