/*
 * A hub, a ticket, and a child that joins with it.
 */
#ifndef TESTS_JOINING_WORLD_H
#define TESTS_JOINING_WORLD_H

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

static inline int begin(void **state) {
    (void)state;
    fixture_hub_open(&hub, NULL);
    ticket = fixture_ticket(&hub, &hub.communes[0], ROLE_NODE, 7);
    fixture_join_path(dir, hub.folder, "node");
    post_init(&post);
    return 0;
}

static inline int end(void **state) {
    (void)state;
    mem_fail_at(-1);
    post_done(&post);
    actor_close(&child);
    fixture_hub_close(&hub);
    return 0;
}

static inline void prepare(const struct ticket *with) {
    struct err e = {0};
    actor_close(&child);
    FIXTURE_OK(joining_prepare(dir, with, NULL, &hub.world, &e), &e);
    FIXTURE_OK(actor_open(dir, ROLE_NODE, NULL, NULL, &child, &e), &e);
}

static inline bool joined(void) {
    struct txn *t;
    struct err e = {0};
    FIXTURE_OK(txn_begin(child.db, false, &t, &e), &e);
    bool yes = joining_done(t);
    txn_abort(t);
    return yes;
}

static inline uint64_t outbox_end(void) {
    struct txn *t;
    struct err e = {0};
    FIXTURE_OK(txn_begin(child.db, false, &t, &e), &e);
    uint64_t n = txn_count(t, TABLE_STREAMS);
    txn_abort(t);
    return n;
}

/* The child's request through the hub, as a guest with the transport key `key`; the answer's bytes
 * into `out`. */
static inline void ask(const struct ticket *with, const struct public_key *key, struct buf *out) {
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

static inline int answer(const struct buf *b) {
    return joining_answer(&child, buf_slice(b), NULL);
}

#endif
