/* The names that the linker gives to what stands in front of others, and to those. */
#ifndef TESTS_SIM_PROOFS_H
#define TESTS_SIM_PROOFS_H

#include "core/crypto.h"

/* Whether checks stand in for signatures from here on. They cost a hundredth, and a bit that flips
 * is noticed as ever; but whoever knows a public key could make them, which nobody here does. */
void proofs_stand_in(bool on);

void __real_crypto_sign_tagged(const struct key_pair *k, const char *tag, struct slice data,
                               uint8_t ret_signature[SIGNATURE_BYTES]);
void __wrap_crypto_sign_tagged(const struct key_pair *k, const char *tag, struct slice data,
                               uint8_t ret_signature[SIGNATURE_BYTES]);
bool __real_crypto_verify_tagged(const struct public_key *key, const char *tag, struct slice data,
                                 const uint8_t signature[SIGNATURE_BYTES]);
bool __wrap_crypto_verify_tagged(const struct public_key *key, const char *tag, struct slice data,
                                 const uint8_t signature[SIGNATURE_BYTES]);
void __real_crypto_hash_tagged(const char *tag, struct slice data, struct hash *ret_hash);
void __wrap_crypto_hash_tagged(const char *tag, struct slice data, struct hash *ret_hash);

/* libsodium's, as core/crypto calls them. */
typedef int make_pair_f(uint8_t *pk, uint8_t *sk, const uint8_t *seed);
make_pair_f __real_crypto_sign_seed_keypair, __wrap_crypto_sign_seed_keypair;
make_pair_f __real_crypto_box_seed_keypair, __wrap_crypto_box_seed_keypair;
void *__wrap_sodium_malloc(size_t size);
void __wrap_sodium_free(void *p);

#endif
