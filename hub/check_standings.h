/*
 * The walk of `check` over rankings kept in the store.
 */
#ifndef HUB_CHECK_STANDINGS_H
#define HUB_CHECK_STANDINGS_H

struct actor;
struct err;
struct findings;
struct txn;

/*
 * The book against the records, both ways: every unit's rows as its report in force makes them,
 * every place of these and no other, and all counts. While the book is behind it is not looked at:
 * nobody is answered from it.
 */
int check_standings(struct actor *actor, struct txn *t, struct findings *f, struct err *e);

#endif
