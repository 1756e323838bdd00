/*
 * A node and its hub, engine to engine, without a socket between them: what the tests of the uplink
 * have in common.
 */
#ifndef TESTS_UNIT_UPLINK_WORLD_H
#define TESTS_UNIT_UPLINK_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/limits.h"
#include "core/mem.h"
#include "node/joining.h"
#include "node/uplink.h"
#include "node/views.h"
#include "proto/kinds.h"
#include "store/log.h"
#include "store/meta.h"
#include "store/stream.h"
#include "tests/unit/fixture_hub.h"

#include <string.h>

#define PEER 5u

static struct fixture_hub hub;
static struct actor node;
static struct uplink up;
static char dir[FIXTURE_PATH];
static struct fixture_author stranger;
static enum commit_fault next_fault;

static enum commit_fault ask(void *arg) {
    (void)arg;
    enum commit_fault fault = next_fault;
    next_fault = COMMIT_AS_IS;
    return fault;
}

static void open_node(void) {
    struct db_options options = {.no_sync = true, .fault = ask};
    struct err e = {0};
    FIXTURE_OK(actor_open(dir, ROLE_NODE, NULL, &options, &node, &e), &e);
    uplink_init(&up, &node, "test", pending_earliest);
}

static void close_node(void) {
    uplink_done(&up);
    actor_close(&node);
}

/* A connection anew, of the same process. */
static void connect_again(void) {
    struct err e = {0};
    uplink_done(&up);
    hub_gone(&hub.hub, PEER);
    uplink_init(&up, &node, "test", pending_earliest);
    FIXTURE_OK(uplink_start(&up, hub.now, &e), &e);
}

static void join(void) {
    struct ticket ticket = fixture_ticket(&hub, &hub.communes[0], ROLE_NODE, 7);
    struct sender from = {.peer = 1, .guest = true};
    struct post post;
    struct slice frame;
    uint32_t peer;
    struct err e = {0};
    FIXTURE_OK(joining_prepare(dir, &ticket, NULL, &hub.world, &e), &e);
    open_node();
    post_init(&post);
    FIXTURE_OK(joining_request(&node, &ticket, &post, &e), &e);
    assert_true(post_next(&post, &peer, &frame));
    from.transport_key = *key_pair_public(node.transport);
    FIXTURE_OK(hub_take(&hub.hub, &from, hub.now, frame, &e), &e);
    fixture_step(&hub);
    assert_true(post_next(&hub.hub.post, &peer, &frame));
    FIXTURE_OK(joining_answer(&node, frame, &e), &e);
    post_done(&post);
}

static int begin(void **state) {
    (void)state;
    fixture_hub_open(&hub, NULL);
    fixture_hub_issue(&hub);
    fixture_author_init(&stranger, 80, &hub.communes[3]);
    fixture_join_path(dir, hub.folder, "node");
    next_fault = COMMIT_AS_IS;
    join();
    return 0;
}

static int end(void **state) {
    (void)state;
    mem_fail_at(-1);
    close_node();
    fixture_author_done(&stranger);
    fixture_hub_close(&hub);
    return 0;
}

/* Carry what the node says to the hub; how many frames. */
static uint32_t carry_up(void) {
    struct sender from = {.peer = PEER, .actor = node.id};
    struct slice frame;
    uint32_t peer, n = 0;
    struct err e = {0};
    for (; post_next(&up.post, &peer, &frame); n++)
        FIXTURE_OK(hub_take(&hub.hub, &from, hub.now, frame, &e), &e);
    return n;
}

/* Carry what the hub says to the node, until it fails; how many frames. */
static uint32_t carry_down(int *ret_rc) {
    struct slice frame;
    uint32_t peer, n = 0;
    *ret_rc = 0;
    for (; *ret_rc == 0 && post_next(&hub.hub.post, &peer, &frame); n++)
        *ret_rc = uplink_frame(&up, hub.now, frame, NULL);
    return n;
}

/* Until both are silent. */
static int pump(void) {
    int rc = 0;
    for (unsigned i = 0; i < 200 && rc == 0; i++) {
        uint32_t n = carry_up();
        fixture_step(&hub);
        n += carry_down(&rc);
        if (n == 0)
            break;
    }
    return rc;
}

/* Let the node state `n` records of a kind that nobody knows, and give the last one's id. */
static struct hash state(uint32_t n, size_t bytes) {
    static const uint8_t payload[LIMIT_PAYLOAD];
    struct txn *t;
    struct hash id = {{0}};
    struct err e = {0};
    FIXTURE_OK(actor_begin(&node, true, &t, &e), &e);
    for (uint32_t i = 0; i < n; i++)
        FIXTURE_OK(append_own(&node, t, 999, &node.unit, slice_of(payload, bytes), 1, &id, &e), &e);
    FIXTURE_OK(actor_commit(&node, t, &e), &e);
    return id;
}

static int said_here(const struct hash *record) {
    struct txn *t;
    struct receipt_row row;
    struct err e = {0};
    FIXTURE_OK(txn_begin(node.db, false, &t, &e), &e);
    int said = views_receipt(t, record, &hub.actor.id, &row) ? (int)row.state : 0;
    txn_abort(t);
    return said;
}

static uint64_t node_rows(enum store_table table) {
    struct txn *t;
    struct err e = {0};
    FIXTURE_OK(txn_begin(node.db, false, &t, &e), &e);
    uint64_t n = txn_count(t, table);
    txn_abort(t);
    return n;
}

/* ---- both ways ---- */

#endif
