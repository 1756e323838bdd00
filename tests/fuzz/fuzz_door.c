/* The names that connections bear at the hub's door, and the frames that come in under them. */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/visit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct door d;
    struct reader in = reader_of(slice_of(data, size));
    door_init(&d, visit_gate, NULL);
    for (int i = 0; i < 200 && in.left > 0; i++)
        visit(&d, &in, i);
    return 0;
}
