/*
 * Called: which records name a subject, found by the lane and the subject, where `names` reads all.
 * A view over subject-name records, that the keeper of rankings brings up to date.
 */
#ifndef NODE_CALLED_H
#define NODE_CALLED_H

#include "core/record.h"
#include "store/db.h"

/* Enter the subject-name record `r`; what is erased or garbled says nothing. */
int called_enter(struct txn *t, const struct record *r, struct err *e);

/*
 * The name of `subject` in `lane` with `report`, as names_find, into `ret_name` (NULL: none), which
 * the caller frees.
 */
int called_find(struct txn *t, const struct uid *lane, const struct uid *subject,
                const struct hash *report, char **ret_name, struct err *e);

/* Whether every subject-name record held is entered, and nothing else is. */
bool called_holds(struct txn *t);

#endif
