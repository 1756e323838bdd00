/*
 * Standings: the consolidated ranking of one campaign, period, kind of report and of subject, over
 * the effective reports held. It has no clock: every revision held counts.
 */
#ifndef NODE_STANDINGS_H
#define NODE_STANDINGS_H

#include "core/result.h"
#include "node/standing_choice.h"

/*
 * Compute the ranking that `asked` names into `ret_ranking` (ranking_done). ERR_USAGE where there
 * are several of something and none is chosen: they go into `words`.
 */
int standings_compute(struct actor *a, struct txn *t, const struct standing_asked *asked,
                      struct ranking *ret_ranking, struct buf *words, struct err *e);

#endif
