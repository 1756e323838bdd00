/*
 * The network between nodes and the hub: connections that carry frames in order, until they do not.
 */
#ifndef TESTS_SIM_NETWORK_H
#define TESTS_SIM_NETWORK_H

#include "core/bytes.h"

struct sim;
struct node;
struct strike;
struct event;

/* Begin a connection of `n` to the hub; EVENT_CONNECTED tells how it went. Returns its number. */
uint32_t network_connect(struct sim *sim, struct node *n);
/* EVENT_CONNECTED: true when connection `conn` stands; else its node is told later. */
bool network_connected(struct sim *sim, uint32_t conn);
/* Send `frame` on `conn` in direction `side`; false where the sender can see that it is broken. */
bool network_send(struct sim *sim, uint32_t conn, uint32_t side, struct slice frame);
/* Break `conn` in `delay` ms; the node is told, or has to find out by itself. */
void network_cut_soon(struct sim *sim, uint32_t conn, int64_t delay, bool told);
/* EVENT_CUT: break `conn` now; what is in flight is lost. */
void network_cut(struct sim *sim, uint32_t conn, bool told);
/* The node of `conn` closes it. */
void network_close(struct sim *sim, uint32_t conn);
/* The hub is gone: all connections break. */
void network_root_gone(struct sim *sim);
/* The frame of `s` was garbled on its way: the transport would drop it and the connection; what no
 * decoder takes for a frame is let through, for the engines to refuse. */
void network_garbled(struct sim *sim, struct strike *s);

#endif
