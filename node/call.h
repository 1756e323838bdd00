/*
 * A call: one actor's standing wish to be connected to the hub above it. It joins link and uplink,
 * connects again after a break with doubling pauses and jitter, and never blocks: the program pumps
 * it. Shared by the two programs that have a parent.
 *
 *     RESTING ──pause over──► CONNECTING ──handshake──► TALKING
 *        ▲──────────────broken, refused─────────────────┘
 */
#ifndef NODE_CALL_H
#define NODE_CALL_H

#include "core/world.h"
#include "node/uplink.h"
#include "proto/link.h"
#include "proto/ticket.h"

#define CALL_PATIENCE_MS 20000     /* for a connection, and then for a handshake */
#define CALL_PAUSE_MS_MIN 2000     /* after a break: first pause … */
#define CALL_PAUSE_MS_TALKED 60000 /* … to this where the hub answered, be it with a refusal … */
#define CALL_PAUSE_MS_MAX 300000   /* … doubling up to this */
#define CALL_ANSWER_MS 60000       /* for the answer to a join, and for any word of a connection */
#define CALL_HURRIES 2u            /* how often what a break itself asks for is tried at once */
#define CALL_TICK_MS 500           /* how soon the parent hears what another process stated */

enum call_state { CALL_RESTING, CALL_CONNECTING, CALL_TALKING };

struct call {
    struct actor *actor;
    const struct world *world;
    const char *program;
    uplink_earliest *earliest;
    instant in_hand; /* of the uplink */
    enum call_state state;
    struct link *link;
    struct uplink uplink; /* TALKING */
    int64_t pause_ms, again_ms, dialed_ms;
    unsigned closed;  /* how often in a row the line was closed before it was known who is there */
    unsigned hurried; /* how often in a row it dialed again at once */
    bool other_keys;  /* connected, or connecting, with keys that may be in use by now … */
    struct err refused; /* … since this is what the others met with */
    struct err why;     /* of the last break */
    bool broke;         /* since this was last looked at */
};

void call_init(struct call *c, struct actor *actor, const struct world *world, const char *program,
               uplink_earliest *earliest);
void call_done(struct call *c);

/*
 * Go on, waiting up to `timeout_ms` for a frame: connect if the pause is over, take
 * frames, send. `watch` (−1: none) ends the wait early. Below zero only when the store or memory
 * fails, or the parent refuses for good; a break is noted in `why`, and tried again.
 */
int call_pump(struct call *c, int timeout_ms, int watch, struct err *e);

/* What came from below and no step has taken yet came at `first` or later; INSTANT_NONE: there is
 * none. To be said again whenever that changes. */
void call_in_hand(struct call *c, instant first);

/* Wait out the pause after a break, if there is one. True: `watch` (−1: none), which ends that
 * early, is readable. */
bool call_rest(const struct call *c, int watch);

/* Whether everything said is durable above and everything for us is here. */
bool call_settled(const struct call *c);

/*
 * Connect once, a second time where the line was closed before the hub was known, which one that
 * was replaced does each time, and pump until settled. A break ends it with its reason; so does
 * `watch` (−1: none) becoming readable, with 0 and `ret_received` 0. Else `ret_received` is how
 * many records came in.
 */
int call_once(struct actor *actor, const struct world *world, const char *program,
              uplink_earliest *earliest, int watch, uint32_t *ret_received, struct err *e);

/*
 * Knock at the hub of `ticket` as a guest until it answers; blocks up to CALL_ANSWER_MS, or until
 * `watch` (−1: none) is readable.
 */
int call_join(struct actor *actor, const struct ticket *ticket, const struct world *world,
              int watch, struct err *e);

#endif
