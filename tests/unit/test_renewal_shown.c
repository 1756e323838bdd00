/*
 * A hub that was put back from a copy older than the enrolment of a machine: what it signed lets
 * that machine in again, and nothing else does.
 */
#include "hub/revoke.h"
#include "node/check.h"
#include "node/restate.h"
#include "node/rotation.h"
#include "proto/kinds.h"
#include "store/keyfile.h"
#include "tests/unit/mem_unmet.h"
#include "tests/unit/renewal_world.h"

#define OLD (&machines[0])  /* enrolled before the hub was copied */
#define LATE (&machines[2]) /* … and after that */
#define ROOT 1              /* fill byte of the root key's seed */

static void join(uint8_t i) {
    machine_begin(i);
    assert_true(machine_sync(&machines[i]));
}

static int begin_late(void **state) {
    (void)state;
    memset(machines, 0, sizeof machines);
    fixture_hub_open(&hub, NULL);
    fixture_hub_issue(&hub);
    join(0);
    join(1);
    hub_copy(false);
    join(2);
    return 0;
}

/* The enrolment of `m` in its last epoch, as it holds it, in the caller's `out`. */
static void read_enrolment(struct machine *m, struct buf *out) {
    struct member self;
    struct txn *t;
    struct err e = {0};
    FIXTURE_OK(txn_begin(m->actor.db, false, &t, &e), &e);
    assert_true(roster_find(t, &m->actor.id, roster_epoch(t, &m->actor.id), &self));
    txn_abort(t);
    read_record(m->actor.db, &self.record, out);
}

static bool is_known(struct machine *m) {
    struct hash who;
    return hub_knows(&hub.hub, key_pair_public(m->actor.transport), &who) == 1;
}

/* A guest with the transport key of `m` shows the hub `record`, which has yet to look at it. */
static void show(struct machine *m, struct slice record) {
    struct frame f = {.type = FRAME_JOIN, .u.join = {.token = {1}, .record = record}};
    struct sender from = {.peer = 77, .guest = true};
    struct slice frame;
    struct post post;
    uint32_t peer;
    struct err e = {0};
    from.transport_key = *key_pair_public(m->actor.transport);
    post_init(&post);
    FIXTURE_OK(post_put(&post, 0, &f, &e), &e);
    post_release(&post);
    assert_true(post_next(&post, &peer, &frame));
    FIXTURE_OK(hub_take(&hub.hub, &from, hub.now, frame, &e), &e);
    post_done(&post);
}

/* … and what the hub answers it. */
static uint32_t shows(struct machine *m, struct slice record) {
    struct frame answer;
    show(m, record);
    fixture_step(&hub);
    assert_true(fixture_expect(&hub, 77, FRAME_REFUSED, &answer));
    return answer.u.refused.code;
}

static int check_hub(void) {
    struct findings f;
    struct err e = {0};
    struct txn *t;
    FIXTURE_OK(actor_begin(&hub.actor, false, &t, &e), &e);
    f = (struct findings){.world = &hub.world};
    FIXTURE_OK(check_here(&hub.actor, t, NULL, &f, &e), &e);
    int total = (int)f.total;
    for (uint32_t i = 0; i < f.n; i++)
        print_message("%s\n", f.list[i].what);
    check_findings_done(&f);
    actor_abort(&hub.actor, t);
    return total;
}

/* What it was receipted comes back, with the instant that its receipt named, and counts once. */
static void assert_all_is_back(const struct hash *report, instant at) {
    instant again;
    assert_true(machine_sync(LATE));
    assert_true(holds(hub.actor.db, report));
    assert_int_equal(said_in(hub.actor.db, report, &again), RECEIPT_HELD);
    assert_int_equal(again, at);
    struct hash next = machine_say(LATE, "after");
    assert_true(machine_sync(LATE));
    assert_int_equal(said_in(LATE->actor.db, &next, NULL), RECEIPT_HELD);
    assert_true(machine_sync(OLD));
    assert_int_equal(check_hub(), 0);
    assert_int_equal(fixture_count(&hub, TABLE_FORKS), 0);
}

static void a_hub_put_back_to_before_an_enrolment_is_told_of_it(void **state) {
    (void)state;
    instant at;
    struct hash report = machine_say(LATE, "receipted, then forgotten");
    assert_true(machine_sync(LATE));
    assert_int_equal(said_in(LATE->actor.db, &report, &at), RECEIPT_HELD);
    hub_copy(true);
    assert_false(is_known(LATE));
    hub.now.wall += 86400000;
    (void)machine_sync(LATE);
    assert_true(is_known(LATE));
    assert_true(hub.actor.spent);
    assert_int_equal(hub_renew(ROOT), 0);
    assert_all_is_back(&report, at);
}

static void it_is_told_after_it_was_renewed_as_well(void **state) {
    (void)state;
    instant at;
    struct hash report = machine_say(LATE, "receipted, then forgotten");
    assert_true(machine_sync(LATE));
    assert_int_equal(said_in(LATE->actor.db, &report, &at), RECEIPT_HELD);
    hub_copy(true);
    machine_say(OLD, "known all along");
    struct txn *t;
    struct err e = {0};
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
    renewal_lost(&hub.actor, t);
    FIXTURE_OK(actor_commit(&hub.actor, t, &e), &e);
    FIXTURE_OK(hub_tick(&hub.hub, hub.now, &e), &e);
    (void)machine_sync(OLD);
    assert_int_equal(hub_renew(ROOT), 0);
    assert_all_is_back(&report, at);
    assert_false(hub.actor.spent);
}

static void new_keys_that_it_does_not_know_are_shown(void **state) {
    (void)state;
    struct err e = {0};
    for (unsigned i = 0; i < 2; i++) {
        struct machine *m = i == 0 ? OLD : LATE; /* enrolled before that copy, and after it */
        FIXTURE_OK(rotation_prepare(&m->actor, m->dir, &hub.world, &e), &e);
        assert_true(machine_sync(m));
        assert_int_equal(m->actor.epoch, 2);
        machine_close(m); /* the keys before are gone with this */
        machine_open(m);
    }
    struct hash report = machine_say(OLD, "with new keys");
    assert_true(machine_sync(OLD));
    hub_copy(true);
    assert_false(is_known(OLD));
    for (unsigned i = 0; i < 2; i++)
        (void)machine_sync(i == 0 ? OLD : LATE);
    assert_true(is_known(OLD));
    assert_true(is_known(LATE));
    assert_int_equal(hub_renew(ROOT), 0);
    assert_true(machine_sync(OLD));
    assert_true(machine_sync(LATE));
    assert_int_equal(said_in(hub.actor.db, &report, NULL), RECEIPT_HELD);
    assert_int_equal(check_hub(), 0);
}

/* Its new keys end its old ones, not the machine. */
static void new_keys_after_new_keys_are_shown(void **state) {
    (void)state;
    struct err e = {0};
    for (unsigned i = 0; i < 2; i++) {
        FIXTURE_OK(rotation_prepare(&OLD->actor, OLD->dir, &hub.world, &e), &e);
        assert_true(machine_sync(OLD));
        machine_close(OLD);
        machine_open(OLD);
        if (i == 0)
            hub_copy(false);
    }
    assert_int_equal(OLD->actor.epoch, 3);
    hub_copy(true);
    assert_false(is_known(OLD));
    (void)machine_sync(OLD);
    assert_true(is_known(OLD));
    assert_int_equal(hub_renew(ROOT), 0);
    assert_true(machine_sync(OLD));
    assert_int_equal(check_hub(), 0);
}

/* It lacks whom that machine replaced, too, and learns of all of them in their order. */
static void whom_it_enrolled_in_anothers_place_is_let_in(void **state) {
    (void)state;
    machine_close(LATE);
    *LATE = (struct machine){.role = ROLE_NODE};
    LATE->ticket = fixture_ticket(&hub, &hub.communes[2], ROLE_NODE, 99);
    fixture_join_path(LATE->dir, hub.folder, "other");
    machine_join(LATE);
    assert_true(machine_sync(LATE));
    struct hash report = machine_say(LATE, "in its place");
    assert_true(machine_sync(LATE));
    hub_copy(true);
    (void)machine_sync(LATE);
    assert_int_equal(hub_renew(ROOT), 0);
    assert_true(machine_sync(LATE));
    assert_int_equal(said_in(hub.actor.db, &report, NULL), RECEIPT_HELD);
    struct txn *t;
    struct member m;
    struct err e = {0};
    FIXTURE_OK(actor_begin(&hub.actor, false, &t, &e), &e);
    assert_true(roster_of_unit(t, &hub.communes[2], BY_NODE, &m));
    assert_true(hash_equal(&m.actor, &LATE->actor.id));
    actor_abort(&hub.actor, t);
    assert_int_equal(check_hub(), 0);
}

/* As above, but one of the two that were there before comes only now, into the place of LATE. */
static int begin_taken(void **state) {
    (void)state;
    memset(machines, 0, sizeof machines);
    fixture_hub_open(&hub, NULL);
    fixture_hub_issue(&hub);
    join(0);
    hub_copy(false);
    join(2);
    return 0;
}

/* Its enrolment is said anew, where everybody gets it: what came back cannot have its place. */
static void assert_enrolled_anew(const struct hash *report) {
    struct txn *t;
    struct member m;
    struct record r;
    struct err e = {0};
    assert_true(machine_sync(LATE));
    assert_int_equal(said_in(hub.actor.db, report, NULL), RECEIPT_HELD);
    FIXTURE_OK(actor_begin(&hub.actor, false, &t, &e), &e);
    assert_true(roster_find(t, &LATE->actor.id, 1, &m));
    FIXTURE_OK(log_get(t, &m.record, &r, &e), &e);
    assert_int_equal(r.h.epoch, 2);
    actor_abort(&hub.actor, t);
    assert_int_equal(check_hub(), 0);
    assert_true(machine_sync(OLD));
    struct member known;
    FIXTURE_OK(txn_begin(OLD->actor.db, false, &t, &e), &e);
    assert_true(roster_find(t, &LATE->actor.id, 1, &known));
    assert_true(hash_equal(&known.record, &m.record));
    txn_abort(t);
}

static void one_whose_place_went_to_another_is_enrolled_anew(void **state) {
    (void)state;
    struct hash report = machine_say(LATE, "receipted, then forgotten");
    assert_true(machine_sync(LATE));
    hub_copy(true);
    join(1);
    (void)machine_sync(LATE);
    assert_true(hub.actor.spent);
    assert_int_equal(hub_renew(ROOT), 0);
    assert_enrolled_anew(&report);
}

static void one_whom_a_neighbour_remembers_need_not_show_anything(void **state) {
    (void)state;
    struct hash report = machine_say(LATE, "receipted, then forgotten");
    assert_true(machine_sync(LATE));
    assert_true(machine_sync(OLD));
    hub_copy(true);
    join(1);
    (void)machine_sync(OLD);
    assert_true(hub.actor.spent);
    assert_int_equal(hub_renew(ROOT), 0);
    assert_true(is_known(LATE));
    assert_true(machine_sync(LATE));
    assert_int_equal(said_in(hub.actor.db, &report, NULL), RECEIPT_HELD);
    assert_true(machine_sync(OLD));
    assert_int_equal(check_hub(), 0);
}

static void so_it_is_when_it_comes_after_the_renewal(void **state) {
    (void)state;
    struct txn *t;
    struct err e = {0};
    struct hash report = machine_say(LATE, "receipted, then forgotten");
    assert_true(machine_sync(LATE));
    hub_copy(true);
    join(1);
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
    renewal_lost(&hub.actor, t);
    FIXTURE_OK(actor_commit(&hub.actor, t, &e), &e);
    FIXTURE_OK(hub_tick(&hub.hub, hub.now, &e), &e);
    (void)machine_sync(OLD);
    assert_int_equal(hub_renew(ROOT), 0);
    assert_enrolled_anew(&report);
}

static void nothing_else_lets_a_stranger_in(void **state) {
    (void)state;
    struct buf good, other;
    read_enrolment(LATE, &good);
    hub_copy(true);
    for (size_t bit = 0; bit < 8 * good.len; bit += 7) {
        good.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        uint32_t code = 0;
        struct record r;
        if (record_parse(buf_slice(&good), &r, NULL) == 0 && r.h.kind == KIND_ENROL) {
            code = shows(LATE, buf_slice(&good));
            if (code != REFUSED_UNKNOWN || is_known(LATE) || hub.actor.spent)
                fail_msg("bit %zu: %u", bit, code);
        }
        good.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    read_enrolment(OLD, &other); /* it is held, and known: nothing is lacking */
    assert_int_equal(shows(LATE, buf_slice(&other)), REFUSED_BUSY);
    assert_false(is_known(LATE));
    assert_false(hub.actor.spent);
    assert_int_equal(shows(LATE, buf_slice(&good)), REFUSED_BUSY);
    assert_true(is_known(LATE));
    assert_true(hub.actor.spent);
    buf_done(&good);
    buf_done(&other);
}

static char words[] = "mất máy", *args[] = {words};
static const struct act_reason why = {ACT_REASON_WORDS, 1, args};

/* The hub revokes `m`. */
static void revoke(struct machine *m) {
    struct ending ending = {0};
    struct member at;
    struct txn *t;
    struct hash id;
    struct err e = {0};
    hub_gone(&hub.hub, peer_of(m)); /* it is not there to be told */
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
    assert_true(roster_find(t, &m->actor.id, 1, &at));
    FIXTURE_OK(revoke_ending(t, &at, NULL, &ending, &e), &e);
    FIXTURE_OK(revoke_state(&hub.actor, t, &at, &ending, &why, hub.now.wall, &id, &e), &e);
    FIXTURE_OK(actor_commit(&hub.actor, t, &e), &e);
    ending_done(&ending);
}

/* The hub forgot both that it enrolled LATE and that it revoked it; in those places stands another
 * by now. OLD knows of both. */
static void forget_a_revocation(void) {
    revoke(LATE);
    assert_true(machine_sync(OLD));
    hub_copy(true);
    join(1);
}

static void one_that_was_revoked_stays_out(void **state) {
    (void)state;
    struct buf enrolment;
    read_enrolment(LATE, &enrolment);
    forget_a_revocation();
    (void)machine_sync(OLD);
    assert_true(hub.actor.spent);
    assert_int_equal(shows(LATE, buf_slice(&enrolment)), REFUSED_BUSY); /* it is spent */
    assert_false(is_known(LATE));
    assert_int_equal(hub_renew(ROOT), 0);
    assert_int_equal(shows(LATE, buf_slice(&enrolment)), REFUSED_REVOKED);
    assert_false(is_known(LATE));
    assert_true(machine_sync(OLD));
    assert_int_equal(check_hub(), 0);
    buf_done(&enrolment);
}

/* Flip a bit of what stands at `key` of `table` of the hub. */
static void damage(struct txn *t, enum store_table table, struct slice key) {
    struct slice v;
    struct buf bytes;
    assert_true(txn_get(t, table, key, &v));
    buf_init(&bytes);
    buf_put(&bytes, v.data, v.len);
    bytes.data[bytes.len - 1] ^= 16;
    txn_put(t, table, key, buf_slice(&bytes));
    buf_done(&bytes);
}

/* The one piece of evidence that the hub holds, of its own revocation, cannot be read any more. */
static void damage_evidence(void) {
    struct txn *t;
    struct walk w;
    struct slice k, v;
    uint8_t key[256];
    unsigned n = 0;
    struct record r;
    struct err e = {0};
    FIXTURE_OK(txn_begin(hub.actor.db, true, &t, &e), &e);
    for (;;) { /* a walk ends with what is written */
        bool found = false;
        size_t len = 0;
        unsigned i = 0;
        walk_init(&w, t, TABLE_FORKS, slice_of(NULL, 0));
        while (!found && walk_next(&w, &k, &v)) {
            found = i++ >= n && record_parse(v, &r, NULL) == 0 && r.h.kind == KIND_REVOKE;
            len = k.len;
            assert_true(len <= sizeof key);
            memcpy(key, k.data, len);
        }
        walk_done(&w);
        if (!found)
            break;
        n = i;
        damage(t, TABLE_FORKS, slice_of(key, len));
    }
    assert_true(n > 0);
    FIXTURE_OK(txn_commit(t, &e), &e);
}

/* Whom it revoked is in the evidence alone; without that it cannot know. */
static void where_a_revocation_cannot_be_read_nobody_is_let_in(void **state) {
    (void)state;
    struct buf enrolment;
    struct err e = {0};
    read_enrolment(LATE, &enrolment);
    forget_a_revocation();
    (void)machine_sync(OLD);
    damage_evidence();
    show(LATE, buf_slice(&enrolment));
    assert_int_equal(hub_step(&hub.hub, hub.now, &e), ERR_CORRUPT);
    assert_int_equal(e.code, ERR_CORRUPT);
    assert_false(is_known(LATE));
    buf_done(&enrolment);
}

/* So it is with what stands in its log. */
static void whom_a_hub_ended_is_asked_of_every_record_or_not_at_all(void **state) {
    (void)state;
    struct txn *t;
    struct log_walk w;
    struct hash id;
    struct err e = {0};
    bool ended = false;
    revoke(LATE);
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
    FIXTURE_OK(restate_ends(&hub.actor, t, &LATE->actor.id, &ended, &e), &e);
    assert_true(ended);
    FIXTURE_OK(restate_ends(&hub.actor, t, &OLD->actor.id, &ended, &e), &e);
    assert_false(ended);
    log_walk_init(&w, t, KIND_REVOKE, 0);
    assert_true(log_walk_next(&w, NULL, &id));
    log_walk_done(&w);
    damage(t, TABLE_RECORDS, slice_of(id.b, HASH_BYTES));
    assert_int_equal(restate_ends(&hub.actor, t, &LATE->actor.id, &ended, &e), ERR_CORRUPT);
    assert_int_equal(restate_ends(&hub.actor, t, &OLD->actor.id, &ended, &e), ERR_CORRUPT);
    actor_abort(&hub.actor, t);
}

/* The same of want of memory: either what is so, or that it is not known. */
static void want_of_memory_does_not_forget_whom_a_hub_ended(void **state) {
    (void)state;
    revoke(LATE);
    bool done = false;
    for (long n = 0; !done; n++) {
        struct txn *t;
        struct err e = {0};
        bool ended = false;
        FIXTURE_OK(actor_begin(&hub.actor, false, &t, &e), &e);
        mem_fail_at(n);
        int rc = restate_ends(&hub.actor, t, &LATE->actor.id, &ended, &e);
        done = mem_unmet(n);
        actor_abort(&hub.actor, t);
        assert_true(rc == 0 ? ended : !done && rc == ERR_NOMEM && e.code == ERR_NOMEM);
        assert_true(n < 1000);
    }
}

static void one_that_was_revoked_and_comes_first_is_out_again(void **state) {
    (void)state;
    forget_a_revocation();
    (void)machine_sync(LATE);
    assert_true(is_known(LATE));
    (void)machine_sync(OLD);
    assert_int_equal(hub_renew(ROOT), 0);
    assert_false(is_known(LATE));
    assert_true(machine_sync(OLD));
    assert_int_equal(check_hub(), 0);
}

static void one_whose_revocation_comes_after_the_renewal_is_out_then(void **state) {
    (void)state;
    forget_a_revocation();
    (void)machine_sync(LATE);
    assert_int_equal(hub_renew(ROOT), 0);
    (void)machine_sync(LATE);
    assert_true(is_known(LATE));
    (void)machine_sync(OLD);
    assert_false(is_known(LATE));
    assert_int_equal(check_hub(), 0);
}

static void one_that_was_revoked_stays_out_where_nothing_was_said_since(void **state) {
    (void)state;
    revoke(LATE);
    assert_true(machine_sync(OLD));
    hub_copy(true);
    (void)machine_sync(LATE);
    assert_true(is_known(LATE));
    (void)machine_sync(OLD);
    assert_false(is_known(LATE));
    assert_int_equal(hub_renew(ROOT), 0);
    assert_int_equal(check_hub(), 0);
}

/* The root hub goes on with a new key: what the old one signs is nothing. */
static void change_hub_key(void) {
    uint8_t key[SEED_BYTES];
    struct txn *t;
    struct hash id;
    struct err e = {0};
    memset(key, ROOT, sizeof key);
    FIXTURE_OK(rotation_prepare(&hub.actor, hub.dir, &hub.world, &e), &e);
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
    FIXTURE_OK(root_key_rotate(&hub.actor, t, key, &why, hub.now.wall, &id, &e), &e);
    FIXTURE_OK(actor_commit(&hub.actor, t, &e), &e);
    hub_close();
    hub_open();
}

/* An enrolment of `x` at `seq`, signed with the first key of the hub, that replaces `replaced`. */
static void sign_as_before(const struct fixture_author *x, uint64_t seq,
                           const struct machine *replaced, struct buf *ret_record) {
    struct fixture_author thief;
    struct record_header h = {.kind = KIND_ENROL,
                              .payload_version = PAYLOAD_VERSION,
                              .epoch = 1,
                              .seq = seq,
                              .claimed = hub.now.wall,
                              .deployment = hub.actor.deployment,
                              .actor = hub.actor.id};
    struct last_good end = {replaced->actor.id, 1, replaced->actor.unit, 1};
    struct payload_enrol p = {.role = ROLE_NODE, .n_ends = 1, .ends = &end};
    struct buf payload;
    struct err e = {0};
    p.grant = (struct payload_grant){.actor = x->id,
                                     .epoch = 1,
                                     .sign_key = *key_pair_public(x->sign),
                                     .transport_key = *key_pair_public(x->transport),
                                     .unit = x->unit};
    memset(h.prev.b, 0x55, sizeof h.prev.b);
    fixture_author_init(&thief, 3, &hub.province); /* the seed of the first key of the hub */
    assert_true(hash_equal(&thief.id, &hub.actor.id));
    buf_init(&payload);
    FIXTURE_OK(payload_enrol_encode(&p, &payload, &e), &e);
    fixture_sign(&thief, &h, buf_slice(&payload), ret_record);
    buf_done(&payload);
    fixture_author_done(&thief);
}

static void a_key_that_was_changed_lets_nobody_in(void **state) {
    (void)state;
    struct fixture_author x;
    struct hash who;
    change_hub_key();
    fixture_author_init(&x, 50, &hub.communes[3]);
    for (uint64_t seq = 2; seq < 9; seq++) { /* places that are taken, and behind them */
        struct buf record;
        sign_as_before(&x, seq, OLD, &record);
        assert_int_equal(shows(LATE, buf_slice(&record)), REFUSED_UNKNOWN);
        assert_false(hub_knows(&hub.hub, key_pair_public(x.transport), &who) == 1);
        assert_true(is_known(OLD));
        assert_false(hub.actor.spent);
        buf_done(&record);
    }
    assert_int_equal(check_hub(), 0);
    fixture_author_done(&x);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin_late, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_hub_put_back_to_before_an_enrolment_is_told_of_it),
        TEST(it_is_told_after_it_was_renewed_as_well),
        TEST(new_keys_that_it_does_not_know_are_shown),
        TEST(new_keys_after_new_keys_are_shown),
        TEST(whom_it_enrolled_in_anothers_place_is_let_in),
        TEST(nothing_else_lets_a_stranger_in),
        TEST(a_key_that_was_changed_lets_nobody_in),
        TEST(one_that_was_revoked_stays_out_where_nothing_was_said_since),
        TEST(whom_a_hub_ended_is_asked_of_every_record_or_not_at_all),
        TEST(want_of_memory_does_not_forget_whom_a_hub_ended),
        cmocka_unit_test_setup_teardown(where_a_revocation_cannot_be_read_nobody_is_let_in,
                                        begin_taken, end),
        cmocka_unit_test_setup_teardown(one_that_was_revoked_stays_out, begin_taken, end),
        cmocka_unit_test_setup_teardown(one_that_was_revoked_and_comes_first_is_out_again,
                                        begin_taken, end),
        cmocka_unit_test_setup_teardown(one_whose_revocation_comes_after_the_renewal_is_out_then,
                                        begin_taken, end),
        cmocka_unit_test_setup_teardown(one_whose_place_went_to_another_is_enrolled_anew,
                                        begin_taken, end),
        cmocka_unit_test_setup_teardown(so_it_is_when_it_comes_after_the_renewal, begin_taken, end),
        cmocka_unit_test_setup_teardown(one_whom_a_neighbour_remembers_need_not_show_anything,
                                        begin_taken, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
