#include "tests/unit/step_world.h"

#include "core/unit_id.h"

/* ---- group commit ---- */

static void nothing_leaves_but_after_a_commit_that_succeeded(void **state) {
    (void)state;
    static const struct {
        enum commit_fault fault;
        int want;
        bool kept;
    } cases[] = {{COMMIT_LOST, ERR_IO, false},
                 {COMMIT_UNKNOWN_KEPT, ERR_UNKNOWN, true},
                 {COMMIT_UNKNOWN_LOST, ERR_UNKNOWN, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err e = {0};
        struct frame f;
        uint32_t peer;
        struct hash id = id_of(&story[2]);
        greet(PEER, &node);
        fixture_records(&hub, PEER, &node, 1, story, STORY);
        fixture_hello(&hub, PEER + 1, &other, 0, NULL, 0);
        struct buf junk;
        buf_init(&junk);
        buf_put_str(&junk, "no record");
        fixture_records(&hub, PEER + 1, &other, 1, &junk, 1);
        buf_done(&junk);
        next_fault = cases[i].fault;
        assert_int_equal(hub_step(&hub.hub, hub.now, &e), cases[i].want);
        uint32_t told[2] = {0};
        while (fixture_left(&hub, &peer, &f)) {
            assert_int_equal(f.type, FRAME_REFUSED);
            assert_int_equal(f.u.refused.code, REFUSED_BUSY);
            told[peer - PEER]++;
        }
        assert_int_equal(told[0], 1);
        assert_int_equal(told[1], 1);
        assert_int_equal(held(&story[2]), cases[i].kept);
        assert_int_equal(fixture_said(&hub, &id) == RECEIPT_VALID, cases[i].kept);
        assert_int_equal(hub.hub.events.valid + hub.hub.events.refused, 0);
        fixture_hub_restart(&hub);
        fixture_hello(&hub, PEER, &node, STORY, NULL, 0);
        fixture_records(&hub, PEER, &node, 1, story, STORY);
        fixture_step(&hub);
        assert_true(fixture_expect(&hub, PEER, FRAME_ACK, &f));
        assert_int_equal(f.u.ack.position, STORY);
        assert_int_equal(fixture_receipts(&hub, &id, RECEIPT_VALID, NULL), 1);
        end(NULL);
        begin(NULL);
    }
}

static void a_step_that_failed_leaves_no_catalog_of_what_never_was(void **state) {
    (void)state;
    static char code[] = "77", none[] = "";
    struct uid hamlet = {{0x77}};
    unit_id_bind(&hamlet, &hub.communes[2]);
    struct unit_fact fact = {.id = hamlet,
                             .parent = hub.communes[2],
                             .effective = DAY_NONE,
                             .from = DAY_NONE,
                             .until = DAY_NONE,
                             .code = code,
                             .level = code,
                             .kind = none,
                             .name = code,
                             .group = none,
                             .contact = none,
                             .phone = none};
    struct payload_units said = {1, &fact};
    struct fixture_author district;
    struct buf payload, record;
    struct err e = {0};
    fixture_author_init(&district, 71, &hub.communes[2]);
    fixture_enrol_author(&hub, &district, ROLE_HUB);
    buf_init(&payload);
    FIXTURE_OK(payload_units_encode(&said, &payload, &e), &e);
    struct record_header h = fixture_header(&hub, &district, KIND_UNITS);
    h.lane = (struct uid){{0}};
    fixture_sign(&district, &h, buf_slice(&payload), &record);
    for (int lost = 1; lost >= 0; lost--) {
        fixture_hello(&hub, PEER, &district, 1, NULL, 0);
        fixture_records(&hub, PEER, &district, 1, &record, 1);
        next_fault = lost ? COMMIT_LOST : COMMIT_AS_IS;
        assert_int_equal(hub_step(&hub.hub, hub.now, &e), lost ? ERR_IO : 0);
        err_clear(&e);
        struct txn *t;
        FIXTURE_OK(actor_begin(&hub.actor, false, &t, &e), &e);
        assert_int_equal(catalog_unit(&hub.actor.catalog, &hamlet) == NULL, lost);
        assert_non_null(catalog_unit(&hub.actor.catalog, &node.unit));
        actor_abort(&hub.actor, t);
    }
    buf_done(&payload);
    buf_done(&record);
    fixture_author_done(&district);
}

static void what_an_aborted_transaction_stated_is_forgotten(void **state) {
    (void)state;
    struct txn *t;
    struct hash id;
    struct err e = {0};
    uint32_t before = hub.actor.catalog.n_campaigns;
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
    struct buf copy;
    struct record r;
    buf_init(&copy);
    const struct catalog_campaign *issued = catalog_campaign(&hub.actor.catalog, &hub.campaign);
    assert_non_null(issued);
    struct slice stored;
    assert_true(txn_get(t, TABLE_RECORDS, slice_of(hub.campaign.b, HASH_BYTES), &stored));
    buf_put(&copy, stored.data, stored.len);
    FIXTURE_OK(record_parse(buf_slice(&copy), &r, &e), &e);
    FIXTURE_OK(append_own(&hub.actor, t, KIND_CAMPAIGN, NULL, r.payload, 1, &id, &e), &e);
    assert_int_equal(hub.actor.catalog.n_campaigns, before + 1);
    actor_abort(&hub.actor, t);
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
    assert_int_equal(hub.actor.catalog.n_campaigns, before);
    actor_abort(&hub.actor, t);
    buf_done(&copy);
}

#define ENOUGH 100 /* many more than a step asks for memory */

static void want_of_memory_gives_an_error_or_success_and_never_a_receipt_alone(void **state) {
    (void)state;
    int rc = ERR_NOMEM;
    /* That a step did without one of them says nothing of the next. */
    for (long nth = 0; nth < ENOUGH; nth++) {
        struct err e = {0};
        struct frame f;
        uint32_t peer;
        end(NULL); /* what a hub keeps for its next step it asks for but once */
        begin(NULL);
        fixture_hello(&hub, PEER, &node, STORY, NULL, 0);
        fixture_records(&hub, PEER, &node, 1, story, STORY);
        mem_fail_at(nth);
        rc = hub_step(&hub.hub, hub.now, &e);
        mem_fail_at(-1);
        assert_true(rc == 0 || rc == ERR_NOMEM);
        bool acked = false;
        while (fixture_left(&hub, &peer, &f))
            acked |= f.type == FRAME_ACK && f.u.ack.position > 0;
        assert_int_equal(acked, rc == 0);
        for (int i = 2; i < STORY; i++) { /* the reports */
            struct hash id = id_of(&story[i]);
            assert_int_equal(held(&story[i]), rc == 0);
            assert_int_equal(fixture_said(&hub, &id), rc == 0 ? RECEIPT_VALID : 0);
        }
        assert_int_equal(hub.hub.events.refused, 0);
    }
    assert_int_equal(rc, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(nothing_leaves_but_after_a_commit_that_succeeded),
        TEST(a_step_that_failed_leaves_no_catalog_of_what_never_was),
        TEST(what_an_aborted_transaction_stated_is_forgotten),
        TEST(want_of_memory_gives_an_error_or_success_and_never_a_receipt_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
