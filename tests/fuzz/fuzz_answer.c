/* What an office takes for the answer to its join: the genuine one, changed, or any frame. */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct stage *s = stage_node(STAGE_ASKED);
    struct err e = {0};
    int rc = play_answer(s, slice_of(data, size), &e);
    if (rc != 0)
        fuzz_refused(rc, &e);
    else /* whoever the ticket leads to, or nobody */
        assert(hash_equal(&s->node.parent, &s->hub_id));
    stage_hold(s, &s->node);
    return 0;
}
