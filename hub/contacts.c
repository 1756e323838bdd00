#include "hub/contacts.h"

#include "core/limits.h"
#include "core/mem.h"
#include "core/search.h"
#include "node/stated_contacts.h"
#include "proto/kinds.h"

#include <stdlib.h>

/* A child of another hub, and the record of that hub that last told of it. */
struct told {
    struct hash record, actor;
    struct uid unit;
};

static int by_unit(const void *pa, const void *pb) {
    return uid_cmp(&((const struct heard *)pa)->unit, &((const struct heard *)pb)->unit);
}

static int hubs_by_unit(const void *pa, const void *pb) {
    return uid_cmp(&((const struct contact_hub *)pa)->unit,
                   &((const struct contact_hub *)pb)->unit);
}

static int ways_by_actor(const void *pa, const void *pb) {
    return hash_cmp(&((const struct contact_way *)pa)->actor,
                    &((const struct contact_way *)pb)->actor);
}

static int nodes_by_unit(const void *pa, const void *pb) {
    return uid_cmp(&((const struct contact_node *)pa)->unit,
                   &((const struct contact_node *)pb)->unit);
}

static int told_by_record(const void *pa, const void *pb) {
    return hash_cmp(&((const struct told *)pa)->record, &((const struct told *)pb)->record);
}

static void put_heard(struct buf *out, const struct uid *unit, instant at, instant latest) {
    struct heard h = {.unit = *unit, .heard_at = at};
    if (at != INSTANT_NONE && at <= latest)
        buf_put(out, &h, sizeof h);
}

static void load_own(struct txn *t, instant now, struct buf *out) {
    struct heard_walk w;
    struct heard h;
    heard_walk_init(&w, t);
    while (heard_walk_next(&w, &h))
        put_heard(out, &h.unit, h.heard_at, now);
    heard_walk_done(&w);
}

/* What each record says of those of the `n` children at `list` that it is the last to tell of. */
static int load_told(struct txn *t, instant now, struct told *list, uint32_t n, struct buf *out,
                     struct err *e) {
    int rc = 0;
    if (n > 1)
        qsort(list, n, sizeof *list, told_by_record);
    for (uint32_t i = 0, end; rc == 0 && i < n; i = end) {
        struct payload_contact p;
        struct arena a;
        for (end = i + 1; end < n && hash_equal(&list[end].record, &list[i].record);)
            end++;
        arena_init(&a, PAYLOAD_ARENA_BYTES);
        rc = stated_contacts_read(t, &list[i].record, &a, &p, e);
        for (uint32_t k = i; rc == 0 && k < end; k++) {
            const struct contact_entry *c = stated_contacts_entry(&p, &list[k].actor);
            if (c)
                put_heard(out, &list[k].unit, c->heard_at, p.stated_at < now ? p.stated_at : now);
        }
        arena_done(&a);
    }
    return rc;
}

/* Up to when the uplink of hub `m` is drained, as its parent knows: this hub, or another. */
static instant drained_of(struct actor *a, struct txn *t, const struct member *m) {
    struct heard own;
    if (!hash_equal(&m->enroller, &a->id))
        return stated_contacts_drained(t, &m->actor, &m->enroller);
    return heard_of(t, &m->actor, &own) ? own.drained_to : INSTANT_NONE;
}

/* What is loaded, while it grows. */
struct loading {
    struct buf own, hubs, ways, nodes, told;
};

static void load_members(struct actor *a, struct txn *t, struct loading *l) {
    struct roster_walk w;
    struct member m;
    roster_walk_init(&w, t);
    while (roster_walk_next(&w, &m)) {
        if (m.by == BY_NODE) {
            struct contact_node node = {m.unit, m.enroller, !m.ended};
            buf_put(&l->nodes, &node, sizeof node);
        } else if (m.by == BY_HUB) {
            struct contact_way way = {m.actor, m.enroller, m.unit};
            buf_put(&l->ways, &way, sizeof way);
        }
        struct told told = {.actor = m.actor, .unit = m.unit};
        if ((m.by == BY_NODE || m.by == BY_HUB) && !hash_equal(&m.enroller, &a->id) &&
            stated_contacts_last(t, &m.actor, &m.enroller, &told.record))
            buf_put(&l->told, &told, sizeof told);
        if (m.by != BY_HUB)
            continue;
        struct contact_hub hub = {m.unit, drained_of(a, t, &m), m.ended};
        buf_put(&l->hubs, &hub, sizeof hub);
    }
    roster_walk_done(&w);
}

/* The list in `b`, from mem_realloc, so aligned for anything; sorted. */
static void *list_of(const struct buf *b, size_t size, int (*cmp)(const void *, const void *),
                     uint32_t *ret_n) {
    *ret_n = (uint32_t)(b->len / size);
    if (*ret_n > 1)
        qsort(b->data, *ret_n, size, cmp);
    return b->data;
}

static int load(struct actor *a, struct txn *t, instant now, struct loading *l, struct err *e) {
    load_own(t, now, &l->own);
    load_members(a, t, l);
    if (l->told.failed)
        return err_nomem(e);
    int rc = load_told(t, now, buf_items(&l->told), (uint32_t)(l->told.len / sizeof(struct told)),
                       &l->own, e);
    if (rc == 0 && (l->own.failed || l->hubs.failed || l->ways.failed || l->nodes.failed))
        rc = err_nomem(e);
    return rc;
}

int contacts_load(struct actor *a, struct txn *t, instant now, struct contacts *ret_contacts,
                  struct err *e) {
    struct loading l;
    struct buf *all[] = {&l.own, &l.hubs, &l.ways, &l.nodes, &l.told};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        buf_init(all[i]);
    int rc = load(a, t, now, &l, e);
    if (rc != 0) {
        for (size_t i = 0; i < sizeof all / sizeof *all; i++)
            buf_done(all[i]);
        return rc;
    }
    buf_done(&l.told);
    struct contacts c = {.hub = a->unit, .id = a->id, .units = a->catalog.units};
    c.own = list_of(&l.own, sizeof *c.own, by_unit, &c.n_own);
    c.hubs = list_of(&l.hubs, sizeof *c.hubs, hubs_by_unit, &c.n_hubs);
    c.ways = list_of(&l.ways, sizeof *c.ways, ways_by_actor, &c.n_ways);
    c.nodes = list_of(&l.nodes, sizeof *c.nodes, nodes_by_unit, &c.n_nodes);
    *ret_contacts = c;
    return 0;
}

void contacts_done(struct contacts *c) {
    mem_free(c->own);
    mem_free(c->hubs);
    mem_free(c->ways);
    mem_free(c->nodes);
    *c = (struct contacts){0};
}

/* The unit above `unit` on `on`; zero at the top, and where it is not known. */
static struct uid above(const struct contacts *c, const struct uid *unit, day on) {
    const struct unit_fact *f = units_at(c->units, unit, on);
    return f ? f->parent : (struct uid){{0}};
}

static int hub_of_unit(const void *unit, const void *hub) {
    return uid_cmp(unit, &((const struct contact_hub *)hub)->unit);
}

/* The first of the hubs of `unit` in the list, or where it would be. */
static uint32_t first_hub(const struct contacts *c, const struct uid *unit) {
    return search_first(unit, c->hubs, c->n_hubs, sizeof *c->hubs, hub_of_unit);
}

static int heard_of_unit(const void *unit, const void *heard) {
    return uid_cmp(unit, &((const struct heard *)heard)->unit);
}

static int node_of_unit(const void *unit, const void *node) {
    return uid_cmp(unit, &((const struct contact_node *)node)->unit);
}

/* The first of the machines of `unit` in the list, or where it would be. */
static uint32_t first_node(const struct contacts *c, const struct uid *unit) {
    return search_first(unit, c->nodes, c->n_nodes, sizeof *c->nodes, node_of_unit);
}

/* The live hubs of `unit` are between; whether there are any. */
static bool add_hubs(const struct contacts *c, const struct uid *unit, instant *least) {
    bool any = false;
    for (uint32_t i = first_hub(c, unit); i < c->n_hubs && uid_equal(&c->hubs[i].unit, unit); i++) {
        if (c->hubs[i].ended)
            continue;
        if (c->hubs[i].drained < *least) /* INSTANT_NONE is less than any */
            *least = c->hubs[i].drained;
        any = true;
    }
    return any;
}

/* The hubs of `unit` are between; where all were ended, up to what was known of the last of them.
 */
static void add_unit(const struct contacts *c, const struct uid *unit, instant *least) {
    uint32_t first = first_hub(c, unit), i = first;
    instant last = INSTANT_NONE;
    if (add_hubs(c, unit, least))
        return;
    for (; i < c->n_hubs && uid_equal(&c->hubs[i].unit, unit); i++)
        if (c->hubs[i].drained > last)
            last = c->hubs[i].drained;
    if (i > first && last < *least)
        *least = last;
}

/*
 * The hubs from `enroller` up to this one are between; whether at each step one still lives. What
 * does not come by this hub is never known to have come.
 */
static bool add_way(const struct contacts *c, const struct hash *enroller, instant *least) {
    struct contact_way at = {.actor = *enroller};
    bool lives = true;
    for (unsigned steps = 0; steps < ENROLMENT_STEPS; steps++) {
        if (hash_equal(&at.actor, &c->id))
            return lives;
        const struct contact_way *way =
            c->n_ways > 0 ? bsearch(&at, c->ways, c->n_ways, sizeof *c->ways, ways_by_actor) : NULL;
        if (!way)
            break;
        if (uid_equal(&way->unit, &c->hub)) /* whom this hub replaced */
            return lives;
        lives &= add_hubs(c, &way->unit, least);
        at.actor = way->enroller;
    }
    *least = INSTANT_NONE;
    return lives;
}

/* The hubs above the machines of `unit` are between; whether one of those can still be reached. */
static bool add_nodes(const struct contacts *c, const struct uid *unit, instant *least) {
    bool any = false;
    for (uint32_t i = first_node(c, unit); i < c->n_nodes && uid_equal(&c->nodes[i].unit, unit);
         i++)
        if (add_way(c, &c->nodes[i].enroller, least) && c->nodes[i].live)
            any = true;
    return any;
}

instant contacts_drained(const struct contacts *c, const struct uid *unit, day on,
                         bool *ret_direct) {
    instant least = INSTANT_MAX; /* of the hubs between */
    struct uid at = *unit;
    bool known = add_nodes(c, unit, &least);
    for (unsigned depth = 0; !known && depth <= LIMIT_UNIT_DEPTH; depth++) {
        if (uid_is_zero(&at) || uid_equal(&at, &c->hub))
            break;
        if (depth > 0)
            (void)add_nodes(c, &at, &least);
        add_unit(c, &at, &least);
        at = above(c, &at, on);
    }
    *ret_direct = least == INSTANT_MAX;
    return *ret_direct ? INSTANT_NONE : least;
}

instant contacts_last(const struct contacts *c, const struct uid *unit) {
    instant last = INSTANT_NONE;
    for (uint32_t i = search_first(unit, c->own, c->n_own, sizeof *c->own, heard_of_unit);
         i < c->n_own && uid_equal(&c->own[i].unit, unit); i++)
        if (c->own[i].heard_at > last)
            last = c->own[i].heard_at;
    return last;
}
