/*
 * Refusals in words: what the code and arguments of a REFUSED frame mean to whoever got it.
 */
#ifndef PROTO_REFUSAL_H
#define PROTO_REFUSAL_H

#include "proto/frame.h"

/* Word refusal `r` into `why`, as any error is worded; its code is ERR_AWAY or ERR_REFUSED. */
int refusal_words(const struct frame_refused *r, struct err *why);

#endif
