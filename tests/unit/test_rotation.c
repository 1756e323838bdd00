/*
 * New keys, and who may take the root hub's away: nodes below a root hub, as in the tests of
 * renewal.
 */
#include "hub/root_key.h"
#include "node/backup.h"
#include "node/rotation.h"
#include "store/keyfile.h"
#include "tests/unit/renewal_world.h"

#include <unistd.h>

#define NODE (&machines[0])
#define ROOT 1 /* fill bytes of the founding keys' seeds */
#define RECOVERY 2

static char words[] = "thay khóa", *args[] = {words};
static const struct act_reason why = {ACT_REASON_WORDS, 1, args};

static void reopen(struct machine *m) {
    machine_close(m);
    machine_open(m);
}

static struct public_key key_of(const struct actor *a) {
    return *key_pair_public(a->sign);
}

static bool same(struct public_key a, struct public_key b) {
    return memcmp(a.b, b.b, sizeof a.b) == 0;
}

static bool there(const struct machine *m, const char *name) {
    char path[FIXTURE_PATH];
    fixture_join_path(path, m->dir, name);
    return access(path, F_OK) == 0;
}

static void prepare(struct machine *m) {
    struct err e = {0};
    FIXTURE_OK(rotation_prepare(&m->actor, m->dir, &hub.world, &e), &e);
}

static bool knows(const struct public_key *transport) {
    struct hash who;
    return hub_knows(&hub.hub, transport, &who) == 1;
}

static void a_node_goes_on_with_new_keys_and_the_old_ones_sign_nothing_more(void **state) {
    (void)state;
    struct public_key before = key_of(&NODE->actor);
    struct public_key door = *key_pair_public(NODE->actor.transport);
    struct hash first = machine_say(NODE, "before");
    prepare(NODE);
    struct hash second = machine_say(NODE, "while it is only wanted");
    assert_true(machine_sync(NODE));
    assert_int_equal(NODE->actor.epoch, 2);
    assert_false(same(before, key_of(&NODE->actor)));
    struct hash third = machine_say(NODE, "after");
    assert_true(machine_sync(NODE));
    const struct hash *all[] = {&first, &second, &third};
    for (int i = 0; i < 3; i++)
        assert_int_equal(said_in(NODE->actor.db, all[i], NULL), RECEIPT_HELD);
    assert_false(knows(&door));
    reopen(NODE);
    assert_false(same(before, key_of(&NODE->actor)));
    assert_true(knows(key_pair_public(NODE->actor.transport)));
    assert_null(NODE->actor.other_sign);
    assert_false(there(NODE, KEYFILE_NEXT) || there(NODE, KEYFILE_OLD));
    struct record_header h = {.actor = NODE->actor.id, .epoch = 1, .lane = NODE->actor.unit};
    struct txn *t;
    struct err e = {0};
    FIXTURE_OK(actor_begin(&hub.actor, false, &t, &e), &e);
    h.seq = log_head_of(t, &h.actor, 1, &h.lane).seq;
    assert_true(roster_stands(t, &h));
    h.seq++;
    assert_false(roster_stands(t, &h));
    actor_abort(&hub.actor, t);
}

static void a_crash_at_any_point_of_it_is_gone_on_from(void **state) {
    (void)state;
    for (int at = 0; at < 4; at++) {
        struct machine *m = &machines[at % 3];
        uint32_t epoch = m->actor.epoch;
        print_message("at %d\n", at);
        prepare(m);
        reopen(m); /* the file is there, and nothing was asked */
        assert_true(there(m, KEYFILE_NEXT));
        if (at == 1) { /* the file only: as if the note of it had not been made */
            struct txn *t;
            struct err e = {0};
            FIXTURE_OK(actor_begin(&m->actor, true, &t, &e), &e);
            meta_put_uid(t, "rotation", &(struct uid){{0}});
            FIXTURE_OK(actor_commit(&m->actor, t, &e), &e);
            reopen(m);
            prepare(m);
        }
        machine_connect(m);
        if (at == 2) { /* asked, and the question is lost */
            carry_up(m);
            fixture_step(&hub);
            carry_down();
            while (carry_up(m) > 0 && !m->actor.spent) {
                fixture_step(&hub);
                carry_down();
            }
            reopen(m);
        }
        if (at == 3) { /* granted, and the answer is lost */
            for (int i = 0; i < 40 && !m->actor.spent; i++) {
                carry_up(m);
                fixture_step(&hub);
                carry_down();
            }
            assert_true(m->actor.spent);
            struct err e = {0};
            assert_int_equal(actor_may_sign(&m->actor, &e), ERR_REFUSED);
            carry_up(m);
            fixture_step(&hub);
            fixture_drop_all(&hub);
            reopen(m);
            assert_int_equal(m->actor.epoch, epoch);
        }
        assert_true(machine_sync(m));
        assert_int_equal(m->actor.epoch, epoch + 1);
        reopen(m);
        struct hash id = machine_say(m, "after");
        assert_true(machine_sync(m));
        assert_int_equal(said_in(m->actor.db, &id, NULL), RECEIPT_HELD);
    }
}

/* As after a copy of the store was put back, with the key of then. */
static void
where_the_next_keys_are_gone_others_are_made_and_asked_for_by_another_name(void **state) {
    (void)state;
    for (int at = 0; at < 2; at++) {
        struct machine *m = &machines[at];
        uint32_t epoch = m->actor.epoch;
        char path[FIXTURE_PATH];
        struct err e = {0};
        print_message("%s\n", at == 0 ? "wanted" : "asked for");
        prepare(m);
        struct uid name = m->actor.rotation;
        if (at == 1) {
            machine_connect(m);
            for (int i = 0; i < 40 && !m->actor.spent; i++) {
                carry_up(m);
                fixture_step(&hub);
                carry_down();
            }
            assert_true(actor_rotates(&m->actor));
        }
        machine_close(m);
        fixture_join_path(path, m->dir, KEYFILE_NEXT);
        assert_int_equal(truncate(path, 9), 0);
        machine_open(m);
        assert_int_equal(rotation_prepare(&m->actor, m->dir, &hub.world, &e), ERR_REFUSED);
        assert_int_equal(unlink(path), 0);
        prepare(m);
        assert_false(uid_equal(&name, &m->actor.rotation));
        assert_int_equal(actor_rotates(&m->actor), at == 1);
        struct public_key next = *key_pair_public(m->actor.other_sign);
        assert_true(machine_sync(m));
        assert_int_equal(m->actor.epoch, epoch + 1);
        assert_true(same(next, key_of(&m->actor)));
        reopen(m);
        assert_true(uid_is_zero(&m->actor.rotation));
        struct hash id = machine_say(m, "after");
        assert_true(machine_sync(m));
        assert_int_equal(said_in(m->actor.db, &id, NULL), RECEIPT_HELD);
    }
}

/* The row `name` of the store in the one file `path`. */
static struct uid uid_in(const char *path, const char *name) {
    char dir[FIXTURE_PATH], file[FIXTURE_PATH];
    struct uid value = {{0}};
    struct db *db;
    struct txn *t;
    struct err e = {0};
    fixture_join_path(dir, hub.folder, "copy-of-one");
    assert_int_equal(mkdir(dir, 0700), 0);
    fixture_join_path(file, dir, "data.mdb");
    assert_int_equal(rename(path, file), 0);
    FIXTURE_OK(db_open(dir, false, NULL, &db, &e), &e);
    FIXTURE_OK(txn_begin(db, false, &t, &e), &e);
    (void)meta_uid(t, name, &value);
    txn_abort(t);
    db_close(db);
    return value;
}

static void a_copy_of_the_store_wants_no_keys_that_are_not_copied_with_it(void **state) {
    (void)state;
    char path[FIXTURE_PATH];
    struct verb_call call = {.n_args = 1, .data = NODE->dir, .world = &hub.world};
    struct err e = {0};
    prepare(NODE);
    fixture_join_path(path, hub.folder, "copy.mdb");
    call.args[0] = path;
    FIXTURE_OK(backup_run(&call, ROLE_NODE, &e), &e);
    buf_done(&call.words);
    struct uid kept = uid_in(path, "rotation");
    assert_true(uid_is_zero(&kept));
}

static void what_the_old_keys_sign_after_that_is_taken_by_nobody(void **state) {
    (void)state;
    prepare(NODE);
    machine_close(NODE);
    copy_dir(NODE->dir, false);
    machine_open(NODE);
    assert_true(machine_sync(NODE));
    machine_copy(NODE, true); /* the thief's copy, with the old keys */
    struct hash id = machine_say(NODE, "forged");
    (void)machine_sync(NODE);
    assert_false(holds(hub.actor.db, &id));
}

static void the_old_file_is_wiped_whenever_the_machine_stops(void **state) {
    (void)state;
    char dir[FIXTURE_PATH], path[3][FIXTURE_PATH], link_path[FIXTURE_PATH];
    static const char *const names[] = {KEYFILE_ACTOR, KEYFILE_NEXT, KEYFILE_OLD};
    struct key_seeds a = {{1}, {2}}, b = {{3}, {4}}, back;
    uint8_t salt[SEAL_SALT_BYTES] = {0}, nonce[SEAL_NONCE_BYTES] = {0};
    struct err e = {0};
    fixture_join_path(dir, hub.folder, "keys");
    assert_int_equal(mkdir(dir, 0700), 0);
    for (int i = 0; i < 3; i++)
        fixture_join_path(path[i], dir, names[i]);
    fixture_join_path(link_path, dir, "held"); /* what the old bytes become, seen by another name */
    for (int at = 0; at < 3; at++) {
        print_message("stopped after %d\n", at);
        FIXTURE_OK(keyfile_write(path[0], &a, NULL, salt, nonce, &e), &e);
        FIXTURE_OK(keyfile_write(path[1], &b, NULL, salt, nonce, &e), &e);
        assert_int_equal(link(path[0], link_path), 0);
        if (at >= 1)
            assert_int_equal(link(path[0], path[2]), 0);
        if (at >= 2)
            assert_int_equal(rename(path[1], path[0]), 0);
        FIXTURE_OK(keyfile_settle(dir, true, &e), &e);
        FIXTURE_OK(keyfile_read(path[0], NULL, &back, &e), &e);
        assert_memory_equal(&back, &b, sizeof b);
        assert_int_equal(keyfile_read(link_path, NULL, &back, &e), ERR_CORRUPT);
        err_clear(&e);
        assert_false(keyfile_unsettled(dir));
        assert_int_equal(unlink(path[0]) | unlink(link_path), 0);
    }
}

/* ---- the root's two keys ---- */

/* Let the key of `seed` revoke, in a transaction of its own. */
static int revoke_by(uint8_t seed, enum root_key_target target) {
    uint8_t key[SEED_BYTES];
    struct txn *t;
    struct hash id;
    struct err e = {0};
    memset(key, seed, sizeof key);
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
    int rc = root_key_revoke(&hub.actor, t, key, target, &why, hub.now.wall, &id, &e);
    if (rc == 0)
        FIXTURE_OK(actor_commit(&hub.actor, t, &e), &e);
    else
        actor_abort(&hub.actor, t);
    return rc;
}

static int rotate(uint8_t seed) {
    uint8_t key[SEED_BYTES];
    struct txn *t;
    struct hash id;
    struct err e = {0};
    memset(key, seed, sizeof key);
    FIXTURE_OK(rotation_prepare(&hub.actor, hub.dir, &hub.world, &e), &e);
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
    int rc = root_key_rotate(&hub.actor, t, key, &why, hub.now.wall, &id, &e);
    if (rc == 0)
        FIXTURE_OK(actor_commit(&hub.actor, t, &e), &e);
    else
        actor_abort(&hub.actor, t);
    hub_close();
    hub_open();
    return rc;
}

/* Whether what `m` says now is receipted, by the hub of today. */
static bool is_served(struct machine *m) {
    struct hash id = machine_say(m, "again");
    return machine_sync(m) && said_in(m->actor.db, &id, NULL) == RECEIPT_HELD;
}

static void a_root_hub_changes_its_key_and_those_below_go_with_it(void **state) {
    (void)state;
    struct public_key before = key_of(&hub.actor);
    assert_int_equal(rotate(9), ERR_REFUSED); /* some other key */
    assert_true(same(before, key_of(&hub.actor)));
    assert_int_equal(rotate(ROOT), 0);
    assert_int_equal(hub.actor.epoch, 2);
    assert_false(same(before, key_of(&hub.actor)));
    assert_true(is_served(NODE));
    assert_int_equal(rotate(ROOT), 0);
    assert_true(is_served(&machines[1]));
}

static void a_revoked_root_hub_states_nothing_until_it_has_a_new_key(void **state) {
    (void)state;
    struct err e = {0};
    assert_int_equal(revoke_by(ROOT, ROOT_KEY_ENDS_HUB), 0);
    assert_int_equal(revoke_by(ROOT, ROOT_KEY_ENDS_HUB), ERR_REFUSED);
    assert_int_equal(actor_may_sign(&hub.actor, &e), ERR_REFUSED);
    struct hash id = machine_say(NODE, "meanwhile");
    (void)machine_sync(NODE);
    assert_int_equal(said_in(NODE->actor.db, &id, NULL), 0);
    assert_int_equal(hub_renew(ROOT), ERR_REFUSED); /* not with the key that was revoked */
    assert_int_equal(rotate(ROOT), 0);
    assert_true(is_served(NODE));
    assert_int_equal(said_in(NODE->actor.db, &id, NULL), RECEIPT_HELD);
}

static void what_recovery_said_the_root_key_cannot_change(void **state) {
    (void)state;
    static const struct {
        const char *name;
        int revokes, grants; /* who revokes the hub, then who lets it go on; 0: nobody */
        int then_revokes, want_revoke, then_rotates, want_rotate;
    } cases[] = {
        {"root, root", ROOT, ROOT, RECOVERY, 0, RECOVERY, 0},
        {"root revoked, recovery undoes it", ROOT, RECOVERY, ROOT, ERR_REFUSED, ROOT, ERR_REFUSED},
        {"recovery revoked, root cannot undo it", RECOVERY, 0, ROOT, ERR_REFUSED, ROOT,
         ERR_REFUSED},
        {"recovery granted", 0, RECOVERY, ROOT, ERR_REFUSED, ROOT, ERR_REFUSED},
        {"recovery undoes its own", RECOVERY, RECOVERY, RECOVERY, 0, RECOVERY, 0},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        print_message("%s\n", cases[i].name);
        if (cases[i].revokes)
            assert_int_equal(revoke_by((uint8_t)cases[i].revokes, ROOT_KEY_ENDS_HUB), 0);
        if (cases[i].grants)
            assert_int_equal(rotate((uint8_t)cases[i].grants), 0);
        assert_int_equal(revoke_by((uint8_t)cases[i].then_revokes, ROOT_KEY_ENDS_HUB),
                         cases[i].want_revoke);
        assert_int_equal(rotate((uint8_t)cases[i].then_rotates), cases[i].want_rotate);
        if (i + 1 < sizeof cases / sizeof *cases) {
            end(NULL);
            begin(NULL);
        }
    }
}

static void the_recovery_key_revokes_the_root_key_and_not_the_other_way_round(void **state) {
    (void)state;
    assert_int_equal(revoke_by(ROOT, ROOT_KEY_ENDS_KEY), ERR_REFUSED);
    assert_int_equal(revoke_by(RECOVERY, ROOT_KEY_ENDS_KEY), 0);
    assert_int_equal(revoke_by(ROOT, ROOT_KEY_ENDS_HUB), ERR_REFUSED);
    assert_int_equal(rotate(ROOT), ERR_REFUSED);
    assert_true(is_served(NODE)); /* what the root key granted before that stands */
    assert_int_equal(rotate(RECOVERY), 0);
    assert_true(is_served(NODE));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_node_goes_on_with_new_keys_and_the_old_ones_sign_nothing_more),
        TEST(a_crash_at_any_point_of_it_is_gone_on_from),
        TEST(where_the_next_keys_are_gone_others_are_made_and_asked_for_by_another_name),
        TEST(a_copy_of_the_store_wants_no_keys_that_are_not_copied_with_it),
        TEST(what_the_old_keys_sign_after_that_is_taken_by_nobody),
        TEST(the_old_file_is_wiped_whenever_the_machine_stops),
        TEST(a_root_hub_changes_its_key_and_those_below_go_with_it),
        TEST(a_revoked_root_hub_states_nothing_until_it_has_a_new_key),
        TEST(what_recovery_said_the_root_key_cannot_change),
        TEST(the_recovery_key_revokes_the_root_key_and_not_the_other_way_round),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
