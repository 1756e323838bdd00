/*
 * The file of the root or recovery key, as verbs are given it.
 */
#ifndef HUB_FOUNDING_KEY_H
#define HUB_FOUNDING_KEY_H

#include "core/verb.h"
#include "store/keyfile.h"

/* The row of a verb's table for the passphrase; the one of --key is the verb's own, as what it is
 * for, and whether it must be given, differs. */
#define FOUNDING_KEY_PASSPHRASE                                                                    \
    {                                                                                              \
        .name = "root-passphrase-file", .value = "FILE",                                           \
        .help = N_("what that key is sealed with; -: ask for the passphrase")                      \
    }

/* The key that --key and --root-passphrase-file of `call` give, which the caller wipes. */
int founding_key_read(struct verb_call *call, struct key_seeds *ret_seeds, struct err *e);

#endif
