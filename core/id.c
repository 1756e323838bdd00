#include "core/id.h"

#include "core/bytes.h"

void hash_text(const struct hash *h, char out[HASH_TEXT]) {
    hex_encode(h->b, HASH_BYTES, out);
}

bool hash_prefix(const char *text, uint8_t out[HASH_BYTES], size_t *ret_whole) {
    size_t n = strlen(text);
    if (n < 8 || n > (size_t)2 * HASH_BYTES || strspn(text, "0123456789abcdefABCDEF") != n)
        return false;
    *ret_whole = n / 2;
    return hex_decode(text, n / 2 * 2, out, n / 2);
}

void uid_text(const struct uid *u, char out[UID_TEXT]) {
    hex_encode(u->b, UID_BYTES, out);
}
