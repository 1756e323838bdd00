/*
 * Counts: what came in one go, as a hub that serves tells it.
 */
#ifndef HUB_COUNTS_H
#define HUB_COUNTS_H

#include "hub/hub.h"

/* Put the counts of `v` into `words` as one line, a word and its number each, in the language of
 * `w`. */
void counts_say(const struct hub_events *v, const struct world *w, struct buf *words);

#endif
