#include "hub/hub_call.h"
#include "hub/verbs.h"
#include "node/rank_call.h"

static int run(struct verb_call *call, struct err *e) {
    struct hub_call s;
    int rc = hub_call_open(&s, call, false, e);
    if (rc == 0)
        rc = rank_call_run(call, &s.actor, s.t, e);
    hub_call_done(&s);
    return rc;
}

const struct verb hub_verb_rank = {
    .name = "rank",
    .flags = VERB_JSON,
    .options = rank_call_options,
    .help = N_("the consolidated ranking"),
    .run = run,
};
