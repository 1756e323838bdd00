/*
 * Stakes: what hangs on each subject of a list, before the office changes who that is: values that
 * were recorded and reports that were sealed.
 */
#ifndef NODE_STAKE_H
#define NODE_STAKE_H

#include "node/actor.h"

struct stake {
    uint32_t values;   /* in drafts */
    uint32_t unsealed; /* … of which no report was sealed yet */
    uint32_t reports;  /* sealed ones that list it, of this machine and those before it */
};

/* What hangs on each row of `s` into `ret_stakes`, one a row, which the caller frees. */
int stake_load(struct actor *a, struct txn *t, const struct subjects *s, struct stake **ret_stakes,
               struct err *e);

#endif
