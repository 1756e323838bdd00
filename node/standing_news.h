/*
 * News for the standing book: what came to be held since it was last brought on, behind stored
 * cursors over the log.
 */
#ifndef NODE_STANDING_NEWS_H
#define NODE_STANDING_NEWS_H

#include "node/roster.h"

/* Whether `t` holds nothing that the book has yet to hear of. */
bool standing_news_none(struct txn *t);

/*
 * Go through what `t` holds since this was last done: the slots of extensions and withdrawals are
 * noted as touched; `ret_all` becomes true where more than a slot changed.
 */
int standing_news_take(struct txn *t, bool *ret_all, struct err *e);

/* Enter a bounded number of subject-name records, from where that stopped, into `called`. */
int standing_news_names(struct txn *t, struct err *e);

#endif
