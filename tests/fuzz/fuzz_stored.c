/* Rows of a store that are not what the product wrote, and everything that reads them. */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/stored.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct stage *s = stored_stage();
    struct txn *t;
    struct err e = {0};
    FIXTURE_OK(actor_begin(&s->hub.actor, true, &t, &e), &e);
    stored_spoil(t, slice_of(data, size));
    if (txn_failed(t, NULL) == 0)
        stored_read(s, t);
    actor_abort(&s->hub.actor, t);
    return 0;
}
