/*
 * Anew: how soon a child's inbox may begin anew once more because of what its hello says. That
 * costs a walk over the log, and only the child says that it is needed: each time doubles the pause
 * before the next, up to an hour. Who rested for an hour behind its pause is as at first.
 */
#ifndef HUB_ANEW_H
#define HUB_ANEW_H

#include "core/err.h"
#include "core/id.h"

#include <stdbool.h>
#include <stdint.h>

#define ANEW_MS_MIN 60000
#define ANEW_MS_MAX 3600000

struct anew_child {
    struct hash actor;
    int64_t until_ms; /* not before this moment of the boot clock … */
    int64_t pause_ms; /* … which is so long after the last time */
};

/* Enrolled children whose inbox began anew, by actor. All zero: none. */
struct anew {
    uint32_t n;
    struct anew_child *list;
};
void anew_done(struct anew *a);

/* Whether the inbox of `actor` may begin anew at `now_ms` by the boot clock. */
bool anew_may(const struct anew *a, const struct hash *actor, int64_t now_ms);
/* It does. */
int anew_note(struct anew *a, const struct hash *actor, int64_t now_ms, struct err *e);

#endif
