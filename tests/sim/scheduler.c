#include "tests/sim/scheduler.h"

#include "core/mem.h"

#include <assert.h>
#include <string.h>

static uint64_t splitmix(uint64_t *x) {
    uint64_t z = (*x += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void prng_seed(struct prng *p, uint64_t seed, uint64_t stream) {
    uint64_t x = seed, y = stream ^ 0x5851f42d4c957f2du;
    x ^= splitmix(&y);
    for (int i = 0; i < 4; i++)
        p->s[i] = splitmix(&x);
}

static uint64_t rotl(uint64_t x, int k) {
    return (x << k) | (x >> (64 - k));
}

uint64_t prng_next(struct prng *p) {
    uint64_t result = rotl(p->s[1] * 5, 7) * 9, t = p->s[1] << 17;
    p->s[2] ^= p->s[0];
    p->s[3] ^= p->s[1];
    p->s[1] ^= p->s[2];
    p->s[0] ^= p->s[3];
    p->s[2] ^= t;
    p->s[3] = rotl(p->s[3], 45);
    return result;
}

uint32_t prng_below(struct prng *p, uint32_t n) {
    return (uint32_t)((prng_next(p) >> 32) * n >> 32);
}

int64_t prng_between(struct prng *p, int64_t low, int64_t high) {
    assert(low <= high);
    return low + (int64_t)(prng_next(p) % ((uint64_t)(high - low) + 1));
}

bool prng_chance(struct prng *p, uint32_t per_million) {
    return prng_below(p, 1000000) < per_million;
}

void prng_bytes(struct prng *p, uint8_t *out, size_t n) {
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)(prng_next(p) >> 56);
}

void scheduler_init(struct scheduler *s) {
    *s = (struct scheduler){.hash = 0xcbf29ce484222325u};
}

void scheduler_done(struct scheduler *s) {
    for (size_t i = 0; i < s->n; i++)
        mem_free(s->heap[i].data);
    mem_free(s->heap);
    *s = (struct scheduler){0};
}

static bool before(const struct event *a, const struct event *b) {
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

void scheduler_add(struct scheduler *s, int64_t delay, struct event e) {
    assert(delay >= 0);
    if (s->n == s->cap) {
        s->cap = s->cap ? s->cap * 2 : 64;
        s->heap = mem_realloc(s->heap, s->cap * sizeof *s->heap);
        assert(s->heap);
    }
    e.at = s->now + delay;
    e.order = s->order++;
    size_t i = s->n++;
    for (; i > 0 && before(&e, &s->heap[(i - 1) / 2]); i = (i - 1) / 2)
        s->heap[i] = s->heap[(i - 1) / 2];
    s->heap[i] = e;
}

bool scheduler_next(struct scheduler *s, struct event *ret_event) {
    if (s->n == 0)
        return false;
    *ret_event = s->heap[0];
    struct event last = s->heap[--s->n];
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child + 1 < s->n && before(&s->heap[child + 1], &s->heap[child]))
            child++;
        if (child >= s->n || !before(&s->heap[child], &last))
            break;
        s->heap[i] = s->heap[child];
        i = child;
    }
    if (s->n > 0)
        s->heap[i] = last;
    s->now = ret_event->at;
    return true;
}

static uint64_t mix(uint64_t hash, uint64_t v) {
    hash = (hash ^ v) * 0x9e3779b97f4a7c15u;
    return hash ^ hash >> 29;
}

void scheduler_trace(struct scheduler *s, const void *data, size_t n) {
    const uint8_t *p = data;
    uint64_t v = 0;
    for (; n >= sizeof v; p += sizeof v, n -= sizeof v) {
        memcpy(&v, p, sizeof v);
        s->hash = mix(s->hash, v);
    }
    v = n;
    for (size_t i = 0; i < n; i++)
        v = v << 8 | p[i];
    s->hash = mix(s->hash, v);
}

void scheduler_trace_u64(struct scheduler *s, uint64_t v) {
    s->hash = mix(s->hash, v);
}
