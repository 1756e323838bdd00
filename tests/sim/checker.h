/*
 * The checker: holds the stores, as they are at the end, against the history. It reads raw rows and
 * documented bytes, and judges deadlines by its own plain rules; of the product it asks one thing
 * only, the verdict that is to be compared.
 *
 *     1  what a node ever held a receipt for is in the hub's log exactly once, byte for byte
 *     2  the hub's log holds nothing that nobody stated
 *     3  no chain has a gap
 *     4  every report has exactly one final receipt, with the right verdict and the right instant
 *     5  every slot is on time or late as a plain count of instants says
 *     6  nothing leaves the hub before its commit                    (checked as it happens)
 *     7  a slot holds each revision once, in the order of its author
 *     8  everything settles soon after healing                       (checked as it happens)
 *     9  no cursor points beyond what is durable
 */
#ifndef TESTS_SIM_CHECKER_H
#define TESTS_SIM_CHECKER_H

#include "tests/sim/world.h"

/* What became of each unit's slots, to be held against another run of the same seed. */
enum slot_outcome { OUTCOME_MISSING, OUTCOME_ON_TIME, OUTCOME_LATE };
struct outcome {
    enum slot_outcome slots[NODES_MAX][2][2]; /* node, own or below, annual or interim */
    bool before_due[NODES_MAX]
                   [DEEDS_MAX]; /* a valid, complete report came before the due instant */
};

/* Check everything of `sim`, which is at rest; `ret_outcome` gets what became of the slots. */
void checker_run(struct sim *sim, struct outcome *ret_outcome);
/* A slot whose report came in time with and without accidents is on time in both. */
void checker_compare(struct sim *sim, const struct outcome *with, const struct outcome *without);

#endif
