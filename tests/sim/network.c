#include "tests/sim/network.h"

#include "core/mem.h"
#include "tests/sim/fault.h"
#include "tests/sim/world.h"

#include <assert.h>
#include <string.h>

uint32_t network_connect(struct sim *sim, struct machine *m) {
    if (sim->n_conns == sim->conns_cap) {
        sim->conns_cap = sim->conns_cap ? sim->conns_cap * 2 : 64;
        sim->conns = mem_realloc(sim->conns, sim->conns_cap * sizeof *sim->conns);
        assert(sim->conns);
    }
    uint32_t conn = sim->n_conns++;
    sim->conns[conn] = (struct conn){.child = m->index,
                                     .key = *key_pair_public(m->actor.transport),
                                     .latency = prng_between(&sim->net, 5, 600)};
    scheduler_add(&sim->s, 3 * sim->conns[conn].latency,
                  (struct event){.kind = EVENT_CONNECTED, .who = m->index, .conn = conn});
    return conn;
}

static void tell_child(struct sim *sim, uint32_t conn) {
    scheduler_add(
        &sim->s, prng_between(&sim->net, 0, 2 * SECOND),
        (struct event){.kind = EVENT_CLOSED, .who = sim->conns[conn].child, .conn = conn});
}

/* Whether the line of `m` to the hub above is dead now. */
static bool is_dark(const struct sim *sim, const struct machine *m) {
    return sim->armed && sim->s.now >= m->dark[0] && sim->s.now < m->dark[1];
}

bool network_connected(struct sim *sim, uint32_t conn) {
    struct conn *c = &sim->conns[conn];
    struct strike s = {.conn = conn};
    if (c->dead)
        return false;
    struct machine *child = &sim->machines[c->child], *hub = sim_above(child);
    int known = hub->up ? hub_knows(&hub->hub, &c->key, &c->actor) : -1;
    if (is_dark(sim, child))
        known = -1;
    fault_strike(sim, AT_CONNECT, &s);
    if (s.refused || known < 0) {
        network_cut(sim, conn, true);
        return false;
    }
    c->guest = known == 0;
    c->stands = true;
    return true;
}

static void deliver(struct sim *sim, const struct strike *s, int64_t delay) {
    struct event e = {.kind = EVENT_FRAME, .conn = s->conn, .side = s->side, .len = *s->len};
    e.data = mem_alloc(e.len);
    assert(e.data);
    if (e.len > 0)
        memcpy(e.data, s->bytes, e.len);
    scheduler_add(&sim->s, delay, e);
}

bool network_send(struct sim *sim, uint32_t conn, uint32_t side, struct slice frame) {
    struct conn *c = &sim->conns[conn];
    if (c->dead || !c->stands)
        return c->dead && !c->told;
    if (is_dark(sim, &sim->machines[c->child])) {
        network_cut(sim, conn, false);
        return true;
    }
    size_t len = frame.len;
    uint8_t *bytes = mem_alloc(len);
    assert(bytes);
    memcpy(bytes, frame.data, len);
    struct strike s = {.conn = conn, .side = side, .bytes = bytes, .len = &len};
    fault_strike(sim, AT_FRAME, &s);
    if (frame.len > 4 && frame.data[4] == FRAME_PART)
        fault_strike(sim, AT_PART, &s);
    if (s.lost || s.out_of_order || s.delay > 0)
        c->disturbed = sim->s.now + s.delay;
    int64_t at = sim->s.now + c->latency + prng_between(&sim->net, 0, 20) + s.delay;
    if (!s.out_of_order) {
        at = at < c->last[side] ? c->last[side] : at;
        c->last[side] = at;
    }
    if (!s.lost && !c->dead)
        deliver(sim, &s, at - sim->s.now);
    if (s.twice && !c->dead)
        deliver(sim, &s, at - sim->s.now + prng_between(&sim->luck, 0, 30 * SECOND));
    mem_free(bytes);
    return true;
}

void network_cut_soon(struct sim *sim, uint32_t conn, int64_t delay, bool told) {
    scheduler_add(&sim->s, delay,
                  (struct event){.kind = EVENT_CUT, .conn = conn, .side = told ? 1 : 0});
}

void network_cut(struct sim *sim, uint32_t conn, bool told) {
    struct conn *c = &sim->conns[conn];
    if (c->dead)
        return;
    c->dead = true;
    c->told = told;
    if (told)
        tell_child(sim, conn);
}

void network_close(struct sim *sim, uint32_t conn) {
    sim->conns[conn].dead = sim->conns[conn].told = true;
}

void network_hub_gone(struct sim *sim, struct machine *m) {
    for (uint32_t i = 0; i < sim->n_conns; i++)
        if (sim->machines[sim->conns[i].child].parent == m->index)
            network_cut(sim, i, true);
}

void network_garbled(struct sim *sim, struct strike *s) {
    struct arena a;
    struct frame f;
    arena_init(&a, FRAME_ARENA_BYTES);
    if (*s->len > 0 && frame_decode(slice_of(s->bytes, *s->len), &a, &f, NULL) == 0) {
        s->lost = true;
        network_cut_soon(sim, s->conn, 0, true);
    }
    arena_done(&a);
}
