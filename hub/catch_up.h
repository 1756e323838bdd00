/*
 * Catching up: rankings are brought on in transactions of their own, after what came was answered.
 * While more comes they wait, for a slot that is touched again and again is then looked at once;
 * but not for long. Nor are they made anew as a whole each time that somebody states what changes
 * all of them: every time that soon after the last one doubles the pause before the next. Whoever
 * asks meanwhile ranks from scratch.
 */
#ifndef HUB_CATCH_UP_H
#define HUB_CATCH_UP_H

#include "node/actor.h"
#include "node/standing_news.h"

/* All zero: nothing is known to be behind. */
struct catch_up {
    bool behind;      /* rankings do not show yet all that is held */
    int64_t since_ms; /* by the boot clock; 0 while nothing is behind */
    uint64_t seen;    /* the state of the store that was looked at last … */
    bool found;       /* … and whether they were behind it */
    bool wide;        /* … by what may make them anew */
    struct standing_looked looked;
    int64_t now_ms;   /* when it was last asked whether they are due, … */
    int64_t anew_ms;  /* … from when on they may be made anew … */
    int64_t pause_ms; /* … and how long that was after the last time */
};

/* Look whether rankings are behind what `t` holds, which is as it is committed. */
void catch_up_look(struct catch_up *c, struct txn *t);

/* Whether rankings are to be brought on at `now_ms` by the boot clock, by a program that is `idle`
 * or has frames to take. */
bool catch_up_due(struct catch_up *c, bool idle, int64_t now_ms);

/*
 * Bring the rankings of `a` on by at most `spans` (at least one) bounded spans, in one transaction;
 * `c` then tells whether there is more to do. After a failure they wait for whoever finds them
 * behind again.
 */
int catch_up_step(struct catch_up *c, struct actor *a, uint32_t spans, struct err *e);

#endif
