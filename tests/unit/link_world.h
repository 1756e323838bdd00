/*
 * A hub with one enrolled child, on real sockets on 127.0.0.1 with ports chosen by the system;
 * every wait ends with what is waited for.
 */
#ifndef TESTS_UNIT_LINK_WORLD_H
#define TESTS_UNIT_LINK_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/err.h"
#include "core/mem.h"
#include "proto/link.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

#define DEADLINE_MS 30000 /* of a wait that should take a moment; reached only by a failure */
#define STEP_MS 5
#define PATIENCE_MS 20000

static inline int64_t now_ms(void) {
    struct timespec t;
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &t), 0);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static inline struct link_keys new_keys(void) {
    char public[41], secret[41];
    struct link_keys k;
    assert_int_equal(zmq_curve_keypair(public, secret), 0);
    assert_non_null(zmq_z85_decode(k.public_key, public));
    assert_non_null(zmq_z85_decode(k.secret_key, secret));
    return k;
}

/* A hub whose gate knows one key by one actor, refuses another, and greets the rest as guests. */
struct world {
    struct link_keys hub_keys, known, refused;
    struct hash actor;
    struct link *hub;
    int asked; /* times that the gate was */
    struct err err;
};

static inline enum door_verdict gate(void *arg, const uint8_t key[DOOR_KEY],
                                     struct hash *ret_actor) {
    struct world *w = arg;
    w->asked++;
    if (memcmp(key, w->refused.public_key, DOOR_KEY) == 0)
        return DOOR_REFUSED;
    if (memcmp(key, w->known.public_key, DOOR_KEY) != 0)
        return DOOR_GUEST;
    *ret_actor = w->actor;
    return DOOR_KNOWN;
}

static inline int open_world(void **state) {
    struct world *w = mem_zalloc(1, sizeof *w);
    w->hub_keys = new_keys();
    w->known = new_keys();
    w->refused = new_keys();
    memset(w->actor.b, 0xa5, HASH_BYTES);
    int rc = link_listen("tcp://127.0.0.1:*", &w->hub_keys, gate, w, &w->hub, &w->err);
    *state = w;
    return rc;
}

static inline int close_world(void **state) {
    struct world *w = *state;
    link_free(w->hub);
    mem_free(w);
    return 0;
}

static inline struct link *connect_as(struct world *w, const struct link_keys *keys) {
    struct link *l = NULL;
    assert_int_equal(
        link_connect(link_endpoint(w->hub), w->hub_keys.public_key, keys, PATIENCE_MS, &l, &w->err),
        0);
    return l;
}

/* Serve the hub and `child` until `child` leaves CONNECTING. */
static inline enum link_state settle(struct link *hub, struct link *child) {
    struct link_frame f;
    for (int64_t end = now_ms() + DEADLINE_MS; link_state(child) == LINK_CONNECTING;) {
        assert_true(now_ms() < end);
        if (hub)
            assert_int_equal(link_recv(hub, STEP_MS, &f, NULL), LINK_IDLE);
        assert_true(link_recv(child, STEP_MS, &f, NULL) >= 0);
    }
    return link_state(child);
}

static inline struct link *ready(struct world *w, const struct link_keys *keys) {
    struct link *child = connect_as(w, keys);
    assert_int_equal(settle(w->hub, child), LINK_READY);
    return child;
}

static inline struct link_frame next_frame(struct link *l) {
    struct link_frame f = {.peer = 0};
    int64_t end = now_ms() + DEADLINE_MS;
    while (link_recv(l, STEP_MS, &f, NULL) != LINK_FRAME)
        assert_true(now_ms() < end);
    return f;
}

static inline void assert_text(struct slice s, const char *want) {
    assert_true(slice_equal(s, slice_str(want)));
}

static inline void send_text(struct link *l, uint32_t peer, const char *text) {
    assert_int_equal(link_send(l, peer, slice_str(text), NULL), 0);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, open_world, close_world)

#endif
