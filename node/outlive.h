/*
 * What an error means to a program that stays up: one answer, whatever the program did when it met
 * it.
 *
 *     the store is damaged           it would be met again for ever: stop, a person has to mend it
 *     a write's outcome is unknown   only beginning again tells: stop, and be started again
 *     anything else                  nothing was done; it may go well the next time: go on
 *
 * An office has nothing to go on with where its hub refuses it: that it decides before it asks
 * here.
 */
#ifndef NODE_OUTLIVE_H
#define NODE_OUTLIVE_H

#include "core/verb.h"

#define OUTLIVE_SILENT_MS 60000 /* before the same is told again */

/* What was told last; zeroes at first. */
struct outlive {
    char said[512];
    int64_t said_ms; /* at this moment of the boot clock */
};

/*
 * Whether `program`, which serves `call`, goes on after `rc` (0 or below) with `e`: 0, then `e` is
 * told in call->words, once where it comes again and again, and cleared; or `rc`, with `e` for
 * whoever ends the program, and in call->words what to do where that is not beginning again.
 */
int outlive_failure(struct outlive *o, struct verb_call *call, const char *program, int rc,
                    struct err *e);

#endif
