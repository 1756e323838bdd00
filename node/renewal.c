#include "node/renewal.h"

#include "core/limits.h"
#include "node/append.h"
#include "node/path.h"
#include "node/restate.h"
#include "node/returned.h"
#include "proto/kinds.h"
#include "store/fork.h"
#include "store/key.h"
#include "store/log.h"
#include "store/meta.h"
#include "store/stream.h"

#include <string.h>

void renewal_lost(struct actor *a, struct txn *t) {
    if (a->spent && !actor_rotates(a))
        return;
    actor_put_renewal(a, t, true, (struct uid){{0}});
}

static int prepare(struct actor *a, struct txn *t, const struct world *world, struct err *e) {
    bool unnamed = a->spent && uid_is_zero(&a->renewal);
    meta_put_u64(t, "children.lost", 0);
    if (!unnamed)
        return route_find_children(a, t, world, e);
    struct uid name;
    world->random(world->arg, name.b, UID_BYTES);
    actor_put_renewal(a, t, true, name);
    return route_renew(a, t, world, e);
}

int renewal_prepare(struct actor *a, const struct world *world, bool *ret_changed, struct err *e) {
    struct txn *t;
    int rc = actor_begin(a, false, &t, e);
    if (rc != 0)
        return rc;
    bool wanted = (a->spent && uid_is_zero(&a->renewal)) || meta_u64(t, "children.lost") != 0;
    actor_abort(a, t);
    *ret_changed = false;
    if (!wanted)
        return 0;
    rc = actor_begin(a, true, &t, e);
    if (rc != 0)
        return rc;
    rc = prepare(a, t, world, e);
    if (rc == 0)
        rc = actor_commit(a, t, e);
    else
        actor_abort(a, t);
    *ret_changed = rc == 0;
    return rc;
}

bool renewal_lacks(const struct actor *a, struct txn *t, const struct lane_head *heads,
                   uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        const struct lane_head *h = &heads[i];
        struct hash id;
        if (hash_equal(&h->actor, &a->id) && h->epoch >= a->epoch &&
            (!log_at(t, &h->actor, h->epoch, &h->lane, h->seq, &id) || !hash_equal(&id, &h->id)))
            return true;
    }
    return false;
}

/* Whether `lane` is of interest to whoever is at `under` (NULL: to everyone). */
static bool concerns(struct actor *a, const struct uid *lane, const struct uid *under) {
    return !under || uid_is_zero(lane) || catalog_ever_under(&a->catalog, lane, under);
}

void renewal_heads(struct actor *a, struct txn *t, const struct hash *actor,
                   const struct uid *under, struct lane_head *heads, uint32_t *n) {
    struct lane_walk w;
    struct log_head head;
    bool forks = txn_count(t, TABLE_FORKS) > 0;
    struct fork f;
    lane_walk_init(&w, t, actor);
    while (*n < LIMIT_HEADS && lane_walk_next(&w, &head)) {
        if (!concerns(a, &w.lane, under))
            continue;
        heads[(*n)++] = (struct lane_head){*actor, w.epoch, w.lane, head.seq, head.id};
        if (forks && *n < LIMIT_HEADS && fork_last(t, actor, w.epoch, &w.lane, &f))
            heads[(*n)++] = (struct lane_head){*actor, w.epoch, w.lane, f.seq, f.id};
    }
}

/* The root's own keys, if `granter` is one of them, as the one record says that names them: it is
 * asked for at each greeting, and read once. */
static bool read_root_keys(struct actor *a, struct txn *t, const struct member *granter) {
    if (granter->by != BY_ROOT_KEY)
        return false;
    if (hash_equal(&a->granted_by, &granter->record))
        return true;
    if (!roster_root_keys(t, granter, a->root_keys))
        return false;
    a->granted_by = granter->record;
    return true;
}

/* The root's own keys, if `hub` is the root hub; how many. */
static uint32_t granters(struct actor *a, struct txn *t, const struct hash *hub,
                         struct hash ret_keys[ROOT_KEYS]) {
    struct member m, granter;
    for (uint32_t epoch = roster_epoch(t, hub); epoch > 0; epoch--)
        if (roster_find(t, hub, epoch, &m) && roster_find(t, &m.enroller, 1, &granter) &&
            read_root_keys(a, t, &granter)) {
            memcpy(ret_keys, a->root_keys, sizeof a->root_keys);
            return ROOT_KEYS;
        }
    return 0;
}

void renewal_authors(struct actor *a, struct txn *t, const struct hash *hub, bool above,
                     struct renewal_authors *ret_authors) {
    struct hash hubs[ENROLMENT_STEPS];
    uint32_t n = above ? path_above(t, hub, hubs) : 0;
    ret_authors->keys = granters(a, t, n > 0 ? &hubs[n - 1] : hub, ret_authors->list);
    ret_authors->n = ret_authors->keys;
    while (n > 0)
        ret_authors->list[ret_authors->n++] = hubs[--n];
    ret_authors->list[ret_authors->n++] = *hub;
}

/* The first seq of that lane which the neighbour lacks, given what it says that it holds. Of a lane
 * that is not in a full list it says nothing. */
static uint64_t first_lacking(struct txn *t, const struct renewal_gift *g,
                              const struct lane_walk *w, const struct log_head *ours) {
    uint64_t first = 1;
    bool said = g->n < LIMIT_HEADS;
    for (uint32_t i = 0; i < g->n; i++) {
        const struct lane_head *h = &g->heads[i];
        struct hash id;
        if (h->epoch != w->epoch || !hash_equal(&h->actor, g->of) || !uid_equal(&h->lane, &w->lane))
            continue;
        if (log_at(t, &h->actor, h->epoch, &h->lane, h->seq, &id) && hash_equal(&id, &h->id))
            return h->seq + 1;
        if (h->seq > ours->seq) /* what is not of our branch is answered when it comes */
            first = ours->seq + 1;
        said = true;
    }
    return said ? first : ours->seq + 1;
}

/*
 * Queue `id` unless it is on this stream already; false if it is. Whoever truly lost it has lost
 * its place in the stream too, and is sent all from there on: else a neighbour could have the same
 * lane put there again and again by words alone.
 */
static bool queue(struct txn *t, const struct uid *stream, const struct hash *id) {
    if (stream_position_of(t, stream, id) > 0)
        return false;
    stream_append(t, stream, id);
    return true;
}

/*
 * What `had` says stands on the stream is passed over, and it is kept one stretch: what lies
 * between that and `first` is put there too. A stretch of another branch says nothing.
 */
static uint64_t begin_lane(struct txn *t, const struct renewal_gift *g, const struct lane_walk *w,
                           uint64_t first, struct handed_lane *had) {
    struct hash id;
    if (had->last > 0 &&
        (!log_at(t, g->of, w->epoch, &w->lane, had->last, &id) || !hash_equal(&id, &had->last_id)))
        had->last = 0;
    if (had->last == 0)
        had->first = first;
    else if (first > had->last)
        first = had->last + 1;
    return first;
}

/* Put the lane at `w`, which ends at `head`, on the stream from `first` on. */
static void give_lane(struct txn *t, const struct renewal_gift *g, const struct lane_walk *w,
                      const struct log_head *head, uint64_t first, struct handed_lane *had,
                      bool *ret_gave) {
    struct hash id;
    if (had)
        first = begin_lane(t, g, w, first, had);
    for (uint64_t seq = first; seq <= head->seq; seq++) {
        if (had && seq >= had->first && seq <= had->last) {
            seq = had->last;
            continue;
        }
        if (g->handed)
            g->handed->looked++;
        if (log_at(t, g->of, w->epoch, &w->lane, seq, &id))
            *ret_gave |= queue(t, g->stream, &id);
    }
    if (had) {
        had->first = first < had->first ? first : had->first;
        had->last = head->seq;
        had->last_id = head->id;
    }
}

int renewal_give(struct actor *a, struct txn *t, const struct renewal_gift *g, bool *ret_gave,
                 struct err *e) {
    struct lane_walk w;
    struct log_head head;
    *ret_gave = false;
    if (g->handed)
        handed_begin(g->handed, g->stream);
    lane_walk_init(&w, t, g->of);
    while (lane_walk_next(&w, &head)) {
        struct handed_lane *had = NULL;
        if (!concerns(a, &w.lane, g->under))
            continue;
        uint64_t first = first_lacking(t, g, &w, &head);
        if (first > head.seq)
            continue;
        if (g->handed && !(had = handed_lane(g->handed, w.epoch, &w.lane, e)))
            return ERR_NOMEM;
        give_lane(t, g, &w, &head, first, had, ret_gave);
    }
    return txn_failed(t, e);
}

int renewal_answer_fork(struct actor *a, struct txn *t, const struct hash *carrier,
                        const struct record *r, struct err *e) {
    struct member m;
    struct child c;
    struct hash id;
    if (!hash_equal(&r->h.actor, carrier) ||
        !log_at(t, carrier, r->h.epoch, &r->h.lane, r->h.seq, &id))
        return txn_failed(t, e);
    if (!a->is_root && hash_equal(carrier, &a->parent))
        (void)queue(t, &a->outbox, &id);
    else if (roster_find(t, carrier, r->h.epoch, &m) && actor_child(t, &m.unit, carrier, &c))
        (void)queue(t, &c.inbox, &id);
    return txn_failed(t, e);
}

int renewal_give_below(struct actor *a, struct txn *t, const struct uid *unit,
                       const struct hash *except, struct handed *handed, struct err *e) {
    uint64_t number = handed->below, last = log_last(t);
    while (number < last) {
        struct log_walk w;
        struct hash id;
        struct record r;
        struct member m;
        log_walk_init(&w, t, 0, number);
        bool found = log_walk_next(&w, &number, &id);
        log_walk_done(&w); /* no write while a walk is open */
        if (!found)
            break;
        handed->looked++;
        int rc = log_get(t, &id, &r, e);
        if (rc != 0)
            return rc;
        if (!hash_equal(&r.h.actor, except) && !hash_equal(&r.h.actor, &a->id) &&
            roster_find(t, &r.h.actor, r.h.epoch, &m) && !uid_is_zero(&m.unit) &&
            (uid_equal(&m.unit, unit) || path_through(t, &m, unit)))
            (void)queue(t, &handed->stream, &id);
    }
    handed->below = last;
    return txn_failed(t, e);
}

static const struct key_pair *key_of(const struct actor *a, const struct public_key *key) {
    bool other =
        a->other_sign && crypto_equal(key_pair_public(a->other_sign)->b, key->b, PUBLIC_KEY_BYTES);
    return other ? a->other_sign : a->sign;
}

int renewal_ask(struct actor *a, struct txn *t, struct post *post, struct err *e) {
    struct frame f = {.type = FRAME_RENEW};
    struct frame_renew *r = &f.u.renew;
    struct payload_grant g = {.actor = a->id, .unit = a->unit, .renewal = a->renewal};
    struct member last;
    if (!a->spent || a->is_root || uid_is_zero(&a->renewal) ||
        !roster_find(t, &a->id, roster_epoch(t, &a->id), &last))
        return 0;
    const struct key_pair *before = key_of(a, &last.sign_key), *next = a->sign;
    const struct key_pair *transport = a->transport;
    if (!uid_is_zero(&a->rotation) && a->other_sign && before == a->sign) {
        next = a->other_sign;
        transport = a->other_transport;
        if (a->role == ROLE_NODE) /* a hub's is what those below know it by */
            r->transport_key = *key_pair_public(transport);
    }
    g.epoch = r->epoch = last.epoch + 1;
    g.sign_key = r->sign_key = *key_pair_public(next);
    g.transport_key = *key_pair_public(transport);
    r->renewal = a->renewal;
    payload_renewal_prove(&g, &a->deployment, before, r->proof);
    return post_put(post, 0, &f, e);
}

bool renewal_begin(struct actor *a, struct txn *t) {
    if (a->spent || uid_is_zero(&a->rotation) || !a->other_sign)
        return false;
    actor_put_renewal(a, t, true, a->rotation);
    return true;
}

int renewal_granted(struct actor *a, struct txn *t, uint32_t epoch, instant now, struct err *e) {
    uint32_t before = a->epoch;
    actor_put_epoch(a, t, epoch);
    actor_put_renewal(a, t, false, (struct uid){{0}});
    const struct key_pair *old = a->sign;
    actor_pick_keys(a, t);
    if (a->sign != old)
        actor_put_rotation(a, t, (struct uid){{0}});
    return restate(a, t, before, now, e);
}

/* `g`, just held, is an epoch of this actor: the one that it asked for, or another machine's. */
static int take_epoch(struct actor *a, struct txn *t, const struct payload_grant *g, instant now,
                      struct err *e) {
    if (!hash_equal(&g->actor, &a->id) || g->epoch <= a->epoch)
        return 0;
    if (!uid_is_zero(&a->renewal) && uid_equal(&g->renewal, &a->renewal))
        return renewal_granted(a, t, g->epoch, now, e);
    renewal_lost(a, t);
    return 0;
}

int renewal_held(struct actor *a, struct txn *t, const struct record *r, struct err *e) {
    struct arena arena;
    struct payload_enrol enrol;
    struct payload_grant grant;
    int rc = 0;
    if (hash_equal(&r->h.actor, &a->id)) {
        if (r->h.epoch >= a->epoch)
            renewal_lost(a, t);
        if (r->h.kind == KIND_ENROL)
            meta_put_u64(t, "children.lost", 1);
        if (r->h.kind == KIND_REPORT)
            returned_note(t, &r->id);
        return 0;
    }
    if (r->h.payload_version != PAYLOAD_VERSION)
        return 0;
    arena_init(&arena, PAYLOAD_ARENA_BYTES);
    if (r->h.kind == KIND_ENROL && payload_enrol_decode(r->payload, &arena, &enrol, NULL) == 0)
        rc = take_epoch(a, t, &enrol.grant, r->h.claimed, e);
    else if (r->h.kind == KIND_GRANT && payload_grant_decode(r->payload, &arena, &grant, NULL) == 0)
        rc = take_epoch(a, t, &grant, r->h.claimed, e);
    bool no_memory = arena.failed && !arena.over_cap;
    arena_done(&arena);
    return rc == 0 && no_memory ? err_nomem(e) : rc;
}
