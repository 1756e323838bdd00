#include "node/epochs.h"

#include "store/key.h"

/* The row of table meta that says that this copy signed nothing in `epoch`. */
static struct key unsigned_key(uint32_t epoch) {
    struct key k = {.n = 0};
    key_text(&k, "unsigned");
    key_u32(&k, epoch);
    return k;
}

void epochs_skip(struct txn *t, uint32_t from, uint32_t to) {
    static const uint8_t one[] = {0, 0, 0, 0, 0, 0, 0, 1};
    for (uint32_t epoch = from + 1; epoch < to; epoch++) {
        struct key k = unsigned_key(epoch);
        txn_put(t, TABLE_META, key_slice(&k), slice_of(one, sizeof one));
    }
}

bool epochs_signed(struct txn *t, uint32_t epoch) {
    struct key k = unsigned_key(epoch);
    return !txn_get(t, TABLE_META, key_slice(&k), NULL);
}
