#include "audit/ledger.h"
#include "core/mem.h"
#include "core/search.h"
#include "proto/kinds.h"

#include <stdlib.h>

/* Negative, zero or positive as the lane that `a` is about goes before that of `b`. */
static int order_lane(const struct ended *a, const struct ended *b) {
    int order = hash_cmp(&a->actor, &b->actor);
    if (order == 0)
        order = (a->epoch > b->epoch) - (a->epoch < b->epoch);
    return order != 0 ? order : uid_cmp(&a->lane, &b->lane);
}

static int by_whom(const void *pa, const void *pb) {
    const struct ended *a = *(struct ended *const *)pa, *b = *(struct ended *const *)pb;
    int order = order_lane(a, b);
    return order != 0 ? order : (a > b) - (a < b);
}

static int lane_of(const void *key, const void *item) {
    return order_lane(key, *(struct ended *const *)item);
}

void ledger_ends_done(struct ledger *l) {
    mem_free(l->ends_by_whom);
    mem_free(l->members_ended);
    l->ends_by_whom = NULL;
    l->members_ended = NULL;
}

int ledger_ends_sort(struct ledger *l, struct err *e) {
    ledger_ends_done(l);
    l->ends_by_whom = mem_zalloc((size_t)l->n_ends + 1, sizeof(struct ended *));
    l->members_ended = mem_zalloc((size_t)l->n_members + 1, sizeof *l->members_ended);
    if (!l->ends_by_whom || !l->members_ended)
        return err_nomem(e);
    for (uint32_t i = 0; i < l->n_ends; i++)
        l->ends_by_whom[i] = &l->ends[i];
    if (l->n_ends > 1)
        qsort(l->ends_by_whom, l->n_ends, sizeof(struct ended *), by_whom);
    return 0;
}

uint32_t ledger_ends_of(const struct ledger *l, const struct hash *actor, uint32_t epoch) {
    const struct ended key = {.actor = *actor, .epoch = epoch};
    return search_first(&key, l->ends_by_whom, l->n_ends, sizeof(struct ended *), lane_of);
}

bool ledger_may_end(const struct ledger *l, const struct ended *end, const struct member *m) {
    const struct record_header *by = &end->by->r.h;
    if (hash_equal(&m->enroller, &by->actor))
        return true;
    return by->kind == KIND_REVOKE && ledger_is_recovery_key(l, &by->actor) &&
           !hash_equal(&m->actor, &by->actor) &&
           (m->by == BY_ROOT_KEY || ledger_is_root_key(l, &m->enroller));
}

/* Whether whoever stated `by`, a root key, granted `m` only after that: it began anew. */
static bool granted_after(const struct ledger *l, const struct record_header *by,
                          const struct member *m) {
    return ledger_is_root_key(l, &by->actor) && hash_equal(&by->actor, &m->enroller) &&
           m->order_seq > by->seq;
}

/* Whether `end`, of the actor of `m`, is about `m`, and whoever says so could still say it then;
 * with `replaced_only` where an enrolment says it, of that epoch by name: of others whoever said it
 * may have known nothing. */
static bool ends_member(const struct ledger *l, const struct ended *end, const struct member *m,
                        bool replaced_only) {
    const struct record_header *by = &end->by->r.h;
    const struct member *author = ledger_member(l, &by->actor, by->epoch);
    bool named = end->epoch == m->epoch;
    return (replaced_only ? named && by->kind != KIND_REVOKE : named || end->whole) &&
           ledger_may_end(l, end, m) && !granted_after(l, by, m) && author &&
           by->seq <= ledger_last_good(l, author, &by->lane,
                                       false); /* up the tree, so it comes to an end */
}

/* Whether any end is of `m`, one of the members: found out once. */
static bool is_ended(const struct ledger *l, const struct member *m, bool replaced_only) {
    struct member_ended *known = &l->members_ended[m - l->members];
    bool ended = false;
    if (known->known[replaced_only])
        return known->ended[replaced_only];
    for (uint32_t i = ledger_ends_of(l, &m->actor, 0);
         !ended && i < l->n_ends && hash_equal(&l->ends_by_whom[i]->actor, &m->actor); i++)
        ended = ends_member(l, l->ends_by_whom[i], m, replaced_only);
    known->known[replaced_only] = true;
    known->ended[replaced_only] = ended;
    return ended;
}

/* The least number that an end of `m` names for `lane`; UINT64_MAX if none does. Found out once. */
static uint64_t last_of_lane(const struct ledger *l, const struct member *m, const struct uid *lane,
                             bool replaced_only) {
    const struct ended key = {.actor = m->actor, .epoch = m->epoch, .lane = *lane};
    uint32_t at = search_first(&key, l->ends_by_whom, l->n_ends, sizeof(struct ended *), lane_of);
    if (at == l->n_ends || order_lane(l->ends_by_whom[at], &key) != 0)
        return UINT64_MAX;
    struct ended *first = l->ends_by_whom[at];
    if (first->known[replaced_only])
        return first->last[replaced_only];
    uint64_t last = UINT64_MAX;
    for (; at < l->n_ends && order_lane(l->ends_by_whom[at], &key) == 0; at++) {
        const struct ended *end = l->ends_by_whom[at];
        if (end->seq < last && ends_member(l, end, m, replaced_only))
            last = end->seq;
    }
    first->known[replaced_only] = true;
    first->last[replaced_only] = last;
    return last;
}

uint64_t ledger_last_good(const struct ledger *l, const struct member *m, const struct uid *lane,
                          bool replaced_only) {
    if (!is_ended(l, m, replaced_only))
        return UINT64_MAX;
    uint64_t last = last_of_lane(l, m, lane, replaced_only);
    return last == UINT64_MAX ? 0 : last;
}

bool ledger_ended(const struct ledger *l, const struct member *m) {
    return is_ended(l, m, false);
}
