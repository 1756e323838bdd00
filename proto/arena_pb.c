#include "proto/arena_pb.h"

static void *allocate(void *arena, size_t n) {
    return arena_alloc(arena, n);
}

static void release(void *arena, void *p) {
    (void)arena;
    (void)p;
}

ProtobufCAllocator arena_allocator(struct arena *a) {
    return (ProtobufCAllocator){.alloc = allocate, .free = release, .allocator_data = a};
}
