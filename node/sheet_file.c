#include "node/sheet_file.h"

#include "core/csv.h"
#include "core/csv_out.h"
#include "core/index.h"
#include "core/mem.h"
#include "core/text.h"
#include "core/word.h"
#include "node/show_label.h"
#include "node/words.h"

#include <string.h>

enum known { SUBJECT, CRITERION, VALUE, NOTE, NAME, KNOWN };

static const struct csv_column columns[KNOWN] = {
    [SUBJECT] = {"subject", {"đối tượng", "mã đối tượng", "mã"}, true},
    [CRITERION] = {"criterion", {"tiêu chí", "mã tiêu chí"}, false},
    [VALUE] = {"value", {"giá trị", "điểm", "kết quả", "score"}, false},
    [NOTE] = {"note", {"ghi chú", "lý do"}, false},
    [NAME] = {"name", {"tên", "họ và tên", "họ tên", "tên gọi"}, false},
};

struct reading {
    struct office *o;
    const struct world *w;
    const struct csv *c;
    struct problems *p;
    size_t *lines;       /* per cell of the sheet, the line that gave it; 0: none yet */
    uint32_t *leaf;      /* wide: per file column, its criterion; SHEET_NO_LEAF: none */
    struct index people; /* the office's, by code: a file may name thousands, many times each */
    uint32_t changed;
    uint32_t kept; /* cells that are empty in the file, and not here */
};
#define SHEET_NO_LEAF UINT32_MAX

/* A mistake belongs into the list; only lack of memory and of a store ends the reading. */
static int noted(struct reading *r, size_t row, size_t column, int rc, const struct err *why,
                 struct err *e) {
    if (rc == ERR_NOMEM)
        return err_nomem(e);
    if (rc != 0)
        *csv_problem_cell(r->c, r->p, row, column) = *why;
    return txn_failed(r->o->t, e);
}

static bool says_none(const char *text) {
    return strcmp(text, SHEET_FILE_NONE) == 0 || word_equal(text, "không áp dụng") ||
           word_equal(text, "na");
}

/* Whether an earlier line gave the cell at `row`, `leaf` already; then that is a mistake. */
static bool is_second(struct reading *r, size_t file_row, size_t file_column, uint32_t row,
                      uint32_t leaf) {
    size_t *line = &r->lines[(size_t)row * r->o->sheet.columns + leaf];
    if (*line == 0) {
        *line = csv_line(r->c, file_row);
        return false;
    }
    err_set(csv_problem_cell(r->c, r->p, file_row, file_column), ERR_REFUSED,
            "%s, criterion %s is there twice, first on line %zu: keep one of the two",
            r->o->people.subjects.list[row].code, r->o->campaign->criteria.leaves[leaf]->id, *line);
    return true;
}

/* A cell that says `không áp dụng: why`: its word, and the note (places in `text`, which is cut);
 * NULL: it says no such thing. */
static const char *split_note(char *text, const char **ret_note) {
    char *colon = strchr(text, ':');
    if (!colon)
        return NULL;
    *colon = '\0';
    struct cell cell;
    if (cell_parse(text, MODE_MET, 0, true, &cell, NULL) != 0 || cell.state != CELL_NA) {
        *colon = ':';
        return NULL;
    }
    *ret_note = text_trim(colon + 1);
    return text;
}

/* Write what `text` and `note` (NULL or empty: as before) say at `row`, `leaf`. */
static int take(struct reading *r, uint32_t row, uint32_t leaf, const char *text, const char *note,
                struct err *why) {
    struct office *o = r->o;
    const struct cell *before = sheet_cell_const(&o->sheet, row, leaf);
    const char *noted_before = sheet_note(&o->sheet, row, leaf);
    struct cell cell = *before;
    if (!*text && (!note || !*note)) {
        r->kept += before->state != CELL_EMPTY;
        return 0;
    }
    if (!office_applies(o, row, leaf) && says_none(text) && (!note || !*note))
        return 0;
    int rc = *text ? cell_parse(text, office_mode(o, leaf), office_most(o, leaf), office_na(o),
                                &cell, why)
                   : 0;
    if (rc != 0)
        return rc;
    if (!note || !*note)
        note = noted_before;
    bool same = cell.state == before->state && cell.value == before->value &&
                (note == noted_before || (noted_before && strcmp(note, noted_before) == 0));
    if (same)
        return 0;
    char *copy __attribute__((cleanup(mem_cleanup))) = mem_strdup(note);
    if (note && !copy)
        return err_nomem(why);
    r->changed++;
    return office_write(o, row, leaf, &cell, copy, why);
}

/* The same of one cell of a wide sheet, which has no other place for the note. */
static int take_cell(struct reading *r, uint32_t row, uint32_t leaf, const char *text,
                     struct err *why) {
    char *copy __attribute__((cleanup(mem_cleanup))) = mem_strdup(text);
    const char *note = NULL;
    if (!copy)
        return err_nomem(why);
    const char *value = split_note(copy, &note);
    return take(r, row, leaf, value ? value : text, note, why);
}

static int by_code(const void *arg, const void *code, uint32_t row) {
    const struct subjects *s = arg;
    return strcmp(code, s->list[row].code);
}

static int index_people(struct reading *r, struct err *e) {
    const struct subjects *s = &r->o->people.subjects;
    int rc = 0;
    index_init(&r->people, by_code, s);
    for (uint32_t i = 0; rc == 0 && i < s->n; i++) {
        rc = index_reserve(&r->people, e);
        if (rc == 0)
            index_insert(&r->people, s->list[i].code, i);
    }
    return rc;
}

/* The subject that `file_row` is about; false after a mistake. */
static bool find_row(struct reading *r, size_t file_row, uint32_t *ret_row) {
    struct err why = {0};
    const char *code = csv_get(r->c, file_row, SUBJECT);
    if (!*code)
        err_set(&why, ERR_REFUSED, "the subject is missing: write its code");
    else if (index_find(&r->people, code, ret_row) || office_row(r->o, code, ret_row, &why) == 0)
        return true;
    *csv_problem(r->c, r->p, file_row, SUBJECT) = why;
    return false;
}

/* Whether a person would say that `x` and `y` are the same name. */
static int same_words(const char *x, const char *y, bool *ret_same, struct err *e) {
    char *a __attribute__((cleanup(mem_cleanup))) = NULL;
    char *b __attribute__((cleanup(mem_cleanup))) = NULL;
    int rc = text_fold(slice_str(x), &a, e);
    if (rc == 0)
        rc = text_fold(slice_str(y), &b, e);
    if (rc == 0)
        *ret_same = strcmp(a, b) == 0;
    return rc;
}

/*
 * Hold the name in `file_row` against that of subject `row`: where they contradict each other, one
 * column was sorted without the others, and each row has somebody else's values. The unit itself
 * may be called otherwise by now than in the sheet.
 */
static int check_name(struct reading *r, size_t file_row, uint32_t row, struct err *e) {
    const char *name = people_name(&r->o->people, row);
    const char *said = csv_get(r->c, file_row, NAME);
    bool same = true;
    if (row == 0 || !*name || csv_where(r->c, NAME) == CSV_ABSENT || !*said)
        return 0;
    int rc = same_words(name, said, &same, e);
    if (rc == 0 && !same)
        err_set(csv_problem(r->c, r->p, file_row, NAME), ERR_REFUSED,
                "%s is %s here, and this row says %s: was one column sorted without the others? "
                "Correct the code or the name, or leave the name empty",
                r->o->people.subjects.list[row].code, name, said);
    return rc;
}

static bool is_whole(const char *text) {
    return *text && text[strspn(text, "0123456789")] == '\0';
}

/* Whether the note in `file_row` seems to be what stood behind the comma of the number before it,
 * which was typed without quotes: then that is a mistake, and the value would be another. */
static bool is_split_number(struct reading *r, size_t file_row) {
    enum { DECIMALS = 2 };
    const char *value = csv_get(r->c, file_row, VALUE), *note = csv_get(r->c, file_row, NOTE);
    if (csv_separator(r->c) != ',' || !is_whole(value) || !is_whole(note) ||
        strlen(note) > DECIMALS)
        return false;
    err_set(csv_problem(r->c, r->p, file_row, VALUE), ERR_REFUSED,
            "the value is %s and the note only %s: if they are one number, put it in quotes, as "
            "\"%s,%s\", or write %s.%s, or save the file with semicolons; else say the note in "
            "words",
            value, note, value, note, value, note);
    return true;
}

static int read_long_row(struct reading *r, size_t file_row, struct err *e) {
    uint32_t row, leaf = 0;
    struct err why = {0};
    const char *id = csv_get(r->c, file_row, CRITERION);
    bool known = find_row(r, file_row, &row);
    int named = known ? check_name(r, file_row, row, e) : 0;
    if (named != 0)
        return named;
    int rc = *id ? office_column(r->o, id, &leaf, &why)
                 : err_set(&why, ERR_REFUSED, "the criterion is missing: write its id");
    if (rc != 0)
        *csv_problem(r->c, r->p, file_row, CRITERION) = why;
    size_t at = csv_where(r->c, VALUE);
    if (rc != 0 || !known || at == CSV_ABSENT || is_split_number(r, file_row) ||
        is_second(r, file_row, at, row, leaf))
        return 0;
    rc = take(r, row, leaf, csv_get(r->c, file_row, VALUE), csv_get(r->c, file_row, NOTE), &why);
    return noted(r, file_row, at, rc, &why, e);
}

static int read_wide_row(struct reading *r, size_t file_row, struct err *e) {
    uint32_t row;
    if (!find_row(r, file_row, &row))
        return 0;
    int named = check_name(r, file_row, row, e);
    if (named != 0)
        return named;
    for (size_t i = 0; i < csv_columns(r->c); i++) {
        struct err why = {0};
        if (r->leaf[i] == SHEET_NO_LEAF)
            continue;
        if (is_second(r, file_row, i, row, r->leaf[i]))
            return 0; /* said once for the whole row */
        int rc = take_cell(r, row, r->leaf[i], csv_cell(r->c, file_row, i), &why);
        rc = noted(r, file_row, i, rc, &why, e);
        if (rc != 0)
            return rc;
    }
    return 0;
}

/* The criterion whose id `header` is, or begins with, before a space. */
static int find_leaf(const struct office *o, const char *header, uint32_t *ret_leaf,
                     struct err *why) {
    char id[LIMIT_CODE + 1];
    size_t n = strcspn(header, " ");
    if (header[n] == '\0' || n > LIMIT_CODE)
        return office_column(o, header, ret_leaf, why);
    memcpy(id, header, n);
    id[n] = '\0';
    return office_column(o, id, ret_leaf, why);
}

/* Whether `file`, of several criteria, has none of this campaign: said once instead of for each. */
static bool is_of_another(struct reading *r, size_t named, size_t known) {
    if (known > 0 || named < 2)
        return false;
    err_set(problems_at(r->p, 1, 0, NULL), ERR_REFUSED,
            "none of its %zu criteria is one of campaign %s: this seems to be another campaign's "
            "sheet, or another kind of file; `template` writes the right one",
            named, r->o->campaign->c.id);
    return true;
}

static bool is_wide_of_another(struct reading *r) {
    size_t named = 0, known = 0;
    for (size_t i = 0; i < csv_columns(r->c); i++) {
        struct err why = {0};
        uint32_t leaf;
        size_t k = csv_which(r->c, i);
        if (k == SUBJECT || k == NAME)
            continue;
        named++;
        known += find_leaf(r->o, csv_header(r->c, i), &leaf, &why) == 0;
    }
    return is_of_another(r, named, known);
}

static bool is_long_of_another(struct reading *r) {
    size_t named = 0, known = 0;
    for (size_t i = 0; i < csv_rows(r->c); i++) {
        struct err why = {0};
        uint32_t leaf;
        const char *id = csv_get(r->c, i, CRITERION);
        named += *id != '\0';
        known += *id && office_column(r->o, id, &leaf, &why) == 0;
    }
    return is_of_another(r, named, known);
}

/* Which criterion each column of a wide sheet is; what is none is a mistake in the header. */
static void match_leaves(struct reading *r) {
    for (size_t i = 0; i < csv_columns(r->c); i++) {
        struct err why = {0};
        size_t k = csv_which(r->c, i);
        r->leaf[i] = SHEET_NO_LEAF;
        if (k == SUBJECT || k == NAME)
            continue;
        uint32_t leaf = 0;
        if (find_leaf(r->o, csv_header(r->c, i), &leaf, &why) != 0) {
            *problems_at(r->p, 1, i + 1, csv_header(r->c, i)) = why;
            continue;
        }
        r->leaf[i] = leaf;
        for (size_t before = 0; before < i; before++)
            if (r->leaf[before] == leaf)
                err_set(problems_at(r->p, 1, i + 1, csv_header(r->c, i)), ERR_REFUSED,
                        "criterion %s has two columns: keep one of them", csv_header(r->c, i));
    }
}

static bool is_told(const struct problems *p, size_t line, size_t column) {
    for (size_t i = 0; i < p->n; i++)
        if (p->list[i].line == line && p->list[i].column == column)
            return true;
    return false;
}

/* The long form has no columns but those that are known, and needs the value. */
static void check_long(struct reading *r) {
    for (size_t i = 0; i < csv_columns(r->c); i++)
        if (csv_which(r->c, i) == CSV_ABSENT && !is_told(r->p, 1, i + 1))
            err_set(problems_at(r->p, 1, i + 1, csv_header(r->c, i)), ERR_REFUSED,
                    "this column is not known here: the columns are subject, criterion, value, "
                    "note");
    if (csv_where(r->c, VALUE) == CSV_ABSENT)
        err_set(problems_at(r->p, 1, 0, NULL), ERR_REFUSED,
                "column 'value' (giá trị) is missing: add it to the first line");
}

static int read_rows(struct reading *r, struct err *e) {
    bool is_long = csv_where(r->c, CRITERION) != CSV_ABSENT;
    int rc = 0;
    if (is_long ? is_long_of_another(r) : is_wide_of_another(r))
        return 0;
    if (is_long)
        check_long(r);
    else
        match_leaves(r);
    for (size_t i = 0; rc == 0 && i < csv_rows(r->c); i++) {
        world_progress(r->w, N_("reading values"), i + 1, csv_rows(r->c));
        rc = is_long ? read_long_row(r, i, e) : read_wide_row(r, i, e);
    }
    return rc;
}

int sheet_file_read(struct office *o, const struct world *w, struct slice bytes, const char *file,
                    struct problems *p, struct sheet_file_did *ret_did, struct err *e) {
    struct csv *c = NULL;
    int rc = csv_open(bytes, file, &c, p, e);
    if (rc == 0)
        rc = csv_match(c, columns, KNOWN, true, p, e);
    if (rc != 0 || csv_where(c, SUBJECT) == CSV_ABSENT) {
        csv_close(c);
        return rc;
    }
    struct reading r = {.o = o, .w = w, .c = c, .p = p};
    r.lines = mem_zalloc((size_t)o->sheet.rows * o->sheet.columns, sizeof *r.lines);
    r.leaf = mem_zalloc(csv_columns(c), sizeof *r.leaf);
    rc = r.lines && r.leaf ? index_people(&r, e) : err_nomem(e);
    if (rc == 0)
        rc = read_rows(&r, e);
    index_done(&r.people);
    mem_free(r.lines);
    mem_free(r.leaf);
    csv_close(c);
    if (rc == 0)
        *ret_did = (struct sheet_file_did){r.changed, r.kept};
    return rc;
}

/* Whether criterion `column` applies to anybody in the list. */
static bool is_column(const struct office *o, uint32_t column) {
    for (uint32_t i = 0; i < o->sheet.rows; i++)
        if (office_applies(o, i, column))
            return true;
    return false;
}

/* The head of criterion `leaf`: its id, and what it is called. */
static void put_head(const struct criterion *leaf, const struct world *w, char separator,
                     struct buf *out) {
    struct buf head;
    buf_init(&head);
    const char *label = show_label(w, &leaf->label);
    buf_printf(&head, *label ? "%s %s" : "%s", leaf->id, label);
    const char *text = buf_cstr(&head);
    csv_out_cell(out, separator, false, text ? text : leaf->id);
    out->failed |= !text;
    buf_done(&head);
}

/* That it does not apply, and why, as take_cell reads it. */
static void put_na(const struct office *o, const struct world *w, uint32_t row, uint32_t column,
                   char separator, struct buf *out) {
    const char *note = sheet_note(&o->sheet, row, column);
    struct buf b;
    buf_init(&b);
    buf_put_str(&b, world_tr(w, N_("not applicable")));
    if (note && *note)
        buf_printf(&b, ": %s", note);
    const char *text = buf_cstr(&b);
    csv_out_cell(out, separator, false, text ? text : "");
    out->failed |= !text;
    buf_done(&b);
}

/* The value at `row`, `column`, as it may be typed. */
static const char *value_words(const struct office *o, const struct world *w, uint32_t row,
                               uint32_t column, char number[INSTANT_TEXT]) {
    const struct cell *cell = sheet_cell_const(&o->sheet, row, column);
    if (!office_applies(o, row, column))
        return SHEET_FILE_NONE;
    return words_cell(w, cell, number);
}

static void put_cell(const struct office *o, const struct world *w, uint32_t row, uint32_t column,
                     char separator, struct buf *out) {
    char number[INSTANT_TEXT];
    if (office_applies(o, row, column) &&
        sheet_cell_const(&o->sheet, row, column)->state == CELL_NA)
        put_na(o, w, row, column, separator, out);
    else
        csv_out_cell(out, separator, false, value_words(o, w, row, column, number));
}

int sheet_file_write(const struct office *o, const struct world *w, char separator, struct buf *out,
                     struct err *e) {
    const struct criteria *c = &o->campaign->criteria;
    csv_out_mark(out);
    csv_out_cell(out, separator, true, columns[SUBJECT].name);
    csv_out_cell(out, separator, false, columns[NAME].name);
    for (uint32_t j = 0; j < c->n_leaves; j++)
        if (is_column(o, j))
            put_head(c->leaves[j], w, separator, out);
    csv_out_end(out);
    for (uint32_t i = 0; i < o->sheet.rows; i++) {
        csv_out_cell(out, separator, true, o->people.subjects.list[i].code);
        csv_out_cell(out, separator, false, people_name(&o->people, i));
        for (uint32_t j = 0; j < c->n_leaves; j++)
            if (is_column(o, j))
                put_cell(o, w, i, j, separator, out);
        csv_out_end(out);
    }
    return out->failed ? err_nomem(e) : 0;
}
