/* Records that go in parts: which one a part is of. */
#include "core/mem.h"
#include "tests/sim/history.h"
#include "tests/sim/peek.h"

#include <assert.h>

const struct hash *history_part_of(const struct history *h, const struct peek_part *p,
                                   uint32_t *at) {
    while (*at < h->n_begun) {
        const struct begun *b = &h->begun[(*at)++];
        if (b->position == p->position && uid_equal(&b->stream, &p->stream))
            return &b->id;
    }
    return NULL;
}

void history_begun(struct history *h, const struct peek_part *p) {
    struct begun new = {.stream = p->stream, .position = p->position};
    const struct hash *known;
    uint32_t at = 0;
    if (p->offset > 0 || !peek_id(p->bytes, &new.id))
        return;
    while ((known = history_part_of(h, p, &at)))
        if (hash_equal(known, &new.id))
            return;
    if (h->n_begun == h->begun_cap) {
        h->begun_cap = h->begun_cap ? h->begun_cap * 2 : 16;
        h->begun = mem_realloc(h->begun, h->begun_cap * sizeof *h->begun);
        assert(h->begun);
    }
    h->begun[h->n_begun++] = new;
}
