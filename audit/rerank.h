/*
 * The ranking worked out once more from the fold: every sheet opened and scored, every pair of rows
 * compared by multiplying crosswise.
 */
#ifndef AUDIT_RERANK_H
#define AUDIT_RERANK_H

#include "audit/reboard.h"

/*
 * The ranking that `a` asks for into `ret_ranking`, which ranking_done frees. ERR_USAGE lists what
 * there is to choose from where groups or kinds of subject are several and none is chosen.
 */
int rerank_of(const struct fold *f, const struct recontact_home *home, const struct ask *a,
              struct ranking *ret_ranking, struct err *e);

#endif
