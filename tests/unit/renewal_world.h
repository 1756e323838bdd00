/*
 * A root hub and children with real stores below it, a node or a hub, whose directories can be put
 * back to an older state; and the wire between them.
 */
#ifndef TESTS_RENEWAL_WORLD_H
#define TESTS_RENEWAL_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hub/arrivals.h"
#include "hub/found.h"
#include "hub/root_key.h"
#include "node/append.h"
#include "node/joining.h"
#include "node/renewal.h"
#include "node/rotation.h"
#include "node/uplink.h"
#include "node/views.h"
#include "proto/kinds.h"
#include "proto/payload_act.h"
#include "proto/payload_campaign.h"
#include "store/host.h"
#include "store/log.h"
#include "store/meta.h"
#include "store/stream.h"
#include "tests/unit/fixture_hub.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CHILDREN 3u

/* A machine below the root hub. */
struct machine {
    char dir[FIXTURE_PATH];
    struct ticket ticket;
    struct actor actor;
    struct uplink up;
    enum role role;
};

static struct fixture_hub hub;
static struct machine machines[CHILDREN];

static inline void machine_open(struct machine *m) {
    struct db_options options = {.no_sync = true};
    struct err e = {0};
    FIXTURE_OK(actor_open(m->dir, m->role, NULL, &options, &m->actor, &e), &e);
    uplink_init(&m->up, &m->actor, "test",
                m->role == ROLE_HUB ? arrivals_earliest : pending_earliest);
}

static inline void machine_close(struct machine *m) {
    uplink_done(&m->up);
    actor_close(&m->actor);
}

/* The join request of `m`, through the hub, and its answer. */
static inline void machine_join(struct machine *m) {
    struct sender from = {.peer = 90, .guest = true};
    struct post post;
    struct slice frame;
    uint32_t peer;
    struct err e = {0};
    FIXTURE_OK(joining_prepare(m->dir, &m->ticket, NULL, &hub.world, &e), &e);
    machine_open(m);
    post_init(&post);
    FIXTURE_OK(joining_request(&m->actor, &m->ticket, &post, &e), &e);
    assert_true(post_next(&post, &peer, &frame));
    from.transport_key = *key_pair_public(m->actor.transport);
    struct hash known;
    if (hub_knows(&hub.hub, &from.transport_key, &known) == 1) {
        from.guest = false;
        from.actor = known;
    }
    FIXTURE_OK(hub_take(&hub.hub, &from, hub.now, frame, &e), &e);
    fixture_step(&hub);
    assert_true(post_next(&hub.hub.post, &peer, &frame));
    FIXTURE_OK(joining_answer(&m->actor, frame, &e), &e);
    post_done(&post);
}

/* ---- copies ---- */

static inline void copy_file(const char *from, const char *to, const char *name) {
    char a[FIXTURE_PATH], b[FIXTURE_PATH];
    struct err e = {0};
    struct buf bytes;
    fixture_join_path(a, from, name);
    fixture_join_path(b, to, name);
    buf_init(&bytes);
    FIXTURE_OK(host_read_file(a, (size_t)1 << 30, &bytes, &e), &e);
    FIXTURE_OK(host_write_file(b, buf_slice(&bytes), 0600, HOST_REPLACE, &e), &e);
    buf_done(&bytes);
}

/* `dir`, which nobody has open, into `dir`.copy, or back. */
static inline void copy_dir(const char *dir, bool back) {
    char other[FIXTURE_PATH + 8], lock[FIXTURE_PATH];
    (void)snprintf(other, sizeof other, "%s.copy", dir);
    (void)mkdir(other, 0700);
    copy_file(back ? other : dir, back ? dir : other, "actor.key");
    copy_file(back ? other : dir, back ? dir : other, "data.mdb");
    fixture_join_path(lock, dir, "lock.mdb");
    (void)remove(lock);
}

static inline void machine_copy(struct machine *m, bool back) {
    machine_close(m);
    copy_dir(m->dir, back);
    machine_open(m);
}

static inline void hub_close(void) {
    hub_done(&hub.hub);
    actor_close(&hub.actor);
}

static inline void hub_open(void) {
    struct err e = {0};
    FIXTURE_OK(actor_open(hub.dir, ROLE_HUB, NULL, &hub.options, &hub.actor, &e), &e);
    hub_init(&hub.hub, &hub.actor, &hub.world, "test", hub.now);
}

static inline void hub_copy(bool back) {
    hub_close();
    copy_dir(hub.dir, back);
    hub_open();
}

/* All but its key is gone. */
static inline void machine_wipe(struct machine *m) {
    char path[FIXTURE_PATH];
    machine_close(m);
    fixture_join_path(path, m->dir, "data.mdb");
    assert_int_equal(remove(path), 0);
    fixture_join_path(path, m->dir, "lock.mdb");
    (void)remove(path);
}

/* ---- the wire ---- */

static inline uint32_t peer_of(const struct machine *m) {
    return 10 + (uint32_t)(m - machines);
}

/* A connection anew. */
static inline void machine_connect(struct machine *m) {
    struct err e = {0};
    bool changed;
    uplink_done(&m->up);
    uplink_init(&m->up, &m->actor, "test",
                m->role == ROLE_HUB ? arrivals_earliest : pending_earliest);
    hub_gone(&hub.hub, peer_of(m));
    FIXTURE_OK(renewal_prepare(&m->actor, &hub.world, &changed, &e), &e);
    FIXTURE_OK(uplink_start(&m->up, hub.now, &e), &e);
}

static inline uint32_t carry_up(struct machine *m) {
    struct sender from = {.peer = peer_of(m)};
    struct slice frame;
    uint32_t peer, n = 0;
    struct err e = {0};
    from.transport_key = *key_pair_public(m->actor.transport);
    from.guest = hub_knows(&hub.hub, &from.transport_key, &from.actor) != 1;
    if (from.guest && m->actor.other_transport) { /* it tries those, too: see call */
        from.transport_key = *key_pair_public(m->actor.other_transport);
        from.guest = hub_knows(&hub.hub, &from.transport_key, &from.actor) != 1;
    }
    for (; post_next(&m->up.post, &peer, &frame); n++)
        FIXTURE_OK(hub_take(&hub.hub, &from, hub.now, frame, &e), &e);
    return n;
}

static inline uint32_t carry_down(void) {
    struct slice frame;
    uint32_t peer, n = 0;
    struct err e = {0};
    for (; post_next(&hub.hub.post, &peer, &frame); n++)
        if (peer >= 10 && peer < 10 + CHILDREN)
            FIXTURE_OK(uplink_frame(&machines[peer - 10].up, hub.now, frame, &e), &e);
    return n;
}

/* Until all are silent. */
static inline void pump(void) {
    struct err e = {0};
    for (unsigned i = 0; i < 300; i++) {
        uint32_t n = 0;
        for (uint32_t k = 0; k < CHILDREN; k++)
            n += machines[k].up.actor ? carry_up(&machines[k]) : 0;
        fixture_step(&hub);
        FIXTURE_OK(hub_tick(&hub.hub, hub.now, &e), &e);
        n += carry_down();
        if (n == 0 && !hub.hub.news)
            return;
    }
    fail_msg("they talk without end");
}

/* Connect `m` until it has nothing more to do, as its program would. */
static inline bool machine_sync(struct machine *m) {
    struct err e = {0};
    for (unsigned i = 0; i < 8; i++) {
        machine_connect(m);
        pump();
        if (uplink_settled(&m->up))
            return true;
        hub.now.boot_ms += 60000;
        hub.now.wall += 60000;
        FIXTURE_OK(hub_tick(&hub.hub, hub.now, &e), &e);
    }
    return false;
}

/* ---- what is said and known ---- */

/* Let `m` state `kind` with `payload` in its own lane. */
static inline struct hash machine_state(struct machine *m, uint16_t kind, struct slice payload) {
    struct txn *t;
    struct hash id;
    struct err e = {0};
    FIXTURE_OK(actor_begin(&m->actor, true, &t, &e), &e);
    FIXTURE_OK(append_own(&m->actor, t, kind, &m->actor.unit, payload, hub.now.wall, &id, &e), &e);
    FIXTURE_OK(actor_commit(&m->actor, t, &e), &e);
    return id;
}

/* … a record of a kind that nobody knows. */
static inline struct hash machine_say(struct machine *m, const char *text) {
    return machine_state(m, 999, slice_str(text));
}

static inline bool holds(struct db *db, const struct hash *id) {
    struct txn *t;
    struct err e = {0};
    FIXTURE_OK(txn_begin(db, false, &t, &e), &e);
    bool has = log_has(t, id);
    txn_abort(t);
    return has;
}

/* What `hub` said of `record`, as `db` knows it; 0: nothing. */
static inline int said_in(struct db *db, const struct hash *record, instant *ret_at) {
    struct txn *t;
    struct receipt_row row;
    struct err e = {0};
    FIXTURE_OK(txn_begin(db, false, &t, &e), &e);
    int said = views_receipt(t, record, &hub.actor.id, &row) ? (int)row.state : 0;
    if (said != 0 && ret_at)
        *ret_at = row.received_at;
    txn_abort(t);
    return said;
}

static inline uint64_t rows_in(struct db *db, enum store_table table) {
    struct txn *t;
    struct err e = {0};
    FIXTURE_OK(txn_begin(db, false, &t, &e), &e);
    uint64_t n = txn_count(t, table);
    txn_abort(t);
    return n;
}

/* The record of `db` by `id`, in the caller's `out`. */
static inline void read_record(struct db *db, const struct hash *id, struct buf *out) {
    struct txn *t;
    struct record r;
    struct err e = {0};
    buf_init(out);
    FIXTURE_OK(txn_begin(db, false, &t, &e), &e);
    FIXTURE_OK(log_get(t, id, &r, &e), &e);
    buf_put(out, r.bytes.data, r.bytes.len);
    txn_abort(t);
}

/* Let the root key give the hub its next epoch, as `renew` does. */
static inline int hub_renew(uint8_t seed) {
    uint8_t key[SEED_BYTES];
    struct txn *t;
    struct hash id;
    struct err e = {0};
    memset(key, seed, sizeof key);
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
    int rc = root_key_renew(&hub.actor, t, key, hub.now.wall, &id, &e);
    if (rc != 0) {
        actor_abort(&hub.actor, t);
        return rc;
    }
    FIXTURE_OK(actor_commit(&hub.actor, t, &e), &e);
    return 0;
}

/* Let the root key give the hub its next epoch with a new key, and the hub begin anew with it: what
 * the old one signs is nothing. */
static inline void hub_change_key(uint8_t seed) {
    static char words[] = "stolen", *args[] = {words};
    const struct act_reason stolen = {ACT_REASON_WORDS, 1, args};
    uint8_t key[SEED_BYTES];
    struct txn *t;
    struct hash id;
    struct err e = {0};
    memset(key, seed, sizeof key);
    FIXTURE_OK(rotation_prepare(&hub.actor, hub.dir, &hub.world, &e), &e);
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
    FIXTURE_OK(root_key_rotate(&hub.actor, t, key, &stolen, hub.now.wall, &id, &e), &e);
    FIXTURE_OK(actor_commit(&hub.actor, t, &e), &e);
    hub_close();
    hub_open();
}

/* The machine of commune `i` joins. */
static inline void machine_begin(uint8_t i) {
    char name[8];
    machines[i] = (struct machine){.role = ROLE_NODE};
    machines[i].ticket = fixture_ticket(&hub, &hub.communes[i], ROLE_NODE, 7 + i);
    (void)snprintf(name, sizeof name, "m%u", (unsigned)i);
    fixture_join_path(machines[i].dir, hub.folder, name);
    machine_join(&machines[i]);
}

static inline int begin(void **state) {
    (void)state;
    fixture_hub_open(&hub, NULL);
    fixture_hub_issue(&hub);
    for (uint8_t i = 0; i < CHILDREN; i++)
        machine_begin(i);
    for (uint8_t i = 0; i < CHILDREN; i++)
        assert_true(machine_sync(&machines[i]));
    return 0;
}

static inline int end(void **state) {
    (void)state;
    for (uint8_t i = 0; i < CHILDREN; i++)
        machine_close(&machines[i]);
    fixture_hub_close(&hub);
    return 0;
}

#endif
