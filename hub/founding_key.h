/*
 * The file of the root or recovery key, as verbs are given it.
 */
#ifndef HUB_FOUNDING_KEY_H
#define HUB_FOUNDING_KEY_H

#include "core/verb.h"
#include "store/keyfile.h"

/* The options that founding_key_read reads, as rows of a verb's table; `.required` is the verb's.
 */
#define FOUNDING_KEY_PASSPHRASE                                                                    \
    {                                                                                              \
        .name = "root-passphrase-file", .value = "FILE",                                           \
        .help = N_("what that key is sealed with; -: ask for the passphrase")                      \
    }

/* The key that --key and --root-passphrase-file of `call` give, which the caller wipes. */
int founding_key_read(struct verb_call *call, struct key_seeds *ret_seeds, struct err *e);

#endif
