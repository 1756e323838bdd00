/*
 * Conflicts: what an author stated beside what has its place, told by whoever verifies. They count
 * for nothing, and are no fault of whoever made the file.
 */
#ifndef AUDIT_CONFLICT_H
#define AUDIT_CONFLICT_H

#include "audit/verify.h"
#include "core/verb.h"
#include "proto/json.h"

/* A list "conflicts" into `j`, of all that `v` found, each as `conflict list` of the hub has it. */
void conflict_put_all(struct json *j, const struct verify *v);
/* The first `most` of them for people, a line each, into the words of `call`. */
void conflict_say(struct verb_call *call, const struct verify *v, uint32_t most);

#endif
