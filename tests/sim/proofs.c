/*
 * What was proven once is not proven again. A record passes a dozen machines here, in one process,
 * and each of them verifies its signature: four tenths of a run's time. So the linker puts these two
 * in front of the product's (--wrap): a key, a message and a signature that were signed or verified
 * before, all of them byte for byte, are known; whatever differs in one bit is verified as ever.
 */
#include "core/crypto.h"
#include "tests/sim/proofs.h"

#include <string.h>

#define PLACES 8192u
#define MESSAGE_MAX 256u

struct proof {
    struct public_key key;
    uint8_t signature[SIGNATURE_BYTES];
    size_t len; /* 0: an empty place */
    char tag[16];
    uint8_t message[MESSAGE_MAX];
};
static struct proof proofs[PLACES];

/* Signatures look random: a few of their bits are as good a place as any. */
static struct proof *place_of(const uint8_t signature[SIGNATURE_BYTES]) {
    return &proofs[((uint32_t)signature[0] | (uint32_t)signature[1] << 8) % PLACES];
}

static bool fits(const char *tag, struct slice data) {
    return data.len > 0 && data.len <= MESSAGE_MAX && strlen(tag) < sizeof proofs->tag;
}

static void remember(const struct public_key *key, const char *tag, struct slice data,
                     const uint8_t signature[SIGNATURE_BYTES]) {
    struct proof *p = place_of(signature);
    if (!fits(tag, data))
        return;
    *p = (struct proof){.key = *key, .len = data.len};
    memcpy(p->signature, signature, SIGNATURE_BYTES);
    memcpy(p->tag, tag, strlen(tag) + 1);
    memcpy(p->message, data.data, data.len);
}

static bool is_known(const struct public_key *key, const char *tag, struct slice data,
                     const uint8_t signature[SIGNATURE_BYTES]) {
    const struct proof *p = place_of(signature);
    return p->len > 0 && p->len == data.len && memcmp(p->signature, signature, SIGNATURE_BYTES) == 0 &&
           memcmp(p->key.b, key->b, sizeof key->b) == 0 && strcmp(p->tag, tag) == 0 &&
           memcmp(p->message, data.data, data.len) == 0;
}

void __wrap_crypto_sign_tagged(const struct key_pair *k, const char *tag, struct slice data,
                               uint8_t ret_signature[SIGNATURE_BYTES]) {
    __real_crypto_sign_tagged(k, tag, data, ret_signature);
    remember(key_pair_public(k), tag, data, ret_signature);
}

bool __wrap_crypto_verify_tagged(const struct public_key *key, const char *tag, struct slice data,
                                 const uint8_t signature[SIGNATURE_BYTES]) {
    if (is_known(key, tag, data, signature))
        return true;
    bool holds = __real_crypto_verify_tagged(key, tag, data, signature);
    if (holds)
        remember(key, tag, data, signature);
    return holds;
}
