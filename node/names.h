/*
 * Names: what subjects are called, for many at once. A name stands in a record of its own, in the
 * lane of the subject's unit; of several the last in the order of revisions holds, and with a
 * report the one that held when it was stated. An erased one says nothing.
 */
#ifndef NODE_NAMES_H
#define NODE_NAMES_H

#include "node/roster.h"

struct names {
    uint32_t n;
    struct name_entry *list; /* by lane and subject, the last first */
    uint32_t n_authors;
    struct name_author *authors; /* who stated them, in the order of their enrolments */
};

/* Find every name that `t` holds; names_done frees `ret_names`. */
int names_load(struct txn *t, struct names *ret_names, struct err *e);
/* The same of the subject-name records `ids`, 32 bytes each. */
int names_load_of(struct txn *t, struct slice ids, struct names *ret_names, struct err *e);
void names_done(struct names *n);

/*
 * The name of `subject` in `lane`, into `ret_name` (NULL: none), which the caller frees: the last
 * one stated before `report`, or the first one after it where there is none before; with `report`
 * NULL the last one there is.
 */
int names_find(const struct names *n, struct txn *t, const struct uid *lane,
               const struct uid *subject, const struct hash *report, char **ret_name,
               struct err *e);

#endif
