#include "core/index.h"

#include "core/mem.h"

#include <assert.h>
#include <string.h>

void index_init(struct index *ix, index_order order, const void *arg) {
    memset(ix, 0, sizeof *ix);
    ix->order = order;
    ix->arg = arg;
}

void index_done(struct index *ix) {
    for (size_t i = 0; i < ix->n_blocks; i++)
        mem_free(ix->blocks[i]);
    mem_free(ix->blocks);
    mem_free(ix->spare);
    index_init(ix, ix->order, ix->arg);
}

int index_reserve(struct index *ix, struct err *e) {
    if (ix->n_blocks == ix->cap_blocks) {
        size_t cap = ix->cap_blocks ? 2 * ix->cap_blocks : 8;
        struct index_block **grown = mem_realloc(ix->blocks, cap * sizeof *grown);
        if (!grown)
            return err_nomem(e);
        ix->blocks = grown;
        ix->cap_blocks = cap;
    }
    if (!ix->spare)
        ix->spare = mem_zalloc(1, sizeof *ix->spare);
    return ix->spare ? 0 : err_nomem(e);
}

/* How many blocks end before `key`, or at it too when `after`. */
static size_t block_for(const struct index *ix, const void *key, bool after) {
    size_t lo = 0, hi = ix->n_blocks;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        const struct index_block *b = ix->blocks[mid];
        int order = ix->order(ix->arg, key, b->value[b->n - 1]);
        if (order > 0 || (after && order == 0))
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static uint32_t slot_for(const struct index *ix, const struct index_block *b, const void *key,
                         bool after) {
    uint32_t lo = 0, hi = b->n;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        int order = ix->order(ix->arg, key, b->value[mid]);
        if (order > 0 || (after && order == 0))
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* Put the spare block into the directory at `at`. */
static struct index_block *use_spare(struct index *ix, size_t at) {
    assert(ix->spare && ix->n_blocks < ix->cap_blocks);
    memmove(ix->blocks + at + 1, ix->blocks + at, (ix->n_blocks - at) * sizeof *ix->blocks);
    ix->blocks[at] = ix->spare;
    ix->spare = NULL;
    ix->n_blocks++;
    return ix->blocks[at];
}

/* Where `key` belongs, after those with an equal one: most often keys come in order. */
static struct index_at place_for(const struct index *ix, const void *key) {
    const struct index_block *last = ix->n_blocks > 0 ? ix->blocks[ix->n_blocks - 1] : NULL;
    if (!last || ix->order(ix->arg, key, last->value[last->n - 1]) >= 0)
        return (struct index_at){ix->n_blocks, 0};
    struct index_at at = {block_for(ix, key, true), 0};
    at.slot = slot_for(ix, ix->blocks[at.block], key, true);
    return at;
}

void index_insert(struct index *ix, const void *key, uint32_t value) {
    index_insert_at(ix, place_for(ix, key), value);
}

void index_insert_at(struct index *ix, struct index_at where, uint32_t value) {
    size_t at = where.block;
    uint32_t slot = where.slot;
    if (ix->n_blocks == 0)
        use_spare(ix, 0);
    if (at == ix->n_blocks)
        at--;
    struct index_block *b = ix->blocks[at];
    if (at < where.block)
        slot = b->n;
    if (b->n == INDEX_BLOCK) {
        /* Keys that come in order fill their blocks: only a split in the middle halves one. */
        uint32_t keep = slot == INDEX_BLOCK ? INDEX_BLOCK : INDEX_BLOCK / 2;
        struct index_block *upper = use_spare(ix, at + 1);
        upper->n = INDEX_BLOCK - keep;
        memcpy(upper->value, b->value + keep, upper->n * sizeof *b->value);
        b->n = keep;
        if (slot > keep || keep == INDEX_BLOCK) {
            b = upper;
            slot -= keep;
        }
    }
    memmove(b->value + slot + 1, b->value + slot, (b->n - slot) * sizeof *b->value);
    b->value[slot] = value;
    b->n++;
}

struct index_at index_seek(const struct index *ix, const void *key) {
    struct index_at at = {block_for(ix, key, false), 0};
    if (at.block < ix->n_blocks)
        at.slot = slot_for(ix, ix->blocks[at.block], key, false);
    return at;
}

bool index_next(const struct index *ix, struct index_at *at, uint32_t *ret_value) {
    if (at->block < ix->n_blocks && at->slot == ix->blocks[at->block]->n)
        *at = (struct index_at){at->block + 1, 0};
    if (at->block >= ix->n_blocks)
        return false;
    *ret_value = ix->blocks[at->block]->value[at->slot++];
    return true;
}

bool index_find(const struct index *ix, const void *key, uint32_t *ret_value) {
    struct index_at at = index_seek(ix, key);
    uint32_t value;
    if (!index_next(ix, &at, &value) || ix->order(ix->arg, key, value) != 0)
        return false;
    *ret_value = value;
    return true;
}
