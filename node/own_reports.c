#include "node/own_reports.h"

#include "node/epochs.h"
#include "node/heir.h"
#include "node/judge.h"
#include "proto/kinds.h"
#include "store/fork.h"
#include "store/log.h"

#include <string.h>

#define OWN_ARENA_BYTES ((size_t)64 << 20) /* every report ever, without its values */

void own_reports_done(struct own_reports *o) {
    arena_done(&o->arena);
    *o = (struct own_reports){0};
}

bool own_reports_same_slot(const struct slot *x, const struct slot *y) {
    return x->campaign && y->campaign && x->kind == y->kind && uid_equal(&x->unit, &y->unit) &&
           uid_equal(&x->issuer, &y->issuer) && strcmp(x->campaign, y->campaign) == 0 &&
           strcmp(x->period, y->period) == 0;
}

bool own_reports_displaced(struct actor *a, struct txn *t, const struct record_header *h) {
    if (h->epoch >= a->epoch)
        return false;
    struct fork first;
    return fork_first(t, &a->id, h->epoch, &h->lane, &first) && h->seq >= first.seq;
}

static const char *keep(struct arena *a, const char *s) {
    char *copy = arena_alloc(a, strlen(s) + 1);
    if (copy)
        memcpy(copy, s, strlen(s) + 1);
    return copy;
}

/* One more place in the list, which doubles inside the arena. */
static struct own_report *one_more(struct own_reports *o, struct err *e) {
    if (o->n == o->room) {
        uint32_t room = o->room ? o->room * 2 : 16;
        struct own_report *list = arena_alloc(&o->arena, room * sizeof *list);
        if (!list) {
            (void)err_nomem(e);
            return NULL;
        }
        if (o->n > 0)
            memcpy(list, o->list, o->n * sizeof *list);
        o->list = list;
        o->room = room;
    }
    return &o->list[o->n++];
}

/* Enter what `r` reports. One that its author garbled reports nothing: whoever copied the key may
 * have signed it, and the hub rejected it. */
static int enter(struct own_reports *o, struct actor *a, const struct record *r, struct err *e) {
    struct arena arena;
    struct payload_report p;
    if (r->h.payload_version != PAYLOAD_VERSION)
        return 0;
    arena_init(&arena, PAYLOAD_ARENA_BYTES);
    int rc = payload_report_decode(r->payload, &arena, &p, NULL);
    struct own_report *x = rc == 0 ? one_more(o, e) : NULL;
    if (x) {
        const struct catalog_campaign *k = catalog_campaign(&a->catalog, &p.campaign);
        *x = (struct own_report){
            .report = r->id,
            .campaign = p.campaign,
            .epoch = r->h.epoch,
            .revision = p.revision,
            .seq = r->h.seq,
            .sealed_at = r->h.claimed,
            .nil = p.nil,
            .inherited = !hash_equal(&r->h.actor, &a->id),
            .slot = {.campaign = k ? keep(&o->arena, k->c.id) : NULL,
                     .period = keep(&o->arena, p.period),
                     .kind = p.kind,
                     .unit = p.unit},
        };
        if (k)
            x->slot.issuer = k->issuer;
    }
    arena_done(&arena);
    return rc == ERR_NOMEM || o->arena.failed ? err_nomem(e) : 0;
}

/* What another copy of `a` reported in places of its log. */
static int enter_forks(struct own_reports *o, struct actor *a, struct txn *t, struct err *e) {
    struct fork_walk w;
    struct fork f;
    struct record r;
    int rc = 0;
    fork_walk_of(&w, t, &a->id);
    while (rc == 0 && fork_walk_next(&w, &f)) {
        rc = fork_get(t, &f, &r, e);
        if (rc != 0 || r.h.kind != KIND_REPORT)
            continue;
        uint32_t before = o->n;
        rc = enter(o, a, &r, e);
        if (rc == 0 && o->n > before)
            o->list[before].fork = true;
    }
    fork_walk_done(&w);
    return rc;
}

/* What `a` stated again. */
static int enter_void(struct own_reports *o, struct actor *a, struct txn *t, struct err *e) {
    struct log_walk w;
    struct hash id;
    struct record r;
    int rc = 0;
    log_walk_init(&w, t, KIND_REPORT, 0);
    while (rc == 0 && log_walk_next(&w, NULL, &id)) {
        rc = log_get(t, &id, &r, e);
        if (rc == 0 && hash_equal(&r.h.actor, &a->id) && own_reports_displaced(a, t, &r.h))
            rc = enter(o, a, &r, e);
    }
    log_walk_done(&w);
    return rc;
}

static bool has_fork(struct txn *t, const struct hash *actor) {
    struct fork_walk w;
    struct fork f;
    fork_walk_of(&w, t, actor);
    bool any = fork_walk_next(&w, &f);
    fork_walk_done(&w);
    return any;
}

int own_reports_evidence(struct actor *a, struct txn *t, struct own_reports *ret_evidence,
                         struct err *e) {
    struct own_reports o = {0};
    int rc = 0;
    arena_init(&o.arena, OWN_ARENA_BYTES);
    if (has_fork(t, &a->id)) {
        rc = enter_forks(&o, a, t, e);
        if (rc == 0)
            rc = enter_void(&o, a, t, e);
    }
    if (rc == 0)
        rc = txn_failed(t, e);
    if (rc == 0)
        *ret_evidence = o;
    else
        own_reports_done(&o);
    return rc;
}

const struct own_report *own_reports_restated(const struct own_reports *evidence,
                                              const struct own_report *o) {
    const struct own_report *found = NULL;
    for (uint32_t i = 0; i < evidence->n && !o->inherited && !o->elsewhere; i++) {
        const struct own_report *v = &evidence->list[i];
        if (!v->fork && v->epoch < o->epoch && v->revision == o->revision && v->nil == o->nil &&
            own_reports_same_slot(&v->slot, &o->slot))
            found = v;
    }
    return found;
}

const struct own_report *own_reports_rival(const struct own_reports *evidence,
                                           const struct own_report *o) {
    const struct own_report *found = NULL;
    for (uint32_t i = 0; i < evidence->n && !o->inherited; i++) {
        const struct own_report *v = &evidence->list[i];
        if (v->fork && v->epoch < o->epoch && own_reports_same_slot(&v->slot, &o->slot))
            found = v;
    }
    return found;
}

int own_reports_load(struct actor *a, struct txn *t, struct own_reports *ret_reports,
                     struct err *e) {
    struct own_reports o = {0};
    struct log_walk w;
    struct hash id;
    struct record r;
    int rc = 0;
    arena_init(&o.arena, OWN_ARENA_BYTES);
    log_walk_init(&w, t, KIND_REPORT, 0);
    while (rc == 0 && log_walk_next(&w, NULL, &id)) {
        rc = log_get(t, &id, &r, e);
        if (rc == 0 && heir_has(a, t, &r.h) &&
            !(hash_equal(&r.h.actor, &a->id) && own_reports_displaced(a, t, &r.h))) {
            uint32_t before = o.n;
            rc = enter(&o, a, &r, e);
            if (rc == 0 && o.n > before && !o.list[before].inherited)
                o.list[before].elsewhere = !epochs_signed(t, r.h.epoch);
        }
    }
    log_walk_done(&w);
    if (rc == 0)
        rc = txn_failed(t, e);
    if (rc == 0)
        *ret_reports = o;
    else
        own_reports_done(&o);
    return rc;
}
