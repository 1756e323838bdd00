#include "tests/bench/lines.h"

#include "tests/bench/bench.h"

#include <string.h>

static bool before(const struct lines_event *a, const struct lines_event *b) {
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

void lines_put(struct lines *l, const struct lines_event *event) {
    struct lines_event v = *event;
    if (l->n == l->cap) {
        l->cap = l->cap ? 2 * l->cap : 1024;
        l->heap = realloc(l->heap, l->cap * sizeof *l->heap);
        if (!l->heap)
            bench_fail("out of memory", NULL);
    }
    v.order = l->order++;
    size_t i = l->n++;
    for (; i > 0 && before(&v, &l->heap[(i - 1) / 2]); i = (i - 1) / 2)
        l->heap[i] = l->heap[(i - 1) / 2];
    l->heap[i] = v;
}

bool lines_next(struct lines *l, struct lines_event *ret_event) {
    if (l->n == 0)
        return false;
    *ret_event = l->heap[0];
    struct lines_event last = l->heap[--l->n];
    size_t i = 0;
    for (size_t k; (k = 2 * i + 1) < l->n; i = k) {
        if (k + 1 < l->n && before(&l->heap[k + 1], &l->heap[k]))
            k++;
        if (!before(&l->heap[k], &last))
            break;
        l->heap[i] = l->heap[k];
    }
    l->heap[i] = last;
    return true;
}

void lines_done(struct lines *l) {
    struct lines_event v;
    while (lines_next(l, &v))
        free(v.bytes);
    free(l->heap);
    *l = (struct lines){0};
}

uint8_t *lines_copy(struct slice frame) {
    uint8_t *copy = malloc(frame.len ? frame.len : 1);
    if (!copy)
        bench_fail("out of memory", NULL);
    memcpy(copy, frame.data, frame.len);
    return copy;
}
