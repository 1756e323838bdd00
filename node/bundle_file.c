#include "node/bundle_file.h"

#include "node/joining.h"
#include "proto/bundle.h"
#include "store/host.h"

int bundle_file_may(const char *path, bool *ret_there, struct err *e) {
    uint8_t begin[BUNDLE_HEADER_BYTES];
    size_t n;
    struct bundle_reader r;
    int rc = host_read_begin(path, begin, sizeof begin, &n, e);
    if (rc == ERR_ABSENT) {
        *ret_there = false;
        return 0;
    }
    if (rc != 0)
        return rc;
    if (bundle_reader_init(slice_of(begin, n), &r, NULL) != 0)
        return err_set(e, ERR_REFUSED,
                       "%s is there and is no bundle: nothing was written; name another file",
                       path);
    *ret_there = true;
    return 0;
}

int bundle_file_rooted(const struct actor *a, struct txn *t, struct err *e) {
    if (joining_exchanged(a, t))
        return 0;
    return err_set(e, ERR_REFUSED,
                   "before its first exchange with the hub above nothing that this machine holds "
                   "can be verified: let it connect (`sync`, or `serve` at a hub), then export");
}

void bundle_file_tell_root(const struct world *w, const struct actor *a, struct buf *words) {
    char root[HASH_TEXT];
    hash_text(&a->deployment, root);
    world_say(w, words,
              "whoever verifies it has the fingerprint from paper, and compares: this deployment's "
              "is %s",
              root);
}
