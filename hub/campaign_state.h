/*
 * Stating what is of campaigns: versions, scoring profiles, assignments and ends.
 */
#ifndef HUB_CAMPAIGN_STATE_H
#define HUB_CAMPAIGN_STATE_H

#include "node/command.h"

/*
 * State `payload` of `kind` in lane 0 of the hub of `s`; its id into `ret_id`. ERR_REFUSED where it
 * would be beyond the share of this hub (node/campaign_shares.h): better it is not signed.
 */
int campaign_state(struct command *s, uint16_t kind, struct slice payload, struct hash *ret_id,
                   struct err *e);

#endif
