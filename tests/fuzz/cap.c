/*
 * Every target under a cap of the heap that one input may take, whoever runs it: the linker puts
 * this around LLVMFuzzerTestOneInput (-Wl,--wrap=…). TARGET is the name of the program's target.
 */
#include "core/limits.h"
#include "proto/frame.h"
#include "proto/payload.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where nothing is decoded: a buffer or two, which double as they grow. */
#define BUFFERS 4096u
/* Where it is: an arena of each kind that is in use at once, the first block of each half idle. */
#define ARENAS 65536u
/* Foreign bytes, decoded. Two on the wire may be an empty message in a list. The largest is a
 * unit's: 152 bytes to protobuf-c and 8 of a pointer to it, then 128 to us; and as much again, as
 * blocks lie half idle. No row of a CSV file and no node of a campaign file comes to more. */
#define DECODED ((size_t)288)
#define YAML (DECODED * LIMIT_YAML_BYTES)
#define CSV (DECODED * LIMIT_CSV_BYTES)
/* A stage: four images of stores, a hub and an office, their catalogs; built by the first input.
 * The next one takes a hub or an office again, and what the last one had is given back. */
#define STAGE ((size_t)2 << 20)

/* What a child has waiting, the frame that is taken and the one that is made. */
#define ENGINE (STAGE + LIMIT_PENDING_BYTES + 2 * FRAME_ARENA_BYTES)

/* An input may take `fixed` bytes and `per_byte` for each of its own, and `most` bytes at most. */
static const struct cap {
    const char *target;
    size_t fixed, per_byte, most;
} caps[] = {
    {"answer", STAGE, DECODED, STAGE + 2 * FRAME_ARENA_BYTES + 2 * PAYLOAD_ARENA_BYTES},
    {"bundle", ARENAS, DECODED, SIZE_MAX}, /* as many records as it has bytes for */
    {"campaign_file", ARENAS, DECODED, ARENAS + YAML},
    {"csv", STAGE, DECODED, STAGE + CSV},
    {"door", BUFFERS, 0, BUFFERS}, /* of any number of connections one at a time, and its name */
    {"frame", ARENAS, DECODED, 2 * FRAME_ARENA_BYTES + ARENAS},
    {"hub", STAGE, DECODED, ENGINE},
    {"keyfile", BUFFERS, 2, SIZE_MAX}, /* the copy that gets its check */
    {"node", STAGE, DECODED, ENGINE},
    {"payload", ARENAS, DECODED, 2 * PAYLOAD_ARENA_BYTES + 8 * LIMIT_PAYLOAD + ARENAS},
    {"record", 0, 0, 0}, /* read where it stands */
    {"renew", STAGE, DECODED, ENGINE},
    {"stored", STAGE, DECODED, ENGINE},
    {"text", BUFFERS, 16, SIZE_MAX},  /* a letter of two bytes folds into three, four bytes each */
    {"ticket", BUFFERS, 8, SIZE_MAX}, /* its bytes, and a third more of them as text */
};

static size_t cap_of(const char *target, size_t size) {
    for (size_t i = 0; i < sizeof caps / sizeof *caps; i++)
        if (strcmp(caps[i].target, target) == 0) {
            size_t cap = caps[i].fixed + caps[i].per_byte * size;
            return cap < caps[i].most ? cap : caps[i].most;
        }
    (void)fprintf(stderr, "fuzz: tests/fuzz/cap.c has no cap for the target %s\n", target);
    abort();
}

int __real_LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int __wrap_LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int __wrap_LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    size_t cap = cap_of(TARGET, size);
    memory_begin();
    int rc = __real_LLVMFuzzerTestOneInput(data, size);
    if (memory_peak() > cap) {
        (void)fprintf(stderr, "fuzz: %zu bytes took %zu of memory, more than %zu\n", size,
                      memory_peak(), cap);
        abort();
    }
    return rc;
}
