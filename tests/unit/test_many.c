#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hub/clock_mend.h"
#include "hub/heard.h"
#include "tests/unit/agree_ask.h"

/*
 * More of something than there mostly is: nothing is left out in silence.
 */

#define MANY 18 /* hubs that one unit had, each after the other */

static struct hub_world world;

static const char tree[] = "code,parent,level,kind,name,group\n"
                           "P1,94,district,state,Huyện,\n"
                           "Q1,P1,commune,state,Một,a\n"
                           "P2,94,commune,state,Hai,a\n"
                           "P3,94,commune,state,Ba,a\n"
                           "SNV,94,department,state,Sở,a\n";

static int begin(void **state) {
    struct hub_world dice = {.random = 3};
    hub_world_init(&world, 17, tree);
    issue(&world, &dice, 1);
    hub_world_issue(&world, profile);
    *state = &world;
    return 0;
}

static int end(void **state) {
    hub_world_done(*state);
    return 0;
}

/* `o`, a hub above it, receipts `report` by `office`, in doubt of its clock. */
static void receipt_by(struct hub_world *w, const struct hub_office *o,
                       const struct hub_office *office, const struct hash *report, instant at) {
    struct receipt_entry entry = {
        .record = *report, .received_at = at, .state = RECEIPT_VALID, .clock_doubt = true};
    struct payload_receipt p = {office->actor, 1, 1, &entry, 1};
    struct hub_office lane = *o;
    struct actor a;
    struct txn *t;
    struct buf b;
    lane.unit = office->unit;
    buf_init(&b);
    assert_int_equal(payload_receipt_encode(&p, &b, NULL), 0);
    hub_world_open(&a, false, &t);
    (void)hub_world_state(w, &lane, &a.deployment, KIND_RECEIPT, buf_slice(&b), at);
    actor_abort(&a, t);
    actor_close(&a);
    buf_done(&b);
}

static unsigned count(const char *text, const char *what) {
    unsigned n = 0;
    for (const char *p = strstr(text, what); p; p = strstr(p + 1, what))
        n++;
    return n;
}

static void every_hub_that_a_unit_ever_had_is_told_of_and_has_its_clock_mended(void **s) {
    struct hub_world *w = *s;
    struct hub_office *office = hub_world_enrol(w, "Q1");
    struct hub_report r = {.campaign = "thu", .profile = "diem", .revision = 1};
    struct hash report = hub_world_seal(w, office, &r, hub_world_at("2023-12-10"));
    for (unsigned i = 0; i < MANY; i++) {
        struct hub_office *hub = hub_world_enrol_as(w, "P1", ROLE_HUB);
        receipt_by(w, hub, office, &report, hub_world_at("2023-12-10") + (instant)i);
    }
    hub_world_deliver(w);
    char id[HASH_TEXT];
    hash_text(&report, id);
    hub_world_do(w, "report", "show", id, "--json");
    assert_int_equal(count(w->out, "\"received_at\":"), MANY + 1);
    w->now = hub_world_at("2023-12-20");
    hub_world_do(w, "clock", "mend", "P1", "--from", "2023-12-09", "--until", "2023-12-12",
                 "--shift", "-1d", "--reason", "sai giờ");
    hub_world_do(w, "report", "show", id, "--json");
    assert_int_equal(count(w->out, "\"mended_at\":\"2023-12-09"), MANY);
}

static void every_machine_that_a_unit_has_is_revoked(void **s) {
    struct hub_world *w = *s;
    struct actor a;
    struct txn *t;
    struct member m;
    for (unsigned i = 0; i < 6; i++)
        (void)hub_world_enrol(w, "Q1");
    hub_world_do(w, "revoke", "Q1", "--reason", "mất máy");
    hub_world_open(&a, false, &t);
    for (unsigned i = 0; i < 6; i++) {
        assert_true(roster_find(t, &w->offices[i].actor, 1, &m));
        assert_true(m.ended);
    }
    actor_abort(&a, t);
    actor_close(&a);
}

/* One machine after the other was in use, and heard: the file names the last one. */
static void a_bundle_of_more_machines_than_it_can_name_names_the_last_of_each_unit(void **s) {
    struct hub_world *w = *s;
    struct hash machine = {{7}};
    struct actor a;
    struct txn *t;
    struct hub_office *office = hub_world_enrol(w, "Q1");
    hub_world_open(&a, true, &t);
    heard_note(t, &office->actor, &office->unit, hub_world_at("2023-12-09"), INSTANT_NONE);
    for (uint32_t i = 0; i < LIMIT_CHILDREN; i++) {
        machine.b[1] = (uint8_t)(i >> 8);
        machine.b[2] = (uint8_t)i;
        heard_note(t, &machine, &office->unit, hub_world_at("2023-12-08") + i, INSTANT_NONE);
    }
    assert_int_equal(actor_commit(&a, t, NULL), 0);
    actor_close(&a);
    w->now = hub_world_at("2023-12-20");
    hub_world_do(w, "bundle", "export", "bundle.tdb");
    compare(w, 0, false, (char *[]){NULL});
    assert_non_null(strstr(w->out, "\"last_contact\":\"2023-12-09T00:00:00+07:00\""));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(every_hub_that_a_unit_ever_had_is_told_of_and_has_its_clock_mended),
        TEST(a_bundle_of_more_machines_than_it_can_name_names_the_last_of_each_unit),
        TEST(every_machine_that_a_unit_has_is_revoked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
