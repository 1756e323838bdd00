#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/contacts_world.h"

/*
 * What a hub said twice of one report, in two epochs: the root has it a second too late, district D
 * says otherwise, and is then revoked up to some of what it said. Hub and auditor say the same,
 * whichever came first.
 */

enum { WORDS = 2, EVENTS = WORDS + 1 /* the revocation */ };

static const struct {
    const char *name;
    struct {
        instant at; /* in minutes after the due instant */
        bool doubted, is_void;
    } said[WORDS];
    instant shift; /* of what is in doubt, in minutes; 0: nobody mends it */
    char want;
} cases[] = {
    {"both stand", {{-5}, {5}}, 0, 'o'},
    {"the one that says more is void, the other is in time", {{-9, .is_void = true}, {-5}}, 0, 'o'},
    {"the one that says more is void, the other is late", {{-9, .is_void = true}, {5}}, 0, 'l'},
    {"the one that says less is void", {{-9}, {-5, .is_void = true}}, 0, 'o'},
    {"both are void", {{-9, .is_void = true}, {-5, .is_void = true}}, 0, 'l'},
    {"the earlier one is mended to too late", {{-9, .doubted = true}, {-5}}, 20, 'o'},
    {"the later one is mended to in time", {{30, .doubted = true}, {0}}, -60, 'o'},
    {"the mended one is void", {{30, .doubted = true, .is_void = true}, {0}}, -60, 'l'},
    {"both are mended to too late", {{-9, .doubted = true}, {-5, .doubted = true}}, 20, 'l'},
    {"one is mended, the other is void", {{-5, .is_void = true}, {-9, .doubted = true}}, 1, 'o'},
};

/* The root enrols D in its second epoch, with the keys of the first. */
static void renew_d(struct hub_world *w) {
    struct payload_enrol p = {.role = ROLE_HUB};
    struct actor a;
    struct member m;
    struct hash id;
    struct txn *t;
    struct buf b;
    buf_init(&b);
    hub_world_open(&a, true, &t);
    assert_true(roster_find(t, &hubs[D].own->actor, 1, &m));
    p.grant = (struct payload_grant){.actor = m.actor,
                                     .epoch = 2,
                                     .sign_key = m.sign_key,
                                     .transport_key = m.transport_key,
                                     .unit = m.unit,
                                     .renewal = {{7}}};
    payload_renewal_prove(&p.grant, &a.deployment, hubs[D].own->sign, p.grant.proof);
    assert_int_equal(payload_enrol_encode(&p, &b, NULL), 0);
    assert_int_equal(append_own(&a, t, KIND_ENROL, NULL, buf_slice(&b), w->now, &id, NULL), 0);
    assert_int_equal(actor_commit(&a, t, NULL), 0);
    actor_close(&a);
    buf_done(&b);
}

/* D says in `epoch` that `report` of the machine came at `at`. */
static void say(struct hub_world *w, uint32_t epoch, const struct hash *report, instant at,
                bool doubted) {
    struct receipt_entry entry = {
        .record = *report, .received_at = at, .state = RECEIPT_VALID, .clock_doubt = doubted};
    struct payload_receipt p = {machine.actor, 1, 1, &entry, hubs[D].zero.seq};
    struct hub_office lane = {.unit = machine.unit,
                              .sign = hubs[D].own->sign,
                              .actor = hubs[D].own->actor,
                              .epoch = epoch};
    struct buf b;
    buf_init(&b);
    assert_int_equal(payload_receipt_encode(&p, &b, NULL), 0);
    hand_in(w, &lane, KIND_RECEIPT, &b, due + 60000);
}

static void act(struct hub_world *w, uint16_t kind, struct buf *b) {
    struct actor a;
    struct txn *t;
    struct hash id;
    hub_world_open(&a, true, &t);
    assert_int_equal(append_own(&a, t, kind, NULL, buf_slice(b), w->now, &id, NULL), 0);
    assert_int_equal(actor_commit(&a, t, NULL), 0);
    actor_close(&a);
    buf_done(b);
}

/* The root revokes D: what it said in its own lane stands, and of case `i` what is not void. */
static void revoke_d(struct hub_world *w, size_t i) {
    char words[] = "mất máy", *args[] = {words};
    struct last_good ends[WORDS + 1];
    struct payload_revoke p = {hubs[D].own->actor, 0, ends, {ACT_REASON_WORDS, 1, args}};
    struct buf b;
    ends[p.n_ends++] =
        (struct last_good){hubs[D].own->actor, 1, hubs[D].zero.unit, hubs[D].zero.seq};
    for (uint32_t k = 0; k < WORDS; k++)
        ends[p.n_ends++] = (struct last_good){hubs[D].own->actor, k + 1, machine.unit,
                                              cases[i].said[k].is_void ? 0 : 1};
    buf_init(&b);
    assert_int_equal(payload_revoke_encode(&p, &b, NULL), 0);
    act(w, KIND_REVOKE, &b);
}

static void mend_d(struct hub_world *w, instant shift) {
    char words[] = "pin", *args[] = {words};
    struct payload_clock_mend p = {.actor = hubs[D].own->actor,
                                   .from = minutes(-60),
                                   .until = minutes(60),
                                   .shift_ms = shift * 60000,
                                   .reason = {ACT_REASON_WORDS, 1, args}};
    struct buf b;
    buf_init(&b);
    assert_int_equal(payload_clock_mend_encode(&p, &b, NULL), 0);
    act(w, KIND_CLOCK_MEND, &b);
}

/* Case `i`, in the order `order`; what is void is not taken once D is revoked. */
static void play(size_t i, const unsigned order[EVENTS]) {
    struct hub_report r = {.campaign = "thu", .period = "2023", .text = "+", .revision = 1};
    struct hub_world *w = &world;
    bool revoked = false;
    void *state = NULL;
    print_message("%s, %u%u%u\n", cases[i].name, order[0], order[1], order[2]);
    begin(&state);
    enrol_by(w, D, ROLE_NODE, "U6", &machine);
    renew_d(w);
    struct hash report = hub_world_seal(w, &machine, &r, due + 1000);
    hub_world_deliver(w);
    if (cases[i].shift != 0)
        mend_d(w, cases[i].shift);
    board_says(board(w), "U6", 'l');
    for (unsigned k = 0; k < EVENTS; k++) {
        if (order[k] == WORDS)
            revoke_d(w, i);
        else if (!revoked || !cases[i].said[order[k]].is_void)
            say(w, order[k] + 1, &report, minutes(cases[i].said[order[k]].at),
                cases[i].said[order[k]].doubted);
        revoked |= order[k] == WORDS;
    }
    board_says(board(w), "U6", cases[i].want);
    hub_world_do(w, "check");
    end(&state);
}

static void of_two_words_of_a_hub_the_one_that_stands_counts_whatever_came_first(void **s) {
    (void)s;
    static const unsigned orders[][EVENTS] = {{0, 1, 2}, {1, 0, 2}, {0, 2, 1},
                                              {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t k = 0; k < sizeof orders / sizeof *orders; k++)
            play(i, orders[k]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_two_words_of_a_hub_the_one_that_stands_counts_whatever_came_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
