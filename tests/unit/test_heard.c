#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hub/heard.h"
#include "store/log.h"
#include "tests/unit/fixture_hub.h"
#include "tests/unit/fixture_records.h"

static struct fixture_hub hub;
static struct txn *t;
static const struct hash actor = {{1}}, other = {{2}};

static int begin(void **state) {
    (void)state;
    struct err e = {0};
    fixture_hub_open(&hub, NULL);
    fixture_hub_issue(&hub); /* due on 2023-12-15, that day included */
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
    return 0;
}

static int end(void **state) {
    (void)state;
    actor_abort(&hub.actor, t);
    fixture_hub_close(&hub);
    return 0;
}

static void what_was_drained_stays_so_while_nothing_new_is_proven(void **state) {
    (void)state;
    struct heard h;
    const struct uid *unit = &hub.communes[0];
    assert_false(heard_of(t, &actor, &h));
    heard_note(t, &actor, unit, 50, INSTANT_NONE);
    assert_true(heard_of(t, &actor, &h));
    assert_true(h.heard_at == 50 && h.drained_to == INSTANT_NONE);
    heard_note(t, &actor, unit, 100, 90);
    heard_note(t, &actor, unit, 200, INSTANT_NONE);
    assert_true(heard_of(t, &actor, &h));
    assert_true(h.heard_at == 200 && h.drained_to == 90);
}

static void two_actors_of_one_unit_are_kept_apart(void **state) {
    (void)state;
    struct heard h;
    heard_note(t, &actor, &hub.communes[0], 50, 40);
    heard_note(t, &other, &hub.communes[0], 70, INSTANT_NONE);
    assert_true(heard_of(t, &actor, &h));
    assert_true(h.heard_at == 50 && h.drained_to == 40 && uid_equal(&h.unit, &hub.communes[0]));
    assert_true(heard_of(t, &other, &h));
    assert_true(h.heard_at == 70 && h.drained_to == INSTANT_NONE);
}

static void contact_is_stated_when_there_is_news_and_a_due_instant_has_come(void **state) {
    (void)state;
    const instant due = fixture_at("2023-12-16"), stated = due - 600 * 1000;
    static const struct {
        const char *name;
        instant heard, now; /* after the statement */
        bool want;
    } cases[] = {
        {"no news", -1, 7200 * 1000, false},
        {"news, and less", 1, 500 * 1000, false},
        {"news, just before the due instant", 1, 600 * 1000 - 1, false},
        {"news, and the due instant", 1, 600 * 1000, true},
    };
    struct err e = {0};
    assert_false(heard_statement_due(&hub.actor, t, due)); /* nobody was heard */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        FIXTURE_OK(heard_state(&hub.actor, t, stated, &e), &e);
        heard_note(t, &actor, &hub.communes[0], stated + cases[i].heard, INSTANT_NONE);
        print_message("%s\n", cases[i].name);
        assert_int_equal(heard_statement_due(&hub.actor, t, stated + cases[i].now), cases[i].want);
    }
}

static void contact_is_stated_again_once_an_uplink_drained_beyond_a_due_instant(void **state) {
    (void)state;
    const instant due = fixture_at("2023-12-16"), stated = due + 1000;
    static const struct {
        const char *name;
        instant before, drained; /* of the due instant: at the statement, and then */
        instant now;             /* after the statement */
        bool want;
    } cases[] = {
        {"drained before it only", -9000, -1, 120 * 1000, false},
        {"drained beyond it", -9000, 0, 120 * 1000, true},
        {"for the first time", INSTANT_NONE, 5000, 120 * 1000, true},
        {"beyond it, and a moment ago", -9000, 5000, HEARD_PAUSE_MS - 1, false},
        {"it was stated so already", 0, 5000, 120 * 1000, false},
    };
    struct err e = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        instant before = cases[i].before;
        struct hash child = {{(uint8_t)(i + 1)}};
        heard_note(t, &child, &hub.communes[0], stated,
                   before == INSTANT_NONE ? before : due + before);
        FIXTURE_OK(heard_state(&hub.actor, t, stated, &e), &e);
        heard_note(t, &child, &hub.communes[0], stated + 1, due + cases[i].drained);
        print_message("%s\n", cases[i].name);
        assert_int_equal(heard_statement_due(&hub.actor, t, stated + cases[i].now), cases[i].want);
    }
}

static void a_contact_names_each_child_of_whom_there_is_news(void **state) {
    (void)state;
    struct record r;
    struct payload_contact p;
    struct arena a;
    struct err e = {0};
    heard_note(t, &other, &hub.communes[1], 70, INSTANT_NONE);
    heard_note(t, &actor, &hub.communes[0], 60, 50);
    FIXTURE_OK(heard_state(&hub.actor, t, 1000, &e), &e);
    struct log_head head = log_head_of(t, &hub.actor.id, 1, &hub.province);
    FIXTURE_OK(log_get(t, &head.id, &r, &e), &e);
    assert_int_equal(r.h.kind, KIND_CONTACT);
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    FIXTURE_OK(payload_contact_decode(r.payload, &a, &p, &e), &e);
    assert_int_equal(p.n, 2);
    assert_true(hash_equal(&p.children[0].actor, &actor));
    assert_true(uid_equal(&p.children[0].unit, &hub.communes[0]));
    assert_true(p.children[0].heard_at == 60 && p.children[0].drained_to == 50);
    assert_true(hash_equal(&p.children[1].actor, &other));
    assert_true(p.children[1].heard_at == 70 && p.children[1].drained_to == INSTANT_NONE);
    heard_note(t, &other, &hub.communes[1], 1001, INSTANT_NONE);
    FIXTURE_OK(heard_state(&hub.actor, t, 2000, &e), &e);
    head = log_head_of(t, &hub.actor.id, 1, &hub.province);
    FIXTURE_OK(log_get(t, &head.id, &r, &e), &e);
    FIXTURE_OK(payload_contact_decode(r.payload, &a, &p, &e), &e);
    assert_int_equal(p.n, 1);
    assert_true(hash_equal(&p.children[0].actor, &other) && p.children[0].heard_at == 1001);
    arena_done(&a);
}

/* More machines than one record names: those that were replaced are heard of, too. */
static void news_of_more_children_than_fit_takes_more_records(void **state) {
    (void)state;
    struct hash last = {{0}};
    struct hash child = {{7}};
    struct record r;
    struct payload_contact p;
    struct arena a;
    struct err e = {0};
    for (uint32_t i = 0; i <= LIMIT_CHILDREN; i++) {
        child.b[1] = (uint8_t)(i >> 8);
        child.b[2] = (uint8_t)i;
        heard_note(t, &child, &hub.communes[0], 70, INSTANT_NONE);
    }
    uint64_t before = log_head_of(t, &hub.actor.id, 1, &hub.province).seq;
    FIXTURE_OK(heard_state(&hub.actor, t, 1000, &e), &e);
    struct log_head head = log_head_of(t, &hub.actor.id, 1, &hub.province);
    assert_int_equal(head.seq, before + 2);
    uint32_t named = 0;
    for (uint64_t seq = before + 1; seq <= head.seq; seq++) {
        assert_true(log_at(t, &hub.actor.id, 1, &hub.province, seq, &last));
        FIXTURE_OK(log_get(t, &last, &r, &e), &e);
        arena_init(&a, PAYLOAD_ARENA_BYTES);
        FIXTURE_OK(payload_contact_decode(r.payload, &a, &p, &e), &e);
        named += p.n;
        arena_done(&a);
    }
    assert_int_equal(named, LIMIT_CHILDREN + 1);
    FIXTURE_OK(heard_state(&hub.actor, t, 2000, &e), &e); /* no news: one that names nobody */
    assert_int_equal(log_head_of(t, &hub.actor.id, 1, &hub.province).seq, head.seq + 1);
}

static void contact_stated_by_a_clock_that_was_ahead_does_not_stop_it(void **state) {
    (void)state;
    const instant now = fixture_at("2023-06-01"), ahead = fixture_at("2030-06-01");
    struct err e = {0};
    heard_note(t, &actor, &hub.communes[0], ahead, INSTANT_NONE);
    FIXTURE_OK(heard_state(&hub.actor, t, ahead, &e), &e);
    heard_note(t, &actor, &hub.communes[0], now, INSTANT_NONE);
    assert_true(heard_statement_due(&hub.actor, t, now));
    FIXTURE_OK(heard_state(&hub.actor, t, now, &e), &e);
    assert_false(heard_statement_due(&hub.actor, t, now + 1000)); /* once */
}

static void contact_is_stated_hourly_where_nothing_is_due(void **state) {
    (void)state;
    const instant stated = fixture_at("2023-12-03");
    struct err e = {0};
    FIXTURE_OK(heard_state(&hub.actor, t, stated, &e), &e);
    heard_note(t, &actor, &hub.communes[0], stated + 1, stated);
    assert_false(heard_statement_due(&hub.actor, t, stated + HEARD_HOUR_MS - 1));
    assert_true(heard_statement_due(&hub.actor, t, stated + HEARD_HOUR_MS));
}

static void
what_a_clock_that_was_ahead_heard_is_stated_again_once_and_not_every_hour(void **state) {
    (void)state;
    struct err e = {0};
    const instant now = fixture_at("2023-10-01"), ahead = now + 10 * MS_PER_DAY;
    heard_note(t, &actor, &hub.communes[0], ahead, INSTANT_NONE);
    FIXTURE_OK(heard_state(&hub.actor, t, ahead, &e), &e);
    assert_true(heard_statement_due(&hub.actor, t, now));
    FIXTURE_OK(heard_state(&hub.actor, t, now, &e), &e);
    assert_false(heard_statement_due(&hub.actor, t, now + 2 * HEARD_HOUR_MS));
    heard_note(t, &actor, &hub.communes[0], now + 3, INSTANT_NONE);
    assert_true(heard_statement_due(&hub.actor, t, now + 2 * HEARD_HOUR_MS));
}

/* Ticks ask many times a second; any hub below states as many campaigns as it likes. */
static void campaigns_are_asked_for_their_due_dates_once_and_not_at_every_tick(void **state) {
    (void)state;
    const struct catalog *c = &hub.actor.catalog;
    const instant due = fixture_at("2023-12-16");
    uint32_t n[8] = {0};
    assert_true(c->n_campaigns > 0 && c->n_campaigns <= 8);
    for (uint32_t i = 0; i < c->n_campaigns; i++) {
        n[i] = c->campaigns[i]->c.n_reports;
        c->campaigns[i]->c.n_reports = 0; /* whoever looks again finds nothing */
    }
    assert_true(heard_next_due(&hub.actor, due - 1) == due);
    assert_true(heard_next_due(&hub.actor, due) == INSTANT_NONE);
    heard_note(t, &actor, &hub.communes[0], due - 1, INSTANT_NONE);
    assert_true(heard_statement_due(&hub.actor, t, due));
    for (uint32_t i = 0; i < c->n_campaigns; i++)
        c->campaigns[i]->c.n_reports = n[i];
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(campaigns_are_asked_for_their_due_dates_once_and_not_at_every_tick),
        TEST(what_was_drained_stays_so_while_nothing_new_is_proven),
        TEST(two_actors_of_one_unit_are_kept_apart),
        TEST(contact_is_stated_again_once_an_uplink_drained_beyond_a_due_instant),
        TEST(contact_is_stated_when_there_is_news_and_a_due_instant_has_come),
        TEST(news_of_more_children_than_fit_takes_more_records),
        TEST(contact_stated_by_a_clock_that_was_ahead_does_not_stop_it),
        TEST(what_a_clock_that_was_ahead_heard_is_stated_again_once_and_not_every_hour),
        TEST(contact_is_stated_hourly_where_nothing_is_due),
        TEST(a_contact_names_each_child_of_whom_there_is_news),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
