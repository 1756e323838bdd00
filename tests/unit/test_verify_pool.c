#include "hub/verify_pool.h"
#include "store/log.h"
#include "tests/unit/step_world.h"

#define THREADS 4

static struct verify_pool *start(void) {
    struct verify_pool *p;
    struct err e = {0};
    FIXTURE_OK(verify_pool_new(THREADS, &p, &e), &e);
    return p;
}

/* Put a run of `n` records of `a` into what `p` is filling. */
static void fill(struct verify_pool *p, const struct fixture_author *a, const struct buf *records,
                 uint32_t n) {
    struct slice slices[STORY * 8];
    struct frame f = {.type = FRAME_RECORDS};
    struct sender from = {.peer = PEER, .actor = a->id};
    struct err e = {0};
    struct buf b;
    buf_init(&b);
    for (uint32_t i = 0; i < n; i++)
        slices[i] = buf_slice(&records[i % STORY]);
    f.u.records = (struct frame_records){a->outbox, 1, n, n, slices};
    FIXTURE_OK(frame_encode(&f, &b, &e), &e);
    FIXTURE_OK(intake_take(verify_pool_filling(p), &from, hub.now, buf_slice(&b), &e), &e);
    buf_done(&b);
}

static void learn_node(struct verify_pool *p, const struct public_key *key) {
    verify_pool_learn(p, &node.id, 1, key);
}

/* ---- what was found out beforehand ---- */

static void a_proof_under_one_key_says_nothing_of_another(void **state) {
    (void)state;
    const struct public_key *right = key_pair_public(node.sign);
    const struct public_key *wrong = key_pair_public(other.sign);
    struct checked c;
    struct err e = {0};
    FIXTURE_OK(checked_parse(buf_slice(&story[0]), &c, &e), &e);
    assert_true(checked_by(&c, right));
    checked_verify(&c, wrong);
    assert_false(c.verified);
    assert_true(checked_by(&c, right)); /* it is looked at again */
    checked_verify(&c, right);
    assert_true(c.verified);
    assert_true(checked_by(&c, right));
    assert_false(checked_by(&c, wrong));
    c.key = *wrong; /* whoever proved it under a key that the roster does not give */
    assert_true(checked_by(&c, right));
    story[0].data[RECORD_HEADER_BYTES] ^= 1;
    FIXTURE_OK(checked_parse(buf_slice(&story[0]), &c, &e), &e);
    checked_verify(&c, right);
    assert_false(c.verified);
    assert_false(checked_by(&c, right));
}

/* ---- the threads ---- */

static void threads_find_out_what_is_signed_by_whom_they_know(void **state) {
    (void)state;
    static const struct {
        const char *name;
        bool known, right, whole, want;
    } cases[] = {{"a known key", true, true, true, true},
                 {"nobody's key", false, true, true, false},
                 {"another's key", true, false, true, false},
                 {"a signature that does not hold", true, true, false, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct verify_pool *p = start();
        uint8_t *proof = story[1].data + RECORD_HEADER_BYTES;
        if (cases[i].known)
            learn_node(p, key_pair_public(cases[i].right ? node.sign : other.sign));
        *proof ^= !cases[i].whole;
        for (int k = 0; k < 8; k++)
            fill(p, &node, story, STORY * 8);
        *proof ^= !cases[i].whole;
        verify_pool_submit(p);
        struct intake *in = verify_pool_wait(p);
        assert_non_null(in);
        assert_int_equal(in->n, 8);
        for (uint32_t k = 0; k < in->n; k++) {
            assert_int_equal(in->list[k].state, TAKEN_READ);
            assert_non_null(in->list[k].checked);
            assert_true(in->list[k].checked[1].parsed);
            assert_int_equal(in->list[k].checked[1].verified, cases[i].want);
        }
        verify_pool_retire(p);
        assert_false(verify_pool_busy(p));
        verify_pool_free(p);
    }
}

static void a_little_is_left_to_the_writer(void **state) {
    (void)state;
    struct verify_pool *p = start();
    learn_node(p, key_pair_public(node.sign));
    fill(p, &node, story, 1);
    verify_pool_submit(p);
    struct intake *in = verify_pool_wait(p);
    assert_int_equal(in->list[0].state, TAKEN_UNREAD);
    verify_pool_free(p);
}

static void intakes_come_back_in_the_order_in_which_they_were_filled(void **state) {
    (void)state;
    struct verify_pool *p = start();
    struct public_key key = *key_pair_public(node.sign);
    uint32_t submitted = 0, seen = 0;
    while (seen < 300) {
        while (submitted < 300 && verify_pool_filling(p)) {
            uint32_t frames = 1 + submitted % 3;
            for (uint32_t i = 0; i < frames; i++)
                fill(p, &node, story, 1 + submitted % (STORY * 4));
            key.b[0] ^= submitted % 2; /* right at times */
            learn_node(p, &key);
            verify_pool_submit(p);
            submitted++;
        }
        struct intake *in = verify_pool_wait(p);
        assert_int_equal(in->n, 1 + seen % 3);
        for (uint32_t i = 0; i < in->n; i++)
            if (in->list[i].state == TAKEN_READ)
                assert_int_equal(in->list[i].frame.u.records.n, 1 + seen % (STORY * 4));
        verify_pool_retire(p);
        seen++;
    }
    assert_null(verify_pool_wait(p));
    for (int i = 0; i < 8; i++)
        fill(p, &node, story, STORY * 8);
    verify_pool_submit(p);
    verify_pool_free(p); /* in the middle of it */
}

/* As long as no step has taken them, frames bear the instants at which they came. */
static void what_is_not_stepped_has_an_earliest_instant(void **state) {
    (void)state;
    static const int64_t after_ms[] = {5000, 3000, 9000}; /* the clock was set back once */
    struct verify_pool *p = start();
    instant began = hub.now.wall;
    assert_true(verify_pool_earliest(p) == INSTANT_NONE);
    for (size_t i = 0; i < 3; i++) {
        hub.now.wall = began + after_ms[i];
        fill(p, &node, story, STORY * 8);
        verify_pool_submit(p);
        assert_true(verify_pool_earliest(p) == began + after_ms[i == 0 ? 0 : 1]);
    }
    static const int64_t left_ms[] = {3000, 9000};
    for (size_t i = 0; i < 2; i++) {
        assert_non_null(verify_pool_wait(p));
        verify_pool_retire(p);
        assert_true(verify_pool_earliest(p) == began + left_ms[i]);
    }
    assert_non_null(verify_pool_wait(p));
    verify_pool_retire(p);
    assert_true(verify_pool_earliest(p) == INSTANT_NONE);
    hub.now.wall = began;
    verify_pool_free(p);
}

/* ---- the engine with them ---- */

static void the_hub_comes_to_the_same_with_threads_and_without(void **state) {
    (void)state;
    static const char *const keys[] = {"none", "right", "wrong"};
    struct hash id = id_of(&story[2]);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct verify_pool *p = start();
        struct frame f;
        uint8_t *proof = story[STORY - 1].data + RECORD_HEADER_BYTES;
        if (i > 0)
            learn_node(p, key_pair_public(i == 1 ? node.sign : other.sign));
        greet(PEER, &node);
        fixture_step(&hub);
        *proof ^= 1;
        fill(p, &node, story, STORY);
        while (verify_pool_filling(p)->bytes.len < VERIFY_POOL_WORTH_BYTES)
            fill(p, &node, story, STORY);
        *proof ^= 1;
        verify_pool_submit(p);
        struct intake *in = verify_pool_wait(p);
        hub_exchange(&hub.hub, in);
        fixture_step(&hub);
        hub_exchange(&hub.hub, in);
        verify_pool_retire(p);
        assert_true(fixture_expect(&hub, PEER, FRAME_ACK, &f));
        assert_true(held(&story[2]));
        assert_int_equal(fixture_said(&hub, &id), RECEIPT_VALID);
        assert_false(held(&story[STORY - 1]));
        assert_int_equal(hub.hub.events.refused, 1);
        verify_pool_free(p);
        end(NULL);
        begin(NULL);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_proof_under_one_key_says_nothing_of_another),
        TEST(threads_find_out_what_is_signed_by_whom_they_know),
        TEST(a_little_is_left_to_the_writer),
        TEST(intakes_come_back_in_the_order_in_which_they_were_filled),
        TEST(what_is_not_stepped_has_an_earliest_instant),
        TEST(the_hub_comes_to_the_same_with_threads_and_without),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
