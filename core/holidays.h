/*
 * Holidays: days off besides Saturdays and Sundays. The list changes from year to year by decision,
 * so it is data that someone loads and hands in, never code. Only the shape is here; both those who
 * judge and those who check them read it.
 */
#ifndef CORE_HOLIDAYS_H
#define CORE_HOLIDAYS_H

#include "core/instant.h"

#include <stdint.h>

/* Invariant: `days` ascend, none twice. An empty table means that only weekends are off. */
struct holidays {
    uint32_t n;
    const day *days;
};

#endif
