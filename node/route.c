#include "node/route.h"

#include "core/limits.h"
#include "core/units_way.h"
#include "node/path.h"
#include "proto/kinds.h"
#include "store/key.h"
#include "store/log.h"
#include "store/meta.h"
#include "store/stream.h"

/* A row of CHILDREN: unit, actor → inbox, flags. */
static bool read_child(struct slice key, struct slice value, struct child *c) {
    struct reader k = reader_of(key), v = reader_of(value);
    reader_copy(&k, c->unit.b, UID_BYTES);
    reader_copy(&k, c->actor.b, HASH_BYTES);
    reader_copy(&v, c->inbox.b, UID_BYTES);
    actor_child_flags(reader_u8(&v), c);
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

/* Do `x` with the children at the units that `unit` is, or was or will be under: what is said of a
 * unit concerns whoever had a part in it, whole lanes and not what is since a day. */
static void each_child_above(struct actor *a, struct txn *t, const struct uid *unit,
                             const struct each_child *x) {
    struct uid above[LIMIT_UNIT_WAYS]; /* where there are more, each child is looked at */
    size_t n = units_way_above(a->catalog.units, unit, above, LIMIT_UNIT_WAYS);
    if (n == 0) /* nothing is known of it yet: it is for its own machine */
        each_child(t, slice_of(unit->b, UID_BYTES), x);
    for (size_t i = 0; i < n && n <= LIMIT_UNIT_WAYS; i++)
        each_child(t, slice_of(above[i].b, UID_BYTES), x);
    struct each_child all = *x;
    all.actor = a;
    all.unit = unit;
    if (n > LIMIT_UNIT_WAYS)
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

/* The author decides, not the carrier: a child may hand over what its hub should have had first.
 * What it hands over of those above may be lacking there too: that goes on up. */
void route_record(struct actor *a, struct txn *t, const struct record *r, enum origin origin) {
    bool own = hash_equal(&r->h.actor, &a->id);
    bool back = origin == ORIGIN_ABOVE && is_from_below(a, t, &r->h); /* it was handed back */
    bool above = !own && ((origin == ORIGIN_ABOVE && !back) || route_from_above(a, t, &r->h));
    if (!a->is_root && (!above || origin == ORIGIN_BELOW))
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

/* The same of the lane of one unit. */
static void put_lane_of(struct actor *a, struct txn *t, const struct hash *actor,
                        const struct uid *unit) {
    uint32_t last = roster_epoch(t, actor);
    struct lane_walk w = {.actor = *actor, .lane = *unit};
    struct log_head head;
    const struct each_child x = {.fn = put_lane, .lane = &w, .head = &head};
    for (w.epoch = 1; w.epoch <= last; w.epoch++) {
        head = log_head_of(t, actor, w.epoch, unit);
        if (head.seq > 0)
            each_child_above(a, t, unit, &x);
    }
}

void route_moved(struct actor *a, struct txn *t, size_t known) {
    const struct units *units = a->catalog.units;
    struct path p;
    struct member at;
    path_init(&p, t, &a->id);
    while (a->role == ROLE_HUB && path_up(&p, &at)) {
        if (known == 0)
            put_lanes(a, t, &at.actor);
        for (size_t i = known; known > 0 && i < units_count(units); i++)
            put_lane_of(a, t, &at.actor, units_id(units, i));
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

/* Children whose inboxes are filled in one pass over the log. */
#define TOGETHER 64u
struct newcomers {
    uint32_t n;
    struct child list[TOGETHER];
    uint8_t by[TOGETHER]; /* what right each has */
};

/* Whoever stated a record, kept from one record to the next: what is asked of each. */
struct author {
    struct hash actor;
    uint32_t epoch;
    bool known, heard; /* is enrolled; is this actor, above it, or was the hub of its unit before */
    struct member as;
    uint32_t steps; /* of the way up from it; 0: not looked at yet */
    struct {
        struct hash actor;
        struct uid unit;
        uint8_t by;
    } way[LIMIT_UNIT_DEPTH + 1];
};

/* The author of `h` into `x`, unless that is who is there. */
static void look_at(struct actor *a, struct txn *t, const struct record_header *h,
                    struct author *x) {
    if (x->epoch == h->epoch && hash_equal(&x->actor, &h->actor))
        return;
    *x = (struct author){.actor = h->actor, .epoch = h->epoch};
    x->known = roster_find(t, &h->actor, h->epoch, &x->as);
    x->heard =
        hash_equal(&h->actor, &a->id) || route_from_above(a, t, h) || is_from_before(a, t, h);
}

static void look_up(struct txn *t, struct author *x) {
    struct path p;
    struct member at;
    path_init(&p, t, &x->actor);
    while (x->steps <= LIMIT_UNIT_DEPTH && path_up(&p, &at)) {
        x->way[x->steps].actor = at.actor;
        x->way[x->steps].unit = at.unit;
        x->way[x->steps++].by = at.by;
    }
}

/* Whether `x` was a hub of the unit of `c` before it, or reported to one. */
static bool is_below_before(struct txn *t, const struct child *c, struct author *x) {
    if (x->steps == 0)
        look_up(t, x);
    for (uint32_t i = 0; i < x->steps; i++) {
        if (hash_equal(&x->way[i].actor, &c->actor))
            return false;
        if (x->way[i].by == BY_HUB && uid_equal(&x->way[i].unit, &c->unit))
            return true;
    }
    return false;
}

/* Whether every child of `a` is told what hub `hub` states in its lane 0. */
static bool is_told_of(struct actor *a, struct txn *t, const struct hash *hub) {
    const struct record_header h = {.actor = *hub, .epoch = 1};
    return hash_equal(hub, &a->id) || route_from_above(a, t, &h) || is_from_before(a, t, &h);
}

/* Whether what `x` stated is of what a machine left whose place `c`, of right `by`, took. Of a node
 * that another hub enrolled `c` could not verify a word: it never hears of that enrolment. */
static bool is_left_to(struct actor *a, struct txn *t, const struct child *c, uint8_t by,
                       struct author *x) {
    if (!x->known || hash_equal(&x->actor, &c->actor))
        return false;
    if (by != BY_NODE)
        return is_below_before(t, c, x);
    return x->as.by == BY_NODE && uid_equal(&x->as.unit, &c->unit) &&
           is_told_of(a, t, &x->as.enroller);
}

/* The units whose machines hear what is said in a lane, as far as there is room. */
struct lane_above {
    struct uid lane;
    size_t n;
    struct uid list[LIMIT_UNIT_WAYS];
};

static bool hears(struct actor *a, const struct lane_above *l, const struct uid *unit) {
    if (uid_is_zero(&l->lane))
        return true;
    if (l->n > LIMIT_UNIT_WAYS)
        return catalog_ever_under(&a->catalog, &l->lane, unit);
    for (size_t i = 0; i < l->n; i++)
        if (uid_equal(&l->list[i], unit))
            return true;
    return false;
}

/* Put `r` on the inbox of each of `l` that has to know it by now. */
static void put_past(struct actor *a, struct txn *t, const struct newcomers *l,
                     const struct record *r, struct author *x) {
    struct lane_above above = {.lane = r->h.lane};
    look_at(a, t, &r->h, x);
    if (x->heard && !uid_is_zero(&above.lane))
        above.n = units_way_above(a->catalog.units, &above.lane, above.list, LIMIT_UNIT_WAYS);
    for (uint32_t i = 0; i < l->n; i++)
        if ((x->heard && hears(a, &above, &l->list[i].unit)) ||
            is_left_to(a, t, &l->list[i], l->by[i], x))
            stream_append(t, &l->list[i].inbox, &r->id);
}

/* Take all of `l` on: put what each has to know by now on its inbox. */
static int add_newcomers(struct actor *a, struct txn *t, struct newcomers *l, struct err *e) {
    uint64_t number = 0, last = log_last(t);
    struct author author = {.epoch = 0};
    struct member m;
    struct hash id;
    for (uint32_t i = 0; i < l->n; i++) {
        const struct hash *actor = &l->list[i].actor;
        actor_put_child(t, &l->list[i]);
        l->by[i] = roster_find(t, actor, roster_epoch(t, actor), &m) ? m.by : BY_NODE;
    }
    while (l->n > 0 && number < last && next_held(t, &number, &id)) {
        struct record r;
        int rc = log_get(t, &id, &r, e);
        if (rc != 0)
            return rc;
        put_past(a, t, l, &r, &author);
    }
    return 0;
}

int route_add_child(struct actor *a, struct txn *t, const struct child *c, struct err *e) {
    struct newcomers one = {.n = 1, .list = {*c}};
    return add_newcomers(a, t, &one, e);
}

/* Begin the inbox of `c` anew. */
static void renew_inbox(struct txn *t, const struct world *world, struct child *c) {
    stream_drop(t, &c->inbox);
    world->random(world->arg, c->inbox.b, UID_BYTES);
    c->named = c->handed = false;
}

int route_renew_child(struct actor *a, struct txn *t, const struct world *world, struct child *c,
                      struct err *e) {
    renew_inbox(t, world, c);
    return route_add_child(a, t, c, e);
}

bool route_next_child(struct txn *t, struct child *at) {
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
    for (bool more = true; rc == 0 && more;) {
        struct newcomers l = {0};
        while (l.n < TOGETHER && (more = route_next_child(t, &child))) {
            child.doubt = false; /* nothing is signed any more that could be in a taken place */
            renew_inbox(t, world, &child);
            l.list[l.n++] = child;
        }
        rc = add_newcomers(a, t, &l, e);
    }
    return rc == 0 ? route_find_children(a, t, world, e) : rc;
}

static bool is_among(const struct newcomers *l, const struct member *m) {
    for (uint32_t i = 0; i < l->n; i++)
        if (hash_equal(&l->list[i].actor, &m->actor) && uid_equal(&l->list[i].unit, &m->unit))
            return true;
    return false;
}

/* Members that this actor enrolled and has not taken on, as many as there is room for. */
static void find_lost_children(struct actor *a, struct txn *t, struct newcomers *l) {
    struct roster_walk w;
    struct member m;
    struct child known;
    l->n = 0;
    roster_walk_init(&w, t);
    while (l->n < TOGETHER && roster_walk_next(&w, &m))
        if (hash_equal(&m.enroller, &a->id) && !actor_child(t, &m.unit, &m.actor, &known) &&
            !is_among(l, &m))
            l->list[l->n++] = (struct child){.actor = m.actor, .unit = m.unit};
    roster_walk_done(&w);
}

int route_find_children(struct actor *a, struct txn *t, const struct world *world, struct err *e) {
    struct newcomers l = {.n = TOGETHER};
    int rc = txn_failed(t, e);
    while (rc == 0 && l.n == TOGETHER) {
        find_lost_children(a, t, &l);
        for (uint32_t i = 0; i < l.n; i++)
            world->random(world->arg, l.list[i].inbox.b, UID_BYTES);
        rc = add_newcomers(a, t, &l, e);
        if (rc == 0)
            rc = txn_failed(t, e);
    }
    return rc;
}
