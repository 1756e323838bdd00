/*
 * A disk that loses power. It is told what a program did to one file, and makes the files that a
 * machine may find there after a power cut at that moment.
 *
 * What was synced is there. What was written and not yet synced may be there, may be missing, or
 * may be there in part, by sectors of 512 bytes, each write independent of the order in which it
 * was made; a file that was to grow has grown or not.
 */
#ifndef TESTS_FAULTS_CRASH_H
#define TESTS_FAULTS_CRASH_H

#include "tests/faults/shim.h"

#include <stdbool.h>
#include <stddef.h>

#define SECTOR_BYTES 512u

struct unsynced {
    const uint8_t *bytes;
    size_t n;
    uint64_t at;
};

struct crash_disk {
    uint8_t *durable; /* what the disk surely has */
    size_t size, cap;
    struct unsynced *list; /* oldest first */
    size_t n, list_cap;
    bool ignore_syncs; /* a disk that lies: to show that the checks would notice */
};

/* A disk with the `n` bytes at `base`. */
void crash_init(struct crash_disk *d, const uint8_t *base, size_t n);
void crash_done(struct crash_disk *d);

/*
 * Take entry `e` whose bytes are at `bytes` (which must live as long as the disk). With `finished`
 * false the power goes while the call is under way: a write that syncs is then one that has not.
 */
void crash_take(struct crash_disk *d, const struct shim_entry *e, const uint8_t *bytes,
                bool finished);

/*
 * One file that may be found now into `*image` of `*ret_size` bytes (the caller's, mem_free).
 * `seed` decides: 0 none of the unsynced writes, 1 all of them, others at random.
 */
void crash_image(const struct crash_disk *d, uint64_t seed, uint8_t **image, size_t *ret_size);

/* The next of a stream of numbers whose state is `*state`. */
uint64_t crash_random(uint64_t *state);

#endif
