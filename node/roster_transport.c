/* Whose a transport key is: asked at the own door, so of the own children. */
#include "node/roster.h"
#include "node/shown.h"
#include "store/key.h"
#include "store/meta.h"

/* Whether the actor whose store this is enrolled `m`. */
static bool is_child(struct txn *t, const struct member *m) {
    struct hash self;
    return meta_hash(t, "actor", &self) && hash_equal(&m->enroller, &self);
}

bool roster_by_transport(struct txn *t, const struct public_key *key, struct member *ret_member) {
    struct slice v;
    struct hash actor;
    struct member m;
    if (!txn_get(t, TABLE_TRANSPORTS, slice_of(key->b, PUBLIC_KEY_BYTES), &v))
        return false;
    struct reader r = reader_of(v);
    reader_copy(&r, actor.b, HASH_BYTES);
    uint32_t epoch = reader_u32(&r);
    if (r.failed || !roster_find(t, &actor, epoch, &m) || !is_child(t, &m))
        return false;
    *ret_member = m;
    return true;
}

/* Whether `a` was enrolled after `b`, another actor, by the same hub. */
static bool enrolled_after(struct txn *t, const struct member *a, const struct member *b) {
    struct record ra, rb;
    if (!shown_held(t, &a->record, &ra) || !shown_held(t, &b->record, &rb))
        return false;
    if (ra.h.epoch != rb.h.epoch)
        return ra.h.epoch > rb.h.epoch;
    return a->order != b->order ? a->order > b->order : hash_cmp(&a->record, &b->record) > 0;
}

/* Whether `m` was enrolled after `other`, who has the same transport key. */
static bool is_later(struct txn *t, const struct member *m, const struct member *other) {
    return hash_equal(&other->actor, &m->actor) ? m->epoch >= other->epoch
                                                : enrolled_after(t, m, other);
}

void roster_note_transport(struct txn *t, const struct member *m) {
    struct member other;
    struct key v = {.n = 0};
    if (!is_child(t, m) ||
        (roster_by_transport(t, &m->transport_key, &other) && !is_later(t, m, &other)))
        return;
    key_hash(&v, &m->actor);
    key_u32(&v, m->epoch);
    txn_put(t, TABLE_TRANSPORTS, slice_of(m->transport_key.b, PUBLIC_KEY_BYTES), key_slice(&v));
}

void roster_pick_transport(struct txn *t, const struct public_key *key) {
    struct slice whole = slice_of(key->b, PUBLIC_KEY_BYTES), v;
    struct roster_walk w;
    struct member m, last = {.epoch = 0};
    if (!txn_get(t, TABLE_TRANSPORTS, whole, &v))
        return;
    roster_walk_init(&w, t);
    while (roster_walk_next(&w, &m))
        if (crypto_equal(m.transport_key.b, key->b, PUBLIC_KEY_BYTES) && is_child(t, &m) &&
            (last.epoch == 0 || is_later(t, &m, &last)))
            last = m;
    roster_walk_done(&w);
    txn_delete(t, TABLE_TRANSPORTS, whole);
    if (last.epoch > 0)
        roster_note_transport(t, &last);
}
