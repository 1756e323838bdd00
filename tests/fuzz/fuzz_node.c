/* Events at an office: frames of its parent, right, changed, out of order, again, and time. */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct stage *s = stage_node(STAGE_JOINED);
    play_node(s, slice_of(data, size));
    stage_hold(s, &s->node);
    return 0;
}
