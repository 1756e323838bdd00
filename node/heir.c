#include "node/heir.h"

#include "proto/kinds.h"

bool heir_has(const struct actor *a, struct txn *t, const struct record_header *h) {
    struct member m;
    return hash_equal(&h->actor, &a->id) ||
           (roster_find(t, &h->actor, h->epoch, &m) && m.by == BY_NODE &&
            uid_equal(&m.unit, &a->unit) && roster_stands(t, h));
}
