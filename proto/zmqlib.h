/*
 * libzmq, loaded when the first link is made. It brings in a dozen libraries of its own (Kerberos,
 * multicast, C++), which cost a command more time to start than its work takes; most commands talk
 * to nobody.
 *
 * After zmqlib_load the functions stand in `zmqlib`, called as zmqlib.send(…) for zmq_send(…). They
 * are looked up in the order of the whole process, so that one put before them (LD_PRELOAD) is
 * heard. Called by one thread only, before others are started.
 */
#ifndef PROTO_ZMQLIB_H
#define PROTO_ZMQLIB_H

#include <zmq.h>

struct err;

#define ZMQLIB_CALLS(CALL)                                                                         \
    CALL(bind)                                                                                     \
    CALL(close)                                                                                    \
    CALL(connect)                                                                                  \
    CALL(ctx_new)                                                                                  \
    CALL(ctx_term)                                                                                 \
    CALL(curve_keypair)                                                                            \
    CALL(curve_public)                                                                             \
    CALL(getsockopt)                                                                               \
    CALL(has)                                                                                      \
    CALL(msg_close)                                                                                \
    CALL(msg_data)                                                                                 \
    CALL(msg_get)                                                                                  \
    CALL(msg_gets)                                                                                 \
    CALL(msg_init)                                                                                 \
    CALL(msg_recv)                                                                                 \
    CALL(msg_size)                                                                                 \
    CALL(poll)                                                                                     \
    CALL(recv)                                                                                     \
    CALL(send)                                                                                     \
    CALL(setsockopt)                                                                               \
    CALL(socket)                                                                                   \
    CALL(socket_monitor)                                                                           \
    CALL(strerror)                                                                                 \
    CALL(unbind)                                                                                   \
    CALL(z85_decode)                                                                               \
    CALL(z85_encode)

#define ZMQLIB_FIELD(name) __typeof__(zmq_##name) *(name);
struct zmqlib {
    ZMQLIB_CALLS(ZMQLIB_FIELD)
};
#undef ZMQLIB_FIELD

extern struct zmqlib zmqlib;

/* Load it, once for the process. ERR_REFUSED where this machine has none, or not the one of our
 * ABI. */
int zmqlib_load(struct err *e);

#endif
