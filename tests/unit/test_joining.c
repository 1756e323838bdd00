#include "node/bundle_file.h"
#include "tests/unit/joining_world.h"

/* ---- what a directory is ---- */

static void keys_are_durable_before_anything_is_asked_and_stay_the_same(void **state) {
    (void)state;
    prepare(&ticket);
    struct hash id = child.id;
    struct uid outbox = child.outbox;
    assert_int_equal(outbox_end(), 1); /* its own join record */
    assert_false(joined());
    prepare(&ticket);
    assert_true(hash_equal(&child.id, &id));
    assert_true(uid_equal(&child.outbox, &outbox));
    assert_int_equal(outbox_end(), 1);
}

static void a_join_that_was_never_answered_is_begun_anew_with_another_ticket(void **state) {
    (void)state;
    struct ticket second = fixture_ticket(&hub, &hub.communes[1], ROLE_NODE, 8);
    prepare(&ticket);
    struct hash id = child.id;
    prepare(&second);
    assert_true(hash_equal(&child.id, &id)); /* keys that were kept are not thrown away */
    assert_true(uid_equal(&child.unit, &hub.communes[1]));
    assert_int_equal(outbox_end(), 1);
}

static void a_directory_that_belongs_to_a_hub_is_refused_and_left_as_it_was(void **state) {
    (void)state;
    struct err e = {0};
    uint64_t records = fixture_count(&hub, TABLE_RECORDS);
    hub_done(&hub.hub);
    actor_close(&hub.actor);
    assert_int_equal(joining_prepare(hub.dir, &ticket, NULL, &hub.world, &e), ERR_REFUSED);
    err_clear(&e);
    FIXTURE_OK(actor_open(hub.dir, ROLE_HUB, NULL, &hub.options, &hub.actor, &e), &e);
    hub_init(&hub.hub, &hub.actor, &hub.world, "test", hub.now);
    assert_int_equal(fixture_count(&hub, TABLE_RECORDS), records);
}

static void a_directory_that_has_joined_is_refused_and_left_as_it_was(void **state) {
    (void)state;
    struct ticket second = fixture_ticket(&hub, &hub.communes[1], ROLE_NODE, 8);
    struct buf b;
    struct err e = {0};
    prepare(&ticket);
    ask(&ticket, key_pair_public(child.transport), &b);
    assert_int_equal(answer(&b), 0);
    buf_done(&b);
    actor_close(&child);
    assert_int_equal(joining_prepare(dir, &ticket, NULL, &hub.world, &e), ERR_REFUSED);
    err_clear(&e);
    assert_int_equal(joining_prepare(dir, &second, NULL, &hub.world, &e), ERR_REFUSED);
    err_clear(&e);
    FIXTURE_OK(actor_open(dir, ROLE_NODE, NULL, NULL, &child, &e), &e);
    assert_true(joined());
}

static void a_directory_cut_off_after_its_keys_goes_on_with_them(void **state) {
    (void)state;
    char path[FIXTURE_PATH];
    prepare(&ticket);
    struct hash id = child.id;
    actor_close(&child);
    fixture_join_path(path, dir, "data.mdb");
    assert_int_equal(unlink(path), 0);
    fixture_join_path(path, dir, "lock.mdb");
    assert_int_equal(unlink(path), 0);
    prepare(&ticket);
    assert_true(hash_equal(&child.id, &id));
}

/* ---- the answer ---- */

/* Cut off there, it holds its own join and nothing that proves it. */
static void after_the_answer_alone_nothing_is_exported(void **state) {
    (void)state;
    struct buf b;
    struct txn *t;
    struct err e = {0};
    prepare(&ticket);
    ask(&ticket, key_pair_public(child.transport), &b);
    assert_int_equal(answer(&b), 0);
    buf_done(&b);
    FIXTURE_OK(txn_begin(child.db, false, &t, &e), &e);
    assert_true(joining_done(t) && !joining_exchanged(&child, t));
    assert_int_equal(bundle_file_rooted(&child, t, &e), ERR_REFUSED);
    txn_abort(t);
    FIXTURE_OK(txn_begin(hub.actor.db, false, &t, &e), &e);
    assert_int_equal(bundle_file_rooted(&hub.actor, t, &e), 0);
    txn_abort(t);
}

static void a_lost_answer_is_no_lost_ticket(void **state) {
    (void)state;
    struct buf first, second;
    prepare(&ticket);
    ask(&ticket, key_pair_public(child.transport), &first);
    prepare(&ticket); /* the program was started again */
    ask(&ticket, key_pair_public(child.transport), &second);
    assert_true(slice_equal(buf_slice(&first), buf_slice(&second)));
    assert_int_equal(answer(&second), 0);
    assert_true(joined());
    assert_true(hash_equal(&child.parent, &hub.actor.id));
    assert_int_equal(answer(&first), 0); /* twice is once */
    buf_done(&first);
    buf_done(&second);
}

static void an_answer_counts_once_it_is_committed_and_not_before(void **state) {
    (void)state;
    struct buf b;
    prepare(&ticket);
    ask(&ticket, key_pair_public(child.transport), &b);
    int rc = ERR_NOMEM;
    for (long nth = 0; rc != 0; nth++) {
        mem_fail_at(nth);
        rc = answer(&b);
        mem_fail_at(-1);
        assert_true(rc == 0 || rc == ERR_NOMEM);
        assert_int_equal(joined(), rc == 0);
        assert_int_equal(hash_is_zero(&child.parent), rc != 0);
    }
    buf_done(&b);
}

static void what_the_hub_refuses_is_said_in_its_words(void **state) {
    (void)state;
    struct ticket other = ticket;
    struct buf b;
    struct err e = {0};
    prepare(&ticket);
    other.token[0] ^= 1;
    ask(&other, key_pair_public(child.transport), &b);
    assert_int_equal(joining_answer(&child, buf_slice(&b), &e), ERR_REFUSED);
    buf_done(&b);
    buf_init(&b);
    buf_put_str(&b, "HTTP/1.1 400 Bad Request");
    assert_true(answer(&b) < 0);
    assert_false(joined());
    buf_done(&b);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(keys_are_durable_before_anything_is_asked_and_stay_the_same),
        TEST(a_join_that_was_never_answered_is_begun_anew_with_another_ticket),
        TEST(after_the_answer_alone_nothing_is_exported),
        TEST(a_directory_that_belongs_to_a_hub_is_refused_and_left_as_it_was),
        TEST(a_directory_that_has_joined_is_refused_and_left_as_it_was),
        TEST(a_directory_cut_off_after_its_keys_goes_on_with_them),
        TEST(a_lost_answer_is_no_lost_ticket),
        TEST(an_answer_counts_once_it_is_committed_and_not_before),
        TEST(what_the_hub_refuses_is_said_in_its_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
