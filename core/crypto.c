#include "core/crypto.h"

#include "core/mem.h"

#include <assert.h>
#include <endian.h>
#include <sodium.h>
#include <string.h>

static_assert(SEED_BYTES == crypto_sign_SEEDBYTES && SEED_BYTES == crypto_box_SEEDBYTES, "seeds");
static_assert(PUBLIC_KEY_BYTES == crypto_sign_PUBLICKEYBYTES, "signing keys");
static_assert(PUBLIC_KEY_BYTES == crypto_box_PUBLICKEYBYTES, "transport keys");
static_assert(SIGNATURE_BYTES == crypto_sign_BYTES, "signatures");
static_assert(SEAL_SALT_BYTES == crypto_pwhash_SALTBYTES, "salts");
static_assert(SEAL_NONCE_BYTES == crypto_secretbox_NONCEBYTES, "nonces");
static_assert(SEAL_EXTRA_BYTES == crypto_secretbox_MACBYTES, "tags");

#define SEAL_PASSES 3
#define SEAL_MEMORY ((size_t)64 * 1024 * 1024)
#define TAG_BYTES_MAX 32
#define SIGNED_BYTES_MAX 512

struct key_pair {
    struct public_key public_key;
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
};

int crypto_start(struct err *e) {
    if (sodium_init() < 0)
        return err_set(e, ERR_IO, "libsodium cannot start: this machine gives no random numbers");
    return 0;
}

void crypto_hash_tagged(const char *tag, struct slice data, struct hash *ret_hash) {
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, HASH_BYTES);
    crypto_generichash_update(&state, (const uint8_t *)tag, strlen(tag) + 1);
    crypto_generichash_update(&state, data.data, data.len);
    crypto_generichash_final(&state, ret_hash->b, HASH_BYTES);
}

uint64_t crypto_check(uint64_t with, struct slice data) {
    uint64_t key[crypto_shorthash_KEYBYTES / sizeof(uint64_t)] = {htole64(with)}, check;
    static_assert(sizeof check == crypto_shorthash_BYTES, "one number");
    crypto_shorthash((uint8_t *)&check, data.data, data.len, (const uint8_t *)key);
    return le64toh(check);
}

/* The library wants its state at a multiple of 64, which the heap does not promise. */
#define STATE_ALIGN ((uintptr_t)64)
struct hash_run {
    crypto_generichash_state *state; /* inside `room` */
    uint8_t room[sizeof(crypto_generichash_state) + STATE_ALIGN];
};

int hash_run_new(const char *tag, struct hash_run **ret_run, struct err *e) {
    struct hash_run *h = mem_alloc(sizeof *h);
    if (!h)
        return err_nomem(e);
    uintptr_t skip = (STATE_ALIGN - (uintptr_t)h->room % STATE_ALIGN) % STATE_ALIGN;
    h->state = (void *)(h->room + skip);
    crypto_generichash_init(h->state, NULL, 0, HASH_BYTES);
    hash_run_add(h, slice_of(tag, strlen(tag) + 1));
    *ret_run = h;
    return 0;
}

void hash_run_add(struct hash_run *h, struct slice data) {
    crypto_generichash_update(h->state, data.data, data.len);
}

void hash_run_end(struct hash_run *h, struct hash *ret_hash) {
    crypto_generichash_final(h->state, ret_hash->b, HASH_BYTES);
}

void hash_run_free(struct hash_run *h) {
    mem_free(h);
}

void crypto_merkle_leaf(const struct hash *id, struct hash *ret_hash) {
    uint8_t in[1 + HASH_BYTES] = {0};
    memcpy(in + 1, id->b, HASH_BYTES);
    crypto_generichash(ret_hash->b, HASH_BYTES, in, sizeof in, NULL, 0);
}

void crypto_merkle_node(const struct hash *left, const struct hash *right, struct hash *ret_hash) {
    uint8_t in[1 + 2 * HASH_BYTES] = {1};
    memcpy(in + 1, left->b, HASH_BYTES);
    memcpy(in + 1 + HASH_BYTES, right->b, HASH_BYTES);
    crypto_generichash(ret_hash->b, HASH_BYTES, in, sizeof in, NULL, 0);
}

static int pair_new(struct key_pair **ret_pair, struct err *e) {
    struct key_pair *k = sodium_malloc(sizeof *k);
    if (!k)
        return err_nomem(e);
    sodium_memzero(k, sizeof *k);
    *ret_pair = k;
    return 0;
}

int key_pair_sign_new(const uint8_t seed[SEED_BYTES], struct key_pair **ret_pair, struct err *e) {
    int rc = pair_new(ret_pair, e);
    if (rc == 0)
        crypto_sign_seed_keypair((*ret_pair)->public_key.b, (*ret_pair)->secret, seed);
    return rc;
}

int key_pair_transport_new(const uint8_t seed[SEED_BYTES], struct key_pair **ret_pair,
                           struct err *e) {
    int rc = pair_new(ret_pair, e);
    if (rc == 0)
        crypto_box_seed_keypair((*ret_pair)->public_key.b, (*ret_pair)->secret, seed);
    return rc;
}

void key_pair_free(struct key_pair *k) {
    sodium_free(k);
}

const struct public_key *key_pair_public(const struct key_pair *k) {
    return &k->public_key;
}

const uint8_t *key_pair_transport_secret(const struct key_pair *k) {
    return k->secret;
}

void crypto_actor(const struct public_key *key, struct hash *ret_actor) {
    crypto_hash_tagged(TAG_ACTOR, slice_of(key->b, sizeof key->b), ret_actor);
}

/* What is signed: short by design (headers and roots), so it is put together on the stack. */
static size_t signed_bytes(const char *tag, struct slice data, uint8_t out[SIGNED_BYTES_MAX]) {
    size_t n = strlen(tag) + 1;
    assert(n <= TAG_BYTES_MAX && data.len <= SIGNED_BYTES_MAX - TAG_BYTES_MAX);
    memcpy(out, tag, n);
    memcpy(out + n, data.data, data.len);
    return n + data.len;
}

void crypto_sign_tagged(const struct key_pair *k, const char *tag, struct slice data,
                        uint8_t ret_signature[SIGNATURE_BYTES]) {
    uint8_t message[SIGNED_BYTES_MAX];
    size_t n = signed_bytes(tag, data, message);
    crypto_sign_detached(ret_signature, NULL, message, n, k->secret);
}

bool crypto_verify_tagged(const struct public_key *key, const char *tag, struct slice data,
                          const uint8_t signature[SIGNATURE_BYTES]) {
    uint8_t message[SIGNED_BYTES_MAX];
    size_t n = signed_bytes(tag, data, message);
    return crypto_sign_verify_detached(signature, message, n, key->b) == 0;
}

static int seal_key(const char *passphrase, const uint8_t salt[SEAL_SALT_BYTES],
                    uint8_t key[crypto_secretbox_KEYBYTES], struct err *e) {
    if (crypto_pwhash(key, crypto_secretbox_KEYBYTES, passphrase, strlen(passphrase), salt,
                      SEAL_PASSES, SEAL_MEMORY, crypto_pwhash_ALG_ARGON2ID13) != 0)
        return err_set(e, ERR_NOMEM, "the passphrase needs 64 MiB of free memory: close programs");
    return 0;
}

int crypto_seal(struct slice plain, const char *passphrase, const uint8_t salt[SEAL_SALT_BYTES],
                const uint8_t nonce[SEAL_NONCE_BYTES], uint8_t *ret_sealed, struct err *e) {
    uint8_t key[crypto_secretbox_KEYBYTES];
    int rc = seal_key(passphrase, salt, key, e);
    if (rc == 0)
        crypto_secretbox_easy(ret_sealed, plain.data, plain.len, nonce, key);
    sodium_memzero(key, sizeof key);
    return rc;
}

int crypto_open(struct slice sealed, const char *passphrase, const uint8_t salt[SEAL_SALT_BYTES],
                const uint8_t nonce[SEAL_NONCE_BYTES], uint8_t *ret_plain, struct err *e) {
    uint8_t key[crypto_secretbox_KEYBYTES];
    if (sealed.len < SEAL_EXTRA_BYTES)
        return err_set(e, ERR_CORRUPT, "the key file is cut short: copy it again from its backup");
    int rc = seal_key(passphrase, salt, key, e);
    if (rc == 0 && crypto_secretbox_open_easy(ret_plain, sealed.data, sealed.len, nonce, key) != 0)
        rc = err_set(e, ERR_REFUSED, "wrong passphrase: nothing was opened");
    sodium_memzero(key, sizeof key);
    return rc;
}

void crypto_wipe(void *p, size_t n) {
    sodium_memzero(p, n);
}

bool crypto_equal(const void *a, const void *b, size_t n) {
    return sodium_memcmp(a, b, n) == 0;
}

size_t base64_text_size(size_t n) {
    return sodium_base64_encoded_len(n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

void base64_encode(const uint8_t *data, size_t n, char *out) {
    sodium_bin2base64(out, base64_text_size(n), data, n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

bool base64_decode(const char *text, size_t len, uint8_t *out, size_t cap, size_t *ret_n) {
    const char *end = NULL;
    size_t n = 0;
    if (sodium_base642bin(out, cap, text, len, NULL, &n, &end,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        end != text + len)
        return false;
    *ret_n = n;
    return true;
}
