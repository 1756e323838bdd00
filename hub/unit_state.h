/*
 * Stating facts about units: into as few records as their bounds allow. Whoever reads them takes
 * hubs above before those below, so what a fact builds on has to be stated at this hub or above it:
 * where a hub below stated it first, it is stated here once more. So is what lies below the units.
 */
#ifndef HUB_UNIT_STATE_H
#define HUB_UNIT_STATE_H

#include "hub/hub_call.h"

/*
 * State the `n` facts at `facts`, in order, by the hub of `o`, in its write transaction. The
 * catalog of `o` holds records only, no facts on trial.
 */
int unit_state_facts(struct command *o, const struct unit_fact *facts, uint32_t n, struct err *e);

#endif
