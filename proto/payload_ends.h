/*
 * Ends, as enrolments and revocations name them: up to where records of actors stand. For codecs
 * only.
 */
#ifndef PROTO_PAYLOAD_ENDS_H
#define PROTO_PAYLOAD_ENDS_H

#include "core/limits.h"
#include "proto/payload.h"
#include "proto/wire.h"

#include <records.pb-c.h>

/* Room for their messages while one that holds them is packed. */
struct payload_ends {
    Thidua__LastGood messages[LIMIT_LIST];
    Thidua__LastGood *list[LIMIT_LIST];
};

/* Write the `n` ends, at most LIMIT_LIST, at `ends` into `room`, which points into them. */
void payload_ends_put(struct payload_ends *room, const struct last_good *ends, uint32_t n);

/* The `n` messages at `list`, checked, as ends in `a`. A failure is noted in `c`. */
struct last_good *payload_ends_get(struct wire_check *c, Thidua__LastGood *const *list, size_t n,
                                   struct arena *a);

#endif
