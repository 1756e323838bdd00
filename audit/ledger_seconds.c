#include "audit/ledger.h"
#include "core/mem.h"

#include <stdlib.h>

/* Negative, zero or positive as the place of `a` goes before that of `b`. */
static int order_place(const struct record_header *a, const struct record_header *b) {
    int order = hash_cmp(&a->actor, &b->actor);
    if (order == 0)
        order = (a->epoch > b->epoch) - (a->epoch < b->epoch);
    if (order == 0)
        order = uid_cmp(&a->lane, &b->lane);
    return order != 0 ? order : (a->seq > b->seq) - (a->seq < b->seq);
}

static int by_place(const void *pa, const void *pb) {
    const struct entry *a = *(struct entry *const *)pa, *b = *(struct entry *const *)pb;
    int order = order_place(&a->r.h, &b->r.h);
    return order != 0 ? order : (a->number > b->number) - (a->number < b->number);
}

/* The second record that `x` builds on; NULL: it builds on none. */
static const struct entry *second_before(const struct ledger *l, const struct entry *x) {
    const struct entry *before = l->n_seconds > 0 ? ledger_find(l, &x->r.h.prev) : NULL;
    struct record_header place = x->r.h;
    place.seq--;
    return before && before->second && order_place(&before->r.h, &place) == 0 ? before : NULL;
}

/* Tell of the entries in [from, to), of one place, which has it. */
static void mark_place(struct ledger *l, struct entry **from, struct entry **to) {
    struct entry *holder = NULL;
    for (struct entry **at = from; !holder && at < to; at++)
        if (!second_before(l, *at))
            holder = *at;
    for (struct entry **at = from; at < to; at++) {
        if (*at == holder)
            continue;
        (*at)->second = true;
        (*at)->good = false;
        (*at)->instead = holder;
        l->n_seconds++;
    }
}

static bool is_good(const struct entry *x) {
    return x->good;
}

static bool is_second(const struct entry *x) {
    return x->second;
}

/* The entries that are `wanted`, by place, into `ret_list`, which the caller frees. */
static int sort_places(struct ledger *l, bool (*wanted)(const struct entry *),
                       struct entry ***ret_list, uint32_t *ret_n, struct err *e) {
    struct entry **list = mem_zalloc((size_t)l->n + 1, sizeof *list);
    uint32_t n = 0;
    if (!list)
        return err_nomem(e);
    for (uint32_t i = 0; i < l->n; i++)
        if (wanted(&l->list[i]))
            list[n++] = &l->list[i];
    if (n > 1)
        qsort(list, n, sizeof *list, by_place);
    *ret_list = list;
    *ret_n = n;
    return 0;
}

int ledger_seconds_mark(struct ledger *l, struct err *e) {
    struct entry **list = NULL;
    uint32_t n = 0;
    if (sort_places(l, is_good, &list, &n, e) != 0)
        return ERR_NOMEM;
    for (uint32_t from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n; to++)
            if (order_place(&list[from]->r.h, &list[to]->r.h) != 0)
                break;
        mark_place(l, list + from, list + to);
    }
    mem_free(list);
    return 0;
}

/* Whether `x`, a second record, and what it stands beside or builds on are of one key, and neither
 * came after the end of their author: else it says nothing of either. */
static bool is_evidence(const struct ledger *l, const struct entry *x) {
    const struct entry *before = second_before(l, x);
    bool beside = x->instead && x->instead->author == x->author;
    return x->author && !x->past_end && (beside || (before && before->displaced)) &&
           x->r.h.seq <= ledger_last_good(l, x->author, &x->r.h.lane, false);
}

int ledger_seconds_settle(struct ledger *l, struct err *e) {
    struct entry **list = NULL;
    uint32_t n = 0;
    if (sort_places(l, is_second, &list, &n, e) != 0)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < n; i++) { /* what is built on comes first */
        list[i]->displaced = is_evidence(l, list[i]);
        l->n_displaced += list[i]->displaced;
    }
    mem_free(list);
    return 0;
}
