/* G5, of records: no accepted record lacks a valid signature of an enrolled key over these bytes.
 */
#include "tests/unit/admit_world.h"

#include "proto/kinds.h"
#include "tests/unit/fixture_kinds.h"
#include "tests/unit/fixture_stage.h"

static struct buf story[FIXTURE_KINDS_BY_NODE];

static int begin_story(void **state) {
    begin(state);
    memset(hub.campaign.b, 7, HASH_BYTES);
    fixture_kinds_by_node(&hub, &node, story);
    return 0;
}

static int end_story(void **state) {
    for (int i = 0; i < FIXTURE_KINDS_BY_NODE; i++)
        buf_done(&story[i]);
    return end(state);
}

static uint64_t held_rows(struct txn *in) {
    return txn_count(in, TABLE_RECORDS) + txn_count(in, TABLE_LOG) + txn_count(in, TABLE_ACTORS) +
           txn_count(in, TABLE_FORKS) + txn_count(in, TABLE_RECEIPTS);
}

/* What may come of bytes that are a bit away from a record: nothing that is held by them. */
static void offer_flips(const struct admit *a, struct slice genuine) {
    struct buf copy = {0};
    uint64_t rows_before = held_rows(a->t);
    buf_put(&copy, genuine.data, genuine.len);
    for (size_t bit = 0; bit < 8 * genuine.len; bit++) {
        enum admission got;
        struct err why = {0}, e = {0};
        struct record r;
        copy.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        FIXTURE_OK(admit_bytes(a, buf_slice(&copy), 1, &got, &why, &e), &e);
        if (got == ADMIT_HELD || got == ADMIT_FORK)
            fail_msg("bit %zu of %zu flipped, and it is taken", bit, 8 * genuine.len);
        /* A copy of a held id is dropped unread. */
        if (got == ADMIT_DUPLICATE)
            assert_true(record_parse(genuine, &r, NULL) == 0 &&
                        (log_has(a->t, &r.id) || bit >= 8 * RECORD_HEADER_BYTES));
        copy.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_true(held_rows(a->t) == rows_before);
    buf_done(&copy);
}

/* The kinds of records whose bits were flipped. */
struct flipped {
    bool kinds[1024];
};

static bool first_of_kind(struct flipped *f, const struct buf *bytes) {
    struct record r;
    assert_int_equal(record_parse(buf_slice(bytes), &r, NULL), 0);
    bool first = !f->kinds[r.h.kind % 1024];
    f->kinds[r.h.kind % 1024] = true;
    return first;
}

/* Each kind that this program can read and nodes (`by_node`), or others only, state is there. */
static void assert_all_flipped(const struct flipped *f, const struct fixture_hub *h,
                               const struct fixture_author *a, bool by_node) {
    for (uint16_t kind = 1; kind < 128; kind++) {
        const struct kind_rule *rule = kind_rule(kind);
        struct buf payload;
        bool known = fixture_kind_payload(h, a, kind, &h->campaign, &payload);
        buf_done(&payload);
        if (known && ((rule->by & BY_NODE) != 0) == by_node && !f->kinds[kind])
            fail_msg("no bit of kind %d was flipped", (int)kind);
    }
    assert_true(f->kinds[999]); /* and one that nobody knows */
}

static void g5_no_bit_of_any_record_that_a_child_states_can_be_flipped(void **st) {
    (void)st;
    struct flipped flipped = {{false}};
    for (int i = 0; i < FIXTURE_KINDS_BY_NODE; i++) {
        struct admit a = admit_by(&node.id);
        (void)first_of_kind(&flipped, &story[i]);
        offer_flips(&a, buf_slice(&story[i]));
        struct err e = {0};
        actor_abort(&hub.actor, t); /* what waits for an author that nobody is */
        FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
        assert_int_equal(offer(&story[i]), ADMIT_HELD);
        FIXTURE_OK(actor_commit(&hub.actor, t, &e), &e);
        open_txn();
    }
    assert_all_flipped(&flipped, &hub, &node, true);
}

/* ---- what a parent states ---- */

#define LETTERS 64
static struct buf letters[LETTERS];
static uint32_t n_letters;

/* Copies of all that the hub of `s` holds, in the order held. */
static void copy_log(struct stage *s) {
    struct txn *in;
    struct log_walk w;
    struct hash id;
    struct record r;
    struct err e = {0};
    FIXTURE_OK(txn_begin(s->hub.actor.db, false, &in, &e), &e);
    log_walk_init(&w, in, 0, 0);
    for (n_letters = 0; log_walk_next(&w, NULL, &id); n_letters++) {
        assert_true(n_letters < LETTERS);
        FIXTURE_OK(log_get(in, &id, &r, &e), &e);
        buf_init(&letters[n_letters]);
        buf_put(&letters[n_letters], r.bytes.data, r.bytes.len);
    }
    log_walk_done(&w);
    txn_abort(in);
}

static struct stage *stage_with_kinds(void) {
    struct stage *s = stage_hub();
    struct fixture_author office = s->authors[0];
    office.unit = s->hub.communes[0];
    fixture_kinds_by_hub(&s->hub, &office, &s->hub.campaign);
    copy_log(s);
    return stage_node(STAGE_JOINED);
}

static void take_letter(struct stage *s, const struct buf *letter, bool flips) {
    struct admit a = {.actor = &s->node, .origin = ORIGIN_ABOVE, .carrier = s->hub_id};
    enum admission got;
    struct err why = {0}, e = {0};
    FIXTURE_OK(actor_begin(&s->node, true, &a.t, &e), &e);
    if (flips) {
        offer_flips(&a, buf_slice(letter));
        actor_abort(&s->node, a.t);
        FIXTURE_OK(actor_begin(&s->node, true, &a.t, &e), &e);
    }
    FIXTURE_OK(admit_bytes(&a, buf_slice(letter), 1, &got, &why, &e), &e);
    assert_true(got == ADMIT_HELD || got == ADMIT_DUPLICATE);
    FIXTURE_OK(actor_commit(&s->node, a.t, &e), &e);
}

static void g5_no_bit_of_any_record_that_a_parent_states_can_be_flipped(void **st) {
    (void)st;
    struct stage *s = stage_with_kinds();
    struct flipped flipped = {{false}};
    for (uint32_t i = 0; i < n_letters; i++) {
        take_letter(s, &letters[i], first_of_kind(&flipped, &letters[i]));
        buf_done(&letters[i]);
    }
    assert_all_flipped(&flipped, &s->hub, &s->authors[0], false);
}

/* ---- replay: a genuine signature elsewhere ---- */

/* The record `i` of the story with its header changed by `change`, its proof as it was. */
static enum admission moved(int i, void (*change)(struct record_header *h)) {
    struct record r;
    struct buf other_bytes, copy = {0};
    assert_int_equal(record_parse(buf_slice(&story[i]), &r, NULL), 0);
    struct record_header h = r.h;
    change(&h);
    fixture_sign(&node, &h, r.payload, &other_bytes); /* for its header only */
    buf_put(&copy, other_bytes.data, RECORD_HEADER_BYTES);
    buf_put(&copy, r.proof.data, r.proof.len);
    buf_put(&copy, r.payload.data, r.payload.len);
    buf_done(&other_bytes);
    enum admission got = offer(&copy);
    buf_done(&copy);
    return got;
}

static uint16_t next_kind;
static void to_kind(struct record_header *h) {
    h->kind = next_kind;
}
static void to_other_lane(struct record_header *h) {
    h->lane = other.unit;
}
static void to_lane_zero(struct record_header *h) {
    h->lane = (struct uid){{0}};
}
static void to_other_deployment(struct record_header *h) {
    h->deployment.b[0] ^= 1;
}
static void to_another_place(struct record_header *h) {
    h->seq++;
    h->prev = h->actor;
}

static void g5_a_signature_holds_for_no_other_kind(void **st) {
    (void)st;
    for (int i = 0; i < FIXTURE_KINDS_BY_NODE; i++) {
        struct record r;
        assert_int_equal(record_parse(buf_slice(&story[i]), &r, NULL), 0);
        for (next_kind = 1; next_kind < 128; next_kind++)
            if (next_kind != r.h.kind)
                assert_int_equal(moved(i, to_kind), ADMIT_REFUSED);
    }
}

static void g5_a_signature_holds_for_no_other_lane_deployment_or_place(void **st) {
    (void)st;
    static void (*const changes[])(struct record_header *) = {
        to_other_lane, to_lane_zero, to_other_deployment, to_another_place};
    for (int i = 0; i < FIXTURE_KINDS_BY_NODE; i++)
        for (size_t j = 0; j < sizeof changes / sizeof *changes; j++)
            assert_int_equal(moved(i, changes[j]), ADMIT_REFUSED);
}

/* Signed afresh by its own author, and yet not what that author may say. */
static enum admission stated(uint16_t kind, const struct uid *lane, const struct hash *deployment) {
    struct record_header h = fixture_header(&hub, &node, kind);
    struct buf b, payload;
    if (!fixture_kind_payload(&hub, &node, kind, &hub.actor.id, &payload))
        buf_put_str(&payload, "unknown");
    h.seq = 1;
    h.prev = (struct hash){{0}};
    h.lane = *lane;
    h.deployment = *deployment;
    fixture_sign(&node, &h, buf_slice(&payload), &b);
    buf_done(&payload);
    return offer_once(&b);
}

static void g5_a_child_s_own_signature_admits_no_kind_that_only_hubs_or_the_root_state(void **st) {
    (void)st;
    for (uint16_t kind = 1; kind < 128; kind++) {
        const struct kind_rule *rule = kind_rule(kind);
        if (rule && !(rule->by & BY_NODE)) {
            struct uid zero = {{0}};
            assert_int_equal(stated(kind, &node.unit, &hub.actor.deployment), ADMIT_REFUSED);
            assert_int_equal(stated(kind, &zero, &hub.actor.deployment), ADMIT_REFUSED);
        }
    }
}

static void g5_a_child_s_own_signature_admits_nothing_in_a_lane_of_others(void **st) {
    (void)st;
    struct uid zero = {{0}};
    for (int i = 0; i < FIXTURE_KINDS_BY_NODE; i++) {
        struct record r;
        assert_int_equal(record_parse(buf_slice(&story[i]), &r, NULL), 0);
        assert_int_equal(stated(r.h.kind, &other.unit, &hub.actor.deployment), ADMIT_REFUSED);
        assert_int_equal(stated(r.h.kind, &zero, &hub.actor.deployment), ADMIT_REFUSED);
        assert_int_equal(stated(r.h.kind, &hub.province, &hub.actor.deployment), ADMIT_REFUSED);
    }
}

static void g5_a_child_s_own_signature_admits_nothing_in_another_deployment(void **st) {
    (void)st;
    struct hash elsewhere = hub.actor.deployment;
    for (size_t bit = 0; bit < 8 * HASH_BYTES; bit++) {
        elsewhere.b[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(stated(KIND_JOIN, &node.unit, &elsewhere), ADMIT_REFUSED);
        elsewhere.b[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_int_equal(stated(KIND_JOIN, &node.unit, &elsewhere), ADMIT_HELD);
}

/* The same header, signed under another tag, or by another enrolled author. */
static void g5_a_signature_made_for_something_else_or_by_another_is_none(void **st) {
    (void)st;
    static const char *const tags[] = {TAG_ID, TAG_ROOT, TAG_PAYLOAD, TAG_TRAILER, TAG_BUNDLE, ""};
    struct buf copy = {0};
    buf_put(&copy, story[0].data, story[0].len);
    struct slice header = slice_of(copy.data, RECORD_HEADER_BYTES);
    struct buf enrol;
    struct hash id;
    struct err e = {0};
    fixture_enrol_payload(&hub, &other, ROLE_NODE, &enrol);
    FIXTURE_OK(append_own(&hub.actor, t, KIND_ENROL, NULL, buf_slice(&enrol), 1, &id, &e), &e);
    buf_done(&enrol);
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        crypto_sign_tagged(node.sign, tags[i], header, copy.data + RECORD_HEADER_BYTES);
        assert_int_equal(offer(&copy), ADMIT_REFUSED);
    }
    crypto_sign_tagged(other.sign, TAG_SIGN, header, copy.data + RECORD_HEADER_BYTES);
    assert_int_equal(offer(&copy), ADMIT_REFUSED);
    crypto_sign_tagged(node.sign, TAG_SIGN, header, copy.data + RECORD_HEADER_BYTES);
    assert_int_equal(offer(&copy), ADMIT_HELD);
    buf_done(&copy);
}

/* A batch of one: its root is its leaf. A single record's signature is none of a batch. */
static void g5_a_single_record_s_signature_is_none_of_a_batch_and_the_other_way(void **st) {
    (void)st;
    struct record r;
    struct hash id, leaf;
    struct buf b = {0};
    assert_int_equal(record_parse(buf_slice(&story[0]), &r, NULL), 0);
    buf_put(&b, r.bytes.data, RECORD_HEADER_BYTES);
    b.data[5] = SUITE_MERKLE;
    crypto_hash_tagged(TAG_ID, slice_of(b.data, RECORD_HEADER_BYTES), &id);
    crypto_merkle_leaf(&id, &leaf);
    buf_put(&b, (uint8_t[5]){0}, 5); /* depth 0, index 0 */
    uint8_t *signature = buf_extend(&b, SIGNATURE_BYTES);
    size_t at = (size_t)(signature - b.data);
    buf_put(&b, r.payload.data, r.payload.len);
    memcpy(b.data + at, r.proof.data, SIGNATURE_BYTES);
    assert_int_equal(offer(&b), ADMIT_REFUSED);
    crypto_sign_tagged(node.sign, TAG_SIGN, slice_of(b.data, RECORD_HEADER_BYTES), b.data + at);
    assert_int_equal(offer(&b), ADMIT_REFUSED);
    crypto_sign_tagged(node.sign, TAG_ROOT, slice_of(leaf.b, HASH_BYTES), b.data + at);
    struct admit a = admit_by(&node.id);
    offer_flips(&a, buf_slice(&b));
    assert_int_equal(offer(&b), ADMIT_HELD);
    buf_done(&b);
}

#define STORY_TEST(f) cmocka_unit_test_setup_teardown(f, begin_story, end_story)

int main(void) {
    const struct CMUnitTest tests[] = {
        STORY_TEST(g5_no_bit_of_any_record_that_a_child_states_can_be_flipped),
        cmocka_unit_test(g5_no_bit_of_any_record_that_a_parent_states_can_be_flipped),
        STORY_TEST(g5_a_signature_holds_for_no_other_kind),
        STORY_TEST(g5_a_signature_holds_for_no_other_lane_deployment_or_place),
        STORY_TEST(g5_a_child_s_own_signature_admits_no_kind_that_only_hubs_or_the_root_state),
        STORY_TEST(g5_a_child_s_own_signature_admits_nothing_in_a_lane_of_others),
        STORY_TEST(g5_a_child_s_own_signature_admits_nothing_in_another_deployment),
        STORY_TEST(g5_a_signature_made_for_something_else_or_by_another_is_none),
        STORY_TEST(g5_a_single_record_s_signature_is_none_of_a_batch_and_the_other_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
