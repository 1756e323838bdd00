#include "hub/check_slots.h"
#include "hub/check_standings.h"
#include "hub/verbs.h"
#include "store/keyfile.h"

static int check_hub(struct actor *actor, struct txn *t, struct findings *f, struct err *e) {
    int rc = check_slots(actor, t, f, e);
    return rc == 0 ? check_standings(actor, t, f, e) : rc;
}

static int run(struct verb_call *call, struct err *e) {
    struct findings f;
    keyfile_tell_open(call);
    int rc = check_store(call->data, ROLE_HUB, call->world, check_hub, &f, e);
    if (rc != 0)
        return rc;
    rc = check_print(&f, call->json, &call->out, e);
    if (rc == 0 && f.total > 0)
        rc = err_set(e, ERR_CORRUPT,
                     "%s: %llu findings; keep a copy, then restore from a backup or from the "
                     "neighbours",
                     call->data, (unsigned long long)f.total);
    check_findings_done(&f);
    return rc;
}

const struct verb hub_verb_check = {
    .name = "check",
    .flags = VERB_JSON,
    .help = N_("verify the store against its records"),
    .run = run,
};
