/*
 * Allocation, in one place, so that a test can make the nth call fail.
 *
 * Every heap block of the product comes from here; libraries that allow it are pointed here too.
 */
#ifndef CORE_MEM_H
#define CORE_MEM_H

#include <stddef.h>

/* `n` bytes, uninitialised (n = 0 gives a block of one byte); NULL when there is no memory. */
void *mem_alloc(size_t n) __attribute__((malloc));

/* `count` times `size` zeroed bytes; NULL when there is no memory or the product overflows. */
void *mem_zalloc(size_t count, size_t size) __attribute__((malloc));

/* `p` resized to `n` bytes, as realloc does; NULL leaves `p` as it was. */
void *mem_realloc(void *p, size_t n);

/* `s` copied; NULL when there is no memory or `s` is NULL. */
char *mem_strdup(const char *s);

/* `n` bytes at `s` copied and NUL-terminated; NULL when there is no memory. */
char *mem_strndup(const char *s, size_t n);

/* Give `p` back; NULL is accepted. */
void mem_free(void *p);

/* For `__attribute__((cleanup(mem_cleanup)))` on a local pointer: frees what it points to. */
void mem_cleanup(void *pp);

/* Give back to the system what no block uses: worth its while after a peak, in a process that
 * stays.
 */
void mem_trim(void);

/* How often any of the above found no memory in this process: for whoever has to know that nothing
 * which it asked was answered so. */
unsigned long mem_refused(void);

/* For tests: let the `n`th allocation from now fail (0: the next one; negative: none). */
void mem_fail_at(long n);

#endif
