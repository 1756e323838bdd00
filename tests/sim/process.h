/*
 * Processes: what a program does around its engine, the hub's in root.c and a node's in node.c.
 * They start, are killed between any two steps, and start again.
 */
#ifndef TESTS_SIM_PROCESS_H
#define TESTS_SIM_PROCESS_H

#include "core/bytes.h"
#include "core/err.h"

struct sim;
struct node;

/* Found the deployment: keys, store, units, tickets. */
void root_found(struct sim *sim);
void root_start(struct sim *sim);
/* Kill the process; it starts again after `pause` ms. */
void root_crash(struct sim *sim, int64_t pause);
void root_close(struct sim *sim);
/* A frame came out of connection `conn`. */
void root_frame(struct sim *sim, uint32_t conn, struct slice frame);
void root_step(struct sim *sim);
void root_tick(struct sim *sim);
/* The office of the hub states version `version` of the campaign, now or a little later. */
void root_issue(struct sim *sim, uint32_t version);

/* Make the directory of `n` for its ticket, or open it. */
void node_start(struct sim *sim, struct node *n);
void node_crash(struct sim *sim, struct node *n, int64_t pause);
void node_close(struct node *n);
/* Begin a session, unless one is going on. */
void node_sync(struct sim *sim, struct node *n);
void node_connected(struct sim *sim, struct node *n, uint32_t conn, bool stands);
void node_closed(struct sim *sim, struct node *n, uint32_t conn);
void node_frame(struct sim *sim, struct node *n, uint32_t conn, struct slice frame);
void node_tick(struct sim *sim, struct node *n, uint32_t conn);
/* Do what is planned and due. */
void node_act(struct sim *sim, struct node *n);
/* Tell the hub everything once more, under a new stream: what a restored machine does. */
void node_rebuild_outbox(struct sim *sim, struct node *n);

#endif
