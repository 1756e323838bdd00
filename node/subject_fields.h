/*
 * Subject fields: what a list says of a subject besides its name, as a file changes it. A leader's
 * mark, a class or a post decides which criteria apply and who is ranked with whom, so each is told
 * before and after.
 */
#ifndef NODE_SUBJECT_FIELDS_H
#define NODE_SUBJECT_FIELDS_H

#include "node/subject_changes.h"

/* A subject as it is listed; texts NULL or empty: none. */
struct subject_fields {
    const struct subject *subject;
    const char *position, *title;
};

/* Take down in `c` what differs between `then` and `now`, both called `code` in `unit`. */
int subject_fields_changed(struct subject_changes *c, const struct unit_fact *unit,
                           const char *code, const struct subject_fields *then,
                           const struct subject_fields *now, struct err *e);

#endif
