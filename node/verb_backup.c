#include "node/backup.h"
#include "node/verbs.h"

static int run(struct verb_call *call, struct err *e) {
    return backup_run(call, ROLE_NODE, e);
}

const struct verb node_verb_backup = {
    BACKUP_VERB,
    .run = run,
};
