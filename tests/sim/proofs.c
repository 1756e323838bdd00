/*
 * What was worked out once is not worked out again. A record passes a dozen machines here, in one
 * process; each of them hashes it and verifies its signature, and each start of each machine makes
 * its keys from their seeds: half of a run's time. So the linker puts these in front of the
 * functions they are named for (--wrap). An answer is only ever given again for the same input,
 * byte for byte; whatever differs in one bit is worked out as ever. And keys need no guarded pages
 * here: making those is eight system calls a key. Where the run says so, sums that are quicker
 * stand in for signatures and hashes.
 */
#include "tests/sim/proofs.h"

#include "core/mem.h"

#include <string.h>

#define PLACES 8192u
#define PROOFS 32768u
#define MESSAGE_MAX 256u
#define TAG_MAX 24u
#define TAG_DIFFERS 7u /* where no two tags have the same three letters */

static bool same_tag(const char *a, const char *b) {
    return a == b || strcmp(a, b) == 0;
}

/* A few bits of what looks random. */
static uint32_t place_of(const uint8_t *bytes) {
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8;
}

/* ---- what stands in for cryptography ---- */

#define ODD 0x9e3779b97f4a7c15u

/* Two sums of `data`, side by side. Every step can be undone, so other data of the same length that
 * differ in eight bytes only never come to the same. */
static void sum_of_data(const char *tag, struct slice data, uint64_t ret_sums[2]) {
    uint64_t sum[2] = {data.len, ODD}, v[2];
    memcpy((uint8_t *)sum + 5, tag + TAG_DIFFERS, 3);
    const uint8_t *p = data.data;
    size_t left = data.len;
    for (; left >= sizeof v; left -= sizeof v, p += sizeof v) {
        memcpy(v, p, sizeof v);
        for (int i = 0; i < 2; i++) {
            sum[i] = (sum[i] ^ v[i]) * ODD;
            sum[i] ^= sum[i] >> 32;
        }
    }
    memset(v, 0, sizeof v);
    memcpy(v, p, left);
    ret_sums[0] = (sum[0] ^ v[0]) * ODD;
    ret_sums[1] = sum[1] ^ v[1];
}

/* Both sums, mixed into each other until every bit hangs on every other, as `n` bytes. */
static void spread(uint64_t sum[2], size_t n, uint8_t *out) {
    for (size_t i = 0; i < n; i += sizeof *sum) {
        for (int round = 0; round < 2; round++) {
            sum[0] = (sum[0] ^ sum[1]) * ODD;
            sum[0] ^= sum[0] >> 29;
            sum[1] = (sum[1] + sum[0]) * ODD;
            sum[1] ^= sum[1] >> 32;
        }
        memcpy(out + i, &sum[1], sizeof *sum);
    }
}

/* ---- signatures ---- */

struct proof {
    struct public_key key;
    uint8_t signature[SIGNATURE_BYTES];
    size_t len; /* 0: an empty place */
    char tag[TAG_MAX];
    uint8_t message[MESSAGE_MAX];
};
static struct proof proofs[PROOFS];

static void remember(const struct public_key *key, const char *tag, struct slice data,
                     const uint8_t signature[SIGNATURE_BYTES]) {
    struct proof *p = &proofs[place_of(signature) % PROOFS];
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
    const struct proof *p = &proofs[place_of(signature) % PROOFS];
    return p->len > 0 && p->len == data.len &&
           memcmp(p->signature, signature, SIGNATURE_BYTES) == 0 &&
           memcmp(p->key.b, key->b, sizeof key->b) == 0 && same_tag(p->tag, tag) &&
           memcmp(p->message, data.data, data.len) == 0;
}

static bool standing_in;

void proofs_stand_in(bool on) {
    standing_in = on;
}

/* In place of a signature: the sums of the tag and what is signed, and those of the key. */
static void stand_in(const struct public_key *key, const char *tag, struct slice data,
                     uint8_t ret_signature[SIGNATURE_BYTES]) {
    uint64_t sum[2], of_key[2];
    sum_of_data(tag, data, sum);
    sum_of_data(tag, slice_of(key->b, sizeof key->b), of_key);
    sum[0] += of_key[0];
    sum[1] += of_key[1];
    spread(sum, SIGNATURE_BYTES, ret_signature);
}

static bool stand_in_holds(const struct public_key *key, const char *tag, struct slice data,
                           const uint8_t signature[SIGNATURE_BYTES]) {
    uint8_t want[SIGNATURE_BYTES];
    stand_in(key, tag, data, want);
    return memcmp(want, signature, SIGNATURE_BYTES) == 0;
}

void __wrap_crypto_sign_tagged(const struct key_pair *k, const char *tag, struct slice data,
                               uint8_t ret_signature[SIGNATURE_BYTES]) {
    if (standing_in) {
        stand_in(key_pair_public(k), tag, data, ret_signature);
        return;
    }
    __real_crypto_sign_tagged(k, tag, data, ret_signature);
    remember(key_pair_public(k), tag, data, ret_signature);
}

bool __wrap_crypto_verify_tagged(const struct public_key *key, const char *tag, struct slice data,
                                 const uint8_t signature[SIGNATURE_BYTES]) {
    if (standing_in)
        return stand_in_holds(key, tag, data, signature);
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
    uint64_t sum[2];
    sum_of_data(tag, data, sum);
    return &hashes[((sum[0] ^ sum[1]) * ODD >> 40) % PLACES];
}

void __wrap_crypto_hash_tagged(const char *tag, struct slice data, struct hash *ret_hash) {
    size_t letters = strlen(tag);
    bool known_tag = letters >= TAG_DIFFERS + 3 && letters < TAG_MAX;
    if (standing_in && known_tag) {
        uint64_t sum[2];
        sum_of_data(tag, data, sum);
        spread(sum, HASH_BYTES, ret_hash->b);
        return;
    }
    if (data.len == 0 || data.len > HASHED_MAX || !known_tag) {
        __real_crypto_hash_tagged(tag, data, ret_hash);
        return;
    }
    struct hashed *h = hashed_at(tag, data);
    if (h->len != data.len || !same_tag(h->tag, tag) || memcmp(h->data, data.data, data.len) != 0) {
        __real_crypto_hash_tagged(tag, data, &h->hash);
        h->len = data.len;
        memcpy(h->data, data.data, data.len);
        memcpy(h->tag, tag, letters + 1);
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
