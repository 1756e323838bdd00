#include "audit/list.h"

#include "core/mem.h"

#include <string.h>

int list_grow(void *list, uint32_t n, size_t size, struct err *e) {
    if (n != 0 && (n & (n - 1)) != 0)
        return 0;
    void *items;
    memcpy(&items, list, sizeof items);
    items = mem_realloc(items, (n ? (size_t)n * 2 : 1) * size);
    if (!items)
        return err_nomem(e);
    memcpy(list, &items, sizeof items);
    return 0;
}
