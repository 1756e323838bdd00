/* The names that the linker gives to what stands in front of others, and to those. */
#ifndef TESTS_SIM_CAMPAIGNS_H
#define TESTS_SIM_CAMPAIGNS_H

#include "proto/payload_campaign.h"

int __real_campaign_decode(struct slice payload, struct campaign *ret_campaign, struct err *e);
int __wrap_campaign_decode(struct slice payload, struct campaign *ret_campaign, struct err *e);
void __real_campaign_done(struct campaign *c);
void __wrap_campaign_done(struct campaign *c);

#endif
