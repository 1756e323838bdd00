/* The arena as protobuf-c wants to see it; for codecs only. */
#ifndef PROTO_ARENA_PB_H
#define PROTO_ARENA_PB_H

#include "proto/arena.h"

#include <protobuf-c/protobuf-c.h>

/* An allocator over `a`; frees nothing one by one. Valid as long as `a` is. */
ProtobufCAllocator arena_allocator(struct arena *a);

#endif
