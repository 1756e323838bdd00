/*
 * Catching up: rankings are brought on in transactions of their own, after what came was answered.
 */
#ifndef HUB_CATCH_UP_H
#define HUB_CATCH_UP_H

#include "node/actor.h"

/*
 * Bring the rankings of `a` on by a bounded step, where they are `behind`; that then tells whether
 * there is more to do. After a failure they wait for whoever finds them behind again.
 */
int catch_up_step(struct actor *a, bool *behind, struct err *e);

#endif
