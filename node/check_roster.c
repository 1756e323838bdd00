#include "node/check.h"
#include "node/check_walks.h"
#include "node/roster.h"
#include "node/shown.h"
#include "proto/kinds.h"
#include "proto/payload_act.h"
#include "store/log.h"

#include <stdlib.h>
#include <string.h>

/* That a record which stands ends `actor` in `epoch` (0: in all): with a seq that no row has. */
static struct last_good end_of(const struct hash *actor, uint32_t epoch) {
    return (struct last_good){.actor = *actor, .epoch = epoch, .seq = UINT64_MAX};
}

static int by_place(const void *pa, const void *pb) {
    const struct last_good *a = pa, *b = pb;
    int order = hash_cmp(&a->actor, &b->actor);
    if (order == 0)
        order = (a->epoch > b->epoch) - (a->epoch < b->epoch);
    if (order == 0)
        order = uid_cmp(&a->lane, &b->lane);
    return order != 0 ? order : (a->seq > b->seq) - (a->seq < b->seq);
}

static void add_end(struct buf *out, const struct last_good *end) {
    struct last_good whole = end_of(&end->actor, end->epoch);
    buf_put(out, end, sizeof *end);
    buf_put(out, &whole, sizeof whole);
}

/* The ends that `r` names, into `out`; a revocation, and an enrolment of another machine, ends
 * every epoch: 0. */
static void add_ends(const struct record *r, struct buf *out) {
    struct payload_revoke revoke;
    struct payload_enrol enrol;
    struct arena a;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    if (r->h.kind == KIND_REVOKE && payload_revoke_decode(r->payload, &a, &revoke, NULL) == 0) {
        struct last_good whole = end_of(&revoke.actor, 0);
        buf_put(out, &whole, sizeof whole);
        for (uint32_t i = 0; i < revoke.n_ends; i++)
            add_end(out, &revoke.ends[i]);
    } else if (r->h.kind == KIND_ENROL && payload_enrol_decode(r->payload, &a, &enrol, NULL) == 0) {
        for (uint32_t i = 0; i < enrol.n_ends; i++) {
            struct last_good whole = end_of(&enrol.ends[i].actor, 0);
            add_end(out, &enrol.ends[i]);
            if (!hash_equal(&whole.actor, &enrol.grant.actor))
                buf_put(out, &whole, sizeof whole);
        }
    }
    arena_done(&a);
}

/* All ends that records name which stand, sorted; a damaged record was told by itself. */
static int read_ends(struct txn *t, struct buf *out, struct err *e) {
    static const uint16_t kinds[] = {KIND_REVOKE, KIND_ENROL};
    struct log_walk w;
    struct record r;
    struct hash id;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        log_walk_init(&w, t, kinds[i], 0);
        while (log_walk_next(&w, NULL, &id))
            if (log_get(t, &id, &r, NULL) == 0 && !roster_overruled(t, &r.h))
                add_ends(&r, out);
        log_walk_done(&w);
    }
    if (out->failed)
        return err_nomem(e);
    if (out->len > 0)
        qsort(out->data, out->len / sizeof(struct last_good), sizeof(struct last_good), by_place);
    return txn_failed(t, e);
}

static bool is_said(const struct buf *ends, const struct last_good *end) {
    return ends->len > 0 &&
           bsearch(end, ends->data, ends->len / sizeof *end, sizeof *end, by_place);
}

/* Whether a record ends `m`, or the root key that granted it. */
static bool has_end(struct txn *t, const struct buf *ends, const struct member *m) {
    struct last_good epoch = end_of(&m->actor, m->epoch), all = end_of(&m->actor, 0);
    struct member key;
    return is_said(ends, &epoch) || is_said(ends, &all) ||
           (roster_find(t, &m->enroller, 1, &key) && key.by == BY_ROOT_KEY && key.ended);
}

/* Whether `r` enrols the member `m`. */
static bool enrols(const struct record *r, const struct member *m) {
    struct payload_grant grant = {.epoch = 0};
    struct payload_enrol enrol;
    struct arena a;
    bool read = false;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    if (r->h.kind == KIND_GRANT) {
        read = m->by == BY_HUB && payload_grant_decode(r->payload, &a, &grant, NULL) == 0;
    } else if (r->h.kind == KIND_ENROL && payload_enrol_decode(r->payload, &a, &enrol, NULL) == 0) {
        grant = enrol.grant;
        read = m->by == (enrol.role == ROLE_HUB ? BY_HUB : BY_NODE);
    }
    arena_done(&a);
    return read && hash_equal(&grant.actor, &m->actor) && grant.epoch == m->epoch &&
           uid_equal(&grant.unit, &m->unit) && hash_equal(&r->h.actor, &m->enroller) &&
           r->h.seq == m->order && memcmp(&grant.sign_key, &m->sign_key, sizeof m->sign_key) == 0 &&
           memcmp(&grant.transport_key, &m->transport_key, sizeof m->transport_key) == 0;
}

static void check_member(struct txn *t, const struct buf *ends, const struct member *m,
                         struct findings *f) {
    struct hash keys[ROOT_KEYS];
    struct record r;
    f->rows++;
    if (shown_get(t, &m->record, &r, NULL) != 0) { /* one that is held and damaged is told so */
        if (!log_has(t, &m->record))
            check_findings_add(f, &m->record,
                               "an actor is listed by a record that is not held here");
        return;
    }
    bool root = m->by == BY_ROOT_KEY && roster_root_keys(t, m, keys) &&
                (hash_equal(&m->actor, &keys[0]) || hash_equal(&m->actor, &keys[1]));
    if ((!root && !enrols(&r, m)) || roster_overruled(t, &r.h))
        check_findings_add(f, &m->record, "an actor is listed otherwise than its record says");
    if (m->ended && !has_end(t, ends, m))
        check_findings_add(f, &m->record, "an actor is listed as ended, which no record says");
}

/* Whether the row of `actor` that `k` and `v` go on with says which record ended it as a whole. */
static bool is_whole(struct txn *t, const struct buf *ends, const struct hash *actor,
                     struct reader *k, struct reader *v) {
    struct last_good whole = end_of(actor, 0);
    struct record r;
    struct hash id;
    uint32_t epoch = reader_u32(k);
    uint64_t seq = reader_u64(k);
    reader_copy(v, id.b, HASH_BYTES);
    return !k->failed && !v->failed && is_said(ends, &whole) && log_get(t, &id, &r, NULL) == 0 &&
           r.h.epoch == epoch && r.h.seq == seq;
}

/* Rows beside the members: up to where those that were ended stand, and by what. */
static void check_ends(struct txn *t, const struct buf *ends, struct findings *f) {
    struct walk w;
    struct slice key, value;
    walk_init(&w, t, TABLE_ACTORS, slice_of(NULL, 0));
    while (walk_next(&w, &key, &value)) {
        struct reader k = reader_of(key), v = reader_of(value);
        struct last_good end = {.epoch = 0};
        reader_copy(&k, end.actor.b, HASH_BYTES);
        end.epoch = reader_u32(&k);
        if (k.left == 0)
            continue;
        f->rows++;
        bool whole = end.epoch == 0, sound = whole && is_whole(t, ends, &end.actor, &k, &v);
        if (!whole) {
            reader_copy(&k, end.lane.b, UID_BYTES);
            end.seq = reader_u64(&v);
            sound = !k.failed && !v.failed && is_said(ends, &end);
        }
        if (!sound)
            check_findings_add(f, NULL, "an actor is listed as ended, which no record says");
    }
    walk_done(&w);
}

int check_roster(struct txn *t, struct findings *f, struct err *e) {
    struct roster_walk w;
    struct member m;
    struct buf ends;
    buf_init(&ends);
    int rc = read_ends(t, &ends, e);
    roster_walk_init(&w, t);
    while (rc == 0 && roster_walk_next(&w, &m))
        check_member(t, &ends, &m, f);
    roster_walk_done(&w);
    if (rc == 0)
        check_ends(t, &ends, f);
    buf_done(&ends);
    return rc == 0 ? txn_failed(t, e) : rc;
}
