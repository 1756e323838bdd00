#include "node/check.h"
#include "node/views.h"
#include "proto/payload_act.h"
#include "tests/unit/admit_world.h"
#include "tests/unit/join_proof.h"

#include <unistd.h>

#define PATIENCE 5 /* seconds */

/*
 * What a hub says of a unit before the fact is here that puts this unit below it: it is held, and
 * comes to count with the fact.
 */

/* A hub of communes[1], and what it says of communes[0], which is not below it. */
struct claimant {
    struct fixture_author hub, first, second;
    struct hash prev;
    uint64_t seq;
};

static void claimant_init(struct claimant *c) {
    struct hash id;
    struct err e = {0};
    struct buf b;
    fixture_author_init(&c->hub, 31, &hub.communes[1]);
    fixture_author_init(&c->first, 32, &hub.communes[2]);
    fixture_author_init(&c->second, 33, &hub.communes[2]);
    c->prev = (struct hash){{0}};
    c->seq = 0;
    fixture_enrol_payload(&hub, &c->hub, ROLE_HUB, &b);
    FIXTURE_OK(append_own(&hub.actor, t, KIND_ENROL, NULL, buf_slice(&b), 0, &id, &e), &e);
    buf_done(&b);
}

static void claimant_done(struct claimant *c) {
    fixture_author_done(&c->hub);
    fixture_author_done(&c->first);
    fixture_author_done(&c->second);
}

/* The next record of lane 0 of the hub of `c`; frees `payload`. */
static void claim(struct claimant *c, uint16_t kind, struct buf *payload, struct buf *out) {
    struct record_header h = fixture_header(&hub, &c->hub, kind);
    h.lane = (struct uid){{0}};
    h.seq = ++c->seq;
    h.prev = c->prev;
    c->prev = fixture_sign(&c->hub, &h, buf_slice(payload), out);
    buf_done(payload);
}

/* Its enrolment of `a`, which ends `before` (NULL: nobody). */
static void claim_enrol(struct claimant *c, struct fixture_author *a, struct fixture_author *before,
                        struct buf *out) {
    struct last_good last = {.epoch = 1, .seq = 1};
    struct payload_enrol p = {
        .role = ROLE_NODE,
        .grant = {a->id, 1, *key_pair_public(a->sign), *key_pair_public(a->transport), a->unit}};
    struct err e = {0};
    struct buf b;
    if (before) {
        last.actor = before->id;
        last.lane = before->unit;
        p.n_ends = 1;
        p.ends = &last;
    }
    buf_init(&b);
    join_prove(&p, &hub.actor.deployment, a->sign);
    FIXTURE_OK(payload_enrol_encode(&p, &b, &e), &e);
    claim(c, KIND_ENROL, &b, out);
}

static void claim_revoke(struct claimant *c, struct fixture_author *a, struct buf *out) {
    static char stolen[] = "stolen", *words = stolen;
    struct last_good last = {a->id, 1, a->unit, 1};
    struct payload_revoke p = {
        .actor = a->id, .n_ends = 1, .ends = &last, .reason = {ACT_REASON_WORDS, 1, &words}};
    struct err e = {0};
    struct buf b;
    buf_init(&b);
    FIXTURE_OK(payload_revoke_encode(&p, &b, &e), &e);
    claim(c, KIND_REVOKE, &b, out);
}

/* The root hub states that `what` lies below `where`; its record. */
static struct hash state_move(const struct uid *what, const struct uid *where) {
    struct unit_fact f = *catalog_unit(&hub.actor.catalog, what);
    struct payload_units p = {1, &f};
    struct hash id;
    struct buf b;
    struct err e = {0};
    f.parent = *where;
    f.effective = 20000;
    buf_init(&b);
    FIXTURE_OK(payload_units_encode(&p, &b, &e), &e);
    FIXTURE_OK(append_own(&hub.actor, t, KIND_UNITS, NULL, buf_slice(&b), 1, &id, &e), &e);
    buf_done(&b);
    return id;
}

static void give(const struct uid *what, const struct uid *where) {
    struct hash id = state_move(what, where);
    struct admit a = admit_by(&node.id);
    struct err e = {0};
    FIXTURE_OK(admit_wake_held(&a, &id, 1, &e), &e);
}

/* A receipt by the hub of `c` of a record `of` `a`, in lane `lane`. */
static void claim_receipt(struct claimant *c, struct fixture_author *a, const struct uid *lane,
                          const struct hash *of, struct buf *out) {
    struct receipt_entry entry = {.record = *of, .received_at = 77, .state = RECEIPT_VALID};
    struct payload_receipt p = {.actor = a->id, .epoch = 1, .n = 1, .entries = &entry};
    struct record_header h = fixture_header(&hub, &c->hub, KIND_RECEIPT);
    struct err e = {0};
    struct buf b;
    buf_init(&b);
    FIXTURE_OK(payload_receipt_encode(&p, &b, &e), &e);
    h.lane = *lane;
    fixture_sign(&c->hub, &h, buf_slice(&b), out);
    buf_done(&b);
}

/* A hub that was put back gets its own move back behind what was built on it. */
static void
what_was_said_before_the_move_that_gives_the_right_to_it_counts_as_if_it_came_after(void **state) {
    (void)state;
    struct claimant c;
    struct buf enrols[2], receipt, story[3];
    struct member m;
    struct receipt_row row;
    struct enrolment_place one, two;
    struct record join;
    struct err e = {0};
    claimant_init(&c);
    claim_enrol(&c, &c.first, NULL, &enrols[0]);
    claim_enrol(&c, &c.second, &c.first, &enrols[1]);
    fixture_story(&hub, &c.second, 1, story);
    FIXTURE_OK(record_parse(buf_slice(&story[2]), &join, &e), &e);
    claim_receipt(&c, &c.second, &c.second.unit, &join.id, &receipt);
    assert_int_equal(offer(&enrols[0]), ADMIT_HELD);
    assert_int_equal(offer(&enrols[1]), ADMIT_HELD);
    assert_int_equal(offer(&receipt), ADMIT_HELD);
    assert_int_equal(offer(&story[0]), ADMIT_PENDING);
    assert_int_equal(offer(&story[1]), ADMIT_PENDING);
    assert_int_equal(offer(&story[2]), ADMIT_PENDING);
    assert_false(roster_find(t, &c.first.id, 1, &m) || roster_find(t, &c.second.id, 1, &m));
    give(&hub.communes[0], &c.hub.unit); /* another unit: no right to this one */
    assert_false(roster_find(t, &c.first.id, 1, &m) || roster_find(t, &c.second.id, 1, &m));
    give(&c.first.unit, &hub.communes[0]); /* and now by way of that */
    assert_true(roster_find(t, &c.first.id, 1, &m) && m.ended);
    assert_int_equal(roster_last_good(t, &m, &m.unit), 1);
    assert_true(roster_find(t, &c.second.id, 1, &m) && !m.ended && m.order == 2);
    FIXTURE_OK(roster_enrolment(t, &c.first.id, &one, &e), &e);
    FIXTURE_OK(roster_enrolment(t, &c.second.id, &two, &e), &e);
    assert_true(roster_enrolment_cmp(&one, &two) < 0);
    assert_int_equal(told.held, 6);
    assert_int_equal(rows(TABLE_PENDING), 0);
    assert_int_equal(rows(TABLE_AWAITED), 0);
    assert_true(views_receipt(t, &join.id, &c.hub.id, &row) && row.received_at == 77);
    for (unsigned i = 0; i < 3; i++)
        buf_done(&story[i]);
    buf_done(&enrols[0]);
    buf_done(&enrols[1]);
    buf_done(&receipt);
    claimant_done(&c);
}

static void
a_revocation_of_whom_it_had_no_right_to_enrol_yet_counts_with_the_enrolment(void **state) {
    (void)state;
    struct claimant c;
    struct buf enrol, revoke, story[3];
    struct member m;
    claimant_init(&c);
    claim_enrol(&c, &c.first, NULL, &enrol);
    claim_revoke(&c, &c.first, &revoke);
    fixture_story(&hub, &c.first, 1, story);
    assert_int_equal(offer(&enrol), ADMIT_HELD);
    assert_int_equal(offer(&revoke), ADMIT_VOID);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(offer(&story[i]), ADMIT_PENDING);
    give(&c.first.unit, &c.hub.unit);
    assert_true(roster_find(t, &c.first.id, 1, &m) && m.ended);
    assert_int_equal(told.held, 2); /* the enrolment, and what stands of that machine's: its join */
    assert_int_equal(rows(TABLE_PENDING), 0);
    for (unsigned i = 0; i < 3; i++)
        buf_done(&story[i]);
    buf_done(&enrol);
    buf_done(&revoke);
    claimant_done(&c);
}

static void whom_a_hub_enrols_at_a_unit_that_never_comes_below_it_stays_unknown(void **state) {
    (void)state;
    struct claimant c;
    struct buf enrol, story[2];
    struct member m;
    claimant_init(&c);
    claim_enrol(&c, &c.first, NULL, &enrol);
    fixture_story(&hub, &c.first, 0, story);
    assert_int_equal(offer(&enrol), ADMIT_HELD);
    assert_int_equal(offer(&story[0]), ADMIT_PENDING);
    give(&c.hub.unit, &c.first.unit); /* the other way round */
    give(&c.first.unit, &hub.communes[3]);
    assert_false(roster_find(t, &c.first.id, 1, &m));
    assert_int_equal(rows(TABLE_PENDING), 1);
    assert_int_equal(told.held, 1);
    buf_done(&enrol);
    buf_done(&story[0]);
    buf_done(&story[1]);
    claimant_done(&c);
}

/* As where the hub above sends the fact: what waits from below could not be received there. */
static void an_enrolment_comes_to_count_where_the_hub_receives_and_nowhere_else(void **state) {
    (void)state;
    struct claimant c;
    struct buf enrol, story[2];
    struct member m;
    struct err e = {0};
    claimant_init(&c);
    claim_enrol(&c, &c.first, NULL, &enrol);
    fixture_story(&hub, &c.first, 0, story);
    assert_int_equal(offer(&enrol), ADMIT_HELD);
    assert_int_equal(offer(&story[0]), ADMIT_PENDING);
    struct hash id = state_move(&c.first.unit, &c.hub.unit);
    struct admit a = admit_by(&node.id), above = a;
    above.sink = (struct admit_sink){NULL};
    FIXTURE_OK(admit_wake_held(&above, &id, 1, &e), &e);
    assert_false(roster_find(t, &c.first.id, 1, &m));
    FIXTURE_OK(admit_wake_held(&a, &id, 1, &e), &e);
    assert_true(roster_find(t, &c.first.id, 1, &m));
    assert_int_equal(rows(TABLE_PENDING), 0);
    buf_done(&enrol);
    buf_done(&story[0]);
    buf_done(&story[1]);
    claimant_done(&c);
}

static void want_of_memory_leaves_what_waits_for_its_right_as_it_was(void **state) {
    (void)state;
    struct claimant c;
    struct buf records[3];
    struct member m;
    struct err e = {0};
    claimant_init(&c);
    claim_enrol(&c, &c.first, NULL, &records[0]);
    claim_enrol(&c, &c.second, &c.first, &records[1]);
    claim_revoke(&c, &c.second, &records[2]);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(offer(&records[i]), i < 2 ? ADMIT_HELD : ADMIT_VOID);
        buf_done(&records[i]);
    }
    struct hash id = state_move(&c.first.unit, &c.hub.unit);
    FIXTURE_OK(actor_commit(&hub.actor, t, &e), &e);
    bool done = false;
    for (long nth = 0; !done; nth++) {
        open_txn();
        struct admit a = admit_by(&node.id);
        err_clear(&e);
        mem_fail_at(nth);
        int rc = admit_wake_held(&a, &id, 1, &e);
        mem_fail_at(-1);
        done = rc == 0;
        assert_true(done || rc == ERR_NOMEM);
        assert_true(!done || (roster_find(t, &c.first.id, 1, &m) && m.ended &&
                              roster_find(t, &c.second.id, 1, &m) && m.ended));
        actor_abort(&hub.actor, t);
        t = NULL;
        assert_true(nth < 2000);
    }
    open_txn();
    assert_int_equal(rows(TABLE_AWAITED), 2);
    claimant_done(&c);
}

/*
 * Below its author's hub the machine was let in on its enrolment alone, which comes to be held
 * after that, and only then the fact. A loop without an end is ended by a signal.
 */
static void an_enrolment_that_was_shown_before_its_unit_was_known_waits_no_more(void **state) {
    (void)state;
    struct claimant c;
    struct buf enrol, story[2];
    struct member m;
    struct record r;
    struct err e = {0};
    claimant_init(&c);
    claim_enrol(&c, &c.first, NULL, &enrol);
    fixture_story(&hub, &c.first, 0, story);
    FIXTURE_OK(record_parse(buf_slice(&enrol), &r, &e), &e);
    FIXTURE_OK(roster_show(t, &r, &e), &e);
    assert_true(roster_find(t, &c.first.id, 1, &m));
    assert_int_equal(offer(&enrol), ADMIT_HELD);
    assert_int_equal(rows(TABLE_AWAITED), 1);
    (void)alarm(PATIENCE);
    give(&c.first.unit, &c.hub.unit);
    (void)alarm(0);
    assert_int_equal(rows(TABLE_AWAITED), 0);
    assert_true(roster_find(t, &c.first.id, 1, &m) && !m.ended);
    assert_int_equal(offer(&story[0]), ADMIT_HELD);
    buf_done(&enrol);
    buf_done(&story[0]);
    buf_done(&story[1]);
    claimant_done(&c);
}

static uint64_t n_findings(void) {
    struct findings f = {.world = &hub.world};
    struct err e = {0};
    FIXTURE_OK(check_here(&hub.actor, t, NULL, &f, &e), &e);
    for (uint32_t i = 0; i < f.n; i++)
        print_message("%s\n", f.list[i].what);
    uint64_t n = f.total;
    check_findings_done(&f);
    return n;
}

/* A store is not damaged by what others state without the right to it. */
static void a_store_with_receipts_that_count_for_nothing_is_clean(void **state) {
    (void)state;
    struct claimant c;
    struct buf story[2], enrol, rogue, of_another, elsewhere;
    struct record r, second;
    struct receipt_row row;
    struct err e = {0};
    claimant_init(&c);
    fixture_story(&hub, &node, 0, story);
    FIXTURE_OK(record_parse(buf_slice(&story[0]), &r, &e), &e);
    FIXTURE_OK(record_parse(buf_slice(&story[1]), &second, &e), &e);
    assert_int_equal(offer(&story[0]), ADMIT_HELD);
    assert_int_equal(offer(&story[1]), ADMIT_HELD);
    claim_enrol(&c, &c.first, NULL, &enrol);
    assert_int_equal(offer(&enrol), ADMIT_HELD);
    uint64_t before = n_findings();
    claim_receipt(&c, &node, &node.unit, &r.id, &rogue); /* of a unit that is not below it */
    assert_int_equal(offer(&rogue), ADMIT_HELD);
    assert_true(views_receipt(t, &r.id, &c.hub.id, &row));
    assert_false(views_may_say(&hub.actor.catalog, t, &row));
    give(&node.unit, &c.hub.unit);
    assert_true(views_may_say(&hub.actor.catalog, t, &row));
    assert_int_equal(n_findings(), before);
    claim_receipt(&c, &c.first, &c.first.unit, &second.id, &of_another);
    assert_int_equal(offer(&of_another), ADMIT_HELD);
    claim_receipt(&c, &node, &hub.communes[3], &second.id, &elsewhere);
    assert_int_equal(offer(&elsewhere), ADMIT_HELD);
    assert_int_equal(rows(TABLE_RECEIPTS), 1);
    assert_int_equal(n_findings(), before);
    buf_done(&story[0]);
    buf_done(&story[1]);
    buf_done(&enrol);
    buf_done(&rogue);
    buf_done(&of_another);
    buf_done(&elsewhere);
    claimant_done(&c);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_was_said_before_the_move_that_gives_the_right_to_it_counts_as_if_it_came_after),
        TEST(a_revocation_of_whom_it_had_no_right_to_enrol_yet_counts_with_the_enrolment),
        TEST(whom_a_hub_enrols_at_a_unit_that_never_comes_below_it_stays_unknown),
        TEST(an_enrolment_comes_to_count_where_the_hub_receives_and_nowhere_else),
        TEST(an_enrolment_that_was_shown_before_its_unit_was_known_waits_no_more),
        TEST(want_of_memory_leaves_what_waits_for_its_right_as_it_was),
        TEST(a_store_with_receipts_that_count_for_nothing_is_clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
