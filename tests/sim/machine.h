/*
 * Machines: what a program does around its engines. They start, are killed between any two steps,
 * and start again. machine.c is the process and the parent side, session.c the child side.
 */
#ifndef TESTS_SIM_MACHINE_H
#define TESTS_SIM_MACHINE_H

#include "store/db.h"
#include "tests/sim/world.h"

/* Found the deployment at the root: keys, store, first unit. */
void machine_found(struct sim *sim);
/* Make the directory of `m` for its ticket, or open it. */
void machine_start(struct sim *sim, struct machine *m);
/* Kill the process; it starts again after `pause` ms. */
void machine_crash(struct sim *sim, struct machine *m, int64_t pause);
void machine_close(struct machine *m);
/* How the store of `m` is opened. */
struct db_options machine_disk(struct machine *m);

/* Whether the process goes on after an engine said `rc`; what is durable by now is looked at. */
bool machine_goes_on(struct sim *sim, struct machine *m, int rc, const struct err *e);
/* The people of `m` do what is planned and due. */
void machine_act(struct sim *sim, struct machine *m);
bool machine_all_done(const struct machine *m);
/* Whether the directory of `m` was put back, and nobody has been asked since what it lacks. */
bool machine_is_unsure(const struct machine *m);

/* A frame came out of connection `conn` at the hub `m`. */
void machine_frame(struct sim *sim, struct machine *m, uint32_t conn, struct slice frame);
void machine_step(struct sim *sim, struct machine *m);
void machine_tick(struct sim *sim, struct machine *m);
/* The hub `m` brings its kept rankings on, if they are behind. */
void machine_keep(struct sim *sim, struct machine *m);
/* Let the hub `m` look soon at what else came to be held. */
void machine_tick_soon(struct sim *sim, struct machine *m);

/* Begin a session, unless one is going on. */
void session_begin(struct sim *sim, struct machine *m);
/* The same a little later. */
void session_soon(struct sim *sim, struct machine *m, int64_t delay);
void session_end(struct sim *sim, struct machine *m);
void session_connected(struct sim *sim, struct machine *m, uint32_t conn, bool stands);
void session_closed(struct sim *sim, struct machine *m, uint32_t conn);
void session_frame(struct sim *sim, struct machine *m, uint32_t conn, struct slice frame);
void session_tick(struct sim *sim, struct machine *m, uint32_t conn);
/* The running session learns what was stated beside it. */
void session_news(struct sim *sim, struct machine *m);

#endif
