/* Where a record decides and cannot be read, that is no “no”: the transaction fails. */
#include "tests/unit/uplink_world.h"

#include "hub/revoke.h"
#include "node/overtaken.h"

/* The first record of `kind` after the local number `after`. */
static struct hash first_of(struct txn *t, uint16_t kind, uint64_t after) {
    struct log_walk w;
    struct hash id = {{0}};
    log_walk_init(&w, t, kind, after);
    assert_true(log_walk_next(&w, NULL, &id));
    log_walk_done(&w);
    return id;
}

/* Flip a bit of what is held of `id`. */
static void damage(struct txn *t, const struct hash *id) {
    struct slice v;
    struct buf bytes;
    buf_init(&bytes);
    assert_true(txn_get(t, TABLE_RECORDS, slice_of(id->b, HASH_BYTES), &v));
    buf_put(&bytes, v.data, v.len);
    bytes.data[bytes.len - 1] ^= 16;
    txn_put(t, TABLE_RECORDS, slice_of(id->b, HASH_BYTES), buf_slice(&bytes));
    buf_done(&bytes);
}

/* Another machine joins for the unit of the node, and takes its place. */
static void replace_node(void) {
    struct fixture_author heir;
    struct buf join, payload;
    struct frame f = {.type = FRAME_JOIN};
    struct ticket ticket = fixture_ticket(&hub, &node.unit, ROLE_NODE, 9);
    fixture_author_init(&heir, 61, &node.unit);
    fixture_join_payload(&heir, ROLE_NODE, &payload);
    fixture_next_record(&hub, &heir, KIND_JOIN, buf_slice(&payload), &join);
    memcpy(f.u.join.token, ticket.token, TOKEN_BYTES);
    f.u.join.record = buf_slice(&join);
    fixture_knock(&hub, PEER + 1, &heir, true, &f);
    fixture_step(&hub);
    buf_done(&join);
    buf_done(&payload);
    fixture_author_done(&heir);
}

static void revoke_node(struct txn *t) {
    static char words[] = "mất máy", *args[] = {words};
    static const struct act_reason why = {ACT_REASON_WORDS, 1, args};
    struct ending ending = {0};
    struct member m;
    struct hash id;
    struct err e = {0};
    assert_true(roster_find(t, &node.id, 1, &m));
    FIXTURE_OK(revoke_ending(t, &m, NULL, &ending, &e), &e);
    FIXTURE_OK(revoke_state(&hub.actor, t, &m, &ending, &why, hub.now.wall, &id, &e), &e);
    ending_done(&ending);
}

static void how_a_machine_ended(void **st) {
    (void)st;
    for (int revoked = 0; revoked < 2; revoked++) {
        struct ended x;
        struct txn *t;
        struct err e = {0};
        uint64_t before;
        FIXTURE_OK(actor_begin(&hub.actor, false, &t, &e), &e);
        before = log_last(t);
        actor_abort(&hub.actor, t);
        if (!revoked)
            replace_node();
        FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
        if (revoked)
            revoke_node(t);
        ended_read(t, &node.id, &x);
        assert_int_equal(x.how, revoked ? ENDED_REVOKED : ENDED_REPLACED);
        assert_int_equal(txn_failed(t, &e), 0);
        struct hash id = first_of(t, revoked ? KIND_REVOKE : KIND_ENROL, before);
        damage(t, &id);
        ended_read(t, &node.id, &x);
        assert_int_equal(txn_failed(t, &e), ERR_CORRUPT);
        actor_abort(&hub.actor, t);
        end(NULL);
        begin(NULL);
    }
}

/* What was found before is read again. */
static void that_it_was_revoked_as_was_found_before(void **st) {
    (void)st;
    struct ended_search k = {.actor = node.id};
    char why[ENDED_WHY_BYTES];
    struct txn *t;
    instant at;
    struct err e = {0};
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
    revoke_node(t);
    assert_true(ended_search(t, &k, &at, why));
    damage(t, &k.id);
    (void)ended_search(t, &k, &at, why);
    assert_int_equal(txn_failed(t, &e), ERR_CORRUPT);
    actor_abort(&hub.actor, t);
}

/* A hub that was put back asks for it. */
static void the_enrolment_that_is_shown(void **st) {
    (void)st;
    struct frame_refused unknown = {.code = REFUSED_UNKNOWN};
    struct member m;
    struct txn *t;
    struct err e = {0};
    connect_again();
    assert_int_equal(pump(), 0);
    FIXTURE_OK(actor_begin(&node, true, &t, &e), &e);
    actor_put_answer(&node, t, &unknown, hub.now.wall);
    assert_true(roster_find(t, &node.id, 1, &m));
    damage(t, &m.record);
    FIXTURE_OK(actor_commit(&node, t, &e), &e);
    uplink_done(&up);
    uplink_init(&up, &node, "test", pending_earliest);
    assert_int_equal(uplink_start(&up, hub.now, &e), ERR_CORRUPT);
}

/* Whose report a receipt is about. */
static void what_a_receipt_is_about(void **st) {
    (void)st;
    struct receipt_entry in = {.state = RECEIPT_HELD};
    struct payload_receipt p = {.actor = stranger.id, .epoch = 1, .n = 1, .entries = &in};
    struct record r = {.h = {.actor = hub.actor.id, .lane = node.unit}};
    struct txn *t;
    struct err e = {0};
    in.record = state(1, 10);
    FIXTURE_OK(actor_begin(&node, true, &t, &e), &e);
    assert_false(views_entry_counts(t, &r, &p, &in)); /* it is by another */
    damage(t, &in.record);
    (void)views_entry_counts(t, &r, &p, &in);
    assert_int_equal(txn_failed(t, &e), ERR_CORRUPT);
    actor_abort(&node, t);
}

/* Whether a name was put right since; without memory that is not known. */
static void whether_a_name_was_overtaken(void **st) {
    (void)st;
    char first[] = "Nguyễn Văn An", none[] = "";
    struct payload_name p = {.subject = {{5}}, .name = first, .position = none, .title = none};
    struct hash names[2];
    struct overtaken o;
    struct record r;
    struct txn *t;
    struct err e = {0};
    bool overtaken = false;
    connect_again();
    assert_int_equal(pump(), 0);
    FIXTURE_OK(actor_begin(&node, true, &t, &e), &e);
    for (uint8_t i = 0; i < 2; i++) {
        struct buf b;
        buf_init(&b);
        p.salt[0] = i;
        FIXTURE_OK(payload_name_encode(&p, &b, &e), &e);
        FIXTURE_OK(append_own(&node, t, KIND_SUBJECT_NAME, &node.unit, buf_slice(&b), hub.now.wall,
                              &names[i], &e),
                   &e);
        buf_done(&b);
    }
    FIXTURE_OK(log_get(t, &names[0], &r, &e), &e);
    unsigned whole = 0;
    for (int nth = 0; whole < 10; nth++) {
        o = (struct overtaken){0};
        mem_fail_at(nth);
        int rc = overtaken_load(&node, t, &o, &e);
        if (rc == 0)
            rc = overtaken_named(&o, &r, &overtaken, &e);
        mem_fail_at(-1);
        assert_true(nth < 100 && (rc == ERR_NOMEM || (rc == 0 && overtaken)));
        whole += rc == 0; /* every one from there on, or a word was passed over */
        assert_true(whole == 0 || rc == 0);
        overtaken_done(&o);
        err_clear(&e);
    }
    actor_abort(&node, t);
}

/* Whoever copied its key may state what nobody can read: that says nothing, and stops nothing. */
static void what_its_author_garbled(void **st) {
    (void)st;
    static const uint16_t kinds[] = {KIND_REPORT, KIND_WITHDRAWAL, KIND_SUBJECTS,
                                     KIND_SUBJECT_NAME};
    struct own_reports own;
    struct overtaken o;
    struct hash id;
    struct txn *t;
    struct err e = {0};
    connect_again();
    assert_int_equal(pump(), 0);
    FIXTURE_OK(actor_begin(&node, true, &t, &e), &e);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct buf b;
        struct record r;
        struct record_header h = {.kind = kinds[i],
                                  .payload_version = PAYLOAD_VERSION,
                                  .epoch = 1,
                                  .claimed = hub.now.wall,
                                  .deployment = node.deployment,
                                  .actor = node.id,
                                  .lane = node.unit};
        struct log_head head = log_head_of(t, &node.id, 1, &node.unit);
        h.seq = head.seq + 1;
        h.prev = head.id;
        buf_init(&b);
        FIXTURE_OK(record_build(&h, slice_str("garbled"), node.sign, &b, &id, &e), &e);
        FIXTURE_OK(record_parse(buf_slice(&b), &r, &e), &e);
        (void)log_append(t, &r);
        buf_done(&b);
    }
    FIXTURE_OK(own_reports_load(&node, t, &own, &e), &e);
    assert_int_equal(own.n, 0);
    own_reports_done(&own);
    FIXTURE_OK(overtaken_load(&node, t, &o, &e), &e);
    assert_int_equal(o.standing.n + o.n_takings + o.n_names + o.n_lists, 0);
    overtaken_done(&o);
    actor_abort(&node, t);
}

/* Whether it was revoked: a look without memory is not the last. */
static void that_it_was_revoked_is_looked_for_again(void **st) {
    (void)st;
    struct ended_search k = {.actor = node.id};
    char why[ENDED_WHY_BYTES];
    struct txn *t;
    instant at;
    struct err e = {0};
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
    revoke_node(t);
    FIXTURE_OK(actor_commit(&hub.actor, t, &e), &e);
    FIXTURE_OK(actor_begin(&hub.actor, false, &t, &e), &e);
    mem_fail_at(0);
    (void)ended_search(t, &k, &at, why);
    mem_fail_at(-1);
    assert_int_equal(txn_failed(t, NULL), ERR_NOMEM);
    actor_abort(&hub.actor, t);
    FIXTURE_OK(actor_begin(&hub.actor, false, &t, &e), &e);
    assert_true(ended_search(t, &k, &at, why));
    actor_abort(&hub.actor, t);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
    static const struct CMUnitTest tests[] = {
        TEST(how_a_machine_ended),
        TEST(that_it_was_revoked_as_was_found_before),
        TEST(the_enrolment_that_is_shown),
        TEST(what_a_receipt_is_about),
        TEST(whether_a_name_was_overtaken),
        TEST(what_its_author_garbled),
        TEST(that_it_was_revoked_is_looked_for_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
