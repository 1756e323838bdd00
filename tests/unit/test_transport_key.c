/* A transport key opens the door of the hub that enrolled it; that two districts enrol one key is
 * no fault of either. */
#include "proto/kinds.h"
#include "tests/unit/join_proof.h"
#include "tests/unit/step_world.h"

#define DISTRICT 31u

/* Districts below the root hub, each with a machine of its own unit. */
static struct district {
    struct fixture_author hub, machine;
    struct hash prev; /* where its lane 0 stands */
    uint64_t seq;
} one, two;

static void district_init(struct district *d, uint8_t seed, const struct uid *unit) {
    fixture_author_init(&d->hub, seed, unit);
    fixture_author_init(&d->machine, (uint8_t)(seed + 10), unit);
    fixture_enrol_author(&hub, &d->hub, ROLE_HUB);
    d->prev = (struct hash){{0}};
    d->seq = 0;
}

static void district_done(struct district *d) {
    fixture_author_done(&d->hub);
    fixture_author_done(&d->machine);
}

static int begin_districts(void **state) {
    begin(state);
    district_init(&one, DISTRICT, &hub.communes[2]);
    district_init(&two, DISTRICT + 1, &hub.communes[3]);
    return 0;
}

static int end_districts(void **state) {
    district_done(&one);
    district_done(&two);
    return end(state);
}

/* `d` enrols its machine with the transport key `key`. */
static void enrol(struct district *d, const struct public_key *key, struct buf *out) {
    struct record_header h = fixture_header(&hub, &d->hub, KIND_ENROL);
    struct payload_enrol p = {.role = ROLE_NODE,
                              .grant = {.actor = d->machine.id,
                                        .epoch = 1,
                                        .sign_key = *key_pair_public(d->machine.sign),
                                        .transport_key = *key,
                                        .unit = d->machine.unit}};
    struct err e = {0};
    struct buf b;
    buf_init(&b);
    join_prove(&p, &hub.actor.deployment, d->machine.sign);
    FIXTURE_OK(payload_enrol_encode(&p, &b, &e), &e);
    h.lane = (struct uid){{0}};
    h.seq = ++d->seq;
    h.prev = d->prev;
    d->prev = fixture_sign(&d->hub, &h, buf_slice(&b), out);
    buf_done(&b);
}

/* `d` connects and sends up the `n` records at `list`. */
static void send_up(uint32_t peer, const struct district *d, struct buf *list, uint32_t n) {
    fixture_hello(&hub, peer, &d->hub, n, NULL, 0);
    fixture_step(&hub);
    fixture_records(&hub, peer, &d->hub, 1, list, n);
    fixture_step(&hub);
    fixture_drop_all(&hub);
}

/* Whom the hub lets in at its door with `key`: into `ret_who`; 0: a guest. */
static int lets_in(const struct public_key *key, struct hash *ret_who) {
    return hub_knows(&hub.hub, key, ret_who);
}

static void one_transport_key_in_two_districts_keeps_no_report_of_either_back(void **state) {
    (void)state;
    struct buf first, list[4];
    enrol(&two, key_pair_public(two.machine.transport), &first);
    send_up(50, &two, &first, 1);
    enrol(&one, key_pair_public(two.machine.transport), &list[0]);
    fixture_story(&hub, &one.machine, 1, list + 1);
    send_up(51, &one, list, 4);
    assert_int_equal(fixture_count(&hub, TABLE_PENDING), 0);
    for (int i = 0; i < 4; i++) {
        assert_true(held(&list[i]));
        buf_done(&list[i]);
    }
    buf_done(&first);
}

static void the_door_opens_to_whom_this_hub_enrolled_and_to_no_other(void **state) {
    (void)state;
    struct buf up;
    struct hash who;
    enrol(&one, key_pair_public(one.machine.transport), &up);
    send_up(50, &one, &up, 1);
    assert_int_equal(lets_in(key_pair_public(one.machine.transport), &who), 0);
    assert_int_equal(lets_in(key_pair_public(one.hub.transport), &who), 1);
    assert_true(hash_equal(&who, &one.hub.id));
    assert_int_equal(lets_in(key_pair_public(hub.actor.transport), &who), 0);
    buf_done(&up);
}

static void who_is_enrolled_below_takes_no_child_s_key(void **state) {
    (void)state;
    for (int first = 0; first < 2; first++) { /* the district's enrolment comes first, or last */
        struct buf up;
        struct hash who;
        const struct public_key *key = key_pair_public(two.machine.transport);
        if (!first)
            fixture_enrol_author(&hub, &two.machine, ROLE_NODE);
        enrol(&one, key, &up);
        send_up(50, &one, &up, 1);
        if (first) {
            assert_int_equal(lets_in(key, &who), 0);
            fixture_enrol_author(&hub, &two.machine, ROLE_NODE);
        }
        assert_true(held(&up));
        assert_int_equal(lets_in(key, &who), 1);
        assert_true(hash_equal(&who, &two.machine.id));
        assert_int_equal(fixture_count(&hub, TABLE_TRANSPORTS), 5);
        buf_done(&up);
        if (!first) {
            end_districts(state);
            begin_districts(state);
        }
    }
}

static void of_two_children_with_one_key_the_last_one_has_it(void **state) {
    (void)state;
    struct hash who;
    struct member m;
    struct txn *t;
    struct err e = {0};
    struct fixture_author same = two.machine;
    same.transport = node.transport;
    fixture_enrol_author(&hub, &same, ROLE_NODE);
    assert_int_equal(lets_in(key_pair_public(node.transport), &who), 1);
    assert_true(hash_equal(&who, &same.id));
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
    assert_true(roster_find(t, &node.id, 1, &m));
    roster_note_transport(t, &m); /* whatever came first */
    assert_true(roster_by_transport(t, key_pair_public(node.transport), &m));
    assert_true(hash_equal(&m.actor, &same.id));
    actor_abort(&hub.actor, t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            one_transport_key_in_two_districts_keeps_no_report_of_either_back, begin_districts,
            end_districts),
        cmocka_unit_test_setup_teardown(the_door_opens_to_whom_this_hub_enrolled_and_to_no_other,
                                        begin_districts, end_districts),
        cmocka_unit_test_setup_teardown(who_is_enrolled_below_takes_no_child_s_key, begin_districts,
                                        end_districts),
        cmocka_unit_test_setup_teardown(of_two_children_with_one_key_the_last_one_has_it,
                                        begin_districts, end_districts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
