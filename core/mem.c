#include "core/mem.h"

#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The process-wide state below a program: the test countdown (negative: never fail), and how often
 * there was no memory. */
static _Atomic long countdown = -1;
static _Atomic unsigned long refused;

static bool must_fail(void) {
    return countdown >= 0 && countdown-- == 0;
}

/* Note it where there was none. */
static void *got(void *p) {
    if (!p)
        refused++;
    return p;
}

void *mem_alloc(size_t n) {
    return got(must_fail() ? NULL : malloc(n ? n : 1));
}

void *mem_zalloc(size_t count, size_t size) {
    return got(must_fail() ? NULL : calloc(count ? count : 1, size ? size : 1));
}

void *mem_realloc(void *p, size_t n) {
    return got(must_fail() ? NULL : realloc(p, n ? n : 1));
}

unsigned long mem_refused(void) {
    return refused;
}

char *mem_strndup(const char *s, size_t n) {
    if (n == SIZE_MAX)
        return NULL;
    char *copy = mem_alloc(n + 1);
    if (copy) {
        if (n > 0) /* no bytes may be nowhere */
            memcpy(copy, s, n);
        copy[n] = '\0';
    }
    return copy;
}

char *mem_strdup(const char *s) {
    return s ? mem_strndup(s, strlen(s)) : NULL;
}

void mem_free(void *p) {
    free(p);
}

void mem_cleanup(void *pp) {
    free(*(void **)pp);
}

void mem_trim(void) {
    (void)malloc_trim(0);
}

void mem_fail_at(long n) {
    countdown = n;
}
