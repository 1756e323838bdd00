#include "audit/ledger.h"
#include "core/list.h"
#include "core/search.h"
#include "proto/kinds.h"

#include <string.h>

static int by_actor(const void *pa, const void *pb) {
    const struct member *a = pa, *b = pb;
    int order = hash_cmp(&a->actor, &b->actor);
    return order != 0 ? order : (a->epoch > b->epoch) - (a->epoch < b->epoch);
}

/* Where (`actor`, `epoch`) stands, or would stand, among the members. */
static uint32_t position(const struct ledger *l, const struct hash *actor, uint32_t epoch) {
    const struct member key = {.actor = *actor, .epoch = epoch};
    return search_first(&key, l->members, l->n_members, sizeof *l->members, by_actor);
}

const struct member *ledger_member(const struct ledger *l, const struct hash *actor,
                                   uint32_t epoch) {
    const struct member *m = ledger_actor(l, actor);
    for (; m && m < l->members + l->n_members && hash_equal(&m->actor, actor); m++)
        if (m->epoch == epoch)
            return m;
    return NULL;
}

const struct member *ledger_actor(const struct ledger *l, const struct hash *actor) {
    uint32_t at = position(l, actor, 0);
    return at < l->n_members && hash_equal(&l->members[at].actor, actor) ? &l->members[at] : NULL;
}

bool ledger_is_root_key(const struct ledger *l, const struct hash *actor) {
    const struct member *m = ledger_member(l, actor, 1);
    return m && m->by == BY_ROOT_KEY;
}

bool ledger_is_recovery_key(const struct ledger *l, const struct hash *actor) {
    const struct entry *genesis = ledger_find(l, &l->root);
    return genesis && ledger_is_root_key(l, actor) && !hash_equal(&genesis->r.h.actor, actor);
}

unsigned ledger_steps(const struct ledger *l, const struct member *below,
                      const struct hash *above) {
    for (unsigned steps = 1; below && steps <= l->n_members; steps++) {
        if (hash_equal(&below->enroller, above))
            return steps;
        below = ledger_actor(l, &below->enroller);
    }
    return 0;
}

bool ledger_stands(const struct ledger *l, const struct member *m) {
    const struct entry *by = ledger_find(l, &m->record);
    return by && by->good;
}

unsigned ledger_depth(const struct ledger *l, const struct member *m) {
    unsigned steps = 0;
    for (; m && steps <= l->n_members; m = ledger_actor(l, &m->enroller))
        steps++;
    return steps;
}

int ledger_enrolled(const struct ledger *l, const struct member *a, const struct member *b) {
    unsigned deep = ledger_depth(l, a), other = ledger_depth(l, b);
    int longer = (deep > other) - (deep < other);
    a = ledger_actor(l, &a->actor);
    b = ledger_actor(l, &b->actor);
    for (; deep > other; deep--)
        a = ledger_actor(l, &a->enroller);
    for (; other > deep; other--)
        b = ledger_actor(l, &b->enroller);
    while (a && b && a != b && !hash_equal(&a->enroller, &b->enroller)) {
        a = ledger_actor(l, &a->enroller);
        b = ledger_actor(l, &b->enroller);
    }
    if (!a || !b || a == b)
        return longer;
    if (a->order_epoch != b->order_epoch)
        return a->order_epoch < b->order_epoch ? -1 : 1;
    return (a->order_seq > b->order_seq) - (a->order_seq < b->order_seq);
}

int ledger_enter(struct ledger *l, const struct member *m, struct err *e) {
    if (list_grow(&l->members, l->n_members, sizeof *l->members, e) != 0)
        return ERR_NOMEM;
    struct member *at = l->members + position(l, &m->actor, m->epoch);
    memmove(at + 1, at, (size_t)(l->members + l->n_members - at) * sizeof *at);
    *at = *m;
    l->n_members++;
    return 0;
}

void ledger_again(struct ledger *l, const struct member *m) {
    struct member *there = l->members + position(l, &m->actor, m->epoch);
    if (m->order_epoch < there->order_epoch ||
        (m->order_epoch == there->order_epoch && m->order_seq < there->order_seq))
        *there = *m;
}
