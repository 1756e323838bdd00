/* Where records of whom was replaced or revoked stop to stand. */
#include "node/roster.h"
#include "node/roster_inside.h"
#include "proto/kinds.h"
#include "proto/payload_act.h"
#include "store/log.h"
#include "store/meta.h"

/* What `m` stated counts otherwise than before. */
void roster_note_ending(struct txn *t, const struct member *m) {
    if (m->by != BY_NODE)
        meta_put_u64(t, "roster.endings", roster_endings(t) + 1);
}

/* Write `m`, of whom less stands than before. */
static void write_ended(struct txn *t, const struct member *m) {
    roster_write(t, m);
    roster_note_ending(t, m);
}

/* Records of `end->actor` in `end->lane` stand up to `end->seq` and no further; what was ended
 * before stays so. */
void roster_end(struct txn *t, const struct last_good *end) {
    struct member m;
    struct slice before;
    uint64_t last = UINT64_MAX;
    if (!roster_find(t, &end->actor, end->epoch, &m))
        return;
    struct key k = roster_key(&end->actor, end->epoch), v = {.n = 0};
    key_uid(&k, &end->lane);
    if (txn_get(t, TABLE_ACTORS, key_slice(&k), &before)) {
        struct reader r = reader_of(before);
        last = reader_u64(&r);
    }
    if (end->seq < last) {
        key_u64(&v, end->seq);
        txn_put(t, TABLE_ACTORS, key_slice(&k), key_slice(&v));
    }
    bool cuts = end->seq < last && log_head_of(t, &m.actor, m.epoch, &end->lane).seq > end->seq;
    if (m.ended && !cuts)
        return; /* nothing that is held stands less than before: all would be read anew for that */
    m.ended = true;
    write_ended(t, &m);
}

void roster_ends(struct txn *t, const struct member *m, struct buf *out) {
    struct key member = roster_key(&m->actor, m->epoch);
    struct walk w;
    struct slice k, v;
    walk_init(&w, t, TABLE_ACTORS, key_slice(&member));
    while (walk_next(&w, &k, &v)) {
        struct last_good end = {.actor = m->actor, .epoch = m->epoch};
        struct reader lane = reader_of(k), seq = reader_of(v);
        if (k.len == MEMBER_KEY_BYTES)
            continue; /* the member itself */
        reader_bytes(&lane, MEMBER_KEY_BYTES);
        reader_copy(&lane, end.lane.b, UID_BYTES);
        end.seq = reader_u64(&seq);
        buf_put(out, &end, sizeof end);
    }
    walk_done(&w);
}

/* ---- as a whole ---- */

/* The rows that say what ended `actor` as a whole begin so; its own key has no epoch 0. */
static struct key whole_prefix(const struct hash *actor) {
    return roster_key(actor, 0);
}

static void note_whole(struct txn *t, const struct record *r, const struct hash *actor) {
    struct key k = whole_prefix(actor), v = {.n = 0};
    key_u32(&k, r->h.epoch);
    key_u64(&k, r->h.seq);
    key_hash(&v, &r->id);
    txn_put(t, TABLE_ACTORS, key_slice(&k), key_slice(&v));
}

/* What ended `actor` as a whole, after the row `last` (empty: the first), into `ret_id`. */
static bool next_whole(struct txn *t, const struct hash *actor, struct key *last,
                       struct hash *ret_id) {
    struct key prefix = whole_prefix(actor);
    struct walk w;
    struct slice k, v;
    if (last->n > 0)
        key_put(last, "", 1);
    walk_init_from(&w, t, TABLE_ACTORS, key_slice(&prefix),
                   last->n > 0 ? key_slice(last) : key_slice(&prefix));
    bool found = walk_next(&w, &k, &v);
    if (found) {
        struct reader r = reader_of(v);
        last->n = 0;
        key_put(last, k.data, k.len);
        reader_copy(&r, ret_id->b, HASH_BYTES);
    }
    walk_done(&w);
    return found;
}

void roster_end_whole(struct txn *t, const struct record *r, const struct hash *actor) {
    struct member m;
    bool recovery;
    if (!roster_find(t, actor, 1, &m) || !hash_equal(&m.enroller, &r->h.actor) ||
        roster_is_key(t, &r->h.actor, &recovery))
        return; /* whom a root key granted it may grant another epoch */
    note_whole(t, r, actor);
    for (uint32_t epoch = roster_epoch(t, actor); epoch > 0; epoch--)
        if (roster_find(t, actor, epoch, &m) && !m.ended) {
            m.ended = true;
            write_ended(t, &m);
        }
}

bool roster_ended_whole(struct txn *t, const struct member *m) {
    struct key last = {.n = 0};
    struct hash id;
    return next_whole(t, &m->actor, &last, &id);
}

bool roster_ended_after(struct txn *t, const struct hash *actor, const struct record *r) {
    struct key last = {.n = 0};
    struct hash id;
    if (!next_whole(t, actor, &last, &id))
        return false;
    struct reader k = reader_of(key_slice(&last));
    reader_bytes(&k, MEMBER_KEY_BYTES);
    uint32_t epoch = reader_u32(&k);
    uint64_t seq = reader_u64(&k);
    return record_later(epoch, seq, r->h.epoch, r->h.seq);
}

/* Let those of `ends` count that are of `m`. */
static void end_named(struct txn *t, const struct member *m, const struct last_good *ends,
                      uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (ends[i].epoch == m->epoch && hash_equal(&ends[i].actor, &m->actor))
            roster_end(t, &ends[i]);
}

void roster_end_late(struct txn *t, const struct member *m) {
    struct key last = {.n = 0};
    struct hash id;
    struct record r;
    while (next_whole(t, &m->actor, &last, &id)) {
        struct payload_enrol enrol;
        struct payload_revoke revoke;
        struct arena a;
        if (!log_named(t, &id, &r))
            continue;
        arena_init(&a, PAYLOAD_ARENA_BYTES);
        if (r.h.kind == KIND_ENROL && payload_enrol_decode(r.payload, &a, &enrol, NULL) == 0)
            end_named(t, m, enrol.ends, enrol.n_ends);
        else if (r.h.kind == KIND_REVOKE &&
                 payload_revoke_decode(r.payload, &a, &revoke, NULL) == 0)
            end_named(t, m, revoke.ends, revoke.n_ends);
        if (a.failed && !a.over_cap) {
            struct err e = {0};
            (void)err_nomem(&e);
            txn_fail(t, &e);
        }
        arena_done(&a);
    }
}

/* The next member whom `key`, a root key, granted after its last good record. */
static bool next_void(struct txn *t, const struct member *key, struct member *ret_member) {
    struct roster_walk w;
    uint64_t last = roster_last_good(t, key, &(struct uid){0});
    bool found = false;
    roster_walk_init(&w, t);
    while (!found && roster_walk_next(&w, ret_member))
        found = !ret_member->ended && hash_equal(&ret_member->enroller, &key->actor) &&
                ret_member->order > last;
    roster_walk_done(&w);
    return found;
}

/* Every epoch that its author may end ends, whether the record names it or not; with a root key
 * whom it granted after its end. */
int roster_revoke(struct txn *t, const struct record *r, struct arena *a, struct err *e) {
    struct payload_revoke p;
    struct member m, granted;
    bool recovery = false;
    int rc = payload_revoke_decode(r->payload, a, &p, e);
    if (rc != 0)
        return rc;
    (void)roster_is_key(t, &r->h.actor, &recovery);
    roster_end_whole(t, r, &p.actor);
    for (uint32_t epoch = roster_epoch(t, &p.actor); epoch > 0; epoch--)
        if (roster_find(t, &p.actor, epoch, &m) && roster_may_end(t, &r->h.actor, &m) &&
            (!m.ended || (recovery && !m.final))) {
            m.ended = true;
            m.final |= recovery;
            write_ended(t, &m);
        }
    for (uint32_t i = 0; i < p.n_ends; i++)
        if (roster_find(t, &p.actor, p.ends[i].epoch, &m) && roster_may_end(t, &r->h.actor, &m))
            roster_end(t, &p.ends[i]);
    while (roster_find(t, &p.actor, 1, &m) && m.by == BY_ROOT_KEY && next_void(t, &m, &granted)) {
        granted.ended = granted.final = true;
        write_ended(t, &granted);
    }
    return txn_failed(t, e);
}
