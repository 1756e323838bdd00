/* Where records of whom was replaced or revoked stop to stand. */
#include "node/roster_inside.h"
#include "proto/kinds.h"
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
