#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/kinds.h"
#include "proto/payload.h"
#include "store/log.h"
#include "store/stream.h"
#include "tests/unit/fixture_hub.h"

static struct fixture_hub hub;
static struct fixture_author node, other;
static struct txn *t;

static int begin(void **state) {
    (void)state;
    struct err e = {0};
    fixture_hub_open(&hub, NULL);
    fixture_author_init(&node, 21, &hub.communes[0]);
    fixture_author_init(&other, 22, &hub.communes[1]);
    fixture_enrol_author(&hub, &node, ROLE_NODE);
    fixture_enrol_author(&hub, &other, ROLE_NODE);
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
    return 0;
}

static int end(void **state) {
    (void)state;
    actor_abort(&hub.actor, t);
    fixture_author_done(&node);
    fixture_author_done(&other);
    fixture_hub_close(&hub);
    return 0;
}

static struct uid inbox_of(const struct fixture_author *a) {
    struct child c = {0};
    assert_true(actor_child(t, &a->unit, &a->id, &c));
    return c.inbox;
}

static bool told(const struct fixture_author *a, const struct hash *id) {
    struct uid inbox = inbox_of(a);
    return stream_position_of(t, &inbox, id) > 0;
}

static struct hash say(const struct uid *lane) {
    struct hash id;
    struct err e = {0};
    FIXTURE_OK(append_own(&hub.actor, t, 999, lane, slice_of(NULL, 0), 1, &id, &e), &e);
    return id;
}

static void a_lane_goes_to_the_children_whose_subtree_it_is_of(void **state) {
    (void)state;
    struct hash all = say(NULL), mine = say(&node.unit), own = say(&hub.province);
    assert_true(told(&node, &all) && told(&other, &all));
    assert_true(told(&node, &mine));
    assert_false(told(&other, &mine));
    assert_false(told(&node, &own) || told(&other, &own));
}

static void what_comes_from_below_goes_to_no_child(void **state) {
    (void)state;
    struct buf story[2];
    struct record r;
    struct err e = {0};
    fixture_story(&hub, &node, 0, story);
    FIXTURE_OK(record_parse(buf_slice(&story[0]), &r, &e), &e);
    FIXTURE_OK(append_record(&hub.actor, t, &r, ORIGIN_BELOW, &e), &e);
    assert_false(told(&node, &r.id) || told(&other, &r.id));
    buf_done(&story[0]);
    buf_done(&story[1]);
}

/* What the hub above hands back of those below goes no other way than when it came from them. */
static void what_is_handed_back_of_those_below_goes_up_and_to_no_child(void **state) {
    (void)state;
    struct buf story[2];
    struct record r;
    struct err e = {0};
    fixture_story(&hub, &node, 0, story);
    FIXTURE_OK(record_parse(buf_slice(&story[0]), &r, &e), &e);
    hub.actor.is_root = false;
    FIXTURE_OK(append_record(&hub.actor, t, &r, ORIGIN_ABOVE, &e), &e);
    hub.actor.is_root = true;
    assert_false(told(&node, &r.id) || told(&other, &r.id));
    assert_true(stream_position_of(t, &hub.actor.outbox, &r.id) > 0);
    buf_done(&story[0]);
    buf_done(&story[1]);
}

/* What a hub above stated and this one lacks may be lacking there too. */
static void what_a_child_hands_back_of_those_above_goes_on_up_and_nothing_else_does(void **state) {
    (void)state;
    struct hash grant;
    struct record r;
    struct member m;
    struct err e = {0};
    assert_true(roster_find(t, &hub.actor.id, 1, &m));
    grant = m.record;
    hub.actor.is_root = false;
    FIXTURE_OK(log_get(t, &hub.actor.deployment, &r, &e), &e);
    route_record(&hub.actor, t, &r, ORIGIN_ABOVE);
    assert_int_equal(stream_position_of(t, &hub.actor.outbox, &r.id), 0);
    FIXTURE_OK(log_get(t, &grant, &r, &e), &e);
    route_record(&hub.actor, t, &r, ORIGIN_BELOW);
    hub.actor.is_root = true;
    assert_true(stream_position_of(t, &hub.actor.outbox, &grant) > 0);
    assert_true(told(&node, &grant));
}

static void every_child_is_told_however_many_there_are(void **state) {
    (void)state;
    struct err e = {0};
    for (uint8_t i = 0; i < 40; i++) {
        struct child c = {.unit = hub.communes[2]};
        c.actor.b[0] = i;
        c.inbox.b[0] = 0xc0;
        c.inbox.b[1] = i;
        FIXTURE_OK(route_add_child(&hub.actor, t, &c, &e), &e);
    }
    struct hash id = say(NULL);
    for (uint8_t i = 0; i < 40; i++)
        assert_true(stream_position_of(t, &(struct uid){{0xc0, i}}, &id) > 0);
    assert_true(told(&node, &id));
}

/* In whole lanes: what a late child is told is what an early one was. */
static void a_child_that_comes_late_is_told_what_went_before_in_the_same_order(void **state) {
    (void)state;
    struct child late = {.unit = hub.communes[0], .inbox = {{0xc1}}, .actor = {{9}}};
    struct err e = {0};
    say(&node.unit);
    say(NULL);
    say(&other.unit);
    FIXTURE_OK(route_add_child(&hub.actor, t, &late, &e), &e);
    struct uid early = inbox_of(&node);
    assert_int_equal(stream_end(t, &late.inbox), stream_end(t, &early));
    for (uint64_t i = 1; i <= stream_end(t, &early); i++) {
        struct hash a, b;
        assert_true(stream_at(t, &early, i, &a) && stream_at(t, &late.inbox, i, &b));
        assert_true(hash_equal(&a, &b));
    }
    struct hash first;
    assert_true(stream_at(t, &late.inbox, 1, &first));
    assert_true(hash_equal(&first, &hub.actor.deployment));
}

/* Hold what `a` states first: its join. */
static struct hash hold_join(struct fixture_author *a) {
    struct buf story[2];
    struct record r;
    struct err e = {0};
    fixture_story(&hub, a, 0, story);
    FIXTURE_OK(record_parse(buf_slice(&story[0]), &r, &e), &e);
    struct hash id = r.id;
    FIXTURE_OK(append_record(&hub.actor, t, &r, ORIGIN_BELOW, &e), &e);
    buf_done(&story[0]);
    buf_done(&story[1]);
    return id;
}

/* Enrol `a` as what it will be, in the middle of a test. */
static void take_on(const struct fixture_author *a, enum role role) {
    struct err e = {0};
    FIXTURE_OK(actor_commit(&hub.actor, t, &e), &e);
    fixture_enrol_author(&hub, a, role);
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
}

static void a_new_machine_is_told_what_those_of_its_unit_before_it_stated(void **state) {
    (void)state;
    struct fixture_author heir, district;
    struct hash left = hold_join(&node), foreign = hold_join(&other);
    fixture_author_init(&heir, 23, &hub.communes[0]);
    fixture_author_init(&district, 24, &hub.communes[0]);
    take_on(&heir, ROLE_NODE);
    take_on(&district, ROLE_HUB); /* the first hub of the unit: nobody reported to one before */
    assert_true(told(&heir, &left));
    assert_false(told(&heir, &foreign));
    assert_false(told(&node, &left) || told(&other, &left) || told(&district, &left));
    fixture_author_done(&heir);
    fixture_author_done(&district);
}

static void a_new_hub_is_told_what_the_hub_before_it_stated(void **state) {
    (void)state;
    struct fixture_author first, second, office;
    fixture_author_init(&first, 23, &hub.communes[2]);
    fixture_author_init(&second, 24, &hub.communes[2]);
    fixture_author_init(&office, 25, &hub.communes[2]);
    take_on(&first, ROLE_HUB);
    struct hash left = hold_join(&first), foreign = hold_join(&node);
    take_on(&second, ROLE_HUB);
    take_on(&office, ROLE_NODE);
    assert_true(told(&second, &left));
    assert_false(told(&second, &foreign) || told(&office, &left) || told(&first, &left));
    fixture_author_done(&first);
    fixture_author_done(&second);
    fixture_author_done(&office);
}

/* From `effective` on, unit `what` lies below `where`. */
static void move(const struct uid *what, const struct uid *where, day effective) {
    struct unit_fact f = *catalog_unit(&hub.actor.catalog, what);
    struct payload_units p = {1, &f};
    struct hash id;
    struct buf b;
    struct err e = {0};
    f.parent = *where;
    f.effective = effective;
    buf_init(&b);
    FIXTURE_OK(payload_units_encode(&p, &b, &e), &e);
    FIXTURE_OK(append_own(&hub.actor, t, KIND_UNITS, NULL, buf_slice(&b), 1, &id, &e), &e);
    buf_done(&b);
}

static void whoever_gets_a_part_in_a_unit_gets_its_lane_whole_and_keeps_what_it_had(void **state) {
    (void)state;
    struct hash first = say(&other.unit), second = say(&other.unit);
    assert_false(told(&node, &first) || told(&node, &second));
    move(&other.unit, &node.unit, 20000);
    assert_true(told(&node, &first) && told(&node, &second));
    struct uid inbox = inbox_of(&node);
    uint64_t end = stream_end(t, &inbox);
    move(&other.unit, &hub.province, 20100);
    assert_int_equal(stream_end(t, &inbox), end + 1); /* that it moved, and nothing twice */
    struct hash third = say(&other.unit);
    assert_true(told(&node, &third) && told(&other, &third));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_lane_goes_to_the_children_whose_subtree_it_is_of),
        TEST(what_comes_from_below_goes_to_no_child),
        TEST(whoever_gets_a_part_in_a_unit_gets_its_lane_whole_and_keeps_what_it_had),
        TEST(what_is_handed_back_of_those_below_goes_up_and_to_no_child),
        TEST(what_a_child_hands_back_of_those_above_goes_on_up_and_nothing_else_does),
        TEST(every_child_is_told_however_many_there_are),
        TEST(a_new_machine_is_told_what_those_of_its_unit_before_it_stated),
        TEST(a_new_hub_is_told_what_the_hub_before_it_stated),
        TEST(a_child_that_comes_late_is_told_what_went_before_in_the_same_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
