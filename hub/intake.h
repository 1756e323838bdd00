/*
 * Intake: frames as they were taken from the socket, stamped, waiting for one step. What a frame
 * says, and who signed its records, may be found out before the step and by another thread: none of
 * it needs the store. An intake belongs to one thread at a time.
 */
#ifndef HUB_INTAKE_H
#define HUB_INTAKE_H

#include "hub/session.h"
#include "node/checked.h"

enum taken_state {
    TAKEN_UNREAD,
    TAKEN_READ,
    TAKEN_GARBAGE, /* it does not decode */
};

struct taken {
    struct sender from;
    struct moment at;
    size_t start, len; /* in the intake's bytes */
    enum taken_state state;
    struct arena arena;
    struct frame frame;      /* READ; lives in `arena` */
    struct checked *checked; /* what is known of its records, one for each; NULL: nothing */
};

struct intake {
    uint32_t n, cap;
    struct taken *list;
    struct buf bytes;
};

/* A step takes at most so many frames and bytes, two or three thousand single evaluations: with
 * more, a transaction costs more for each; with fewer, the disk writes the same pages more often.
 */
#define INTAKE_FRAMES_MAX 512u
#define INTAKE_BYTES_MAX ((size_t)1 << 20)

void intake_init(struct intake *in);
void intake_done(struct intake *in);
/* Make `in` empty again. */
void intake_clear(struct intake *in);

/* The same, and keep no room either: a peak is over. */
void intake_rest(struct intake *in);

/* Whether `in` should be stepped before it takes more. */
bool intake_full(const struct intake *in);
/* Add `frame` of `from`, taken from the socket at `at`. */
int intake_take(struct intake *in, const struct sender *from, struct moment at, struct slice frame,
                struct err *e);

/* Decode frame `i` of `in`, unless that was done: its state says what came of it. */
int intake_read(struct intake *in, uint32_t i, struct err *e);

/* The key that `actor` signs with in `epoch`, as far as `arg` knows; a wrong one does no harm. */
typedef bool (*intake_signer)(void *arg, const struct hash *actor, uint32_t epoch,
                              struct public_key *ret_key);
/* Parse and verify the records of frame `i` of `in` with the keys that `signer` knows. What cannot
 * be found out now is left to the step. */
void intake_check(struct intake *in, uint32_t i, intake_signer signer, void *arg);

#endif
