/*
 * The network between machines and the hubs above them: connections that carry frames in order,
 * until they do not.
 */
#ifndef TESTS_SIM_NETWORK_H
#define TESTS_SIM_NETWORK_H

#include "core/bytes.h"

struct sim;
struct machine;
struct strike;

/* Begin a connection of `m` to the hub above; EVENT_CONNECTED tells how it went. Returns its
 * number. */
uint32_t network_connect(struct sim *sim, struct machine *m);
/* EVENT_CONNECTED: true when connection `conn` stands; else its maker is told later. */
bool network_connected(struct sim *sim, uint32_t conn);
/* Send `frame` on `conn` in direction `side`; false where the sender can see that it is broken. */
bool network_send(struct sim *sim, uint32_t conn, uint32_t side, struct slice frame);
/* Break `conn` in `delay` ms; its maker is told, or has to find out by itself. */
void network_cut_soon(struct sim *sim, uint32_t conn, int64_t delay, bool told);
/* EVENT_CUT: break `conn` now; what is in flight is lost. */
void network_cut(struct sim *sim, uint32_t conn, bool told);
/* The maker of `conn` closes it. */
void network_close(struct sim *sim, uint32_t conn);
/* The hub `m` is gone: all connections to it break. */
void network_hub_gone(struct sim *sim, struct machine *m);
/* The frame of `s` was garbled on its way: the transport would drop it and the connection; what no
 * decoder takes for a frame is let through, for the engines to refuse. */
void network_garbled(struct sim *sim, struct strike *s);

#endif
