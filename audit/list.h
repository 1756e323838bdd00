/* Growing arrays: the auditor's facts lie in plain arrays, appended to and then sorted. */
#ifndef AUDIT_LIST_H
#define AUDIT_LIST_H

#include "core/err.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Make room for one more item of `size` bytes in the array that the pointer at `list` points to,
 * which holds `n` and only ever grew by this. Free the array with mem_free.
 */
int list_grow(void *list, uint32_t n, size_t size, struct err *e);

#endif
