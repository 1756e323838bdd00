/*
 * The link: whole frames over ZeroMQ with CURVE, between a hub (ROUTER) and its children (DEALER).
 *
 * The only module that speaks libzmq, which proto/zmqlib.h loads. It carries bytes and says from
 * whom; it keeps nothing: a frame that cannot be sent now is not sent, and the engines send again
 * from their own store. One thread, no callbacks but the gate, no call blocks except link_recv
 * within its timeout and link_connect while a host name is looked up.
 *
 * A hub's door (proto/door.h) is proven shut, by a stranger's key that must be turned away, before
 * anything can serve it: link_listen fails rather than run with an open door.
 *
 *     child:  CONNECTING ──handshake──► READY ──connection lost──► FAILED
 *                  └──────────refused, silent, not a hub…────────────▲
 *
 * A child's link is one attempt. When it has FAILED, free it, wait (how long is the caller's
 * affair) and connect again.
 */
#ifndef PROTO_LINK_H
#define PROTO_LINK_H

#include "core/bytes.h"
#include "proto/door.h"
#include "proto/reason.h"

#include <stdint.h>

struct err;
struct link;

/* A Curve25519 key pair. */
struct link_keys {
    uint8_t public_key[DOOR_KEY];
    uint8_t secret_key[DOOR_KEY];
};

/* What link_recv came back with. */
enum link_event {
    LINK_IDLE = 0, /* nothing: the timeout, a signal, or only work at the door */
    LINK_FRAME,    /* a frame */
    LINK_WATCHED,  /* the watched descriptor is readable */
    LINK_CHANGED,  /* link_state of a child has changed */
};

enum link_state { LINK_CONNECTING, LINK_READY, LINK_FAILED };

struct link_frame {
    uint32_t peer;       /* hub: the connection, for link_send; 0 at a child */
    struct door_who who; /* hub: who sent it; zeros at a child, where it is the hub's */
    struct slice bytes;  /* valid until the next link_recv or link_free */
};

/*
 * Load the network library, which the first link does else: for a program that shuts itself off
 * from files before it. ERR_REFUSED where the machine has none.
 */
int link_load(struct err *e);

/*
 * Listen at `address` (tcp://HOST:PORT; HOST or PORT may be "*") as the hub with `keys`, whose door
 * `gate` judges with `arg`, from within link_recv. `keys` is not needed afterwards. ERR_REFUSED for
 * a bad or taken address, no libzmq or one without CURVE, keys that are no pair, or a door that
 * does not shut. link_free gives back `ret_link`.
 */
int link_listen(const char *address, const struct link_keys *keys, door_gate gate, void *arg,
                struct link **ret_link, struct err *e);

/*
 * Connect once to the hub at `address` that holds `hub_key`, as `keys`. A connection, and then a
 * handshake, may each take `patience_ms`. ERR_REFUSED for a bad address, ERR_AWAY for a host name
 * that is not found; all else shows in link_state. link_free gives back `ret_link`.
 */
int link_connect(const char *address, const uint8_t hub_key[DOOR_KEY], const struct link_keys *keys,
                 int patience_ms, struct link **ret_link, struct err *e);

/* End `l` at once; what waits to be sent is dropped. NULL is accepted. */
void link_free(struct link *l);

/* The address that `l` is bound to, its port chosen; at a child, the address as it was given. */
const char *link_endpoint(const struct link *l);

/* Let link_recv of `l` also wake up when `fd` is readable (-1: none any more). */
void link_watch(struct link *l, int fd);

/* Let newcomers at the hub `l` stay `guest_ms` where others wait, instead of DOOR_GUEST_MS. */
void link_patience(struct link *l, int guest_ms);

/*
 * Wait up to `timeout_ms` (-1: without end) for what concerns the caller of `l`; an enum
 * link_event, or ERR_IO. LINK_FRAME fills `ret_frame`. Frames without a name, of several parts, or
 * beyond a guest's allowance never show. May come back early with LINK_IDLE.
 */
int link_recv(struct link *l, int timeout_ms, struct link_frame *ret_frame, struct err *e);

/*
 * Queue `bytes` (1 to LIMIT_FRAME of them) for `peer` (ignored at a child). ERR_AWAY, and nothing
 * queued, when that side is gone, not there yet, or its queue is full. Never waits. No promise of
 * delivery.
 */
int link_send(struct link *l, uint32_t peer, struct slice bytes, struct err *e);

enum link_state link_state(const struct link *l);

/* Why `l` FAILED; unless REASON_NONE, `e` gets a message that names the address, and ERR_AWAY;
 * ERR_REFUSED where the hub wants this key no more. */
enum reason link_failure(const struct link *l, struct err *e);

/*
 * Knock at the hub at `address` that holds `hub_key` with a key made up on the spot. 0 when it is
 * turned away in the handshake, which must be so while nothing serves the door; ERR_REFUSED when it
 * gets in or when that could not be found out. `address` is one of this machine.
 */
int link_prove_door(const char *address, const uint8_t hub_key[DOOR_KEY], struct err *e);

#endif
