/*
 * Search in sorted lists, where several items may share a key: what bsearch of the C library, which
 * finds any of them, does not answer.
 */
#ifndef CORE_SEARCH_H
#define CORE_SEARCH_H

#include <stddef.h>
#include <stdint.h>

/* Below, at or above zero as `key` sorts before, at or after the key of `item`. */
typedef int (*search_order)(const void *key, const void *item);

/*
 * Where among the `n` items of `size` bytes at `list`, ascending in `order`, the first one stands
 * whose key is not less than `key`; `n` where all are less. `list` may be NULL where `n` is 0.
 */
uint32_t search_first(const void *key, const void *list, uint32_t n, size_t size,
                      search_order order);

#endif
