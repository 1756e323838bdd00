/*
 * Handed: what of a neighbour's own records was put on our stream to it, as long as this process
 * remembers. A neighbour may say as often as it likes that it lacks them; what stands on the stream
 * already is not looked through again. Forgotten, it is looked through once more, and no harm done.
 */
#ifndef NODE_HANDED_H
#define NODE_HANDED_H

#include "core/err.h"
#include "core/id.h"

/* Of one lane all of `first` to `last` stands on the stream; none if `last` is less. */
struct handed_lane {
    uint32_t epoch;
    struct uid lane;
    uint64_t first, last;
    struct hash last_id; /* the record at `last`: with another there it is another branch */
};

/* All zero: nothing yet. Not to outlive a transaction that is given up. */
struct handed {
    struct uid stream;
    uint64_t below;  /* of the log, what is numbered up to here was looked through for others */
    uint64_t looked; /* how many records were looked at for this stream */
    uint32_t n;
    struct handed_lane *list; /* by epoch and lane */
};
void handed_done(struct handed *g);

/* Forget what `g` says unless it is of `stream`. */
void handed_begin(struct handed *g, const struct uid *stream);
/* What `g` says of `lane` in `epoch`, made empty if it says nothing; valid until the next call.
 * NULL: no memory. */
struct handed_lane *handed_lane(struct handed *g, uint32_t epoch, const struct uid *lane,
                                struct err *e);

#endif
