/*
 * Why: the reason that somebody types for an act, as it will be signed.
 */
#ifndef NODE_WHY_H
#define NODE_WHY_H

#include "core/verb.h"
#include "proto/payload_act.h"

struct why {
    char *text; /* NFC; why_done frees it */
    char *args[1];
};

/*
 * The value of --reason of `call` into `ret_why`, and as the reason of an act into `ret_reason`,
 * which lives as long. ERR_REFUSED where it is empty, too long or no text.
 */
int why_read(const struct verb_call *call, struct why *ret_why, struct act_reason *ret_reason,
             struct err *e);
void why_done(struct why *w);

#endif
