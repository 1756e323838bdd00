#include "audit/fold_place.h"

#include "proto/kinds.h"
#include "proto/payload.h"

unsigned fold_place_depth(const struct ledger *l, const struct member *m) {
    unsigned depth = 0;
    for (; m && m->by != BY_ROOT_KEY && depth <= l->n_members; depth++)
        m = ledger_actor(l, &m->enroller);
    return depth;
}

struct hash fold_place_branch(const struct ledger *l, const struct member *m) {
    for (unsigned depth = fold_place_depth(l, m); m && depth > 2; depth--)
        m = ledger_actor(l, &m->enroller);
    return m ? m->actor : (struct hash){{0}};
}

struct fold_place fold_place_of(const struct ledger *l, struct entry *x) {
    return (struct fold_place){x, fold_place_depth(l, x->author)};
}

int fold_place_compare(const void *a, const void *b) {
    const struct fold_place *x = a, *y = b;
    if (x->depth != y->depth)
        return x->depth < y->depth ? -1 : 1;
    const struct record_header *g = &x->entry->r.h, *h = &y->entry->r.h;
    int order = hash_cmp(&g->actor, &h->actor);
    if (order == 0)
        order = (g->epoch > h->epoch) - (g->epoch < h->epoch);
    return order != 0 ? order : (g->seq > h->seq) - (g->seq < h->seq);
}

bool fold_place_can_read(const struct entry *x) {
    return x->good && x->author && x->r.h.payload_version == PAYLOAD_VERSION;
}
