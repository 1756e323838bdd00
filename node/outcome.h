/*
 * Outcomes: what became of every report that this actor sealed, as far as signed receipts in its
 * own store say. Nothing else moves a report on: not that it left, not that a connection went well.
 *
 *     queued ──held, valid──► received ──a later revision counts──► superseded
 *        │                       └──its withdrawal is received──► withdrawn
 *        └────rejected──────► rejected
 */
#ifndef NODE_OUTCOME_H
#define NODE_OUTCOME_H

#include "core/world.h"
#include "node/actor.h"
#include "proto/json_node.h"

/* A report of ours with what else is needed to compare revisions. */
struct outcome {
    struct report_view view;
    struct uid unit, issuer; /* issuer of the campaign; zero where the campaign is not held */
    uint32_t epoch;
    uint64_t seq;
    struct hash campaign; /* the version, by record */
    instant first;        /* the receipt that counts; INSTANT_NONE: none */
    bool effective;       /* it counts in its slot, as far as is known here */
    bool withdrawn;       /* taken back by us, whether or not a hub knows yet */
};

struct outcomes {
    struct arena arena;
    uint32_t n;
    struct outcome *list; /* in the order stated */
};

/* All of them into `ret_outcomes`, reasons worded for `w`; outcomes_done frees it. */
int outcomes_load(struct actor *a, struct txn *t, const struct world *w,
                  struct outcomes *ret_outcomes, struct err *e);
void outcomes_done(struct outcomes *o);

/* Whether `x` and `y` are revisions of one slot. */
bool outcome_same_slot(const struct outcome *x, const struct outcome *y);

#endif
