/*
 * How much heap the product holds, and held at most. Counts what our own objects take from malloc;
 * the linker puts memory.c in between (-Wl,--wrap=malloc …).
 */
#ifndef TESTS_FUZZ_MEMORY_H
#define TESTS_FUZZ_MEMORY_H

#include <stddef.h>

/* From now on `memory_peak` is about what is taken beyond what is held already. */
void memory_begin(void);
/* The most bytes held at once since memory_begin. */
size_t memory_peak(void);

#endif
