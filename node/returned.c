#include "node/returned.h"

#include "node/own_reports.h"
#include "node/stated_sheet.h"
#include "store/fork.h"
#include "store/key.h"
#include "store/meta.h"

#include <string.h>

#define BACK_ROW "back"

static struct key row_key(const struct hash *report) {
    struct key k = {.n = 0};
    key_text(&k, BACK_ROW);
    key_hash(&k, report);
    return k;
}

enum back { BACK_WAITS, BACK_FOLLOWED };

static void put_back(struct txn *t, const struct hash *report, enum back state) {
    struct key k = row_key(report), v = {.n = 0};
    key_u64(&v, state);
    txn_put(t, TABLE_META, key_slice(&k), key_slice(&v));
}

static void drop_back(struct txn *t, const struct hash *report) {
    struct key k = row_key(report);
    if (txn_get(t, TABLE_META, key_slice(&k), NULL))
        txn_delete(t, TABLE_META, key_slice(&k));
}

static bool is_waiting(struct slice value) {
    struct reader r = reader_of(value);
    return reader_u64(&r) == BACK_WAITS;
}

static bool waits(struct txn *t, const struct hash *report) {
    struct key k = row_key(report);
    struct slice v;
    return txn_get(t, TABLE_META, key_slice(&k), &v) && is_waiting(v);
}

bool returned_has(struct txn *t, const struct hash *report) {
    struct key k = row_key(report);
    return txn_get(t, TABLE_META, key_slice(&k), NULL);
}

void returned_note(struct txn *t, const struct hash *report) {
    meta_put_hash(t, "came.back", report);
    put_back(t, report, BACK_WAITS);
}

/* Whether any report is here that came back; with `waiting`, one that its sheet has not followed.
 */
static bool any_back(struct txn *t, bool waiting) {
    static const char prefix[] = BACK_ROW;
    struct walk w;
    struct slice k, v;
    bool any = false;
    walk_init(&w, t, TABLE_META, slice_of(prefix, sizeof prefix));
    while (!any && walk_next(&w, &k, &v))
        any = !waiting || is_waiting(v);
    walk_done(&w);
    return any;
}

bool returned_any(struct txn *t) {
    return any_back(t, false);
}

static bool is_of(const struct own_report *o, const struct draft *d) {
    const struct slot *s = &o->slot;
    return s->campaign && uid_equal(&s->unit, &d->unit) && uid_equal(&s->issuer, &d->issuer) &&
           strcmp(s->campaign, d->campaign) == 0 && strcmp(s->period, d->period) == 0;
}

struct following {
    struct actor *a;
    struct txn *t;
    const struct draft *d;
    const struct subjects *subjects;
    const struct criteria *criteria;
    struct sheet *sheet;
    struct stated_sheet before, now; /* what the sheet was stated as, and what it is to follow */
};

static int follow_cell(const struct following *f, uint32_t row, uint32_t column, struct err *e) {
    const struct criterion *leaf = f->criteria->leaves[column];
    const struct subject *subject = &f->subjects->list[row];
    struct stated_cell mine = stated_cell_of(f->sheet, row, column), before, now;
    (void)stated_sheet_at(&f->before, row, column, &before);
    if (!stated_sheet_at(&f->now, row, column, &now) || !stated_cell_same(&mine, &before) ||
        stated_cell_same(&mine, &now) || !criterion_about(leaf, subject->kind))
        return 0;
    *sheet_cell(f->sheet, row, column) = now.cell;
    if (txn_writes(f->t))
        draft_put(f->t, f->d, &subject->id, leaf->id, &now.cell, now.note);
    return draft_note(f->sheet, row, column, now.note, e);
}

/* Follow the report `id`, which came after `before` (NULL: after none). `ret_done`: that is over,
 * be it that it has no values; else what it builds on is not here yet. */
static int follow(struct following *f, const struct hash *before, const struct hash *id,
                  bool *ret_done, struct err *e) {
    enum receipt_state state = RECEIPT_HELD;
    int rc = 0;
    if (before)
        rc = stated_sheet_open(f->a, f->t, before, f->subjects, f->criteria, &f->before, &state, e);
    if (rc == 0)
        rc = stated_sheet_open(f->a, f->t, id, f->subjects, f->criteria, &f->now, &state, e);
    *ret_done = rc == 0 && state != RECEIPT_HELD;
    for (uint32_t i = 0; rc == 0 && f->now.open && i < f->sheet->rows; i++)
        for (uint32_t j = 0; rc == 0 && j < f->sheet->columns; j++)
            rc = follow_cell(f, i, j, e);
    if (rc == 0 && f->now.open && txn_writes(f->t) && stated_sheet_differ(&f->now, f->sheet) == 0)
        draft_stated(f->t, f->d);
    stated_sheet_done(&f->before);
    stated_sheet_done(&f->now);
    return rc;
}

/* A sheet that nothing was written down in begins as what counts, and follows nothing. */
static bool is_unused(struct txn *t, const struct own_report *o) {
    const struct draft d = {o->slot.unit, o->slot.issuer, o->slot.campaign, o->slot.period};
    return o->slot.campaign && !draft_any(t, &d);
}

/* Whether this copy stated `o` in a place that was taken: it will be said again, later. */
static bool is_contested(struct actor *a, struct txn *t, const struct own_report *o) {
    struct fork first;
    return fork_first(t, &a->id, o->epoch, &a->unit, &first) && o->seq >= first.seq;
}

/* Whether the sheet of `f` was sealed here since its directory was put back, and not before `o`,
 * which came back: then it says what is meant. */
static bool was_sealed_since(const struct following *f, const struct own_reports *own,
                             const struct own_report *o) {
    for (uint32_t i = 0; i < own->n; i++) {
        const struct own_report *x = &own->list[i];
        bool behind = record_later(x->epoch, x->seq, o->epoch, o->seq);
        if (!is_of(x, f->d) || x->inherited || x->elsewhere || returned_has(f->t, &x->report))
            continue;
        if (behind || is_contested(f->a, f->t, x))
            return true;
    }
    return false;
}

static int follow_all(struct following *f, const struct own_reports *own, bool *ret_followed,
                      struct err *e) {
    const struct hash *before = NULL;
    bool stuck = false;
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < own->n; i++) {
        const struct own_report *o = &own->list[i];
        bool waiting = waits(f->t, &o->report), done = false;
        if (waiting && txn_writes(f->t) && is_unused(f->t, o))
            drop_back(f->t, &o->report);
        if (!is_of(o, f->d))
            continue;
        if (waiting && !stuck && was_sealed_since(f, own, o)) {
            done = true;
        } else if (waiting && !stuck) {
            rc = follow(f, before, &o->report, &done, e);
            stuck = !done;
            *ret_followed |= done;
        }
        if (done && txn_writes(f->t)) {
            if (before)
                drop_back(f->t, before);
            put_back(f->t, &o->report, BACK_FOLLOWED);
        }
        before = &o->report;
    }
    return rc;
}

int returned_follow(struct actor *a, struct txn *t, const struct draft *d,
                    const struct subjects *subjects, const struct criteria *criteria,
                    struct sheet *sheet, bool *ret_followed, struct err *e) {
    struct following f = {
        .a = a, .t = t, .d = d, .subjects = subjects, .criteria = criteria, .sheet = sheet};
    struct own_reports own;
    *ret_followed = false;
    if (!any_back(t, true))
        return 0;
    int rc = own_reports_load(a, t, &own, e);
    if (rc != 0)
        return rc;
    rc = follow_all(&f, &own, ret_followed, e);
    own_reports_done(&own);
    if (rc == 0 && *ret_followed && txn_writes(t))
        draft_mark(t, d);
    return rc;
}

int returned_sealed(struct actor *a, struct txn *t, const struct draft *d, struct err *e) {
    struct own_reports own;
    meta_put_hash(t, "came.back", &(struct hash){{0}});
    if (!any_back(t, false))
        return 0;
    int rc = own_reports_load(a, t, &own, e);
    if (rc != 0)
        return rc;
    for (uint32_t i = 0; i < own.n; i++)
        if (is_of(&own.list[i], d))
            drop_back(t, &own.list[i].report);
    own_reports_done(&own);
    return 0;
}
