#include "hub/contacts.h"

#include "core/limits.h"
#include "core/mem.h"
#include "node/stated_contacts.h"
#include "proto/kinds.h"

#include <stdlib.h>

static int by_unit(const void *pa, const void *pb) {
    return uid_cmp(&((const struct heard *)pa)->unit, &((const struct heard *)pb)->unit);
}

static int hubs_by_unit(const void *pa, const void *pb) {
    return uid_cmp(&((const struct contact_hub *)pa)->unit,
                   &((const struct contact_hub *)pb)->unit);
}

static void load_own(struct txn *t, struct buf *out) {
    struct heard_walk w;
    struct heard h;
    heard_walk_init(&w, t);
    while (heard_walk_next(&w, &h))
        buf_put(out, &h, sizeof h);
    heard_walk_done(&w);
}

/* Up to when the uplink of hub `m` is drained, as its parent knows: this hub, or another. */
static instant drained_of(struct actor *a, struct txn *t, const struct member *m) {
    struct heard own;
    if (!hash_equal(&m->enroller, &a->id))
        return stated_contacts_drained(t, &m->actor, &m->enroller);
    return heard_of(t, &m->actor, &own) ? own.drained_to : INSTANT_NONE;
}

static void load_hubs(struct actor *a, struct txn *t, struct buf *out) {
    struct roster_walk w;
    struct member m;
    roster_walk_init(&w, t);
    while (roster_walk_next(&w, &m)) {
        if (m.by != BY_HUB || m.ended)
            continue;
        struct contact_hub hub = {m.unit, drained_of(a, t, &m)};
        buf_put(out, &hub, sizeof hub);
    }
    roster_walk_done(&w);
}

int contacts_load(struct actor *a, struct txn *t, struct contacts *ret_contacts, struct err *e) {
    struct buf own, hubs;
    buf_init(&own);
    buf_init(&hubs);
    load_own(t, &own);
    load_hubs(a, t, &hubs);
    if (own.failed || hubs.failed) {
        buf_done(&own);
        buf_done(&hubs);
        return err_nomem(e);
    }
    struct contacts c = {.hub = a->unit, .units = a->catalog.units};
    c.own = (void *)own.data; /* from mem_realloc, so aligned for anything */
    c.n_own = (uint32_t)(own.len / sizeof *c.own);
    c.hubs = (void *)hubs.data;
    c.n_hubs = (uint32_t)(hubs.len / sizeof *c.hubs);
    if (c.n_own > 1)
        qsort(c.own, c.n_own, sizeof *c.own, by_unit);
    if (c.n_hubs > 1)
        qsort(c.hubs, c.n_hubs, sizeof *c.hubs, hubs_by_unit);
    *ret_contacts = c;
    return 0;
}

void contacts_done(struct contacts *c) {
    mem_free(c->own);
    mem_free(c->hubs);
    *c = (struct contacts){0};
}

/* The unit above `unit` on `on`; zero at the top, and where it is not known. */
static struct uid above(const struct contacts *c, const struct uid *unit, day on) {
    const struct unit_fact *f = units_at(c->units, unit, on);
    return f ? f->parent : (struct uid){{0}};
}

/* The first of the hubs of `unit` in the list, or where it would be. */
static uint32_t first_hub(const struct contacts *c, const struct uid *unit) {
    uint32_t lo = 0, hi = c->n_hubs;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (uid_cmp(&c->hubs[mid].unit, unit) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

instant contacts_drained(const struct contacts *c, const struct uid *unit, day on,
                         bool *ret_direct) {
    instant least = INSTANT_MAX;
    struct uid at = *unit;
    *ret_direct = true;
    for (unsigned depth = 0; depth <= LIMIT_UNIT_DEPTH; depth++) {
        if (uid_is_zero(&at) || uid_equal(&at, &c->hub))
            break;
        for (uint32_t i = first_hub(c, &at); i < c->n_hubs && uid_equal(&c->hubs[i].unit, &at);
             i++) {
            if (c->hubs[i].drained < least) /* INSTANT_NONE is less than any */
                least = c->hubs[i].drained;
            *ret_direct = false;
        }
        at = above(c, &at, on);
    }
    return *ret_direct ? INSTANT_NONE : least;
}

/* When any actor of `unit` was last heard; INSTANT_NONE if none was. */
static instant heard_last(const struct contacts *c, const struct uid *unit) {
    instant last = INSTANT_NONE;
    for (uint32_t i = 0; i < c->n_own; i++)
        if (uid_equal(&c->own[i].unit, unit) && c->own[i].heard_at > last)
            last = c->own[i].heard_at;
    return last;
}

instant contacts_last(const struct contacts *c, const struct uid *unit, day on) {
    struct uid at = *unit;
    for (unsigned depth = 0; depth <= LIMIT_UNIT_DEPTH && !uid_is_zero(&at); depth++) {
        instant last = heard_last(c, &at);
        if (last != INSTANT_NONE)
            return last;
        at = above(c, &at, on);
    }
    return INSTANT_NONE;
}
