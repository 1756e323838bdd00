#include "node/roster.h"
#include "proto/kinds.h"
#include "tests/unit/admit_world.h"

#define HUBS (ENROLMENT_STEPS + 2)

static struct fixture_author chain[HUBS];

/* What `by` states: that `a` is its machine as `role`; ERR_REFUSED if it may not, else it counts.
 */
static int enrol_by(const struct hash *by, const struct fixture_author *a, enum role role) {
    struct record r = {.h = {.kind = KIND_ENROL,
                             .payload_version = 1,
                             .epoch = 1,
                             .deployment = hub.actor.deployment,
                             .actor = *by}};
    struct err e = {0};
    struct buf b;
    fixture_enrol_payload(&hub, a, role, &b);
    r.payload = buf_slice(&b);
    int rc = roster_check(t, &r, &e);
    if (rc == 0)
        rc = roster_apply(t, &r, &e);
    buf_done(&b);
    return rc;
}

static void a_hub_has_no_second_one_of_its_own_unit_beside_it(void **state) {
    (void)state;
    struct fixture_author second, machine;
    fixture_author_init(&chain[0], 31, &hub.communes[1]);
    fixture_author_init(&second, 32, &hub.communes[1]);
    fixture_author_init(&machine, 33, &hub.communes[1]);
    assert_int_equal(enrol_by(&hub.actor.id, &chain[0], ROLE_HUB), 0);
    assert_int_equal(enrol_by(&chain[0].id, &second, ROLE_HUB), ERR_REFUSED);
    assert_int_equal(enrol_by(&chain[0].id, &machine, ROLE_NODE), 0);
    fixture_author_done(&chain[0]);
    fixture_author_done(&second);
    fixture_author_done(&machine);
}

static void no_more_enrolments_lead_to_a_machine_than_the_tree_is_deep(void **state) {
    (void)state;
    const struct hash *above = &hub.actor.id;
    uint32_t n = 2; /* the root key and the root hub */
    for (uint32_t i = 0; i < HUBS; i++) {
        fixture_author_init(&chain[i], (uint8_t)(40 + i), &hub.communes[i % 2]);
        int rc = enrol_by(above, &chain[i], ROLE_HUB);
        assert_int_equal(rc, n < ENROLMENT_STEPS ? 0 : ERR_REFUSED);
        if (rc == 0) {
            above = &chain[i].id;
            n++;
        }
    }
    assert_int_equal(n, ENROLMENT_STEPS);
    for (uint32_t i = 0; i < HUBS; i++)
        fixture_author_done(&chain[i]);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_hub_has_no_second_one_of_its_own_unit_beside_it),
        TEST(no_more_enrolments_lead_to_a_machine_than_the_tree_is_deep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
