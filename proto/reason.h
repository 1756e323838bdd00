/*
 * Why a child's link to its hub failed, and how that is told. All of it can be tried again:
 * ERR_AWAY.
 */
#ifndef PROTO_REASON_H
#define PROTO_REASON_H

#include <stdbool.h>

struct err;

enum reason {
    REASON_NONE = 0,    /* it has not failed */
    REASON_UNREACHABLE, /* no connection: refused, no route, no answer */
    REASON_NO_HUB,      /* connected, but silence or another protocol */
    REASON_CLOSED,      /* closed during the handshake: another key, no hub, or a broken line */
    REASON_WRONG_KEY,   /* a hub that does not hold the key that was asked for */
    REASON_REFUSED,     /* the hub does not let our key in */
    REASON_FULL,        /* the hub has no room for another guest now */
    REASON_LOST,        /* the handshake had succeeded; the connection broke later */
};

/* Tell `why` of the hub at `address` in `e`, as ERR_AWAY; REASON_NONE: nothing, 0. */
int reason_err(enum reason why, const char *address, struct err *e);

/* Whether a stranger's knock, that was `let_in` or ended for `why`, proves a door shut: 0, or
 * ERR_REFUSED. */
int reason_of_knock(bool let_in, enum reason why, struct err *e);

#endif
