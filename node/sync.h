/*
 * Sync: the two halves of exchanging one stream over one connection. The same code runs upwards and
 * downwards: whoever owns the stream sends runs of it within the reader's credits, the reader
 * answers with how far it has durably got. A record that is larger than a frame should be goes in
 * parts, which the reader keeps: a line that drops again and again carries it all the same.
 *
 * From what is answered the owner learns how many bytes the line carries. A frame is about a second
 * of that and no more than some seconds are in flight: so little is lost when the line drops, and
 * nothing else waits long behind it.
 */
#ifndef NODE_SYNC_H
#define NODE_SYNC_H

#include "node/admit.h"
#include "node/post.h"

#define SYNC_RUNS 8u               /* frames in flight: fewer than the link's queue holds */
#define SYNC_FRAME_BYTES_MIN 4096u /* a frame carries so much however slow the line is */
#define SYNC_RATE_FIRST 8192u      /* bytes a second that a line is taken for at first */
#define SYNC_WINDOW_SECONDS 4u     /* of what the line carries are in flight */

/* A place in a stream: all records up to `position`, and `part` bytes of the one after. */
struct sync_place {
    uint64_t position;
    uint32_t part;
};

/* A frame in flight. */
struct sync_run {
    struct sync_place last; /* the reader is here once it has it */
    uint32_t bytes;
    int64_t sent_ms;    /* boot time */
    uint64_t delivered; /* … when so many bytes had been answered */
};

/* How records go that are larger than a frame should be. */
enum sync_large {
    SYNC_LARGE_WAIT,  /* not yet: the reader has not said what it can take */
    SYNC_LARGE_WHOLE, /* alone in a frame */
    SYNC_LARGE_PARTS,
};

/* The owner's side, on one connection. Invariant: acked ≤ sent ≤ end. */
struct sync_out {
    struct uid stream;
    struct sync_place acked; /* durable at the reader, as it said */
    struct sync_place sent;
    uint64_t end; /* of the stream, when last looked at */
    enum sync_large large;
    uint32_t credits;   /* how many records the reader takes without an answer */
    int64_t waiting_ms; /* boot time since which something sent is unanswered */
    uint32_t rate;      /* bytes a second that the line carries, as far as is known */
    uint64_t delivered; /* bytes answered on this connection */
    uint32_t n_runs;    /* frames in flight, in order */
    struct sync_run runs[SYNC_RUNS];
};

/* Begin sending from `from` on, large records as `large` says. */
void sync_out_start(struct sync_out *o, const struct uid *stream, struct sync_place from,
                    uint32_t credits, enum sync_large large);
/* What was sent over this connection under `before` is still on its way: count it as sent. */
void sync_out_resume(struct sync_out *o, const struct sync_out *before);
/* What both sides of a connection do with large records, if the other one named `features`. */
enum sync_large sync_large_of(uint64_t features);
/* Look at where the stream ends now, and stage RECORDS and PARTs for `peer` while there is room. */
int sync_send(struct sync_out *o, struct txn *t, struct post *post, uint32_t peer,
              struct moment now, struct err *e);
/* The reader's answer `ack`. After `RESEND_MS` without progress what is unanswered is sent again.
 */
void sync_acked(struct sync_out *o, const struct frame_ack *ack, struct moment now);
#define RESEND_MS 20000

/* What a frame of a stream came to. */
struct sync_taken {
    uint64_t position; /* durable up to here once committed … */
    uint32_t part;     /* … and so many bytes of the record after that */
    uint64_t end;      /* of the stream, as the frame says */
    uint32_t held, voided, again, pending, refused, forks; /* voided: held, and counts not */
    bool no_room;        /* stopped: too many records wait already */
    bool over;           /* stopped: too much is kept of the neighbour, or through it */
    struct err why;      /* of the first refusal */
    struct err why_void; /* of the first that was voided */
};

/* The stream that `f`, which is RECORDS or PART, is of. */
const struct uid *sync_stream_of(const struct frame *f);

/*
 * Take `f`, RECORDS or PART, of the neighbour `a->carrier`. Of a run what was had already is
 * skipped and the rest admitted; `checked` is what is known of each of its records by now; NULL:
 * nothing. A part is kept; with the last one the record is admitted as one that came whole. If it
 * is refused then, it is asked for once more: what was kept of it may have been another's.
 */
int sync_take(const struct admit *a, const struct frame *f, const struct checked *checked,
              instant received_at, struct sync_taken *ret_taken, struct err *e);
/* How many bytes are here of the next record of `stream`, which `peer` sends. */
uint32_t sync_part_here(struct txn *t, const struct hash *peer, const struct uid *stream);

#endif
