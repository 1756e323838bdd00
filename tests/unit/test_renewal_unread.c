/* A hub that cannot read, or has no memory for, what it once said of whom it ended: it says so, and
 * lets nobody in. */
#include "node/restate.h"
#include "tests/unit/mem_unmet.h"
#include "tests/unit/shown_world.h"

/* Flip a bit of what stands at `key` of `table` of the hub. */
static void damage(struct txn *t, enum store_table table, struct slice key) {
    struct slice v;
    struct buf bytes;
    assert_true(txn_get(t, table, key, &v));
    buf_init(&bytes);
    buf_put(&bytes, v.data, v.len);
    bytes.data[bytes.len - 1] ^= 16;
    txn_put(t, table, key, buf_slice(&bytes));
    buf_done(&bytes);
}

/* The one piece of evidence that the hub holds, of its own revocation, cannot be read any more. */
static void damage_evidence(void) {
    struct txn *t;
    struct walk w;
    struct slice k, v;
    uint8_t key[256];
    unsigned n = 0;
    struct record r;
    struct err e = {0};
    FIXTURE_OK(txn_begin(hub.actor.db, true, &t, &e), &e);
    for (;;) { /* a walk ends with what is written */
        bool found = false;
        size_t len = 0;
        unsigned i = 0;
        walk_init(&w, t, TABLE_FORKS, slice_of(NULL, 0));
        while (!found && walk_next(&w, &k, &v)) {
            found = i++ >= n && record_parse(v, &r, NULL) == 0 && r.h.kind == KIND_REVOKE;
            len = k.len;
            assert_true(len <= sizeof key);
            memcpy(key, k.data, len);
        }
        walk_done(&w);
        if (!found)
            break;
        n = i;
        damage(t, TABLE_FORKS, slice_of(key, len));
    }
    assert_true(n > 0);
    FIXTURE_OK(txn_commit(t, &e), &e);
}

/* Whom it revoked is in the evidence alone; without that it cannot know. */
static void where_a_revocation_cannot_be_read_nobody_is_let_in(void **state) {
    (void)state;
    struct buf enrolment;
    struct err e = {0};
    read_enrolment(LATE, &enrolment);
    forget_a_revocation();
    (void)machine_sync(OLD);
    damage_evidence();
    show(LATE, buf_slice(&enrolment));
    assert_int_equal(hub_step(&hub.hub, hub.now, &e), ERR_CORRUPT);
    assert_int_equal(e.code, ERR_CORRUPT);
    assert_false(is_known(LATE));
    buf_done(&enrolment);
}

/* So it is with what stands in its log. */
static void whom_a_hub_ended_is_asked_of_every_record_or_not_at_all(void **state) {
    (void)state;
    struct txn *t;
    struct log_walk w;
    struct hash id;
    struct err e = {0};
    bool ended = false;
    revoke(LATE);
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
    FIXTURE_OK(restate_ends(&hub.actor, t, &LATE->actor.id, &ended, &e), &e);
    assert_true(ended);
    FIXTURE_OK(restate_ends(&hub.actor, t, &OLD->actor.id, &ended, &e), &e);
    assert_false(ended);
    log_walk_init(&w, t, KIND_REVOKE, 0);
    assert_true(log_walk_next(&w, NULL, &id));
    log_walk_done(&w);
    damage(t, TABLE_RECORDS, slice_of(id.b, HASH_BYTES));
    assert_int_equal(restate_ends(&hub.actor, t, &LATE->actor.id, &ended, &e), ERR_CORRUPT);
    assert_int_equal(restate_ends(&hub.actor, t, &OLD->actor.id, &ended, &e), ERR_CORRUPT);
    actor_abort(&hub.actor, t);
}

/* The same of want of memory: either what is so, or that it is not known. */
static void want_of_memory_does_not_forget_whom_a_hub_ended(void **state) {
    (void)state;
    revoke(LATE);
    bool done = false;
    for (long n = 0; !done; n++) {
        struct txn *t;
        struct err e = {0};
        bool ended = false;
        FIXTURE_OK(actor_begin(&hub.actor, false, &t, &e), &e);
        mem_fail_at(n);
        int rc = restate_ends(&hub.actor, t, &LATE->actor.id, &ended, &e);
        done = mem_unmet(n);
        actor_abort(&hub.actor, t);
        assert_true(rc == 0 ? ended : !done && rc == ERR_NOMEM && e.code == ERR_NOMEM);
        assert_true(n < 1000);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(whom_a_hub_ended_is_asked_of_every_record_or_not_at_all,
                                        begin_late, end),
        cmocka_unit_test_setup_teardown(want_of_memory_does_not_forget_whom_a_hub_ended, begin_late,
                                        end),
        cmocka_unit_test_setup_teardown(where_a_revocation_cannot_be_read_nobody_is_let_in,
                                        begin_taken, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
