/*
 * A hub that was put back from a copy older than a machine which heard nothing since its join was
 * answered: it has its enrolment from that answer alone.
 */
#include "tests/unit/renewal_world.h"

#define OLD (&machines[0])  /* enrolled before the hub was copied */
#define LATE (&machines[2]) /* … and after that */
#define ROOT 1              /* fill byte of the root key's seed */

static int begin_unheard(void **state) {
    (void)state;
    memset(machines, 0, sizeof machines);
    fixture_hub_open(&hub, NULL);
    fixture_hub_issue(&hub);
    machine_begin(0);
    assert_true(machine_sync(OLD));
    hub_copy(false);
    machine_begin(2);
    return 0;
}

static int end_unheard(void **state) {
    (void)state;
    machine_close(OLD);
    machine_close(LATE);
    fixture_hub_close(&hub);
    return 0;
}

static bool is_known(struct machine *m) {
    struct hash who;
    return hub_knows(&hub.hub, key_pair_public(m->actor.transport), &who) == 1;
}

static void it_shows_what_its_join_was_answered_with(void **state) {
    (void)state;
    struct hash report = machine_say(LATE, "sealed before the first connection");
    hub_copy(true);
    assert_false(is_known(LATE));
    hub.now.wall += 86400000;
    (void)machine_sync(LATE);
    assert_true(is_known(LATE));
    assert_true(hub.actor.spent);
    (void)machine_sync(OLD);
    assert_int_equal(hub_renew(ROOT), 0);
    assert_true(machine_sync(LATE));
    assert_int_equal(said_in(LATE->actor.db, &report, NULL), RECEIPT_HELD);
    assert_true(machine_sync(OLD));
    assert_int_equal(fixture_count(&hub, TABLE_FORKS), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_shows_what_its_join_was_answered_with, begin_unheard,
                                        end_unheard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
