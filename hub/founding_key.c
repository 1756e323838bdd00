#include "hub/founding_key.h"

#include "store/secret.h"

int founding_key_read(struct verb_call *call, struct key_seeds *ret_seeds, struct err *e) {
    struct secret *root = NULL;
    const char *sealed_by = verb_text(call, "root-passphrase-file");
    int rc = sealed_by ? secret_read(sealed_by, SECRET_OF_ROOT, false, call->world, &root, e) : 0;
    if (rc == 0)
        rc = keyfile_read(verb_text(call, "key"), secret_text(root), ret_seeds, e);
    if (rc == 0 && root && keyfile_plain(verb_text(call, "key")))
        world_say(call->world, &call->words,
                  "%s is not sealed, so the passphrase was not needed: whoever gets the file can "
                  "sign with it",
                  verb_text(call, "key"));
    secret_free(root);
    return rc;
}
