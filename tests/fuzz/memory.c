#include "tests/fuzz/memory.h"

#include <malloc.h>
#include <stdint.h>

void *__real_malloc(size_t n);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t n);
void __real_free(void *p);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t n);
void __wrap_free(void *p);

static _Thread_local int64_t held, peak;

static void *taken(void *p) {
    held += p ? (int64_t)malloc_usable_size(p) : 0;
    peak = held > peak ? held : peak;
    return p;
}

static void given_back(void *p) {
    held -= p ? (int64_t)malloc_usable_size(p) : 0;
}

void *__wrap_malloc(size_t n) {
    return taken(__real_malloc(n));
}

void *__wrap_calloc(size_t count, size_t size) {
    return taken(__real_calloc(count, size));
}

void *__wrap_realloc(void *p, size_t n) {
    given_back(p);
    return taken(__real_realloc(p, n)); /* where there is no memory, `p` is counted no more */
}

void __wrap_free(void *p) {
    given_back(p);
    __real_free(p);
}

void memory_begin(void) {
    held = peak = 0;
}

size_t memory_peak(void) {
    return (size_t)peak;
}
