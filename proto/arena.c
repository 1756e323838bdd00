#include "proto/arena.h"

#include "core/mem.h"

#include <stddef.h>
#include <stdint.h>

#define BLOCK_BYTES ((size_t)8192)

struct arena_block {
    struct arena_block *next;
    size_t used, cap;
    max_align_t data[];
};

void arena_init(struct arena *a, size_t cap) {
    *a = (struct arena){.cap = cap};
}

void arena_done(struct arena *a) {
    while (a->blocks) {
        struct arena_block *next = a->blocks->next;
        mem_free(a->blocks);
        a->blocks = next;
    }
    *a = (struct arena){0};
}

static struct arena_block *grow(struct arena *a, size_t n) {
    size_t cap = n > BLOCK_BYTES ? n : BLOCK_BYTES;
    struct arena_block *block = mem_alloc(sizeof *block + cap);
    if (!block)
        return NULL;
    block->next = a->blocks;
    block->used = 0;
    block->cap = cap;
    a->blocks = block;
    return block;
}

void *arena_alloc(struct arena *a, size_t n) {
    const size_t align = _Alignof(max_align_t);
    size_t want = n > a->cap ? n : (n + align - 1) / align * align;
    if (a->failed || want > a->cap || a->used > a->cap - want) {
        a->over_cap |= !a->failed;
        a->failed = true;
        return NULL;
    }
    struct arena_block *block = a->blocks;
    if (!block || block->cap - block->used < want)
        block = grow(a, want);
    if (!block) {
        a->failed = true;
        return NULL;
    }
    void *at = (uint8_t *)block->data + block->used;
    block->used += want;
    a->used += want;
    return at;
}
