#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/limits.h"
#include "core/mem.h"
#include "core/record.h"

#include <string.h>

#define PAYLOAD "a payload that is signed by its hash"

static struct key_pair *author;

static int start(void **state) {
    (void)state;
    static const uint8_t seed[SEED_BYTES] = {7};
    return crypto_start(NULL) || key_pair_sign_new(seed, &author, NULL);
}

static int stop(void **state) {
    (void)state;
    key_pair_free(author);
    return 0;
}

static struct record_header header_of(uint64_t seq) {
    struct record_header h = {.kind = KIND_REPORT,
                              .payload_version = 1,
                              .epoch = 3,
                              .seq = seq,
                              .claimed = 1702659599999,
                              .deployment = {{1}},
                              .lane = {{2}}};
    crypto_actor(key_pair_public(author), &h.actor);
    memset(h.prev.b, seq == 1 ? 0 : 9, HASH_BYTES);
    return h;
}

static struct buf a_record(uint64_t seq, struct slice payload, struct hash *ret_id) {
    struct record_header h = header_of(seq);
    struct buf b;
    buf_init(&b);
    assert_int_equal(record_build(&h, payload, author, &b, ret_id, NULL), 0);
    return b;
}

/* Whether `bytes` parse, and verify under the author's key. */
static bool holds(struct slice bytes, struct record *ret) {
    return record_parse(bytes, ret, NULL) == 0 && record_verify(ret, key_pair_public(author));
}

static void a_record_says_what_it_was_built_from(void **state) {
    (void)state;
    struct hash id;
    struct buf b = a_record(2, slice_str(PAYLOAD), &id);
    struct record r;
    assert_true(holds(buf_slice(&b), &r));
    assert_true(hash_equal(&r.id, &id));
    assert_true(slice_equal(r.payload, slice_str(PAYLOAD)));
    assert_false(r.erased);
    assert_int_equal(r.h.suite, SUITE_SIGNED);
    assert_int_equal(r.h.kind, KIND_REPORT);
    assert_int_equal(r.h.epoch, 3);
    assert_true(r.h.seq == 2 && r.h.claimed == 1702659599999);
    assert_int_equal(r.header.len, RECORD_HEADER_BYTES);
    buf_done(&b);
}

static void a_payload_may_be_empty(void **state) {
    (void)state;
    struct hash id;
    struct buf b = a_record(1, slice_of(NULL, 0), &id);
    struct record r;
    assert_true(holds(buf_slice(&b), &r));
    assert_false(r.erased);
    buf_done(&b);
}

static void a_record_cut_anywhere_is_refused_and_without_payload_it_is_erased(void **state) {
    (void)state;
    struct hash id;
    struct buf b = a_record(2, slice_str(PAYLOAD), &id);
    const size_t proven = RECORD_HEADER_BYTES + SIGNATURE_BYTES;
    for (size_t n = 0; n < b.len; n++) {
        struct record r = {0};
        uint8_t *cut = mem_alloc(n); /* a block of its own, so that reading past it shows */
        memcpy(cut, b.data, n);
        assert_int_equal(holds(slice_of(cut, n), &r), n == proven);
        assert_int_equal(r.erased, n == proven);
        mem_free(cut);
    }
    buf_put_u8(&b, 0);
    struct record r;
    assert_false(holds(buf_slice(&b), &r));
    buf_done(&b);
}

static void no_bit_of_a_record_can_be_flipped(void **state) {
    (void)state;
    struct hash id;
    struct buf b = a_record(2, slice_str(PAYLOAD), &id);
    for (size_t bit = 0; bit < 8 * b.len; bit++) {
        struct record r;
        b.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_false(holds(buf_slice(&b), &r));
        b.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    struct record r;
    assert_true(holds(buf_slice(&b), &r));
    buf_done(&b);
}

static void an_erased_record_still_verifies_and_keeps_its_id(void **state) {
    (void)state;
    struct hash id;
    struct buf b = a_record(2, slice_str(PAYLOAD), &id);
    struct record r;
    assert_true(holds(slice_of(b.data, RECORD_HEADER_BYTES + SIGNATURE_BYTES), &r));
    assert_true(r.erased && r.payload.len == 0);
    assert_true(hash_equal(&r.id, &id));
    buf_done(&b);
}

static void another_key_does_not_verify(void **state) {
    (void)state;
    struct hash id;
    struct buf b = a_record(2, slice_str(PAYLOAD), &id);
    struct key_pair *other;
    static const uint8_t seed[SEED_BYTES] = {8};
    assert_int_equal(key_pair_sign_new(seed, &other, NULL), 0);
    struct record r;
    assert_int_equal(record_parse(buf_slice(&b), &r, NULL), 0);
    assert_false(record_verify(&r, key_pair_public(other)));
    key_pair_free(other);
    buf_done(&b);
}

static void put_be(uint8_t *at, uint64_t v, size_t n) {
    for (size_t i = 0; i < n; i++)
        at[i] = (uint8_t)(v >> (8 * (n - 1 - i)));
}

static void header_fields_out_of_range_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *name;
        size_t at, bytes;
        uint64_t value;
    } cases[] = {
        {"magic", 0, 1, 'X'},
        {"header version 0", 4, 1, 0},
        {"header version 2", 4, 1, 2},
        {"suite 0", 5, 1, 0},
        {"suite 3", 5, 1, 3},
        {"kind 0", 6, 2, 0},
        {"reserved", 10, 2, 1},
        {"epoch 0", 12, 4, 0},
        {"seq 0", 16, 8, 0},
        {"seq 1 with a predecessor", 16, 8, 1},
        {"claimed before the year 1", 24, 8, (uint64_t)INSTANT_MIN - 1},
        {"claimed after the year 9999", 24, 8, (uint64_t)INSTANT_MAX + 1},
        {"payload too long", 144, 4, LIMIT_PAYLOAD + 1},
    };
    struct hash id;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf b = a_record(2, slice_str(PAYLOAD), &id);
        put_be(b.data + cases[i].at, cases[i].value, cases[i].bytes);
        struct record r;
        struct err e = {0};
        if (record_parse(buf_slice(&b), &r, &e) != ERR_CORRUPT || e.code != ERR_CORRUPT)
            fail_msg("%s was let through", cases[i].name);
        buf_done(&b);
    }
    struct buf b = a_record(2, slice_str(PAYLOAD), &id);
    memset(b.data + 112, 0, HASH_BYTES);
    struct record r;
    assert_int_equal(record_parse(buf_slice(&b), &r, NULL), ERR_CORRUPT);
    buf_done(&b);
}

static void the_longest_payload_fits_and_one_byte_more_is_refused(void **state) {
    (void)state;
    uint8_t *big = mem_zalloc(1, LIMIT_PAYLOAD + 1);
    struct hash id = {{0}};
    struct buf b = a_record(1, slice_of(big, LIMIT_PAYLOAD), &id);
    struct record r;
    assert_true(holds(buf_slice(&b), &r));
    size_t len = b.len;
    struct record_header h = header_of(1);
    struct err e = {0};
    int rc = record_build(&h, slice_of(big, LIMIT_PAYLOAD + 1), author, &b, &id, &e);
    assert_int_equal(rc, ERR_REFUSED);
    assert_int_equal(b.len, len);
    buf_done(&b);
    mem_free(big);
}

static void building_without_memory_leaves_the_outputs_untouched(void **state) {
    (void)state;
    struct record_header h = header_of(1);
    static uint8_t payload[4096];
    int rc = ERR_NOMEM;
    for (long n = 0; rc != 0; n++) {
        struct hash id = {{0}};
        struct buf b;
        buf_init(&b);
        mem_fail_at(n);
        rc = record_build(&h, slice_of(payload, sizeof payload), author, &b, &id, NULL);
        mem_fail_at(-1);
        if (rc != 0) {
            assert_int_equal(rc, ERR_NOMEM);
            assert_int_equal(b.len, 0);
            assert_true(hash_is_zero(&id));
        }
        buf_done(&b);
        assert_true(n < 50);
    }
}

/* ---- suite 2 ---- */

/* The root over 2^depth leaves where only the one at `index` is ours; siblings are made up. */
static void climb(const struct hash *id, unsigned depth, uint32_t index, struct buf *path,
                  struct hash *ret_root) {
    struct hash at, next;
    crypto_merkle_leaf(id, &at);
    for (unsigned i = 0; i < depth; i++) {
        struct hash sibling;
        memset(sibling.b, (int)(0x40 + i), HASH_BYTES);
        buf_put(path, sibling.b, HASH_BYTES);
        if (index >> i & 1)
            crypto_merkle_node(&sibling, &at, &next);
        else
            crypto_merkle_node(&at, &sibling, &next);
        at = next;
    }
    *ret_root = at;
}

/* A suite 2 record whose proof has `depth` steps from `index`. */
static struct buf a_batched_record(unsigned depth, uint32_t index) {
    struct hash id, root;
    struct buf signed1 = a_record(2, slice_str(PAYLOAD), &id), out, path;
    buf_init(&out);
    buf_init(&path);
    buf_put(&out, signed1.data, RECORD_HEADER_BYTES);
    out.data[5] = SUITE_MERKLE;
    crypto_hash_tagged(TAG_ID, buf_slice(&out), &id);
    climb(&id, depth, index, &path, &root);
    uint8_t signature[SIGNATURE_BYTES];
    crypto_sign_tagged(author, TAG_ROOT, slice_of(root.b, HASH_BYTES), signature);
    buf_put_u8(&out, (uint8_t)depth);
    buf_put_u32(&out, index);
    buf_put(&out, path.data, path.len);
    buf_put(&out, signature, sizeof signature);
    buf_put_str(&out, PAYLOAD);
    buf_done(&signed1);
    buf_done(&path);
    return out;
}

static void a_proof_of_any_depth_up_to_16_verifies_from_every_side(void **state) {
    (void)state;
    for (unsigned depth = 0; depth <= LIMIT_MERKLE_DEPTH; depth++) {
        const uint32_t last = (uint32_t)((1ul << depth) - 1);
        const uint32_t indexes[] = {0, last, last / 2, 0x5555u & last, 0xaaaau & last};
        for (size_t i = 0; i < sizeof indexes / sizeof *indexes; i++) {
            struct buf b = a_batched_record(depth, indexes[i]);
            struct record r;
            assert_true(holds(buf_slice(&b), &r));
            assert_int_equal(r.proof.len, 69 + 32 * depth);
            assert_true(slice_equal(r.payload, slice_str(PAYLOAD)));
            buf_done(&b);
        }
    }
}

static void a_proof_with_a_wrong_index_is_refused(void **state) {
    (void)state;
    for (unsigned depth = 0; depth <= LIMIT_MERKLE_DEPTH; depth++) {
        struct buf b = a_batched_record(depth, 0);
        for (unsigned bit = 0; bit < 32; bit++) { /* inside the tree, and beyond it */
            struct record r;
            put_be(b.data + RECORD_HEADER_BYTES + 1, (uint64_t)1 << bit, 4);
            assert_false(holds(buf_slice(&b), &r));
        }
        buf_done(&b);
    }
}

static void no_bit_of_a_batched_record_can_be_flipped_and_no_byte_cut(void **state) {
    (void)state;
    struct buf b = a_batched_record(3, 5);
    struct record r;
    for (size_t bit = 0; bit < 8 * b.len; bit++) {
        b.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_false(holds(buf_slice(&b), &r));
        b.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    const size_t proven = RECORD_HEADER_BYTES + 69 + 3 * 32;
    for (size_t n = 0; n < b.len; n++)
        assert_int_equal(holds(slice_of(b.data, n), &r), n == proven);
    buf_done(&b);
}

static void a_proof_deeper_than_16_is_refused(void **state) {
    (void)state;
    struct buf b = a_batched_record(17, 0);
    struct record r;
    assert_int_equal(record_parse(buf_slice(&b), &r, NULL), ERR_CORRUPT);
    buf_done(&b);
}

static void a_signature_of_one_suite_is_none_of_the_other(void **state) {
    (void)state;
    struct hash id;
    struct buf b = a_record(2, slice_str(PAYLOAD), &id), swapped;
    buf_init(&swapped);
    buf_put(&swapped, b.data, RECORD_HEADER_BYTES);
    swapped.data[5] = SUITE_MERKLE;
    buf_put(&swapped, "\0\0\0\0\0", 5);
    buf_put(&swapped, b.data + RECORD_HEADER_BYTES, b.len - RECORD_HEADER_BYTES);
    struct record r;
    assert_int_equal(record_parse(buf_slice(&swapped), &r, NULL), 0);
    assert_false(record_verify(&r, key_pair_public(author)));
    buf_done(&swapped);
    buf_done(&b);
}

/* ---- key files ---- */

static void a_sealed_key_opens_with_its_passphrase_alone(void **state) {
    (void)state;
    static const uint8_t salt[SEAL_SALT_BYTES] = {1}, nonce[SEAL_NONCE_BYTES] = {2};
    uint8_t sealed[4 + SEAL_EXTRA_BYTES], plain[4];
    struct slice in = slice_str("seed");
    assert_int_equal(crypto_seal(in, "đúng", salt, nonce, sealed, NULL), 0);
    struct slice out = slice_of(sealed, sizeof sealed);
    assert_int_equal(crypto_open(out, "đúng", salt, nonce, plain, NULL), 0);
    assert_memory_equal(plain, "seed", 4);
    assert_int_equal(crypto_open(out, "sai", salt, nonce, plain, NULL), ERR_REFUSED);
    struct err e = {0};
    out.len = SEAL_EXTRA_BYTES - 1;
    assert_int_equal(crypto_open(out, "đúng", salt, nonce, plain, &e), ERR_CORRUPT);
    assert_int_equal(e.code, ERR_CORRUPT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_says_what_it_was_built_from),
        cmocka_unit_test(a_payload_may_be_empty),
        cmocka_unit_test(a_record_cut_anywhere_is_refused_and_without_payload_it_is_erased),
        cmocka_unit_test(no_bit_of_a_record_can_be_flipped),
        cmocka_unit_test(an_erased_record_still_verifies_and_keeps_its_id),
        cmocka_unit_test(another_key_does_not_verify),
        cmocka_unit_test(header_fields_out_of_range_are_refused),
        cmocka_unit_test(the_longest_payload_fits_and_one_byte_more_is_refused),
        cmocka_unit_test(building_without_memory_leaves_the_outputs_untouched),
        cmocka_unit_test(a_proof_of_any_depth_up_to_16_verifies_from_every_side),
        cmocka_unit_test(a_proof_with_a_wrong_index_is_refused),
        cmocka_unit_test(no_bit_of_a_batched_record_can_be_flipped_and_no_byte_cut),
        cmocka_unit_test(a_proof_deeper_than_16_is_refused),
        cmocka_unit_test(a_signature_of_one_suite_is_none_of_the_other),
        cmocka_unit_test(a_sealed_key_opens_with_its_passphrase_alone),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
