#include "node/standing_view.h"

#include "core/mem.h"
#include "node/called.h"
#include "node/reading.h"
#include "node/standing_book.h"
#include "node/standing_group.h"
#include "node/standing_quota.h"
#include "node/standing_result.h"

#include <string.h>

struct viewing {
    struct actor *a;
    struct txn *t;
    const struct standing_asked *asked;
    struct standing_choice choice;
    struct standing_group group;
    struct standing_subject subject; /* where one is asked for */
    struct standing_id id;
    struct counted set;
    size_t tie_bytes;
    uint64_t total; /* entries of the set */
    struct ranking *r;
    struct buf *words;
    struct err *e;
};

static int damaged(struct err *e) {
    return err_set(e, ERR_CORRUPT,
                   "the ranking kept in the store is damaged: run `check`, then restore it from a "
                   "backup or from its neighbours");
}

/* ---- which set ---- */

/* The groups of units that are in question, as reports of which only that is known. */
struct groups {
    struct arena arena;
    uint32_t n;
    struct standing_report *list;
};

static char *keep(struct arena *a, const char *text) {
    size_t n = strlen(text) + 1;
    char *copy = arena_alloc(a, n);
    if (copy)
        memcpy(copy, text, n);
    return copy;
}

static int read_groups(struct viewing *v, struct groups *g) {
    struct walk w;
    struct key prefix;
    const char *text;
    struct standing_group_row row;
    struct buf list;
    buf_init(&list);
    standing_book_groups(&w, &prefix, v->t, &v->id);
    while (standing_book_groups_next(&w, &text, &row)) {
        struct unit_fact *unit = arena_alloc(&g->arena, sizeof *unit);
        struct standing_report one = {.unit = unit};
        if (!unit || row.in_question == 0)
            continue;
        *unit = (struct unit_fact){.group = keep(&g->arena, text)};
        buf_put(&list, &one, sizeof one);
    }
    walk_done(&w);
    g->n = (uint32_t)(list.len / sizeof *g->list);
    g->list = buf_items(&list);
    return list.failed || g->arena.failed ? err_nomem(v->e) : 0;
}

/* The number of the group declared, among those for its kind of subject. */
static uint32_t declared_number(const struct standing_group *g) {
    uint32_t n = 0;
    for (uint32_t i = 0; &g->campaign->groups[i] != g->declared; i++)
        n += g->campaign->groups[i].subjects == SUBJECT_ANY ||
             g->campaign->groups[i].subjects == g->subjects;
    return n;
}

/* The number of the group that was chosen; false: the book has no such set. */
static bool group_number(const struct viewing *v, uint32_t *ret_number) {
    struct standing_group_row row;
    switch (v->group.choice) {
    case GROUP_ALL:
        return false;
    case GROUP_DECLARED:
        *ret_number = declared_number(&v->group);
        return true;
    case GROUP_NONE_DECLARED:
        *ret_number = STANDING_NO_GROUP;
        return true;
    case GROUP_OF_UNIT:
        if (!standing_book_group(v->t, &v->id, v->group.of_unit, &row))
            return false;
        *ret_number = row.number;
        return true;
    }
    return false;
}

/* Whether the book has what was chosen, whatever the group. */
static bool is_kept(struct viewing *v) {
    const struct standing_choice *c = &v->choice;
    const struct slot slot = {
        c->campaign->issuer, c->campaign->c.id, c->period->id, c->rule->kind, {{0}}};
    bool all = uid_is_zero(&c->under) || uid_equal(&c->under, &v->a->unit);
    v->id = standing_id_of(&slot);
    v->tie_bytes = standing_tie_bytes(c->campaign->c.n_comparators);
    return all && c->as_of == reading_day(c->period) &&
           standing_book_has(v->t, &slot) == STANDING_KEPT;
}

/* ---- rows ---- */

/* Where something stands, as a value in `places` says. */
struct place {
    const struct unit_fact *unit;
    struct standing_held held;
    struct standing_held_row row;
};

static int find_unit(const struct viewing *v, const struct uid *unit, uint32_t index,
                     struct place *ret_place) {
    struct place p = {.unit = units_at(v->a->catalog.units, unit, v->choice.as_of)};
    if (!p.unit || !standing_book_unit(v->t, &v->id, unit, &p.held) ||
        !standing_held_row(&p.held, index, &p.row)) {
        int rc = txn_failed(v->t, v->e);
        return rc != 0 ? rc : damaged(v->e);
    }
    *ret_place = p;
    return 0;
}

static int find_place(const struct viewing *v, struct slice value, struct place *ret_place) {
    struct uid unit;
    uint32_t index;
    if (!standing_place_read(value, &unit, &index))
        return damaged(v->e);
    return find_unit(v, &unit, index, ret_place);
}

static const struct grade *grade_of(const struct viewing *v, const struct place *p) {
    const struct catalog_profile *c = catalog_profile(&v->a->catalog, &p->held.profile);
    return c && p->row.grade < c->p.n_grades ? &c->p.grades[p->row.grade] : NULL;
}

/* Put `p` into the next row. */
static int show(const struct viewing *v, const struct place *p, uint32_t rank, bool tied) {
    int64_t keys[STANDING_COMPARATORS_MAX];
    uint32_t n_keys = p->row.place.len >= v->tie_bytes ? v->choice.campaign->c.n_comparators : 0;
    for (uint32_t i = 0; i < n_keys; i++)
        keys[i] = standing_place_key(p->row.place, i);
    const struct standing_shown shown = {
        .rank = rank,
        .tied = tied,
        .on_time = p->held.state == SLOT_ON_TIME || p->held.state == SLOT_EXCUSED,
        .unit = p->unit,
        .code = p->row.code,
        .class_id = p->row.class_id,
        .total = p->row.total,
        .max = p->row.max,
        .grade = grade_of(v, p),
        .older_profile = p->held.older_profile,
        .older_version = p->held.older_version,
        .revision = p->held.revision,
        .report = p->held.report,
        .n_keys = n_keys,
        .keys = keys,
    };
    struct rank_row *row = &v->r->rows[v->r->n_rows++];
    int rc = standing_row_put(&shown, row, v->e);
    if (rc != 0)
        return rc;
    if (p->row.row != 0)
        return called_find(v->t, &p->held.lane, &p->row.subject, &shown.report, &row->name, v->e);
    row->name = mem_strdup(p->unit->name);
    return row->name ? 0 : err_nomem(v->e);
}

/* Who ties with `place`: the first of them, and past the last. */
struct tie {
    uint64_t first, end;
    bool ranked;
};

static struct tie tie_of(const struct viewing *v, struct slice place) {
    struct slice tie = slice_of(place.data, v->tie_bytes < place.len ? v->tie_bytes : place.len);
    return (struct tie){counted_before(&v->set, tie), counted_through(&v->set, tie),
                        standing_is_ranked(place)};
}

/* The tie that entry `at` is in; false: there is no such entry. */
static bool tie_at(const struct viewing *v, uint64_t at, struct tie *ret_tie) {
    struct counted_walk w;
    struct slice place, value;
    counted_walk_init(&w, &v->set, at);
    bool found = counted_walk_next(&w, &place, &value);
    struct key copy = {.n = 0};
    if (found)
        key_put(&copy, place.data, place.len);
    counted_walk_done(&w);
    if (found)
        *ret_tie = tie_of(v, key_slice(&copy));
    return found;
}

/* How many rows to show where `limit` are asked for: those and the rest of the tie it would cut. */
static uint64_t rows_within(const struct viewing *v, uint32_t limit) {
    struct tie tie;
    if (limit == 0)
        return v->asked->subject ? 0 : v->total;
    if (limit >= v->total || !tie_at(v, limit - 1, &tie))
        return v->total;
    return tie.ranked ? tie.end : limit;
}

/* Show the first `n`, which end with a tie, or in what has no rank. */
static int show_first(const struct viewing *v, uint64_t n) {
    struct counted_walk w;
    struct slice place, value;
    struct key before = {.n = 0};
    uint32_t rank = 0;
    int rc = 0;
    counted_walk_init(&w, &v->set, 0);
    for (uint64_t i = 0; rc == 0 && i < n && counted_walk_next(&w, &place, &value); i++) {
        struct place p;
        bool same =
            i > 0 && place.len >= v->tie_bytes && memcmp(before.b, place.data, v->tie_bytes) == 0;
        if (place.len < v->tie_bytes)
            rc = damaged(v->e);
        if (rc != 0)
            break;
        before.n = 0;
        key_put(&before, place.data, v->tie_bytes);
        if (!same)
            rank = standing_is_ranked(place) ? (uint32_t)i + 1 : 0;
        rc = find_place(v, value, &p);
        if (rc == 0)
            rc = show(v, &p, rank, same);
        if (rc == 0 && same)
            v->r->rows[i - 1].tied = rank > 0;
    }
    counted_walk_done(&w);
    return rc == 0 ? txn_failed(v->t, v->e) : rc;
}

static bool is_in_set(const struct viewing *v, const struct place *p) {
    struct counted set = v->set;
    struct reader r = reader_of(p->row.groups);
    while (r.left > 0) {
        struct counted its = standing_set(v->t, &v->id, p->row.kind, reader_u16(&r));
        if (slice_equal(key_slice(&its.set), key_slice(&set.set)))
            return true;
    }
    return false;
}

/* The row of the subject `s`; `ret_found` false: it is not here. */
static int find_subject(const struct viewing *v, const struct standing_subject *s,
                        struct place *ret_place, bool *ret_found) {
    struct place *p = ret_place;
    p->unit = units_by_code(v->a->catalog.units, s->unit, v->choice.as_of);
    *ret_found = false;
    if (!p->unit || !standing_book_unit(v->t, &v->id, &p->unit->id, &p->held))
        return txn_failed(v->t, v->e);
    for (uint32_t i = 0; i < p->held.n && !*ret_found; i++) {
        if (!standing_held_row(&p->held, i, &p->row))
            return damaged(v->e);
        *ret_found = strcmp(p->row.code, s->code) == 0 && is_in_set(v, p);
    }
    return 0;
}

/* Show the subject that was asked for, where it is not among the first `n`. */
static int show_subject(const struct viewing *v, uint64_t n) {
    struct place p;
    bool found;
    int rc = find_subject(v, &v->subject, &p, &found);
    if (rc != 0)
        return rc;
    if (!found)
        return standing_subject_absent(v->asked, v->e);
    if (p.held.excluded)
        return standing_excluded_put(v->r, p.unit->code, p.row.code, p.held.excluded, v->e);
    if (counted_before(&v->set, p.row.place) < n)
        return 0;
    struct tie tie = tie_of(v, p.row.place);
    return show(v, &p, tie.ranked ? (uint32_t)tie.first + 1 : 0, tie.end - tie.first > 1);
}

static int show_excluded(const struct viewing *v) {
    struct key prefix = standing_excluded_prefix(&v->set);
    struct walk w;
    struct slice value;
    int rc = 0;
    walk_init(&w, v->t, TABLE_PLACES, key_slice(&prefix));
    while (rc == 0 && walk_next(&w, NULL, &value)) {
        struct place p;
        rc = find_place(v, value, &p);
        if (rc == 0)
            rc = standing_excluded_put(v->r, p.unit->code, p.row.code, p.held.excluded, v->e);
    }
    walk_done(&w);
    return rc == 0 ? txn_failed(v->t, v->e) : rc;
}

/* ---- quotas ---- */

/* How many have a rank: what has none comes last. */
static uint64_t ranked(const struct viewing *v) {
    struct key none = {.n = 0};
    for (size_t i = 0; i < standing_tie_bytes(0); i++)
        key_put(&none, &(uint8_t){0xff}, 1);
    return counted_before(&v->set, key_slice(&none));
}

static int put_ties(const struct viewing *v, const struct tie *tie, struct rank_quota *x) {
    struct counted_walk w;
    struct slice place, value;
    int rc = 0;
    counted_walk_init(&w, &v->set, tie->first);
    for (uint64_t i = tie->first; rc == 0 && i < tie->end; i++) {
        struct place p;
        rc = counted_walk_next(&w, &place, &value) ? find_place(v, value, &p) : damaged(v->e);
        if (rc == 0)
            rc = standing_quota_tie(x, p.unit->code, p.row.code, v->e);
    }
    counted_walk_done(&w);
    return rc;
}

/* As rank_quota_edge, of entries that are not read. */
static int cut(void *arg, uint32_t places, struct rank_quota *x, struct err *e) {
    const struct viewing *v = arg;
    uint64_t with_rank = ranked(v), end = with_rank < places ? with_rank : places;
    struct tie tie;
    (void)e;
    if (end == 0)
        return 0;
    if (!tie_at(v, end - 1, &tie))
        return damaged(v->e);
    x->edge = (uint32_t)tie.first + 1;
    x->inside = (uint32_t)end;
    if (tie.end <= places)
        return 0;
    x->inside = (uint32_t)tie.first;
    x->left = places - x->inside;
    return put_ties(v, &tie, x);
}

/* ---- all of it ---- */

static int put_rows(struct viewing *v) {
    uint64_t n = rows_within(v, v->asked->limit);
    v->r->rows = mem_zalloc((size_t)n + 1, sizeof *v->r->rows);
    int rc = v->r->rows ? show_first(v, n) : err_nomem(v->e);
    if (rc == 0 && v->asked->subject)
        rc = show_subject(v, n);
    else if (rc == 0)
        rc = show_excluded(v);
    return rc;
}

static int show_all(struct viewing *v, bool *ret_served) {
    const struct standing_field field = {v->a, &v->choice, &v->group, 0, (uint32_t)v->total,
                                         NULL, cut,        v};
    if (standing_quotas_need_entries(&field))
        return 0;
    *ret_served = true;
    int rc = standing_head_put(v->a, &v->choice, &v->group, v->asked, v->r, v->e);
    if (rc == 0)
        rc = standing_quotas_put(&field, v->r, v->e);
    return rc == 0 ? put_rows(v) : rc;
}

static int view(struct viewing *v, struct groups *groups, bool *ret_served) {
    const struct slot_facts light = {.actor = v->a, .t = v->t};
    uint32_t number;
    int rc = standing_choice_make(&light, v->asked, &v->choice, v->words, v->e);
    if (rc == 0 && v->asked->subject)
        rc = standing_subject_parse(&light, &v->choice, v->asked->subject, &v->subject, v->e);
    if (rc != 0 || !is_kept(v))
        return rc;
    rc = read_groups(v, groups);
    const struct standing_reports in_question = {groups->n, groups->list};
    if (rc == 0)
        rc = standing_group_choose(&v->choice, v->asked->group, &in_question, &v->group, v->words,
                                   v->e);
    if (rc != 0 || !group_number(v, &number))
        return rc;
    v->set = standing_set(v->t, &v->id, v->choice.subjects, number);
    v->total = counted_total(&v->set);
    return show_all(v, ret_served);
}

int standing_view_compute(struct actor *a, struct txn *t, const struct standing_asked *asked,
                          struct ranking *ret_ranking, struct buf *words, bool *ret_served,
                          struct err *e) {
    struct ranking r = {0};
    struct viewing v = {.a = a, .t = t, .asked = asked, .r = &r, .words = words, .e = e};
    struct groups groups = {.n = 0};
    arena_init(&groups.arena, PAYLOAD_ARENA_BYTES);
    int rc = view(&v, &groups, ret_served);
    mem_free(groups.list);
    arena_done(&groups.arena);
    if (rc == 0 && *ret_served)
        *ret_ranking = r;
    else
        ranking_done(&r);
    return rc;
}
