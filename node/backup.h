/*
 * Backup: `backup FILE`, of office and hub alike. The store as it is at one moment, while daemons
 * go on; without the keys, which are worth more and never change by themselves.
 */
#ifndef NODE_BACKUP_H
#define NODE_BACKUP_H

#include "core/verb.h"
#include "proto/payload.h"

/* Copy the store of `call`, which is one of `role`, into the new file that it names, mode 0600.
 * ERR_REFUSED where that exists; nothing else is touched. */
int backup_run(struct verb_call *call, enum role role, struct err *e);

/* The verb, but for what runs it. */
#define BACKUP_VERB                                                                                \
    .name = "backup", .args = "FILE", .min_args = 1, .max_args = 1,                                \
    .help = N_("copy the store into one file, also while it is in use")

#endif
