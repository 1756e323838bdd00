#include "node/joining.h"
#include "store/key.h"
#include "store/log.h"
#include "store/meta.h"
#include "store/stream.h"
#include "tests/sim/fault.h"
#include "tests/sim/network.h"
#include "tests/sim/office.h"
#include "tests/sim/process.h"
#include "tests/sim/world.h"

#include <stdio.h>

#define PROGRAM "thidua-node sim"
#define MAP_BYTES ((size_t)4 << 20)
#define ANSWER (30 * (int64_t)SECOND)  /* a join without an answer is given up after so long */
#define PATIENCE (5 * (int64_t)MINUTE) /* no exchange on a sound network may take longer */

static instant node_now(void *arg) {
    struct node *n = arg;
    return sim_moment(n->sim, n->wall_shift).wall;
}

static void node_random(void *arg, uint8_t *ret_bytes, size_t n) {
    struct node *node = arg;
    prng_bytes(&node->random, ret_bytes, n);
}

static struct moment now(struct sim *sim, const struct node *n) {
    return sim_moment(sim, n->wall_shift);
}

/* ---- the process ---- */

static void look_joined(struct node *n) {
    struct txn *t;
    if (txn_begin(n->actor.db, false, &t, NULL) != 0)
        return;
    n->joined = joining_done(t);
    txn_abort(t);
}

void node_start(struct sim *sim, struct node *n) {
    struct db_options o = {
        .map_bytes = MAP_BYTES, .no_sync = true, .fault_arg = sim, .fault = fault_at_commit};
    struct err e = {0};
    if (n->up)
        return;
    n->sim = sim;
    n->world = (struct world){.arg = n, .now = node_now, .random = node_random};
    int rc = n->joined ? 0 : joining_prepare(n->dir, &n->ticket, NULL, &n->world, &e);
    if (rc == ERR_REFUSED) {
        err_clear(&e); /* it has joined, and was killed before it could say so */
        rc = 0;
    }
    if (rc == 0)
        rc = actor_open(n->dir, ROLE_NODE, NULL, &o, &n->actor, &e);
    if (rc != 0) {
        sim_broken(sim, "a node's start", &e);
        return;
    }
    n->up = true;
    n->starts++;
    look_joined(n);
    sim_say(sim, "node %u: up%s", n->index, n->joined ? "" : ", not joined");
    history_look(sim, n);
    node_act(sim, n);
}

static void end_session(struct sim *sim, struct node *n) {
    if (!n->in_session)
        return;
    sim_say(sim, "node %u: session %u ends", n->index, n->conn);
    n->in_session = false;
    network_close(sim, n->conn);
    uplink_done(&n->uplink);
    post_done(&n->post);
}

void node_close(struct node *n) {
    if (!n->up)
        return;
    if (n->in_session) {
        uplink_done(&n->uplink);
        post_done(&n->post);
    }
    actor_close(&n->actor);
    n->up = n->in_session = false;
}

void node_crash(struct sim *sim, struct node *n, int64_t pause) {
    if (!n->up)
        return;
    sim_say(sim, "node %u: down", n->index);
    if (n->in_session)
        network_close(sim, n->conn);
    node_close(n);
    scheduler_add(&sim->s, pause, (struct event){.kind = EVENT_NODE_START, .who = n->index});
}

/* Come back after a while. */
static void later(struct sim *sim, struct node *n) {
    int64_t pause = prng_between(&sim->net, 5 * SECOND, sim->healed ? MINUTE : 2 * HOUR);
    scheduler_add(&sim->s, pause, (struct event){.kind = EVENT_NODE_SYNC, .who = n->index});
}

/* Whether the process goes on after an engine said `rc`; what is durable by now is looked at. As
 * the program does, a session ends where an engine fails. */
static bool goes_on(struct sim *sim, struct node *n, int rc, const struct err *e) {
    if (rc == ERR_UNKNOWN)
        node_crash(sim, n, prng_between(&sim->luck, SECOND, MINUTE));
    else if (rc != 0 && rc != ERR_IO)
        sim_broken(sim, "a node", e);
    if (n->up)
        history_look(sim, n);
    if (rc != 0 && n->up && n->in_session) {
        end_session(sim, n);
        later(sim, n);
    }
    return n->up && rc == 0;
}

/* ---- a session ---- */

static void flush(struct sim *sim, struct node *n, struct post *post) {
    uint32_t peer, conn = n->conn;
    struct slice frame;
    struct strike s = {.node = n};
    while (n->up && n->in_session && post_next(post, &peer, &frame)) {
        history_sent_up(sim, n, frame);
        network_send(sim, conn, SIDE_UP, frame);
        fault_strike(sim, AT_NODE, &s);
    }
}

void node_sync(struct sim *sim, struct node *n) {
    struct strike s = {.node = n};
    fault_strike(sim, AT_NODE, &s);
    if (!n->up || n->in_session)
        return;
    n->in_session = true;
    n->since = sim->s.now;
    n->settled = NEVER;
    n->tries += sim->healed;
    uplink_init(&n->uplink, &n->actor, PROGRAM);
    post_init(&n->post);
    n->conn = network_connect(sim, n);
    sim_say(sim, "node %u: session %u begins", n->index, n->conn);
    scheduler_add(&sim->s, 20 * SECOND,
                  (struct event){.kind = EVENT_NODE_TICK, .who = n->index, .conn = n->conn});
}

void node_connected(struct sim *sim, struct node *n, uint32_t conn, bool stands) {
    struct err e = {0};
    if (!n->in_session || n->conn != conn || !stands)
        return;
    int rc = n->joined ? uplink_start(&n->uplink, now(sim, n), &e)
                       : joining_request(&n->actor, &n->ticket, &n->post, &e);
    if (goes_on(sim, n, rc, &e))
        flush(sim, n, n->joined ? &n->uplink.post : &n->post);
}

void node_closed(struct sim *sim, struct node *n, uint32_t conn) {
    if (!n->in_session || n->conn != conn)
        return;
    end_session(sim, n);
    later(sim, n);
}

/* All is said: every report must have come back with a receipt by now. */
static void check_settled(struct sim *sim, struct node *n) {
    for (uint32_t i = 0; i < sim->history.n; i++) {
        struct stated *s = &sim->history.list[i];
        if (s->node == n->index && s->expect != EXPECT_NOTHING && s->helds + s->finals == 0)
            sim_violate(sim, "1 settled means receipted",
                        "node %u says all is exchanged; its record %llu has no receipt", n->index,
                        (unsigned long long)s->seq);
    }
}

/* After every event of a session: is it over? */
static void look_at_session(struct sim *sim, struct node *n) {
    int64_t t = sim->s.now;
    if (!n->up || !n->in_session)
        return;
    if (n->joined && uplink_settled(&n->uplink)) {
        check_settled(sim, n);
        n->settled = n->settled == NEVER ? t : n->settled;
        if (t - n->settled < n->linger)
            return;
        n->calm = sim->healed;
        end_session(sim, n);
        node_act(sim, n);
        return;
    }
    bool over = n->joined && n->uplink.state == UPLINK_OVER;
    int64_t disturbed = sim->conns[n->conn].disturbed;
    int64_t sound_since = n->since < disturbed ? disturbed : n->since;
    if (t - sound_since >= PATIENCE + n->linger)
        sim_violate(sim, "8 settles", "node %u: a session on a sound connection comes to no end",
                    n->index);
    if (over || (!n->joined && t - n->since >= ANSWER)) {
        end_session(sim, n);
        later(sim, n);
    }
}

static void take_answer(struct sim *sim, struct node *n, struct slice frame) {
    struct err e = {0};
    int rc = joining_answer(&n->actor, frame, &e);
    char text[200];
    sim_say(sim, "node %u: answer to its join: %d %s", n->index, rc,
            err_text(&e, NULL, text, sizeof text));
    if (rc == ERR_REFUSED || rc == ERR_CORRUPT || rc == ERR_AWAY)
        rc = ERR_IO; /* told to the office, which tries again */
    if (!goes_on(sim, n, rc, &e))
        return;
    look_joined(n);
    end_session(sim, n);
    scheduler_add(&sim->s, SECOND, (struct event){.kind = EVENT_NODE_SYNC, .who = n->index});
}

void node_frame(struct sim *sim, struct node *n, uint32_t conn, struct slice frame) {
    struct strike s = {.node = n};
    struct err e = {0};
    fault_strike(sim, AT_NODE, &s);
    if (!n->up || !n->in_session || n->conn != conn)
        return;
    if (!n->joined) {
        take_answer(sim, n, frame);
        return;
    }
    int rc = uplink_frame(&n->uplink, now(sim, n), frame, &e);
    if (!goes_on(sim, n, rc, &e))
        return;
    flush(sim, n, &n->uplink.post);
    look_at_session(sim, n);
}

void node_tick(struct sim *sim, struct node *n, uint32_t conn) {
    struct err e = {0};
    if (!n->up || !n->in_session || n->conn != conn)
        return;
    int rc = n->joined ? uplink_tick(&n->uplink, now(sim, n), &e) : 0;
    if (!goes_on(sim, n, rc, &e))
        return;
    flush(sim, n, &n->uplink.post);
    look_at_session(sim, n);
    if (n->up && n->in_session && n->conn == conn)
        scheduler_add(&sim->s, prng_between(&sim->net, 10 * SECOND, 20 * SECOND),
                      (struct event){.kind = EVENT_NODE_TICK, .who = n->index, .conn = conn});
}

/* ---- the office at this machine ---- */

static bool all_done(const struct node *n) {
    for (uint32_t i = 0; i < n->n_deeds; i++)
        if (!n->deeds[i].done)
            return false;
    return true;
}

/* The running session learns what was stated beside it. */
static void node_tick_once(struct sim *sim, struct node *n) {
    struct err e = {0};
    int rc = uplink_tick(&n->uplink, now(sim, n), &e);
    if (goes_on(sim, n, rc, &e))
        flush(sim, n, &n->uplink.post);
}

void node_act(struct sim *sim, struct node *n) {
    struct strike s = {.node = n};
    for (uint32_t i = 0; i < n->n_deeds; i++) {
        struct err e = {0};
        if (!n->up || n->deeds[i].done || n->deeds[i].at > sim->s.now)
            continue;
        int rc = office_act(sim, n, i, &e);
        sim_say(sim, "node %u: deed %u: %d", n->index, i, rc);
        if (rc == 1)
            break; /* no campaign yet: after the next sync */
        n->calm = false;
        if (goes_on(sim, n, rc, &e))
            fault_strike(sim, AT_NODE, &s);
        if (n->up && n->in_session && n->joined)
            node_tick_once(sim, n);
    }
    if (!n->up || !sim->healed || (n->calm && all_done(n)))
        return;
    if (!n->in_session)
        later(sim, n);
}

/* ---- accidents ---- */

static void restate(struct txn *t, struct node *n, const struct uid *stream) {
    struct hash id;
    for (uint64_t seq = 1; log_at(t, &n->actor.id, n->actor.epoch, &n->unit, seq, &id); seq++)
        stream_append(t, stream, &id);
    meta_put_uid(t, "outbox", stream);
    meta_put_u64(t, "outbox.acked", 0);
}

void node_rebuild_outbox(struct sim *sim, struct node *n) {
    struct uid stream;
    struct txn *t;
    struct err e = {0};
    if (!n->up || !n->joined)
        return;
    end_session(sim, n);
    prng_bytes(&n->random, stream.b, UID_BYTES);
    int rc = actor_begin(&n->actor, true, &t, &e);
    if (rc == 0) {
        restate(t, n, &stream);
        rc = actor_commit(&n->actor, t, &e);
    }
    if (rc == 0)
        n->actor.outbox = stream;
    if (rc == 0 || rc == ERR_UNKNOWN)
        node_crash(sim, n, SECOND);
}
