#include "tests/unit/admit_world.h"
#include "tests/unit/join_proof.h"

/* ---- the table ---- */

static void a_record_that_fits_is_held_and_a_copy_of_it_is_a_duplicate(void **state) {
    (void)state;
    struct buf join;
    join_of(&node, &join);
    uint64_t before = log_last(t);
    assert_int_equal(offer(&join), ADMIT_HELD);
    assert_int_equal(offer(&join), ADMIT_DUPLICATE);
    join.data[RECORD_HEADER_BYTES] ^= 1; /* a copy is not verified again */
    assert_int_equal(offer(&join), ADMIT_DUPLICATE);
    assert_int_equal(log_last(t), before + 1);
    assert_int_equal(told.held, 1);
    assert_int_equal(told.again, 2);
    buf_done(&join);
}

/* Ways in which a second record of `node` can be wrong, each refused. */
static void wrong_deployment(struct record_header *h) {
    h->deployment.b[0] ^= 1;
}
static void wrong_lane(struct record_header *h) {
    h->lane = hub.communes[1];
}
static void lane_zero(struct record_header *h) {
    h->lane = (struct uid){{0}};
}
static void kind_of_a_hub(struct record_header *h) {
    h->kind = KIND_RECEIPT;
}
static void kind_of_a_root_key(struct record_header *h) {
    h->kind = KIND_GRANT;
    lane_zero(h);
}
static void enrolment(struct record_header *h) {
    h->kind = KIND_ENROL;
    lane_zero(h);
}
static void units(struct record_header *h) {
    h->kind = KIND_UNITS;
    lane_zero(h);
}
static void genesis(struct record_header *h) {
    h->kind = KIND_GENESIS;
    lane_zero(h);
    h->deployment = (struct hash){{0}};
}
static void of_the_hub(struct record_header *h) {
    h->actor = hub.actor.id;
}

static void what_breaks_a_rule_is_refused_and_leaves_no_trace(void **state) {
    (void)state;
    static const struct {
        const char *name;
        void (*twist)(struct record_header *h);
    } cases[] = {
        {"another deployment", wrong_deployment},
        {"another unit's lane", wrong_lane},
        {"lane 0", lane_zero},
        {"a hub's kind", kind_of_a_hub},
        {"a root key's kind", kind_of_a_root_key},
        {"an enrolment", enrolment},
        {"units", units},
        {"another genesis", genesis},
        {"the hub's name", of_the_hub},
    };
    uint64_t before = log_last(t);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct record_header h = fixture_header(&hub, &node, KIND_SUBJECTS);
        struct buf b;
        cases[i].twist(&h);
        fixture_sign(&node, &h, slice_of(NULL, 0), &b);
        print_message("%s\n", cases[i].name);
        assert_int_equal(offer_once(&b), ADMIT_REFUSED);
    }
    assert_int_equal(log_last(t), before);
    assert_int_equal(rows(TABLE_PENDING), 0);
    assert_int_equal(rows(TABLE_AWAITED), 0);
    assert_int_equal(rows(TABLE_FORKS), 0);
    struct buf join;
    join_of(&node, &join);
    assert_int_equal(offer_once(&join), ADMIT_HELD); /* nothing was displaced */
}

static void no_flipped_bit_of_a_record_is_held(void **state) {
    (void)state;
    struct buf join;
    join_of(&node, &join);
    for (size_t i = 0; i < join.len * 8; i += 3) {
        join.data[i / 8] ^= (uint8_t)(1u << i % 8);
        enum admission got = offer(&join);
        assert_true(got == ADMIT_REFUSED || got == ADMIT_PENDING || got == ADMIT_NO_ROOM);
        join.data[i / 8] ^= (uint8_t)(1u << i % 8);
    }
    for (size_t n = 0; n < join.len; n++) {
        struct buf cut = {.data = join.data, .len = n};
        assert_int_equal(offer(&cut), ADMIT_REFUSED);
    }
    assert_int_equal(told.held, 0);
    assert_int_equal(offer(&join), ADMIT_HELD);
    buf_done(&join);
}

static void no_record_is_held_without_its_payload(void **state) {
    (void)state;
    static const uint16_t kinds[] = {KIND_SUBJECTS, KIND_REPORT, 999, KIND_SUBJECT_NAME};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct record_header h = fixture_header(&hub, &node, kinds[i]);
        struct buf b;
        fixture_sign(&node, &h, slice_str("forty bytes and some that are erased now"), &b);
        b.len = RECORD_HEADER_BYTES + SIGNATURE_BYTES;
        assert_int_equal(offer(&b), ADMIT_REFUSED);
        buf_done(&b);
    }
}

static void a_kind_that_nobody_knows_is_held_from_whoever_is_enrolled(void **state) {
    (void)state;
    struct buf b;
    fixture_next_record(&hub, &node, 999, slice_str("later"), &b);
    assert_int_equal(offer_once(&b), ADMIT_HELD);
}

static void of_one_author_no_more_second_records_are_kept_than_convince(void **state) {
    (void)state;
    struct buf join, copy, big = {0};
    struct fixture_author twin = node;
    join_of(&node, &join);
    assert_int_equal(offer_once(&join), ADMIT_HELD);
    for (unsigned i = 0; i < LIMIT_PAYLOAD; i++)
        buf_put_u8(&big, 7);
    for (unsigned i = 0; i < LIMIT_FORK_BYTES / LIMIT_PAYLOAD + 3; i++) {
        struct record_header h = fixture_header(&hub, &twin, 999);
        h.claimed += (instant)i + 1;
        fixture_sign(&twin, &h, buf_slice(&big), &copy);
        assert_int_equal(offer_once(&copy), ADMIT_FORK);
    }
    assert_int_equal(rows(TABLE_FORKS), LIMIT_FORK_BYTES / LIMIT_PAYLOAD - 1); /* headers count */
    buf_done(&big);
}

static void a_second_record_with_one_seq_is_kept_as_evidence_and_counts_for_nothing(void **state) {
    (void)state;
    struct fixture_author twin = node;
    struct buf join, copy, after;
    join_of(&node, &join);
    fixture_next_record(&hub, &twin, 999, slice_str("other"), &copy);
    assert_int_equal(offer(&join), ADMIT_HELD);
    assert_int_equal(offer(&copy), ADMIT_FORK);
    assert_int_equal(offer(&copy), ADMIT_FORK);
    assert_int_equal(rows(TABLE_FORKS), 1);
    fixture_next_record(&hub, &twin, 999, slice_str("builds on it"), &after);
    assert_int_equal(offer(&after), ADMIT_FORK); /* its predecessor is another than ours */
    assert_int_equal(told.held, 1);
    buf_done(&join);
    buf_done(&copy);
    buf_done(&after);
}

/* ---- what is well stated and not its author's to say ---- */

/* The next record of `a` in lane 0, which no node states in. */
static enum admission offer_in_lane_zero(struct fixture_author *a, uint16_t kind,
                                         struct slice payload) {
    struct buf b;
    struct record_header h = fixture_header(&hub, a, kind);
    h.lane = (struct uid){{0}};
    a->prev = fixture_sign(a, &h, payload, &b);
    a->seq = h.seq;
    return offer_once(&b);
}

static void what_a_hub_may_not_say_counts_for_nothing_and_its_lane_goes_on(void **state) {
    (void)state;
    struct fixture_author district, child, stranger;
    struct member m;
    struct hash id;
    struct err e = {0};
    struct buf enrol;
    fixture_author_init(&district, 31, &hub.communes[1]);
    fixture_author_init(&child, 32, &hub.communes[1]);
    fixture_author_init(&stranger, 33, &hub.communes[0]);
    fixture_author_done(&other);
    fixture_author_init(&other, 34, &hub.communes[1]);
    fixture_enrol_payload(&hub, &district, ROLE_HUB, &enrol);
    FIXTURE_OK(append_own(&hub.actor, t, KIND_ENROL, NULL, buf_slice(&enrol), 0, &id, &e), &e);
    buf_done(&enrol);
    fixture_enrol_payload(&hub, &other, ROLE_NODE, &enrol);
    FIXTURE_OK(append_own(&hub.actor, t, KIND_ENROL, NULL, buf_slice(&enrol), 0, &id, &e), &e);
    buf_done(&enrol);
    uint64_t before = log_last(t);
    fixture_enrol_payload(&hub, &stranger, ROLE_NODE, &enrol); /* of a unit that is not below it */
    assert_int_equal(offer_in_lane_zero(&district, KIND_ENROL, buf_slice(&enrol)), ADMIT_HELD);
    buf_done(&enrol);
    fixture_enrol_payload(&hub, &other, ROLE_NODE, &enrol); /* of whom the hub above enrolled */
    assert_int_equal(offer_in_lane_zero(&district, KIND_ENROL, buf_slice(&enrol)), ADMIT_VOID);
    buf_done(&enrol);
    assert_false(roster_find(t, &stranger.id, 1, &m));
    assert_true(roster_find(t, &other.id, 1, &m) && hash_equal(&m.enroller, &hub.actor.id));
    assert_int_equal(told.held, 1);
    assert_int_equal(log_last(t), before + 2);
    fixture_enrol_payload(&hub, &child, ROLE_NODE, &enrol);
    assert_int_equal(offer_in_lane_zero(&district, KIND_ENROL, buf_slice(&enrol)), ADMIT_HELD);
    buf_done(&enrol);
    assert_true(roster_find(t, &child.id, 1, &m));
    fixture_author_done(&district);
    fixture_author_done(&child);
    fixture_author_done(&stranger);
}

/* ---- ended authors ---- */

static void records_of_an_ended_author_stand_up_to_its_last_good_and_no_further(void **state) {
    (void)state;
    struct buf story[4], b;
    struct last_good last;
    struct payload_enrol p = {.role = ROLE_NODE, .n_ends = 1, .ends = &last};
    struct hash id;
    struct err e = {0};
    fixture_story(&hub, &node, 2, story);
    fixture_author_done(&other);
    fixture_author_init(&other, 23, &hub.communes[0]);
    assert_int_equal(offer(&story[0]), ADMIT_HELD);
    last = (struct last_good){node.id, 1, node.unit, 2};
    p.grant = (struct payload_grant){other.id, 1, *key_pair_public(other.sign),
                                     *key_pair_public(other.transport), other.unit};
    buf_init(&b);
    join_prove(&p, &hub.actor.deployment, other.sign);
    FIXTURE_OK(payload_enrol_encode(&p, &b, &e), &e);
    FIXTURE_OK(append_own(&hub.actor, t, KIND_ENROL, NULL, buf_slice(&b), 0, &id, &e), &e);
    buf_done(&b);
    assert_int_equal(offer(&story[0]), ADMIT_DUPLICATE);
    assert_int_equal(offer(&story[1]), ADMIT_HELD);
    assert_int_equal(offer(&story[2]), ADMIT_REFUSED);
    assert_int_equal(offer(&story[3]), ADMIT_REFUSED);
    struct record_header h = fixture_header(&hub, &node, 999);
    h.lane = (struct uid){{0x42}}; /* a lane that its end does not name */
    h.seq = 1;
    h.prev = (struct hash){{0}};
    fixture_sign(&node, &h, slice_of(NULL, 0), &b);
    assert_int_equal(offer_once(&b), ADMIT_REFUSED);
    for (unsigned i = 0; i < 4; i++)
        buf_done(&story[i]);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_record_that_fits_is_held_and_a_copy_of_it_is_a_duplicate),
        TEST(what_breaks_a_rule_is_refused_and_leaves_no_trace),
        TEST(no_flipped_bit_of_a_record_is_held),
        TEST(no_record_is_held_without_its_payload),
        TEST(a_kind_that_nobody_knows_is_held_from_whoever_is_enrolled),
        TEST(of_one_author_no_more_second_records_are_kept_than_convince),
        TEST(a_second_record_with_one_seq_is_kept_as_evidence_and_counts_for_nothing),
        TEST(what_a_hub_may_not_say_counts_for_nothing_and_its_lane_goes_on),
        TEST(records_of_an_ended_author_stand_up_to_its_last_good_and_no_further),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
