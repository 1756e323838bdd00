#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "node/admit.h"
#include "tests/unit/contacts_world.h"

/*
 * The root moved U2 to district D, and was put back to a copy from before that: it hears of D's
 * machine there, and of what D received in time, before it hears of its own move. Hub and auditor
 * come to the same as if that had come first.
 */

/* The root states that U2 lies below D since the middle of the year, and looks at what waits. */
static void move_u2(struct hub_world *w) {
    struct payload_units p = {.n = 1};
    struct actor a;
    struct txn *t;
    struct hash id;
    struct ingest in;
    struct buf b;
    buf_init(&b);
    hub_world_open(&a, true, &t);
    struct unit_fact f = *units_by_code(a.catalog.units, "U2", instant_day(due));
    f.parent = hubs[D].own->unit;
    f.effective = instant_day(hub_world_at("2023-06-15T12:00:00+07:00"));
    p.facts = &f;
    assert_int_equal(payload_units_encode(&p, &b, NULL), 0);
    assert_int_equal(append_own(&a, t, KIND_UNITS, NULL, buf_slice(&b), w->now, &id, NULL), 0);
    ingest_init(&in, &a, t, false);
    struct admit admit = ingest_admit(&in);
    assert_int_equal(admit_wake_held(&admit, &id, 1, NULL), 0);
    assert_int_equal(ingest_receipts(&in, w->now, NULL), 0);
    assert_int_equal(actor_commit(&a, t, NULL), 0);
    ingest_done(&in);
    actor_close(&a);
    buf_done(&b);
}

/* D received `report` of the machine five minutes before it was due. */
static void receive_by_d(struct hub_world *w, const struct hash *report) {
    struct receipt_entry entry = {
        .record = *report, .received_at = minutes(-5), .state = RECEIPT_VALID};
    struct payload_receipt p = {machine.actor, 1, 1, &entry, hubs[D].zero.seq};
    struct hub_office lane = {
        .unit = machine.unit, .sign = hubs[D].own->sign, .actor = hubs[D].own->actor};
    struct buf b;
    buf_init(&b);
    assert_int_equal(payload_receipt_encode(&p, &b, NULL), 0);
    hand_in(w, &lane, KIND_RECEIPT, &b, due + 60000);
}

static void an_office_is_in_time_whenever_the_move_of_its_unit_comes(void **state) {
    enum { ENROLS = 1, RECEIVES, END };
    for (unsigned when = ENROLS; when <= END; when++) {
        struct hub_report r = {.campaign = "thu", .period = "2023", .text = "+", .revision = 1};
        struct hub_world *w = &world;
        begin(state);
        if (when == ENROLS)
            move_u2(w);
        enrol_by(w, D, ROLE_NODE, "U2", &machine);
        struct hash report = hub_world_seal(w, &machine, &r, due + 1000);
        hub_world_deliver(w);
        if (when == RECEIVES)
            move_u2(w);
        receive_by_d(w, &report);
        hub_world_do(w, "check");
        if (when == END)
            move_u2(w);
        board_says(board(w), "U2", 'o');
        hub_world_do(w, "check");
        end(state);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_office_is_in_time_whenever_the_move_of_its_unit_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
