#include "node/catalog_units.h"

#include "core/limits.h"
#include "core/list.h"
#include "core/mem.h"
#include "node/path.h"
#include "proto/kinds.h"
#include "proto/payload.h"
#include "store/log.h"

#include <stdlib.h>

struct stated {
    struct unit_marks_place place;
    struct slice payload; /* in the map: nothing is written while it is used */
    struct hash branch;
    struct uid author; /* its unit */
};
struct stated_list {
    uint32_t n;
    bool past_end; /* some do not stand, and are left out */
    struct stated *list;
};

int catalog_units_init(struct catalog_units *c, struct err *e) {
    *c = (struct catalog_units){0};
    unit_shares_init(&c->shares);
    int rc = units_new(&c->units, e);
    if (rc == 0)
        rc = unit_marks_new(&c->marks, e);
    if (rc != 0)
        catalog_units_done(c);
    return rc;
}

void catalog_units_done(struct catalog_units *c) {
    units_free(c->units);
    units_free(c->retired);
    unit_marks_free(c->marks);
    unit_shares_done(&c->shares);
    *c = (struct catalog_units){0};
}

static int compare(const void *pa, const void *pb) {
    const struct stated *a = pa, *b = pb;
    return unit_marks_place_cmp(&a->place, &b->place);
}

static int add(struct stated_list *l, const struct stated *x, struct err *e) {
    if (list_grow(&l->list, l->n, sizeof *l->list, e) != 0)
        return ERR_NOMEM;
    l->list[l->n++] = *x;
    return 0;
}

/* What stands in the log behind the local number `seen`, in order. */
static int gather(struct stated_list *l, struct txn *t, uint64_t seen, struct err *e) {
    struct log_walk w;
    struct hash id;
    int rc = 0;
    log_walk_init(&w, t, KIND_UNITS, seen);
    while (rc == 0 && log_walk_next(&w, NULL, &id)) {
        struct record r;
        struct member m;
        rc = log_get(t, &id, &r, e);
        if (rc != 0 || r.h.payload_version != PAYLOAD_VERSION ||
            !roster_find(t, &r.h.actor, r.h.epoch, &m))
            continue;
        if (!roster_stands(t, &r.h)) {
            l->past_end = true;
            continue;
        }
        struct stated x = {{0, r.h.actor, r.h.epoch, r.h.seq}, r.payload, {{0}}, m.unit};
        x.place.depth = path_depth(t, &m, &x.branch);
        rc = add(l, &x, e);
    }
    log_walk_done(&w);
    if (rc == 0 && l->n > 1)
        qsort(l->list, l->n, sizeof *l->list, compare);
    return rc;
}

/* What a hub garbled, or may not say, says nothing. */
static int tolerate(int rc, struct err *e) {
    return rc == ERR_NOMEM ? err_nomem(e) : 0;
}

/* What the root hub states is first, and has no bound but those of the tree. */
static int take_of_root(struct catalog_units *c, const struct payload_units *p, struct err *e) {
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < p->n; i++)
        rc = tolerate(units_add(c->units, &p->facts[i], NULL), e);
    return rc;
}

/*
 * What any other hub states in record `x`; `late`: it belongs before what was read. `ret_clash`: it
 * is not known to come to the same as if it had been read there.
 */
static int take_of_hub(struct catalog_units *c, const struct stated *x, bool late,
                       const struct payload_units *p, bool *ret_clash, struct err *e) {
    const struct unit_author author = {x->place.actor, x->branch, x->place.epoch, x->place.seq};
    bool beyond = unit_shares_beyond(&c->shares, &author);
    uint32_t n = p->n, before = unit_shares_hub(&c->shares, &author).facts;
    bool last, clash = false;
    if (beyond)
        return 0; /* it says nothing, and changes nothing for others */
    int rc = unit_marks_begin(c->marks, &x->place, &last, e);
    if (rc == 0)
        rc = unit_shares_state(&c->shares, &author, n > 0 ? n : LIMIT_UNITS_PER_RECORD, &n, e);
    for (uint32_t i = 0; rc == 0 && i < n && i < p->n; i++) {
        bool touches;
        rc = unit_marks_look(c->marks, c->units, &p->facts[i], &touches, e);
        clash |= rc == 0 && touches;
        if (rc == 0 && units_may_state(c->units, &x->author, &p->facts[i]))
            rc = tolerate(unit_shares_add(&c->shares, c->units, &author, &p->facts[i]), e);
    }
    if (rc != 0)
        return rc;
    bool says = unit_shares_hub(&c->shares, &author).facts > before;
    bool tight = unit_shares_full(&c->shares, &author) || units_full(c->units);
    *ret_clash = late && (!last || clash || (says && tight));
    return 0;
}

static int apply(struct catalog_units *c, const struct stated *x, bool *ret_clash, struct err *e) {
    bool late = c->last.depth > 0 && unit_marks_place_cmp(&x->place, &c->last) < 0;
    struct arena a;
    struct payload_units p = {0};
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    int rc = payload_units_decode(x->payload, &a, &p, NULL);
    if (rc != 0)
        p.n = 0;
    rc = tolerate(rc, e);
    if (rc == 0 && x->place.depth <= 1)
        rc = take_of_root(c, &p, e);
    else if (rc == 0)
        rc = take_of_hub(c, x, late, &p, ret_clash, e);
    *ret_clash |= late && x->place.depth <= 1;
    if (!late)
        c->last = x->place;
    arena_done(&a);
    return rc;
}

/* Until one clashes. */
static int apply_all(struct catalog_units *c, const struct stated_list *l, bool *ret_clash,
                     struct err *e) {
    bool clash = false;
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < l->n && !clash; i++)
        rc = apply(c, &l->list[i], &clash, e);
    *ret_clash = clash;
    return rc;
}

/* Make the tree anew of all that `t` holds; `l` is used for that. */
static int remake(struct catalog_units *c, struct txn *t, struct stated_list *l, struct err *e) {
    struct catalog_units fresh;
    bool clash;
    int rc = catalog_units_init(&fresh, e);
    l->n = 0;
    if (rc == 0)
        rc = gather(l, t, 0, e);
    if (rc == 0)
        rc = apply_all(&fresh, l, &clash, e);
    if (rc != 0) {
        catalog_units_done(&fresh);
        return rc;
    }
    fresh.remade = c->remade + 1;
    fresh.retired = c->units;
    c->units = NULL;
    catalog_units_done(c);
    *c = fresh;
    return 0;
}

int catalog_units_read(struct catalog_units *c, struct txn *t, uint64_t seen, struct err *e) {
    struct stated_list l = {0};
    bool clash = false;
    int rc = gather(&l, t, seen, e);
    if (rc == 0)
        rc = apply_all(c, &l, &clash, e);
    if (rc == 0 && clash)
        rc = remake(c, t, &l, e);
    c->past_end |= l.past_end;
    mem_free(l.list);
    return rc;
}

static uint32_t least(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

struct catalog_units_room catalog_units_room(const struct catalog_units *c, struct txn *t,
                                             const struct hash *actor) {
    struct catalog_units_room room = {UINT32_MAX, UINT32_MAX, UINT32_MAX};
    struct unit_author author = {.hub = *actor};
    struct member self;
    if (!roster_find(t, actor, roster_epoch(t, actor), &self) ||
        path_depth(t, &self, &author.branch) <= 1)
        return room;
    struct unit_share hub = unit_shares_hub(&c->shares, &author),
                      branch = unit_shares_branch(&c->shares, &author);
    room.facts = least(LIMIT_HUB_FACTS - hub.facts, LIMIT_BRANCH_FACTS - branch.facts);
    room.own_units = LIMIT_HUB_UNITS - hub.units;
    room.branch_units = LIMIT_BRANCH_UNITS - branch.units;
    return room;
}

int catalog_units_above(struct txn *t, const struct hash *actor, struct units **ret_units,
                        struct err *e) {
    struct stated_list l = {0};
    struct catalog_units c;
    struct member self;
    struct hash branch;
    bool clash;
    int rc = catalog_units_init(&c, e);
    if (rc != 0)
        return rc;
    rc = gather(&l, t, 0, e);
    uint32_t n = 0, depth = 0;
    if (roster_find(t, actor, roster_epoch(t, actor), &self))
        depth = path_depth(t, &self, &branch);
    while (n < l.n && l.list[n].place.depth <= depth)
        n++;
    l.n = n;
    if (rc == 0)
        rc = apply_all(&c, &l, &clash, e);
    if (rc == 0) {
        *ret_units = c.units;
        c.units = NULL;
    }
    catalog_units_done(&c);
    mem_free(l.list);
    return rc;
}
