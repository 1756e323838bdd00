/*
 * Sync: the two halves of exchanging one stream over one connection. The same code runs upwards and
 * downwards: whoever owns the stream sends runs of it within the reader's credits, the reader
 * answers with how far it has durably got.
 */
#ifndef NODE_SYNC_H
#define NODE_SYNC_H

#include "node/admit.h"
#include "node/post.h"

#define SYNC_RUNS 8u /* RECORDS frames in flight: fewer than the link's queue holds */

/* The owner's side, on one connection. Invariant: acked ≤ sent ≤ end. */
struct sync_out {
    struct uid stream;
    uint64_t acked; /* durable at the reader, as it said */
    uint64_t sent;
    uint64_t end;             /* of the stream, when last looked at */
    uint32_t credits;         /* how many the reader takes without an answer */
    int64_t waiting_ms;       /* boot time since which something sent is unanswered */
    uint32_t n_runs;          /* frames in flight … */
    uint64_t runs[SYNC_RUNS]; /* … and the last position that each carries, rising */
};

/* Begin sending after `position`. */
void sync_out_start(struct sync_out *o, const struct uid *stream, uint64_t position,
                    uint32_t credits);
/* What was sent over this connection under `before` is still on its way: count it as sent. */
void sync_out_resume(struct sync_out *o, const struct sync_out *before);
/* Look at where the stream ends now, and stage RECORDS for `peer` while credits last. */
int sync_send(struct sync_out *o, struct txn *t, struct post *post, uint32_t peer,
              struct moment now, struct err *e);
/* The reader's answer `ack`. After `RESEND_MS` without progress what is unanswered is sent again.
 */
void sync_acked(struct sync_out *o, const struct frame_ack *ack, struct moment now);
#define RESEND_MS 20000

/* What a run of records came to. */
struct sync_taken {
    uint64_t position; /* durable up to here once committed */
    uint32_t held, again, pending, refused, forks;
    bool no_room;   /* stopped: too many records wait already */
    bool over;      /* stopped: too much is kept of the neighbour, or through it */
    struct err why; /* of the first refusal */
};

/*
 * Admit `in`, a run of the neighbour `a->carrier`, skipping what was had already. `checked` is what
 * is known of each of its records by now; NULL: nothing.
 */
int sync_take(const struct admit *a, const struct frame_records *in, const struct checked *checked,
              instant received_at, struct sync_taken *ret_taken, struct err *e);

#endif
