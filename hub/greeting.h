/*
 * Greeting: how a connection of a child begins. Who it is, how far both streams have come, and who
 * of the two lacks records that it stated: whoever holds more hands them back by its stream.
 */
#ifndef HUB_GREETING_H
#define HUB_GREETING_H

#include "hub/session.h"
#include "node/actor.h"

/* The hub that is greeted, as far as that matters here. */
struct greeted {
    struct actor *actor;
    struct sessions *sessions;
    struct post *post;
    const char *program;
};

/* A hello: who sent it, when it was taken from the socket, and what it says. */
struct hello {
    struct sender from;
    struct moment at;
    const struct frame_greeting *said;
};

/* Take `hello` in transaction `t`, at `now`: refuse it, or make the session new and stage the
 * welcome. */
int greeting_take(const struct greeted *hub, struct txn *t, struct moment now,
                  const struct hello *hello, struct err *e);

#endif
