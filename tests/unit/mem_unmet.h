/*
 * Whether a run came to the allocation that was to fail.
 */
#ifndef TESTS_UNIT_MEM_UNMET_H
#define TESTS_UNIT_MEM_UNMET_H

#include "core/mem.h"

#include <stdbool.h>

/* Whether fewer than `n` + 1 allocations were asked for since mem_fail_at(n), so that one to come
 * fails; none does from here on. */
static inline bool mem_unmet(long n) {
    bool unmet = false;
    for (long i = 0; !unmet && i <= n; i++) {
        void *p = mem_alloc(1);
        unmet = !p;
        mem_free(p);
    }
    mem_fail_at(-1);
    return unmet;
}

#endif
