#include "node/standings.h"

#include "core/limits.h"
#include "core/mem.h"
#include "core/rank.h"
#include "core/world.h"
#include "node/names.h"
#include "node/standing_group.h"
#include "node/standing_keep.h"
#include "node/standing_quota.h"
#include "node/standing_result.h"
#include "node/standing_rows.h"
#include "node/standing_view.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_BYTES_MAX ((size_t)1 << 32)

/* One subject of one report. */
struct candidate {
    uint32_t source;
    bool is_unit; /* row 0: the unit itself */
    struct uid subject;
    const char *code, *class_id; /* in the arena */
    struct points points;
    const struct grade *grade; /* lives in the catalog */
    const char *excluded;      /* why; NULL: it is ranked */
};

struct ranking_work {
    struct actor *a;
    struct txn *t;
    struct standing_choice choice;
    struct standing_group group;
    struct arena arena;
    struct buf sources, candidates; /* one after another */
    struct buf keys;                /* of each candidate, int64_t a comparator */
    struct standing_subject one;
    const struct standing_subject *subject; /* the one that is asked for; NULL: all are */
    struct err *e;
};

static struct candidate *candidate_at(const struct ranking_work *w, uint32_t i) {
    struct candidate *list = buf_items(&w->candidates);
    return &list[i];
}

static const struct standing_source *source_of(const struct ranking_work *w,
                                               const struct candidate *c) {
    const struct standing_source *list = buf_items(&w->sources);
    return &list[c->source];
}

static bool is_asked(const struct ranking_work *w, const char *unit, const char *code) {
    return w->subject && strcmp(w->subject->unit, unit) == 0 && strcmp(w->subject->code, code) == 0;
}

static char *keep(struct ranking_work *w, const char *text) {
    size_t n = strlen(text) + 1;
    char *copy = arena_alloc(&w->arena, n);
    if (copy)
        memcpy(copy, text, n);
    return copy;
}

/* Candidates. */

static void add_row(struct ranking_work *w, const struct standing_sheet *sheet, uint32_t row) {
    const struct subject *s = &sheet->opened.subjects.list[row];
    const struct unit_fact *unit = sheet->source.unit;
    bool excluded = sheet->source.excluded != NULL;
    if (s->kind != w->choice.subjects || !standing_group_has(&w->group, unit, s->class_id))
        return;
    struct candidate c = {
        .source = (uint32_t)(w->sources.len / sizeof(struct standing_source)) - 1,
        .is_unit = row == 0,
        .subject = s->id,
        .code = row == 0 ? unit->code : keep(w, s->code),
        .class_id = keep(w, s->class_id),
        .excluded = sheet->source.excluded,
    };
    if (!excluded)
        standing_sheet_score(sheet, row, &c.points, &c.grade);
    buf_put(&w->candidates, &c, sizeof c);
    for (uint32_t i = 0; i < w->choice.campaign->c.n_comparators; i++) {
        int64_t key = excluded ? 0 : standing_sheet_key(sheet, row, &c.points, i);
        buf_put(&w->keys, &key, sizeof key);
    }
}

static int add_report(struct ranking_work *w, const struct standing_report *in) {
    struct standing_sheet sheet;
    int rc = standing_sheet_open(w->a, w->t, &w->choice, in, &sheet, w->e);
    if (rc != 0)
        return rc;
    buf_put(&w->sources, &sheet.source, sizeof sheet.source);
    for (uint32_t row = 0; row < sheet.n; row++)
        add_row(w, &sheet, row);
    standing_sheet_done(&sheet);
    bool whole = !w->sources.failed && !w->candidates.failed && !w->keys.failed && !w->arena.failed;
    return whole ? 0 : err_nomem(w->e);
}

/* The result. */

static int fill_row(const struct ranking_work *w, const struct names *names,
                    const struct rank_entry *entry, struct rank_row *row) {
    const struct candidate *c = candidate_at(w, entry->row);
    const struct standing_source *s = source_of(w, c);
    const struct standing_shown shown = {
        .rank = entry->rank,
        .tied = entry->tied,
        .on_time = standing_source_on_time(s),
        .unit = s->unit,
        .code = c->code,
        .class_id = c->class_id,
        .total = c->points.total,
        .max = c->points.max,
        .grade = c->grade,
        .older_profile = s->older_profile,
        .older_version = s->older_version,
        .revision = s->revision,
        .report = s->report,
        .n_keys = entry->keys ? w->choice.campaign->c.n_comparators : 0,
        .keys = entry->keys,
    };
    int rc = standing_row_put(&shown, row, w->e);
    if (rc != 0)
        return rc;
    if (!c->is_unit)
        return names_find(names, w->t, &s->lane, &c->subject, &s->report, &row->name, w->e);
    row->name = mem_strdup(s->unit->name);
    return row->name ? 0 : err_nomem(w->e);
}

/* Put the first `n` of the `all` ordered `entries` into `r`, and whoever was asked for. */
static int show_rows(const struct ranking_work *w, const struct rank_entry *entries, uint32_t all,
                     uint32_t n, struct ranking *r) {
    struct names names = {0};
    r->rows = mem_zalloc((size_t)n + 1, sizeof *r->rows);
    int rc = r->rows ? names_load(w->t, &names, w->e) : err_nomem(w->e);
    for (uint32_t i = 0; rc == 0 && i < all; i++) {
        if (i >= n && !is_asked(w, entries[i].unit, entries[i].subject))
            continue;
        rc = fill_row(w, &names, &entries[i], &r->rows[r->n_rows++]);
        if (i >= n)
            break;
    }
    names_done(&names);
    return rc;
}

/* Rank what is not excluded, and put the first `limit` (0: all) rows into `r`. */
static int put_rows(const struct ranking_work *w, uint32_t limit, struct ranking *r) {
    uint32_t n_keys = w->choice.campaign->c.n_comparators, n = 0;
    uint32_t all = (uint32_t)(w->candidates.len / sizeof(struct candidate));
    const int64_t *keys = buf_items(&w->keys);
    struct rank_entry *entries = mem_zalloc(all, sizeof *entries);
    if (!entries)
        return err_nomem(w->e);
    for (uint32_t i = 0; i < all; i++) {
        const struct candidate *c = candidate_at(w, i);
        if (c->excluded)
            continue;
        entries[n++] = (struct rank_entry){
            .total = c->points.total,
            .max = c->points.max,
            .keys = n_keys ? keys + (size_t)i * n_keys : NULL,
            .unit = source_of(w, c)->unit->code,
            .subject = c->code,
            .row = i,
        };
    }
    rank_order(entries, n, n_keys);
    struct standing_field field = {w->a, &w->choice, &w->group, n_keys, n, entries, NULL, NULL};
    int rc = standing_quotas_put(&field, r, w->e);
    uint32_t first = limit > 0 ? rank_limit(entries, n, limit) : w->subject ? 0 : n;
    if (rc == 0)
        rc = show_rows(w, entries, n, first, r);
    mem_free(entries);
    return rc;
}

static int by_place(const void *pa, const void *pb) {
    const struct rank_excluded *a = pa, *b = pb;
    int order = strcmp(a->unit, b->unit);
    if (order == 0)
        order = strcmp(a->subject, b->subject);
    return order != 0 ? order : strcmp(a->why, b->why);
}

static int put_excluded(const struct ranking_work *w, struct ranking *r) {
    uint32_t all = (uint32_t)(w->candidates.len / sizeof(struct candidate));
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < all; i++) {
        const struct candidate *c = candidate_at(w, i);
        const char *unit = source_of(w, c)->unit->code;
        if (c->excluded && (!w->subject || is_asked(w, unit, c->code)))
            rc = standing_excluded_put(r, unit, c->code, c->excluded, w->e);
    }
    if (r->n_excluded > 1)
        qsort(r->excluded, r->n_excluded, sizeof *r->excluded, by_place);
    return rc;
}

/* Whoever was asked for by name has to be there. */
static int must_be_there(const struct ranking_work *w, const struct standing_asked *asked,
                         const struct ranking *r) {
    bool there = !w->subject || r->n_excluded > 0;
    for (uint32_t i = r->n_rows; !there && i-- > 0;)
        there = is_asked(w, r->rows[i].unit, r->rows[i].subject);
    return there ? 0 : standing_subject_absent(asked, w->e);
}

static int work(struct ranking_work *w, const struct standing_asked *asked, struct ranking *r,
                struct buf *words) {
    struct standing_reports reports = {0};
    struct slot_facts facts;
    int rc = slot_facts_begin(&facts, w->a, w->t, w->e);
    if (rc == 0)
        rc = standing_choice_make(&facts, asked, &w->choice, words, w->e);
    if (rc == 0 && asked->subject) {
        rc = standing_subject_parse(&facts, &w->choice, asked->subject, &w->one, w->e);
        w->subject = &w->one;
    }
    if (rc == 0)
        rc = standing_reports_find(&facts, &w->choice, &reports, w->e);
    if (rc == 0)
        rc = standing_group_choose(&w->choice, asked->group, &reports, &w->group, words, w->e);
    for (uint32_t i = 0; rc == 0 && i < reports.n; i++) {
        if (asked->world)
            world_progress(asked->world, N_("reading reports"), i + 1, reports.n);
        if (!hash_is_zero(&reports.list[i].report))
            rc = add_report(w, &reports.list[i]);
    }
    if (rc == 0)
        rc = standing_head_put(w->a, &w->choice, &w->group, asked, r, w->e);
    if (rc == 0)
        rc = put_rows(w, asked->limit, r);
    if (rc == 0)
        rc = put_excluded(w, r);
    if (rc == 0)
        rc = must_be_there(w, asked, r);
    standing_reports_done(&reports);
    slot_facts_done(&facts);
    return rc;
}

static int from_scratch(struct actor *a, struct txn *t, const struct standing_asked *asked,
                        struct ranking *ret_ranking, struct buf *words, struct err *e) {
    struct ranking_work w = {.a = a, .t = t, .e = e};
    struct ranking r = {0};
    arena_init(&w.arena, TEXT_BYTES_MAX);
    buf_init(&w.sources);
    buf_init(&w.candidates);
    buf_init(&w.keys);
    int rc = work(&w, asked, &r, words);
    buf_done(&w.sources);
    buf_done(&w.candidates);
    buf_done(&w.keys);
    arena_done(&w.arena);
    if (rc == 0)
        *ret_ranking = r;
    else
        ranking_done(&r);
    return rc;
}

int standings_compute(struct actor *a, struct txn *t, const struct standing_asked *asked,
                      struct ranking *ret_ranking, struct buf *words, struct err *e) {
    bool served = false;
    int rc = 0;
    if (a->role == ROLE_HUB && !asked->from_scratch && standing_keep_current(t))
        rc = standing_view_compute(a, t, asked, ret_ranking, words, &served, e);
    return rc != 0 || served ? rc : from_scratch(a, t, asked, ret_ranking, words, e);
}
