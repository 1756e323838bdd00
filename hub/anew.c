#include "hub/anew.h"

#include "core/list.h"
#include "core/mem.h"
#include "core/search.h"

#include <assert.h>
#include <string.h>

void anew_done(struct anew *a) {
    mem_free(a->list);
    *a = (struct anew){0};
}

static int child_of(const void *actor, const void *child) {
    return hash_cmp(actor, &((const struct anew_child *)child)->actor);
}

/* Where `actor` is, or would be. */
static uint32_t place_of(const struct anew *a, const struct hash *actor) {
    return search_first(actor, a->list, a->n, sizeof *a->list, child_of);
}

static bool is_at(const struct anew *a, uint32_t i, const struct hash *actor) {
    return i < a->n && hash_equal(&a->list[i].actor, actor);
}

bool anew_may(const struct anew *a, const struct hash *actor, int64_t now_ms) {
    uint32_t i = place_of(a, actor);
    return !is_at(a, i, actor) || now_ms >= a->list[i].until_ms;
}

static int insert(struct anew *a, uint32_t i, const struct hash *actor, struct err *e) {
    if (list_grow(&a->list, a->n, sizeof *a->list, e) != 0)
        return ERR_NOMEM;
    assert(a->list);
    memmove(&a->list[i + 1], &a->list[i], (a->n - i) * sizeof *a->list);
    a->n++;
    a->list[i] = (struct anew_child){.actor = *actor};
    return 0;
}

int anew_note(struct anew *a, const struct hash *actor, int64_t now_ms, struct err *e) {
    uint32_t i = place_of(a, actor);
    if (!is_at(a, i, actor) && insert(a, i, actor, e) != 0)
        return ERR_NOMEM;
    struct anew_child *c = &a->list[i];
    bool rested = c->pause_ms == 0 || now_ms - c->until_ms >= ANEW_MS_MAX;
    int64_t longer = 2 * c->pause_ms < ANEW_MS_MAX ? 2 * c->pause_ms : ANEW_MS_MAX;
    c->pause_ms = rested ? ANEW_MS_MIN : longer;
    c->until_ms = now_ms + c->pause_ms;
    return 0;
}
