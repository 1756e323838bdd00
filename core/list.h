/* Growing arrays: plain ones of anything, which are appended to and then read. */
#ifndef CORE_LIST_H
#define CORE_LIST_H

#include "core/err.h"
#include "core/mem.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* What an array that is not empty has room for at the least; all more is by powers of two. */
#define LIST_ROOM_MIN 4

/*
 * Make room for one more item of `size` bytes in the array that the pointer at `list` points to,
 * which holds `n`, and got each of them after this; some may have been taken out again. Free the
 * array with mem_free.
 */
static inline int list_grow(void *list, uint32_t n, size_t size, struct err *e) {
    if ((n & (n - 1)) != 0 || (n > 0 && n < LIST_ROOM_MIN))
        return 0;
    void *items;
    memcpy(&items, list, sizeof items);
    items = mem_realloc(items, (n ? (size_t)n * 2 : LIST_ROOM_MIN) * size);
    if (!items)
        return err_nomem(e);
    memcpy(list, &items, sizeof items);
    return 0;
}

#endif
