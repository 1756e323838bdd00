/* The child side of a machine: sessions with the hub above it. */
#include "hub/arrivals.h"
#include "node/joining.h"
#include "node/renewal.h"
#include "tests/sim/checker.h"
#include "tests/sim/fault.h"
#include "tests/sim/machine.h"
#include "tests/sim/network.h"

#include <stdio.h>

#define PROGRAM "thidua sim"
#define ANSWER (30 * (int64_t)SECOND) /* a join without an answer is given up after so long */
#define PAUSE_MIN (10 * (int64_t)MINUTE)
#define PAUSE_MAX DAY
#define PATIENCE (5 * (int64_t)MINUTE) /* no exchange on a sound network may take longer */

void session_soon(struct sim *sim, struct machine *m, int64_t delay) {
    int64_t at = sim->s.now + delay;
    if (m->parent == NOBODY || at >= m->sync_at)
        return;
    m->sync_at = at;
    sim_plan(m, delay, (struct event){.kind = EVENT_SYNC});
}

/* Come back after a while, a longer one each time. */
static void later(struct sim *sim, struct machine *m) {
    int64_t most = sim->healed ? MINUTE : m->pause;
    m->pause = m->pause * 2 < PAUSE_MAX ? m->pause * 2 : PAUSE_MAX;
    session_soon(sim, m, prng_between(&sim->net, 5 * SECOND, most));
}

void session_end(struct sim *sim, struct machine *m) {
    if (!m->in_session)
        return;
    sim_say(sim, "%s: session %u ends", m->code, m->conn);
    m->in_session = false;
    network_close(sim, m->conn);
    uplink_done(&m->uplink);
    post_done(&m->post);
}

static void flush(struct sim *sim, struct machine *m, struct post *post) {
    uint32_t peer, conn = m->conn;
    struct slice frame;
    struct strike s = {.machine = m};
    const struct hash above = sim_above(m)->id;
    fault_strike(sim, m->is_hub ? AT_HUB : AT_NODE, &s);
    while (m->up && m->in_session && post_next(post, &peer, &frame)) {
        history_sent(sim, m, &above, frame);
        network_send(sim, conn, SIDE_UP, frame);
        fault_strike(sim, m->is_hub ? AT_HUB : AT_NODE, &s);
    }
}

/* As the program does, a session ends where an engine fails. */
static bool goes_on(struct sim *sim, struct machine *m, int rc, const struct err *e) {
    bool well = machine_goes_on(sim, m, rc, e);
    if (!well && m->up && m->in_session) {
        session_end(sim, m);
        later(sim, m);
    }
    return well;
}

/* As the program does before it dials. */
static bool prepare(struct sim *sim, struct machine *m) {
    struct err e;
    bool changed = false;
    err_init(&e);
    bool well = machine_goes_on(sim, m, renewal_prepare(&m->actor, &m->world, &changed, &e), &e);
    if (well && changed && m->is_hub)
        machine_tick_soon(sim, m);
    return well;
}

void session_begin(struct sim *sim, struct machine *m) {
    struct strike s = {.machine = m};
    if (m->parent == NOBODY || m->in_session)
        return;
    fault_strike(sim, m->is_hub ? AT_HUB : AT_NODE, &s);
    if (!m->up || !prepare(sim, m))
        return;
    m->in_session = true;
    m->since = sim->s.now;
    m->settled = NEVER;
    m->pause = m->pause < PAUSE_MIN ? PAUSE_MIN : m->pause;
    m->tries += sim->healed;
    uplink_init(&m->uplink, &m->actor, PROGRAM, m->is_hub ? arrivals_earliest : pending_earliest);
    post_init(&m->post);
    m->conn = network_connect(sim, m);
    sim_say(sim, "%s: session %u begins", m->code, m->conn);
    sim_plan(m, 20 * SECOND, (struct event){.kind = EVENT_TALK, .conn = m->conn});
}

void session_connected(struct sim *sim, struct machine *m, uint32_t conn, bool stands) {
    struct err e;
    err_init(&e);
    if (!m->in_session || m->conn != conn || !stands)
        return;
    int rc = m->joined ? uplink_start(&m->uplink, sim_moment(m), &e)
                       : joining_request(&m->actor, &m->ticket, &m->post, &e);
    if (goes_on(sim, m, rc, &e))
        flush(sim, m, m->joined ? &m->uplink.post : &m->post);
}

void session_closed(struct sim *sim, struct machine *m, uint32_t conn) {
    if (!m->in_session || m->conn != conn)
        return;
    session_end(sim, m);
    later(sim, m);
}

/* All is said: it stays for a while. */
static bool settled(struct sim *sim, struct machine *m) {
    int64_t t = sim->s.now;
    m->pause = PAUSE_MIN;
    if (m->settled == NEVER)
        checker_settled(sim, m);
    m->settled = m->settled == NEVER ? t : m->settled;
    if (t - m->settled < m->linger)
        return false;
    session_end(sim, m);
    if (m->is_hub && !sim->healed)
        session_soon(sim, m, prng_between(&sim->net, 12 * (int64_t)HOUR, 2 * DAY));
    machine_act(sim, m);
    return true;
}

/* Whether both sides have what the other has, though not all of it may be receipted. */
static bool has_said_all(const struct uplink *u) {
    return u->out.acked.position == u->out.end && u->inbox_position >= u->inbox_end;
}

/* After every event of a session: is it over? */
static void look_at_session(struct sim *sim, struct machine *m) {
    int64_t t = sim->s.now;
    if (!m->up || !m->in_session)
        return;
    if (m->joined && uplink_settled(&m->uplink)) {
        m->met_at = t;
        (void)settled(sim, m);
        return;
    }
    bool over = m->joined && m->uplink.state == UPLINK_OVER;
    if (m->joined && m->uplink.state == UPLINK_LIVE && has_said_all(&m->uplink))
        m->met_at = t;
    int64_t disturbed = sim->conns[m->conn].disturbed;
    int64_t sound_since = m->since < disturbed ? disturbed : m->since;
    if (m->settled == NEVER && t - sound_since >= PATIENCE + m->linger)
        sim_violate(sim, "8 settles", "%s: a session on a sound connection comes to no end",
                    m->code);
    if (over || (!m->joined && t - m->since >= ANSWER)) {
        char text[300];
        sim_say(sim, "%s: over: %s", m->code,
                m->joined ? err_text(&m->uplink.why, NULL, text, sizeof text) : "no answer");
        session_end(sim, m);
        later(sim, m);
    }
}

static void take_answer(struct sim *sim, struct machine *m, struct slice frame) {
    struct err e = {0};
    int rc = joining_answer(&m->actor, frame, &e);
    char text[200];
    sim_say(sim, "%s: answer to its join: %d %s", m->code, rc,
            err_text(&e, NULL, text, sizeof text));
    if (rc == ERR_REFUSED && sim_above(m)->struck) { /* its tickets went with its directory */
        m->has_ticket = false;
        m->wants_ticket = true;
        history_forget(sim,
                       m); /* with the next ticket it begins with other keys, in an empty store */
        history_mourn(sim, m);
        machine_crash(sim, m, MINUTE);
        return;
    }
    if (rc == ERR_REFUSED || rc == ERR_CORRUPT || rc == ERR_AWAY)
        rc = ERR_IO; /* told to the office, which tries again */
    if (!goes_on(sim, m, rc, &e))
        return;
    m->joined = true;
    m->joined_at = sim->history.n;
    session_end(sim, m);
    session_soon(sim, m, SECOND);
}

void session_frame(struct sim *sim, struct machine *m, uint32_t conn, struct slice frame) {
    struct strike s = {.machine = m};
    struct err e;
    err_init(&e);
    fault_strike(sim, m->is_hub ? AT_HUB : AT_NODE, &s);
    if (!m->up || !m->in_session || m->conn != conn)
        return;
    if (!m->joined) {
        take_answer(sim, m, frame);
        return;
    }
    uint32_t received = m->uplink.received;
    int rc = uplink_frame(&m->uplink, sim_moment(m), frame, &e);
    if (m->is_hub && rc == 0)
        hub_heard_above(&m->hub, &m->uplink);
    if (!goes_on(sim, m, rc, &e))
        return;
    flush(sim, m, &m->uplink.post);
    if (m->up && m->is_hub && m->in_session && m->uplink.received > received) {
        m->to_tell = true;
        machine_tick_soon(sim, m);
    }
    look_at_session(sim, m);
}

void session_news(struct sim *sim, struct machine *m) {
    struct err e;
    err_init(&e);
    if (!m->up || !m->in_session || !m->joined)
        return;
    int rc = uplink_tick(&m->uplink, sim_moment(m), &e);
    if (goes_on(sim, m, rc, &e))
        flush(sim, m, &m->uplink.post);
}

void session_tick(struct sim *sim, struct machine *m, uint32_t conn) {
    if (!m->up || !m->in_session || m->conn != conn)
        return;
    session_news(sim, m);
    look_at_session(sim, m);
    if (m->up && m->in_session && m->conn == conn)
        sim_plan(m, prng_between(&sim->net, 10 * SECOND, 20 * SECOND),
                 (struct event){.kind = EVENT_TALK, .conn = conn});
}
