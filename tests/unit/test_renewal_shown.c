/*
 * A hub that was put back from a copy older than the enrolment of a machine: what it signed lets
 * that machine in again, and nothing else does.
 */
#include "node/admit.h"
#include "node/check.h"
#include "proto/kinds.h"
#include "store/keyfile.h"
#include "tests/unit/join_proof.h"
#include "tests/unit/shown_world.h"

static int check_hub(void) {
    struct findings f;
    struct err e = {0};
    struct txn *t;
    FIXTURE_OK(actor_begin(&hub.actor, false, &t, &e), &e);
    f = (struct findings){.world = &hub.world};
    FIXTURE_OK(check_here(&hub.actor, t, NULL, &f, &e), &e);
    int total = (int)f.total;
    for (uint32_t i = 0; i < f.n; i++)
        print_message("%s\n", f.list[i].what);
    check_findings_done(&f);
    actor_abort(&hub.actor, t);
    return total;
}

/* What it was receipted comes back, with the instant that its receipt named, and counts once. */
static void assert_all_is_back(const struct hash *report, instant at) {
    instant again;
    assert_true(machine_sync(LATE));
    assert_true(holds(hub.actor.db, report));
    assert_int_equal(said_in(hub.actor.db, report, &again), RECEIPT_HELD);
    assert_int_equal(again, at);
    struct hash next = machine_say(LATE, "after");
    assert_true(machine_sync(LATE));
    assert_int_equal(said_in(LATE->actor.db, &next, NULL), RECEIPT_HELD);
    assert_true(machine_sync(OLD));
    assert_int_equal(check_hub(), 0);
    assert_int_equal(fixture_count(&hub, TABLE_FORKS), 0);
}

static void a_hub_put_back_to_before_an_enrolment_is_told_of_it(void **state) {
    (void)state;
    instant at;
    struct hash report = machine_say(LATE, "receipted, then forgotten");
    assert_true(machine_sync(LATE));
    assert_int_equal(said_in(LATE->actor.db, &report, &at), RECEIPT_HELD);
    hub_copy(true);
    assert_false(is_known(LATE));
    hub.now.wall += 86400000;
    (void)machine_sync(LATE);
    assert_true(is_known(LATE));
    assert_true(hub.actor.spent);
    assert_int_equal(hub_renew(ROOT), 0);
    assert_all_is_back(&report, at);
}

static void it_is_told_after_it_was_renewed_as_well(void **state) {
    (void)state;
    instant at;
    struct hash report = machine_say(LATE, "receipted, then forgotten");
    assert_true(machine_sync(LATE));
    assert_int_equal(said_in(LATE->actor.db, &report, &at), RECEIPT_HELD);
    hub_copy(true);
    machine_say(OLD, "known all along");
    struct txn *t;
    struct err e = {0};
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
    renewal_lost(&hub.actor, t);
    FIXTURE_OK(actor_commit(&hub.actor, t, &e), &e);
    FIXTURE_OK(hub_tick(&hub.hub, hub.now, &e), &e);
    (void)machine_sync(OLD);
    assert_int_equal(hub_renew(ROOT), 0);
    assert_all_is_back(&report, at);
    assert_false(hub.actor.spent);
}

static void new_keys_that_it_does_not_know_are_shown(void **state) {
    (void)state;
    struct err e = {0};
    for (unsigned i = 0; i < 2; i++) {
        struct machine *m = i == 0 ? OLD : LATE; /* enrolled before that copy, and after it */
        FIXTURE_OK(rotation_prepare(&m->actor, m->dir, &hub.world, &e), &e);
        assert_true(machine_sync(m));
        assert_int_equal(m->actor.epoch, 2);
        machine_close(m); /* the keys before are gone with this */
        machine_open(m);
    }
    struct hash report = machine_say(OLD, "with new keys");
    assert_true(machine_sync(OLD));
    hub_copy(true);
    assert_false(is_known(OLD));
    for (unsigned i = 0; i < 2; i++)
        (void)machine_sync(i == 0 ? OLD : LATE);
    assert_true(is_known(OLD));
    assert_true(is_known(LATE));
    assert_int_equal(hub_renew(ROOT), 0);
    assert_true(machine_sync(OLD));
    assert_true(machine_sync(LATE));
    assert_int_equal(said_in(hub.actor.db, &report, NULL), RECEIPT_HELD);
    assert_int_equal(check_hub(), 0);
}

/* The files of `m` are put into `dir`, or come back from there. */
static void put_aside(struct machine *m, const char *dir, bool back) {
    char lock[FIXTURE_PATH];
    machine_close(m); /* keys that were changed are gone with this */
    machine_open(m);
    machine_close(m);
    (void)mkdir(dir, 0700);
    copy_file(back ? dir : m->dir, back ? m->dir : dir, "actor.key");
    copy_file(back ? dir : m->dir, back ? m->dir : dir, "data.mdb");
    fixture_join_path(lock, m->dir, "lock.mdb");
    (void)remove(lock);
    machine_open(m);
}

/* How many records of `m` after its first epoch the hub holds in its lane. */
static uint64_t stated_later(const struct machine *m) {
    struct txn *t;
    struct err e = {0};
    uint64_t n = 0;
    FIXTURE_OK(actor_begin(&hub.actor, false, &t, &e), &e);
    for (uint32_t epoch = 2; epoch <= m->actor.epoch; epoch++)
        n += log_head_of(t, &m->actor.id, epoch, &m->actor.unit).seq;
    actor_abort(&hub.actor, t);
    return n;
}

/* A thief of the keys that the office changed comes first, and takes the places of what it stated
 * with them. */
static void what_a_thief_of_old_keys_displaced_is_said_again_with_the_new_ones(void **state) {
    (void)state;
    char aside[FIXTURE_PATH];
    struct err e = {0};
    fixture_join_path(aside, hub.folder, "aside");
    machine_copy(OLD, false);
    hub_copy(false);
    struct hash mine = machine_say(OLD, "mine");
    assert_true(machine_sync(OLD));
    FIXTURE_OK(rotation_prepare(&OLD->actor, OLD->dir, &hub.world, &e), &e);
    assert_true(machine_sync(OLD));
    assert_int_equal(OLD->actor.epoch, 2);
    put_aside(OLD, aside, false);
    hub_copy(true);
    machine_copy(OLD, true);
    struct hash forged = machine_say(OLD, "forged");
    assert_true(machine_sync(OLD));
    assert_true(holds(hub.actor.db, &forged));
    put_aside(OLD, aside, true);
    for (uint8_t i = 0; i < 2 * CHILDREN; i++)
        (void)machine_sync(&machines[i % CHILDREN]);
    assert_int_equal(hub_renew(ROOT), 0);
    assert_true(machine_sync(OLD));
    assert_false(holds(hub.actor.db, &mine)); /* it is evidence there */
    assert_int_equal(stated_later(OLD), 1);
    assert_true(machine_sync(OLD));
    assert_int_equal(stated_later(OLD), 1);
    assert_int_equal(check_hub(), 0);
}

/* It hears of it only as it signs with its new keys. */
static void what_is_displaced_later_is_said_again_then(void **state) {
    (void)state;
    char aside[FIXTURE_PATH];
    struct err e = {0}, why = {0};
    struct buf forged;
    struct txn *t;
    enum admission taken;
    fixture_join_path(aside, hub.folder, "aside");
    machine_copy(OLD, false);
    (void)machine_say(OLD, "mine");
    assert_true(machine_sync(OLD));
    FIXTURE_OK(rotation_prepare(&OLD->actor, OLD->dir, &hub.world, &e), &e);
    assert_true(machine_sync(OLD));
    put_aside(OLD, aside, false);
    machine_copy(OLD, true);
    struct hash id = machine_say(OLD, "forged");
    buf_init(&forged);
    read_record(OLD->actor.db, &id, &forged);
    put_aside(OLD, aside, true);
    for (int again = 0; again < 2; again++) {
        FIXTURE_OK(actor_begin(&OLD->actor, true, &t, &e), &e);
        const struct admit a = {
            .actor = &OLD->actor, .t = t, .origin = ORIGIN_ABOVE, .carrier = hub.actor.id};
        FIXTURE_OK(admit_bytes(&a, buf_slice(&forged), hub.now.wall, &taken, &why, &e), &e);
        FIXTURE_OK(actor_commit(&OLD->actor, t, &e), &e);
        assert_int_equal(taken, ADMIT_FORK);
    }
    buf_done(&forged);
    assert_true(machine_sync(OLD));
    assert_int_equal(stated_later(OLD), 1);
}

/* Its new keys end its old ones, not the machine. */
static void new_keys_after_new_keys_are_shown(void **state) {
    (void)state;
    struct err e = {0};
    for (unsigned i = 0; i < 2; i++) {
        FIXTURE_OK(rotation_prepare(&OLD->actor, OLD->dir, &hub.world, &e), &e);
        assert_true(machine_sync(OLD));
        machine_close(OLD);
        machine_open(OLD);
        if (i == 0)
            hub_copy(false);
    }
    assert_int_equal(OLD->actor.epoch, 3);
    hub_copy(true);
    assert_false(is_known(OLD));
    (void)machine_sync(OLD);
    assert_true(is_known(OLD));
    assert_int_equal(hub_renew(ROOT), 0);
    assert_true(machine_sync(OLD));
    assert_int_equal(check_hub(), 0);
}

/* It lacks whom that machine replaced, too, and learns of all of them in their order. */
static void whom_it_enrolled_in_anothers_place_is_let_in(void **state) {
    (void)state;
    machine_close(LATE);
    *LATE = (struct machine){.role = ROLE_NODE};
    LATE->ticket = fixture_ticket(&hub, &hub.communes[2], ROLE_NODE, 99);
    fixture_join_path(LATE->dir, hub.folder, "other");
    machine_join(LATE);
    assert_true(machine_sync(LATE));
    struct hash report = machine_say(LATE, "in its place");
    assert_true(machine_sync(LATE));
    hub_copy(true);
    (void)machine_sync(LATE);
    assert_int_equal(hub_renew(ROOT), 0);
    assert_true(machine_sync(LATE));
    assert_int_equal(said_in(hub.actor.db, &report, NULL), RECEIPT_HELD);
    struct txn *t;
    struct member m;
    struct err e = {0};
    FIXTURE_OK(actor_begin(&hub.actor, false, &t, &e), &e);
    assert_true(roster_of_unit(t, &hub.communes[2], BY_NODE, &m));
    assert_true(hash_equal(&m.actor, &LATE->actor.id));
    actor_abort(&hub.actor, t);
    assert_int_equal(check_hub(), 0);
}

/* Its enrolment is said anew, where everybody gets it: what came back cannot have its place. */
static void assert_enrolled_anew(const struct hash *report) {
    struct txn *t;
    struct member m;
    struct record r;
    struct err e = {0};
    assert_true(machine_sync(LATE));
    assert_int_equal(said_in(hub.actor.db, report, NULL), RECEIPT_HELD);
    FIXTURE_OK(actor_begin(&hub.actor, false, &t, &e), &e);
    assert_true(roster_find(t, &LATE->actor.id, 1, &m));
    FIXTURE_OK(log_get(t, &m.record, &r, &e), &e);
    assert_int_equal(r.h.epoch, 2);
    actor_abort(&hub.actor, t);
    assert_int_equal(check_hub(), 0);
    assert_true(machine_sync(OLD));
    struct member known;
    FIXTURE_OK(txn_begin(OLD->actor.db, false, &t, &e), &e);
    assert_true(roster_find(t, &LATE->actor.id, 1, &known));
    assert_true(hash_equal(&known.record, &m.record));
    txn_abort(t);
}

static void one_whose_place_went_to_another_is_enrolled_anew(void **state) {
    (void)state;
    struct hash report = machine_say(LATE, "receipted, then forgotten");
    assert_true(machine_sync(LATE));
    hub_copy(true);
    join(1);
    (void)machine_sync(LATE);
    assert_true(hub.actor.spent);
    assert_int_equal(hub_renew(ROOT), 0);
    assert_enrolled_anew(&report);
}

static void one_whom_a_neighbour_remembers_need_not_show_anything(void **state) {
    (void)state;
    struct hash report = machine_say(LATE, "receipted, then forgotten");
    assert_true(machine_sync(LATE));
    assert_true(machine_sync(OLD));
    hub_copy(true);
    join(1);
    (void)machine_sync(OLD);
    assert_true(hub.actor.spent);
    assert_int_equal(hub_renew(ROOT), 0);
    assert_true(is_known(LATE));
    assert_true(machine_sync(LATE));
    assert_int_equal(said_in(hub.actor.db, &report, NULL), RECEIPT_HELD);
    assert_true(machine_sync(OLD));
    assert_int_equal(check_hub(), 0);
}

static void so_it_is_when_it_comes_after_the_renewal(void **state) {
    (void)state;
    struct txn *t;
    struct err e = {0};
    struct hash report = machine_say(LATE, "receipted, then forgotten");
    assert_true(machine_sync(LATE));
    hub_copy(true);
    join(1);
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
    renewal_lost(&hub.actor, t);
    FIXTURE_OK(actor_commit(&hub.actor, t, &e), &e);
    FIXTURE_OK(hub_tick(&hub.hub, hub.now, &e), &e);
    (void)machine_sync(OLD);
    assert_int_equal(hub_renew(ROOT), 0);
    assert_enrolled_anew(&report);
}

static void nothing_else_lets_a_stranger_in(void **state) {
    (void)state;
    struct buf good, other;
    read_enrolment(LATE, &good);
    hub_copy(true);
    for (size_t bit = 0; bit < 8 * good.len; bit += 7) {
        good.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        uint32_t code = 0;
        struct record r;
        if (record_parse(buf_slice(&good), &r, NULL) == 0 && r.h.kind == KIND_ENROL) {
            code = shows(LATE, buf_slice(&good));
            if (code != REFUSED_UNKNOWN || is_known(LATE) || hub.actor.spent)
                fail_msg("bit %zu: %u", bit, code);
        }
        good.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    read_enrolment(OLD, &other); /* it is held, and known: nothing is lacking */
    assert_int_equal(shows(LATE, buf_slice(&other)), REFUSED_BUSY);
    assert_false(is_known(LATE));
    assert_false(hub.actor.spent);
    assert_int_equal(shows(LATE, buf_slice(&good)), REFUSED_BUSY);
    assert_true(is_known(LATE));
    assert_true(hub.actor.spent);
    buf_done(&good);
    buf_done(&other);
}

static void one_that_was_revoked_stays_out(void **state) {
    (void)state;
    struct buf enrolment;
    read_enrolment(LATE, &enrolment);
    forget_a_revocation();
    (void)machine_sync(OLD);
    assert_true(hub.actor.spent);
    assert_int_equal(shows(LATE, buf_slice(&enrolment)), REFUSED_BUSY); /* it is spent */
    assert_false(is_known(LATE));
    assert_int_equal(hub_renew(ROOT), 0);
    assert_int_equal(shows(LATE, buf_slice(&enrolment)), REFUSED_REVOKED);
    assert_false(is_known(LATE));
    assert_true(machine_sync(OLD));
    assert_int_equal(check_hub(), 0);
    buf_done(&enrolment);
}

static void one_that_was_revoked_and_comes_first_is_out_again(void **state) {
    (void)state;
    forget_a_revocation();
    (void)machine_sync(LATE);
    assert_true(is_known(LATE));
    (void)machine_sync(OLD);
    assert_int_equal(hub_renew(ROOT), 0);
    assert_false(is_known(LATE));
    assert_true(machine_sync(OLD));
    assert_int_equal(check_hub(), 0);
}

static void one_whose_revocation_comes_after_the_renewal_is_out_then(void **state) {
    (void)state;
    forget_a_revocation();
    (void)machine_sync(LATE);
    assert_int_equal(hub_renew(ROOT), 0);
    (void)machine_sync(LATE);
    assert_true(is_known(LATE));
    (void)machine_sync(OLD);
    assert_false(is_known(LATE));
    assert_int_equal(check_hub(), 0);
}

static void one_that_was_revoked_stays_out_where_nothing_was_said_since(void **state) {
    (void)state;
    revoke(LATE);
    assert_true(machine_sync(OLD));
    hub_copy(true);
    (void)machine_sync(LATE);
    assert_true(is_known(LATE));
    (void)machine_sync(OLD);
    assert_false(is_known(LATE));
    assert_int_equal(hub_renew(ROOT), 0);
    assert_int_equal(check_hub(), 0);
}

/* An enrolment of `x` at `seq`, signed with the first key of the hub, that replaces `replaced`. */
static void sign_as_before(const struct fixture_author *x, uint64_t seq,
                           const struct machine *replaced, struct buf *ret_record) {
    struct fixture_author thief;
    struct record_header h = {.kind = KIND_ENROL,
                              .payload_version = PAYLOAD_VERSION,
                              .epoch = 1,
                              .seq = seq,
                              .claimed = hub.now.wall,
                              .deployment = hub.actor.deployment,
                              .actor = hub.actor.id};
    struct last_good end = {replaced->actor.id, 1, replaced->actor.unit, 1};
    struct payload_enrol p = {.role = ROLE_NODE, .n_ends = 1, .ends = &end};
    struct buf payload;
    struct err e = {0};
    p.grant = (struct payload_grant){.actor = x->id,
                                     .epoch = 1,
                                     .sign_key = *key_pair_public(x->sign),
                                     .transport_key = *key_pair_public(x->transport),
                                     .unit = x->unit};
    memset(h.prev.b, 0x55, sizeof h.prev.b);
    fixture_author_init(&thief, 3, &hub.province); /* the seed of the first key of the hub */
    assert_true(hash_equal(&thief.id, &hub.actor.id));
    buf_init(&payload);
    join_prove(&p, &hub.actor.deployment, x->sign);
    FIXTURE_OK(payload_enrol_encode(&p, &payload, &e), &e);
    fixture_sign(&thief, &h, buf_slice(&payload), ret_record);
    buf_done(&payload);
    fixture_author_done(&thief);
}

static void a_key_that_was_changed_lets_nobody_in(void **state) {
    (void)state;
    struct fixture_author x;
    struct hash who;
    hub_change_key(ROOT);
    fixture_author_init(&x, 50, &hub.communes[3]);
    for (uint64_t seq = 2; seq < 9; seq++) { /* places that are taken, and behind them */
        struct buf record;
        sign_as_before(&x, seq, OLD, &record);
        assert_int_equal(shows(LATE, buf_slice(&record)), REFUSED_UNKNOWN);
        assert_false(hub_knows(&hub.hub, key_pair_public(x.transport), &who) == 1);
        assert_true(is_known(OLD));
        assert_false(hub.actor.spent);
        buf_done(&record);
    }
    assert_int_equal(check_hub(), 0);
    fixture_author_done(&x);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin_late, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_hub_put_back_to_before_an_enrolment_is_told_of_it),
        TEST(it_is_told_after_it_was_renewed_as_well),
        TEST(new_keys_that_it_does_not_know_are_shown),
        TEST(new_keys_after_new_keys_are_shown),
        TEST(what_a_thief_of_old_keys_displaced_is_said_again_with_the_new_ones),
        TEST(what_is_displaced_later_is_said_again_then),
        TEST(whom_it_enrolled_in_anothers_place_is_let_in),
        TEST(nothing_else_lets_a_stranger_in),
        TEST(a_key_that_was_changed_lets_nobody_in),
        TEST(one_that_was_revoked_stays_out_where_nothing_was_said_since),
        cmocka_unit_test_setup_teardown(one_that_was_revoked_stays_out, begin_taken, end),
        cmocka_unit_test_setup_teardown(one_that_was_revoked_and_comes_first_is_out_again,
                                        begin_taken, end),
        cmocka_unit_test_setup_teardown(one_whose_revocation_comes_after_the_renewal_is_out_then,
                                        begin_taken, end),
        cmocka_unit_test_setup_teardown(one_whose_place_went_to_another_is_enrolled_anew,
                                        begin_taken, end),
        cmocka_unit_test_setup_teardown(so_it_is_when_it_comes_after_the_renewal, begin_taken, end),
        cmocka_unit_test_setup_teardown(one_whom_a_neighbour_remembers_need_not_show_anything,
                                        begin_taken, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
