#include "core/unit_id.h"

#include "core/crypto.h"

#include <string.h>

void unit_id_bind(struct uid *id, const struct uid *author) {
    uint8_t bytes[UID_BYTES + UNIT_ID_RANDOM];
    struct hash h;
    memcpy(bytes, author->b, UID_BYTES);
    memcpy(bytes + UID_BYTES, id->b, UNIT_ID_RANDOM);
    crypto_hash_tagged(TAG_UNIT, slice_of(bytes, sizeof bytes), &h);
    memcpy(id->b + UNIT_ID_RANDOM, h.b, UID_BYTES - UNIT_ID_RANDOM);
}

bool unit_id_is_bound(const struct uid *id, const struct uid *author) {
    struct uid bound = *id;
    unit_id_bind(&bound, author);
    return uid_equal(&bound, id);
}
