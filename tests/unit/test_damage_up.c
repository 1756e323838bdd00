/* A hub that is up while rows of its store change by themselves: what it cannot know without them
 * it says, and what is only said again it takes again. */
#include "tests/unit/step_world.h"

#include "hub/heard.h"
#include "store/db_inside.h"

/* Flip a bit of byte `at` (from the end where below 0) of the value of every row of `table`, as a
 * disk would. */
static void damage_at(enum store_table table, int at) {
    MDB_txn *t;
    MDB_cursor *c;
    MDB_val k, v;
    uint8_t bytes[2048];
    struct db *db = hub.actor.db;
    unsigned n = 0;
    assert_int_equal(mdb_txn_begin(db->env, NULL, 0, &t), 0);
    assert_int_equal(mdb_cursor_open(t, db->dbi[table], &c), 0);
    while (mdb_cursor_get(c, &k, &v, MDB_NEXT) == 0) {
        assert_true(v.mv_size <= sizeof bytes);
        memcpy(bytes, v.mv_data, v.mv_size);
        bytes[at < 0 ? (size_t)((int)v.mv_size + at) : (size_t)at] ^= 16;
        v.mv_data = bytes;
        assert_int_equal(mdb_cursor_put(c, &k, &v, MDB_CURRENT), 0);
        n++;
    }
    mdb_cursor_close(c);
    assert_int_equal(mdb_txn_commit(t), 0);
    assert_true(n > 0);
}

static void damage(enum store_table table) {
    damage_at(table, 0);
}

static bool whole(enum store_table table) {
    struct txn *t;
    struct table_state s = {.rows = 0};
    struct err e = {0};
    FIXTURE_OK(txn_begin(hub.actor.db, false, &t, &e), &e);
    FIXTURE_OK(txn_check_table(t, table, &s, &e), &e);
    txn_abort(t);
    return table_whole(&s);
}

static void expect_tick(int want) {
    struct err e = {0};
    assert_int_equal(hub_tick(&hub.hub, hub.now, &e), want);
    assert_int_equal(e.code, want);
}

/* Nobody is at the door to be told: the next tick tells the program. */
static void whose_key_it_is_cannot_be_read(void **state) {
    (void)state;
    struct hash who;
    expect_tick(0);
    damage(TABLE_TRANSPORTS);
    assert_int_equal(hub_knows(&hub.hub, key_pair_public(node.transport), &who), -1);
    expect_tick(ERR_CORRUPT);
}

static void who_was_heard_cannot_be_read(void **state) {
    (void)state;
    greet(PEER, &node);
    fixture_records(&hub, PEER, &node, 1, story, STORY);
    fixture_step(&hub);
    expect_tick(0);
    damage(TABLE_HEARD);
    expect_tick(ERR_CORRUPT);
}

/* How far a neighbour was read, and how much is kept of it: it tells all of it again. */
static void what_is_told_again_is_taken_again(void **state) {
    (void)state;
    static const enum store_table tables[] = {TABLE_CURSORS, TABLE_SHARES};
    greet(PEER, &node);
    fixture_records(&hub, PEER, &node, 1, story, 3);
    fixture_step(&hub);
    for (size_t i = 0; i < 2; i++) {
        struct frame f;
        struct err e = {0};
        damage(tables[i]);
        assert_false(whole(tables[i]));
        fixture_drop_all(&hub);
        greet(PEER, &node);
        fixture_records(&hub, PEER, &node, 1, story, STORY);
        fixture_step(&hub);
        assert_true(fixture_expect(&hub, PEER, FRAME_ACK, &f));
        assert_int_equal(f.u.ack.position, STORY);
        assert_true(held(&story[STORY - 1]));
        expect_tick(0);
        damage(tables[i]);
        FIXTURE_OK(db_mend(hub.actor.db, &e), &e);
        assert_true(whole(tables[i]));
    }
}

/* When a record came that waits, what it is, and that it waits. */
static void what_waits_is_not_taken_for_another(void **state) {
    static const struct {
        const char *name;
        enum store_table table;
        int at;
    } cases[] = {
        {"its instant", TABLE_PENDING, 3},   {"its doubt", TABLE_PENDING, 8},
        {"its bytes", TABLE_PENDING, 40},    {"its signature", TABLE_PENDING, -20},
        {"that it waits", TABLE_AWAITED, 0}, {"whose it is", TABLE_WAITING, 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err e = {0};
        greet(PEER, &node);
        fixture_records(&hub, PEER, &node, 1, story, 1);
        fixture_records(&hub, PEER, &node, 2, story + 2, 1); /* before the one that it names */
        fixture_step(&hub);
        damage_at(cases[i].table, cases[i].at);
        fixture_records(&hub, PEER, &node, 3, story + 1, 1);
        hub.now.wall += 1000;
        hub.now.boot_ms += 1000;
        int rc = hub_step(&hub.hub, hub.now, &e);
        if (rc != ERR_CORRUPT || held(&story[2]))
            fail_msg("%s: %d", cases[i].name, rc);
        (void)end(state);
        (void)begin(state);
    }
}

/* A table that is as it was written stays so. */
static void what_is_whole_is_not_mended(void **state) {
    (void)state;
    struct err e = {0};
    greet(PEER, &node);
    fixture_records(&hub, PEER, &node, 1, story, STORY);
    fixture_step(&hub);
    struct txn *t;
    FIXTURE_OK(db_mend(hub.actor.db, &e), &e);
    FIXTURE_OK(txn_begin(hub.actor.db, false, &t, &e), &e);
    assert_true(txn_count(t, TABLE_CURSORS) > 0 && txn_count(t, TABLE_SHARES) > 0);
    txn_abort(t);
}

#undef TEST
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(whose_key_it_is_cannot_be_read),    TEST(who_was_heard_cannot_be_read),
        TEST(what_is_told_again_is_taken_again), TEST(what_waits_is_not_taken_for_another),
        TEST(what_is_whole_is_not_mended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
