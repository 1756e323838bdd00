/*
 * What a campaign says besides periods, due dates and criteria: from whom it takes over, whom it
 * asks, awards, quotas, groups, and everything that is only carried along.
 */
#ifndef PROTO_JSON_PLAN_H
#define PROTO_JSON_PLAN_H

#include "core/campaign.h"
#include "proto/json.h"

/* The code by which a unit is shown. */
struct json_plan_units {
    const void *arg;
    const char *(*code_of)(const void *arg, const struct uid *unit);
};

/* Put the members of `c` into the object that is open, units by what `units` calls them. */
void json_put_plan(struct json *j, const struct campaign *c, const struct json_plan_units *units);

#endif
