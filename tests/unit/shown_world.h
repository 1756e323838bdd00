/*
 * A hub that was put back from a copy older than the enrolment of one of its machines, which shows
 * what the hub signed.
 */
#ifndef TESTS_UNIT_SHOWN_WORLD_H
#define TESTS_UNIT_SHOWN_WORLD_H

#include "hub/revoke.h"
#include "tests/unit/renewal_world.h"

#define OLD (&machines[0])  /* enrolled before the hub was copied */
#define LATE (&machines[2]) /* … and after that */
#define ROOT 1              /* fill byte of the root key's seed */

static inline void join(uint8_t i) {
    machine_begin(i);
    assert_true(machine_sync(&machines[i]));
}

static inline int begin_late(void **state) {
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
static inline void read_enrolment(struct machine *m, struct buf *out) {
    struct member self;
    struct txn *t;
    struct err e = {0};
    FIXTURE_OK(txn_begin(m->actor.db, false, &t, &e), &e);
    assert_true(roster_find(t, &m->actor.id, roster_epoch(t, &m->actor.id), &self));
    txn_abort(t);
    read_record(m->actor.db, &self.record, out);
}

static inline bool is_known(struct machine *m) {
    struct hash who;
    return hub_knows(&hub.hub, key_pair_public(m->actor.transport), &who) == 1;
}

/* A guest with the transport key of `m` shows the hub `record`, which has yet to look at it. */
static inline void show(struct machine *m, struct slice record) {
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
static inline uint32_t shows(struct machine *m, struct slice record) {
    struct frame answer;
    show(m, record);
    fixture_step(&hub);
    assert_true(fixture_expect(&hub, 77, FRAME_REFUSED, &answer));
    return answer.u.refused.code;
}

/* As above, but one of the two that were there before comes only now, into the place of LATE. */
static inline int begin_taken(void **state) {
    (void)state;
    memset(machines, 0, sizeof machines);
    fixture_hub_open(&hub, NULL);
    fixture_hub_issue(&hub);
    join(0);
    hub_copy(false);
    join(2);
    return 0;
}

static char words[] = "mất máy", *args[] = {words};
static const struct act_reason why = {ACT_REASON_WORDS, 1, args};

/* The hub revokes `m`. */
static inline void revoke(struct machine *m) {
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
static inline void forget_a_revocation(void) {
    revoke(LATE);
    assert_true(machine_sync(OLD));
    hub_copy(true);
    join(1);
}

#endif
