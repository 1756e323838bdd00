/* A whole sync frame, as it comes from the socket. */
#include "core/limits.h"
#include "proto/refusal.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    struct frame f;
    struct err e = {0}, why = {0};
    arena_init(&a, FRAME_ARENA_BYTES);
    int rc = frame_decode(slice_of(data, size), &a, &f, &e);
    assert(a.used <= FRAME_ARENA_BYTES);
    if (rc != 0)
        fuzz_refused(rc, &e);
    else if (f.type == FRAME_REFUSED)
        fuzz_refused(refusal_words(&f.u.refused, &why), &why);
    else if (f.type == FRAME_RECORDS || f.type == FRAME_JOINED)
        for (uint32_t i = 0; i < f.u.records.n; i++)
            assert(f.u.records.records[i].len >= 1 && f.u.records.records[i].len <= LIMIT_RECORD);
    arena_done(&a);
    return 0;
}
