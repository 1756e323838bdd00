/*
 * Rankings out of the standing book: the rows that are shown are read, and nothing else.
 */
#ifndef NODE_STANDING_VIEW_H
#define NODE_STANDING_VIEW_H

#include "core/result.h"
#include "node/standing_choice.h"

/*
 * Answer what `asked` names from the book of the hub `a`, which is up to date in `t`, into
 * `ret_ranking`, as standings_compute would. `ret_served` stays false where the book cannot tell:
 * units as on another day, only some units, a quota counted unit by unit, a standing not kept.
 */
int standing_view_compute(struct actor *a, struct txn *t, const struct standing_asked *asked,
                          struct ranking *ret_ranking, struct buf *words, bool *ret_served,
                          struct err *e);

#endif
