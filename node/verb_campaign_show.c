#include "node/command.h"
#include "node/office.h"
#include "node/show_campaign.h"
#include "node/verbs.h"

static int show(struct command *c, struct err *e) {
    struct catalog *catalog = &c->actor.catalog;
    struct catalog_campaign *k;
    const struct unit_fact *own = catalog_unit(catalog, &c->actor.unit);
    int rc = office_campaign(catalog, verb_arg(c->call, 0), &c->actor.unit, c->today, &k, e);
    if (rc != 0)
        return rc;
    return show_campaign(catalog, k, own ? own->level : NULL, c->world, c->call->json,
                         &c->call->out, e);
}

static int run(struct verb_call *call, struct err *e) {
    struct command c;
    int rc = command_begin(call, ROLE_NODE, COMMAND_READ, &c, e);
    return rc == 0 ? command_end(&c, show(&c, e), e) : rc;
}

const struct verb node_verb_campaign_show = {
    .name = "campaign show",
    .args = "[ID]",
    .max_args = 1,
    .flags = VERB_JSON,
    .help = N_("one campaign: criteria with ids, labels, whom they apply to"),
    .run = run,
};
