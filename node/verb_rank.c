#include "node/command.h"
#include "node/rank_call.h"
#include "node/verbs.h"

static int run(struct verb_call *call, struct err *e) {
    struct command c;
    int rc = command_begin(call, ROLE_NODE, COMMAND_READ, &c, e);
    return rc == 0 ? command_end(&c, rank_call_run(call, &c.actor, c.t, e), e) : rc;
}

const struct verb node_verb_rank = {
    .name = "rank",
    .flags = VERB_JSON,
    .options = rank_call_options,
    .help = N_("the ranking of its own subtree, of reports that a hub has received"),
    .run = run,
};
