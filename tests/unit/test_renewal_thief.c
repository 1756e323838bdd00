/* Whoever has a key that the hub changed since says nothing in its name any more: not in a place
 * that was taken, and not to a store that was put back to before the change. */
#include "tests/unit/join_proof.h"
#include "tests/unit/renewal_world.h"

#define OFFICE (&machines[0])
#define CARRIER (&machines[1])
#define ROOT 1
#define EVIDENCE 40
#define EVIDENCE_BYTES 250000u

/* The record of `kind` with `payload` at `seq` of lane 0, signed with the hub's first key. */
static void sign_as_before(uint16_t kind, uint64_t seq, struct slice payload, struct buf *ret) {
    struct fixture_author thief;
    struct record_header h = {.kind = kind,
                              .payload_version = PAYLOAD_VERSION,
                              .epoch = 1,
                              .seq = seq,
                              .claimed = hub.now.wall,
                              .deployment = hub.actor.deployment,
                              .actor = hub.actor.id};
    memset(h.prev.b, 0x55, sizeof h.prev.b);
    fixture_author_init(&thief, 3, &hub.province); /* the seed of the hub's first key */
    assert_true(hash_equal(&thief.id, &hub.actor.id));
    fixture_sign(&thief, &h, payload, ret);
    fixture_author_done(&thief);
}

/* An enrolment of `x` in the place of the office, of which nothing is good. */
static void enrol_as_before(const struct fixture_author *x, uint64_t seq, struct buf *ret) {
    struct last_good end = {OFFICE->actor.id, 1, OFFICE->actor.unit, 0};
    struct payload_enrol p = {.role = ROLE_NODE, .n_ends = 1, .ends = &end};
    struct buf payload;
    struct err e = {0};
    p.grant = (struct payload_grant){.actor = x->id,
                                     .epoch = 1,
                                     .sign_key = *key_pair_public(x->sign),
                                     .transport_key = *key_pair_public(x->transport),
                                     .unit = x->unit};
    buf_init(&payload);
    join_prove(&p, &hub.actor.deployment, x->sign);
    FIXTURE_OK(payload_enrol_encode(&p, &payload, &e), &e);
    sign_as_before(KIND_ENROL, seq, buf_slice(&payload), ret);
    buf_done(&payload);
}

/* `f` comes `from` somewhere, and the hub steps. */
static void take(const struct sender *from, const struct frame *f) {
    struct buf b;
    struct err e = {0};
    buf_init(&b);
    FIXTURE_OK(frame_encode(f, &b, &e), &e);
    FIXTURE_OK(hub_take(&hub.hub, from, hub.now, buf_slice(&b), &e), &e);
    buf_done(&b);
    fixture_step(&hub);
    fixture_drop_all(&hub);
}

/* `m`, connected, sends `record` as number `n` after what its outbox has. */
static void carry(struct machine *m, struct slice record, uint64_t n) {
    struct sender from = {.peer = peer_of(m), .actor = m->actor.id};
    struct frame f = {.type = FRAME_RECORDS};
    struct txn *t;
    struct err e = {0};
    FIXTURE_OK(txn_begin(m->actor.db, false, &t, &e), &e);
    uint64_t at = stream_end(t, &m->actor.outbox) + n;
    txn_abort(t);
    f.u.records = (struct frame_records){m->actor.outbox, at, at, 1, &record};
    take(&from, &f);
}

static bool stands(const struct hash *id) {
    struct txn *t;
    struct record r;
    struct err e = {0};
    FIXTURE_OK(txn_begin(hub.actor.db, false, &t, &e), &e);
    bool ok = log_get(t, id, &r, NULL) == 0 && roster_stands(t, &r.h);
    txn_abort(t);
    return ok;
}

static bool is_member(const struct fixture_author *x) {
    struct txn *t;
    struct member m;
    struct err e = {0};
    FIXTURE_OK(txn_begin(hub.actor.db, false, &t, &e), &e);
    bool is = roster_find(t, &x->id, 1, &m);
    txn_abort(t);
    return is;
}

static void what_a_changed_key_says_in_a_place_that_is_taken_is_not_said_again(void **state) {
    (void)state;
    struct fixture_author x;
    struct buf record;
    struct hash report = machine_say(OFFICE, "a report");
    assert_true(machine_sync(OFFICE));
    hub_change_key(ROOT);
    assert_true(machine_sync(OFFICE) && machine_sync(CARRIER));
    assert_true(stands(&report));
    fixture_author_init(&x, 50, &hub.communes[0]);
    enrol_as_before(&x, 2, &record);
    carry(CARRIER, buf_slice(&record), 1);
    assert_int_equal(rows_in(hub.actor.db, TABLE_FORKS), 1);
    assert_false(is_member(&x));
    assert_true(stands(&report));
    assert_true(machine_sync(OFFICE));
    buf_done(&record);
    fixture_author_done(&x);
}

/* The store of before, and the key file of now: the disk died, and the key had a copy. */
static void put_store_back(void) {
    char copy[FIXTURE_PATH + 8], lock[FIXTURE_PATH];
    hub_close();
    (void)snprintf(copy, sizeof copy, "%s.copy", hub.dir);
    copy_file(copy, hub.dir, "data.mdb");
    fixture_join_path(lock, hub.dir, "lock.mdb");
    (void)remove(lock);
    hub_open();
}

static void what_a_changed_key_enrols_is_not_let_in_where_the_store_was_put_back(void **state) {
    (void)state;
    struct fixture_author x;
    struct buf record;
    struct hash report = machine_say(OFFICE, "a report");
    assert_true(machine_sync(OFFICE) && machine_sync(CARRIER));
    hub_copy(false);
    hub_change_key(ROOT);
    assert_true(machine_sync(OFFICE) && machine_sync(CARRIER));
    put_store_back();
    fixture_author_init(&x, 50, &hub.communes[0]);
    enrol_as_before(&x, 40, &record);
    struct frame f = {.type = FRAME_JOIN, .u.join = {.token = {1}, .record = buf_slice(&record)}};
    struct sender from = {
        .peer = 77, .guest = true, .transport_key = *key_pair_public(x.transport)};
    take(&from, &f);
    assert_false(is_member(&x));
    (void)machine_sync(OFFICE);
    (void)machine_sync(CARRIER);
    (void)hub_renew(ROOT);
    assert_false(is_member(&x));
    assert_true(stands(&report));
    buf_done(&record);
    fixture_author_done(&x);
}

static void evidence_that_a_changed_key_makes_is_bounded(void **state) {
    (void)state;
    static const uint8_t large[EVIDENCE_BYTES];
    assert_true(machine_sync(CARRIER));
    hub_change_key(ROOT);
    assert_true(machine_sync(CARRIER));
    for (uint64_t i = 1; i <= EVIDENCE; i++) {
        struct buf record;
        hub.now.wall++;
        sign_as_before(999, 2, slice_of(large, sizeof large), &record);
        carry(CARRIER, buf_slice(&record), i);
        buf_done(&record);
    }
    uint64_t kept = rows_in(hub.actor.db, TABLE_FORKS);
    assert_true(kept > 0 && kept * EVIDENCE_BYTES <= LIMIT_FORK_BYTES + EVIDENCE_BYTES);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_a_changed_key_says_in_a_place_that_is_taken_is_not_said_again),
        TEST(what_a_changed_key_enrols_is_not_let_in_where_the_store_was_put_back),
        TEST(evidence_that_a_changed_key_makes_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
