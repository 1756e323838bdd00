#include "hub/hub_call.h"
#include "hub/verbs.h"
#include "node/show_campaign.h"

static int run(struct verb_call *call, struct err *e) {
    struct hub_call s;
    int rc = hub_call_open(&s, call, false, e);
    if (rc == 0)
        rc = show_campaigns(&s.actor.catalog, call->world, call->json, &call->out, e);
    hub_call_done(&s);
    return rc;
}

const struct verb hub_verb_campaign_list = {
    .name = "campaign list",
    .flags = VERB_JSON,
    .help = N_("every campaign held here"),
    .run = run,
};
