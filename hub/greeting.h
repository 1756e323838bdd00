/*
 * Greeting: how a connection of a child begins. Who it is, how far both streams have come, and who
 * of the two lacks records that it stated: whoever holds more hands them back by its stream.
 */
#ifndef HUB_GREETING_H
#define HUB_GREETING_H

#include "hub/hub.h"

/*
 * Take the hello `g` that came as `f` in transaction `t` of `h`, at `now`: refuse it, or make the
 * session new and stage the welcome.
 */
int greeting_take(struct hub *h, struct txn *t, struct moment now, const struct hub_frame *f,
                  const struct frame_greeting *g, struct err *e);

#endif
