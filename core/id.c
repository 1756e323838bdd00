#include "core/id.h"

#include "core/bytes.h"

void hash_text(const struct hash *h, char out[HASH_TEXT]) {
    hex_encode(h->b, HASH_BYTES, out);
}

void uid_text(const struct uid *u, char out[UID_TEXT]) {
    hex_encode(u->b, UID_BYTES, out);
}
