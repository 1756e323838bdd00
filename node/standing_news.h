/*
 * News for the standing book: what came to be held since it was last brought on, behind stored
 * cursors over the log.
 */
#ifndef NODE_STANDING_NEWS_H
#define NODE_STANDING_NEWS_H

#include "node/catalog.h"

/* Up to where it is known that there is no news, as long as the cursors stand where they stood. */
struct standing_looked {
    uint64_t seen, named; /* the cursors */
    uint64_t number;      /* local, of the last record; 0: nothing is known */
};

/* Whether `t` holds nothing that the book has yet to hear of. With `looked` (which may be NULL; all
 * zero at first) only what came since it was asked before is looked at. */
bool standing_news_none(struct txn *t, struct standing_looked *looked);

/* Whether news in `t` may be of more than single slots, so that taking it may make all be built
 * anew. */
bool standing_news_wide(struct txn *t);

/*
 * Go through what `t`, whose catalog is `c`, holds since this was last done: the slots of
 * extensions and withdrawals are noted as touched, and all of a campaign of which its issuer said
 * something, whose standings go; `ret_all` becomes true where more than that changed. Where it is
 * true already nothing is gone through.
 */
int standing_news_take(const struct catalog *c, struct txn *t, bool *ret_all, struct err *e);

/* Enter a bounded number of subject-name records, from where that stopped, into `called`. */
int standing_news_names(struct txn *t, struct err *e);

#endif
