#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/mem.h"
#include "hub/enrolment.h"
#include "hub/revoke.h"
#include "node/views.h"
#include "proto/kinds.h"
#include "proto/payload_act.h"
#include "store/key.h"
#include "store/log.h"
#include "tests/unit/fixture_hub.h"

#include <string.h>

#define PEER 5u

static struct fixture_hub hub;
static struct fixture_author child, other;
static struct ticket ticket;

static int begin(void **state) {
    (void)state;
    fixture_hub_open(&hub, NULL);
    fixture_author_init(&child, 21, &hub.communes[0]);
    fixture_author_init(&other, 22, &hub.communes[0]);
    ticket = fixture_ticket(&hub, &hub.communes[0], ROLE_NODE, 7);
    return 0;
}

static int end(void **state) {
    (void)state;
    mem_fail_at(-1);
    fixture_author_done(&child);
    fixture_author_done(&other);
    fixture_hub_close(&hub);
    return 0;
}

/* What can be wrong with a join. */
struct knock_case {
    const char *name;
    enum role role;
    void (*header)(struct record_header *h);
    bool token, transport_in_payload, transport_on_the_link, stranger_signs, no_payload, garbage;
    uint32_t want;
};

/* Knock as `a` says, and give the refusal; 0: joined. */
static uint32_t knock(struct fixture_author *a, const struct knock_case *c) {
    struct fixture_author named = *a, on_link = *a;
    struct buf payload, record;
    struct frame f = {.type = FRAME_JOIN};
    if (c->transport_in_payload)
        named.transport = other.sign;
    if (c->transport_on_the_link)
        on_link.transport = other.transport;
    fixture_join_payload(&named, c->role ? c->role : ROLE_NODE, &payload);
    if (c->garbage)
        payload.data[0] ^= 0xff;
    struct record_header h = fixture_header(&hub, a, KIND_JOIN);
    if (c->header)
        c->header(&h);
    fixture_sign(c->stranger_signs ? &other : a, &h, buf_slice(&payload), &record);
    if (c->no_payload)
        record.len = RECORD_HEADER_BYTES + SIGNATURE_BYTES;
    memcpy(f.u.join.token, ticket.token, TOKEN_BYTES);
    f.u.join.token[3] ^= c->token;
    f.u.join.record = buf_slice(&record);
    fixture_knock(&hub, PEER, &on_link, true, &f);
    fixture_step(&hub);
    uint32_t peer;
    assert_true(fixture_left(&hub, &peer, &f));
    assert_int_equal(peer, PEER);
    buf_done(&payload);
    buf_done(&record);
    return f.type == FRAME_JOINED ? 0 : f.type == FRAME_REFUSED ? f.u.refused.code : 99;
}

static void second_record(struct record_header *h) {
    h->seq = 2;
    h->prev.b[0] = 1;
}
static void later_epoch(struct record_header *h) {
    h->epoch = 2;
}
static void other_lane(struct record_header *h) {
    h->lane = hub.communes[1];
}
static void other_deployment(struct record_header *h) {
    h->deployment.b[0] ^= 1;
}
static void other_kind(struct record_header *h) {
    h->kind = KIND_REPORT;
}
static void other_actor(struct record_header *h) {
    h->actor.b[0] ^= 1;
}
static void later_payload(struct record_header *h) {
    h->payload_version = 2;
}
/* Nobody who has its signature alone could make that record again. */
static void with_a_time(struct record_header *h) {
    h->claimed = 1;
}

static void only_the_join_that_a_ticket_calls_for_is_taken(void **state) {
    (void)state;
    static const struct knock_case cases[] = {
        {.name = "unknown token", .token = true, .want = REFUSED_TICKET},
        {.name = "as a hub", .role = ROLE_HUB, .want = REFUSED_TICKET},
        {.name = "other transport key named", .transport_in_payload = true, .want = REFUSED_TICKET},
        {.name = "other transport key used", .transport_on_the_link = true, .want = REFUSED_TICKET},
        {.name = "signed by another", .stranger_signs = true, .want = REFUSED_TICKET},
        {.name = "without its payload", .no_payload = true, .want = REFUSED_TICKET},
        {.name = "garbage", .garbage = true, .want = REFUSED_TICKET},
        {.name = "second record", .header = second_record, .want = REFUSED_TICKET},
        {.name = "later epoch", .header = later_epoch, .want = REFUSED_TICKET},
        {.name = "other lane", .header = other_lane, .want = REFUSED_TICKET},
        {.name = "other deployment", .header = other_deployment, .want = REFUSED_TICKET},
        {.name = "other kind", .header = other_kind, .want = REFUSED_TICKET},
        {.name = "other actor", .header = other_actor, .want = REFUSED_TICKET},
        {.name = "later payload", .header = later_payload, .want = REFUSED_TICKET},
        {.name = "at a time", .header = with_a_time, .want = REFUSED_TICKET},
        {.name = "as it should be", .want = 0},
    };
    uint64_t before = fixture_count(&hub, TABLE_RECORDS);
    size_t n = sizeof cases / sizeof *cases;
    for (size_t i = 0; i < n; i++) {
        print_message("%s\n", cases[i].name);
        assert_int_equal(knock(&child, &cases[i]), cases[i].want);
        assert_int_equal(fixture_count(&hub, TABLE_RECORDS), i + 1 < n ? before : before + 2);
    }
}

static void a_ticket_binds_to_the_first_key_that_shows_it(void **state) {
    (void)state;
    static const struct knock_case plain = {.name = "plain"};
    assert_int_equal(knock(&child, &plain), 0);
    uint64_t records = fixture_count(&hub, TABLE_RECORDS);
    assert_int_equal(knock(&other, &plain), REFUSED_TICKET_USED);
    assert_int_equal(knock(&child, &plain), 0); /* its answer was lost */
    fixture_hub_restart(&hub);
    assert_int_equal(knock(&child, &plain), 0);
    assert_int_equal(fixture_count(&hub, TABLE_RECORDS), records);
    ticket = fixture_ticket(&hub, &hub.communes[0], ROLE_NODE, 8);
    assert_int_equal(knock(&child, &plain),
                     0); /* it is enrolled, the ticket is used all the same */
    assert_int_equal(fixture_count(&hub, TABLE_RECORDS), records);
    assert_int_equal(knock(&other, &plain), REFUSED_TICKET_USED);
    ticket = fixture_ticket(&hub, &hub.communes[0], ROLE_NODE, 9);
    assert_int_equal(knock(&other, &plain), 0);
}

/* Tickets are in this store alone: an older copy of it lacks them, and gets enrolments back. */
static void an_enrolled_key_gets_its_answer_whatever_became_of_its_ticket(void **state) {
    (void)state;
    static const struct knock_case plain = {.name = "plain"}, unknown = {.token = true};
    assert_int_equal(knock(&child, &plain), 0);
    uint64_t records = fixture_count(&hub, TABLE_RECORDS);
    assert_int_equal(knock(&other, &unknown), REFUSED_TICKET);
    assert_int_equal(knock(&child, &unknown), 0);
    assert_int_equal(fixture_count(&hub, TABLE_RECORDS), records);
    ticket = fixture_ticket(&hub, &hub.communes[1], ROLE_NODE, 8); /* another unit's */
    assert_int_equal(knock(&child, &plain), REFUSED_TICKET);
}

static void a_hub_enrols_no_second_machine_with_a_child_s_transport_key(void **state) {
    (void)state;
    static const struct knock_case plain = {.name = "plain"};
    struct fixture_author same = other;
    same.transport = child.transport;
    assert_int_equal(knock(&child, &plain), 0);
    ticket = fixture_ticket(&hub, &hub.communes[1], ROLE_NODE, 8);
    same.unit = hub.communes[1];
    assert_int_equal(knock(&same, &plain), REFUSED_TICKET_USED);
    same.transport = other.transport;
    assert_int_equal(knock(&same, &plain), 0);
}

static void an_enrolled_key_gets_the_answer_that_it_missed(void **state) {
    (void)state;
    struct buf payload, record;
    struct frame f = {.type = FRAME_JOIN};
    assert_int_equal(knock(&child, &(struct knock_case){.name = "plain"}), 0);
    hub.now.wall -= 1000; /* the same record: the child made it once */
    fixture_join_payload(&child, ROLE_NODE, &payload);
    struct record_header h = fixture_header(&hub, &child, KIND_JOIN);
    fixture_sign(&child, &h, buf_slice(&payload), &record);
    memcpy(f.u.join.token, ticket.token, TOKEN_BYTES);
    f.u.join.record = buf_slice(&record);
    fixture_knock(&hub, PEER, &child, false, &f);
    fixture_step(&hub);
    assert_true(fixture_expect(&hub, PEER, FRAME_JOINED, &f));
    assert_int_equal(f.u.records.n, 3); /* genesis, grant, enrolment */
    buf_done(&payload);
    buf_done(&record);
}

static void a_new_machine_ends_the_old_one_at_what_is_held_of_it(void **state) {
    (void)state;
    struct member m;
    struct txn *t;
    struct err e = {0};
    static const struct knock_case plain = {.name = "plain"};
    assert_int_equal(knock(&child, &plain), 0);
    ticket = fixture_ticket(&hub, &hub.communes[0], ROLE_NODE, 8);
    assert_int_equal(knock(&other, &plain), 0);
    FIXTURE_OK(txn_begin(hub.actor.db, false, &t, &e), &e);
    assert_true(roster_find(t, &child.id, 1, &m));
    assert_true(m.ended);
    assert_int_equal(roster_last_good(t, &m, &hub.communes[0]), 1); /* its join */
    assert_true(roster_of_unit(t, &hub.communes[0], BY_NODE, &m));
    assert_true(hash_equal(&m.actor, &other.id));
    txn_abort(t);
}

/* A ticket for commune 0 as a `role`, whose token is `n`; the one that knock() shows is kept. */
static struct ticket spare(enum role role, uint8_t n) {
    return fixture_ticket(&hub, &hub.communes[0], role, n);
}

static void a_machine_that_joins_voids_the_other_tickets_of_its_unit_and_role(void **state) {
    (void)state;
    static const struct knock_case plain = {.name = "plain"}, as_hub = {.role = ROLE_HUB};
    struct ticket used = ticket, slip = spare(ROLE_NODE, 8), for_hub = spare(ROLE_HUB, 9);
    assert_int_equal(knock(&child, &plain), 0);
    ticket = slip;
    assert_int_equal(knock(&other, &plain), REFUSED_TICKET_VOID);
    fixture_hub_restart(&hub);
    assert_int_equal(knock(&other, &plain), REFUSED_TICKET_VOID);
    ticket = used; /* its own machine's still gets the answer */
    assert_int_equal(knock(&child, &plain), 0);
    ticket = for_hub;
    assert_int_equal(knock(&other, &as_hub), 0);
}

/* Revoke the live node of commune 0. */
static void revoke_node(void) {
    struct member m;
    struct txn *t;
    struct hash id;
    struct ending ends = {0};
    char words[] = "hỏng", *args[] = {words};
    struct act_reason why = {ACT_REASON_WORDS, 1, args};
    struct err e = {0};
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
    assert_true(roster_of_unit(t, &hub.communes[0], BY_NODE, &m));
    FIXTURE_OK(revoke_ending(t, &m, NULL, &ends, &e), &e);
    FIXTURE_OK(revoke_state(&hub.actor, t, &m, &ends, &why, hub.now.wall, &id, &e), &e);
    FIXTURE_OK(actor_commit(&hub.actor, t, &e), &e);
    ending_done(&ends);
}

static void a_revocation_voids_the_tickets_that_nobody_used(void **state) {
    (void)state;
    static const struct knock_case plain = {.name = "plain"};
    assert_int_equal(knock(&child, &plain), 0);
    ticket = spare(ROLE_NODE, 8);
    revoke_node();
    assert_int_equal(knock(&other, &plain), REFUSED_TICKET_VOID);
    ticket = spare(ROLE_NODE, 9);
    assert_int_equal(knock(&other, &plain), 0);
}

/* Let `a` stand in `n` lanes more. */
static void spread(const struct fixture_author *a, uint32_t n) {
    struct txn *t;
    struct err e = {0};
    FIXTURE_OK(txn_begin(hub.actor.db, true, &t, &e), &e);
    for (uint32_t i = 0; i < n; i++) {
        struct key k = {.n = 0};
        struct uid lane = {{0xee, (uint8_t)(i >> 8), (uint8_t)i}};
        key_hash(&k, &a->id);
        key_u32(&k, 1);
        key_uid(&k, &lane);
        key_u64(&k, 1);
        txn_put(t, TABLE_LANES, key_slice(&k), slice_of(a->id.b, HASH_BYTES));
    }
    FIXTURE_OK(txn_commit(t, &e), &e);
}

static void who_cannot_be_enrolled_is_refused_alone_until_the_old_machine_is_revoked(void **state) {
    (void)state;
    struct fixture_author third;
    struct frame f;
    static const struct knock_case plain = {.name = "plain"};
    assert_int_equal(knock(&child, &plain), 0);
    spread(&child, LIMIT_LIST);
    fixture_author_init(&third, 23, &hub.communes[1]);
    fixture_enrol_author(&hub, &third, ROLE_NODE);
    ticket = fixture_ticket(&hub, &hub.communes[0], ROLE_NODE, 8);
    fixture_hello(&hub, PEER + 1, &third, 0, NULL, 0);
    fixture_step(&hub);
    fixture_drop_all(&hub);
    uint64_t records = fixture_count(&hub, TABLE_RECORDS);
    assert_int_equal(knock(&other, &plain), REFUSED_BOUND);
    assert_false(fixture_expect(&hub, PEER + 1, FRAME_REFUSED, &f));
    assert_int_equal(fixture_count(&hub, TABLE_RECORDS), records);
    revoke_node();
    ticket = spare(ROLE_NODE, 9);
    assert_int_equal(knock(&other, &plain), 0);
    fixture_author_done(&third);
}

/* When the hub says that it received `record`. */
static instant received_at(const struct hash *record) {
    struct receipt_row row;
    struct txn *t;
    struct err e = {0};
    FIXTURE_OK(txn_begin(hub.actor.db, false, &t, &e), &e);
    assert_true(views_receipt(t, record, &hub.actor.id, &row));
    txn_abort(t);
    return row.received_at;
}

static void what_waited_for_an_author_is_held_once_it_joins(void **state) {
    (void)state;
    struct buf story[4];
    struct fixture_author carrier;
    struct frame f = {.type = FRAME_JOIN};
    fixture_hub_issue(&hub);
    fixture_author_init(&carrier, 23, &hub.communes[1]);
    fixture_enrol_author(&hub, &carrier, ROLE_NODE);
    fixture_story(&hub, &child, 2, story);
    fixture_hello(&hub, PEER + 1, &carrier, 0, NULL, 0);
    fixture_records(&hub, PEER + 1, &carrier, 1, &story[1], 3);
    fixture_step(&hub);
    assert_int_equal(fixture_count(&hub, TABLE_PENDING), 3);
    memcpy(f.u.join.token, ticket.token, TOKEN_BYTES);
    f.u.join.record = buf_slice(&story[0]);
    instant joins = hub.now.wall;
    fixture_knock(&hub, PEER, &child, true, &f);
    fixture_step(&hub);
    assert_int_equal(fixture_count(&hub, TABLE_PENDING), 0);
    struct record r;
    struct err e = {0};
    FIXTURE_OK(record_parse(buf_slice(&story[3]), &r, &e), &e);
    assert_int_equal(fixture_said(&hub, &r.id), RECEIPT_VALID);
    assert_true(received_at(&r.id) >= joins); /* not before its author did */
    for (unsigned i = 0; i < 4; i++)
        buf_done(&story[i]);
    fixture_author_done(&carrier);
}

static void a_guest_says_join_or_nothing(void **state) {
    (void)state;
    struct frame f = {.type = FRAME_PING, .u.ping = {.nonce = 1}};
    fixture_knock(&hub, PEER, &child, true, &f);
    fixture_step(&hub);
    assert_false(fixture_expect(&hub, PEER, FRAME_PONG, &f));
    f = (struct frame){.type = FRAME_RECORDS};
    struct slice one = slice_str("x");
    f.u.records = (struct frame_records){child.outbox, 1, 1, 1, &one};
    fixture_knock(&hub, PEER, &child, true, &f);
    fixture_step(&hub);
    assert_false(fixture_expect(&hub, PEER, FRAME_ACK, &f));
}

static void want_of_memory_enrols_nobody_by_halves(void **state) {
    (void)state;
    struct buf story[2];
    struct frame f = {.type = FRAME_JOIN};
    uint64_t before = fixture_count(&hub, TABLE_RECORDS);
    int rc = ERR_NOMEM;
    fixture_story(&hub, &child, 0, story);
    memcpy(f.u.join.token, ticket.token, TOKEN_BYTES);
    f.u.join.record = buf_slice(&story[0]);
    for (long nth = 0; rc != 0; nth++) {
        struct err e = {0};
        struct frame answer;
        uint32_t peer;
        fixture_knock(&hub, PEER, &child, true, &f);
        mem_fail_at(nth);
        rc = hub_step(&hub.hub, hub.now, &e);
        mem_fail_at(-1);
        assert_true(rc == 0 || rc == ERR_NOMEM);
        bool any = fixture_left(&hub, &peer, &answer);
        assert_true(any);
        assert_int_equal(answer.type, rc == 0 ? FRAME_JOINED : FRAME_REFUSED);
        assert_int_equal(fixture_count(&hub, TABLE_RECORDS), rc == 0 ? before + 2 : before);
    }
    buf_done(&story[0]);
    buf_done(&story[1]);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(only_the_join_that_a_ticket_calls_for_is_taken),
        TEST(a_ticket_binds_to_the_first_key_that_shows_it),
        TEST(an_enrolled_key_gets_its_answer_whatever_became_of_its_ticket),
        TEST(a_hub_enrols_no_second_machine_with_a_child_s_transport_key),
        TEST(an_enrolled_key_gets_the_answer_that_it_missed),
        TEST(a_new_machine_ends_the_old_one_at_what_is_held_of_it),
        TEST(a_machine_that_joins_voids_the_other_tickets_of_its_unit_and_role),
        TEST(a_revocation_voids_the_tickets_that_nobody_used),
        TEST(who_cannot_be_enrolled_is_refused_alone_until_the_old_machine_is_revoked),
        TEST(what_waited_for_an_author_is_held_once_it_joins),
        TEST(a_guest_says_join_or_nothing),
        TEST(want_of_memory_enrols_nobody_by_halves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
