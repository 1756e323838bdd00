/*
 * The parent side: connections of children, and what they bring. A state machine without clock,
 * socket or thread. Frames are stamped as they are taken from the socket and wait in a queue; a
 * step takes the whole queue in one transaction (group commit); what is to be sent leaves by the
 * post, released by the commit.
 *
 *     hub_take … hub_take │ hub_step: begin, admit, judge, receipts, commit │ post
 */
#ifndef HUB_HUB_H
#define HUB_HUB_H

#include "core/world.h"
#include "hub/catch_up.h"
#include "hub/doubt.h"
#include "hub/ingest.h"
#include "hub/intake.h"
#include "hub/session.h"
#include "node/post.h"
#include "node/sync.h"
#include "node/uplink.h"

/* What steps came to, for the program to log and forget. */
struct hub_events {
    uint32_t valid, rejected, held, again, pending, refused, voided, forks, joined;
    struct err why;      /* of the first refusal */
    struct err why_void; /* of the first that is held and counts for nothing */
    struct err over;     /* a machine below of which nothing more is kept */
    struct err damage;   /* the first record that one child has to get and that cannot be read */
};

struct hub {
    struct actor *actor;
    const struct world *world; /* for random stream names only */
    const char *program;
    struct post post;
    struct sessions sessions;
    struct intake intake;             /* what the next step takes */
    struct doubt_reference reference; /* what the clock is held against */
    enum doubt doubt;                 /* of the clock, when a step was last taken */
    uint64_t asked;                   /* how often a child was asked where its stream ends */
    bool welcomed;                    /* the hub above has taken our greeting since the start */
    struct catch_up catch_up;         /* what rankings do not show yet */
    struct uid renewal;               /* the request that our streams were last made anew for */
    bool disk_low; /* what children bring is refused, kindly; set by the program */
    uint64_t sent; /* the number of the transaction up to which streams were sent to everybody */
    bool news;     /* the next step has work without a frame: records came to be held outside of
                      steps, or arrivals may have their receipts by now */
    struct hub_events events;
    struct err trouble; /* that the store is damaged, met where there was nobody to tell: for the
                           next tick */
};

void hub_init(struct hub *h, struct actor *actor, const struct world *world, const char *program,
              struct moment now);
void hub_done(struct hub *h);

/* Give back the room of what was taken and sent. */
void hub_rest(struct hub *h);

/* Queue `frame` of `from`, taken from the socket at `at`. Step before taking more where the queue
 * is full (intake_full). */
int hub_take(struct hub *h, const struct sender *from, struct moment at, struct slice frame,
             struct err *e);
/* Exchange the queue and `in`: the next step takes what was put into `in`. */
void hub_exchange(struct hub *h, struct intake *in);
/* Take the queue in one transaction. On failure nothing was done, and whoever is connected or waits
 * in the queue is told to come back; node/outlive.h says what that means to the program. */
int hub_step(struct hub *h, struct moment now, struct err *e);
/* Time has passed: state contact, send what other processes stated, ask who is silent. */
int hub_tick(struct hub *h, struct moment now, struct err *e);

/* Keep what the last WELCOME from above said, if `up` has had one: a call that begins says nothing
 * of clocks. */
void hub_heard_above(struct hub *h, const struct uplink *up);

/* The connection `peer` is gone, or does not keep up: forget its session. */
void hub_gone(struct hub *h, uint32_t peer);

/*
 * Judge a transport key at the door: 1 enrolled and live (`ret_actor`), 0 unknown, or ended: a
 * guest, so that it can be told; −1 the store cannot be asked now.
 */
int hub_knows(struct hub *h, const struct public_key *key, struct hash *ret_actor);

/* The key that `actor` signs with in `epoch` (0: its latest), and that epoch; false if it is not
 * enrolled, or the store cannot be asked now. */
bool hub_signer(struct hub *h, const struct hash *actor, uint32_t epoch, uint32_t *ret_epoch,
                struct public_key *ret_key);

#endif
