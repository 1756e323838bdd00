#include "node/handed.h"

#include "core/list.h"
#include "core/mem.h"
#include "core/search.h"

#include <assert.h>
#include <string.h>

void handed_done(struct handed *g) {
    mem_free(g->list);
    *g = (struct handed){.n = 0};
}

void handed_begin(struct handed *g, const struct uid *stream) {
    if (uid_equal(&g->stream, stream))
        return;
    handed_done(g);
    g->stream = *stream;
}

static int handed_order(const void *key, const void *item) {
    const struct handed_lane *a = key, *b = item;
    if (a->epoch != b->epoch)
        return a->epoch < b->epoch ? -1 : 1;
    return memcmp(a->lane.b, b->lane.b, UID_BYTES);
}

struct handed_lane *handed_lane(struct handed *g, uint32_t epoch, const struct uid *lane,
                                struct err *e) {
    const struct handed_lane key = {.epoch = epoch, .lane = *lane, .first = 1};
    uint32_t i = search_first(&key, g->list, g->n, sizeof *g->list, handed_order);
    if (i < g->n && handed_order(&key, &g->list[i]) == 0)
        return &g->list[i];
    if (list_grow(&g->list, g->n, sizeof *g->list, e) != 0)
        return NULL;
    assert(g->list);
    memmove(&g->list[i + 1], &g->list[i], (g->n - i) * sizeof *g->list);
    g->n++;
    g->list[i] = key;
    return &g->list[i];
}
