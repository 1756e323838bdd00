/*
 * Knocking: the proof that a hub's door is shut to strangers before anything can serve it.
 */
#ifndef PROTO_KNOCK_H
#define PROTO_KNOCK_H

#include "proto/door.h"

struct err;

/*
 * Knock at the hub at `address` that holds `hub_key` with a key made up on the spot. 0 when it is
 * turned away in the handshake, which must be so while nothing serves the door; ERR_REFUSED when it
 * gets in or when that could not be found out. `address` is one of this machine.
 */
int knock_at(const char *address, const uint8_t hub_key[DOOR_KEY], struct err *e);

#endif
