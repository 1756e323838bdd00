#include "hub/contacts.h"

#include "core/limits.h"
#include "core/mem.h"
#include "proto/kinds.h"
#include "store/log.h"

#include <stdlib.h>

static int cmp_heard(const void *key, const void *entry) {
    return uid_cmp(key, &((const struct heard *)entry)->unit);
}

static int cmp_entry(const void *key, const void *entry) {
    return uid_cmp(key, &((const struct contact_entry *)entry)->unit);
}

/* By unit, the greatest drained_to first. */
static int by_unit(const void *pa, const void *pb) {
    const struct contact_entry *a = pa, *b = pb;
    int order = uid_cmp(&a->unit, &b->unit);
    return order != 0 ? order : (a->drained_to < b->drained_to) - (a->drained_to > b->drained_to);
}

static void load_own(struct txn *t, struct buf *out) {
    struct heard_walk w;
    struct heard h;
    heard_walk_init(&w, t);
    while (heard_walk_next(&w, &h))
        buf_put(out, &h, sizeof h);
    heard_walk_done(&w);
}

static void load_hubs(struct actor *a, struct txn *t, struct buf *out) {
    struct roster_walk w;
    struct member m;
    roster_walk_init(&w, t);
    while (roster_walk_next(&w, &m)) {
        struct contact_hub hub = {m.unit, hash_equal(&m.enroller, &a->id)};
        if (m.by == BY_HUB && !m.ended)
            buf_put(out, &hub, sizeof hub);
    }
    roster_walk_done(&w);
}

/* What one contact record states; a garbled one states nothing. */
static int read_stated(struct txn *t, const struct hash *id, struct buf *out, struct err *e) {
    struct record r;
    struct payload_contact p;
    struct arena arena;
    int rc = log_get(t, id, &r, e);
    if (rc != 0)
        return rc;
    arena_init(&arena, PAYLOAD_ARENA_BYTES);
    rc = payload_contact_decode(r.payload, &arena, &p, NULL);
    for (uint32_t i = 0; rc == 0 && i < p.n; i++)
        buf_put(out, &p.children[i], sizeof p.children[i]);
    arena_done(&arena);
    return rc == ERR_NOMEM ? err_nomem(e) : 0;
}

static int load_stated(struct txn *t, struct buf *out, struct err *e) {
    struct log_walk w;
    struct hash id;
    int rc = 0;
    log_walk_init(&w, t, KIND_CONTACT, 0);
    while (rc == 0 && log_walk_next(&w, NULL, &id))
        rc = read_stated(t, &id, out, e);
    log_walk_done(&w);
    return rc;
}

/* One entry a unit, the first, of the `n` sorted ones at `list`. */
static uint32_t keep_first(struct contact_entry *list, uint32_t n) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++)
        if (kept == 0 || !uid_equal(&list[kept - 1].unit, &list[i].unit))
            list[kept++] = list[i];
    return kept;
}

int contacts_load(struct actor *a, struct txn *t, struct contacts *ret_contacts, struct err *e) {
    struct buf own, stated, hubs;
    buf_init(&own);
    buf_init(&stated);
    buf_init(&hubs);
    load_own(t, &own);
    load_hubs(a, t, &hubs);
    int rc = load_stated(t, &stated, e);
    if (rc == 0 && (own.failed || stated.failed || hubs.failed))
        rc = err_nomem(e);
    if (rc != 0) {
        buf_done(&own);
        buf_done(&stated);
        buf_done(&hubs);
        return rc;
    }
    struct contacts c = {.hub = a->unit, .units = a->catalog.units};
    c.own = (void *)own.data; /* from mem_realloc, so aligned for anything */
    c.n_own = (uint32_t)(own.len / sizeof *c.own);
    c.hubs = (void *)hubs.data;
    c.n_hubs = (uint32_t)(hubs.len / sizeof *c.hubs);
    c.stated = (void *)stated.data;
    c.n_stated = (uint32_t)(stated.len / sizeof *c.stated);
    if (c.n_stated > 1)
        qsort(c.stated, c.n_stated, sizeof *c.stated, by_unit);
    c.n_stated = keep_first(c.stated, c.n_stated);
    *ret_contacts = c;
    return 0;
}

void contacts_done(struct contacts *c) {
    mem_free(c->own);
    mem_free(c->stated);
    mem_free(c->hubs);
    *c = (struct contacts){0};
}

static const struct heard *find_own(const struct contacts *c, const struct uid *unit) {
    return c->n_own ? bsearch(unit, c->own, c->n_own, sizeof *c->own, cmp_heard) : NULL;
}

static instant drained_of(const struct contacts *c, const struct contact_hub *hub) {
    if (hub->is_child) {
        const struct heard *own = find_own(c, &hub->unit);
        return own ? own->drained_to : INSTANT_NONE;
    }
    const struct contact_entry *stated =
        c->n_stated ? bsearch(&hub->unit, c->stated, c->n_stated, sizeof *c->stated, cmp_entry)
                    : NULL;
    return stated ? stated->drained_to : INSTANT_NONE;
}

instant contacts_drained(const struct contacts *c, const struct uid *unit, day on,
                         bool *ret_direct) {
    instant least = INSTANT_NONE;
    *ret_direct = true;
    for (uint32_t i = 0; i < c->n_hubs; i++) {
        const struct contact_hub *hub = &c->hubs[i];
        if (uid_equal(&hub->unit, &c->hub) || !units_under(c->units, unit, &hub->unit, on) ||
            !units_under(c->units, &hub->unit, &c->hub, on))
            continue;
        instant drained = drained_of(c, hub);
        if (*ret_direct || drained < least) /* INSTANT_NONE is less than any */
            least = drained;
        *ret_direct = false;
    }
    return least;
}

instant contacts_last(const struct contacts *c, const struct uid *unit, day on) {
    struct uid at = *unit;
    for (unsigned depth = 0; depth <= LIMIT_UNIT_DEPTH && !uid_is_zero(&at); depth++) {
        const struct heard *own = find_own(c, &at);
        if (own)
            return own->heard_at;
        const struct unit_fact *f = units_at(c->units, &at, on);
        if (!f)
            break;
        at = f->parent;
    }
    return INSTANT_NONE;
}
