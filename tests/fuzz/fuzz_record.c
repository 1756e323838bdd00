/* A record; with a genuine key and a first byte that asks for it, its proof too. */
#include "core/limits.h"
#include "core/record.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct record r;
    struct public_key key = {{0}};
    struct err e = {0};
    int rc = record_parse(slice_of(data, size), &r, &e);
    if (rc != 0) {
        fuzz_refused(rc, &e);
        return 0;
    }
    assert(size <= LIMIT_RECORD && r.header.len == RECORD_HEADER_BYTES && r.h.seq > 0);
    assert(r.erased || r.payload.len == r.h.payload_len);
    assert(r.header.len + r.proof.len + r.payload.len == size);
    memcpy(key.b, r.h.actor.b, sizeof key.b);
    assert(!record_verify(&r, &key)); /* nobody has signed for a key that is a hash */
    return 0;
}
