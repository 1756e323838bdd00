/*
 * Catching up: rankings are brought on in transactions of their own, after what came was answered.
 * While more comes they wait, for a slot that is touched again and again is then looked at once;
 * but not for long. Whoever asks meanwhile ranks from scratch.
 */
#ifndef HUB_CATCH_UP_H
#define HUB_CATCH_UP_H

#include "node/actor.h"

/* All zero: nothing is known to be behind. */
struct catch_up {
    bool behind;      /* rankings do not show yet all that is held */
    int64_t since_ms; /* by the boot clock; 0 while nothing is behind */
};

/* Whether rankings are to be brought on at `now_ms` by the boot clock, by a program that is `idle`
 * or has frames to take. */
bool catch_up_due(struct catch_up *c, bool idle, int64_t now_ms);

/*
 * Bring the rankings of `a` on by a bounded step; `c` then tells whether there is more to do. After
 * a failure they wait for whoever finds them behind again.
 */
int catch_up_step(struct catch_up *c, struct actor *a, struct err *e);

#endif
