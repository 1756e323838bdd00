#include "node/campaign_shares.h"

#include "core/list.h"
#include "core/mem.h"
#include "node/path.h"
#include "proto/kinds.h"
#include "store/log.h"

#include <stdlib.h>
#include <string.h>

static const uint16_t kinds[] = {KIND_CAMPAIGN, KIND_PROFILE, KIND_CAMPAIGN_ASSIGN,
                                 KIND_CAMPAIGN_WITHDRAW};
#define KINDS (sizeof kinds / sizeof *kinds)

/* A record that weighs, and whose it is. */
struct weighed {
    struct unit_marks_place place;
    struct hash branch;
    struct uid unit;
    uint64_t weight;
};
struct weighed_list {
    uint32_t n;
    struct weighed *list;
};

bool campaign_shares_weighs(uint16_t kind) {
    for (size_t i = 0; i < KINDS; i++)
        if (kinds[i] == kind)
            return true;
    return false;
}

void campaign_shares_done(struct campaign_shares *s) {
    mem_free(s->list);
    *s = (struct campaign_shares){0};
}

static bool is_branch(const struct campaign_share *x) {
    return uid_is_zero(&x->unit);
}

/* Where the share is, or would be. */
static uint32_t position(const struct campaign_shares *s, const struct hash *of, bool branch) {
    uint32_t lo = 0, hi = s->n;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        int order = hash_cmp(&s->list[mid].of, of);
        if (order < 0 || (order == 0 && is_branch(&s->list[mid]) < branch))
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static struct campaign_share *find(const struct campaign_shares *s, const struct hash *of,
                                   bool branch) {
    uint32_t at = position(s, of, branch);
    bool found = at < s->n && hash_equal(&s->list[at].of, of) && is_branch(&s->list[at]) == branch;
    return found ? &s->list[at] : NULL;
}

static int begin(struct campaign_shares *s, const struct campaign_share *x, struct err *e) {
    uint32_t at = position(s, &x->of, is_branch(x));
    if (find(s, &x->of, is_branch(x)))
        return 0;
    if (list_grow(&s->list, s->n, sizeof *s->list, e) != 0)
        return ERR_NOMEM;
    memmove(s->list + at + 1, s->list + at, (s->n - at) * sizeof *s->list);
    s->list[at] = *x;
    s->n++;
    return 0;
}

/* The shares that `x` weighs in, made where they are not there. */
static int shares_of(struct campaign_shares *s, const struct weighed *x,
                     struct campaign_share **ret_hub, struct campaign_share **ret_branch,
                     struct err *e) {
    const struct campaign_share hub = {.of = x->place.actor, .branch = x->branch, .unit = x->unit},
                                branch = {.of = x->branch, .branch = x->branch};
    int rc = begin(s, &hub, e);
    if (rc == 0)
        rc = begin(s, &branch, e);
    if (rc != 0)
        return rc;
    *ret_hub = find(s, &hub.of, false);
    *ret_branch = find(s, &branch.of, true);
    return 0;
}

/* ---- reading ---- */

static int compare(const void *pa, const void *pb) {
    const struct weighed *a = pa, *b = pb;
    return unit_marks_place_cmp(&a->place, &b->place);
}

static uint64_t weight(const struct record *r) {
    return LIMIT_CAMPAIGN_RECORD + (uint64_t)r->payload.len;
}

static struct weighed weighed_of(struct txn *t, const struct record *r, const struct member *m) {
    struct weighed x = {.unit = m->unit, .weight = weight(r)};
    x.place =
        (struct unit_marks_place){path_depth(t, m, &x.branch), m->actor, r->h.epoch, r->h.seq};
    return x;
}

/* What the root hub states has no bound. */
static bool has_bound(const struct weighed *x) {
    return x->place.depth > 1;
}

/* Add what weighs of the records of `kind`. */
static int gather_kind(struct weighed_list *l, struct txn *t, uint16_t kind, struct err *e) {
    struct log_walk w;
    struct hash id;
    int rc = 0;
    log_walk_init(&w, t, kind, 0);
    while (rc == 0 && log_walk_next(&w, NULL, &id)) {
        struct record r;
        struct member m;
        rc = log_get(t, &id, &r, e);
        if (rc != 0 || r.h.payload_version != PAYLOAD_VERSION ||
            !roster_find(t, &r.h.actor, r.h.epoch, &m) || !roster_stands(t, &r.h))
            continue;
        struct weighed x = weighed_of(t, &r, &m);
        if (!has_bound(&x))
            continue;
        rc = list_grow(&l->list, l->n, sizeof *l->list, e);
        if (rc == 0)
            l->list[l->n++] = x;
    }
    log_walk_done(&w);
    return rc;
}

static bool is_behind(const struct campaign_share *x, const struct unit_marks_place *place) {
    return x->over && unit_marks_place_cmp(place, &x->cut) >= 0;
}

static bool fits(const struct campaign_share *x, uint64_t weight, uint64_t limit) {
    return !x->over && x->used + weight <= limit;
}

/* Weigh `x`, whatever came before it. */
static int weigh(struct campaign_shares *s, const struct weighed *x, bool *ret_anew,
                 struct err *e) {
    struct campaign_share *hub, *branch;
    int rc = shares_of(s, x, &hub, &branch, e);
    if (rc != 0 || is_behind(hub, &x->place) || is_behind(branch, &x->place))
        return rc;
    if (fits(hub, x->weight, LIMIT_HUB_CAMPAIGNS) &&
        fits(branch, x->weight, LIMIT_BRANCH_CAMPAIGNS)) {
        hub->used += x->weight;
        branch->used += x->weight;
    } else {
        *ret_anew = true;
    }
    return 0;
}

int campaign_shares_take(struct campaign_shares *s, struct txn *t, const struct record *r,
                         const struct member *author, bool *ret_anew, struct err *e) {
    s->all += weight(r);
    if (!s->exact) {
        *ret_anew |= s->all > LIMIT_HUB_CAMPAIGNS;
        return 0;
    }
    struct weighed x = weighed_of(t, r, author);
    return has_bound(&x) ? weigh(s, &x, ret_anew, e) : 0;
}

/* `x` takes of the share `of`, which `limit` bounds; false: it is the first that is beyond, or
 * behind that. */
static bool take(struct campaign_shares *s, struct campaign_share *of, const struct weighed *x,
                 uint64_t limit) {
    bool within = fits(of, x->weight, limit);
    if (within) {
        of->used += x->weight;
    } else if (!of->over) {
        of->over = s->any_over = true;
        of->cut = x->place;
    }
    return within;
}

/* Weigh all of `l` into `s`, which is empty, in order. */
static int weigh_in_order(struct campaign_shares *s, struct weighed_list *l, struct err *e) {
    int rc = 0;
    if (l->n > 1)
        qsort(l->list, l->n, sizeof *l->list, compare);
    for (uint32_t i = 0; rc == 0 && i < l->n; i++) {
        struct campaign_share *hub, *branch;
        rc = shares_of(s, &l->list[i], &hub, &branch, e);
        if (rc == 0 && take(s, hub, &l->list[i], LIMIT_HUB_CAMPAIGNS))
            (void)take(s, branch, &l->list[i], LIMIT_BRANCH_CAMPAIGNS);
    }
    return rc;
}

int campaign_shares_make(struct campaign_shares *s, struct txn *t, struct err *e) {
    struct weighed_list l = {0};
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < KINDS; i++)
        rc = gather_kind(&l, t, kinds[i], e);
    if (rc == 0)
        rc = weigh_in_order(s, &l, e);
    s->exact = true;
    mem_free(l.list);
    return rc;
}

/* ---- asking ---- */

bool campaign_shares_count(const struct campaign_shares *s, struct txn *t,
                           const struct record_header *h) {
    struct unit_marks_place place = {0, h->actor, h->epoch, h->seq};
    const struct campaign_share *hub, *branch;
    struct member m;
    if (!s->any_over || !(hub = find(s, &h->actor, false)) ||
        !(branch = find(s, &hub->branch, true)) || !roster_find(t, &h->actor, h->epoch, &m))
        return true;
    struct hash of;
    place.depth = path_depth(t, &m, &of);
    return !is_behind(hub, &place) && !is_behind(branch, &place);
}

bool campaign_shares_over(const struct campaign_shares *s, const struct uid *unit) {
    bool over = false;
    for (uint32_t i = 0; s->any_over && !over && i < s->n; i++) {
        const struct campaign_share *x = &s->list[i];
        over = uid_equal(&x->unit, unit) && !is_branch(x) &&
               (x->over || find(s, &x->branch, true)->over);
    }
    return over;
}

static uint64_t left(const struct campaign_share *x, uint64_t limit) {
    return !x ? limit : x->over ? 0 : limit - x->used;
}

int campaign_shares_room(struct txn *t, const struct hash *actor, uint64_t *ret_room,
                         struct err *e) {
    struct campaign_shares s = {0};
    struct member self;
    struct hash of;
    *ret_room = UINT64_MAX;
    if (!roster_find(t, actor, roster_epoch(t, actor), &self) || path_depth(t, &self, &of) <= 1)
        return txn_failed(t, e);
    int rc = campaign_shares_make(&s, t, e);
    uint64_t hub = left(find(&s, actor, false), LIMIT_HUB_CAMPAIGNS),
             branch = left(find(&s, &of, true), LIMIT_BRANCH_CAMPAIGNS);
    if (rc == 0)
        *ret_room = hub < branch ? hub : branch;
    campaign_shares_done(&s);
    return rc;
}
