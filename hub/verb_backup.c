#include "hub/verbs.h"
#include "node/backup.h"

static int run(struct verb_call *call, struct err *e) {
    return backup_run(call, ROLE_HUB, e);
}

const struct verb hub_verb_backup = {
    BACKUP_VERB,
    .run = run,
};
