/*
 * The registry of record kinds: who may state each, in which lane, and what the carriers owe it.
 * PROTOCOL.md prints the same table. A kind that is not here is admitted, stored, forwarded and
 * receipted as held, and judged by nobody.
 */
#ifndef PROTO_KINDS_H
#define PROTO_KINDS_H

#include "core/record.h"

#include <stdbool.h>
#include <stdint.h>

/* Who may state a kind. */
#define BY_ROOT_KEY 1u /* root or recovery key */
#define BY_HUB 2u
#define BY_NODE 4u

enum lane_rule {
    LANE_ZERO,  /* lane 0 */
    LANE_OWN,   /* the lane of the author's own unit */
    LANE_CHILD, /* the lane of a unit below the author, or of its own */
};

struct kind_rule {
    uint16_t kind;
    const char *name;
    uint8_t by; /* BY_… */
    enum lane_rule lane;
    bool erasable;
    bool receipted;
};

/* The rule of `kind`; NULL if this program does not know the kind. */
const struct kind_rule *kind_rule(uint16_t kind);

#endif
