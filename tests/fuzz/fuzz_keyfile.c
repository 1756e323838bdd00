/* A key file; once as it is, once with the check that its bytes need. Its first byte says whether
 * there is a passphrase: 1, and no other, as to try one takes a tenth of a second. */
#include "store/keyfile.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/scratch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct slice body = slice_of(data + (size > 0), size - (size > 0));
    const char *passphrase = size > 0 && data[0] == 1 ? FUZZ_PASSPHRASE : NULL;
    struct key_seeds seeds;
    struct hash check;
    crypto_hash_tagged("thidua keyfile 1", body, &check);
    for (size_t extra = 0; extra <= 16; extra += 16) {
        struct buf file = {0};
        struct err e = {0};
        buf_put(&file, body.data, body.len);
        buf_put(&file, check.b, extra);
        int rc = keyfile_read(scratch_file(buf_slice(&file)), passphrase, &seeds, &e);
        assert(rc != 0 || passphrase || file.data[5] != 1); /* sealed is sealed */
        if (rc != 0)
            fuzz_refused(rc, &e);
        buf_done(&file);
    }
    return 0;
}
