#include "node/command.h"
#include "node/show_campaign.h"
#include "node/verbs.h"

static int run(struct verb_call *call, struct err *e) {
    struct command c;
    int rc = command_begin(call, ROLE_NODE, COMMAND_READ, &c, e);
    if (rc != 0)
        return rc;
    const struct campaign_reader of = {c.actor.unit, c.today};
    rc = show_campaigns(&c.actor.catalog, &of, call->world, call->json, &call->out, e);
    if (rc == 0 && c.actor.catalog.n_campaigns == 0)
        world_say(call->world, &call->words,
                  "no campaign is here yet; `sync` brings what the hub has issued");
    return command_end(&c, rc, e);
}

const struct verb node_verb_campaign_list = {
    .name = "campaign list",
    .flags = VERB_JSON,
    .help = N_("the campaigns that reach this office"),
    .run = run,
};
