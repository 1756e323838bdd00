#include "node/standings.h"

#include "core/limits.h"
#include "core/mem.h"
#include "core/rank.h"
#include "node/names.h"
#include "node/standing_group.h"
#include "node/standing_quota.h"
#include "node/standing_rows.h"

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
    struct err *e;
};

static struct candidate *candidate_at(const struct ranking_work *w, uint32_t i) {
    struct candidate *list = (void *)w->candidates.data;
    return &list[i];
}

static const struct standing_source *source_of(const struct ranking_work *w,
                                               const struct candidate *c) {
    const struct standing_source *list = (const void *)w->sources.data;
    return &list[c->source];
}

static char *keep(struct ranking_work *w, const char *text) {
    size_t n = strlen(text) + 1;
    char *copy = arena_alloc(&w->arena, n);
    if (copy)
        memcpy(copy, text, n);
    return copy;
}

static const char *profile_in_force(const struct campaign *c) {
    return c->profile[0] ? c->profile : "met";
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

static int head(const struct ranking_work *w, const struct standing_asked *asked,
                struct ranking *r) {
    const struct standing_choice *c = &w->choice;
    struct catalog_campaign *k = c->campaign;
    const char *group = standing_group_id(&w->group);
    struct err why = {0};
    int rc = catalog_criteria(&w->a->catalog, k, NULL, &why);
    if (rc == ERR_NOMEM)
        return err_nomem(w->e);
    r->campaign = mem_strdup(k->c.id);
    r->version = k->c.version;
    r->period = mem_strdup(c->period->id);
    r->kind = c->rule->kind;
    r->under = mem_strdup(asked->under);
    r->group = mem_strdup(group);
    r->subjects = c->subjects;
    r->profile = mem_strdup(profile_in_force(&k->c));
    r->values = c->values;
    r->units_as_of = c->as_of;
    r->registration_unchecked = c->rule->needs == REPORT_REGISTRATION;
    r->reconstructed = k->c.reconstructed || (rc == 0 && k->criteria.reconstructed);
    bool whole = r->campaign && r->period && r->profile && (!asked->under || r->under) &&
                 (!group || r->group);
    return whole ? 0 : err_nomem(w->e);
}

static int fill_row(const struct ranking_work *w, const struct names *names,
                    const struct rank_entry *entry, struct rank_row *row) {
    const struct candidate *c = candidate_at(w, entry->row);
    const struct standing_source *s = source_of(w, c);
    *row = (struct rank_row){
        .rank = entry->rank,
        .tied = entry->rank > 0 && entry->tied,
        .unit = mem_strdup(s->unit->code),
        .unit_name = mem_strdup(s->unit->name),
        .subject = mem_strdup(c->code),
        .class_id = c->class_id[0] ? mem_strdup(c->class_id) : NULL,
        .total = c->points.total,
        .max = c->points.max,
        .grade = c->grade ? mem_strdup(c->grade->id) : NULL,
        .grade_label = c->grade ? &c->grade->label : NULL,
        .older_profile = s->older_profile,
        .older_version = s->older_version,
        .source = SOURCE_SELF,
        .on_time = standing_source_on_time(s),
        .report = s->report,
        .revision = s->revision,
    };
    if (!row->unit || !row->unit_name || !row->subject || (c->class_id[0] && !row->class_id) ||
        (c->grade && !row->grade))
        return err_nomem(w->e);
    if (!c->is_unit)
        return names_find(names, w->t, &s->lane, &c->subject, &row->name, w->e);
    row->name = mem_strdup(s->unit->name);
    return row->name ? 0 : err_nomem(w->e);
}

/* Rank what is not excluded, and put the first `limit` (0: all) rows into `r`. */
static int put_rows(const struct ranking_work *w, uint32_t limit, struct ranking *r) {
    uint32_t n_keys = w->choice.campaign->c.n_comparators, n = 0;
    uint32_t all = (uint32_t)(w->candidates.len / sizeof(struct candidate));
    const int64_t *keys = (const void *)w->keys.data;
    struct rank_entry *entries = mem_zalloc(all, sizeof *entries);
    struct names names = {0};
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
    int rc = standing_quotas_put(
        &(struct standing_field){w->a, &w->choice, &w->group, n_keys, n, entries}, r, w->e);
    if (limit > 0)
        n = rank_limit(entries, n, limit);
    r->rows = mem_zalloc(n, sizeof *r->rows);
    if (rc == 0)
        rc = r->rows ? names_load(w->t, &names, w->e) : err_nomem(w->e);
    while (rc == 0 && r->n_rows < n) {
        rc = fill_row(w, &names, &entries[r->n_rows], &r->rows[r->n_rows]);
        r->n_rows++;
    }
    names_done(&names);
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
    r->excluded = mem_zalloc(all, sizeof *r->excluded);
    if (!r->excluded)
        return err_nomem(w->e);
    for (uint32_t i = 0; i < all; i++) {
        const struct candidate *c = candidate_at(w, i);
        if (!c->excluded)
            continue;
        struct rank_excluded *x = &r->excluded[r->n_excluded++];
        x->unit = mem_strdup(source_of(w, c)->unit->code);
        x->subject = mem_strdup(c->code);
        x->why = c->excluded;
        if (!x->unit || !x->subject)
            return err_nomem(w->e);
    }
    if (r->n_excluded > 1)
        qsort(r->excluded, r->n_excluded, sizeof *r->excluded, by_place);
    return 0;
}

static int work(struct ranking_work *w, const struct standing_asked *asked, struct ranking *r,
                struct buf *words) {
    struct standing_reports reports = {0};
    struct slot_facts facts;
    int rc = slot_facts_begin(&facts, w->a, w->t, w->e);
    if (rc == 0)
        rc = standing_choice_make(&facts, asked, &w->choice, words, w->e);
    if (rc == 0)
        rc = standing_reports_find(&facts, &w->choice, &reports, w->e);
    if (rc == 0)
        rc = standing_group_choose(&w->choice, asked->group, &reports, &w->group, words, w->e);
    for (uint32_t i = 0; rc == 0 && i < reports.n; i++)
        if (!hash_is_zero(&reports.list[i].report))
            rc = add_report(w, &reports.list[i]);
    if (rc == 0)
        rc = head(w, asked, r);
    if (rc == 0)
        rc = put_rows(w, asked->limit, r);
    if (rc == 0)
        rc = put_excluded(w, r);
    standing_reports_done(&reports);
    slot_facts_done(&facts);
    return rc;
}

int standings_compute(struct actor *a, struct txn *t, const struct standing_asked *asked,
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
