#include "tests/unit/renewal_world.h"

#define NODE (&machines[0])

/* ---- a node ---- */

static void a_node_put_back_gets_its_records_back_and_signs_on_in_the_next_epoch(void **state) {
    (void)state;
    machine_copy(NODE, false);
    struct hash today = machine_say(NODE, "today");
    assert_true(machine_sync(NODE));
    machine_copy(NODE, true);
    assert_false(holds(NODE->actor.db, &today));
    assert_true(machine_sync(NODE));
    assert_true(holds(NODE->actor.db, &today));
    assert_int_equal(said_in(NODE->actor.db, &today, NULL), RECEIPT_HELD);
    struct hash next = machine_say(NODE, "tomorrow");
    struct buf b;
    struct record r;
    struct err e = {0};
    read_record(NODE->actor.db, &next, &b);
    FIXTURE_OK(record_parse(buf_slice(&b), &r, &e), &e);
    assert_int_equal(r.h.epoch, 2);
    assert_int_equal(r.h.seq, 1);
    buf_done(&b);
    assert_true(machine_sync(NODE));
    assert_int_equal(fixture_said(&hub, &next), RECEIPT_HELD);
    assert_int_equal(fixture_count(&hub, TABLE_FORKS), 0);
}

/* A node that has noticed states nothing until it is renewed, whoever asks. */
static void what_is_spent_signs_nothing(void **state) {
    (void)state;
    machine_copy(NODE, false);
    machine_say(NODE, "today");
    assert_true(machine_sync(NODE));
    machine_copy(NODE, true);
    machine_connect(NODE);
    pump();
    assert_true(NODE->actor.spent);
    struct txn *t;
    struct hash id;
    struct err e = {0};
    FIXTURE_OK(actor_begin(&NODE->actor, true, &t, &e), &e);
    assert_int_equal(
        append_own(&NODE->actor, t, 999, &NODE->actor.unit, slice_str("x"), 1, &id, &e),
        ERR_REFUSED);
    actor_abort(&NODE->actor, t);
}

/* Subjects, a report over them, and, if asked, its withdrawal. */
static struct hash seal(struct machine *m, uint32_t revision, bool withdraw,
                        struct hash *ret_withdrawal) {
    struct fixture_author a = {.id = m->actor.id, .unit = m->actor.unit};
    struct hash report;
    struct buf b;
    struct err e = {0};
    fixture_subjects_payload(&a, &b);
    struct hash subjects = machine_state(m, KIND_SUBJECTS, buf_slice(&b));
    buf_done(&b);
    fixture_report_payload(&hub, &a, &subjects, revision, &b);
    report = machine_state(m, KIND_REPORT, buf_slice(&b));
    buf_done(&b);
    if (withdraw) {
        char words[] = "nhầm", *args[] = {words};
        struct payload_withdrawal p = {report, {ACT_REASON_WORDS, 1, args}};
        buf_init(&b);
        FIXTURE_OK(payload_withdrawal_encode(&p, &b, &e), &e);
        *ret_withdrawal = machine_state(m, KIND_WITHDRAWAL, buf_slice(&b));
        buf_done(&b);
    }
    return report;
}

/* How many records of `kind` by `m` in `epoch` the hub holds, and what it said of the last one. */
static uint32_t count_at_hub(const struct machine *m, uint16_t kind, uint32_t epoch,
                             int *ret_said) {
    struct txn *t;
    struct log_walk w;
    struct hash id, last = {{0}};
    struct record r;
    struct err e = {0};
    uint32_t n = 0;
    FIXTURE_OK(txn_begin(hub.actor.db, false, &t, &e), &e);
    log_walk_init(&w, t, kind, 0);
    while (log_walk_next(&w, NULL, &id)) {
        FIXTURE_OK(log_get(t, &id, &r, &e), &e);
        if (hash_equal(&r.h.actor, &m->actor.id) && r.h.epoch == epoch) {
            n++;
            last = id;
        }
    }
    log_walk_done(&w);
    txn_abort(t);
    *ret_said = fixture_said(&hub, &last);
    return n;
}

static void what_was_stated_in_taken_places_is_stated_again_with_its_references(void **state) {
    (void)state;
    int said;
    struct hash withdrawal;
    machine_copy(NODE, false);
    machine_say(NODE, "first");
    machine_say(NODE, "second");
    assert_true(machine_sync(NODE));
    machine_copy(NODE, true);
    (void)seal(NODE, 1, true, &withdrawal); /* three records in two taken places and one behind */
    assert_true(machine_sync(NODE));
    assert_int_equal(NODE->actor.epoch, 2);
    assert_true(rows_in(NODE->actor.db, TABLE_FORKS) > 0);
    assert_int_equal(count_at_hub(NODE, KIND_SUBJECTS, 2, &said), 1);
    assert_int_equal(count_at_hub(NODE, KIND_REPORT, 2, &said), 1);
    assert_int_equal(said, RECEIPT_VALID); /* it names the list that was stated again */
    assert_int_equal(count_at_hub(NODE, KIND_WITHDRAWAL, 2, &said), 1);
    assert_int_equal(said, RECEIPT_VALID); /* it names the report that was stated again */
    assert_int_equal(count_at_hub(NODE, 999, 2, &said), 0); /* these came back, and stand */
}

static void a_node_that_lost_all_but_its_key_joins_with_the_same_bytes(void **state) {
    (void)state;
    struct txn *t;
    struct hash before, after;
    struct err e = {0};
    struct hash today = machine_say(NODE, "today");
    assert_true(machine_sync(NODE));
    FIXTURE_OK(txn_begin(NODE->actor.db, false, &t, &e), &e);
    assert_true(meta_hash(t, "join.record", &before));
    txn_abort(t);
    machine_wipe(NODE);
    hub.now.wall += 86400000;
    machine_join(NODE);
    FIXTURE_OK(txn_begin(NODE->actor.db, false, &t, &e), &e);
    assert_true(meta_hash(t, "join.record", &after));
    txn_abort(t);
    assert_true(hash_equal(&before, &after));
    assert_true(machine_sync(NODE));
    assert_true(holds(NODE->actor.db, &today));
    assert_int_equal(NODE->actor.epoch, 2);
    assert_int_equal(fixture_count(&hub, TABLE_FORKS), 0);
}

static void two_clones_that_take_turns_wait_twice_as_long_each_time(void **state) {
    (void)state;
    struct machine clone = *NODE;
    struct err e = {0};
    machine_copy(NODE, false);
    (void)snprintf(clone.dir, sizeof clone.dir, "%s.copy", NODE->dir);
    int64_t waited[5];
    struct machine *turns[] = {NODE, &machines[2]};
    machine_close(&machines[2]); /* its seat on the wire is the clone's */
    struct machine third = machines[2];
    machines[2] = clone;
    machine_open(&machines[2]);
    machine_say(NODE, "one");
    assert_true(machine_sync(NODE));
    for (unsigned i = 0; i < 5; i++) {
        struct machine *m = turns[(i + 1) % 2];
        uint32_t epoch = NODE->actor.epoch > machines[2].actor.epoch ? NODE->actor.epoch
                                                                     : machines[2].actor.epoch;
        instant since = hub.now.wall;
        for (unsigned tries = 0; tries < 2000 && m->actor.epoch <= epoch; tries++) {
            hub.now.wall += 100;
            hub.now.boot_ms += RESEND_MS;
            machine_connect(m);
            for (unsigned k = 0; k < 6; k++) {
                FIXTURE_OK(uplink_tick(&m->up, hub.now, &e), &e);
                carry_up(m);
                hub.now.wall -= 1000; /* a step takes no time here */
                fixture_step(&hub);
                carry_down();
            }
            FIXTURE_OK(hub_tick(&hub.hub, hub.now, &e), &e);
        }
        assert_int_equal(m->actor.epoch, epoch + 1);
        waited[i] = hub.now.wall - since;
    }
    assert_true(waited[1] >= 900);
    for (unsigned i = 2; i < 5; i++)
        assert_true(waited[i] >= 2 * waited[i - 1] - 300);
    machine_close(&machines[2]);
    machines[2] = third;
    machine_open(&machines[2]);
}

/* ---- a hub ---- */

static void a_hub_put_back_says_nothing_in_taken_places_and_of_all_when_it_came(void **state) {
    (void)state;
    instant at, again;
    struct hash withdrawal;
    hub_copy(false);
    struct hash first = seal(NODE, 1, false, &withdrawal);
    assert_true(machine_sync(NODE));
    assert_int_equal(said_in(NODE->actor.db, &first, &at), RECEIPT_VALID);
    hub_copy(true);
    assert_int_equal(fixture_said(&hub, &first), 0);
    struct hash second = seal(NODE, 2, false, &withdrawal); /* before what it hands back */
    hub.now.wall += 60000;
    machine_connect(NODE);
    instant came = hub.now.wall;
    pump();
    assert_true(hub.actor.spent);
    assert_int_equal(fixture_said(&hub, &second), 0);
    assert_int_equal(fixture_count(&hub, TABLE_FORKS), 0);
    assert_int_equal(hub_renew(9), ERR_REFUSED); /* another key */
    hub.now.wall += 3600000;
    (void)machine_sync(NODE);
    assert_int_equal(hub_renew(1), 0);
    assert_int_equal(hub.actor.epoch, 2);
    assert_true(machine_sync(NODE));
    assert_int_equal(said_in(NODE->actor.db, &first, &again), RECEIPT_VALID);
    assert_true(at == again); /* what it said before stands … */
    assert_int_equal(fixture_receipts(&hub, &first, RECEIPT_VALID, NULL), 1);
    assert_int_equal(said_in(NODE->actor.db, &second, &again), RECEIPT_VALID);
    assert_true(again >= came && again < came + 60000); /* … and the rest has its own instant */
    assert_int_equal(fixture_count(&hub, TABLE_ARRIVALS), 0);
    assert_int_equal(hub_renew(1), ERR_REFUSED); /* nothing is lacking any more */
}

/* A campaign of the hub under `id`; its record. */
static struct hash issue(const char *id) {
    struct campaign c = hub.plan;
    struct buf b;
    struct err e = {0};
    char name[8];
    (void)snprintf(name, sizeof name, "%s", id);
    c.id = name;
    buf_init(&b);
    FIXTURE_OK(campaign_encode(&c, &b, &e), &e);
    struct hash record = fixture_hub_state(&hub, KIND_CAMPAIGN, buf_slice(&b));
    buf_done(&b);
    return record;
}

/* The receipts of a step are not said if a record of the hub's own came in the same step. */
static void a_record_of_its_own_stops_a_hub_in_the_middle_of_a_step(void **state) {
    (void)state;
    struct fixture_author a = {.id = NODE->actor.id, .unit = NODE->actor.unit, .outbox = {{0x77}}};
    struct hash withdrawal, ids[3];
    struct buf run[3];
    struct receipt_row row;
    struct txn *t;
    struct err e = {0};
    hub_copy(false);
    ids[1] = seal(NODE, 1, false, &withdrawal);
    assert_true(machine_sync(NODE));
    FIXTURE_OK(txn_begin(NODE->actor.db, false, &t, &e), &e);
    struct log_head head = log_head_of(t, &a.id, 1, &a.unit);
    assert_true(log_at(t, &a.id, 1, &a.unit, head.seq - 1, &ids[0]));
    assert_true(views_receipt(t, &ids[1], &hub.actor.id, &row));
    ids[2] = row.receipt;
    txn_abort(t);
    hub_copy(true);
    for (unsigned i = 0; i < 3; i++)
        read_record(NODE->actor.db, &ids[i], &run[i]);
    fixture_hello(&hub, peer_of(NODE), &a, 3, NULL, 0);
    fixture_records(&hub, peer_of(NODE), &a, 1, run, 3);
    fixture_step(&hub);
    assert_true(hub.actor.spent);
    assert_int_equal(fixture_count(&hub, TABLE_ARRIVALS), 1);
    assert_int_equal(fixture_receipts(&hub, &ids[1], RECEIPT_VALID, NULL), 1); /* that came back */
    for (unsigned i = 0; i < 3; i++)
        buf_done(&run[i]);
}

/* What the hub stated before its store was put back, `lost` of them, and after, `more`. */
static void a_hub_that_stated_others_in_taken_places_finds_out_and_says_them_again(void **state) {
    (void)state;
    static const struct { unsigned lost, more; } cases[] = {{1, 1}, {1, 3}, {3, 1}, {3, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hash first = {{0}};
        if (i > 0)
            begin(NULL);
        print_message("%u lost, %u more\n", cases[i].lost, cases[i].more);
        hub_copy(false);
        for (unsigned k = 0; k < cases[i].lost; k++)
            first = issue((const char *[]){"a", "b", "c"}[k]);
        assert_true(machine_sync(NODE));
        assert_true(holds(NODE->actor.db, &first));
        hub_copy(true);
        for (unsigned k = 0; k < cases[i].more; k++)
            (void)issue((const char *[]){"x", "y", "z"}[k]);
        (void)machine_sync(NODE);
        assert_true(hub.actor.spent);
        assert_int_equal(hub_renew(1), 0);
        assert_true(machine_sync(NODE));
        uint64_t forks = rows_in(hub.actor.db, TABLE_FORKS);
        unsigned both = cases[i].lost < cases[i].more ? cases[i].lost : cases[i].more;
        assert_int_equal(forks, cases[i].more > 0 ? cases[i].lost : 0);
        assert_int_equal(rows_in(NODE->actor.db, TABLE_FORKS), both > 0 ? cases[i].more : 0);
        struct txn *t;
        struct err e = {0};
        FIXTURE_OK(actor_begin(&NODE->actor, false, &t, &e), &e);
        assert_int_equal(log_head_of(t, &hub.actor.id, 2, &(struct uid){{0}}).seq, cases[i].more);
        actor_abort(&NODE->actor, t);
        uint64_t queued = rows_in(hub.actor.db, TABLE_STREAMS);
        uint64_t outbox = rows_in(NODE->actor.db, TABLE_STREAMS);
        machine_connect(NODE); /* nothing is said again at every greeting */
        pump();
        assert_int_equal(rows_in(hub.actor.db, TABLE_STREAMS), queued);
        assert_int_equal(rows_in(NODE->actor.db, TABLE_STREAMS), outbox);
        if (i + 1 < sizeof cases / sizeof *cases)
            end(NULL);
    }
}

/* Its child read another branch of the same stream once, and was given a new one since. */
static void a_hub_put_back_doubts_who_names_another_stream_than_it_knows(void **state) {
    (void)state;
    struct child c;
    struct txn *t;
    struct err e = {0};
    assert_true(machine_sync(NODE));
    assert_true(machine_sync(NODE)); /* it has greeted with the stream's name */
    hub_copy(false);
    struct hash first = issue("a");
    assert_true(machine_sync(NODE));
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
    assert_true(actor_child(t, &NODE->actor.unit, &NODE->actor.id, &c));
    FIXTURE_OK(route_renew_child(&hub.actor, t, &hub.world, &c, &e), &e);
    FIXTURE_OK(actor_commit(&hub.actor, t, &e), &e);
    assert_true(machine_sync(NODE));
    assert_true(machine_sync(NODE));
    hub_copy(true);
    (void)issue("x"); /* where "a" was, in the lane and on the stream */
    (void)issue("y"); /* so the heads alone say nothing */
    struct hash said = machine_say(NODE, "not yet");
    machine_connect(NODE);
    pump();
    assert_true(hub.actor.spent);
    assert_true(holds(hub.actor.db, &said));
    assert_int_equal(fixture_said(&hub, &said), 0);
    assert_int_equal(hub_renew(1), 0);
    assert_true(machine_sync(NODE));
    assert_int_equal(fixture_said(&hub, &said), RECEIPT_HELD);
    assert_true(holds(NODE->actor.db, &first));
}

/* The hub itself, and where it lost what it read with its own, all above it, from the top. */
static void whose_records_are_handed_back(void **state) {
    (void)state;
    struct fixture_author district;
    struct renewal_authors of;
    struct hash keys[ROOT_KEYS];
    struct member root;
    struct txn *t;
    struct err e = {0};
    fixture_author_init(&district, 79, &hub.communes[2]);
    fixture_enrol_author(&hub, &district, ROLE_HUB);
    FIXTURE_OK(actor_begin(&hub.actor, false, &t, &e), &e);
    assert_true(roster_find(t, &hub.actor.id, 1, &root));
    assert_true(roster_find(t, &root.enroller, 1, &root));
    assert_true(roster_root_keys(t, &root, keys));
    renewal_authors(&hub.actor, t, &district.id, false, &of);
    assert_int_equal(of.n, 1);
    assert_int_equal(of.keys, 0);
    assert_true(hash_equal(&of.list[0], &district.id));
    renewal_authors(&hub.actor, t, &hub.actor.id, false, &of);
    assert_int_equal(of.n, ROOT_KEYS + 1);
    renewal_authors(&hub.actor, t, &district.id, true, &of);
    assert_int_equal(of.n, ROOT_KEYS + 2);
    assert_int_equal(of.keys, ROOT_KEYS);
    for (unsigned i = 0; i < ROOT_KEYS; i++)
        assert_true(hash_equal(&of.list[i], &keys[i]));
    assert_true(hash_equal(&of.list[ROOT_KEYS], &hub.actor.id));
    assert_true(hash_equal(&of.list[ROOT_KEYS + 1], &district.id));
    actor_abort(&hub.actor, t);
    fixture_author_done(&district);
}

static void a_hub_that_is_spent_and_not_prepared_sends_away(void **state) {
    (void)state;
    struct txn *t;
    struct frame f;
    struct err e = {0};
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
    renewal_lost(&hub.actor, t);
    FIXTURE_OK(actor_commit(&hub.actor, t, &e), &e);
    machine_connect(NODE);
    carry_up(NODE);
    fixture_step(&hub);
    assert_true(fixture_expect(&hub, peer_of(NODE), FRAME_REFUSED, &f));
    assert_int_equal(f.u.refused.code, REFUSED_BUSY);
    FIXTURE_OK(hub_tick(&hub.hub, hub.now, &e), &e); /* streams are made anew */
    machine_connect(NODE);
    carry_up(NODE);
    fixture_step(&hub);
    assert_true(fixture_expect(&hub, peer_of(NODE), FRAME_WELCOME, &f));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_node_put_back_gets_its_records_back_and_signs_on_in_the_next_epoch, begin, end),
        cmocka_unit_test_setup_teardown(what_is_spent_signs_nothing, begin, end),
        cmocka_unit_test_setup_teardown(
            what_was_stated_in_taken_places_is_stated_again_with_its_references, begin, end),
        cmocka_unit_test_setup_teardown(a_node_that_lost_all_but_its_key_joins_with_the_same_bytes,
                                        begin, end),
        cmocka_unit_test_setup_teardown(two_clones_that_take_turns_wait_twice_as_long_each_time,
                                        begin, end),
        cmocka_unit_test_setup_teardown(
            a_hub_put_back_says_nothing_in_taken_places_and_of_all_when_it_came, begin, end),
        cmocka_unit_test_setup_teardown(a_record_of_its_own_stops_a_hub_in_the_middle_of_a_step,
                                        begin, end),
        cmocka_unit_test_setup_teardown(
            a_hub_that_stated_others_in_taken_places_finds_out_and_says_them_again, begin, end),
        cmocka_unit_test_setup_teardown(
            a_hub_put_back_doubts_who_names_another_stream_than_it_knows, begin, end),
        cmocka_unit_test_setup_teardown(whose_records_are_handed_back, begin, end),
        cmocka_unit_test_setup_teardown(a_hub_that_is_spent_and_not_prepared_sends_away, begin,
                                        end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
