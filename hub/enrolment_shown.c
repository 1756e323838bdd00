#include "hub/enrolment.h"

#include "node/renewal.h"
#include "node/restate.h"
#include "proto/kinds.h"
#include "store/log.h"

/*
 * Whether `r` is this hub's own word: signed by the key that it has now, in an epoch that was not
 * ended. An epoch that is not known here was granted after this store was copied. Whoever has a key
 * that was changed, be it unknown to this store, says nothing by it, in whatever place.
 */
static bool is_own(struct ingest *in, const struct record *r) {
    const struct actor *a = in->actor;
    struct member me;
    return hash_equal(&r->h.actor, &a->id) && hash_equal(&r->h.deployment, &a->deployment) &&
           uid_is_zero(&r->h.lane) &&
           (roster_find(in->t, &a->id, r->h.epoch, &me) ||
            (r->h.epoch > a->epoch && roster_find(in->t, &a->id, a->epoch, &me))) &&
           !me.ended && record_verify(r, key_pair_public(a->sign));
}

/* Whether another machine of its unit speaks for that now, which `p` does not say it replaces. */
static bool is_replaced(struct txn *t, const struct payload_enrol *p) {
    struct member m;
    if (!roster_of_unit(t, &p->grant.unit, p->role == ROLE_HUB ? BY_HUB : BY_NODE, &m) ||
        hash_equal(&m.actor, &p->grant.actor))
        return false;
    for (uint32_t i = 0; i < p->n_ends; i++)
        if (hash_equal(&p->ends[i].actor, &m.actor))
            return false;
    return true;
}

bool enrolment_is_told(struct txn *t, const struct actor *a) {
    return roster_epoch(t, &a->id) >= a->epoch;
}

/* Let in whom `p`, which `r` says, enrols: as a member, and as a child with the stream `inbox`. */
static int let_in(struct ingest *in, const struct record *r, const struct payload_enrol *p,
                  const struct uid *inbox, instant now, struct err *e) {
    struct child child = {.actor = p->grant.actor, .unit = p->grant.unit, .inbox = *inbox}, had;
    int rc = roster_show(in->t, r, e);
    if (rc == 0 && !actor_child(in->t, &child.unit, &child.actor, &had))
        rc = route_add_child(in->actor, in->t, &child, e);
    if (rc == 0 && r->h.epoch >= in->actor->epoch)
        renewal_lost(in->actor, in->t);
    return rc == 0 && !in->actor->spent ? restate_shown(in->actor, in->t, now, e) : rc;
}

/* Whether the machine that `g` enrols is known here by now, in that epoch or a later one. */
static bool is_known(struct txn *t, const struct payload_grant *g) {
    struct member m;
    uint32_t epoch = roster_epoch(t, &g->actor);
    return epoch >= g->epoch && roster_find(t, &g->actor, epoch, &m) && !m.ended;
}

int enrolment_show(struct ingest *in, const struct knock *k, const struct record *r,
                   uint32_t *ret_refusal, struct err *e) {
    const struct actor *a = in->actor;
    struct payload_enrol p;
    struct arena arena;
    struct err why = {0};
    bool unready = a->spent || !enrolment_is_told(in->t, a), knows = false, ended = false;
    int rc = 0;
    arena_init(&arena, PAYLOAD_ARENA_BYTES);
    bool read = !r->erased && r->h.payload_version == PAYLOAD_VERSION &&
                payload_enrol_decode(r->payload, &arena, &p, NULL) == 0;
    bool news = read && roster_epoch(in->t, &p.grant.actor) < p.grant.epoch &&
                !log_has(in->t, &r->id) && is_own(in, r) && !is_replaced(in->t, &p);
    if (news)
        rc = restate_ends(in->actor, in->t, &p.grant.actor, &ended, &why);
    if (news && rc == 0 && !ended)
        rc = let_in(in, r, &p, &k->inbox, k->received_at, &why);
    if (read)
        knows = is_known(in->t, &p.grant);
    bool no_memory = arena.failed && !arena.over_cap;
    arena_done(&arena);
    if (no_memory)
        return err_nomem(e);
    if (rc != 0 && rc != ERR_REFUSED) {
        *e = why;
        return rc;
    }
    *ret_refusal = knows || unready ? REFUSED_BUSY : REFUSED_UNKNOWN;
    return txn_failed(in->t, e);
}
