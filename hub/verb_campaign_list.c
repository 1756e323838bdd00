#include "hub/hub_call.h"
#include "hub/verbs.h"
#include "node/show_campaign.h"

static int run(struct verb_call *call, struct err *e) {
    struct command s = {0};
    int rc = command_begin(call, ROLE_HUB, COMMAND_READ, &s, e);
    if (rc == 0)
        rc = show_campaigns(&s.actor.catalog, NULL, call->world, call->json, &call->out, e);
    return command_end(&s, rc, e);
}

const struct verb hub_verb_campaign_list = {
    .name = "campaign list",
    .flags = VERB_JSON,
    .help = N_("every campaign held here"),
    .run = run,
};
