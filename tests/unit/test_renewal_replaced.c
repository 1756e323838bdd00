/*
 * A hub that was put back from a copy older than a machine and its successor, or than the keys that
 * a machine has by now: whom it replaced stays replaced, whatever comes back first, and every epoch
 * is said again in its order. Each case runs with many keys: ids follow no order.
 */
#include "node/check.h"
#include "node/rotation.h"
#include "node/shown.h"
#include "proto/kinds.h"
#include "tests/unit/renewal_world.h"

#define OLD (&machines[0])  /* enrolled before the hub was copied */
#define LATE (&machines[2]) /* … and after that */
#define ROOT 1              /* fill byte of the root key's seed */
#define KEYS 8u

static void join(uint8_t i) {
    machine_begin(i);
    assert_true(machine_sync(&machines[i]));
}

/* A world whose hub is copied once OLD is there, and with `both` the other commune too; LATE comes
 * after that, with keys that depend on `keys`. */
static void begin_with(unsigned keys, bool both) {
    uint8_t skipped[64];
    memset(machines, 0, sizeof machines);
    fixture_hub_open(&hub, NULL);
    fixture_hub_issue(&hub);
    join(0);
    if (both)
        join(1);
    hub_copy(false);
    for (unsigned i = 0; i < keys; i++)
        hub.world.random(hub.world.arg, skipped, sizeof skipped);
    join(2);
}

static void end_all(void) {
    for (uint8_t i = 0; i < CHILDREN; i++)
        if (machines[i].up.actor)
            machine_close(&machines[i]);
    fixture_hub_close(&hub);
}

static int check_hub(void) {
    struct findings f = {.world = &hub.world};
    struct err e = {0};
    struct txn *t;
    FIXTURE_OK(actor_begin(&hub.actor, false, &t, &e), &e);
    FIXTURE_OK(check_here(&hub.actor, t, NULL, &f, &e), &e);
    int total = (int)f.total;
    for (uint32_t i = 0; i < f.n; i++)
        print_message("%s\n", f.list[i].what);
    check_findings_done(&f);
    actor_abort(&hub.actor, t);
    return total;
}

/* What `db` knows of `actor` in `epoch`. */
enum known { UNKNOWN, LIVES, ENDED };

static enum known known(struct txn *t, const struct hash *actor, uint32_t epoch) {
    struct member m;
    bool found = roster_find(t, actor, epoch, &m);
    return !found ? UNKNOWN : m.ended ? ENDED : LIVES;
}

static enum known known_in(struct db *db, const struct hash *actor, uint32_t epoch) {
    struct txn *t;
    struct err e = {0};
    FIXTURE_OK(txn_begin(db, false, &t, &e), &e);
    enum known is = known(t, actor, epoch);
    txn_abort(t);
    return is;
}

/* The hub makes its roster anew from what it holds, as where a grant is overruled: `ended` in
 * epoch 1 is ended then, and `lives` is not in `epoch`. */
static void assert_same_anew(const struct hash *ended, const struct hash *lives, uint32_t epoch) {
    const struct hash nobody = {{0x6e}};
    const struct payload_grant none = {.actor = nobody, .epoch = 1};
    struct txn *t;
    struct err e = {0};
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
    FIXTURE_OK(roster_rebuild(t, &nobody, &none, &e), &e);
    assert_int_equal(known(t, ended, 1), ENDED);
    assert_int_equal(known(t, lives, epoch), LIVES);
    actor_abort(&hub.actor, t);
}

/* LATE is replaced by another machine, which takes its name here; who it was. */
static struct hash replace(struct hash *ret_report) {
    struct hash before = LATE->actor.id;
    machine_say(LATE, "before it was replaced");
    assert_true(machine_sync(LATE));
    machine_close(LATE);
    *LATE = (struct machine){.role = ROLE_NODE};
    LATE->ticket = fixture_ticket(&hub, &hub.communes[2], ROLE_NODE, 99);
    fixture_join_path(LATE->dir, hub.folder, "successor");
    machine_join(LATE);
    assert_true(machine_sync(LATE));
    *ret_report = machine_say(LATE, "in its place");
    assert_true(machine_sync(LATE));
    assert_int_equal(known_in(hub.actor.db, &before, 1), ENDED);
    return before;
}

static void assert_replaced(const struct hash *before, const struct hash *report) {
    for (unsigned i = 0; i < 2; i++) { /* what one hands back goes to the other */
        assert_true(machine_sync(LATE));
        assert_true(machine_sync(OLD));
    }
    struct db *const stores[] = {hub.actor.db, OLD->actor.db, LATE->actor.db};
    for (size_t i = 0; i < sizeof stores / sizeof *stores; i++) {
        assert_int_equal(known_in(stores[i], before, 1), ENDED);
        assert_int_equal(known_in(stores[i], &LATE->actor.id, 1), LIVES);
    }
    assert_int_equal(said_in(hub.actor.db, report, NULL), RECEIPT_HELD);
    assert_int_equal(check_hub(), 0);
    assert_same_anew(before, &LATE->actor.id, 1);
}

static void one_that_was_replaced_stays_so_where_its_place_went_to_another(void **state) {
    (void)state;
    for (unsigned keys = 0; keys < KEYS; keys++) {
        struct hash report;
        begin_with(keys, false);
        struct hash before = replace(&report);
        hub_copy(true);
        join(1); /* in the place of the enrolment of whom it replaced */
        (void)machine_sync(LATE);
        assert_true(hub.actor.spent);
        assert_int_equal(hub_renew(ROOT), 0);
        assert_replaced(&before, &report);
        end_all();
    }
}

/* The hub goes on from a file of `backup` before its successor calls. */
static void so_it_does_where_the_hub_has_its_next_epoch_by_then(void **state) {
    (void)state;
    for (unsigned keys = 0; keys < KEYS; keys++) {
        struct hash report;
        struct txn *t;
        struct err e = {0};
        begin_with(keys, true);
        struct hash before = replace(&report);
        hub_copy(true);
        FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
        renewal_lost(&hub.actor, t);
        FIXTURE_OK(actor_commit(&hub.actor, t, &e), &e);
        FIXTURE_OK(hub_tick(&hub.hub, hub.now, &e), &e);
        (void)machine_sync(OLD);
        assert_int_equal(hub_renew(ROOT), 0);
        (void)machine_sync(LATE);
        assert_replaced(&before, &report);
        end_all();
    }
}

/* LATE has new keys and tells the hub of it, which was put back to before it had any. */
static struct hash show_two_epochs(unsigned keys) {
    struct err e = {0};
    begin_with(keys, false);
    FIXTURE_OK(rotation_prepare(&LATE->actor, LATE->dir, &hub.world, &e), &e);
    assert_true(machine_sync(LATE));
    assert_int_equal(LATE->actor.epoch, 2);
    machine_close(LATE);
    machine_open(LATE);
    struct hash report = machine_say(LATE, "with new keys");
    assert_true(machine_sync(LATE));
    hub_copy(true);
    join(1); /* in the place of its first enrolment */
    (void)machine_sync(LATE);
    return report;
}

static void assert_two_epochs(const struct hash *report) {
    assert_int_equal(hub_renew(ROOT), 0);
    assert_true(machine_sync(LATE));
    assert_true(machine_sync(OLD));
    assert_int_equal(said_in(hub.actor.db, report, NULL), RECEIPT_HELD);
    assert_int_equal(check_hub(), 0);
    struct db *const stores[] = {hub.actor.db, OLD->actor.db};
    for (size_t i = 0; i < sizeof stores / sizeof *stores; i++) {
        assert_int_equal(known_in(stores[i], &LATE->actor.id, 1), ENDED);
        assert_int_equal(known_in(stores[i], &LATE->actor.id, 2), LIVES);
    }
    assert_same_anew(&LATE->actor.id, &LATE->actor.id, 2);
}

static void epochs_that_were_shown_are_said_again_in_their_order(void **state) {
    (void)state;
    for (unsigned keys = 0; keys < KEYS; keys++) {
        struct hash report = show_two_epochs(keys);
        assert_two_epochs(&report);
        end_all();
    }
}

static void an_epoch_that_the_next_one_ended_is_said_again_all_the_same(void **state) {
    (void)state;
    struct hash report = show_two_epochs(0);
    struct txn *t;
    struct member m;
    struct record r;
    struct buf b;
    struct err e = {0};
    FIXTURE_OK(txn_begin(LATE->actor.db, false, &t, &e), &e);
    assert_true(roster_find(t, &LATE->actor.id, 2, &m));
    txn_abort(t);
    read_record(LATE->actor.db, &m.record, &b);
    FIXTURE_OK(record_parse(buf_slice(&b), &r, &e), &e);
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
    FIXTURE_OK(roster_apply(t, &r, &e), &e);
    shown_keep(t, &r);
    FIXTURE_OK(actor_commit(&hub.actor, t, &e), &e);
    assert_int_equal(known_in(hub.actor.db, &LATE->actor.id, 1), ENDED);
    assert_two_epochs(&report);
    buf_done(&b);
    end_all();
}

/* OLD is replaced; at the copy that its hub is put back to it gets new keys before it is heard of.
 */
static void new_keys_are_no_way_around_being_replaced(void **state) {
    (void)state;
    struct machine *heir = &machines[1];
    struct err e = {0};
    begin_with(0, false);
    *heir = (struct machine){.role = ROLE_NODE};
    heir->ticket = fixture_ticket(&hub, &hub.communes[0], ROLE_NODE, 99);
    fixture_join_path(heir->dir, hub.folder, "heir");
    machine_join(heir);
    assert_true(machine_sync(heir));
    assert_int_equal(known_in(hub.actor.db, &OLD->actor.id, 1), ENDED);
    hub_copy(true);
    FIXTURE_OK(rotation_prepare(&OLD->actor, OLD->dir, &hub.world, &e), &e);
    assert_true(machine_sync(OLD));
    machine_close(OLD);
    machine_open(OLD);
    struct hash report = machine_say(OLD, "with new keys");
    assert_true(machine_sync(OLD));
    assert_int_equal(known_in(hub.actor.db, &OLD->actor.id, 2), LIVES);
    assert_int_equal(said_in(hub.actor.db, &report, NULL), RECEIPT_HELD);
    (void)machine_sync(heir);
    assert_true(hub.actor.spent);
    assert_int_equal(hub_renew(ROOT), 0);
    for (unsigned i = 0; i < 2; i++) {
        assert_true(machine_sync(heir));
        assert_true(machine_sync(LATE));
    }
    struct db *const stores[] = {hub.actor.db, heir->actor.db, LATE->actor.db};
    for (size_t i = 0; i < sizeof stores / sizeof *stores; i++) {
        assert_int_not_equal(known_in(stores[i], &OLD->actor.id, 2), LIVES);
        assert_int_equal(known_in(stores[i], &heir->actor.id, 1), LIVES);
    }
    assert_int_equal(check_hub(), 0);
    assert_same_anew(&OLD->actor.id, &heir->actor.id, 1);
    end_all();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_that_was_replaced_stays_so_where_its_place_went_to_another),
        cmocka_unit_test(so_it_does_where_the_hub_has_its_next_epoch_by_then),
        cmocka_unit_test(epochs_that_were_shown_are_said_again_in_their_order),
        cmocka_unit_test(new_keys_are_no_way_around_being_replaced),
        cmocka_unit_test(an_epoch_that_the_next_one_ended_is_said_again_all_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
