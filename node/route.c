#include "node/route.h"

#include "core/limits.h"
#include "proto/kinds.h"
#include "store/key.h"
#include "store/log.h"
#include "store/stream.h"

/* A row of CHILDREN: unit, actor → inbox. */
static bool read_child(struct slice key, struct slice value, struct child *c) {
    struct reader k = reader_of(key), v = reader_of(value);
    reader_copy(&k, c->unit.b, UID_BYTES);
    reader_copy(&k, c->actor.b, HASH_BYTES);
    reader_copy(&v, c->inbox.b, UID_BYTES);
    return !k.failed && !v.failed;
}

#define FEW_CHILDREN 8u

/* Append `id` to the inboxes of all children whose key begins with `prefix`. */
static void append_to_children(struct txn *t, struct slice prefix, const struct hash *id) {
    struct key after = {.n = 0};
    key_put(&after, prefix.data, prefix.len);
    for (bool more = true; more;) {
        struct child few[FEW_CHILDREN];
        struct slice k, v;
        struct walk w;
        uint32_t n = 0;
        walk_init_from(&w, t, TABLE_CHILDREN, prefix, key_slice(&after));
        while (n < FEW_CHILDREN && walk_next(&w, &k, &v))
            if (read_child(k, v, &few[n]))
                n++;
        walk_done(&w); /* no write while a walk is open */
        for (uint32_t i = 0; i < n; i++)
            stream_append(t, &few[i].inbox, id);
        more = n == FEW_CHILDREN;
        after.n = 0;
        if (more) {
            key_uid(&after, &few[n - 1].unit);
            key_hash(&after, &few[n - 1].actor);
            key_put(&after, "", 1);
        }
    }
}

/* Append `id` to the inboxes of the children at or above `unit`. */
static void append_towards(struct actor *a, struct txn *t, const struct uid *unit,
                           const struct hash *id) {
    struct uid at = *unit;
    for (unsigned depth = 0; depth < LIMIT_UNIT_DEPTH && !uid_is_zero(&at); depth++) {
        append_to_children(t, slice_of(at.b, UID_BYTES), id);
        const struct unit_fact *f = catalog_unit(&a->catalog, &at);
        if (!f)
            return;
        at = f->parent;
    }
}

/* Whether the author of `h` is a hub above this actor, or the root's own keys. */
static bool from_above(struct actor *a, struct txn *t, const struct record_header *h) {
    struct member m;
    return roster_find(t, &h->actor, h->epoch, &m) && m.by != BY_NODE &&
           !uid_equal(&m.unit, &a->unit) && catalog_under(&a->catalog, &a->unit, &m.unit);
}

/* The author decides, not the carrier: a child may hand over what its hub should have had first. */
void route_record(struct actor *a, struct txn *t, const struct record *r, enum origin origin) {
    bool own = hash_equal(&r->h.actor, &a->id);
    bool above = !own && (origin == ORIGIN_ABOVE || from_above(a, t, &r->h));
    if (!a->is_root && !above)
        stream_append(t, &a->outbox, &r->id);
    if (a->role != ROLE_HUB || !(own || above))
        return;
    if (uid_is_zero(&r->h.lane))
        append_to_children(t, slice_of(NULL, 0), &r->id);
    else
        append_towards(a, t, &r->h.lane, &r->id);
}

/* Put all that child `c` has to know by now on its inbox. */
static int route_past(struct actor *a, struct txn *t, const struct child *c, struct err *e) {
    uint64_t last = log_last(t);
    for (uint64_t number = 0; number < last;) {
        struct log_walk w;
        struct hash id;
        struct record r;
        log_walk_init(&w, t, 0, number);
        bool found = log_walk_next(&w, &number, &id);
        log_walk_done(&w);
        if (!found)
            break;
        int rc = log_get(t, &id, &r, e);
        if (rc != 0)
            return rc;
        bool lane = uid_is_zero(&r.h.lane) || catalog_under(&a->catalog, &r.h.lane, &c->unit);
        if (lane && (hash_equal(&r.h.actor, &a->id) || from_above(a, t, &r.h)))
            stream_append(t, &c->inbox, &id);
    }
    return 0;
}

int route_add_child(struct actor *a, struct txn *t, const struct child *c, struct err *e) {
    struct key k = {.n = 0};
    key_uid(&k, &c->unit);
    key_hash(&k, &c->actor);
    txn_put(t, TABLE_CHILDREN, key_slice(&k), slice_of(c->inbox.b, UID_BYTES));
    return route_past(a, t, c, e);
}
