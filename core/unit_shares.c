#include "core/unit_shares.h"

#include "core/limits.h"
#include "core/list.h"
#include "core/mem.h"
#include "core/units_way.h"

#include <string.h>

void unit_shares_init(struct unit_shares *s) {
    *s = (struct unit_shares){0};
}

void unit_shares_done(struct unit_shares *s) {
    mem_free(s->list);
    unit_shares_init(s);
}

/* Where the share is, or would be. */
static uint32_t position(const struct unit_shares *s, const struct hash *of, bool is_branch) {
    uint32_t lo = 0, hi = s->n;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        int order = hash_cmp(&s->list[mid].of, of);
        if (order < 0 || (order == 0 && s->list[mid].is_branch < is_branch))
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static struct unit_share *find(const struct unit_shares *s, const struct hash *of, bool is_branch) {
    uint32_t at = position(s, of, is_branch);
    bool found = at < s->n && hash_equal(&s->list[at].of, of) && s->list[at].is_branch == is_branch;
    return found ? &s->list[at] : NULL;
}

static int begin(struct unit_shares *s, const struct hash *of, bool is_branch, struct err *e) {
    uint32_t at = position(s, of, is_branch);
    if (find(s, of, is_branch))
        return 0;
    if (list_grow(&s->list, s->n, sizeof *s->list, e) != 0)
        return ERR_NOMEM;
    memmove(s->list + at + 1, s->list + at, (s->n - at) * sizeof *s->list);
    s->list[at] = (struct unit_share){.of = *of, .is_branch = is_branch};
    s->n++;
    return 0;
}

static struct unit_share used(const struct unit_shares *s, const struct hash *of, bool is_branch) {
    const struct unit_share *share = find(s, of, is_branch);
    return share ? *share : (struct unit_share){.of = *of, .is_branch = is_branch};
}

struct unit_share unit_shares_hub(const struct unit_shares *s, const struct unit_author *author) {
    return used(s, &author->hub, false);
}

struct unit_share unit_shares_branch(const struct unit_shares *s,
                                     const struct unit_author *author) {
    return used(s, &author->branch, true);
}

static uint32_t take(uint32_t *used_so_far, uint32_t limit, uint32_t n) {
    uint32_t left = limit - *used_so_far;
    n = n < left ? n : left;
    *used_so_far += n;
    return n;
}

int unit_shares_state(struct unit_shares *s, const struct unit_author *author, uint32_t n,
                      uint32_t *ret_counted, struct err *e) {
    int rc = begin(s, &author->hub, false, e);
    if (rc == 0)
        rc = begin(s, &author->branch, true, e);
    if (rc != 0)
        return rc;
    struct unit_share *hub = find(s, &author->hub, false);
    n = take(&hub->facts, LIMIT_HUB_FACTS, n);
    if (hub->facts == LIMIT_HUB_FACTS && hub->full_seq == 0) {
        hub->full_epoch = author->epoch;
        hub->full_seq = author->seq;
    }
    *ret_counted = take(&find(s, &author->branch, true)->facts, LIMIT_BRANCH_FACTS, n);
    return 0;
}

bool unit_shares_beyond(const struct unit_shares *s, const struct unit_author *author) {
    struct unit_share hub = unit_shares_hub(s, author);
    if (hub.full_seq == 0 || hub.full_epoch != author->epoch)
        return hub.full_seq > 0 && hub.full_epoch < author->epoch;
    return hub.full_seq < author->seq;
}

static bool is_among(const struct uid *list, size_t n, const struct uid *id) {
    for (size_t i = 0; i < n; i++)
        if (uid_equal(&list[i], id))
            return true;
    return false;
}

bool unit_shares_within_ways(const struct units *u, const struct unit_fact *fact) {
    struct uid above[LIMIT_UNIT_WAYS], own[LIMIT_UNIT_WAYS + 1];
    size_t n = units_way_above(u, &fact->parent, above, LIMIT_UNIT_WAYS);
    size_t more = units_way_above(u, &fact->id, own, LIMIT_UNIT_WAYS + 1);
    if (n > LIMIT_UNIT_WAYS || more > LIMIT_UNIT_WAYS + 1)
        return false;
    size_t all = n;
    for (size_t i = 0; i < more; i++)
        all += !uid_equal(&own[i], &fact->id) && !is_among(above, n, &own[i]);
    return all <= LIMIT_UNIT_WAYS;
}

int unit_shares_add(struct unit_shares *s, struct units *u, const struct unit_author *author,
                    const struct unit_fact *fact) {
    struct unit_share *hub = find(s, &author->hub, false), *branch = find(s, &author->branch, true);
    uint32_t stated = units_facts(u, &fact->id);
    bool is_new = stated == 0;
    if (is_new &&
        (!hub || !branch || hub->units >= LIMIT_HUB_UNITS || branch->units >= LIMIT_BRANCH_UNITS))
        return ERR_REFUSED;
    if (stated >= LIMIT_FACTS_PER_UNIT || !unit_shares_within_ways(u, fact))
        return ERR_REFUSED;
    int rc = units_add(u, fact, NULL);
    if (rc == 0 && is_new) {
        hub->units++;
        branch->units++;
    }
    return rc;
}

bool unit_shares_full(const struct unit_shares *s, const struct unit_author *author) {
    struct unit_share branch = unit_shares_branch(s, author);
    return branch.facts >= LIMIT_BRANCH_FACTS || branch.units >= LIMIT_BRANCH_UNITS;
}
