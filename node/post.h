/*
 * Post: frames that an engine wants sent. What is put is staged; a commit that succeeded releases
 * it, one that failed drops it. So nothing can be acknowledged before it is durable: there is no
 * other way out of an engine.
 */
#ifndef NODE_POST_H
#define NODE_POST_H

#include "core/bytes.h"
#include "core/err.h"
#include "proto/frame.h"

struct post {
    struct buf bytes; /* frames one after another: peer 4, length 4, bytes */
    size_t released;  /* bytes up to here may leave */
    size_t taken;     /* bytes up to here have left */
};

void post_init(struct post *p);
void post_done(struct post *p);
/* Keep no room, if all has left. */
void post_rest(struct post *p);

/* Stage `f` for `peer` (a connection of the link; 0 at a child). */
int post_put(struct post *p, uint32_t peer, const struct frame *f, struct err *e);
/* Let everything staged leave; forget it. */
void post_release(struct post *p);
void post_drop(struct post *p);
/* The next frame that may leave; valid until the next put. False when there is none. */
bool post_next(struct post *p, uint32_t *ret_peer, struct slice *ret_frame);

#endif
