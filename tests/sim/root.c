#include "hub/enrolment.h"
#include "hub/found.h"
#include "store/keyfile.h"
#include "tests/sim/fault.h"
#include "tests/sim/network.h"
#include "tests/sim/office.h"
#include "tests/sim/process.h"
#include "tests/sim/world.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define PROGRAM "thidua-hub sim"
#define MAP_BYTES ((size_t)8 << 20)

static instant root_now(void *arg) {
    struct sim *sim = arg;
    return sim_moment(sim, sim->root.wall_shift).wall;
}

static void root_random(void *arg, uint8_t *ret_bytes, size_t n) {
    struct sim *sim = arg;
    prng_bytes(&sim->root.random, ret_bytes, n);
}

static struct moment now(struct sim *sim) {
    return sim_moment(sim, sim->root.wall_shift);
}

static struct db_options options(struct sim *sim) {
    return (struct db_options){
        .map_bytes = MAP_BYTES, .no_sync = true, .fault_arg = sim, .fault = fault_at_commit};
}

/* ---- founding ---- */

static void draw(struct sim *sim, void *out, size_t n) {
    prng_bytes(&sim->root.random, out, n);
}

static struct unit_fact fact(const struct uid *id, const struct uid *parent, char *code) {
    static char none[] = "", level[] = "commune";
    return (struct unit_fact){.id = *id,
                              .parent = *parent,
                              .effective = DAY_NONE,
                              .from = DAY_NONE,
                              .until = DAY_NONE,
                              .code = code,
                              .level = level,
                              .kind = none,
                              .name = code,
                              .group = none,
                              .contact = none,
                              .phone = none};
}

/* Each node's unit and the one below it, and one under the root that has no node. */
static int state_units(struct sim *sim, struct txn *t, struct err *e) {
    struct unit_fact facts[2 * NODES_MAX + 1];
    char codes[2 * NODES_MAX + 1][16], lone[] = "lone";
    struct payload_units p = {0, facts};
    struct hash id;
    struct buf b;
    for (uint32_t i = 0; i < sim->n_nodes; i++) {
        struct node *n = &sim->nodes[i];
        (void)snprintf(codes[2 * i], 16, "u%u", i);
        (void)snprintf(codes[2 * i + 1], 16, "b%u", i);
        facts[p.n++] = fact(&n->unit, &sim->root.unit, codes[2 * i]);
        facts[p.n++] = fact(&n->below, &n->unit, codes[2 * i + 1]);
    }
    facts[p.n++] = fact(&sim->root.lone, &sim->root.unit, lone);
    buf_init(&b);
    int rc = payload_units_encode(&p, &b, e);
    if (rc == 0)
        rc =
            append_own(&sim->root.actor, t, KIND_UNITS, NULL, buf_slice(&b), now(sim).wall, &id, e);
    buf_done(&b);
    return rc;
}

static void make_tickets(struct sim *sim, struct txn *t) {
    for (uint32_t i = 0; i < sim->n_nodes; i++) {
        struct node *n = &sim->nodes[i];
        n->ticket = (struct ticket){.role = ROLE_NODE,
                                    .genesis = sim->root.actor.deployment,
                                    .transport_key = *key_pair_public(sim->root.actor.transport),
                                    .unit = n->unit,
                                    .address = "tcp://127.0.0.1:1"};
        (void)snprintf(n->ticket.code, sizeof n->ticket.code, "u%u", i);
        (void)snprintf(n->ticket.name, sizeof n->ticket.name, "u%u", i);
        draw(sim, n->ticket.token, TOKEN_BYTES);
        enrolment_note(t, n->ticket.token, &n->unit, ROLE_NODE, now(sim).wall);
    }
}

static int prepare(struct sim *sim, struct err *e) {
    struct txn *t;
    int rc = actor_begin(&sim->root.actor, true, &t, e);
    if (rc != 0)
        return rc;
    rc = state_units(sim, t, e);
    make_tickets(sim, t);
    if (rc == 0)
        return actor_commit(&sim->root.actor, t, e);
    actor_abort(&sim->root.actor, t);
    return rc;
}

static int found(struct sim *sim, struct err *e) {
    struct founding f = {.code = "93", .name = "Tỉnh", .level = "province", .now = now(sim).wall};
    struct key_seeds seeds;
    struct db_options o = options(sim);
    struct hash genesis;
    struct db *db;
    uint8_t salt[SEAL_SALT_BYTES] = {0}, nonce[SEAL_NONCE_BYTES] = {0};
    char path[PATH_MAX_BYTES + 16];
    f.unit = sim->root.unit;
    draw(sim, f.root_seed, SEED_BYTES);
    draw(sim, f.recovery_seed, SEED_BYTES);
    draw(sim, f.sign_seed, SEED_BYTES);
    draw(sim, f.transport_seed, SEED_BYTES);
    memcpy(seeds.sign, f.sign_seed, SEED_BYTES);
    memcpy(seeds.transport, f.transport_seed, SEED_BYTES);
    (void)mkdir(sim->root.dir, 0700);
    (void)snprintf(path, sizeof path, "%s/actor.key", sim->root.dir);
    int rc = keyfile_write(path, &seeds, NULL, salt, nonce, e);
    if (rc == 0)
        rc = db_open(sim->root.dir, true, &o, &db, e);
    if (rc != 0)
        return rc;
    rc = found_root(db, &f, &genesis, e);
    db_close(db);
    return rc;
}

void root_found(struct sim *sim) {
    struct root *r = &sim->root;
    struct err e = {0};
    r->world = (struct world){.arg = sim, .now = root_now, .random = root_random};
    draw(sim, r->unit.b, UID_BYTES);
    draw(sim, r->lone.b, UID_BYTES);
    for (uint32_t i = 0; i < sim->n_nodes; i++) {
        draw(sim, sim->nodes[i].unit.b, UID_BYTES);
        draw(sim, sim->nodes[i].below.b, UID_BYTES);
    }
    int rc = found(sim, &e);
    if (rc == 0) {
        root_start(sim);
        rc = r->up ? prepare(sim, &e) : 0;
    }
    if (rc != 0)
        sim_broken(sim, "founding", &e);
}

/* ---- the process ---- */

void root_start(struct sim *sim) {
    struct root *r = &sim->root;
    struct db_options o = options(sim);
    struct err e = {0};
    if (r->up)
        return;
    if (actor_open(r->dir, ROLE_HUB, NULL, &o, &r->actor, &e) != 0) {
        sim_broken(sim, "the hub's start", &e);
        return;
    }
    sim_say(sim, "hub: up");
    r->up = true;
    r->step_planned = false;
    r->starts++;
    hub_init(&r->hub, &r->actor, &r->world, PROGRAM, now(sim));
    history_reopened(sim);
    scheduler_add(&sim->s, MINUTE, (struct event){.kind = EVENT_ROOT_TICK, .conn = r->starts});
}

void root_close(struct sim *sim) {
    if (!sim->root.up)
        return;
    hub_done(&sim->root.hub);
    actor_close(&sim->root.actor);
    sim->root.up = false;
}

void root_crash(struct sim *sim, int64_t pause) {
    if (!sim->root.up)
        return;
    sim_say(sim, "hub: down");
    root_close(sim);
    network_root_gone(sim);
    scheduler_add(&sim->s, pause, (struct event){.kind = EVENT_ROOT_START});
}

/* What may leave, leaves; the process may end in between. */
static void flush(struct sim *sim) {
    uint32_t peer;
    struct slice frame;
    struct strike s = {0};
    while (sim->root.up && post_next(&sim->root.hub.post, &peer, &frame)) {
        history_sent_down(sim, frame);
        if (!network_send(sim, peer, SIDE_DOWN, frame))
            hub_gone(&sim->root.hub, peer);
        fault_strike(sim, AT_ROOT, &s);
    }
}

/* Whether the process goes on after an engine said `rc`. */
static bool goes_on(struct sim *sim, int rc, const struct err *e) {
    if (rc == ERR_UNKNOWN)
        root_crash(sim, prng_between(&sim->luck, SECOND, MINUTE));
    else if (rc != 0 && rc != ERR_IO)
        sim_broken(sim, "the hub", e);
    return sim->root.up;
}

void root_frame(struct sim *sim, uint32_t conn, struct slice frame) {
    struct root *r = &sim->root;
    struct conn *c = &sim->conns[conn];
    struct sender from = {conn, c->guest, c->actor, c->key};
    struct err e = {0};
    if (!r->up || c->dead)
        return;
    if (hub_full(&r->hub))
        root_step(sim);
    if (!r->up)
        return;
    history_taken(sim, frame, now(sim).wall);
    int rc = hub_take(&r->hub, &from, now(sim), frame, &e);
    if (!goes_on(sim, rc, &e) || r->step_planned)
        return;
    r->step_planned = true;
    scheduler_add(&sim->s, prng_between(&sim->net, 0, 30),
                  (struct event){.kind = EVENT_ROOT_STEP, .conn = r->starts});
}

void root_step(struct sim *sim) {
    struct root *r = &sim->root;
    struct err e = {0};
    struct strike s = {0};
    r->step_planned = false;
    fault_strike(sim, AT_ROOT, &s);
    if (!r->up) {
        history_step(sim, false, true);
        return;
    }
    struct moment m = now(sim);
    history_step_begins(sim, m.wall,
                        m.wall - r->hub.started.wall - (m.boot_ms - r->hub.started.boot_ms));
    int rc = hub_step(&r->hub, m, &e);
    sim_say(sim, "hub: step %d", rc);
    history_step(sim, rc == 0, rc != 0 && rc != ERR_UNKNOWN);
    if (goes_on(sim, rc, &e))
        flush(sim);
}

void root_tick(struct sim *sim) {
    struct root *r = &sim->root;
    struct err e = {0};
    uint32_t starts = r->starts;
    struct moment m = now(sim);
    int rc = hub_tick(&r->hub, m, &e);
    if (goes_on(sim, rc, &e))
        flush(sim);
    if (r->up && r->starts == starts)
        scheduler_add(&sim->s, prng_between(&sim->net, MINUTE, sim->healed ? HOUR : 12 * HOUR),
                      (struct event){.kind = EVENT_ROOT_TICK, .conn = starts});
}

/* Whether an earlier try, whose outcome nobody knew, was kept. */
static bool issued(struct root *r, uint32_t version) {
    struct txn *t;
    if (actor_begin(&r->actor, false, &t, NULL) != 0)
        return false;
    struct catalog_campaign *k = catalog_latest(&r->actor.catalog, &r->unit, OFFICE_CAMPAIGN);
    bool held = k && k->c.version >= version;
    actor_abort(&r->actor, t);
    return held;
}

void root_issue(struct sim *sim, uint32_t version) {
    struct root *r = &sim->root;
    struct event again = {.kind = EVENT_ROOT_ISSUE, .side = version};
    struct err e = {0};
    if (r->up) {
        if (issued(r, version))
            return;
        int rc = office_issue(sim, version, &e);
        sim_say(sim, "hub: issues version %u: %d", version, rc);
        if (goes_on(sim, rc, &e) && rc == 0)
            return;
    }
    scheduler_add(&sim->s, 10 * MINUTE, again);
}
