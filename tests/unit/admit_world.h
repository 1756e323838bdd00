/*
 * A hub whose open transaction takes records from `node`; `other` is not enrolled.
 */
#ifndef TESTS_ADMIT_WORLD_H
#define TESTS_ADMIT_WORLD_H

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

static inline int sink_held(void *arg, struct txn *txn, const struct record *r, struct taken_at at,
                            struct err *e) {
    (void)arg, (void)txn, (void)at, (void)e;
    told.order[told.held++ % 64] = r->id;
    return 0;
}

/* The instants with which records came to be held. */
static instant came[16];
static bool came_in_doubt[16];
static uint32_t n_came;

static inline int note_came(void *arg, struct txn *txn, const struct record *r, struct taken_at at,
                            struct err *e) {
    (void)arg, (void)txn, (void)r, (void)e;
    came_in_doubt[n_came % 16] = at.doubt;
    came[n_came++ % 16] = at.received;
    return 0;
}

static inline int sink_ready(void *arg, struct txn *txn, const struct hash *record, struct err *e) {
    (void)arg, (void)txn, (void)record, (void)e;
    told.ready++;
    return 0;
}

static inline int sink_again(void *arg, struct txn *txn, const struct record *r, struct err *e) {
    (void)arg, (void)txn, (void)r, (void)e;
    told.again++;
    return 0;
}

static inline void open_txn(void) {
    struct err e = {0};
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
}

static inline int begin(void **state) {
    (void)state;
    fixture_hub_open(&hub, NULL);
    fixture_author_init(&node, 21, &hub.communes[0]);
    fixture_author_init(&other, 22, &hub.communes[1]);
    fixture_enrol_author(&hub, &node, ROLE_NODE);
    memset(&told, 0, sizeof told);
    open_txn();
    return 0;
}

static inline int end(void **state) {
    (void)state;
    mem_fail_at(-1);
    actor_abort(&hub.actor, t);
    t = NULL;
    fixture_author_done(&node);
    fixture_author_done(&other);
    fixture_hub_close(&hub);
    return 0;
}

static inline struct admit admit_by(const struct hash *carrier) {
    return (struct admit){.actor = &hub.actor,
                          .t = t,
                          .origin = ORIGIN_BELOW,
                          .carrier = *carrier,
                          .sink = {NULL, sink_held, sink_ready, sink_again}};
}

static inline enum admission offer_by(const struct hash *carrier, const struct buf *b) {
    struct admit a = admit_by(carrier);
    enum admission got;
    struct err why = {0}, e = {0};
    FIXTURE_OK(admit_bytes(&a, buf_slice(b), hub.now.wall, &got, &why, &e), &e);
    assert_int_equal(why.code != 0, got == ADMIT_REFUSED || got == ADMIT_VOID);
    return got;
}

static inline enum admission offer(const struct buf *b) {
    return offer_by(&node.id, b);
}

/* Offer and forget the bytes, as a socket would. */
static inline enum admission offer_once(struct buf *b) {
    enum admission got = offer(b);
    if (b->len > 0)
        memset(b->data, 0xdb, b->len);
    buf_done(b);
    return got;
}

static inline uint64_t rows(enum store_table table) {
    return txn_count(t, table);
}

/* The join record of `a`, its first, into `out`. */
static inline void join_of(struct fixture_author *a, struct buf *out) {
    struct buf payload;
    fixture_join_payload(a, ROLE_NODE, &payload);
    fixture_next_record(&hub, a, KIND_JOIN, buf_slice(&payload), out);
    buf_done(&payload);
}

#endif
