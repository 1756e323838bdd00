#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/mem.h"
#include "node/joining.h"
#include "store/host.h"
#include "store/keyfile.h"
#include "tests/unit/fixture_hub.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct fixture_hub hub;
static struct ticket ticket;
static char dir[FIXTURE_PATH];
static struct actor child;
static struct post post;

static int begin(void **state) {
    (void)state;
    fixture_hub_open(&hub, NULL);
    ticket = fixture_ticket(&hub, &hub.communes[0], ROLE_NODE, 7);
    fixture_join_path(dir, hub.folder, "node");
    post_init(&post);
    return 0;
}

static int end(void **state) {
    (void)state;
    mem_fail_at(-1);
    post_done(&post);
    actor_close(&child);
    fixture_hub_close(&hub);
    return 0;
}

static void prepare(const struct ticket *with) {
    struct err e = {0};
    actor_close(&child);
    FIXTURE_OK(joining_prepare(dir, with, NULL, &hub.world, "test", &e), &e);
    FIXTURE_OK(actor_open(dir, ROLE_NODE, NULL, NULL, &child, &e), &e);
}

static bool joined(void) {
    struct txn *t;
    struct err e = {0};
    FIXTURE_OK(txn_begin(child.db, false, &t, &e), &e);
    bool yes = joining_done(t);
    txn_abort(t);
    return yes;
}

static uint64_t outbox_end(void) {
    struct txn *t;
    struct err e = {0};
    FIXTURE_OK(txn_begin(child.db, false, &t, &e), &e);
    uint64_t n = txn_count(t, TABLE_STREAMS);
    txn_abort(t);
    return n;
}

/* The child's request through the hub, as a guest with the transport key `key`; the answer's bytes
 * into `out`. */
static void ask(const struct ticket *with, const struct public_key *key, struct buf *out) {
    struct sender from = {.peer = 1, .guest = true, .transport_key = *key};
    struct slice frame;
    uint32_t peer;
    struct err e = {0};
    FIXTURE_OK(joining_request(&child, with, &post, &e), &e);
    assert_true(post_next(&post, &peer, &frame));
    FIXTURE_OK(hub_take(&hub.hub, &from, hub.now, frame, &e), &e);
    fixture_step(&hub);
    assert_true(post_next(&hub.hub.post, &peer, &frame));
    assert_int_equal(peer, 1);
    buf_init(out);
    buf_put(out, frame.data, frame.len);
}

static int answer(const struct buf *b) {
    return joining_answer(&child, buf_slice(b), NULL);
}

/* ---- what a directory is ---- */

static void keys_are_durable_before_anything_is_asked_and_stay_the_same(void **state) {
    (void)state;
    prepare(&ticket);
    struct hash id = child.id;
    struct uid outbox = child.outbox;
    assert_int_equal(outbox_end(), 1); /* its own join record */
    assert_false(joined());
    prepare(&ticket);
    assert_true(hash_equal(&child.id, &id));
    assert_true(uid_equal(&child.outbox, &outbox));
    assert_int_equal(outbox_end(), 1);
}

static void a_join_that_was_never_answered_is_begun_anew_with_another_ticket(void **state) {
    (void)state;
    struct ticket second = fixture_ticket(&hub, &hub.communes[1], ROLE_NODE, 8);
    prepare(&ticket);
    struct hash id = child.id;
    prepare(&second);
    assert_false(hash_equal(&child.id, &id));
    assert_true(uid_equal(&child.unit, &hub.communes[1]));
}

static void a_directory_that_belongs_to_a_hub_is_refused_and_left_as_it_was(void **state) {
    (void)state;
    struct err e = {0};
    uint64_t records = fixture_count(&hub, TABLE_RECORDS);
    hub_done(&hub.hub);
    actor_close(&hub.actor);
    assert_int_equal(joining_prepare(hub.dir, &ticket, NULL, &hub.world, "test", &e), ERR_REFUSED);
    err_clear(&e);
    FIXTURE_OK(actor_open(hub.dir, ROLE_HUB, NULL, &hub.options, &hub.actor, &e), &e);
    hub_init(&hub.hub, &hub.actor, &hub.world, "test", hub.now);
    assert_int_equal(fixture_count(&hub, TABLE_RECORDS), records);
}

static void a_directory_that_has_joined_is_refused_and_left_as_it_was(void **state) {
    (void)state;
    struct ticket second = fixture_ticket(&hub, &hub.communes[1], ROLE_NODE, 8);
    struct buf b;
    struct err e = {0};
    prepare(&ticket);
    ask(&ticket, key_pair_public(child.transport), &b);
    assert_int_equal(answer(&b), 0);
    buf_done(&b);
    actor_close(&child);
    assert_int_equal(joining_prepare(dir, &ticket, NULL, &hub.world, "test", &e), ERR_REFUSED);
    err_clear(&e);
    assert_int_equal(joining_prepare(dir, &second, NULL, &hub.world, "test", &e), ERR_REFUSED);
    err_clear(&e);
    FIXTURE_OK(actor_open(dir, ROLE_NODE, NULL, NULL, &child, &e), &e);
    assert_true(joined());
}

static void a_directory_cut_off_after_its_keys_goes_on_with_them(void **state) {
    (void)state;
    char path[FIXTURE_PATH];
    prepare(&ticket);
    struct hash id = child.id;
    actor_close(&child);
    fixture_join_path(path, dir, "data.mdb");
    assert_int_equal(unlink(path), 0);
    fixture_join_path(path, dir, "lock.mdb");
    assert_int_equal(unlink(path), 0);
    prepare(&ticket);
    assert_true(hash_equal(&child.id, &id));
}

/* ---- the answer ---- */

static void a_lost_answer_is_no_lost_ticket(void **state) {
    (void)state;
    struct buf first, second;
    prepare(&ticket);
    ask(&ticket, key_pair_public(child.transport), &first);
    prepare(&ticket); /* the program was started again */
    ask(&ticket, key_pair_public(child.transport), &second);
    assert_true(slice_equal(buf_slice(&first), buf_slice(&second)));
    assert_int_equal(answer(&second), 0);
    assert_true(joined());
    assert_true(hash_equal(&child.parent, &hub.actor.id));
    assert_int_equal(answer(&first), 0); /* twice is once */
    buf_done(&first);
    buf_done(&second);
}

static void an_answer_counts_once_it_is_committed_and_not_before(void **state) {
    (void)state;
    struct buf b;
    prepare(&ticket);
    ask(&ticket, key_pair_public(child.transport), &b);
    int rc = ERR_NOMEM;
    for (long nth = 0; rc != 0; nth++) {
        mem_fail_at(nth);
        rc = answer(&b);
        mem_fail_at(-1);
        assert_true(rc == 0 || rc == ERR_NOMEM);
        assert_int_equal(joined(), rc == 0);
        assert_int_equal(hash_is_zero(&child.parent), rc != 0);
    }
    buf_done(&b);
}

static void what_the_hub_refuses_is_said_in_its_words(void **state) {
    (void)state;
    struct ticket other = ticket;
    struct buf b;
    struct err e = {0};
    prepare(&ticket);
    other.token[0] ^= 1;
    ask(&other, key_pair_public(child.transport), &b);
    assert_int_equal(joining_answer(&child, buf_slice(&b), &e), ERR_REFUSED);
    buf_done(&b);
    buf_init(&b);
    buf_put_str(&b, "HTTP/1.1 400 Bad Request");
    assert_true(answer(&b) < 0);
    assert_false(joined());
    buf_done(&b);
}

/* ---- the way ---- */

#define WAY 6
static struct fixture_author root, recovery, top, district, stranger;
static struct buf way[WAY];
static uint32_t way_n;

static void way_put(const struct fixture_author *by, uint16_t kind, const struct buf *payload,
                    void (*twist)(struct record_header *h)) {
    struct record_header h = fixture_header(&hub, by, kind);
    h.lane = (struct uid){{0}};
    if (twist)
        twist(&h);
    fixture_sign(by, &h, buf_slice(payload), &way[way_n++]);
}

static void way_genesis(const struct fixture_author *by) {
    struct payload_genesis p = {*key_pair_public(by->sign), *key_pair_public(recovery.sign),
                                hub.province};
    struct record_header h = {.kind = KIND_GENESIS,
                              .payload_version = 1,
                              .epoch = 1,
                              .seq = 1,
                              .claimed = hub.actor.deployment.b[0],
                              .actor = by->id};
    struct err e = {0};
    struct buf b;
    buf_init(&b);
    FIXTURE_OK(payload_genesis_encode(&p, &b, &e), &e);
    struct hash id = fixture_sign(by, &h, buf_slice(&b), &way[way_n++]);
    if (by == &root) { /* a deployment of its own, whose ticket the child has */
        hub.actor.deployment = id;
        child.deployment = id;
    }
    buf_done(&b);
}

static void way_grant(const struct fixture_author *by, uint16_t kind, const struct payload_grant *g,
                      enum role role, void (*twist)(struct record_header *h)) {
    struct payload_enrol p = {.grant = *g, .role = role};
    struct err e = {0};
    struct buf b;
    buf_init(&b);
    FIXTURE_OK(kind == KIND_GRANT ? payload_grant_encode(g, &b, &e)
                                  : payload_enrol_encode(&p, &b, &e),
               &e);
    way_put(by, kind, &b, twist);
    buf_done(&b);
}

static struct payload_grant of(const struct fixture_author *a) {
    return (struct payload_grant){a->id, 1, *key_pair_public(a->sign),
                                  *key_pair_public(a->transport), a->unit};
}

static struct payload_grant mine(void) {
    return (struct payload_grant){child.id, 1, *key_pair_public(child.sign),
                                  *key_pair_public(child.transport), child.unit};
}

static void begin_way(void) {
    struct payload_grant g = of(&top);
    way_genesis(&root);
    way_grant(&root, KIND_GRANT, &g, ROLE_HUB, NULL);
}

static void end_way(const struct fixture_author *by, const struct payload_grant *g, enum role role,
                    void (*twist)(struct record_header *h)) {
    way_grant(by, KIND_ENROL, g, role, twist);
}

static void in_a_lane(struct record_header *h) {
    h->lane = child.unit;
}
static void of_version_two(struct record_header *h) {
    h->payload_version = 2;
}
static void of_another_deployment(struct record_header *h) {
    h->deployment.b[1] ^= 1;
}
static void of_a_later_epoch(struct record_header *h) {
    h->epoch = 2;
}

/* Each makes a way; genuine ones lead here. */
static void genuine(void) {
    struct payload_grant g = mine();
    begin_way();
    end_way(&top, &g, ROLE_NODE, NULL);
}
static void by_the_recovery_key(void) {
    struct payload_grant g = of(&top), m = mine();
    way_genesis(&root);
    way_grant(&recovery, KIND_GRANT, &g, ROLE_HUB, NULL);
    end_way(&top, &m, ROLE_NODE, NULL);
}
static void by_a_district(void) {
    struct payload_grant g = of(&district), m = mine();
    begin_way();
    way_grant(&top, KIND_ENROL, &g, ROLE_HUB, NULL);
    end_way(&district, &m, ROLE_NODE, NULL);
}
static void nothing(void) {
}
static void genesis_alone(void) {
    way_genesis(&root);
}
static void no_enrolment(void) {
    begin_way();
}
static void no_grant(void) {
    struct payload_grant m = mine();
    way_genesis(&root);
    end_way(&top, &m, ROLE_NODE, NULL);
}
static void another_genesis(void) {
    genuine();
    buf_done(&way[0]);
    way_n = 0;
    struct buf rest[2] = {way[1], way[2]};
    way_genesis(&stranger);
    way[1] = rest[0];
    way[2] = rest[1];
    way_n = 3;
}
static void genesis_with_a_broken_signature(void) {
    genuine();
    way[0].data[RECORD_HEADER_BYTES + 3] ^= 1;
}
static void grant_with_a_broken_signature(void) {
    genuine();
    way[1].data[RECORD_HEADER_BYTES + 3] ^= 1;
}
static void enrolment_with_a_broken_signature(void) {
    genuine();
    way[2].data[RECORD_HEADER_BYTES + 3] ^= 1;
}
static void a_hub_that_grants_itself(void) {
    struct payload_grant g = of(&top), m = mine();
    way_genesis(&root);
    way_grant(&top, KIND_GRANT, &g, ROLE_HUB, NULL);
    end_way(&top, &m, ROLE_NODE, NULL);
}
static void enrolled_by_a_stranger(void) {
    struct payload_grant m = mine();
    begin_way();
    end_way(&stranger, &m, ROLE_NODE, NULL);
}
static void enrolled_by_a_node(void) {
    struct payload_grant g = of(&district), m = mine();
    begin_way();
    way_grant(&top, KIND_ENROL, &g, ROLE_NODE, NULL);
    end_way(&district, &m, ROLE_NODE, NULL);
}
static void enrolled_by_the_root_key(void) {
    struct payload_grant m = mine();
    begin_way();
    end_way(&root, &m, ROLE_NODE, NULL);
}
static void granted_by_a_hub(void) {
    struct payload_grant m = mine();
    begin_way();
    way_grant(&top, KIND_GRANT, &m, ROLE_NODE, NULL);
}
static void granted_by_the_root_key(void) {
    struct payload_grant m = mine();
    begin_way();
    way_grant(&root, KIND_GRANT, &m, ROLE_NODE, NULL);
}
static void another_unit(void) {
    struct payload_grant m = mine();
    m.unit = hub.communes[2];
    begin_way();
    end_way(&top, &m, ROLE_NODE, NULL);
}
static void another_role(void) {
    struct payload_grant m = mine();
    begin_way();
    end_way(&top, &m, ROLE_HUB, NULL);
}
static void another_transport_key(void) {
    struct payload_grant m = mine();
    m.transport_key = *key_pair_public(stranger.transport);
    begin_way();
    end_way(&top, &m, ROLE_NODE, NULL);
}
static void another_sign_key(void) {
    struct payload_grant m = mine();
    m.sign_key = *key_pair_public(stranger.sign);
    begin_way();
    end_way(&top, &m, ROLE_NODE, NULL);
}
static void another_epoch(void) {
    struct payload_grant m = mine();
    m.epoch = 2;
    begin_way();
    end_way(&top, &m, ROLE_NODE, NULL);
}
static void somebody_else(void) {
    struct payload_grant g = of(&stranger);
    begin_way();
    end_way(&top, &g, ROLE_NODE, NULL);
}
static void something_after_it(void) {
    struct payload_grant g = of(&stranger);
    genuine();
    end_way(&top, &g, ROLE_NODE, NULL);
}
static void a_hub_under_a_borrowed_name(void) {
    struct payload_grant g = of(&district), m = mine();
    g.actor = top.id;
    g.actor.b[0] ^= 1;
    district.id = g.actor;
    begin_way();
    way_grant(&top, KIND_ENROL, &g, ROLE_HUB, NULL);
    end_way(&district, &m, ROLE_NODE, NULL);
}
static void twisted(void (*twist)(struct record_header *h)) {
    struct payload_grant m = mine();
    begin_way();
    end_way(&top, &m, ROLE_NODE, twist);
}
static void not_in_lane_zero(void) {
    twisted(in_a_lane);
}
static void a_later_payload(void) {
    twisted(of_version_two);
}
static void a_foreign_deployment(void) {
    twisted(of_another_deployment);
}
static void a_later_epoch(void) {
    twisted(of_a_later_epoch);
}

static int take_way(void) {
    struct slice records[WAY];
    struct frame f = {.type = FRAME_JOINED};
    struct err e = {0};
    struct buf b;
    for (uint32_t i = 0; i < way_n; i++)
        records[i] = buf_slice(&way[i]);
    f.u.records = (struct frame_records){.n = way_n, .records = records};
    buf_init(&b);
    int rc = frame_encode(&f, &b, &e);
    if (rc == 0)
        rc = answer(&b);
    buf_done(&b);
    for (uint32_t i = 0; i < way_n; i++)
        buf_done(&way[i]);
    way_n = 0;
    return rc;
}

static void init_way(void) {
    prepare(&ticket);
    way_n = 0;
    fixture_author_init(&root, 41, &(struct uid){{0}});
    fixture_author_init(&recovery, 42, &(struct uid){{0}});
    fixture_author_init(&top, 43, &hub.province);
    fixture_author_init(&district, 44, &hub.communes[0]);
    fixture_author_init(&stranger, 45, &hub.communes[0]);
}

static void done_way(void) {
    fixture_author_done(&root);
    fixture_author_done(&recovery);
    fixture_author_done(&top);
    fixture_author_done(&district);
    fixture_author_done(&stranger);
}

static void no_forged_way_is_taken_at_any_step(void **state) {
    (void)state;
#define FORGED(f)                                                                                  \
    { #f, f }
    static const struct {
        const char *name;
        void (*make)(void);
    } cases[] = {
        FORGED(nothing),
        FORGED(genesis_alone),
        FORGED(no_enrolment),
        FORGED(no_grant),
        FORGED(another_genesis),
        FORGED(genesis_with_a_broken_signature),
        FORGED(grant_with_a_broken_signature),
        FORGED(enrolment_with_a_broken_signature),
        FORGED(a_hub_that_grants_itself),
        FORGED(enrolled_by_a_stranger),
        FORGED(enrolled_by_a_node),
        FORGED(enrolled_by_the_root_key),
        FORGED(granted_by_a_hub),
        FORGED(granted_by_the_root_key),
        FORGED(another_unit),
        FORGED(another_role),
        FORGED(another_transport_key),
        FORGED(another_sign_key),
        FORGED(another_epoch),
        FORGED(somebody_else),
        FORGED(something_after_it),
        FORGED(a_hub_under_a_borrowed_name),
        FORGED(not_in_lane_zero),
        FORGED(a_later_payload),
        FORGED(a_foreign_deployment),
        FORGED(a_later_epoch),
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        init_way();
        cases[i].make();
        int rc = take_way();
        print_message("%s: %d\n", cases[i].name, rc);
        assert_true(rc < 0);
        assert_false(joined());
        assert_true(hash_is_zero(&child.parent));
        done_way();
    }
}

static void a_way_by_any_hub_from_either_root_key_is_taken(void **state) {
    (void)state;
    static void (*const cases[])(void) = {genuine, by_the_recovery_key, by_a_district};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fixture_remove(dir);
        actor_close(&child);
        init_way();
        cases[i]();
        assert_int_equal(take_way(), 0);
        assert_true(joined());
        assert_true(hash_equal(&child.parent, i == 2 ? &district.id : &top.id));
        done_way();
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(keys_are_durable_before_anything_is_asked_and_stay_the_same),
        TEST(a_join_that_was_never_answered_is_begun_anew_with_another_ticket),
        TEST(a_directory_that_belongs_to_a_hub_is_refused_and_left_as_it_was),
        TEST(a_directory_that_has_joined_is_refused_and_left_as_it_was),
        TEST(a_directory_cut_off_after_its_keys_goes_on_with_them),
        TEST(a_lost_answer_is_no_lost_ticket),
        TEST(an_answer_counts_once_it_is_committed_and_not_before),
        TEST(what_the_hub_refuses_is_said_in_its_words),
        TEST(no_forged_way_is_taken_at_any_step),
        TEST(a_way_by_any_hub_from_either_root_key_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
