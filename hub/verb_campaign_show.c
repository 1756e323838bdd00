#include "hub/hub_call.h"
#include "hub/verbs.h"
#include "node/show_campaign.h"

static int run(struct verb_call *call, struct err *e) {
    struct hub_call s;
    struct catalog_campaign *k;
    int rc = hub_call_open(&s, call, false, e);
    if (rc == 0)
        rc = catalog_find(&s.actor.catalog, verb_arg(call, 0), hub_call_today(&s), &k, e);
    if (rc == 0)
        rc = show_campaign(&s.actor.catalog, k, NULL, call->world, call->json, &call->out, e);
    hub_call_done(&s);
    return rc;
}

const struct verb hub_verb_campaign_show = {
    .name = "campaign show",
    .args = "[ID]",
    .max_args = 1,
    .flags = VERB_JSON,
    .help = N_("everything that a campaign says"),
    .run = run,
};
