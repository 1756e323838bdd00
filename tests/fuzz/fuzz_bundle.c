/* A bundle: walked over as an importer does, and verified as the auditor does. */
#include "audit/verify.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct slice all = slice_of(data, size), entry;
    struct bundle_reader r = {.deployment = {{1}}};
    struct bundle_end end;
    struct arena a;
    struct verify v;
    struct err e = {0};
    int rc = bundle_reader_init(all, &r, &e);
    while (rc == 0 && (rc = bundle_reader_next(&r, &entry, &e)) == 0)
        assert(entry.len > 0 && entry.data > data && entry.data + entry.len <= data + size);
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    if (rc == ERR_ABSENT)
        rc = bundle_reader_end(&r, &a, &end, &e);
    if (rc != 0)
        fuzz_refused(rc, &e);
    arena_done(&a);
    rc = verify_bundle(all, &r.deployment, NULL, &v, &e);
    assert(rc == 0 || e.code == 0);
    verify_done(&v);
    return 0;
}
