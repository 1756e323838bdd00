#include "hub/unit_state.h"

#include "core/limits.h"
#include "core/mem.h"
#include "core/units_way.h"
#include "node/append.h"
#include "proto/kinds.h"
#include "proto/payload.h"

#include <stdlib.h>
#include <string.h>

/* A record stays well below its bound: the lengths of a fact's texts and this much for the rest. */
#define FACT_BYTES 96u
#define SUCCESSOR_BYTES 24u
#define RECORD_BYTES (LIMIT_PAYLOAD / 2)

struct stating {
    struct command *o;
    struct units *above; /* the tree as this hub and those above it state it */
    struct buf facts;    /* struct unit_fact each; their texts are the caller's or the catalog's */
    struct buf payloads, lengths; /* of the records, one after another; size_t each */
    uint32_t own, fresh;          /* units that are stated here first: of those above, and of all */
    struct err *e;
};

static size_t fact_bytes(const struct unit_fact *f) {
    return FACT_BYTES + strlen(f->code) + strlen(f->level) + strlen(f->kind) + strlen(f->name) +
           strlen(f->group) + strlen(f->contact) + strlen(f->phone) +
           (f->basis ? strlen(f->basis) : 0) + f->n_successors * SUCCESSOR_BYTES;
}

/* The payload of a record of the first facts of `n` at `facts` that fit; how many went in. */
static int encode_some(struct stating *s, struct unit_fact *facts, uint32_t n,
                       uint32_t *ret_taken) {
    struct payload_units p = {.facts = facts};
    size_t before = s->payloads.len;
    for (size_t bytes = 0; p.n < n && p.n < LIMIT_UNITS_PER_RECORD; p.n++) {
        bytes += fact_bytes(&facts[p.n]);
        if (bytes > RECORD_BYTES)
            break;
    }
    int rc = payload_units_encode(&p, &s->payloads, s->e);
    size_t length = s->payloads.len - before;
    buf_put(&s->lengths, &length, sizeof length);
    *ret_taken = p.n;
    return rc == 0 && s->lengths.failed ? err_nomem(s->e) : rc;
}

/* State the records. What they were made from may be gone after the first: the tree is read anew.
 */
static int append_all(struct stating *s) {
    struct command *o = s->o;
    struct reader payloads = reader_of(buf_slice(&s->payloads)),
                  lengths = reader_of(buf_slice(&s->lengths));
    int rc = 0;
    while (rc == 0 && lengths.left > 0) {
        struct hash id;
        size_t length;
        reader_copy(&lengths, &length, sizeof length);
        rc = append_own(&o->actor, o->t, KIND_UNITS, NULL, reader_bytes(&payloads, length), o->now,
                        &id, s->e);
    }
    return rc;
}

static int put(struct stating *s, const struct unit_fact *f) {
    struct err ignored = {0};
    bool stated = units_at(s->above, &f->id, DAY_LATEST) != NULL;
    s->own += !stated;
    s->fresh += !stated && !units_at(s->o->actor.catalog.units, &f->id, DAY_LATEST);
    buf_put(&s->facts, f, sizeof *f);
    /* What does not fit among what is above is refused again where all of it is read. */
    return units_add(s->above, f, &ignored) == ERR_NOMEM || s->facts.failed ? err_nomem(s->e) : 0;
}

/* Have `unit` stated here or above with all that is known of it, units above it first. */
static int put_known(struct stating *s, const struct uid *unit, unsigned steps) {
    const struct units *all = s->o->actor.catalog.units;
    const struct unit_fact *facts = units_at(all, unit, DAY_LATEST);
    int rc = 0;
    if (!facts || steps > LIMIT_UNIT_DEPTH || units_at(s->above, unit, DAY_LATEST))
        return 0;
    day first = facts->effective;
    while (first != DAY_NONE && units_at(all, unit, first - 1))
        first = units_at(all, unit, first - 1)->effective;
    for (const struct unit_fact *f = facts; rc == 0 && f;
         f = f->effective == DAY_NONE ? NULL : units_at(all, unit, f->effective - 1))
        rc = put_known(s, &f->parent, steps + 1);
    const struct unit_fact *f = units_at(all, unit, first);
    for (day on = first; rc == 0 && f; f = units_way_next(all, unit, on)) {
        rc = put(s, f);
        on = f->effective;
    }
    return rc;
}

static int order_id(const void *a, const void *b) {
    return uid_cmp(a, b);
}

/* Whether `unit` is, was or will be below one of the `n` sorted units at `ids`. */
static bool is_below_some(const struct units *all, const struct uid *unit, const struct uid *ids,
                          size_t n) {
    struct uid above[LIMIT_UNIT_WAYS];
    size_t ways = units_way_above(all, unit, above, LIMIT_UNIT_WAYS);
    if (ways > LIMIT_UNIT_WAYS)
        return true;
    for (size_t i = 0; i < ways; i++)
        if (bsearch(&above[i], ids, n, sizeof *ids, order_id))
            return true;
    return false;
}

/* Have what lies below the units of the `n` facts stated here too: where these go, hubs may come to
 * have a part in it that were not told by whoever stated it first. */
static int put_below(struct stating *s, const struct unit_fact *facts, uint32_t n) {
    const struct units *all = s->o->actor.catalog.units;
    struct uid *ids = mem_zalloc(n, sizeof *ids);
    int rc = ids ? 0 : err_nomem(s->e);
    for (uint32_t i = 0; rc == 0 && i < n; i++)
        ids[i] = facts[i].id;
    if (rc == 0 && n > 1)
        qsort(ids, n, sizeof *ids, order_id);
    for (size_t i = 0; rc == 0 && i < units_count(all); i++) {
        const struct uid *unit = units_id(all, i);
        if (!units_at(s->above, unit, DAY_LATEST) && is_below_some(all, unit, ids, n))
            rc = put_known(s, unit, 0);
    }
    mem_free(ids);
    return rc;
}

static int put_all(struct stating *s, const struct unit_fact *facts, uint32_t n) {
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < n; i++) {
        rc = put_known(s, &facts[i].parent, 0);
        if (rc == 0)
            rc = put_known(s, &facts[i].id, 0);
        if (rc == 0)
            rc = put(s, &facts[i]);
    }
    return rc;
}

/* What is beyond the share of this hub would say nothing; better it is not signed. */
static int check_room(const struct stating *s, const struct unit_fact *list, uint32_t n) {
    struct command *o = s->o;
    struct catalog_units_room room =
        catalog_units_room(&o->actor.catalog.units_read, o->t, &o->actor.id);
    for (uint32_t i = 0; room.facts != UINT32_MAX && i < n; i++) {
        if (units_facts(s->above, &list[i].id) > LIMIT_FACTS_PER_UNIT)
            return err_set(s->e, ERR_REFUSED,
                           "unit %s would have more than %u facts: have the root hub state them",
                           list[i].code, LIMIT_FACTS_PER_UNIT);
        if (!unit_shares_within_ways(s->above, &list[i]))
            return err_set(s->e, ERR_REFUSED,
                           "unit %s would have been below more than %u units: have the root hub "
                           "state them",
                           list[i].code, LIMIT_UNIT_WAYS);
    }
    if (n <= room.facts && s->own <= room.own_units && s->fresh <= room.branch_units)
        return 0;
    uint32_t units = room.own_units < room.branch_units ? room.own_units : room.branch_units;
    return err_set(s->e, ERR_REFUSED,
                   "these are %u facts about units, %u of them new, and this hub has room for %u "
                   "and %u; leave out what changes nothing, or have the hub above state the rest",
                   n, s->own > s->fresh ? s->own : s->fresh, room.facts, units);
}

int unit_state_facts(struct command *o, const struct unit_fact *facts, uint32_t n, struct err *e) {
    struct stating s = {.o = o, .e = e};
    buf_init(&s.facts);
    buf_init(&s.payloads);
    buf_init(&s.lengths);
    int rc = catalog_units_above(o->t, &o->actor.id, &s.above, e);
    if (rc == 0)
        rc = put_all(&s, facts, n);
    if (rc == 0)
        rc = put_below(&s, facts, n);
    struct unit_fact *list = buf_items(&s.facts);
    uint32_t total = (uint32_t)(s.facts.len / sizeof *list);
    if (rc == 0)
        rc = check_room(&s, list, total);
    for (uint32_t done = 0, taken; rc == 0 && done < total; done += taken)
        rc = encode_some(&s, list + done, total - done, &taken);
    if (rc == 0)
        rc = append_all(&s);
    units_free(s.above);
    buf_done(&s.facts);
    buf_done(&s.payloads);
    buf_done(&s.lengths);
    return rc;
}
