#include "hub/check_standings.h"

#include "node/called.h"
#include "node/check.h"
#include "node/slot_facts.h"
#include "node/standing_book.h"
#include "node/standing_keep.h"

#include <string.h>

struct checking {
    struct txn *t;
    struct slot_facts facts;
    struct findings *f;
    struct buf want;
    uint64_t units, places; /* that there should be */
};

/* Whether row `i` of `h` stands in the sets of all its groups; how many places these are. */
static bool stands(struct checking *c, const struct standing_id *id, const struct uid *unit,
                   const struct standing_held *h, uint32_t i) {
    struct standing_held_row row;
    bool all = standing_held_row(h, i, &row);
    struct reader groups = reader_of(all ? row.groups : slice_of(NULL, 0));
    while (groups.left > 0) {
        struct counted set = standing_set(c->t, id, row.kind, reader_u16(&groups));
        struct key k = standing_excluded_prefix(&set);
        struct slice v;
        struct uid whose;
        uint32_t index;
        if (!h->excluded)
            k.b[k.n - 1] = 0;
        key_put(&k, row.place.data, row.place.len);
        c->places++;
        all = all && txn_get(c->t, TABLE_PLACES, key_slice(&k), &v) &&
              standing_place_read(v, &whose, &index) && uid_equal(&whose, unit) && index == i;
    }
    return all;
}

static void check_places(struct checking *c, const struct standing_id *id, const struct slot *slot,
                         const struct standing_held *h) {
    for (uint32_t i = 0; i < h->n; i++)
        if (!stands(c, id, &slot->unit, h, i)) {
            check_findings_add(c->f, &h->report,
                               "a subject of this report is not where rankings look for it");
            return;
        }
}

static int check_slot(struct checking *c, const struct slot *slot, struct err *e) {
    struct standing_id id = standing_id_of(slot);
    struct standing_held held;
    bool wanted;
    int rc = standing_keep_expect(&c->facts, slot, &c->want, &wanted, e);
    if (rc != 0 || !wanted || standing_book_has(c->t, slot) == STANDING_NOT_KEPT)
        return rc;
    bool is_there = standing_book_unit(c->t, &id, &slot->unit, &held);
    bool same = is_there ? slice_equal(held.all, buf_slice(&c->want)) : c->want.len == 0;
    if (!same)
        check_findings_add(c->f, is_there ? &held.report : NULL,
                           "rankings do not show the report in force of a unit as records say");
    c->units += is_there;
    if (is_there)
        check_places(c, &id, slot, &held);
    return 0;
}

static int check_slots_kept(struct checking *c, struct err *e) {
    struct slot_place place = {.key = {.n = 0}};
    struct key at = {.n = 0};
    int rc = 0;
    while (rc == 0 && slots_after(c->t, key_slice(&at), &place)) {
        rc = check_slot(c, &place.slot, e);
        at = place.key;
    }
    return rc;
}

/* The sets that there are: their counts hold, and their rows are all accounted for. */
static void check_sets(struct checking *c) {
    struct walk w;
    struct slice k;
    struct counted set = {.t = c->t, .table = TABLE_PLACES};
    size_t n = sizeof(struct standing_id) + 1 + 2;
    uint64_t places = 0;
    walk_init(&w, c->t, TABLE_PLACES, slice_of(NULL, 0));
    while (walk_next(&w, &k, NULL)) {
        bool begins = k.len > n && (set.set.n == 0 || memcmp(set.set.b, k.data, n) != 0);
        c->f->rows++;
        places += k.len > n && (k.data[n] == 0 || k.data[n] == 0xff);
        if (!begins)
            continue;
        set.set.n = 0;
        key_put(&set.set, k.data, n);
        if (!counted_holds(&set))
            check_findings_add(c->f, NULL, "a ranking counts other subjects than it holds");
    }
    walk_done(&w);
    if (places != c->places)
        check_findings_add(c->f, NULL, "rankings hold %llu places, and reports make %llu",
                           (unsigned long long)places, (unsigned long long)c->places);
}

/* How many rows of units there are. */
static uint64_t unit_rows(struct txn *t) {
    struct walk w;
    struct slice k;
    uint64_t n = 0;
    walk_init(&w, t, TABLE_STANDINGS, slice_of(NULL, 0));
    while (walk_next(&w, &k, NULL))
        n += standing_is_unit_key(k);
    walk_done(&w);
    return n;
}

int check_standings(struct actor *actor, struct txn *t, struct findings *f, struct err *e) {
    struct checking c = {.t = t, .f = f};
    if (!standing_keep_current(t))
        return txn_failed(t, e);
    buf_init(&c.want);
    int rc = slot_facts_begin(&c.facts, actor, t, e);
    if (rc == 0)
        rc = check_slots_kept(&c, e);
    if (rc == 0)
        check_sets(&c);
    if (rc == 0 && unit_rows(t) != c.units)
        check_findings_add(f, NULL, "rankings know reports of units that stand in no slot");
    if (rc == 0 && !called_holds(t))
        check_findings_add(f, NULL, "a name of a subject is not where rankings look for it");
    slot_facts_done(&c.facts);
    buf_done(&c.want);
    return rc == 0 ? txn_failed(t, e) : rc;
}
