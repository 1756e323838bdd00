/* One byte says which codec, the rest is its payload (or a whole sync frame). */
#include "tests/fuzz/codec.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct buf once = {0}, twice = {0};
    struct err e = {0};
    bool decoded;
    if (size == 0)
        return 0;
    uint16_t kind = codec_kinds[data[0] % codec_n];
    int rc = codec_round(kind, slice_of(data + 1, size - 1), &once, &decoded, &e);
    assert(memory_peak() <= codec_memory_max(kind) + 2 * once.cap);
    if (!decoded)
        fuzz_refused(rc, &e);
    else if (rc == 0) { /* what is encoded again is understood as the same */
        assert(codec_round(kind, buf_slice(&once), &twice, NULL, &e) == 0);
        assert(slice_equal(buf_slice(&once), buf_slice(&twice)));
    }
    buf_done(&once);
    buf_done(&twice);
    return 0;
}
