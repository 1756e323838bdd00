#include "hub/hub_call.h"
#include "hub/verbs.h"
#include "node/show_campaign.h"

static int run(struct verb_call *call, struct err *e) {
    struct command s = {0};
    struct catalog_campaign *k;
    int rc = command_begin(call, ROLE_HUB, COMMAND_READ, &s, e);
    if (rc == 0)
        rc = catalog_find(&s.actor.catalog, verb_arg(call, 0), s.today, &k, e);
    if (rc == 0)
        rc = show_campaign(&s.actor.catalog, k, NULL, call->world, call->json, &call->out, e);
    return command_end(&s, rc, e);
}

const struct verb hub_verb_campaign_show = {
    .name = "campaign show",
    .args = "[ID]",
    .max_args = 1,
    .flags = VERB_JSON,
    .help = N_("everything that a campaign says"),
    .run = run,
};
