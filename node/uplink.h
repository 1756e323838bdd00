/*
 * Uplink: the child side of one connection to the parent. A state machine without clock, socket or
 * randomness: frames come in as bytes, frames to send come out of its post.
 *
 *     start ──► GREETING ──welcome──► LIVE ──► settled: all said, all heard
 *                  └──refused, silence──► OVER ◄──┘
 *
 * The first runs of the outbox go out together with the greeting, from where the parent was last
 * known to be: on a slow link that saves a round trip, and costs runs that are dropped unread when
 * the parent had them already.
 */
#ifndef NODE_UPLINK_H
#define NODE_UPLINK_H

#include "node/actor.h"
#include "node/sync.h"

enum uplink_state { UPLINK_GREETING, UPLINK_LIVE, UPLINK_OVER };

/* The earliest instant that a receipt still to come of what is here may bear: `now`, unless what
 * came before waits for its receipt, or to be admitted. pending_earliest for a node,
 * arrivals_earliest for a hub. */
typedef instant uplink_earliest(struct txn *t, instant now);

struct uplink {
    struct actor *actor;
    uplink_earliest *earliest;
    instant in_hand; /* when the first frame from below came that no step has taken yet */
    struct post post;
    const char *program; /* told to the parent */
    enum uplink_state state;
    struct err why; /* OVER */
    struct sync_out out;
    struct uid inbox; /* the parent's stream to us */
    uint64_t inbox_position, inbox_end;
    uint32_t inbox_part; /* bytes that are here of the record after inbox_position */
    int64_t heard_ms, pinged_ms;
    unsigned shows; /* how many of its enrolments are shown, instead of greeting: it was not known
                     * when it last did; to each comes an answer */
    bool again;     /* OVER, and worth connecting again at once */
    bool asked;     /* for the next epoch, at … */
    int64_t asked_ms;
    int64_t parent_ahead_ms; /* of our clock, as its greeting said */
    uint32_t received;       /* records that came in on this connection */
};

#define UPLINK_APART_MS 600000  /* further from the parent's, and a clock is in doubt */
#define UPLINK_PING_MS 30000    /* without a word from the parent: ask */
#define UPLINK_SILENCE_MS 90000 /* without an answer: give the connection up */

void uplink_init(struct uplink *u, struct actor *actor, const char *program,
                 uplink_earliest *earliest);
void uplink_done(struct uplink *u);

/* The connection stands at `now`: greet; or, where the parent said last that it does not know this
 * machine, show it how it enrolled that. */
int uplink_start(struct uplink *u, struct moment now, struct err *e);
/* Take one frame that came at `now`. Frames that make no sense end the connection, not the caller;
 * below zero only when the store or memory fails. */
int uplink_frame(struct uplink *u, struct moment now, struct slice frame, struct err *e);
/* Time has passed: send what was stated meanwhile, ask whether the parent is there. */
int uplink_tick(struct uplink *u, struct moment now, struct err *e);

/* Whether everything stated is durable at the parent and everything it has for us is here. */
bool uplink_settled(const struct uplink *u);

#endif
