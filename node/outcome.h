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
#include "node/slot_facts.h"
#include "proto/json_node.h"

/* A report of ours with what else is to be known of it. */
struct outcome {
    struct report_view view;
    struct slot slot;     /* campaign: NULL where it is not held */
    struct hash campaign; /* the version, by record */
    bool effective;       /* it counts in its slot, as far as is known here */
    bool withdrawn;       /* taken back by us, whether or not a hub knows yet */
};

struct outcomes {
    struct slot_facts facts; /* what the list was made of; its texts live there and in the arena */
    struct arena arena;
    uint32_t n;
    struct outcome *list; /* in the order stated */
};

/* All of them into `ret_outcomes`, reasons worded for `w`; outcomes_done frees it. */
int outcomes_load(struct actor *a, struct txn *t, const struct world *w,
                  struct outcomes *ret_outcomes, struct err *e);
void outcomes_done(struct outcomes *o);

#endif
