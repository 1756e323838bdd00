#include "core/search.h"

uint32_t search_first(const void *key, const void *list, uint32_t n, size_t size,
                      search_order order) {
    uint32_t low = 0, high = n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (order(key, (const char *)list + middle * size) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
