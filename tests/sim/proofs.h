/* The names that the linker gives to what stands in front of core/crypto's, and to that itself. */
#ifndef TESTS_SIM_PROOFS_H
#define TESTS_SIM_PROOFS_H

#include "core/crypto.h"

void __real_crypto_sign_tagged(const struct key_pair *k, const char *tag, struct slice data,
                               uint8_t ret_signature[SIGNATURE_BYTES]);
void __wrap_crypto_sign_tagged(const struct key_pair *k, const char *tag, struct slice data,
                               uint8_t ret_signature[SIGNATURE_BYTES]);
bool __real_crypto_verify_tagged(const struct public_key *key, const char *tag, struct slice data,
                                 const uint8_t signature[SIGNATURE_BYTES]);
bool __wrap_crypto_verify_tagged(const struct public_key *key, const char *tag, struct slice data,
                                 const uint8_t signature[SIGNATURE_BYTES]);

#endif
