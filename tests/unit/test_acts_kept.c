#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "node/acts.h"
#include "store/log.h"
#include "tests/unit/contacts_world.h"

/* What is noted of extensions and withdrawals, and how much of them is read. */

#define OFTEN 30u

static char words[] = "mất máy", *args[] = {words}, id[] = "thu", period[] = "2023", none[] = "";
static const struct act_reason why = {ACT_REASON_WORDS, 1, args};

static struct uid unit_of(struct hub_world *w, const char *code) {
    struct actor a;
    struct txn *t;
    hub_world_open(&a, false, &t);
    struct uid unit = units_by_code(a.catalog.units, code, instant_day(w->now))->id;
    actor_abort(&a, t);
    actor_close(&a);
    return unit;
}

/* The root revokes `author`, whose records in `lane` stand up to `seq`. */
static void end_of_author(struct hub_world *w, const struct hash *author, const struct uid *lane,
                          uint64_t seq) {
    struct last_good end_of = {*author, 1, *lane, seq};
    struct payload_revoke p = {*author, 1, &end_of, why};
    struct actor a;
    struct txn *t;
    struct hash record;
    struct buf b;
    buf_init(&b);
    assert_int_equal(payload_revoke_encode(&p, &b, NULL), 0);
    hub_world_open(&a, true, &t);
    assert_int_equal(append_own(&a, t, KIND_REVOKE, NULL, buf_slice(&b), w->now, &record, NULL), 0);
    assert_int_equal(actor_commit(&a, t, NULL), 0);
    actor_close(&a);
    buf_done(&b);
}

static struct hash seal(struct hub_world *w, struct hub_office *o) {
    struct hub_report r = {.campaign = id, .period = period, .text = "+"};
    struct hash report = hub_world_seal(w, o, &r, due - 1000);
    hub_world_deliver(w);
    return report;
}

/* D gives U6 time up to `days` after the due date, for a campaign of its own. */
static void extend(struct hub_world *w, struct hub_office *in_lane, int days) {
    struct payload_extension p = {.issuer = hubs[D].own->unit,
                                  .campaign = id,
                                  .period = period,
                                  .kind = REPORT_ANNUAL,
                                  .until = due + days * (instant)86400000,
                                  .scope = ACT_SCOPE_UNIT,
                                  .group = none,
                                  .reason = why};
    struct buf b;
    buf_init(&b);
    assert_int_equal(payload_extension_encode(&p, &b, NULL), 0);
    hand_in(w, in_lane, KIND_EXTENSION, &b, due - 1000);
}

/* Spoil every record of `kind` that is held but the first `spared`: whoever reads one fails. */
static void spoil(struct txn *t, uint16_t kind, unsigned spared) {
    struct log_walk w;
    struct hash ids[OFTEN];
    unsigned n = 0;
    log_walk_init(&w, t, kind, 0);
    while (n < OFTEN && log_walk_next(&w, NULL, &ids[n]))
        n++;
    log_walk_done(&w);
    assert_int_equal(n, OFTEN);
    for (unsigned i = spared; i < n; i++)
        txn_put(t, TABLE_RECORDS, slice_of(ids[i].b, HASH_BYTES), slice_str("spoiled"));
}

static void of_a_report_withdrawn_again_and_again_one_withdrawal_is_noted_and_read(void **s) {
    struct hub_world *w = *s;
    struct actor a;
    struct txn *t;
    bool withdrawn;
    struct hub_office *u2 = hub_world_enrol(w, "U2"), *u6 = hub_world_enrol(w, "U6");
    struct hash report = seal(w, u2), other = seal(w, u6);
    for (unsigned i = 0; i < OFTEN; i++)
        (void)hub_world_withdraw(w, u2, &report, due - 500);
    hub_world_deliver(w);
    hub_world_do(w, "check");
    for (unsigned spared = 2; spared-- > 0;) {
        hub_world_open(&a, true, &t);
        assert_int_equal(txn_count(t, TABLE_ACTS), 1);
        spoil(t, KIND_WITHDRAWAL, spared);
        struct acts acts = acts_of(&a, t);
        assert_int_equal(acts_withdrawn(&acts, &other, &withdrawn, NULL), 0);
        assert_false(withdrawn); /* reads none at all */
        withdrawn = false;
        assert_int_equal(acts_withdrawn(&acts, &report, &withdrawn, NULL),
                         spared ? 0 : ERR_CORRUPT);
        assert_int_equal(withdrawn, spared == 1);
        actor_abort(&a, t);
        actor_close(&a);
    }
}

static void of_one_slot_extended_again_and_again_what_gives_more_is_noted(void **s) {
    struct hub_world *w = *s;
    struct actor a;
    struct txn *t;
    instant until;
    struct hub_office lane = *hubs[D].own;
    lane.unit = unit_of(w, "U6");
    lane.seq = 0;
    lane.head = (struct hash){{0}};
    for (unsigned i = 0; i < OFTEN; i++)
        extend(w, &lane, i == 0 ? 5 : 4);
    hub_world_do(w, "check");
    hub_world_open(&a, true, &t);
    assert_int_equal(txn_count(t, TABLE_ACTS), 1);
    spoil(t, KIND_EXTENSION, 1);
    struct acts acts = acts_of(&a, t);
    struct slot slot = {hubs[D].own->unit, id, period, REPORT_ANNUAL, lane.unit};
    assert_int_equal(acts_until(&acts, &slot, &until, NULL), 0);
    assert_true(until == due + 5 * (instant)86400000);
    slot.unit = hubs[E].own->unit;
    assert_int_equal(acts_until(&acts, &slot, &until, NULL), 0);
    assert_true(until == INSTANT_NONE);
    actor_abort(&a, t);
    actor_close(&a);
}

static void a_withdrawal_counts_by_the_first_of_its_author_that_stands(void **s) {
    static const struct {
        unsigned after; /* of the withdrawals, how many stand */
        bool want;
    } cases[] = {{0, false}, {1, true}, {2, true}};
    (void)s;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hub_world *w = &world;
        struct actor a;
        struct txn *t;
        bool withdrawn;
        void *state;
        (void)begin(&state);
        struct hub_office *o = hub_world_enrol(w, "U2");
        struct hash report = seal(w, o);
        uint64_t good = o->seq + cases[i].after;
        for (unsigned k = 0; k < 2; k++)
            (void)hub_world_withdraw(w, o, &report, due - 500);
        hub_world_deliver(w);
        end_of_author(w, &o->actor, &o->unit, good);
        hub_world_open(&a, false, &t);
        struct acts acts = acts_of(&a, t);
        assert_int_equal(acts_withdrawn(&acts, &report, &withdrawn, NULL), 0);
        assert_int_equal(withdrawn, cases[i].want);
        actor_abort(&a, t);
        actor_close(&a);
        (void)board(w); /* the auditor's is the same */
        hub_world_do(w, "check");
        (void)end(&state);
    }
}

static void an_extension_gives_what_stands_of_it(void **s) {
    static const struct {
        unsigned good; /* of D's extensions by 2, 7, 3 and 9 days, how many stand */
        int days;      /* 0: none */
    } cases[] = {{0, 0}, {1, 2}, {2, 7}, {3, 7}, {4, 9}};
    (void)s;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static const int days[] = {2, 7, 3, 9};
        struct hub_world *w = &world;
        struct actor a;
        struct txn *t;
        instant until;
        void *state;
        (void)begin(&state);
        struct hub_office lane = *hubs[D].own;
        lane.unit = unit_of(w, "U6");
        lane.seq = 0;
        lane.head = (struct hash){{0}};
        for (size_t k = 0; k < sizeof days / sizeof *days; k++)
            extend(w, &lane, days[k]);
        end_of_author(w, &lane.actor, &lane.unit, cases[i].good);
        hub_world_open(&a, false, &t);
        assert_int_equal(txn_count(t, TABLE_ACTS), 3);
        struct acts acts = acts_of(&a, t);
        struct slot slot = {hubs[D].own->unit, id, period, REPORT_ANNUAL, lane.unit};
        assert_int_equal(acts_until(&acts, &slot, &until, NULL), 0);
        assert_true(until ==
                    (cases[i].days ? due + cases[i].days * (instant)86400000 : INSTANT_NONE));
        actor_abort(&a, t);
        actor_close(&a);
        hub_world_do(w, "check");
        (void)end(&state);
    }
}

static void a_row_that_is_gone_or_means_another_is_found(void **s) {
    struct hub_world *w = *s;
    struct actor a;
    struct txn *t;
    struct err e = {0};
    struct key key = {.n = 0};
    struct slice k, v;
    struct hub_office *o = hub_world_enrol(w, "U2");
    struct hash report = seal(w, o);
    (void)hub_world_withdraw(w, o, &report, due - 500);
    hub_world_deliver(w);
    hub_world_do(w, "check");
    for (int put = 0; put < 2; put++) {
        hub_world_open(&a, true, &t);
        if (walk_last(t, TABLE_ACTS, slice_of(NULL, 0), &k, &v))
            key_put(&key, k.data, k.len);
        txn_delete(t, TABLE_ACTS, key_slice(&key));
        struct key bad = {.n = 0}; /* of a record that is no such act */
        key_u64(&bad, 0);
        key_hash(&bad, &report);
        if (put)
            txn_put(t, TABLE_ACTS, key_slice(&key), key_slice(&bad));
        assert_int_equal(actor_commit(&a, t, NULL), 0);
        actor_close(&a);
        assert_int_equal(hub_world_run(w, &e, "check"), ERR_CORRUPT);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(of_a_report_withdrawn_again_and_again_one_withdrawal_is_noted_and_read),
        TEST(of_one_slot_extended_again_and_again_what_gives_more_is_noted),
        cmocka_unit_test(a_withdrawal_counts_by_the_first_of_its_author_that_stands),
        cmocka_unit_test(an_extension_gives_what_stands_of_it),
        TEST(a_row_that_is_gone_or_means_another_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
