/*
 * Drain: up to which instant everything that a child hub held is known to be here. The parent asks
 * at an instant of its own clock; the child's answer says where its stream ended when it answered,
 * and what its own clock showed; once the stream is here durably up to there, all that the child
 * held at the instant of the asking is. What else frames say of the end of a stream may have been
 * on its way for long. Receipts bear the child's clock, so where that is behind it is the limit:
 * what it receipts later may still bear any instant from there on.
 *
 *     ask ──► answered(end, clock) ──taken ≥ end──► proven up to the earlier of asking and clock
 */
#ifndef HUB_DRAIN_H
#define HUB_DRAIN_H

#include "core/world.h"
#include "proto/frame.h"

struct drain {
    bool wanted;      /* the child hands on what others state */
    bool answered;    /* with `end` */
    uint64_t nonce;   /* of the asking; 0: none yet */
    uint64_t end;     /* where the child's stream ended */
    instant clock;    /* what the child's clock showed then */
    instant asked_at; /* by our wall clock */
    int64_t asked_ms; /* by the boot clock */
    instant next_due; /* the first due instant after `asked_at` */
    instant passed;   /* the last due instant that was asked about */
    bool settled;     /* the last asking has proven what it can */
    instant proven;   /* INSTANT_NONE: nothing yet */
};

#define DRAIN_ASK_MS 600000  /* ask at least so often */
#define DRAIN_AGAIN_MS 60000 /* without an answer, or one too early: ask once more */

/* Whether to ask at `now`: nothing is under way, and it is time or a due instant has passed. */
bool drain_due(const struct drain *d, struct moment now);
/* Asked with `nonce`, which no asking of this connection had before, at `now`; the next due instant
 * of any campaign is `next_due`. */
void drain_ask(struct drain *d, uint64_t nonce, struct moment now, instant next_due);
/* The child answered `pong`; `outbox` is its stream. Anything but the answer to the last asking is
 * passed over. */
void drain_answered(struct drain *d, const struct uid *outbox, const struct frame_ping *pong);
/* Up to when everything is here, now that the stream is, up to `taken`; INSTANT_NONE: the last
 * asking proves nothing yet. */
instant drain_proven(struct drain *d, uint64_t taken);

#endif
