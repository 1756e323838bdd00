#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/limits.h"
#include "node/append.h"
#include "node/views.h"
#include "proto/kinds.h"
#include "proto/payload_campaign.h"
#include "tests/unit/fixture_hub.h"

#include <string.h>

#define PEER 5u

static struct fixture_hub hub;
static struct fixture_author node, district;
static struct buf campaign, story[4];
static struct hash campaign_id;

/* A district with a campaign of its own, which the root gets from below, and a node under it. */
static int begin(void **state) {
    (void)state;
    struct err e = {0};
    struct buf payload;
    fixture_hub_open(&hub, NULL);
    fixture_author_init(&node, 21, &hub.communes[0]);
    fixture_author_init(&district, 31, &hub.communes[0]);
    fixture_enrol_author(&hub, &node, ROLE_NODE);
    fixture_enrol_author(&hub, &district, ROLE_HUB);
    buf_init(&payload);
    FIXTURE_OK(campaign_encode(&hub.plan, &payload, &e), &e);
    struct record_header h = fixture_header(&hub, &district, KIND_CAMPAIGN);
    h.lane = (struct uid){{0}};
    campaign_id = fixture_sign(&district, &h, buf_slice(&payload), &campaign);
    buf_done(&payload);
    hub.campaign = campaign_id;
    fixture_story(&hub, &node, 2, story);
    fixture_hello(&hub, PEER, &node, 0, NULL, 0);
    fixture_hello(&hub, PEER + 1, &district, 0, NULL, 0);
    fixture_step(&hub);
    fixture_drop_all(&hub);
    return 0;
}

static int end(void **state) {
    (void)state;
    for (unsigned i = 0; i < 4; i++)
        buf_done(&story[i]);
    buf_done(&campaign);
    fixture_author_done(&node);
    fixture_author_done(&district);
    fixture_hub_close(&hub);
    return 0;
}

static struct hash id_of(const struct buf *b) {
    struct record r;
    struct err e = {0};
    FIXTURE_OK(record_parse(buf_slice(b), &r, &e), &e);
    return r.id;
}

static void a_held_report_gets_exactly_one_final_receipt_with_the_same_instant(void **state) {
    (void)state;
    struct hash id = id_of(&story[2]);
    instant held_at = 0, final_at = 1;
    fixture_records(&hub, PEER, &node, 1, story, 3);
    fixture_step(&hub);
    assert_int_equal(fixture_receipts(&hub, &id, RECEIPT_HELD, &held_at), 1);
    assert_int_equal(fixture_said(&hub, &id), RECEIPT_HELD);
    fixture_step(&hub);
    fixture_records(&hub, PEER + 1, &district, 1, &campaign, 1);
    fixture_step(&hub);
    assert_int_equal(fixture_said(&hub, &id), RECEIPT_VALID);
    assert_int_equal(fixture_receipts(&hub, &id, RECEIPT_HELD, NULL), 1);
    assert_int_equal(fixture_receipts(&hub, &id, RECEIPT_VALID, &final_at), 1);
    assert_true(held_at == final_at);
    assert_int_equal(fixture_count(&hub, TABLE_AWAITED), 0);
    assert_int_equal(fixture_count(&hub, TABLE_SLOTS), 2);
}

/* The hub's own campaign; kept: stated for good, as a command beside the daemon does it. */
static struct hash state_campaign(instant claimed, bool kept) {
    struct hash id;
    struct buf payload;
    struct txn *t;
    struct err e = {0};
    buf_init(&payload);
    FIXTURE_OK(campaign_encode(&hub.plan, &payload, &e), &e);
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
    FIXTURE_OK(
        append_own(&hub.actor, t, KIND_CAMPAIGN, NULL, buf_slice(&payload), claimed, &id, &e), &e);
    if (kept)
        FIXTURE_OK(actor_commit(&hub.actor, t, &e), &e);
    else
        actor_abort(&hub.actor, t);
    buf_done(&payload);
    return id;
}

static void
a_report_that_came_before_the_hub_s_own_campaign_is_judged_once_that_is_stated(void **state) {
    (void)state;
    const instant claimed = hub.now.wall;
    struct fixture_author early;
    struct buf own[3];
    struct err e = {0};
    fixture_author_init(&early, 22, &hub.communes[1]);
    fixture_enrol_author(&hub, &early, ROLE_NODE);
    hub.campaign = state_campaign(claimed, false); /* what it will be called */
    fixture_story(&hub, &early, 1, own);
    struct hash id = id_of(&own[2]);
    fixture_hello(&hub, PEER + 2, &early, 0, NULL, 0);
    fixture_records(&hub, PEER + 2, &early, 1, own, 3);
    fixture_step(&hub);
    assert_int_equal(fixture_said(&hub, &id), RECEIPT_HELD);
    struct hash stated = state_campaign(claimed, true);
    assert_true(hash_equal(&stated, &hub.campaign));
    FIXTURE_OK(hub_tick(&hub.hub, hub.now, &e), &e);
    fixture_step(&hub);
    assert_int_equal(fixture_said(&hub, &id), RECEIPT_VALID);
    assert_int_equal(fixture_receipts(&hub, &id, RECEIPT_VALID, NULL), 1);
    for (unsigned i = 0; i < 3; i++)
        buf_done(&own[i]);
    fixture_author_done(&early);
}

static void a_report_and_what_it_waits_for_in_one_step_give_one_receipt(void **state) {
    (void)state;
    struct hash id = id_of(&story[2]);
    fixture_records(&hub, PEER, &node, 1, story, 4);
    fixture_records(&hub, PEER + 1, &district, 1, &campaign, 1);
    fixture_step(&hub);
    assert_int_equal(fixture_said(&hub, &id), RECEIPT_VALID);
    assert_int_equal(fixture_receipts(&hub, &id, RECEIPT_HELD, NULL), 0);
    assert_int_equal(fixture_receipts(&hub, &id, RECEIPT_VALID, NULL), 1);
    assert_int_equal(hub.hub.events.valid, 2);
    assert_int_equal(hub.hub.events.held, 0);
    assert_int_equal(fixture_count(&hub, TABLE_SLOTS), 3);
}

static void receipts_of_one_step_are_one_record_per_author_of_at_most_512_entries(void **state) {
    (void)state;
    static struct buf many[1000];
    uint64_t before = fixture_count(&hub, TABLE_RECORDS);
    for (uint32_t i = 0; i < 600; i++)
        fixture_next_record(&hub, &district, 999, slice_of(NULL, 0), &many[i]);
    for (uint64_t first = 1; first <= 600; first += 200)
        fixture_records(&hub, PEER + 1, &district, first, &many[first - 1], 200);
    fixture_records(&hub, PEER, &node, 1, story, 4);
    fixture_step(&hub);
    assert_int_equal(fixture_count(&hub, TABLE_RECORDS), before + 600 + 4 + 3);
    struct hash first = id_of(&many[0]), last = id_of(&many[599]);
    assert_int_equal(fixture_receipts(&hub, &first, RECEIPT_HELD, NULL), 1);
    assert_int_equal(fixture_receipts(&hub, &last, RECEIPT_HELD, NULL), 1);
    for (uint32_t i = 0; i < 600; i++)
        buf_done(&many[i]);
}

static void what_is_not_receipted_gets_no_receipt(void **state) {
    (void)state;
    uint64_t before = fixture_count(&hub, TABLE_RECORDS);
    fixture_records(&hub, PEER, &node, 1, story, 2); /* join, subjects */
    fixture_step(&hub);
    assert_int_equal(fixture_count(&hub, TABLE_RECORDS), before + 2);
}

static void a_payload_of_a_later_version_is_held_and_nothing_is_read_of_it(void **state) {
    (void)state;
    struct buf b, payload;
    struct hash subjects = id_of(&story[1]);
    fixture_records(&hub, PEER + 1, &district, 1, &campaign, 1);
    fixture_report_payload(&hub, &node, &subjects, 1, &payload);
    struct record_header h = fixture_header(&hub, &node, KIND_REPORT);
    h.payload_version = 2;
    struct hash id = fixture_sign(&node, &h, buf_slice(&payload), &b);
    fixture_records(&hub, PEER, &node, 1, story, 4);
    fixture_records(&hub, PEER, &node, 5, &b, 1);
    fixture_step(&hub);
    assert_int_equal(fixture_said(&hub, &id), RECEIPT_HELD);
    assert_int_equal(fixture_count(&hub, TABLE_SLOTS), 3);
    buf_done(&b);
    buf_done(&payload);
}

/* Whatever bytes a payload has, its record is taken and answered once, and the step goes on. */
static void no_payload_stops_a_step(void **state) {
    (void)state;
    uint64_t seed = fixture_seed(__func__);
    struct buf payload, b;
    struct hash subjects = id_of(&story[1]);
    fixture_records(&hub, PEER + 1, &district, 1, &campaign, 1);
    fixture_records(&hub, PEER, &node, 1, story, 4);
    fixture_step(&hub);
    fixture_report_payload(&hub, &node, &subjects, 1, &payload);
    for (uint32_t i = 0; i < 400; i++) {
        struct buf bent;
        buf_init(&bent);
        buf_put(&bent, payload.data, payload.len);
        for (uint32_t n = 1 + fixture_below(&seed, 3); n > 0; n--)
            bent.data[fixture_below(&seed, (uint32_t)bent.len)] = (uint8_t)fixture_next(&seed);
        if (fixture_below(&seed, 4) == 0)
            bent.len = fixture_below(&seed, (uint32_t)bent.len);
        struct hash id = fixture_next_record(&hub, &node, KIND_REPORT, buf_slice(&bent), &b);
        fixture_records(&hub, PEER, &node, 5 + i, &b, 1);
        fixture_step(&hub);
        assert_true(fixture_said(&hub, &id) != 0);
        fixture_drop_all(&hub);
        buf_done(&b);
        buf_done(&bent);
    }
    buf_done(&payload);
}

static void no_payload_of_a_hub_stops_a_step(void **state) {
    (void)state;
    static const uint16_t kinds[] = {KIND_ENROL, KIND_UNITS, KIND_CAMPAIGN, KIND_PROFILE};
    struct frame f;
    struct buf b;
    for (uint64_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct record_header h = fixture_header(&hub, &district, kinds[i]);
        h.lane = (struct uid){{0}};
        struct hash id = fixture_sign(&district, &h, slice_str("\xff\xff garbage"), &b);
        fixture_records(&hub, PEER + 1, &district, i + 1, &b, 1);
        fixture_step(&hub);
        assert_true(fixture_expect(&hub, PEER + 1, FRAME_ACK, &f));
        assert_int_equal(f.u.ack.position, i + 1);
        district.seq++;
        district.prev = id;
        buf_done(&b);
    }
    const struct hub_events *said = &hub.hub.events;
    assert_int_equal(said->refused + said->forks, 0);
    assert_int_equal(said->voided, 1); /* an enrolment that nobody can read enrols nobody */
    assert_int_not_equal(said->why_void.code, 0);
    assert_int_equal(said->why.code, 0);
}

static bool doubted(const struct hash *record) {
    struct txn *t;
    struct receipt_row row = {0};
    struct err e = {0};
    FIXTURE_OK(txn_begin(hub.actor.db, false, &t, &e), &e);
    assert_true(views_receipt(t, record, &hub.actor.id, &row));
    txn_abort(t);
    return row.clock_doubt;
}

static void a_doubtful_clock_is_said_in_every_receipt_and_not_in_others(void **state) {
    (void)state;
    struct hash id = id_of(&story[2]);
    instant at = 0;
    hub.now.wall -= 3600 * 1000; /* somebody set the clock back */
    fixture_records(&hub, PEER, &node, 1, story, 3);
    fixture_step(&hub);
    assert_int_equal(fixture_receipts(&hub, &id, RECEIPT_HELD, &at), 1);
    assert_true(at == hub.now.wall - 1000); /* unaltered */
    assert_true(doubted(&id));
    fixture_hub_restart(&hub); /* the clock is right again, and nothing was receipted later */
    hub.now.wall += 3600 * 1000;
    fixture_hub_restart(&hub);
    fixture_hello(&hub, PEER, &node, 4, NULL, 0);
    fixture_records(&hub, PEER, &node, 4, &story[3], 1);
    fixture_step(&hub);
    id = id_of(&story[3]);
    assert_int_equal(fixture_said(&hub, &id), RECEIPT_HELD);
    assert_false(doubted(&id));
    fixture_hello(&hub, PEER + 1, &district, 0, NULL, 0);
    fixture_records(&hub, PEER + 1, &district, 1, &campaign, 1); /* both can be judged now */
    fixture_step(&hub);
    assert_int_equal(fixture_said(&hub, &id), RECEIPT_VALID);
    assert_false(doubted(&id));
    id = id_of(&story[2]);
    assert_int_equal(fixture_said(&hub, &id), RECEIPT_VALID);
    assert_true(doubted(&id)); /* the doubt goes with the instant */
}

/* Take what follows by a clock that somebody put off by `ms`, or that is right. */
static void put_clock(int64_t ms) {
    static int64_t off;
    hub.now.wall += ms - off + 1000;
    off = ms;
    if (ms == 0)
        fixture_hub_restart(&hub);
}

/* The second report comes before the first, for which it waits. */
static void what_waits_keeps_the_doubt_of_the_clock_that_gave_its_instant(void **state) {
    (void)state;
    static const struct {
        const char *name;
        int64_t came, woken; /* how far the clock was off */
    } cases[] = {
        {"came to a clock that was behind", -3600000, 0},
        {"came to one that was ahead", 3600000, 0},
        {"woken by one that was ahead", 0, 3600000},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hash first = id_of(&story[2]), second = id_of(&story[3]);
        const struct buf run[] = {story[0], story[1], story[3]};
        put_clock(cases[i].came);
        fixture_hello(&hub, PEER, &node, 0, NULL, 0);
        fixture_records(&hub, PEER, &node, 1, run, 3);
        fixture_step(&hub);
        assert_int_equal(fixture_said(&hub, &second), 0);
        put_clock(cases[i].woken);
        fixture_hello(&hub, PEER, &node, 0, NULL, 0);
        fixture_records(&hub, PEER, &node, 4, &story[2], 1);
        fixture_step(&hub);
        assert_int_equal(fixture_said(&hub, &second), RECEIPT_HELD);
        if (doubted(&second) != (cases[i].came != 0) || doubted(&first) != (cases[i].woken != 0))
            fail_msg("%s: %d, and what it waited for %d", cases[i].name, doubted(&second),
                     doubted(&first));
        put_clock(0);
        end(NULL);
        begin(NULL);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_held_report_gets_exactly_one_final_receipt_with_the_same_instant),
        TEST(a_report_that_came_before_the_hub_s_own_campaign_is_judged_once_that_is_stated),
        TEST(a_report_and_what_it_waits_for_in_one_step_give_one_receipt),
        TEST(receipts_of_one_step_are_one_record_per_author_of_at_most_512_entries),
        TEST(what_is_not_receipted_gets_no_receipt),
        TEST(a_payload_of_a_later_version_is_held_and_nothing_is_read_of_it),
        TEST(no_payload_stops_a_step),
        TEST(no_payload_of_a_hub_stops_a_step),
        TEST(a_doubtful_clock_is_said_in_every_receipt_and_not_in_others),
        TEST(what_waits_keeps_the_doubt_of_the_clock_that_gave_its_instant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
