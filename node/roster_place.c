#include "core/units_way.h"
#include "node/path.h"
#include "node/shown.h"
#include "store/fork.h"
#include "store/log.h"
#include "store/meta.h"

bool roster_of_unit(struct txn *t, const struct uid *unit, uint8_t by, struct member *ret_member) {
    struct roster_walk w;
    struct member m;
    bool found = false;
    roster_walk_init(&w, t);
    while (!found && roster_walk_next(&w, &m))
        found = m.by == by && !m.ended && uid_equal(&m.unit, unit);
    roster_walk_done(&w);
    if (found)
        *ret_member = m;
    return found;
}

bool roster_overrulings(struct txn *t) {
    return meta_u64(t, "roster.overruled") > 0;
}

/* Whether what is held and has the place of `h` in its lane is the record with this header. */
static bool has_place(struct txn *t, const struct record_header *h) {
    struct hash id;
    struct record r;
    return log_at(t, &h->actor, h->epoch, &h->lane, h->seq, &id) && log_named(t, &id, &r) &&
           r.h.kind == h->kind && r.h.claimed == h->claimed && hash_equal(&r.h.prev, &h->prev) &&
           hash_equal(&r.h.payload_hash, &h->payload_hash);
}

bool roster_overruled(struct txn *t, const struct record_header *h) {
    struct member m;
    if (!roster_overrulings(t))
        return false;
    if (roster_find(t, &h->actor, h->epoch, &m) && !fork_any(t, &h->actor, h->epoch))
        return false; /* what is displaced leaves evidence: mostly there is none */
    return !has_place(t, h);
}

bool roster_stands(struct txn *t, const struct record_header *h) {
    struct member m;
    bool ended = roster_find(t, &h->actor, h->epoch, &m) && m.ended &&
                 h->seq > roster_last_good(t, &m, &h->lane);
    return !ended && !roster_overruled(t, h);
}

int roster_enrolment(struct txn *t, const struct hash *actor, struct enrolment_place *ret_place,
                     struct err *e) {
    struct enrolment_place up = {0};
    struct path p;
    struct member m;
    path_init(&p, t, actor);
    while (path_up(&p, &m)) {
        struct record r;
        int rc = shown_get(t, &m.record, &r, e);
        if (rc != 0)
            return rc;
        up.steps[up.n].epoch = r.h.epoch;
        up.steps[up.n].unit = m.unit;
        up.steps[up.n++].seq = r.h.seq;
    }
    /* Deeper is nobody, see roster_bound, and so is whom only a thief enrolled. */
    if (!hash_is_zero(&p.next) && up.n < ENROLMENT_STEPS && !roster_overrulings(t))
        return err_set(e, ERR_CORRUPT, "the store is damaged: a record without its author");
    ret_place->n = up.n;
    for (uint32_t i = 0; i < up.n; i++)
        ret_place->steps[i] = up.steps[up.n - 1 - i];
    return 0;
}

int roster_enrolment_cmp(const struct enrolment_place *a, const struct enrolment_place *b) {
    for (uint32_t i = 0; i < a->n && i < b->n; i++) {
        if (a->steps[i].epoch != b->steps[i].epoch)
            return a->steps[i].epoch < b->steps[i].epoch ? -1 : 1;
        if (a->steps[i].seq != b->steps[i].seq)
            return a->steps[i].seq < b->steps[i].seq ? -1 : 1;
    }
    return (a->n > b->n) - (a->n < b->n);
}

day roster_enrolment_until(const struct enrolment_place *place, const struct units *units,
                           const struct uid *unit) {
    day until = DAY_LATEST;
    for (uint32_t i = 0; i < place->n; i++) {
        if (uid_is_zero(&place->steps[i].unit))
            continue;
        day here = units_way_until(units, unit, &place->steps[i].unit);
        if (here < until)
            until = here;
    }
    return until;
}
