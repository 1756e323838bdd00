#include "node/slot_author.h"

#include "node/path.h"
#include "proto/kinds.h"

/* Whether any epoch of the actor of `m` was ended; mostly it has one. */
static bool any_ended(struct txn *t, const struct member *m) {
    struct member other;
    bool ended = m->ended;
    for (uint32_t epoch = 1;
         !ended && (epoch == m->epoch || roster_find(t, &m->actor, epoch, &other)); epoch++)
        ended = epoch != m->epoch && other.ended;
    return ended;
}

/* Make `chain` that of `author`; where the hub that enrolled it also enrolled whose chain it is,
 * it is that already. */
static void chain_of(struct txn *t, const struct member *author, struct slot_author_above *chain) {
    struct path p;
    struct member at;
    if (chain->n > 0 && hash_equal(&chain->hubs[0].actor, &author->enroller))
        return;
    chain->n = 0;
    path_init(&p, t, &author->enroller);
    while (chain->n <= LIMIT_UNIT_DEPTH && path_up(&p, &at) && at.by != BY_ROOT_KEY)
        chain->hubs[chain->n++] = (struct slot_author_hub){
            at.actor, at.unit, false, any_ended(t, &at) || roster_overrulings(t)};
    if (chain->n > 0)
        chain->hubs[chain->n - 1].is_root = at.by == BY_ROOT_KEY;
}

int slot_author_know(struct slot_author *a, struct txn *t, const struct hash *actor, uint32_t epoch,
                     struct err *e) {
    struct enrolment_place nowhere;
    struct member m;
    if (a->epoch == epoch && hash_equal(&a->actor, actor))
        return 0;
    a->epoch = 0;
    bool found = roster_find(t, actor, epoch, &m);
    if (found)
        chain_of(t, &m, &a->above);
    else
        a->above.n = 0;
    bool nobody = !found && roster_overrulings(t); /* only a thief enrolled it */
    int rc = found || nobody ? 0 : roster_enrolment(t, actor, &nowhere, e);
    if (rc != 0)
        return rc;
    a->actor = *actor;
    a->epoch = epoch;
    a->ended = nobody || (found && any_ended(t, &m));
    return 0;
}
