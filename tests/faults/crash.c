#include "tests/faults/crash.h"

#include "core/mem.h"

#include <assert.h>
#include <string.h>

void crash_init(struct crash_disk *d, const uint8_t *base, size_t n) {
    *d = (struct crash_disk){.durable = mem_alloc(n), .size = n, .cap = n};
    assert(d->durable);
    if (n > 0)
        memcpy(d->durable, base, n);
}

void crash_done(struct crash_disk *d) {
    mem_free(d->durable);
    mem_free(d->list);
}

static void *grown(void *p, size_t n) {
    p = mem_realloc(p, n);
    assert(p);
    return p;
}

/* Write into a file image of `*size` bytes with room for `*cap`; a hole reads as zeros. */
static void put(uint8_t **file, size_t *size, size_t *cap, uint64_t at, const uint8_t *bytes,
                size_t n) {
    size_t end = at + n;
    if (end > *cap) {
        *cap = end * 2;
        *file = grown(*file, *cap);
    }
    if (end > *size) {
        memset(*file + *size, 0, end - *size);
        *size = end;
    }
    if (n > 0)
        memcpy(*file + at, bytes, n);
}

static void put_durable(struct crash_disk *d, uint64_t at, const uint8_t *bytes, size_t n) {
    put(&d->durable, &d->size, &d->cap, at, bytes, n);
}

static void put_unsynced(struct crash_disk *d, uint64_t at, const uint8_t *bytes, size_t n) {
    if (d->n == d->list_cap) {
        d->list_cap = d->list_cap ? d->list_cap * 2 : 64;
        d->list = grown(d->list, d->list_cap * sizeof *d->list);
    }
    d->list[d->n++] = (struct unsynced){bytes, n, at};
}

void crash_take(struct crash_disk *d, const struct shim_entry *e, const uint8_t *bytes,
                bool finished) {
    switch ((enum shim_event)e->event) {
    case SHIM_DURABLE:
        if (finished && !d->ignore_syncs) {
            put_durable(d, e->at, bytes, e->bytes);
            return;
        }
        put_unsynced(d, e->at, bytes, e->bytes);
        return;
    case SHIM_WRITE:
        put_unsynced(d, e->at, bytes, e->bytes);
        return;
    case SHIM_SYNC:
        if (d->ignore_syncs || !finished)
            return;
        for (size_t i = 0; i < d->n; i++)
            put_durable(d, d->list[i].at, d->list[i].bytes, d->list[i].n);
        d->n = 0;
        return;
    case SHIM_TRUNCATE:
    case SHIM_FRAME:
    case SHIM_SENT:
    case SHIM_OTHER:
        return;
    }
}

uint64_t crash_random(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

struct file {
    uint8_t *bytes;
    size_t size, cap;
};

/* Some of the sectors of `u`, each as `state` decides. */
static void put_torn(struct file *f, const struct unsynced *u, uint64_t *state) {
    for (size_t done = 0; done < u->n;) {
        size_t n = SECTOR_BYTES - (u->at + done) % SECTOR_BYTES;
        if (n > u->n - done)
            n = u->n - done;
        if (crash_random(state) & 1)
            put(&f->bytes, &f->size, &f->cap, u->at + done, u->bytes + done, n);
        done += n;
    }
}

void crash_image(const struct crash_disk *d, uint64_t seed, uint8_t **image, size_t *ret_size) {
    struct file f = {.bytes = mem_alloc(d->size), .size = d->size, .cap = d->size};
    assert(f.bytes);
    memcpy(f.bytes, d->durable, d->size);
    uint64_t state = seed, luck = crash_random(&state) % 9; /* of nine: how many surely made it */
    for (size_t i = 0; i < d->n; i++) {
        const struct unsynced *u = &d->list[i];
        if (seed == 1 || (seed > 1 && crash_random(&state) % 9 < luck))
            put(&f.bytes, &f.size, &f.cap, u->at, u->bytes, u->n);
        else if (seed > 1 && crash_random(&state) % 3 == 0)
            put_torn(&f, u, &state);
        else if (seed > 1 &&
                 crash_random(&state) % 3 == 0) /* it has grown, and holds nothing yet */
            put(&f.bytes, &f.size, &f.cap, u->at + u->n, NULL, 0);
    }
    *image = f.bytes;
    *ret_size = f.size;
}
