/*
 * Whom a ranking is asked about: who names one subject has named its kind and its peer group too,
 * so neither has to be typed.
 */
#ifndef NODE_STANDING_WHOM_H
#define NODE_STANDING_WHOM_H

#include "node/standing_choice.h"

struct standing_whom {
    const char *subject_kind;
    char group[LIMIT_NAME + 1];
};

/*
 * Where `asked` names a subject and not its kind or its group, put what they are, by the report
 * that counts for its unit, into `asked`; `whom` holds the texts and has to live as long. ERR_USAGE
 * where the campaign or period is left open: what there is goes into `words`; ERR_REFUSED for a
 * subject that is in no report. One that is in several groups is left for the caller to ask about.
 */
int standing_whom_fill(struct actor *a, struct txn *t, struct standing_asked *asked,
                       struct standing_whom *whom, struct buf *words, struct err *e);

#endif
