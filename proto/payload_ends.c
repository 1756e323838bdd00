#include "proto/payload_ends.h"

void payload_ends_put(struct payload_ends *room, const struct last_good *ends, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        Thidua__LastGood *m = room->list[i] = &room->messages[i];
        thidua__last_good__init(m);
        m->actor = wire_hash(&ends[i].actor);
        m->epoch = ends[i].epoch;
        m->lane = wire_uid(&ends[i].lane);
        m->seq = ends[i].seq;
    }
}

static void get(struct wire_check *c, const Thidua__LastGood *m, struct last_good *out) {
    wire_bytes(c, "ends.actor", m->actor, false, out->actor.b, HASH_BYTES);
    wire_bytes(c, "ends.lane", m->lane, true, out->lane.b, UID_BYTES);
    wire_range(c, "ends.epoch", m->epoch, 1, UINT32_MAX);
    out->epoch = m->epoch;
    out->seq = m->seq;
}

struct last_good *payload_ends_get(struct wire_check *c, Thidua__LastGood *const *list, size_t n,
                                   struct arena *a) {
    wire_range(c, "ends", n, 0, LIMIT_LIST);
    if (c->rc != 0)
        return NULL;
    struct last_good *ends = arena_alloc(a, n * sizeof *ends);
    if (!ends)
        c->rc = wire_no_room(a, c->what, c->e);
    for (size_t i = 0; ends && i < n; i++)
        get(c, list[i], &ends[i]);
    return ends;
}
