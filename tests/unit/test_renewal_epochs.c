/* Epochs that a hub forgot, its own and its children's: who tells it of them. */
#include "node/ended.h"
#include "tests/unit/renewal_world.h"

#define NODE (&machines[0])

/* Nobody but its children can tell a root hub that the root key granted it an epoch. */
static void a_root_hub_put_back_before_its_second_epoch_is_handed_the_grant(void **state) {
    (void)state;
    hub_copy(false);
    machine_say(NODE, "today");
    assert_true(machine_sync(NODE));
    hub_copy(true);
    (void)machine_sync(NODE);
    assert_int_equal(hub_renew(1), 0);
    struct hash said = fixture_hub_state(&hub, 999, slice_str("today"));
    assert_true(machine_sync(NODE));
    assert_true(holds(NODE->actor.db, &said));
    hub_copy(true);
    assert_int_equal(hub.actor.epoch, 1);
    (void)machine_sync(NODE);
    (void)machine_sync(NODE);
    assert_true(holds(hub.actor.db, &said));
    assert_int_equal(fixture_count(&hub, TABLE_PENDING), 0);
    assert_int_equal(hub_renew(1), 0);
    assert_int_equal(hub.actor.epoch, 3);
    assert_true(machine_sync(NODE));
}

/* An epoch that a hub granted after it was copied comes back from whom it was granted to. */
static void a_child_in_an_epoch_that_its_hub_forgot_hands_it_back(void **state) {
    (void)state;
    machine_copy(NODE, false);
    machine_say(NODE, "today");
    assert_true(machine_sync(NODE));
    hub_copy(false);
    machine_copy(NODE, true);
    assert_true(machine_sync(NODE));
    assert_int_equal(NODE->actor.epoch, 2);
    hub_copy(true);
    struct hash next = machine_say(NODE, "tomorrow");
    (void)machine_sync(NODE);
    (void)machine_sync(NODE);
    assert_int_equal(hub_renew(1), 0);
    assert_true(machine_sync(NODE));
    assert_true(holds(hub.actor.db, &next));
    assert_int_equal(fixture_said(&hub, &next), RECEIPT_HELD);
}

/* What an actor knows of itself is read again only where its store has changed; what a transaction
 * that came to nothing said of it, and what somebody else wrote, is not kept, or missed, by that.
 */
static void an_actor_is_what_its_store_says_after_an_aborted_transaction_too(void **state) {
    (void)state;
    struct err e = {0};
    struct txn *t;
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
    actor_put_renewal(&hub.actor, t, true, (struct uid){{0}});
    actor_abort(&hub.actor, t);
    FIXTURE_OK(actor_begin(&hub.actor, false, &t, &e), &e);
    assert_false(hub.actor.spent);
    actor_abort(&hub.actor, t);
    struct actor other = hub.actor; /* as another process has it */
    FIXTURE_OK(txn_begin(hub.actor.db, true, &t, &e), &e);
    actor_put_renewal(&other, t, true, (struct uid){{0}});
    FIXTURE_OK(txn_commit(t, &e), &e);
    FIXTURE_OK(actor_begin(&hub.actor, false, &t, &e), &e);
    assert_true(hub.actor.spent);
    actor_abort(&hub.actor, t);
}

/* A hub's child side makes its streams anew before it dials; whoever is connected to the old ones
 * is told to come again. */
static void streams_made_anew_by_the_child_side_end_connections(void **state) {
    (void)state;
    struct err e = {0};
    struct txn *t;
    bool changed;
    machine_connect(NODE);
    pump();
    assert_true(uplink_settled(&NODE->up));
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
    renewal_lost(&hub.actor, t);
    FIXTURE_OK(actor_commit(&hub.actor, t, &e), &e);
    FIXTURE_OK(renewal_prepare(&hub.actor, &hub.world, &changed, &e), &e);
    assert_true(changed);
    pump();
    assert_int_equal(NODE->up.state, UPLINK_OVER);
    machine_connect(NODE);
    pump();
    assert_int_equal(NODE->up.state, UPLINK_LIVE); /* once */
}

/* Whether machine `i` has handed back what the hub, put back, lacked. */
static bool handed(uint8_t i) {
    struct txn *t;
    struct child c;
    struct err e = {0};
    FIXTURE_OK(txn_begin(hub.actor.db, false, &t, &e), &e);
    assert_true(actor_child(t, &machines[i].actor.unit, &machines[i].actor.id, &c));
    txn_abort(t);
    return c.handed;
}

/* Which children handed back is kept until the store is put back again; one that only greeted did
 * not. */
static void a_root_hub_that_was_put_back_keeps_who_handed_back(void **state) {
    (void)state;
    struct err e = {0};
    hub_copy(false);
    machine_say(NODE, "today");
    assert_true(machine_sync(NODE));
    assert_false(handed(0)); /* there is nothing to hand back */
    hub_copy(true);
    (void)machine_sync(NODE);
    assert_true(hub.actor.spent);
    (void)machine_sync(NODE);
    assert_true(handed(0));
    assert_false(handed(1));
    machine_connect(&machines[1]);
    (void)carry_up(&machines[1]);
    fixture_step(&hub);
    assert_false(handed(1));
    pump();
    assert_true(handed(1));
    assert_int_equal(hub_renew(1), 0);
    struct txn *t;
    bool changed;
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
    renewal_lost(&hub.actor, t);
    FIXTURE_OK(actor_commit(&hub.actor, t, &e), &e);
    FIXTURE_OK(renewal_prepare(&hub.actor, &hub.world, &changed, &e), &e);
    for (uint8_t i = 0; i < CHILDREN; i++)
        assert_false(handed(i));
}

/* Another machine comes in the place of `m`, and takes its name here; who it was. */
static struct hash replace(struct machine *m, uint8_t token) {
    struct hash before = m->actor.id;
    machine_say(m, "before it was replaced");
    assert_true(machine_sync(m));
    machine_close(m);
    *m = (struct machine){.role = ROLE_NODE};
    m->ticket = fixture_ticket(&hub, &hub.communes[m - machines], ROLE_NODE, token);
    fixture_join_path(m->dir, hub.folder, "successor");
    machine_join(m);
    assert_true(machine_sync(m));
    return before;
}

/* In a later epoch the places of the hub's own log begin anew, at a smaller number. */
static void a_machine_that_was_replaced_in_a_later_epoch_is_told_when(void **state) {
    (void)state;
    struct ended x;
    struct txn *t;
    struct err e = {0};
    hub_copy(false);
    machine_say(NODE, "today");
    assert_true(machine_sync(NODE));
    hub_copy(true);
    (void)machine_sync(NODE);
    assert_int_equal(hub_renew(1), 0);
    assert_int_equal(hub.actor.epoch, 2);
    hub.now.wall += 86400000;
    instant from = hub.now.wall;
    struct hash before = replace(&machines[2], 99);
    assert_true(machine_sync(NODE));
    struct db *const stores[] = {hub.actor.db, NODE->actor.db, machines[2].actor.db};
    for (size_t i = 0; i < sizeof stores / sizeof *stores; i++) {
        FIXTURE_OK(txn_begin(stores[i], false, &t, &e), &e);
        ended_read(t, &before, &x);
        txn_abort(t);
        assert_int_equal(x.how, ENDED_REPLACED);
        assert_true(x.since != INSTANT_NONE && x.since >= from && x.since <= hub.now.wall);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_root_hub_put_back_before_its_second_epoch_is_handed_the_grant),
        TEST(a_child_in_an_epoch_that_its_hub_forgot_hands_it_back),
        TEST(a_root_hub_that_was_put_back_keeps_who_handed_back),
        TEST(streams_made_anew_by_the_child_side_end_connections),
        TEST(a_machine_that_was_replaced_in_a_later_epoch_is_told_when),
        TEST(an_actor_is_what_its_store_says_after_an_aborted_transaction_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
