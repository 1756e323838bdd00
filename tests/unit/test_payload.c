#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/limits.h"
#include "core/mem.h"
#include "proto/payload.h"

#include <string.h>

/* What one test decodes into, and encodes onto. */
static struct arena arena;
static struct buf out;

static int begin(void **state) {
    (void)state;
    arena_init(&arena, PAYLOAD_ARENA_BYTES);
    buf_init(&out);
    return 0;
}

static int end(void **state) {
    (void)state;
    arena_done(&arena);
    buf_done(&out);
    return 0;
}

static char *text_of(size_t n) {
    char *s = arena_alloc(&arena, n + 1);
    memset(s, 'x', n);
    s[n] = '\0';
    return s;
}

static const struct uid unit_a = {{0xa1}}, unit_b = {{0xb2}};
static const struct hash actor_a = {{0x0a}}, record_a = {{0x0b}}, record_b = {{0x0c}};
static const struct public_key key_a = {{0x01, 2}}, key_b = {{0x03, 4}};

/*
 * One case of a decoder: the struct that `spoil` changed must not survive the wire. `spoil` NULL:
 * it must.
 */
#define CHECK(type, good, spoilers)                                                                \
    for (size_t i_ = 0; i_ < sizeof(spoilers) / sizeof *(spoilers); i_++) {                        \
        struct payload_##type in_ = good(), ret_;                                                  \
        struct err e_ = {0};                                                                       \
        if ((spoilers)[i_].spoil)                                                                  \
            (spoilers)[i_].spoil(&in_);                                                            \
        buf_clear(&out);                                                                           \
        assert_int_equal(payload_##type##_encode(&in_, &out, NULL), 0);                            \
        int rc_ = payload_##type##_decode(buf_slice(&out), &arena, &ret_, &e_);                    \
        if (rc_ != ((spoilers)[i_].spoil ? ERR_CORRUPT : 0) || rc_ != e_.code)                     \
            fail_msg("%s: %s: %d", #type, (spoilers)[i_].name, rc_);                               \
    }

/* ---- trust ---- */

static struct payload_grant good_grant(void) {
    return (struct payload_grant){actor_a, 1, key_a, key_b, unit_a};
}
static void no_actor(struct payload_grant *p) {
    p->actor = (struct hash){{0}};
}
static void epoch_zero(struct payload_grant *p) {
    p->epoch = 0;
}
static void no_unit(struct payload_grant *p) {
    p->unit = (struct uid){{0}};
}
static void zero_key(struct payload_grant *p) {
    p->sign_key = (struct public_key){{0}};
}
static void zero_transport_key(struct payload_grant *p) {
    p->transport_key = (struct public_key){{0}};
}

static void a_grant_is_decoded_or_refused(void **state) {
    (void)state;
    static const struct {
        const char *name;
        void (*spoil)(struct payload_grant *);
    } cases[] = {{"good", NULL},          {"no actor", no_actor},
                 {"epoch 0", epoch_zero}, {"no unit", no_unit},
                 {"zero key", zero_key},  {"zero transport key", zero_transport_key}};
    CHECK(grant, good_grant, cases)
    struct payload_grant in = good_grant(), ret;
    buf_clear(&out);
    assert_int_equal(payload_grant_encode(&in, &out, NULL), 0);
    assert_int_equal(payload_grant_decode(buf_slice(&out), &arena, &ret, NULL), 0);
    assert_memory_equal(&in, &ret, sizeof in);
}

static struct payload_genesis good_genesis(void) {
    return (struct payload_genesis){key_a, key_b, unit_a};
}
static void no_recovery_key(struct payload_genesis *p) {
    p->recovery_key = (struct public_key){{0}};
}
static void no_root_unit(struct payload_genesis *p) {
    p->root_unit = (struct uid){{0}};
}

static void a_genesis_is_decoded_or_refused(void **state) {
    (void)state;
    static const struct {
        const char *name;
        void (*spoil)(struct payload_genesis *);
    } cases[] = {{"good", NULL}, {"no recovery key", no_recovery_key}, {"no unit", no_root_unit}};
    CHECK(genesis, good_genesis, cases)
    struct payload_genesis in = good_genesis(), ret;
    buf_clear(&out);
    assert_int_equal(payload_genesis_encode(&in, &out, NULL), 0);
    assert_int_equal(payload_genesis_decode(buf_slice(&out), &arena, &ret, NULL), 0);
    assert_memory_equal(&in, &ret, sizeof in);
}

static struct payload_enrol good_enrol(void) {
    static struct last_good ends[2];
    ends[0] = (struct last_good){actor_a, 2, unit_a, 17};
    ends[1] = (struct last_good){actor_a, 2, {{0}}, 0};
    struct payload_enrol p = {good_grant(), ROLE_HUB, 2, ends};
    p.grant.proof[7] = 1;
    return p;
}
static void no_enrol_proof(struct payload_enrol *p) {
    memset(p->grant.proof, 0, sizeof p->grant.proof);
}
static void role_zero(struct payload_enrol *p) {
    p->role = 0;
}
static void role_three(struct payload_enrol *p) {
    p->role = 3;
}
static void enrol_epoch_zero(struct payload_enrol *p) {
    p->grant.epoch = 0;
}
static void end_without_actor(struct payload_enrol *p) {
    p->ends[1].actor = (struct hash){{0}};
}
static void end_of_epoch_zero(struct payload_enrol *p) {
    p->ends[0].epoch = 0;
}

static void an_enrolment_is_decoded_or_refused(void **state) {
    (void)state;
    static const struct {
        const char *name;
        void (*spoil)(struct payload_enrol *);
    } cases[] = {{"good", NULL},
                 {"no proof", no_enrol_proof},
                 {"role 0", role_zero},
                 {"role 3", role_three},
                 {"epoch 0", enrol_epoch_zero},
                 {"an end without actor", end_without_actor},
                 {"an end of epoch 0", end_of_epoch_zero}};
    CHECK(enrol, good_enrol, cases)
    struct payload_enrol in = good_enrol(), ret;
    buf_clear(&out);
    assert_int_equal(payload_enrol_encode(&in, &out, NULL), 0);
    assert_int_equal(payload_enrol_decode(buf_slice(&out), &arena, &ret, NULL), 0);
    assert_memory_equal(&in.grant, &ret.grant, sizeof in.grant);
    assert_int_equal(ret.n_ends, 2);
    assert_int_equal(ret.ends[0].seq, 17);
    assert_true(uid_is_zero(&ret.ends[1].lane) && ret.ends[1].seq == 0);
    in.n_ends = LIMIT_LIST + 1;
    assert_int_equal(payload_enrol_encode(&in, &out, NULL), ERR_REFUSED);
}

static struct payload_join good_join(void) {
    static char program[] = "thidua 0.1.0";
    return (struct payload_join){key_a, key_b, ROLE_NODE, program};
}
static void join_without_key(struct payload_join *p) {
    p->sign_key = (struct public_key){{0}};
}
static void join_role(struct payload_join *p) {
    p->role = 9;
}
static void join_program_long(struct payload_join *p) {
    p->program = text_of(LIMIT_NAME + 1);
}
static void join_program_escape(struct payload_join *p) {
    static char program[] = "a\033[2J";
    p->program = program;
}

static void a_join_is_decoded_or_refused(void **state) {
    (void)state;
    static const struct {
        const char *name;
        void (*spoil)(struct payload_join *);
    } cases[] = {{"good", NULL},
                 {"no key", join_without_key},
                 {"role 9", join_role},
                 {"a name too long", join_program_long},
                 {"a control character", join_program_escape}};
    CHECK(join, good_join, cases)
}

/* ---- receipts and contacts ---- */

static struct payload_receipt good_receipt(void) {
    static char *args[] = {"GD01", "tieu-chi-1", "", "x"};
    static struct receipt_entry entries[2];
    entries[0] = (struct receipt_entry){.record = record_a,
                                        .received_at = 1702659599999,
                                        .state = RECEIPT_VALID,
                                        .clock_doubt = true};
    entries[1] = (struct receipt_entry){.record = record_b,
                                        .received_at = -5,
                                        .state = RECEIPT_REJECTED,
                                        .code = REJECT_VALUE,
                                        .n_args = 2,
                                        .args = args};
    return (struct payload_receipt){actor_a, 4, 2, entries};
}
static void receipt_of_nobody(struct payload_receipt *p) {
    p->actor = (struct hash){{0}};
}
static void receipt_of_epoch_zero(struct payload_receipt *p) {
    p->epoch = 0;
}
static void receipt_of_nothing(struct payload_receipt *p) {
    p->n = 0;
}
static void receipt_state_zero(struct payload_receipt *p) {
    p->entries[0].state = 0;
}
static void receipt_state_four(struct payload_receipt *p) {
    p->entries[0].state = 4;
}
static void rejected_without_code(struct payload_receipt *p) {
    p->entries[1].code = 0;
}
static void valid_with_code(struct payload_receipt *p) {
    p->entries[0].code = 3;
}
static void five_args(struct payload_receipt *p) {
    static char *args[] = {"1", "2", "3", "4", "5"};
    p->entries[1].n_args = 5;
    p->entries[1].args = args;
}
static void far_instant(struct payload_receipt *p) {
    p->entries[0].received_at = INSTANT_MAX + 1;
}
static void no_instant(struct payload_receipt *p) {
    p->entries[0].received_at = INSTANT_NONE;
}
static void too_many_entries(struct payload_receipt *p) {
    p->n = LIMIT_RECEIPT_ENTRIES + 1;
    p->entries = arena_alloc(&arena, p->n * sizeof *p->entries);
    for (uint32_t i = 0; i < p->n; i++)
        p->entries[i] = (struct receipt_entry){.record = record_a, .state = RECEIPT_HELD};
}

static void receipts_are_decoded_or_refused(void **state) {
    (void)state;
    static const struct {
        const char *name;
        void (*spoil)(struct payload_receipt *);
    } cases[] = {{"good", NULL},
                 {"of nobody", receipt_of_nobody},
                 {"of epoch 0", receipt_of_epoch_zero},
                 {"of nothing", receipt_of_nothing},
                 {"state 0", receipt_state_zero},
                 {"state 4", receipt_state_four},
                 {"rejected without a code", rejected_without_code},
                 {"valid with a code", valid_with_code},
                 {"five arguments", five_args},
                 {"after the year 9999", far_instant},
                 {"no instant", no_instant},
                 {"too many entries", too_many_entries}};
    CHECK(receipt, good_receipt, cases)
    struct payload_receipt in = good_receipt(), ret;
    buf_clear(&out);
    assert_int_equal(payload_receipt_encode(&in, &out, NULL), 0);
    assert_int_equal(payload_receipt_decode(buf_slice(&out), &arena, &ret, NULL), 0);
    assert_true(ret.entries[0].clock_doubt && !ret.entries[1].clock_doubt);
    assert_true(ret.entries[0].received_at == 1702659599999 && ret.entries[1].received_at == -5);
    assert_string_equal(ret.entries[1].args[1], "tieu-chi-1");
}

static void every_rejection_has_words_and_unknown_ones_too(void **state) {
    (void)state;
    char *const args[] = {"một", "hai"};
    char text[512];
    for (uint32_t code = 1; code <= REJECT_REVISIONS + 1; code++) {
        struct err why = {0};
        reject_words(code, 2, args, &why);
        assert_int_equal(why.code, ERR_REFUSED);
        assert_true(strlen(err_text(&why, NULL, text, sizeof text)) > 10);
    }
}

static struct payload_contact good_contact(void) {
    static struct contact_entry children[2];
    children[0] = (struct contact_entry){{{1}}, unit_a, 1702659599999, 1702659599000};
    children[1] = (struct contact_entry){{{2}}, unit_b, INSTANT_NONE, INSTANT_NONE};
    return (struct payload_contact){1702659600000, 2, children};
}
static void contact_without_unit(struct payload_contact *p) {
    p->children[1].unit = (struct uid){{0}};
}
static void contact_without_actor(struct payload_contact *p) {
    p->children[1].actor = (struct hash){{0}};
}
static void contact_far(struct payload_contact *p) {
    p->children[0].drained_to = INSTANT_MAX + 1;
}
static void contact_never(struct payload_contact *p) {
    p->stated_at = INSTANT_NONE;
}

static void contacts_are_decoded_or_refused_and_never_survives(void **state) {
    (void)state;
    static const struct {
        const char *name;
        void (*spoil)(struct payload_contact *);
    } cases[] = {{"good", NULL},
                 {"no unit", contact_without_unit},
                 {"no actor", contact_without_actor},
                 {"after the year 9999", contact_far},
                 {"stated never", contact_never}};
    CHECK(contact, good_contact, cases)
    struct payload_contact in = good_contact(), ret;
    buf_clear(&out);
    assert_int_equal(payload_contact_encode(&in, &out, NULL), 0);
    assert_int_equal(payload_contact_decode(buf_slice(&out), &arena, &ret, NULL), 0);
    assert_true(ret.children[1].heard_at == INSTANT_NONE);
    assert_true(ret.children[0].drained_to == 1702659599000);
}

/* ---- any bytes ---- */

static void no_bytes_make_a_decoder_crash(void **state) {
    (void)state;
    uint64_t seed = 20231215, x = seed;
    print_message("# seed %llu\n", (unsigned long long)seed);
    struct payload_receipt receipt = good_receipt();
    assert_int_equal(payload_receipt_encode(&receipt, &out, NULL), 0);
    for (int round = 0; round < 3000; round++) {
        uint8_t bytes[300];
        size_t n = (size_t)round % sizeof bytes;
        for (size_t i = 0; i < n; i++) {
            x = x * 6364136223846793005u + 1442695040888963407u;
            bytes[i] = round % 2 && i < out.len ? out.data[i] : (uint8_t)(x >> 56);
        }
        if (n > 0)
            bytes[(x >> 33) % n] ^= (uint8_t)(1u << (x >> 60) % 8);
        struct arena a;
        union {
            struct payload_genesis genesis;
            struct payload_enrol enrol;
            struct payload_units units;
            struct subjects subjects;
            struct payload_name name;
            struct payload_report report;
            struct payload_receipt receipt;
            struct payload_contact contact;
        } u;
        struct slice in = slice_of(bytes, n);
        arena_init(&a, PAYLOAD_ARENA_BYTES);
        (void)payload_genesis_decode(in, &a, &u.genesis, NULL);
        (void)payload_enrol_decode(in, &a, &u.enrol, NULL);
        (void)payload_units_decode(in, &a, &u.units, NULL);
        (void)payload_subjects_decode(in, &a, &u.subjects, NULL);
        (void)payload_name_decode(in, &a, &u.name, NULL);
        (void)payload_report_decode(in, &a, &u.report, NULL);
        (void)payload_receipt_decode(in, &a, &u.receipt, NULL);
        (void)payload_contact_decode(in, &a, &u.contact, NULL);
        arena_done(&a);
    }
}

static void a_payload_that_asks_for_too_much_memory_is_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < LIMIT_PAYLOAD / 2; i++) /* empty facts, two bytes each */
        buf_put(&out, "\x0a\x00", 2);
    struct payload_units ret;
    struct err e = {0};
    assert_int_equal(payload_units_decode(buf_slice(&out), &arena, &ret, &e), ERR_CORRUPT);
    assert_true(arena.used <= PAYLOAD_ARENA_BYTES);
}

static void an_arena_hands_out_no_more_than_its_cap_in_however_small_pieces(void **state) {
    (void)state;
    struct arena a;
    size_t n = 0;
    arena_init(&a, 160);
    while (arena_alloc(&a, 1))
        n++;
    assert_int_equal(n, 160 / _Alignof(max_align_t));
    assert_true(a.failed && a.over_cap);
    arena_done(&a);
}

static void decoding_without_memory_says_so(void **state) {
    (void)state;
    struct payload_enrol in = good_enrol(), ret;
    assert_int_equal(payload_enrol_encode(&in, &out, NULL), 0);
    struct arena a;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    mem_fail_at(0);
    assert_int_equal(payload_enrol_decode(buf_slice(&out), &a, &ret, NULL), ERR_NOMEM);
    mem_fail_at(-1);
    arena_done(&a);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_grant_is_decoded_or_refused),
        TEST(a_genesis_is_decoded_or_refused),
        TEST(an_enrolment_is_decoded_or_refused),
        TEST(a_join_is_decoded_or_refused),
        TEST(receipts_are_decoded_or_refused),
        TEST(every_rejection_has_words_and_unknown_ones_too),
        TEST(contacts_are_decoded_or_refused_and_never_survives),
        TEST(no_bytes_make_a_decoder_crash),
        TEST(a_payload_that_asks_for_too_much_memory_is_refused),
        TEST(an_arena_hands_out_no_more_than_its_cap_in_however_small_pieces),
        TEST(decoding_without_memory_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
