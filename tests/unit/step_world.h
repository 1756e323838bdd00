/*
 * A hub with two nodes enrolled, the story of one of them, and a commit that can be made to fail.
 */
#ifndef TESTS_STEP_WORLD_H
#define TESTS_STEP_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/limits.h"
#include "core/mem.h"
#include "hub/enrolment.h"
#include "store/stream.h"
#include "tests/unit/fixture_hub.h"

#include <string.h>

#define PEER 5u
#define STORY 5 /* join, subjects and three reports */

static struct fixture_hub hub;
static struct fixture_author node, other;
static struct buf story[STORY];
static enum commit_fault next_fault;

static inline enum commit_fault ask(void *arg) {
    (void)arg;
    enum commit_fault fault = next_fault;
    next_fault = COMMIT_AS_IS;
    return fault;
}

static inline int begin(void **state) {
    (void)state;
    fixture_hub_open(&hub, &(struct db_options){.fault = ask});
    fixture_hub_issue(&hub);
    fixture_author_init(&node, 21, &hub.communes[0]);
    fixture_author_init(&other, 22, &hub.communes[1]);
    fixture_enrol_author(&hub, &node, ROLE_NODE);
    fixture_enrol_author(&hub, &other, ROLE_NODE);
    fixture_story(&hub, &node, STORY - 2, story);
    return 0;
}

static inline int end(void **state) {
    (void)state;
    mem_fail_at(-1);
    for (uint32_t i = 0; i < STORY; i++)
        buf_done(&story[i]);
    fixture_author_done(&node);
    fixture_author_done(&other);
    fixture_hub_close(&hub);
    return 0;
}

static inline struct hash id_of(const struct buf *b) {
    struct record r;
    struct err e = {0};
    FIXTURE_OK(record_parse(buf_slice(b), &r, &e), &e);
    return r.id;
}

static inline bool held(const struct buf *b) {
    struct txn *t;
    struct hash id = id_of(b);
    struct err e = {0};
    FIXTURE_OK(txn_begin(hub.actor.db, false, &t, &e), &e);
    bool yes = txn_get(t, TABLE_RECORDS, slice_of(id.b, HASH_BYTES), NULL);
    txn_abort(t);
    return yes;
}

/* Greet and drop what comes of it. */
static inline void greet(uint32_t peer, const struct fixture_author *a) {
    fixture_hello(&hub, peer, a, 0, NULL, 0);
    fixture_step(&hub);
    fixture_drop_all(&hub);
}

static inline uint32_t refusal_to(uint32_t peer) {
    struct frame f;
    return fixture_expect(&hub, peer, FRAME_REFUSED, &f) ? f.u.refused.code : 0;
}

#endif
