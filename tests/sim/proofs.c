/*
 * What was worked out once is not worked out again. A record passes a dozen machines here, in one
 * process; each of them hashes it and verifies its signature, and each start of each machine makes
 * its keys from their seeds: half of a run's time. So the linker puts these in front of the
 * functions they are named for (--wrap). An answer is only ever given again for the same input,
 * byte for byte; whatever differs in one bit is worked out as ever. And keys need no guarded pages
 * here: making those is eight system calls a key.
 */
#include "tests/sim/proofs.h"

#include "core/mem.h"

#include <string.h>

#define PLACES 8192u
#define MESSAGE_MAX 256u
#define TAG_MAX 24u

static bool same_tag(const char *a, const char *b) {
    return a == b || strcmp(a, b) == 0;
}

/* A few bits of what looks random. */
static uint32_t place_of(const uint8_t *bytes) {
    return ((uint32_t)bytes[0] | (uint32_t)bytes[1] << 8) % PLACES;
}

/* ---- signatures ---- */

struct proof {
    struct public_key key;
    uint8_t signature[SIGNATURE_BYTES];
    size_t len; /* 0: an empty place */
    char tag[TAG_MAX];
    uint8_t message[MESSAGE_MAX];
};
static struct proof proofs[PLACES];

static void remember(const struct public_key *key, const char *tag, struct slice data,
                     const uint8_t signature[SIGNATURE_BYTES]) {
    struct proof *p = &proofs[place_of(signature)];
    if (data.len == 0 || data.len > MESSAGE_MAX || strlen(tag) >= TAG_MAX)
        return;
    p->key = *key;
    p->len = data.len;
    memcpy(p->signature, signature, SIGNATURE_BYTES);
    memcpy(p->tag, tag, strlen(tag) + 1);
    memcpy(p->message, data.data, data.len);
}

static bool is_known(const struct public_key *key, const char *tag, struct slice data,
                     const uint8_t signature[SIGNATURE_BYTES]) {
    const struct proof *p = &proofs[place_of(signature)];
    return p->len > 0 && p->len == data.len &&
           memcmp(p->signature, signature, SIGNATURE_BYTES) == 0 &&
           memcmp(p->key.b, key->b, sizeof key->b) == 0 && same_tag(p->tag, tag) &&
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

/* ---- hashes ---- */

#define HASHED_MAX 1024u

struct hashed {
    size_t len;
    char tag[TAG_MAX]; /* empty: an empty place */
    struct hash hash;
    uint8_t data[HASHED_MAX];
};
static struct hashed hashes[PLACES];

/* Where the hash of `data` is remembered. */
static struct hashed *hashed_at(const char *tag, struct slice data) {
    uint64_t sum = data.len ^ (uint64_t)(uint8_t)tag[7] << 32, v = 0;
    const uint8_t *p = data.data;
    for (size_t left = data.len; left > 0;) {
        size_t n = left < sizeof v ? left : sizeof v;
        memcpy(&v, p, n);
        sum = (sum ^ v) * 0x9e3779b97f4a7c15u;
        sum ^= sum >> 32;
        p += n;
        left -= n;
    }
    return &hashes[(sum >> 20) % PLACES];
}

void __wrap_crypto_hash_tagged(const char *tag, struct slice data, struct hash *ret_hash) {
    if (data.len == 0 || data.len > HASHED_MAX || strlen(tag) < 8 || strlen(tag) >= TAG_MAX) {
        __real_crypto_hash_tagged(tag, data, ret_hash);
        return;
    }
    struct hashed *h = hashed_at(tag, data);
    if (h->len != data.len || !same_tag(h->tag, tag) || memcmp(h->data, data.data, data.len) != 0) {
        __real_crypto_hash_tagged(tag, data, &h->hash);
        h->len = data.len;
        memcpy(h->data, data.data, data.len);
        memcpy(h->tag, tag, strlen(tag) + 1);
    }
    *ret_hash = h->hash;
}

/* ---- keys ---- */

#define PAIRS 1024u
#define SECRET_MAX 64u

struct made {
    bool there;
    uint8_t seed[SEED_BYTES], public_key[PUBLIC_KEY_BYTES], secret[SECRET_MAX];
};
static struct made sign_pairs[PAIRS], box_pairs[PAIRS];

static int make_pair(struct made *list, uint8_t *pk, uint8_t *sk, size_t secret_len,
                     const uint8_t *seed, make_pair_f *make) {
    struct made *m = &list[place_of(seed) % PAIRS];
    if (!m->there || memcmp(m->seed, seed, SEED_BYTES) != 0) {
        m->there = make(m->public_key, m->secret, seed) == 0;
        if (!m->there)
            return -1;
        memcpy(m->seed, seed, SEED_BYTES);
    }
    memcpy(pk, m->public_key, PUBLIC_KEY_BYTES);
    memcpy(sk, m->secret, secret_len);
    return 0;
}

int __wrap_crypto_sign_seed_keypair(uint8_t *pk, uint8_t *sk, const uint8_t *seed) {
    return make_pair(sign_pairs, pk, sk, 64, seed, __real_crypto_sign_seed_keypair);
}

int __wrap_crypto_box_seed_keypair(uint8_t *pk, uint8_t *sk, const uint8_t *seed) {
    return make_pair(box_pairs, pk, sk, 32, seed, __real_crypto_box_seed_keypair);
}

void *__wrap_sodium_malloc(size_t size) {
    return mem_alloc(size);
}

void __wrap_sodium_free(void *p) {
    mem_free(p);
}
