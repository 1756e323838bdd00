/*
 * What the shim writes down of a process and what `images` reads back: one entry after another,
 * each this head and then `bytes` bytes, in the order in which things happened.
 */
#ifndef TESTS_FAULTS_SHIM_H
#define TESTS_FAULTS_SHIM_H

#include <stdint.h>

enum shim_event {
    SHIM_WRITE = 1,    /* the page cache has the bytes at `at` */
    SHIM_DURABLE = 2,  /* the same through a descriptor that syncs: the disk has them */
    SHIM_SYNC = 3,     /* all that was written before is on the disk */
    SHIM_TRUNCATE = 4, /* the file is `at` bytes long */
    SHIM_FRAME = 5,    /* the bytes are a frame that is about to be handed to the socket */
    SHIM_SENT = 6,     /* `at` encrypted bytes went out of some socket */
    SHIM_OTHER = 7,    /* the file was written in a way that this model does not know: the bytes
                          name it */
};

struct shim_entry {
    uint32_t event; /* enum shim_event */
    uint32_t bytes;
    uint64_t at;
};

#endif
