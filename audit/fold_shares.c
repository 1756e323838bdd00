#include "audit/fold_shares.h"

#include "audit/fold_place.h"
#include "core/limits.h"
#include "core/list.h"
#include "core/mem.h"
#include "proto/kinds.h"

#include <stdlib.h>

struct branch {
    struct hash id;
    uint64_t used;
    bool over;
};
struct branches {
    uint32_t n;
    struct branch *list;
};

/* The hub of which records are looked at, one behind the other. */
struct hub {
    struct hash id;
    uint64_t used;
    bool over;
    uint32_t branch; /* its place in the list */
};

static bool is_of_campaigns(const struct entry *x) {
    uint16_t kind = x->r.h.kind;
    return fold_place_can_read(x) && (x->author->by & BY_HUB) != 0 &&
           (kind == KIND_CAMPAIGN || kind == KIND_PROFILE || kind == KIND_CAMPAIGN_ASSIGN ||
            kind == KIND_CAMPAIGN_WITHDRAW);
}

static int find_branch(struct branches *b, const struct hash *id, uint32_t *ret_at, struct err *e) {
    for (uint32_t i = 0; i < b->n; i++)
        if (hash_equal(&b->list[i].id, id)) {
            *ret_at = i;
            return 0;
        }
    if (list_grow(&b->list, b->n, sizeof *b->list, e) != 0)
        return ERR_NOMEM;
    b->list[b->n] = (struct branch){.id = *id};
    *ret_at = b->n++;
    return 0;
}

/* Weigh `x` in the shares of its hub and its branch. */
static void weigh(struct hub *hub, struct branch *branch, struct entry *x) {
    uint64_t weight = LIMIT_CAMPAIGN_RECORD + (uint64_t)x->r.payload.len;
    hub->over |= hub->used + weight > LIMIT_HUB_CAMPAIGNS;
    if (!hub->over) {
        hub->used += weight;
        branch->over |= branch->used + weight > LIMIT_BRANCH_CAMPAIGNS;
        branch->used += branch->over ? 0 : weight;
    }
    x->beyond = hub->over || branch->over;
}

int fold_shares(struct ledger *l, struct err *e) {
    struct fold_place *order = mem_zalloc(l->n, sizeof *order);
    struct branches branches = {0};
    struct hub hub = {.used = 0};
    uint32_t n = 0;
    int rc = order ? 0 : err_nomem(e);
    for (uint32_t i = 0; rc == 0 && i < l->n; i++)
        if (is_of_campaigns(&l->list[i]) && fold_place_depth(l, l->list[i].author) > 1)
            order[n++] = fold_place_of(l, &l->list[i]);
    if (rc == 0 && n > 1)
        qsort(order, n, sizeof *order, fold_place_compare);
    for (uint32_t i = 0; rc == 0 && i < n; i++) {
        struct entry *x = order[i].entry;
        if (i == 0 || !hash_equal(&hub.id, &x->r.h.actor)) {
            struct hash branch = fold_place_branch(l, x->author);
            hub = (struct hub){.id = x->r.h.actor};
            rc = find_branch(&branches, &branch, &hub.branch, e);
        }
        if (rc == 0)
            weigh(&hub, &branches.list[hub.branch], x);
    }
    mem_free(order);
    mem_free(branches.list);
    return rc;
}
