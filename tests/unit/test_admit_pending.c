#include "tests/unit/admit_world.h"

#include "core/unit_id.h"

/* ---- pending ---- */

static void a_record_before_its_author_or_predecessor_is_pending_and_wakes_in_order(void **state) {
    (void)state;
    struct buf story[4], enrol;
    struct hash id;
    struct err e = {0};
    fixture_story(&hub, &other, 2, story);
    for (unsigned i = 4; i-- > 0;)
        assert_int_equal(offer(&story[i]), ADMIT_PENDING);
    assert_int_equal(offer(&story[2]), ADMIT_DUPLICATE);
    assert_int_equal(rows(TABLE_PENDING), 4);
    assert_int_equal(told.held, 0);
    /* A record that the hub admits, not one that it states: as from a hub below. */
    fixture_enrol_payload(&hub, &other, ROLE_NODE, &enrol);
    FIXTURE_OK(append_own(&hub.actor, t, KIND_ENROL, NULL, buf_slice(&enrol), 0, &id, &e), &e);
    struct admit a = admit_by(&node.id);
    FIXTURE_OK(admit_wake_held(&a, &id, 1, &e), &e);
    assert_int_equal(told.held, 4);
    assert_int_equal(rows(TABLE_PENDING), 0);
    assert_int_equal(rows(TABLE_AWAITED), 0);
    for (unsigned i = 0; i < 4; i++) {
        struct record r;
        FIXTURE_OK(record_parse(buf_slice(&story[i]), &r, &e), &e);
        assert_true(hash_equal(&told.order[i], &r.id));
        buf_done(&story[i]);
    }
    buf_done(&enrol);
}

/* A district below the root: it states units and enrols a node, which states records. */
struct district {
    struct fixture_author hub, below;
    struct buf records[8];
    uint32_t n;
};

static void district_say(struct district *d, struct fixture_author *a, uint16_t kind,
                         const struct uid *lane, uint64_t seq, const struct hash *prev,
                         struct buf *payload, struct hash *ret_id) {
    struct record_header h = fixture_header(&hub, a, kind);
    h.lane = *lane;
    h.seq = seq;
    h.prev = *prev;
    *ret_id = fixture_sign(a, &h, buf_slice(payload), &d->records[d->n++]);
    buf_done(payload);
}

static void district_init(struct district *d) {
    static char code[] = "100201", level[] = "hamlet", none[] = "";
    struct uid hamlet = {{0x77}};
    const struct uid zero = {{0}};
    const struct hash first = {{0}};
    unit_id_bind(&hamlet, &hub.communes[1]);
    struct unit_fact fact = {.id = hamlet,
                             .parent = hub.communes[1],
                             .effective = DAY_NONE,
                             .from = DAY_NONE,
                             .until = DAY_NONE,
                             .code = code,
                             .level = level,
                             .kind = none,
                             .name = code,
                             .group = none,
                             .contact = none,
                             .phone = none};
    struct payload_units units_said = {1, &fact};
    struct hash units_id, enrol_id;
    struct err e = {0};
    struct buf b;
    d->n = 0;
    fixture_author_init(&d->hub, 31, &hub.communes[1]);
    fixture_author_init(&d->below, 32, &hamlet);
    buf_init(&b);
    FIXTURE_OK(payload_units_encode(&units_said, &b, &e), &e);
    district_say(d, &d->hub, KIND_UNITS, &zero, 1, &first, &b, &units_id);
    fixture_enrol_payload(&hub, &d->below, ROLE_NODE, &b);
    district_say(d, &d->hub, KIND_ENROL, &zero, 2, &units_id, &b, &enrol_id);
    fixture_story(&hub, &d->below, 1, &d->records[2]);
    d->n += 3;
}

static void district_done(struct district *d) {
    for (uint32_t i = 0; i < d->n; i++)
        buf_done(&d->records[i]);
    fixture_author_done(&d->hub);
    fixture_author_done(&d->below);
}

static void whatever_the_order_of_arrival_the_same_records_are_held(void **state) {
    (void)state;
    uint64_t seed = fixture_seed(__func__);
    struct hash id;
    struct err e = {0};
    struct buf enrol;
    for (unsigned round = 0; round < 60; round++) {
        struct district d;
        uint32_t order[8], enrolled_after = fixture_below(&seed, 6);
        district_init(&d);
        memset(&told, 0, sizeof told);
        for (uint32_t i = 0; i < d.n; i++) {
            uint32_t at = fixture_below(&seed, i + 1);
            order[i] = order[at];
            order[at] = i;
        }
        for (uint32_t i = 0; i <= d.n; i++) {
            if (i == enrolled_after) {
                struct admit a = admit_by(&node.id);
                fixture_enrol_payload(&hub, &d.hub, ROLE_HUB, &enrol);
                FIXTURE_OK(
                    append_own(&hub.actor, t, KIND_ENROL, NULL, buf_slice(&enrol), 0, &id, &e), &e);
                FIXTURE_OK(admit_wake_held(&a, &id, 1, &e), &e);
                buf_done(&enrol);
            }
            if (i < d.n) {
                enum admission got = offer(&d.records[order[i]]);
                assert_true(got == ADMIT_HELD || got == ADMIT_PENDING);
            }
        }
        assert_int_equal(told.held, d.n);
        assert_int_equal(rows(TABLE_PENDING), 0);
        assert_int_equal(rows(TABLE_AWAITED), 0);
        district_done(&d);
        actor_abort(&hub.actor, t);
        open_txn();
    }
}

/* Its clock said what it liked, the clock of whoever enrolled it did not. */
static void what_was_enrolled_by_a_late_machine_counts_since_that_was_enrolled(void **state) {
    (void)state;
    struct district d;
    struct buf enrol;
    struct hash id;
    struct err e = {0};
    district_init(&d);
    for (uint32_t i = 0; i < d.n; i++)
        assert_int_equal(offer(&d.records[i]), ADMIT_PENDING);
    struct admit a = admit_by(&node.id);
    a.sink.held = note_came;
    n_came = 0;
    fixture_enrol_payload(&hub, &d.hub, ROLE_HUB, &enrol);
    instant late = hub.now.wall + 300;
    FIXTURE_OK(append_own(&hub.actor, t, KIND_ENROL, NULL, buf_slice(&enrol), late, &id, &e), &e);
    FIXTURE_OK(admit_wake_held(&a, &id, hub.now.wall + 500, &e), &e);
    assert_int_equal(n_came, d.n);
    for (uint32_t i = 0; i < d.n; i++)
        assert_true(came[i] == late);
    buf_done(&enrol);
    district_done(&d);
}

/* A receipt stands in another lane than the units: no predecessor leads from one to the other. */
static void what_is_said_in_the_lane_of_a_unit_waits_for_no_unit(void **state) {
    (void)state;
    struct district d;
    struct buf enrol, receipt, far;
    struct hash id;
    struct err e = {0};
    district_init(&d);
    fixture_enrol_payload(&hub, &d.hub, ROLE_HUB, &enrol);
    FIXTURE_OK(append_own(&hub.actor, t, KIND_ENROL, NULL, buf_slice(&enrol), 0, &id, &e), &e);
    struct record_header h = fixture_header(&hub, &d.hub, KIND_RECEIPT);
    h.lane = d.below.unit;
    fixture_sign(&d.hub, &h, slice_of(NULL, 0), &receipt);
    h.lane = hub.communes[0]; /* stated, and not below it */
    fixture_sign(&d.hub, &h, slice_of(NULL, 0), &far);
    assert_int_equal(offer(&receipt), ADMIT_HELD);
    assert_int_equal(offer(&far), ADMIT_HELD);
    assert_int_equal(rows(TABLE_PENDING), 0);
    buf_done(&enrol);
    buf_done(&receipt);
    buf_done(&far);
    district_done(&d);
}

static void an_author_awaited_in_a_later_epoch_goes_on_waiting(void **state) {
    (void)state;
    struct record_header h = fixture_header(&hub, &other, 999);
    struct buf b, enrol;
    struct hash id;
    struct err e = {0};
    h.epoch = 2;
    fixture_sign(&other, &h, slice_of(NULL, 0), &b);
    assert_int_equal(offer_once(&b), ADMIT_PENDING);
    struct admit a = admit_by(&node.id);
    fixture_enrol_payload(&hub, &other, ROLE_NODE, &enrol);
    FIXTURE_OK(append_own(&hub.actor, t, KIND_ENROL, NULL, buf_slice(&enrol), 0, &id, &e), &e);
    FIXTURE_OK(admit_wake_held(&a, &id, 1, &e), &e); /* this came to no end once */
    assert_int_equal(rows(TABLE_PENDING), 1);
    assert_int_equal(rows(TABLE_AWAITED), 1);
    buf_done(&enrol);
}

static void a_record_pending_from_two_carriers_is_woken_for_both(void **state) {
    (void)state;
    struct buf story[2], enrol;
    struct hash id;
    struct err e = {0};
    fixture_story(&hub, &other, 0, story);
    const struct hash second = {{0xcc}};
    assert_int_equal(offer(&story[0]), ADMIT_PENDING);
    assert_int_equal(offer_by(&second, &story[0]), ADMIT_PENDING);
    assert_int_equal(rows(TABLE_PENDING), 2);
    struct admit a = admit_by(&node.id);
    fixture_enrol_payload(&hub, &other, ROLE_NODE, &enrol);
    FIXTURE_OK(append_own(&hub.actor, t, KIND_ENROL, NULL, buf_slice(&enrol), 0, &id, &e), &e);
    FIXTURE_OK(admit_wake_held(&a, &id, 1, &e), &e);
    assert_int_equal(told.held, 1);
    assert_int_equal(rows(TABLE_PENDING), 0);
    buf_done(&enrol);
    buf_done(&story[0]);
    buf_done(&story[1]);
}

static void pending_records_are_bounded_per_carrier_and_displace_nothing(void **state) {
    (void)state;
    const struct hash second = {{0xcc}};
    struct buf b;
    for (uint32_t i = 0; i <= LIMIT_PENDING_RECORDS; i++) {
        struct record_header h = fixture_header(&hub, &other, 999);
        h.claimed = i + 1;
        fixture_sign(&other, &h, slice_of(NULL, 0), &b);
        enum admission want = i < LIMIT_PENDING_RECORDS ? ADMIT_PENDING : ADMIT_NO_ROOM;
        assert_int_equal(offer(&b), want);
        if (want == ADMIT_NO_ROOM)
            assert_int_equal(offer_by(&second, &b), ADMIT_PENDING);
        buf_done(&b);
    }
    assert_int_equal(rows(TABLE_PENDING), LIMIT_PENDING_RECORDS + 1);
    join_of(&node, &b);
    assert_int_equal(offer_once(&b), ADMIT_HELD);
}

static void pending_bytes_are_bounded_too(void **state) {
    (void)state;
    static const uint8_t big[1 << 20];
    uint32_t kept = 0;
    size_t left = LIMIT_PENDING_BYTES, beside = 0; /* beside: the payload */
    for (uint32_t i = 0; i < 10; i++) {
        struct record_header h = fixture_header(&hub, &other, 999);
        struct buf b;
        h.claimed = i + 1;
        fixture_sign(&other, &h, slice_of(big, sizeof big), &b);
        beside = PENDING_BESIDE + b.len - sizeof big;
        if (offer_once(&b) == ADMIT_PENDING) {
            kept++;
            left -= beside + sizeof big;
        }
    }
    assert_int_equal(kept, LIMIT_PENDING_BYTES / (1 << 20) - 1);
    for (size_t more = 2; more-- > 0;) { /* to the last byte */
        struct record_header h = fixture_header(&hub, &other, 999);
        struct buf b;
        h.claimed = 100;
        fixture_sign(&other, &h, slice_of(big, left - beside + more), &b);
        assert_int_equal(offer_once(&b), more > 0 ? ADMIT_NO_ROOM : ADMIT_PENDING);
    }
}

/* ---- our own memory ---- */

static void want_of_memory_is_an_error_and_never_a_refusal(void **state) {
    (void)state;
    struct district d;
    struct buf enrol;
    struct hash id;
    struct err e = {0};
    district_init(&d);
    fixture_enrol_payload(&hub, &d.hub, ROLE_HUB, &enrol);
    FIXTURE_OK(append_own(&hub.actor, t, KIND_ENROL, NULL, buf_slice(&enrol), 0, &id, &e), &e);
    FIXTURE_OK(actor_commit(&hub.actor, t, &e), &e);
    buf_done(&enrol);
    bool done = false;
    for (long nth = 0; !done; nth++) {
        open_txn();
        struct admit a = admit_by(&node.id);
        int rc = 0;
        mem_fail_at(nth);
        for (uint32_t i = 0; rc == 0 && i < d.n; i++) {
            enum admission got = ADMIT_REFUSED;
            struct err why = {0};
            err_clear(&e);
            rc = admit_bytes(&a, buf_slice(&d.records[d.n - 1 - i]), 1, &got, &why, &e);
            if (rc == 0)
                assert_true(got == ADMIT_HELD || got == ADMIT_PENDING);
            else
                assert_int_equal(rc, ERR_NOMEM);
        }
        mem_fail_at(-1);
        done = rc == 0;
        assert_true(!done || rows(TABLE_PENDING) == 0);
        actor_abort(&hub.actor, t);
        t = NULL;
        assert_true(nth < 2000);
    }
    open_txn();
    district_done(&d);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_record_before_its_author_or_predecessor_is_pending_and_wakes_in_order),
        TEST(whatever_the_order_of_arrival_the_same_records_are_held),
        TEST(what_was_enrolled_by_a_late_machine_counts_since_that_was_enrolled),
        TEST(what_is_said_in_the_lane_of_a_unit_waits_for_no_unit),
        TEST(an_author_awaited_in_a_later_epoch_goes_on_waiting),
        TEST(a_record_pending_from_two_carriers_is_woken_for_both),
        TEST(pending_records_are_bounded_per_carrier_and_displace_nothing),
        TEST(pending_bytes_are_bounded_too),
        TEST(want_of_memory_is_an_error_and_never_a_refusal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
