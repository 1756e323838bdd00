/* A key file; once as it is, once with the check that its bytes need. */
#include "store/keyfile.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/scratch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct key_seeds seeds;
    struct hash check;
    crypto_hash_tagged("thidua keyfile 1", slice_of(data, size), &check);
    for (size_t extra = 0; extra <= 16; extra += 16) {
        struct buf file = {0};
        struct err e = {0};
        buf_put(&file, data, size);
        buf_put(&file, check.b, extra);
        int rc = keyfile_read(scratch_file(buf_slice(&file)), NULL, &seeds, &e);
        if (rc != 0)
            fuzz_refused(rc, &e);
        buf_done(&file);
    }
    return 0;
}
