#include "node/route.h"

#include "core/limits.h"
#include "core/units_way.h"
#include "node/path.h"
#include "proto/kinds.h"
#include "store/key.h"
#include "store/log.h"
#include "store/meta.h"
#include "store/stream.h"

/* A row of CHILDREN: unit, actor → inbox, doubt. */
static bool read_child(struct slice key, struct slice value, struct child *c) {
    struct reader k = reader_of(key), v = reader_of(value);
    reader_copy(&k, c->unit.b, UID_BYTES);
    reader_copy(&k, c->actor.b, HASH_BYTES);
    reader_copy(&v, c->inbox.b, UID_BYTES);
    c->doubt = reader_u8(&v) != 0;
    return !k.failed && !v.failed;
}

#define FEW_CHILDREN 8u

/* What is done with a child: most often, something is put on its inbox. */
struct each_child {
    void (*fn)(const struct each_child *x, struct txn *t, const struct child *c);
    const struct hash *id;        /* of a record */
    const struct lane_walk *lane; /* … or a whole lane of one author … */
    const struct log_head *head;  /* … and its end */
    struct actor *actor;
    const struct uid *unit; /* only children that have a part in it; NULL: all */
};

/* Do `x` with all children whose key begins with `prefix`. */
static void each_child(struct txn *t, struct slice prefix, const struct each_child *x) {
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
            if (!x->unit || catalog_ever_under(&x->actor->catalog, x->unit, &few[i].unit))
                x->fn(x, t, &few[i]);
        more = n == FEW_CHILDREN;
        after.n = 0;
        if (more) {
            key_uid(&after, &few[n - 1].unit);
            key_hash(&after, &few[n - 1].actor);
            key_put(&after, "", 1);
        }
    }
}

#define WAYS 64u /* of a unit, over time; where there are more, each child is looked at */

/* Do `x` with the children at the units that `unit` is, or was or will be under: what is said of a
 * unit concerns whoever had a part in it, whole lanes and not what is since a day. */
static void each_child_above(struct actor *a, struct txn *t, const struct uid *unit,
                             const struct each_child *x) {
    struct uid above[WAYS];
    size_t n = units_way_above(a->catalog.units, unit, above, WAYS);
    if (n == 0) /* nothing is known of it yet: it is for its own machine */
        each_child(t, slice_of(unit->b, UID_BYTES), x);
    for (size_t i = 0; i < n && n <= WAYS; i++)
        each_child(t, slice_of(above[i].b, UID_BYTES), x);
    struct each_child all = *x;
    all.actor = a;
    all.unit = unit;
    if (n > WAYS)
        each_child(t, slice_of(NULL, 0), &all);
}

static void put_record(const struct each_child *x, struct txn *t, const struct child *c) {
    stream_append(t, &c->inbox, x->id);
}

/* Put what `c` lacks of a lane on its inbox; whoever has its end has all of it. */
static void put_lane(const struct each_child *x, struct txn *t, const struct child *c) {
    struct hash id;
    if (stream_position_of(t, &c->inbox, &x->head->id) > 0)
        return;
    for (uint64_t seq = 1; seq <= x->head->seq; seq++)
        if (log_at(t, &x->lane->actor, x->lane->epoch, &x->lane->lane, seq, &id) &&
            stream_position_of(t, &c->inbox, &id) == 0)
            stream_append(t, &c->inbox, &id);
}

bool route_from_above(struct actor *a, struct txn *t, const struct record_header *h) {
    struct member m, self;
    return roster_find(t, &h->actor, h->epoch, &m) && m.by != BY_NODE &&
           !uid_equal(&m.unit, &a->unit) &&
           (uid_is_zero(&m.unit) || (roster_find(t, &a->id, roster_epoch(t, &a->id), &self) &&
                                     path_through(t, &self, &m.unit)));
}

/* Whether the author of `h` reports to the hub `a`, by whatever way its record came. */
static bool is_from_below(struct actor *a, struct txn *t, const struct record_header *h) {
    struct member m;
    return a->role == ROLE_HUB && roster_find(t, &h->actor, h->epoch, &m) &&
           !uid_is_zero(&m.unit) && (m.by == BY_NODE || !uid_equal(&m.unit, &a->unit)) &&
           path_through(t, &m, &a->unit);
}

/* The author decides, not the carrier: a child may hand over what its hub should have had first. */
void route_record(struct actor *a, struct txn *t, const struct record *r, enum origin origin) {
    bool own = hash_equal(&r->h.actor, &a->id);
    bool back = origin == ORIGIN_ABOVE && is_from_below(a, t, &r->h); /* it was handed back */
    bool above = !own && ((origin == ORIGIN_ABOVE && !back) || route_from_above(a, t, &r->h));
    if (!a->is_root && !above)
        stream_append(t, &a->outbox, &r->id);
    const struct each_child put = {.fn = put_record, .id = &r->id};
    if (a->role != ROLE_HUB || !(own || above))
        return;
    if (uid_is_zero(&r->h.lane))
        each_child(t, slice_of(NULL, 0), &put);
    else
        each_child_above(a, t, &r->h.lane, &put);
}

/* The lanes of units that author `actor` stated go to children that have a part in the unit now. */
static void put_lanes(struct actor *a, struct txn *t, const struct hash *actor) {
    struct lane_walk w;
    struct log_head head;
    const struct each_child x = {.fn = put_lane, .lane = &w, .head = &head};
    lane_walk_init(&w, t, actor);
    while (lane_walk_next(&w, &head))
        if (!uid_is_zero(&w.lane))
            each_child_above(a, t, &w.lane, &x);
}

/* The hub above whoever has `*at`; false at the top. */
static bool next_above(struct txn *t, struct hash *at) {
    struct member m;
    if (!roster_find(t, at, roster_epoch(t, at), &m) || m.by == BY_ROOT_KEY)
        return false;
    *at = m.enroller;
    return true;
}

void route_moved(struct actor *a, struct txn *t) {
    struct hash at = a->id;
    if (a->role != ROLE_HUB)
        return;
    for (unsigned steps = 0; steps <= ENROLMENT_STEPS; steps++) {
        put_lanes(a, t, &at);
        if (!next_above(t, &at))
            return;
    }
}

/* Each record held, in log order, without an open walk: the next one after `*number`. */
static bool next_held(struct txn *t, uint64_t *number, struct hash *ret_id) {
    struct log_walk w;
    log_walk_init(&w, t, 0, *number);
    bool found = log_walk_next(&w, number, ret_id);
    log_walk_done(&w);
    return found;
}

/* Whether the author of `h` was the hub of this very unit before `a`. */
static bool is_from_before(struct actor *a, struct txn *t, const struct record_header *h) {
    struct member m;
    return !hash_equal(&h->actor, &a->id) && roster_find(t, &h->actor, h->epoch, &m) &&
           m.by == BY_HUB && uid_equal(&m.unit, &a->unit);
}

/* Whether `m` was a hub of the unit of `c` before it, or reported to one. */
static bool is_below_before(struct txn *t, const struct child *c, const struct member *m) {
    struct member at = *m, above;
    for (unsigned steps = 0; steps <= LIMIT_UNIT_DEPTH; steps++) {
        if (hash_equal(&at.actor, &c->actor))
            return false;
        if (at.by == BY_HUB && uid_equal(&at.unit, &c->unit))
            return true;
        if (!roster_find(t, &at.enroller, 1, &above))
            return false;
        at = above;
    }
    return false;
}

/* Whether every child of `a` is told what hub `hub` states in its lane 0. */
static bool is_told_of(struct actor *a, struct txn *t, const struct hash *hub) {
    const struct record_header h = {.actor = *hub, .epoch = 1};
    return hash_equal(hub, &a->id) || route_from_above(a, t, &h) || is_from_before(a, t, &h);
}

/* Whether `h` is of what a machine left whose place `c`, of right `by`, took. Of a node that
 * another hub enrolled `c` could not verify a word: it never hears of that enrolment. */
static bool is_left_to(struct actor *a, struct txn *t, const struct child *c, uint8_t by,
                       const struct record_header *h) {
    struct member m;
    if (hash_equal(&h->actor, &c->actor) || !roster_find(t, &h->actor, h->epoch, &m))
        return false;
    if (by != BY_NODE)
        return is_below_before(t, c, &m);
    return m.by == BY_NODE && uid_equal(&m.unit, &c->unit) && is_told_of(a, t, &m.enroller);
}

/* Put all that child `c` has to know by now on its inbox. */
static int route_past(struct actor *a, struct txn *t, const struct child *c, struct err *e) {
    uint64_t number = 0, last = log_last(t);
    struct hash id;
    struct member self;
    uint8_t by = roster_find(t, &c->actor, roster_epoch(t, &c->actor), &self) ? self.by : BY_NODE;
    while (number < last && next_held(t, &number, &id)) {
        struct record r;
        int rc = log_get(t, &id, &r, e);
        if (rc != 0)
            return rc;
        bool lane = uid_is_zero(&r.h.lane) || catalog_ever_under(&a->catalog, &r.h.lane, &c->unit);
        bool ours = hash_equal(&r.h.actor, &a->id) || route_from_above(a, t, &r.h) ||
                    is_from_before(a, t, &r.h);
        if ((lane && ours) || is_left_to(a, t, c, by, &r.h))
            stream_append(t, &c->inbox, &id);
    }
    return 0;
}

int route_add_child(struct actor *a, struct txn *t, const struct child *c, struct err *e) {
    actor_put_child(t, c);
    return route_past(a, t, c, e);
}

int route_renew_child(struct actor *a, struct txn *t, const struct world *world, struct child *c,
                      struct err *e) {
    stream_drop(t, &c->inbox);
    world->random(world->arg, c->inbox.b, UID_BYTES);
    return route_add_child(a, t, c, e);
}

/* The child after `*at` (zero: the first), in the order of the table. */
static bool next_child(struct txn *t, struct child *at) {
    struct key after = {.n = 0};
    struct walk w;
    struct slice k, v;
    if (!hash_is_zero(&at->actor)) {
        key_uid(&after, &at->unit);
        key_hash(&after, &at->actor);
        key_put(&after, "", 1);
    }
    walk_init_from(&w, t, TABLE_CHILDREN, slice_of(NULL, 0), key_slice(&after));
    bool found = walk_next(&w, &k, &v) && read_child(k, v, at);
    walk_done(&w);
    return found;
}

static int renew_outbox(struct actor *a, struct txn *t, const struct world *world, struct err *e) {
    uint64_t number = 0, last = log_last(t);
    struct hash id;
    stream_drop(t, &a->outbox);
    world->random(world->arg, a->outbox.b, UID_BYTES);
    meta_put_uid(t, "outbox", &a->outbox);
    meta_put_u64(t, "outbox.acked", 0);
    while (number < last && next_held(t, &number, &id)) {
        struct record r;
        int rc = log_get(t, &id, &r, e);
        if (rc != 0)
            return rc;
        if (hash_equal(&r.h.actor, &a->id) || !route_from_above(a, t, &r.h))
            stream_append(t, &a->outbox, &id);
    }
    return 0;
}

int route_renew(struct actor *a, struct txn *t, const struct world *world, struct err *e) {
    struct child child = {0};
    int rc = a->is_root ? 0 : renew_outbox(a, t, world, e);
    while (rc == 0 && next_child(t, &child)) {
        child.doubt = false; /* nothing is signed any more that could be in a taken place */
        rc = route_renew_child(a, t, world, &child, e);
    }
    return rc == 0 ? route_find_children(a, t, world, e) : rc;
}

/* The first member that this actor enrolled and has not taken on; false if there is none. */
static bool find_lost_child(struct actor *a, struct txn *t, struct child *ret_child) {
    struct roster_walk w;
    struct member m;
    bool found = false;
    roster_walk_init(&w, t);
    while (!found && roster_walk_next(&w, &m))
        found = hash_equal(&m.enroller, &a->id) && !actor_child(t, &m.unit, &m.actor, ret_child);
    roster_walk_done(&w);
    if (found)
        *ret_child = (struct child){.actor = m.actor, .unit = m.unit};
    return found;
}

int route_find_children(struct actor *a, struct txn *t, const struct world *world, struct err *e) {
    struct child child;
    int rc = txn_failed(t, e);
    while (rc == 0 && find_lost_child(a, t, &child)) {
        world->random(world->arg, child.inbox.b, UID_BYTES);
        rc = route_add_child(a, t, &child, e);
        if (rc == 0)
            rc = txn_failed(t, e);
    }
    return rc;
}
