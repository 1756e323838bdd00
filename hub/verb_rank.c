#include "hub/hub_call.h"
#include "hub/verbs.h"
#include "node/rank_call.h"

static int run(struct verb_call *call, struct err *e) {
    struct command s = {0};
    int rc = command_begin(call, ROLE_HUB, COMMAND_READ, &s, e);
    if (rc == 0)
        rc = rank_call_run(call, &s.actor, s.t, e);
    return command_end(&s, rc, e);
}

const struct verb hub_verb_rank = {
    .name = "rank",
    .flags = VERB_JSON,
    .options = rank_call_options,
    .help = N_("the consolidated ranking"),
    .run = run,
};
