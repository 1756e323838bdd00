/*
 * Cryptography: the only file that knows libsodium. Nothing here draws randomness: seeds, nonces
 * and salts are arguments, so that every engine above is deterministic.
 *
 * Algorithms: BLAKE2b-256 with a domain tag in front of the message; Ed25519; X25519 key pairs for
 * the transport; Argon2id and XSalsa20-Poly1305 for key files with a passphrase.
 */
#ifndef CORE_CRYPTO_H
#define CORE_CRYPTO_H

#include "core/bytes.h"
#include "core/err.h"
#include "core/id.h"

#define SEED_BYTES 32
#define PUBLIC_KEY_BYTES 32
#define SIGNATURE_BYTES 64
#define SEAL_SALT_BYTES 16
#define SEAL_NONCE_BYTES 24
#define SEAL_EXTRA_BYTES 16

/* Domain tags: each is hashed or signed with its NUL, so no tag is another's prefix. */
#define TAG_ID "thidua id 1"
#define TAG_SIGN "thidua sign 1"
#define TAG_ROOT "thidua root 1"
#define TAG_PAYLOAD "thidua payload 1"
#define TAG_ACTOR "thidua actor 1"
#define TAG_TOKEN "thidua token 1"
#define TAG_TRAILER "thidua trailer 1"
#define TAG_BUNDLE "thidua bundle 1"
#define TAG_RENEW "thidua renew 1"
#define TAG_STREAM "thidua stream 1"
#define TAG_UNIT "thidua unit 1"
#define TAG_DRAFT "thidua draft 1"

struct public_key {
    uint8_t b[PUBLIC_KEY_BYTES];
};

/* Call once before anything else; ERR_IO when the library cannot start. */
int crypto_start(struct err *e);

/* BLAKE2b-256 over `tag` with its NUL, then `data`. */
void crypto_hash_tagged(const char *tag, struct slice data, struct hash *ret_hash);

/* The same hash, of bytes that come piece by piece. */
struct hash_run;
int hash_run_new(const char *tag, struct hash_run **ret_run, struct err *e);
void hash_run_add(struct hash_run *h, struct slice data);
/* The hash of all that was added; nothing may be added after. */
void hash_run_end(struct hash_run *h, struct hash *ret_hash);
/* NULL is accepted. */
void hash_run_free(struct hash_run *h);

/* A check of `data`, and of the number `with`: tells accidents, not attackers. SipHash-2-4. */
uint64_t crypto_check(uint64_t with, struct slice data);

/* Merkle: leaf H(0 ‖ id), node H(1 ‖ left ‖ right), without tag. */
void crypto_merkle_leaf(const struct hash *id, struct hash *ret_hash);
void crypto_merkle_node(const struct hash *left, const struct hash *right, struct hash *ret_hash);

/* A key pair in locked memory, made from a seed. */
struct key_pair;
int key_pair_sign_new(const uint8_t seed[SEED_BYTES], struct key_pair **ret_pair, struct err *e);
/* For the transport: X25519, as CURVE wants it. */
int key_pair_transport_new(const uint8_t seed[SEED_BYTES], struct key_pair **ret_pair,
                           struct err *e);
/* Wipes; NULL is accepted. */
void key_pair_free(struct key_pair *k);
const struct public_key *key_pair_public(const struct key_pair *k);
/* The secret half of a transport pair: 32 bytes, valid as long as `k`. */
const uint8_t *key_pair_transport_secret(const struct key_pair *k);

/* The actor that a first signing key makes. */
void crypto_actor(const struct public_key *key, struct hash *ret_actor);

/* Ed25519 over `tag` with its NUL, then `data`. */
void crypto_sign_tagged(const struct key_pair *k, const char *tag, struct slice data,
                        uint8_t ret_signature[SIGNATURE_BYTES]);
bool crypto_verify_tagged(const struct public_key *key, const char *tag, struct slice data,
                          const uint8_t signature[SIGNATURE_BYTES]);

/*
 * Seal `plain` under `passphrase` with fresh `salt` and `nonce`; `ret_sealed` gets plain.len +
 * SEAL_EXTRA_BYTES bytes. Argon2id, moderate limits (256 MiB would not fit an old PC: 64 MiB, 3
 * passes). ERR_NOMEM if that much cannot be had.
 */
int crypto_seal(struct slice plain, const char *passphrase, const uint8_t salt[SEAL_SALT_BYTES],
                const uint8_t nonce[SEAL_NONCE_BYTES], uint8_t *ret_sealed, struct err *e);
/* The reverse; ERR_REFUSED when the passphrase is wrong or the bytes were changed. */
int crypto_open(struct slice sealed, const char *passphrase, const uint8_t salt[SEAL_SALT_BYTES],
                const uint8_t nonce[SEAL_NONCE_BYTES], uint8_t *ret_plain, struct err *e);

void crypto_wipe(void *p, size_t n);
/* Compare `n` secret bytes without leaking where they differ. */
bool crypto_equal(const void *a, const void *b, size_t n);

/* Base64url without padding: what tickets are written in. */
size_t base64_text_size(size_t n); /* with the NUL */
void base64_encode(const uint8_t *data, size_t n, char *out);
/* At most `cap` bytes into `out`; false if `text` is anything else. */
bool base64_decode(const char *text, size_t len, uint8_t *out, size_t cap, size_t *ret_n);

#endif
