#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/limits.h"
#include "core/mem.h"
#include "store/log.h"
#include "tests/unit/fixture_hub.h"

#include <string.h>

static struct fixture_hub hub;
static struct fixture_author node, other;
static struct txn *t;

/* What the sink was told. */
static struct {
    uint32_t held, ready, again;
    struct hash order[64];
} told;

static int sink_held(void *arg, struct txn *txn, const struct record *r, instant at,
                     struct err *e) {
    (void)arg, (void)txn, (void)at, (void)e;
    told.order[told.held++ % 64] = r->id;
    return 0;
}

static int sink_ready(void *arg, struct txn *txn, const struct hash *record, struct err *e) {
    (void)arg, (void)txn, (void)record, (void)e;
    told.ready++;
    return 0;
}

static int sink_again(void *arg, struct txn *txn, const struct record *r, struct err *e) {
    (void)arg, (void)txn, (void)r, (void)e;
    told.again++;
    return 0;
}

static void open_txn(void) {
    struct err e = {0};
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
}

static int begin(void **state) {
    (void)state;
    fixture_hub_open(&hub, NULL);
    fixture_author_init(&node, 21, &hub.communes[0]);
    fixture_author_init(&other, 22, &hub.communes[1]);
    fixture_enrol_author(&hub, &node, ROLE_NODE);
    memset(&told, 0, sizeof told);
    open_txn();
    return 0;
}

static int end(void **state) {
    (void)state;
    mem_fail_at(-1);
    actor_abort(&hub.actor, t);
    t = NULL;
    fixture_author_done(&node);
    fixture_author_done(&other);
    fixture_hub_close(&hub);
    return 0;
}

static struct admit admit_by(const struct hash *carrier) {
    return (struct admit){.actor = &hub.actor,
                          .t = t,
                          .origin = ORIGIN_BELOW,
                          .carrier = *carrier,
                          .sink = {NULL, sink_held, sink_ready, sink_again}};
}

static enum admission offer_by(const struct hash *carrier, const struct buf *b) {
    struct admit a = admit_by(carrier);
    enum admission got;
    struct err why = {0}, e = {0};
    FIXTURE_OK(admit_bytes(&a, buf_slice(b), hub.now.wall, &got, &why, &e), &e);
    assert_int_equal(why.code != 0, got == ADMIT_REFUSED);
    return got;
}

static enum admission offer(const struct buf *b) {
    return offer_by(&node.id, b);
}

/* Offer and forget the bytes, as a socket would. */
static enum admission offer_once(struct buf *b) {
    enum admission got = offer(b);
    if (b->len > 0)
        memset(b->data, 0xdb, b->len);
    buf_done(b);
    return got;
}

static uint64_t rows(enum store_table table) {
    return txn_count(t, table);
}

/* ---- the table ---- */

static void join_of(struct fixture_author *a, struct buf *out) {
    struct buf payload;
    fixture_join_payload(a, ROLE_NODE, &payload);
    fixture_next_record(&hub, a, KIND_JOIN, buf_slice(&payload), out);
    buf_done(&payload);
}

static void a_record_that_fits_is_held_and_a_copy_of_it_is_a_duplicate(void **state) {
    (void)state;
    struct buf join;
    join_of(&node, &join);
    uint64_t before = log_last(t);
    assert_int_equal(offer(&join), ADMIT_HELD);
    assert_int_equal(offer(&join), ADMIT_DUPLICATE);
    join.data[RECORD_HEADER_BYTES] ^= 1; /* a copy is not verified again */
    assert_int_equal(offer(&join), ADMIT_DUPLICATE);
    assert_int_equal(log_last(t), before + 1);
    assert_int_equal(told.held, 1);
    assert_int_equal(told.again, 2);
    buf_done(&join);
}

/* Ways in which a second record of `node` can be wrong, each refused. */
static void wrong_deployment(struct record_header *h) {
    h->deployment.b[0] ^= 1;
}
static void wrong_lane(struct record_header *h) {
    h->lane = hub.communes[1];
}
static void lane_zero(struct record_header *h) {
    h->lane = (struct uid){{0}};
}
static void kind_of_a_hub(struct record_header *h) {
    h->kind = KIND_RECEIPT;
}
static void kind_of_a_root_key(struct record_header *h) {
    h->kind = KIND_GRANT;
    lane_zero(h);
}
static void enrolment(struct record_header *h) {
    h->kind = KIND_ENROL;
    lane_zero(h);
}
static void units(struct record_header *h) {
    h->kind = KIND_UNITS;
    lane_zero(h);
}
static void genesis(struct record_header *h) {
    h->kind = KIND_GENESIS;
    lane_zero(h);
    h->deployment = (struct hash){{0}};
}
static void of_the_hub(struct record_header *h) {
    h->actor = hub.actor.id;
}

static void what_breaks_a_rule_is_refused_and_leaves_no_trace(void **state) {
    (void)state;
    static const struct {
        const char *name;
        void (*twist)(struct record_header *h);
    } cases[] = {
        {"another deployment", wrong_deployment},
        {"another unit's lane", wrong_lane},
        {"lane 0", lane_zero},
        {"a hub's kind", kind_of_a_hub},
        {"a root key's kind", kind_of_a_root_key},
        {"an enrolment", enrolment},
        {"units", units},
        {"another genesis", genesis},
        {"the hub's name", of_the_hub},
    };
    uint64_t before = log_last(t);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct record_header h = fixture_header(&hub, &node, KIND_SUBJECTS);
        struct buf b;
        cases[i].twist(&h);
        fixture_sign(&node, &h, slice_of(NULL, 0), &b);
        print_message("%s\n", cases[i].name);
        assert_int_equal(offer_once(&b), ADMIT_REFUSED);
    }
    assert_int_equal(log_last(t), before);
    assert_int_equal(rows(TABLE_PENDING), 0);
    assert_int_equal(rows(TABLE_AWAITED), 0);
    assert_int_equal(rows(TABLE_FORKS), 0);
    struct buf join;
    join_of(&node, &join);
    assert_int_equal(offer_once(&join), ADMIT_HELD); /* nothing was displaced */
}

static void no_flipped_bit_of_a_record_is_held(void **state) {
    (void)state;
    struct buf join;
    join_of(&node, &join);
    for (size_t i = 0; i < join.len * 8; i += 3) {
        join.data[i / 8] ^= (uint8_t)(1u << i % 8);
        enum admission got = offer(&join);
        assert_true(got == ADMIT_REFUSED || got == ADMIT_PENDING || got == ADMIT_NO_ROOM);
        join.data[i / 8] ^= (uint8_t)(1u << i % 8);
    }
    for (size_t n = 0; n < join.len; n++) {
        struct buf cut = {.data = join.data, .len = n};
        assert_int_equal(offer(&cut), ADMIT_REFUSED);
    }
    assert_int_equal(told.held, 0);
    assert_int_equal(offer(&join), ADMIT_HELD);
    buf_done(&join);
}

static void no_record_is_held_without_its_payload(void **state) {
    (void)state;
    static const uint16_t kinds[] = {KIND_SUBJECTS, KIND_REPORT, 999, KIND_SUBJECT_NAME};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct record_header h = fixture_header(&hub, &node, kinds[i]);
        struct buf b;
        fixture_sign(&node, &h, slice_str("forty bytes and some that are erased now"), &b);
        b.len = RECORD_HEADER_BYTES + SIGNATURE_BYTES;
        assert_int_equal(offer(&b), ADMIT_REFUSED);
        buf_done(&b);
    }
}

static void a_kind_that_nobody_knows_is_held_from_whoever_is_enrolled(void **state) {
    (void)state;
    struct buf b;
    fixture_next_record(&hub, &node, 999, slice_str("later"), &b);
    assert_int_equal(offer_once(&b), ADMIT_HELD);
}

static void a_second_record_with_one_seq_is_kept_as_evidence_and_counts_for_nothing(void **state) {
    (void)state;
    struct fixture_author twin = node;
    struct buf join, copy, after;
    join_of(&node, &join);
    fixture_next_record(&hub, &twin, 999, slice_str("other"), &copy);
    assert_int_equal(offer(&join), ADMIT_HELD);
    assert_int_equal(offer(&copy), ADMIT_FORK);
    assert_int_equal(offer(&copy), ADMIT_FORK);
    assert_int_equal(rows(TABLE_FORKS), 1);
    fixture_next_record(&hub, &twin, 999, slice_str("builds on it"), &after);
    assert_int_equal(offer(&after), ADMIT_FORK); /* its predecessor is another than ours */
    assert_int_equal(told.held, 1);
    buf_done(&join);
    buf_done(&copy);
    buf_done(&after);
}

/* ---- pending ---- */

static void a_record_before_its_author_or_predecessor_is_pending_and_wakes_in_order(void **state) {
    (void)state;
    struct buf story[4], enrol;
    struct hash id;
    struct err e = {0};
    fixture_story(&hub, &other, 2, story);
    for (unsigned i = 4; i-- > 0;)
        assert_int_equal(offer(&story[i]), ADMIT_PENDING);
    assert_int_equal(offer(&story[2]), ADMIT_DUPLICATE);
    assert_int_equal(rows(TABLE_PENDING), 4);
    assert_int_equal(told.held, 0);
    /* A record that the hub admits, not one that it states: as from a hub below. */
    fixture_enrol_payload(&other, ROLE_NODE, &enrol);
    FIXTURE_OK(append_own(&hub.actor, t, KIND_ENROL, NULL, buf_slice(&enrol), 0, &id, &e), &e);
    struct admit a = admit_by(&node.id);
    FIXTURE_OK(admit_wake(&a, &other.id, &e), &e);
    assert_int_equal(told.held, 4);
    assert_int_equal(rows(TABLE_PENDING), 0);
    assert_int_equal(rows(TABLE_AWAITED), 0);
    for (unsigned i = 0; i < 4; i++) {
        struct record r;
        FIXTURE_OK(record_parse(buf_slice(&story[i]), &r, &e), &e);
        assert_true(hash_equal(&told.order[i], &r.id));
        buf_done(&story[i]);
    }
    buf_done(&enrol);
}

/* A district below the root: it states units and enrols a node, which states records. */
struct district {
    struct fixture_author hub, below;
    struct buf records[8];
    uint32_t n;
};

static void district_say(struct district *d, struct fixture_author *a, uint16_t kind,
                         const struct uid *lane, uint64_t seq, const struct hash *prev,
                         struct buf *payload, struct hash *ret_id) {
    struct record_header h = fixture_header(&hub, a, kind);
    h.lane = *lane;
    h.seq = seq;
    h.prev = *prev;
    *ret_id = fixture_sign(a, &h, buf_slice(payload), &d->records[d->n++]);
    buf_done(payload);
}

static void district_init(struct district *d) {
    static char code[] = "100201", level[] = "hamlet", none[] = "";
    const struct uid hamlet = {{0x77}}, zero = {{0}};
    const struct hash first = {{0}};
    struct unit_fact fact = {.id = hamlet,
                             .parent = hub.communes[1],
                             .effective = DAY_NONE,
                             .from = DAY_NONE,
                             .until = DAY_NONE,
                             .code = code,
                             .level = level,
                             .kind = none,
                             .name = code,
                             .group = none,
                             .contact = none,
                             .phone = none};
    struct payload_units units_said = {1, &fact};
    struct hash units_id, enrol_id;
    struct err e = {0};
    struct buf b;
    d->n = 0;
    fixture_author_init(&d->hub, 31, &hub.communes[1]);
    fixture_author_init(&d->below, 32, &hamlet);
    buf_init(&b);
    FIXTURE_OK(payload_units_encode(&units_said, &b, &e), &e);
    district_say(d, &d->hub, KIND_UNITS, &zero, 1, &first, &b, &units_id);
    fixture_enrol_payload(&d->below, ROLE_NODE, &b);
    district_say(d, &d->hub, KIND_ENROL, &zero, 2, &units_id, &b, &enrol_id);
    fixture_story(&hub, &d->below, 1, &d->records[2]);
    d->n += 3;
}

static void district_done(struct district *d) {
    for (uint32_t i = 0; i < d->n; i++)
        buf_done(&d->records[i]);
    fixture_author_done(&d->hub);
    fixture_author_done(&d->below);
}

static void whatever_the_order_of_arrival_the_same_records_are_held(void **state) {
    (void)state;
    uint64_t seed = fixture_seed(__func__);
    struct hash id;
    struct err e = {0};
    struct buf enrol;
    for (unsigned round = 0; round < 60; round++) {
        struct district d;
        uint32_t order[8], enrolled_after = fixture_below(&seed, 6);
        district_init(&d);
        memset(&told, 0, sizeof told);
        for (uint32_t i = 0; i < d.n; i++) {
            uint32_t at = fixture_below(&seed, i + 1);
            order[i] = order[at];
            order[at] = i;
        }
        for (uint32_t i = 0; i <= d.n; i++) {
            if (i == enrolled_after) {
                struct admit a = admit_by(&node.id);
                fixture_enrol_payload(&d.hub, ROLE_HUB, &enrol);
                FIXTURE_OK(
                    append_own(&hub.actor, t, KIND_ENROL, NULL, buf_slice(&enrol), 0, &id, &e), &e);
                FIXTURE_OK(admit_wake(&a, &d.hub.id, &e), &e);
                buf_done(&enrol);
            }
            if (i < d.n) {
                enum admission got = offer(&d.records[order[i]]);
                assert_true(got == ADMIT_HELD || got == ADMIT_PENDING);
            }
        }
        assert_int_equal(told.held, d.n);
        assert_int_equal(rows(TABLE_PENDING), 0);
        assert_int_equal(rows(TABLE_AWAITED), 0);
        district_done(&d);
        actor_abort(&hub.actor, t);
        open_txn();
    }
}

static void an_author_awaited_in_a_later_epoch_goes_on_waiting(void **state) {
    (void)state;
    struct record_header h = fixture_header(&hub, &other, 999);
    struct buf b, enrol;
    struct hash id;
    struct err e = {0};
    h.epoch = 2;
    fixture_sign(&other, &h, slice_of(NULL, 0), &b);
    assert_int_equal(offer_once(&b), ADMIT_PENDING);
    struct admit a = admit_by(&node.id);
    fixture_enrol_payload(&other, ROLE_NODE, &enrol);
    FIXTURE_OK(append_own(&hub.actor, t, KIND_ENROL, NULL, buf_slice(&enrol), 0, &id, &e), &e);
    FIXTURE_OK(admit_wake(&a, &other.id, &e), &e); /* this came to no end once */
    assert_int_equal(rows(TABLE_PENDING), 1);
    assert_int_equal(rows(TABLE_AWAITED), 1);
    buf_done(&enrol);
}

static void a_record_pending_from_two_carriers_is_woken_for_both(void **state) {
    (void)state;
    struct buf story[2], enrol;
    struct hash id;
    struct err e = {0};
    fixture_story(&hub, &other, 0, story);
    const struct hash second = {{0xcc}};
    assert_int_equal(offer(&story[0]), ADMIT_PENDING);
    assert_int_equal(offer_by(&second, &story[0]), ADMIT_PENDING);
    assert_int_equal(rows(TABLE_PENDING), 2);
    struct admit a = admit_by(&node.id);
    fixture_enrol_payload(&other, ROLE_NODE, &enrol);
    FIXTURE_OK(append_own(&hub.actor, t, KIND_ENROL, NULL, buf_slice(&enrol), 0, &id, &e), &e);
    FIXTURE_OK(admit_wake(&a, &other.id, &e), &e);
    assert_int_equal(told.held, 1);
    assert_int_equal(rows(TABLE_PENDING), 0);
    buf_done(&enrol);
    buf_done(&story[0]);
    buf_done(&story[1]);
}

static void pending_records_are_bounded_per_carrier_and_displace_nothing(void **state) {
    (void)state;
    const struct hash second = {{0xcc}};
    struct buf b;
    for (uint32_t i = 0; i <= LIMIT_PENDING_RECORDS; i++) {
        struct record_header h = fixture_header(&hub, &other, 999);
        h.claimed = i + 1;
        fixture_sign(&other, &h, slice_of(NULL, 0), &b);
        enum admission want = i < LIMIT_PENDING_RECORDS ? ADMIT_PENDING : ADMIT_NO_ROOM;
        assert_int_equal(offer(&b), want);
        if (want == ADMIT_NO_ROOM)
            assert_int_equal(offer_by(&second, &b), ADMIT_PENDING);
        buf_done(&b);
    }
    assert_int_equal(rows(TABLE_PENDING), LIMIT_PENDING_RECORDS + 1);
    join_of(&node, &b);
    assert_int_equal(offer_once(&b), ADMIT_HELD);
}

static void pending_bytes_are_bounded_too(void **state) {
    (void)state;
    static const uint8_t big[1 << 20];
    uint32_t kept = 0;
    for (uint32_t i = 0; i < 10; i++) {
        struct record_header h = fixture_header(&hub, &other, 999);
        struct buf b;
        h.claimed = i + 1;
        fixture_sign(&other, &h, slice_of(big, sizeof big), &b);
        kept += offer_once(&b) == ADMIT_PENDING;
    }
    assert_int_equal(kept, LIMIT_PENDING_BYTES / (1 << 20) - 1);
}

/* ---- ended authors ---- */

static void records_of_an_ended_author_stand_up_to_its_last_good_and_no_further(void **state) {
    (void)state;
    struct buf story[4], b;
    struct last_good last;
    struct payload_enrol p = {.role = ROLE_NODE, .n_ends = 1, .ends = &last};
    struct hash id;
    struct err e = {0};
    fixture_story(&hub, &node, 2, story);
    fixture_author_done(&other);
    fixture_author_init(&other, 23, &hub.communes[0]);
    assert_int_equal(offer(&story[0]), ADMIT_HELD);
    last = (struct last_good){node.id, 1, node.unit, 2};
    p.grant = (struct payload_grant){other.id, 1, *key_pair_public(other.sign),
                                     *key_pair_public(other.transport), other.unit};
    buf_init(&b);
    FIXTURE_OK(payload_enrol_encode(&p, &b, &e), &e);
    FIXTURE_OK(append_own(&hub.actor, t, KIND_ENROL, NULL, buf_slice(&b), 0, &id, &e), &e);
    buf_done(&b);
    assert_int_equal(offer(&story[0]), ADMIT_DUPLICATE);
    assert_int_equal(offer(&story[1]), ADMIT_HELD);
    assert_int_equal(offer(&story[2]), ADMIT_REFUSED);
    assert_int_equal(offer(&story[3]), ADMIT_REFUSED);
    struct record_header h = fixture_header(&hub, &node, 999);
    h.lane = (struct uid){{0x42}}; /* a lane that its end does not name */
    h.seq = 1;
    h.prev = (struct hash){{0}};
    fixture_sign(&node, &h, slice_of(NULL, 0), &b);
    assert_int_equal(offer_once(&b), ADMIT_REFUSED);
    for (unsigned i = 0; i < 4; i++)
        buf_done(&story[i]);
}

/* ---- our own memory ---- */

static void want_of_memory_is_an_error_and_never_a_refusal(void **state) {
    (void)state;
    struct district d;
    struct buf enrol;
    struct hash id;
    struct err e = {0};
    district_init(&d);
    fixture_enrol_payload(&d.hub, ROLE_HUB, &enrol);
    FIXTURE_OK(append_own(&hub.actor, t, KIND_ENROL, NULL, buf_slice(&enrol), 0, &id, &e), &e);
    FIXTURE_OK(actor_commit(&hub.actor, t, &e), &e);
    buf_done(&enrol);
    bool done = false;
    for (long nth = 0; !done; nth++) {
        open_txn();
        struct admit a = admit_by(&node.id);
        int rc = 0;
        mem_fail_at(nth);
        for (uint32_t i = 0; rc == 0 && i < d.n; i++) {
            enum admission got = ADMIT_REFUSED;
            struct err why = {0};
            err_clear(&e);
            rc = admit_bytes(&a, buf_slice(&d.records[d.n - 1 - i]), 1, &got, &why, &e);
            if (rc == 0)
                assert_true(got == ADMIT_HELD || got == ADMIT_PENDING);
            else
                assert_int_equal(rc, ERR_NOMEM);
        }
        mem_fail_at(-1);
        done = rc == 0;
        assert_true(!done || rows(TABLE_PENDING) == 0);
        actor_abort(&hub.actor, t);
        t = NULL;
        assert_true(nth < 2000);
    }
    open_txn();
    district_done(&d);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_record_that_fits_is_held_and_a_copy_of_it_is_a_duplicate),
        TEST(what_breaks_a_rule_is_refused_and_leaves_no_trace),
        TEST(no_flipped_bit_of_a_record_is_held),
        TEST(no_record_is_held_without_its_payload),
        TEST(a_kind_that_nobody_knows_is_held_from_whoever_is_enrolled),
        TEST(a_second_record_with_one_seq_is_kept_as_evidence_and_counts_for_nothing),
        TEST(a_record_before_its_author_or_predecessor_is_pending_and_wakes_in_order),
        TEST(whatever_the_order_of_arrival_the_same_records_are_held),
        TEST(an_author_awaited_in_a_later_epoch_goes_on_waiting),
        TEST(a_record_pending_from_two_carriers_is_woken_for_both),
        TEST(pending_records_are_bounded_per_carrier_and_displace_nothing),
        TEST(pending_bytes_are_bounded_too),
        TEST(records_of_an_ended_author_stand_up_to_its_last_good_and_no_further),
        TEST(want_of_memory_is_an_error_and_never_a_refusal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
