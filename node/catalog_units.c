#include "node/catalog_units.h"

#include "core/mem.h"
#include "proto/kinds.h"
#include "proto/payload.h"
#include "store/log.h"

#include <stdlib.h>

struct stated {
    struct units_place place;
    struct hash record;
    struct uid author; /* its unit */
};
struct stated_list {
    uint32_t n, cap;
    struct stated *list;
};

int catalog_units_init(struct catalog_units *c, struct err *e) {
    *c = (struct catalog_units){0};
    return units_new(&c->units, e);
}

void catalog_units_done(struct catalog_units *c) {
    units_free(c->units);
    units_free(c->retired);
    *c = (struct catalog_units){0};
}

static int compare(const void *pa, const void *pb) {
    const struct units_place *a = &((const struct stated *)pa)->place;
    const struct units_place *b = &((const struct stated *)pb)->place;
    if (a->depth != b->depth)
        return a->depth < b->depth ? -1 : 1;
    int order = hash_cmp(&a->actor, &b->actor);
    if (order == 0)
        order = (a->epoch > b->epoch) - (a->epoch < b->epoch);
    return order != 0 ? order : (a->seq > b->seq) - (a->seq < b->seq);
}

/* How many enrolments lead from the root's keys to `m`. */
static uint32_t depth_of(struct txn *t, const struct member *m) {
    struct member at = *m;
    uint32_t depth = 0;
    while (at.by != BY_ROOT_KEY && depth < ENROLMENT_STEPS) {
        depth++;
        struct hash above = at.enroller;
        if (!roster_find(t, &above, roster_epoch(t, &above), &at))
            break;
    }
    return depth;
}

static int add(struct stated_list *l, const struct stated *x, struct err *e) {
    if (l->n == l->cap) {
        uint32_t cap = l->cap ? 2 * l->cap : 16;
        struct stated *list = mem_realloc(l->list, cap * sizeof *list);
        if (!list)
            return err_nomem(e);
        l->list = list;
        l->cap = cap;
    }
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
        if (rc != 0 || r.h.payload_version != PAYLOAD_VERSION || !roster_stands(t, &r.h) ||
            !roster_find(t, &r.h.actor, r.h.epoch, &m))
            continue;
        struct stated x = {{depth_of(t, &m), r.h.actor, r.h.epoch, r.h.seq}, id, m.unit};
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

static int apply(struct units *u, struct txn *t, const struct stated *x, struct err *e) {
    struct arena a;
    struct record r;
    struct payload_units p = {0};
    int rc = log_get(t, &x->record, &r, e);
    if (rc != 0)
        return rc;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    rc = tolerate(payload_units_decode(r.payload, &a, &p, NULL), e);
    for (uint32_t i = 0; rc == 0 && i < p.n; i++)
        if (x->place.depth <= 1 || units_may_state(u, &x->author, &p.facts[i]))
            rc = tolerate(units_add(u, &p.facts[i], NULL), e);
    arena_done(&a);
    return rc;
}

static int apply_all(struct catalog_units *c, struct txn *t, const struct stated_list *l,
                     struct err *e) {
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < l->n; i++) {
        rc = apply(c->units, t, &l->list[i], e);
        c->last = l->list[i].place;
    }
    return rc;
}

/* Whether what is new belongs before what was read. */
static bool is_behind(const struct catalog_units *c, const struct stated_list *l) {
    struct stated last = {.place = c->last};
    return l->n > 0 && c->last.depth > 0 && compare(&l->list[0], &last) < 0;
}

int catalog_units_read(struct catalog_units *c, struct txn *t, uint64_t seen, struct err *e) {
    struct stated_list l = {0};
    int rc = gather(&l, t, seen, e);
    if (rc == 0 && is_behind(c, &l)) {
        struct units *fresh;
        l.n = 0;
        rc = units_new(&fresh, e);
        if (rc == 0) {
            units_free(c->retired);
            c->retired = c->units;
            c->units = fresh;
            c->last = (struct units_place){0};
            rc = gather(&l, t, 0, e);
        }
    }
    if (rc == 0)
        rc = apply_all(c, t, &l, e);
    mem_free(l.list);
    return rc;
}

int catalog_units_above(struct txn *t, const struct hash *actor, struct units **ret_units,
                        struct err *e) {
    struct stated_list l = {0};
    struct units *units = NULL;
    struct member self;
    int rc = units_new(&units, e);
    if (rc == 0)
        rc = gather(&l, t, 0, e);
    uint32_t depth = roster_find(t, actor, roster_epoch(t, actor), &self) ? depth_of(t, &self) : 0;
    for (uint32_t i = 0; rc == 0 && i < l.n && l.list[i].place.depth <= depth; i++)
        rc = apply(units, t, &l.list[i], e);
    mem_free(l.list);
    if (rc == 0)
        *ret_units = units;
    else
        units_free(units);
    return rc;
}
