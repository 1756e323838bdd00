/* Events at a hub: frames of its children, right, changed, out of order, again, and time. */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct stage *s = stage_hub();
    play_hub(s, slice_of(data, size));
    stage_hold(s, &s->hub.actor);
    return 0;
}
