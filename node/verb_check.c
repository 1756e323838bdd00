#include "node/check.h"
#include "node/verbs.h"
#include "store/keyfile.h"

static int run(struct verb_call *call, struct err *e) {
    struct findings f;
    keyfile_tell_open(call);
    int rc = check_store(call->data, ROLE_NODE, call->world, NULL, &f, e);
    if (rc != 0)
        return rc;
    rc = check_print(&f, call->json, &call->out, e);
    if (rc == 0 && f.total > 0)
        rc = err_set(e, ERR_CORRUPT,
                     "%s: %llu findings; keep a copy, then restore from a backup or from the hub",
                     call->data, (unsigned long long)f.total);
    check_findings_done(&f);
    return rc;
}

const struct verb node_verb_check = {
    .name = "check",
    .flags = VERB_JSON,
    .help = N_("verify the store against its records"),
    .run = run,
};
