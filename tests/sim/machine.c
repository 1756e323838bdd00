#include "tests/sim/machine.h"

#include "hub/catch_up.h"
#include "hub/found.h"
#include "hub/root_key.h"
#include "node/joining.h"
#include "store/keyfile.h"
#include "tests/sim/fault.h"
#include "tests/sim/network.h"
#include "tests/sim/office.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define PROGRAM "thidua sim"
#define HUB_MAP_BYTES ((size_t)8 << 20)
#define NODE_MAP_BYTES ((size_t)2 << 20)

static instant machine_now(void *arg) {
    return sim_moment(arg).wall;
}

static void machine_random(void *arg, uint8_t *ret_bytes, size_t n) {
    struct machine *m = arg;
    prng_bytes(&m->random, ret_bytes, n);
}

struct db_options machine_disk(struct machine *m) {
    return (struct db_options){.map_bytes = m->is_hub ? HUB_MAP_BYTES : NODE_MAP_BYTES,
                               .no_sync = true,
                               .write_map = true,
                               .fault_arg = m,
                               .fault = fault_at_commit};
}

/* ---- founding ---- */

static int found(struct machine *root, struct err *e) {
    struct founding f = {
        .code = root->code, .name = "Tỉnh", .level = "l0", .now = sim_moment(root).wall};
    struct key_seeds seeds;
    struct db_options o = machine_disk(root);
    struct hash genesis;
    struct db *db;
    struct sim *sim = root->sim;
    uint8_t salt[SEAL_SALT_BYTES] = {0}, nonce[SEAL_NONCE_BYTES] = {0};
    char path[PATH_MAX_BYTES + 16];
    f.unit = root->unit;
    prng_bytes(&root->random, f.root_seed, SEED_BYTES);
    prng_bytes(&root->random, f.recovery_seed, SEED_BYTES);
    prng_bytes(&root->random, f.sign_seed, SEED_BYTES);
    prng_bytes(&root->random, f.transport_seed, SEED_BYTES);
    memcpy(sim->root_seed, f.root_seed, SEED_BYTES);
    memcpy(seeds.sign, f.sign_seed, SEED_BYTES);
    memcpy(seeds.transport, f.transport_seed, SEED_BYTES);
    (void)mkdir(root->dir, 0700);
    (void)snprintf(path, sizeof path, "%s/actor.key", root->dir);
    int rc = keyfile_write(path, &seeds, NULL, salt, nonce, e);
    if (rc == 0)
        rc = db_open(root->dir, true, &o, &db, e);
    if (rc != 0)
        return rc;
    rc = found_root(db, &f, &genesis, e);
    db_close(db);
    return rc;
}

void machine_found(struct sim *sim) {
    struct machine *root = &sim->machines[0];
    struct err e = {0};
    root->joined = root->has_ticket = true;
    if (found(root, &e) != 0)
        sim_broken(sim, "founding", &e);
    else
        machine_start(sim, root);
}

/* ---- the process ---- */

static void look_joined(struct machine *m) {
    struct txn *t;
    if (txn_begin(m->actor.db, false, &t, NULL) != 0)
        return;
    m->joined = m->parent == NOBODY || joining_done(t);
    txn_abort(t);
}

static int open_actor(struct machine *m, struct err *e) {
    struct db_options o = machine_disk(m);
    int rc = m->joined ? 0 : joining_prepare(m->dir, &m->ticket, NULL, &m->world, e);
    if (rc == ERR_REFUSED) {
        err_clear(e); /* it has joined, and was killed before it could say so */
        rc = 0;
    }
    if (rc == 0)
        rc = actor_open(m->dir, m->is_hub ? ROLE_HUB : ROLE_NODE, NULL, &o, &m->actor, e);
    return rc;
}

void machine_start(struct sim *sim, struct machine *m) {
    struct err e = {0};
    if (m->up)
        return;
    if (m->wants_ticket && sim_above(m)->up && sim_above(m)->joined)
        (void)machine_goes_on(sim, sim_above(m), office_ticket(sim_above(m), m, &e), &e);
    err_clear(&e);
    if (!m->has_ticket) { /* the hub above has not made it yet */
        sim_plan(m, prng_between(&sim->net, MINUTE, sim->healed ? 5 * MINUTE : HOUR),
                 (struct event){.kind = EVENT_START});
        return;
    }
    m->world = (struct world){.arg = m, .now = machine_now, .random = machine_random};
    if (open_actor(m, &e) != 0) {
        sim_broken(sim, "a machine's start", &e);
        return;
    }
    m->life += !hash_equal(&m->id, &m->actor.id);
    m->id = m->actor.id;
    m->up = true;
    m->starts++;
    m->commits++;
    look_joined(m);
    sim_say(sim, "%s: up%s", m->code, m->joined ? "" : ", not joined");
    if (m->is_hub) {
        m->step_planned = m->tick_planned = m->keep_planned = false;
        m->hub_started = sim_moment(m);
        hub_init(&m->hub, &m->actor, &m->world, PROGRAM, m->hub_started);
        history_reopened(sim, m);
        sim_plan(m, MINUTE, (struct event){.kind = EVENT_TICK, .conn = m->starts});
    }
    history_look(sim, m);
    machine_act(sim, m);
    session_soon(sim, m, prng_between(&sim->net, SECOND, m->joined ? HOUR : MINUTE));
}

void machine_close(struct machine *m) {
    if (!m->up)
        return;
    if (m->in_session) {
        uplink_done(&m->uplink);
        post_done(&m->post);
    }
    if (m->is_hub)
        hub_done(&m->hub);
    actor_close(&m->actor);
    m->up = m->in_session = false;
}

void machine_crash(struct sim *sim, struct machine *m, int64_t pause) {
    if (!m->up)
        return;
    sim_say(sim, "%s: down", m->code);
    if (m->in_session)
        network_close(sim, m->conn);
    machine_close(m);
    m->step_planned = m->tick_planned = m->keep_planned = false;
    if (m->is_hub)
        network_hub_gone(sim, m);
    sim_plan(m, pause, (struct event){.kind = EVENT_START});
}

bool machine_goes_on(struct sim *sim, struct machine *m, int rc, const struct err *e) {
    if (rc == ERR_UNKNOWN)
        machine_crash(sim, m, prng_between(&sim->luck, SECOND, MINUTE));
    else if (rc != 0 && rc != ERR_IO)
        sim_broken(sim, m->code, e);
    if (m->up)
        history_look(sim, m);
    return m->up && rc == 0;
}

/* ---- the parent side ---- */

/* What may leave, leaves; the process may end in between. */
static void flush(struct sim *sim, struct machine *m) {
    uint32_t peer;
    struct slice frame;
    struct strike s = {.machine = m};
    fault_strike(sim, AT_HUB, &s);
    while (m->up && post_next(&m->hub.post, &peer, &frame)) {
        history_sent(sim, m, &sim->machines[sim->conns[peer].child].id, frame);
        if (!network_send(sim, peer, SIDE_DOWN, frame))
            hub_gone(&m->hub, peer);
        fault_strike(sim, AT_HUB, &s);
    }
}

#define EDGE_MS (3 * SECOND)

/* What comes within seconds before a due instant comes, now and then, at that very millisecond, or
 * at the one before: the clock is put forward by so little that nobody may doubt it. */
static void go_to_the_edge(struct sim *sim, struct machine *m) {
    instant now = sim_moment(m).wall;
    for (uint32_t i = 0; i < sim->n_hubs && !m->shifted; i++) {
        const struct issue *k = &sim->machines[i].issue;
        for (int v = 1; v <= 2 && k->planned; v++) {
            int64_t ahead = k->due[v] - now;
            if (ahead > 1 && ahead <= EDGE_MS && prng_chance(&sim->net, 500000)) {
                sim_set_clock(m, m->wall_shift + ahead - prng_below(&sim->net, 2));
                return;
            }
        }
    }
}

void machine_frame(struct sim *sim, struct machine *m, uint32_t conn, struct slice frame) {
    struct conn *c = &sim->conns[conn];
    struct sender from = {conn, c->guest, c->actor, c->key};
    struct err e;
    err_init(&e);
    if (!m->up || c->dead)
        return;
    if (intake_full(&m->hub.intake))
        machine_step(sim, m);
    if (!m->up)
        return;
    go_to_the_edge(sim, m);
    history_taken(sim, m, frame);
    if (frame.len > 4 && frame.data[4] == FRAME_HELLO)
        machine_tick_soon(sim, m); /* the daemon's tick is never far: it asks where a stream ends */
    int rc = hub_take(&m->hub, &from, sim_moment(m), frame, &e);
    if (!machine_goes_on(sim, m, rc, &e) || m->step_planned)
        return;
    m->step_planned = true;
    sim_plan(m, prng_between(&sim->net, 0, 30),
             (struct event){.kind = EVENT_STEP, .conn = m->starts});
}

/* After healing lines stand: whoever is below hears at once that there is something. */
static void tell_below(struct sim *sim, struct machine *m) {
    for (uint32_t i = m->index + 1; sim->healed && i < sim->n; i++)
        if (sim->machines[i].parent == m->index && !sim->machines[i].in_session)
            session_soon(sim, &sim->machines[i], prng_between(&sim->net, SECOND, 30 * SECOND));
}

/* The child side learns what the parent side took: at once, or when it calls next. */
static void tell_above(struct sim *sim, struct machine *m) {
    if (!m->up || m->parent == NOBODY)
        return;
    if (m->in_session)
        session_news(sim, m);
    else
        session_soon(sim, m,
                     prng_between(&sim->net, SECOND,
                                  sim->healed || prng_chance(&sim->net, 700000)
                                      ? MINUTE
                                      : 3 * (int64_t)HOUR));
}

/* The daemon does this when it has nothing else to do. */
static void keep_soon(struct sim *sim, struct machine *m) {
    if (!m->up || m->keep_planned)
        return;
    m->keep_planned = true;
    sim_plan(m, prng_between(&sim->keep, 0, 5 * MINUTE),
             (struct event){.kind = EVENT_KEEP, .conn = m->starts});
}

static void look(struct machine *m) {
    struct txn *t;
    if (txn_begin(m->actor.db, false, &t, NULL) != 0)
        return;
    catch_up_look(&m->hub.catch_up, t);
    txn_abort(t);
}

/* Faults at its commits are drawn apart, so that all else goes as it would without it. */
void machine_keep(struct sim *sim, struct machine *m) {
    struct err e;
    struct prng luck = sim->luck;
    err_init(&e);
    m->keep_planned = false;
    look(m);
    if (!m->hub.catch_up.behind)
        return;
    sim->luck = sim->keep;
    int rc = catch_up_step(&m->hub.catch_up, &m->actor, 1, &e);
    sim->keep = sim->luck;
    sim->luck = luck;
    sim_say(sim, "%s: rankings: %d", m->code, rc);
    if (machine_goes_on(sim, m, rc, &e))
        keep_soon(sim, m);
}

void machine_step(struct sim *sim, struct machine *m) {
    struct err e;
    struct strike s = {.machine = m};
    err_init(&e);
    m->step_planned = false;
    fault_strike(sim, AT_HUB, &s);
    if (!m->up) {
        history_step(sim, m, false, true);
        return;
    }
    uint64_t before = m->seen_log;
    if (m->actor.spent)
        m->silent_at = sim->s.now;
    int rc = hub_step(&m->hub, sim_moment(m), &e);
    if (m->actor.spent)
        m->silent_at = sim->s.now;
    sim_say(sim, "%s: step %d", m->code, rc);
    history_step(sim, m, rc == 0, rc != 0 && rc != ERR_UNKNOWN);
    if (!machine_goes_on(sim, m, rc, &e) && !m->up)
        return;
    flush(sim, m);
    keep_soon(sim, m);
    if (m->seen_log != before) {
        tell_above(sim, m);
        tell_below(sim, m);
    }
}

void machine_tick_soon(struct sim *sim, struct machine *m) {
    if (!m->up || m->tick_planned)
        return;
    m->tick_planned = true;
    sim_plan(m, prng_between(&sim->net, 1, 200),
             (struct event){.kind = EVENT_TICK, .conn = m->starts, .side = 1});
}

/* Somebody comes with the root key. */
static void renew(struct sim *sim, struct machine *root) {
    struct txn *t;
    struct hash id;
    struct err e = {0};
    int rc = actor_begin(&root->actor, true, &t, &e);
    if (rc == 0) {
        rc = root_key_renew(&root->actor, t, sim->root_seed, sim_moment(root).wall, &id, &e);
        if (rc == 0)
            rc = actor_commit(&root->actor, t, &e);
        else
            actor_abort(&root->actor, t);
    }
    sim_say(sim, "%s: renewed: %d", root->code, rc);
    (void)machine_goes_on(sim, root, rc, &e);
    root->renew_at = root->spent_at = 0;
    root->to_tell = true;
    machine_tick_soon(sim, root);
}

/* Whether everybody right below `m` has been there since `since`. */
static bool all_were_there(const struct machine *m, int64_t since) {
    const struct sim *sim = m->sim;
    for (uint32_t i = m->index + 1; i < sim->n; i++)
        if (sim->machines[i].parent == m->index && sim->machines[i].joined &&
            sim->machines[i].met_at < since)
            return false;
    return true;
}

bool machine_is_unsure(const struct machine *m) {
    if (!m->struck)
        return false;
    return m->parent == NOBODY ? !all_were_there(m, m->struck_at) : m->met_at < m->struck_at;
}

/* The root says that it lacks what it stated: that is seen, those below connect, then somebody
 * fetches the root key. */
static void mind_the_root(struct sim *sim, struct machine *m) {
    if (m->parent != NOBODY || !m->up || !m->actor.spent || uid_is_zero(&m->actor.renewal))
        return;
    if (m->spent_at == 0)
        m->spent_at = sim->s.now;
    if (!all_were_there(m, m->spent_at))
        return;
    int64_t most = sim->healed ? 10 * MINUTE : 2 * DAY;
    if (m->renew_at == 0 || m->renew_at > sim->s.now + most) {
        int64_t wait = prng_between(&sim->fate, MINUTE, most);
        m->renew_at = sim->s.now + wait;
        sim_plan(m, wait, (struct event){.kind = EVENT_ACT});
    } else if (m->renew_at <= sim->s.now) {
        renew(sim, m);
    }
}

void machine_tick(struct sim *sim, struct machine *m) {
    struct err e;
    uint32_t starts = m->starts;
    bool asked = m->tick_planned;
    err_init(&e);
    m->tick_planned = false;
    uint64_t before = m->seen_log;
    int rc = hub_tick(&m->hub, sim_moment(m), &e);
    if (!machine_goes_on(sim, m, rc, &e) && !m->up)
        return;
    flush(sim, m);
    if (m->up && m->hub.news && !m->step_planned) {
        m->step_planned = true;
        sim_plan(m, 0, (struct event){.kind = EVENT_STEP, .conn = m->starts});
    }
    keep_soon(sim, m);
    if (m->seen_log != before)
        tell_above(sim, m);
    if (m->seen_log != before || m->to_tell)
        tell_below(sim, m);
    m->to_tell = false;
    mind_the_root(sim, m);
    if (m->up && m->starts == starts && !asked)
        sim_plan(m, prng_between(&sim->net, MINUTE, sim->healed ? HOUR : DAY),
                 (struct event){.kind = EVENT_TICK, .conn = starts});
}

/* ---- its people ---- */

bool machine_all_done(const struct machine *m) {
    for (uint32_t i = 0; i < m->n_deeds; i++)
        if (!m->deeds[i].done)
            return false;
    for (uint32_t i = 0; i < m->n_acts; i++)
        if (!m->acts[i].done)
            return false;
    return true;
}

/* One deed or act; false: it has to wait. */
static bool do_one(struct sim *sim, struct machine *m, bool deed, uint32_t i) {
    struct err e;
    struct strike s = {.machine = m};
    err_init(&e);
    int rc = deed ? office_deed(sim, m, i, &e) : office_state(sim, m, i, &e);
    sim_say(sim, "%s: %s %u, kind %d: %d", m->code, deed ? "deed" : "act", i,
            deed ? (int)m->deeds[i].kind : (int)m->acts[i].kind, rc);
    if (rc == 1)
        return false;
    if (machine_goes_on(sim, m, rc, &e))
        fault_strike(sim, m->is_hub ? AT_HUB : AT_NODE, &s);
    m->to_tell |= m->is_hub;
    if (m->up && m->is_hub)
        machine_tick_soon(sim, m);
    if (m->up && m->is_hub)
        tell_above(sim, m);
    else if (m->up)
        session_news(sim, m);
    return true;
}

void machine_act(struct sim *sim, struct machine *m) {
    mind_the_root(sim, m);
    for (uint32_t i = 0; i < m->n_acts; i++)
        if (m->up && m->joined && !m->acts[i].done && m->acts[i].at <= sim->s.now &&
            !do_one(sim, m, false, i))
            break; /* after the next session */
    for (uint32_t i = 0; i < m->n_deeds; i++)
        if (m->up && m->joined && !m->deeds[i].done && m->deeds[i].at <= sim->s.now &&
            !do_one(sim, m, true, i))
            break;
    if (!m->up || machine_all_done(m) || !(m->is_hub || sim->healed))
        return;
    if (sim->healed)
        session_soon(sim, m, MINUTE);
    int64_t pause = prng_between(&sim->net, MINUTE, sim->healed ? 5 * MINUTE : 12 * (int64_t)HOUR);
    if (m->act_at != NEVER && m->act_at > sim->s.now && m->act_at <= sim->s.now + pause)
        return;
    m->act_at = sim->s.now + pause;
    sim_plan(m, pause, (struct event){.kind = EVENT_ACT});
}
