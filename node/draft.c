#include "node/draft.h"

#include "core/crypto.h"
#include "core/limits.h"
#include "core/mem.h"
#include "store/key.h"

#include <string.h>

static struct key sheet_key(const struct draft *d) {
    struct key k = {.n = 0};
    key_uid(&k, &d->unit);
    key_uid(&k, &d->issuer);
    key_text(&k, d->campaign);
    key_text(&k, d->period);
    return k;
}

#define CHECK_BYTES 8
#define HEAD_BYTES 5 /* state and value */
#define SUM_ROW "sheet"
#define EDITED_ROW "edited"

/* The check of a row: of its key, and of its value without the check. Without memory, whose lack
 * would look like damage. False where it is longer than any row. */
static bool row_check(struct slice key, struct slice head, struct slice note,
                      uint8_t ret_check[CHECK_BYTES]) {
    uint8_t row[KEY_BYTES_MAX + HEAD_BYTES + LIMIT_TEXT];
    struct hash h;
    if (key.len > KEY_BYTES_MAX || head.len != HEAD_BYTES || note.len > LIMIT_TEXT)
        return false;
    memcpy(row, key.data, key.len);
    memcpy(row + key.len, head.data, head.len);
    if (note.len > 0)
        memcpy(row + key.len + head.len, note.data, note.len);
    crypto_hash_tagged(TAG_DRAFT, slice_of(row, key.len + head.len + note.len), &h);
    memcpy(ret_check, h.b, CHECK_BYTES);
    return true;
}

/* Whether a row is as it was written. */
static bool row_whole(struct slice key, struct slice value) {
    uint8_t check[CHECK_BYTES];
    if (value.len < HEAD_BYTES + CHECK_BYTES)
        return false;
    return row_check(key, slice_of(value.data, HEAD_BYTES),
                     slice_of(value.data + HEAD_BYTES + CHECK_BYTES,
                              value.len - HEAD_BYTES - CHECK_BYTES),
                     check) &&
           memcmp(check, value.data + HEAD_BYTES, CHECK_BYTES) == 0;
}

/* Whether `key` is of a mark: of subject zero. */
static bool is_mark(struct slice key) {
    static const uint8_t none[UID_BYTES + 1];
    return key.len > sizeof none &&
           memcmp(key.data + key.len - sizeof none, none, sizeof none) == 0;
}

/* What a row adds to the sum of its sheet: its check, a mark that of its key; 0 where it is
 * damaged. */
static uint64_t row_share(struct slice key, struct slice value) {
    uint8_t check[CHECK_BYTES] = {0};
    if (is_mark(key) && value.len == HEAD_BYTES)
        (void)row_check(key, value, slice_of(NULL, 0), check);
    else if (row_whole(key, value))
        memcpy(check, value.data + HEAD_BYTES, CHECK_BYTES);
    struct reader r = reader_of(slice_of(check, sizeof check));
    return reader_u64(&r);
}

static struct key meta_key(const char *name, struct slice sheet) {
    struct key k = {.n = 0};
    key_text(&k, name);
    key_put(&k, sheet.data, sheet.len);
    return k;
}

/* The row of table meta that has the sum of the sheet whose key is `sheet`. */
static struct key sum_key(struct slice sheet) {
    return meta_key(SUM_ROW, sheet);
}

/* Keep in mind that the sheet whose key is `sheet` may say what no report says. */
static void put_edited(struct txn *t, struct slice sheet) {
    struct key k = meta_key(EDITED_ROW, sheet);
    static const uint8_t one[] = {0, 0, 0, 0, 0, 0, 0, 1};
    if (!txn_get(t, TABLE_META, key_slice(&k), NULL))
        txn_put(t, TABLE_META, key_slice(&k), slice_of(one, sizeof one));
}

/* The sum of all rows of the sheet whose key is `sheet`. */
static uint64_t sum_rows(struct txn *t, struct slice sheet) {
    struct walk w;
    struct slice k, v;
    uint64_t sum = 0;
    walk_init(&w, t, TABLE_DRAFTS, sheet);
    while (walk_next(&w, &k, &v))
        sum += row_share(k, v);
    walk_done(&w);
    return sum;
}

/* The sum that is kept of the sheet whose key is `sheet`: 0 as long as nothing is written there,
 * and where it cannot be read, which only a sheet without rows would add up to. */
static uint64_t kept_sum(struct txn *t, struct slice sheet) {
    struct key k = sum_key(sheet);
    struct slice v;
    if (!txn_get(t, TABLE_META, key_slice(&k), &v))
        return 0;
    struct reader r = reader_of(v);
    uint64_t sum = reader_u64(&r);
    return r.failed || r.left > 0 ? 0 : sum;
}

/* Let `sheet` have a row at `key` with `value`, or without data none, and the sum that goes with
 * it. */
static void put_row(struct txn *t, const struct key *sheet, const struct key *key,
                    struct slice value) {
    struct key sum = sum_key(key_slice(sheet)), row = {.n = 0};
    uint64_t total = kept_sum(t, key_slice(sheet));
    struct slice before;
    if (txn_get(t, TABLE_DRAFTS, key_slice(key), &before))
        total -= row_share(key_slice(key), before);
    if (value.data)
        total += row_share(key_slice(key), value);
    key_u64(&row, total);
    if (!value.data)
        txn_delete(t, TABLE_DRAFTS, key_slice(key));
    else
        txn_put(t, TABLE_DRAFTS, key_slice(key), value);
    txn_put(t, TABLE_META, key_slice(&sum), key_slice(&row));
}

void draft_put(struct txn *t, const struct draft *d, const struct uid *subject,
               const char *criterion, const struct cell *cell, const char *note) {
    struct key sheet = sheet_key(d), k = sheet;
    key_uid(&k, subject);
    key_text(&k, criterion);
    put_edited(t, key_slice(&sheet));
    if (cell->state == CELL_EMPTY && (!note || !*note)) {
        put_row(t, &sheet, &k, slice_of(NULL, 0));
        return;
    }
    struct buf v;
    buf_init(&v);
    buf_put_u8(&v, cell->state);
    buf_put_u32(&v, (uint32_t)cell->value);
    struct slice text = slice_str(note ? note : "");
    uint8_t check[CHECK_BYTES] = {0};
    bool ok = !v.failed && row_check(key_slice(&k), buf_slice(&v), text, check);
    buf_put(&v, check, sizeof check);
    buf_put(&v, text.data, text.len);
    if (!ok || v.failed) {
        struct err why = {0};
        (void)err_nomem(&why);
        txn_fail(t, &why);
    } else {
        put_row(t, &sheet, &k, buf_slice(&v));
    }
    buf_done(&v);
}

static struct key mark_key(const struct draft *d) {
    struct key k = sheet_key(d);
    key_uid(&k, &(struct uid){{0}});
    key_text(&k, "");
    return k;
}

void draft_mark(struct txn *t, const struct draft *d) {
    struct key sheet = sheet_key(d), k = mark_key(d);
    put_row(t, &sheet, &k, slice_of("\0\0\0\0\0", HEAD_BYTES));
}

bool draft_marked(struct txn *t, const struct draft *d) {
    struct key k = mark_key(d);
    return txn_get(t, TABLE_DRAFTS, key_slice(&k), NULL);
}

bool draft_any(struct txn *t, const struct draft *d) {
    struct key prefix = sheet_key(d);
    struct walk w;
    struct slice k, v;
    walk_init(&w, t, TABLE_DRAFTS, key_slice(&prefix));
    bool any = walk_next(&w, &k, &v);
    walk_done(&w);
    return any;
}

void draft_begin_anew(struct txn *t, const struct draft *d) {
    struct key sheet = sheet_key(d), sum = sum_key(key_slice(&sheet)), row;
    struct walk w;
    struct slice k, v;
    bool found = true;
    while (found) {
        walk_init(&w, t, TABLE_DRAFTS, key_slice(&sheet));
        found = walk_next(&w, &k, &v) && k.len <= KEY_BYTES_MAX;
        row.n = 0;
        if (found)
            key_put(&row, k.data, k.len);
        walk_done(&w);
        if (found)
            txn_delete(t, TABLE_DRAFTS, key_slice(&row));
    }
    txn_delete(t, TABLE_META, key_slice(&sum));
    put_edited(t, key_slice(&sheet));
    draft_mark(t, d);
}

void draft_stated(struct txn *t, const struct draft *d) {
    struct key sheet = sheet_key(d), k = meta_key(EDITED_ROW, key_slice(&sheet));
    txn_delete(t, TABLE_META, key_slice(&k));
}

/* Where the note at a cell is, or would be: notes stand by row, then by column. */
static uint32_t note_place(const struct sheet *s, uint32_t row, uint32_t column, bool *ret_there) {
    uint32_t i = s->n_notes;
    while (i > 0 && (s->notes[i - 1].row > row ||
                     (s->notes[i - 1].row == row && s->notes[i - 1].column >= column)))
        i--;
    *ret_there = i < s->n_notes && s->notes[i].row == row && s->notes[i].column == column;
    return i;
}

static void note_remove(struct sheet *s, uint32_t i) {
    mem_free(s->notes[i].text);
    memmove(&s->notes[i], &s->notes[i + 1], (s->n_notes - i - 1) * sizeof *s->notes);
    s->n_notes--;
}

int draft_note(struct sheet *s, uint32_t row, uint32_t column, const char *text, struct err *e) {
    bool there;
    uint32_t i = note_place(s, row, column, &there);
    if (!text || !*text) {
        if (there)
            note_remove(s, i);
        return 0;
    }
    char *copy = mem_strdup(text);
    if (!copy)
        return err_nomem(e);
    if (there) {
        mem_free(s->notes[i].text);
        s->notes[i].text = copy;
        return 0;
    }
    struct note *notes = mem_realloc(s->notes, (s->n_notes + (size_t)1) * sizeof *notes);
    if (!notes) {
        mem_free(copy);
        return err_nomem(e);
    }
    s->notes = notes;
    memmove(&notes[i + 1], &notes[i], (s->n_notes - i) * sizeof *notes);
    notes[i] = (struct note){row, column, copy};
    s->n_notes++;
    return 0;
}

/* A sheet being filled. Cells of one subject follow each other: its row is looked up once. */
struct filling {
    uint64_t sum; /* of the rows so far */
    const struct subjects *subjects;
    const struct criteria *criteria;
    struct sheet *s;
    uint32_t strays;
    struct uid subject; /* of the cell before, and its row; -1: not listed any more */
    int row;
};

static int subject_row(struct filling *f, const struct uid *id) {
    if (uid_equal(&f->subject, id))
        return f->row;
    f->subject = *id;
    f->row = -1;
    for (uint32_t i = 0; f->row < 0 && i < f->subjects->n; i++)
        if (uid_equal(&f->subjects->list[i].id, id))
            f->row = (int)i;
    return f->row;
}

/* Put one row of the table, whose key goes on behind `prefix` bytes, in its place; a stray has
 * none, and one that is damaged leaves its cell empty. */
static int take_cell(struct filling *f, size_t prefix, struct slice key, struct slice value,
                     struct err *e) {
    struct reader k = reader_of(slice_of(key.data + prefix, key.len - prefix));
    struct uid id;
    reader_copy(&k, id.b, UID_BYTES);
    struct slice text = reader_bytes(&k, k.left);
    uint64_t share = row_share(key, value);
    f->sum += share;
    if (k.failed || text.len == 0 || text.data[text.len - 1] != '\0' || uid_is_zero(&id) ||
        share == 0)
        return 0; /* the mark, or damage */
    int row = subject_row(f, &id), column = criteria_leaf(f->criteria, (const char *)text.data);
    if (row < 0 || column < 0 ||
        !criterion_about(f->criteria->leaves[column], f->subjects->list[row].kind)) {
        f->strays++;
        return 0;
    }
    struct reader v = reader_of(value);
    struct cell *cell = sheet_cell(f->s, (uint32_t)row, (uint32_t)column);
    cell->state = reader_u8(&v);
    cell->value = (score)reader_u32(&v);
    (void)reader_bytes(&v, CHECK_BYTES);
    if (v.left == 0)
        return 0;
    char *note = mem_strndup((const char *)v.data, v.left);
    int rc = note ? draft_note(f->s, (uint32_t)row, (uint32_t)column, note, e) : err_nomem(e);
    mem_free(note);
    return rc;
}

int draft_load(struct txn *t, const struct draft *d, const struct subjects *subjects,
               const struct criteria *criteria, struct sheet *ret_sheet, uint32_t *ret_strays,
               bool *ret_whole, struct err *e) {
    struct sheet s;
    struct filling f = {.subjects = subjects, .criteria = criteria, .s = &s, .row = -1};
    int rc = sheet_init(&s, subjects->n, criteria->n_leaves, e);
    if (rc != 0)
        return rc;
    struct key prefix = sheet_key(d);
    struct walk w;
    struct slice k, v;
    walk_init(&w, t, TABLE_DRAFTS, key_slice(&prefix));
    while (rc == 0 && walk_next(&w, &k, &v))
        rc = take_cell(&f, prefix.n, k, v, e);
    walk_done(&w);
    if (rc == 0)
        rc = txn_failed(t, e);
    if (rc != 0) {
        sheet_done(&s);
        return rc;
    }
    *ret_sheet = s;
    *ret_strays = f.strays;
    *ret_whole = f.sum == kept_sum(t, key_slice(&prefix));
    return 0;
}

void draft_walk_init(struct draft_walk *w, struct txn *t, const struct uid *unit) {
    w->unit = *unit;
    walk_init(&w->walk, t, TABLE_DRAFTS, slice_of(w->unit.b, UID_BYTES));
}

void draft_walk_done(struct draft_walk *w) {
    walk_done(&w->walk);
}

/* The text that ends with NUL at the front of `r`; NULL: there is none. */
static const char *take_text(struct reader *r) {
    const uint8_t *end = r->left > 0 ? memchr(r->data, '\0', r->left) : NULL;
    return end ? (const char *)reader_bytes(r, (size_t)(end - r->data) + 1).data : NULL;
}

void draft_edited_init(struct walk *w, struct txn *t) {
    static const char prefix[] = EDITED_ROW;
    walk_init(w, t, TABLE_META, slice_of(prefix, sizeof prefix));
}

bool draft_edited_next(struct walk *w, struct draft *ret_of) {
    struct slice k, v;
    while (walk_next(w, &k, &v)) {
        struct reader r = reader_of(k);
        struct draft d;
        (void)reader_bytes(&r, sizeof EDITED_ROW);
        reader_copy(&r, d.unit.b, UID_BYTES);
        reader_copy(&r, d.issuer.b, UID_BYTES);
        d.campaign = take_text(&r);
        d.period = take_text(&r);
        if (!d.campaign || !d.period)
            continue;
        *ret_of = d;
        return true;
    }
    return false;
}

bool draft_walk_next(struct draft_walk *w, struct draft *ret_of, struct uid *ret_subject) {
    struct slice k, v;
    while (walk_next(&w->walk, &k, &v)) {
        struct reader r = reader_of(k);
        struct draft d;
        reader_copy(&r, d.unit.b, UID_BYTES);
        reader_copy(&r, d.issuer.b, UID_BYTES);
        d.campaign = take_text(&r);
        d.period = take_text(&r);
        if (!d.campaign || !d.period || r.left <= UID_BYTES || is_mark(k) || !row_whole(k, v))
            continue;
        reader_copy(&r, ret_subject->b, UID_BYTES);
        *ret_of = d;
        return true;
    }
    return false;
}

void draft_check(struct txn *t, struct draft_checked *ret_checked) {
    static const char prefix[] = SUM_ROW;
    struct draft_checked c = {0};
    struct walk w;
    struct slice k, v;
    uint64_t sum = 0;
    walk_init(&w, t, TABLE_DRAFTS, slice_of(NULL, 0));
    while (walk_next(&w, &k, &v)) {
        c.rows++;
        c.damaged_rows += !is_mark(k) && !row_whole(k, v);
        sum += row_share(k, v);
    }
    walk_done(&w);
    walk_init(&w, t, TABLE_META, slice_of(prefix, sizeof prefix));
    while (walk_next(&w, &k, &v)) {
        struct slice sheet = slice_of(k.data + sizeof prefix, k.len - sizeof prefix);
        uint64_t rows = sum_rows(t, sheet);
        c.damaged_sheets += kept_sum(t, sheet) != rows;
        sum -= rows;
    }
    walk_done(&w);
    c.damaged_sheets += sum != 0; /* rows of sheets that have no sum any more */
    *ret_checked = c;
}
