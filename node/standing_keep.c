#include "node/standing_keep.h"

#include "core/mem.h"
#include "node/expected.h"
#include "node/reading.h"
#include "node/standing_book.h"
#include "node/standing_group.h"
#include "node/standing_news.h"
#include "store/log.h"
#include "store/meta.h"

#include <stdlib.h>
#include <string.h>

enum book_state { BOOK_NONE, BOOK_BUILDING, BOOK_KEPT };

#define TOUCHED_PER_STEP 512u

struct keeping {
    struct actor *a;
    struct txn *t;
    struct slot_facts facts;
    uint32_t rows; /* that may still be changed in this step */
    struct err *e;
};

/* ---- the whole book ---- */

bool standing_keep_current(struct txn *t) {
    return standing_keep_still_current(t, NULL);
}

bool standing_keep_still_current(struct txn *t, struct standing_looked *looked) {
    return meta_u64(t, "standings.state") == BOOK_KEPT && txn_count(t, TABLE_TOUCHED) == 0 &&
           standing_news_none(t, looked) && txn_failed(t, NULL) == 0;
}

static void begin_building(struct txn *t) {
    txn_clear(t, TABLE_STANDINGS);
    txn_clear(t, TABLE_PLACES);
    txn_clear(t, TABLE_TOUCHED);
    txn_delete(t, TABLE_META, slice_str("standings.at"));
    meta_put_u64(t, "standings.state", BOOK_BUILDING);
    meta_put_u64(t, "standings.begun", meta_u64(t, "standings.begun") + 1);
}

uint64_t standing_keep_begun(struct txn *t) {
    return meta_u64(t, "standings.begun");
}

/* Hear of what came to be held since the last step. */
static int take_news(struct keeping *k) {
    bool all = meta_u64(k->t, "standings.state") == BOOK_NONE;
    int rc = standing_news_take(&k->a->catalog, k->t, &all, k->e);
    if (rc == 0 && all)
        begin_building(k->t);
    return rc == 0 ? standing_news_names(k->t, k->e) : rc;
}

/* ---- one slot ---- */

/* What `slot` is about, by the latest version; false: nobody can ask for its standing. */
static bool choose(const struct catalog *c, const struct slot *slot, struct standing_choice *ret) {
    struct catalog_campaign *k = catalog_latest(c, &slot->issuer, slot->campaign);
    *ret = (struct standing_choice){.campaign = k, .values = "effective"};
    if (!k)
        return false;
    ret->rule = campaign_report(&k->c, slot->kind);
    ret->period = campaign_period(&k->c, slot->period);
    if (!ret->rule || !ret->period)
        return false;
    ret->as_of = reading_day(ret->period);
    return true;
}

/* Whether `unit` is looked at, as on the day of `c`; its fact then. */
static const struct unit_fact *seen_unit(const struct actor *a, const struct standing_choice *c,
                                         const struct uid *unit) {
    const struct units *units = a->catalog.units;
    bool there = units_exist(units, unit, c->as_of) && units_under(units, unit, &a->unit, c->as_of);
    return there ? units_at(units, unit, c->as_of) : NULL;
}

static bool is_asked(const struct actor *a, const struct standing_choice *c,
                     const struct uid *unit) {
    return expected_on(&a->catalog, c->campaign, c->rule, unit, c->as_of) == EXPECTED_YES;
}

static int by_text(const void *pa, const void *pb) {
    const struct unit_fact *const *a = pa, *const *b = pb;
    return strcmp((*a)->group, (*b)->group);
}

/* Number the groups of all units that are looked at, and count who is asked. */
static int open_groups(struct keeping *k, const struct standing_choice *c,
                       const struct standing_id *id, uint32_t *ret_n) {
    const struct units *units = k->a->catalog.units;
    size_t all = units_count(units), n = 0;
    const struct unit_fact **list = mem_zalloc(all, sizeof *list);
    struct standing_group_row row = {0};
    if (!list)
        return err_nomem(k->e);
    for (size_t i = 0; i < all; i++) {
        list[n] = seen_unit(k->a, c, units_id(units, i));
        n += list[n] != NULL;
    }
    if (n > 1)
        qsort(list, n, sizeof *list, by_text);
    for (size_t i = 0; i < n; i++) {
        row.in_question += is_asked(k->a, c, &list[i]->id);
        if (i + 1 < n && strcmp(list[i]->group, list[i + 1]->group) == 0)
            continue;
        standing_book_put_group(k->t, id, list[i]->group, &row);
        row = (struct standing_group_row){.number = row.number + 1};
    }
    mem_free(list);
    *ret_n = row.number;
    return 0;
}

/* Whether the standing of `slot` is kept, opening it where a report stands in it. */
static int open_standing(struct keeping *k, const struct standing_choice *c,
                         const struct slot *slot, bool *ret_kept) {
    struct standing_id id = standing_id_of(slot);
    enum standing_kept has = standing_book_has(k->t, slot);
    uint32_t groups = 0;
    *ret_kept = has == STANDING_KEPT;
    if (has != STANDING_ABSENT ||
        !slots_held(k->t, &slot->issuer, slot->campaign, slot->period, slot->kind))
        return 0;
    int rc = open_groups(k, c, &id, &groups);
    if (rc != 0)
        return rc;
    *ret_kept = c->campaign->c.n_comparators <= STANDING_COMPARATORS_MAX &&
                c->campaign->c.n_groups < STANDING_NO_GROUP && groups < STANDING_NO_GROUP;
    standing_book_open(k->t, slot, *ret_kept);
    return txn_failed(k->t, k->e);
}

/* What the numbers of groups are made of. */
struct grouping {
    struct txn *t;
    const struct campaign *campaign;
    const struct unit_fact *unit;
    struct standing_id id;
};

static void groups_of(void *arg, enum subject_kind kind, const char *class_id, struct buf *out) {
    const struct grouping *g = arg;
    struct standing_group_row row;
    uint32_t declared = 0;
    size_t before = out->len;
    for (uint32_t i = 0; i < g->campaign->n_groups; i++) {
        const struct peer_group *p = &g->campaign->groups[i];
        struct standing_group one = {GROUP_DECLARED, g->campaign, kind, p, NULL, false};
        if (p->subjects != SUBJECT_ANY && p->subjects != kind)
            continue;
        if (standing_group_has(&one, g->unit, class_id))
            buf_put_u16(out, (uint16_t)declared);
        declared++;
    }
    if (declared == 0 && standing_book_group(g->t, &g->id, g->unit->group, &row))
        buf_put_u16(out, (uint16_t)row.number);
    else if (out->len == before)
        buf_put_u16(out, STANDING_NO_GROUP);
}

static int encode(struct slot_facts *f, const struct standing_choice *c, const struct slot *slot,
                  const struct standing_report *in, struct buf *out, struct err *e) {
    struct standing_sheet sheet;
    struct grouping g = {f->t, &c->campaign->c, in->unit, standing_id_of(slot)};
    int rc = standing_sheet_open(f->actor, f->t, c, in, &sheet, e);
    if (rc != 0)
        return rc;
    rc = standing_book_encode(&sheet, groups_of, &g, out, e);
    standing_sheet_done(&sheet);
    return rc;
}

/* The report in force of `slot`, zero if there is none. */
static int in_force(struct slot_facts *f, const struct standing_choice *c, const struct slot *slot,
                    struct standing_report *ret_report, struct err *e) {
    *ret_report = (struct standing_report){.unit = seen_unit(f->actor, c, &slot->unit)};
    if (!ret_report->unit)
        return 0;
    struct verdict v;
    int rc = slot_facts_in_force(f, slot, &v, e);
    if (rc != 0)
        return rc;
    ret_report->state = v.state;
    if (v.effective != VERDICT_NONE)
        ret_report->report = f->revisions[v.effective].id;
    return 0;
}

/* One more, or one less, unit of the group of `unit` has a report. */
static void count_unit(struct keeping *k, const struct standing_choice *c,
                       const struct standing_id *id, const struct unit_fact *unit, bool more) {
    struct standing_group_row row;
    if (is_asked(k->a, c, &unit->id) || !standing_book_group(k->t, id, unit->group, &row))
        return;
    row.in_question += more ? 1 : UINT32_MAX;
    standing_book_put_group(k->t, id, unit->group, &row);
}

static void spend(struct keeping *k, uint32_t rows) {
    k->rows -= rows < k->rows ? rows : k->rows;
}

static int replace(struct keeping *k, const struct standing_choice *c, const struct slot *slot,
                   const struct standing_report *now, bool had) {
    struct standing_id id = standing_id_of(slot);
    bool has = !hash_is_zero(&now->report);
    struct buf value;
    int rc = 0;
    buf_init(&value);
    if (has)
        rc = encode(&k->facts, c, slot, now, &value, k->e);
    if (rc == 0 && had)
        spend(k, standing_book_remove(k->t, &id, &slot->unit));
    if (rc == 0 && has)
        spend(k, standing_book_put(k->t, &id, &slot->unit, buf_slice(&value)));
    if (rc == 0 && has != had)
        count_unit(k, c, &id, now->unit, has);
    buf_done(&value);
    return rc == 0 ? txn_failed(k->t, k->e) : rc;
}

/* Make the book say of `slot` what records say. */
static int refresh(struct keeping *k, const struct slot *slot) {
    struct standing_choice c;
    struct standing_report now = {0};
    struct standing_held before;
    bool kept;
    spend(k, 1);
    if (!choose(&k->a->catalog, slot, &c))
        return 0;
    int rc = open_standing(k, &c, slot, &kept);
    if (rc == 0 && kept)
        rc = in_force(&k->facts, &c, slot, &now, k->e);
    if (rc != 0 || !kept || !now.unit)
        return rc;
    struct standing_id id = standing_id_of(slot);
    bool had = standing_book_unit(k->t, &id, &slot->unit, &before);
    if (had && hash_equal(&before.report, &now.report) && before.state == now.state)
        return 0;
    return had || !hash_is_zero(&now.report) ? replace(k, &c, slot, &now, had) : 0;
}

int standing_keep_expect(struct slot_facts *f, const struct slot *slot, struct buf *out,
                         bool *ret_kept, struct err *e) {
    struct standing_choice c;
    struct standing_report now = {0};
    buf_clear(out);
    *ret_kept = choose(&f->actor->catalog, slot, &c);
    if (!*ret_kept)
        return 0;
    int rc = in_force(f, &c, slot, &now, e);
    if (rc == 0 && now.unit && !hash_is_zero(&now.report))
        rc = encode(f, &c, slot, &now, out, e);
    return rc;
}

/* ---- steps ---- */

/* Go on through all slots. */
static int build(struct keeping *k) {
    struct slot_place place;
    struct key at = {.n = 0};
    struct slice v;
    int rc = 0;
    if (txn_get(k->t, TABLE_META, slice_str("standings.at"), &v))
        key_put(&at, v.data, v.len);
    bool more = true;
    while (rc == 0 && k->rows > 0 && (more = slots_after(k->t, key_slice(&at), &place))) {
        rc = refresh(k, &place.slot);
        at = place.key;
    }
    if (more) {
        txn_put(k->t, TABLE_META, slice_str("standings.at"), key_slice(&at));
        return rc;
    }
    txn_delete(k->t, TABLE_META, slice_str("standings.at"));
    meta_put_u64(k->t, "standings.state", BOOK_KEPT);
    return rc;
}

/* Touch the slot of report `id` in its place, if that is a report. */
static int touch_slot_of(struct keeping *k, const struct hash *id) {
    struct record r;
    struct arena a;
    struct payload_report p;
    int rc = 0;
    if (!log_held(k->t, id, &r) || r.h.kind != KIND_REPORT ||
        r.h.payload_version != PAYLOAD_VERSION)
        return txn_failed(k->t, k->e);
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    if (payload_report_decode(r.payload, &a, &p, NULL) == 0) {
        const struct catalog_campaign *c = catalog_campaign(&k->a->catalog, &p.campaign);
        if (c)
            slots_touch(k->t, &(struct slot){c->issuer, c->c.id, p.period, p.kind, p.unit});
    } else if (a.failed && !a.over_cap) {
        rc = err_nomem(k->e);
    }
    arena_done(&a);
    return rc == 0 ? txn_failed(k->t, k->e) : rc;
}

/* Take the first that was touched: a slot, or a report that stands for its slot. */
static bool take_one(struct txn *t, struct slot_place *ret_place, struct hash *ret_report,
                     bool *ret_is_slot) {
    struct walk w;
    struct slice key;
    struct key taken = {.n = 0};
    walk_init(&w, t, TABLE_TOUCHED, slice_of(NULL, 0));
    bool found = walk_next(&w, &key, NULL);
    if (found) {
        struct reader r = reader_of(key);
        key_put(&taken, key.data, key.len);
        *ret_is_slot = key.len != HASH_BYTES && slots_read(key, ret_place);
        reader_copy(&r, ret_report->b, HASH_BYTES);
    }
    walk_done(&w); /* no write while a walk is open */
    if (found)
        txn_delete(t, TABLE_TOUCHED, key_slice(&taken));
    return found;
}

/* Look again at the slots that were touched. */
static int take_touched(struct keeping *k) {
    struct slot_place place;
    struct hash report;
    bool is_slot;
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && k->rows > 0 && i < TOUCHED_PER_STEP; i++) {
        if (!take_one(k->t, &place, &report, &is_slot))
            break;
        rc = is_slot ? refresh(k, &place.slot) : touch_slot_of(k, &report);
    }
    return rc == 0 ? txn_failed(k->t, k->e) : rc;
}

int standing_keep_step(struct actor *a, struct txn *t, uint32_t rows, bool *ret_more,
                       struct err *e) {
    struct keeping k = {.a = a, .t = t, .rows = rows, .e = e};
    int rc = slot_facts_begin(&k.facts, a, t, e);
    if (rc == 0)
        rc = take_news(&k);
    if (rc == 0 && meta_u64(t, "standings.state") == BOOK_BUILDING)
        rc = build(&k);
    if (rc == 0 && meta_u64(t, "standings.state") == BOOK_KEPT)
        rc = take_touched(&k);
    slot_facts_done(&k.facts);
    if (rc == 0)
        rc = txn_failed(t, e);
    if (rc == 0)
        *ret_more = !standing_keep_current(t);
    return rc;
}
