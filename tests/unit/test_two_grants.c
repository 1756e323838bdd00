#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/key.h"
#include "store/keyfile.h"
#include "store/log.h"
#include "store/meta.h"
#include "tests/unit/contacts_world.h"
#include "tests/unit/join_proof.h"

/*
 * A thief has the root key. The recovery key revokes the root hub and grants its next epoch, which
 * the thief granted to itself too: whichever came first, the recovery key's counts, at the hub as
 * for the auditor, who finds nothing wrong.
 */

enum {
    THIEF_GRANTS = 'T',
    THIEF_GRANTS_ON = 't',
    THIEF_STATES = 'W',
    REVOKED = 'R',
    GRANTED = 'G'
};

static struct key_pair *thief, *heir;

static struct key_pair *key_of(const char *path) {
    struct key_seeds seeds;
    struct key_pair *key;
    assert_int_equal(keyfile_read(path, NULL, &seeds, NULL), 0);
    assert_int_equal(key_pair_sign_new(seeds.sign, &key, NULL), 0);
    return key;
}

static struct key_pair *key_new(uint8_t fill) {
    uint8_t seed[SEED_BYTES];
    struct key_pair *key;
    memset(seed, fill, sizeof seed);
    assert_int_equal(key_pair_sign_new(seed, &key, NULL), 0);
    return key;
}

/* Let `key`, whose records are of `actor` in `epoch`, state `kind` in lane 0; it comes from below.
 */
static enum admission state_by(const struct key_pair *key, const struct hash *actor, uint32_t epoch,
                               uint16_t kind, struct slice payload) {
    struct actor a;
    struct txn *t;
    struct buf bytes;
    struct hash id;
    struct err why = {0};
    enum admission admission;
    buf_init(&bytes);
    hub_world_open(&a, true, &t);
    struct log_head head = log_head_of(t, actor, epoch, &(struct uid){{0}});
    struct record_header h = {.kind = kind,
                              .payload_version = 1,
                              .epoch = epoch,
                              .seq = head.seq + 1,
                              .prev = head.id,
                              .claimed = world.now,
                              .deployment = a.deployment,
                              .actor = *actor};
    assert_int_equal(record_build(&h, payload, key, &bytes, &id, NULL), 0);
    struct admit admit = {.actor = &a, .t = t, .origin = ORIGIN_BELOW, .carrier = {{7}}};
    assert_int_equal(admit_bytes(&admit, buf_slice(&bytes), world.now, &admission, &why, NULL), 0);
    assert_int_equal(actor_commit(&a, t, NULL), 0);
    actor_close(&a);
    buf_done(&bytes);
    return admission;
}

static enum admission state_with(const char *path, uint16_t kind, struct slice payload) {
    struct key_pair *key = key_of(path);
    struct hash actor;
    crypto_actor(key_pair_public(key), &actor);
    enum admission admission = state_by(key, &actor, 1, kind, payload);
    key_pair_free(key);
    return admission;
}

/* The root hub as it was granted first, or in its second epoch. */
static struct member root_hub(uint32_t epoch) {
    struct actor a;
    struct txn *t;
    struct member m;
    hub_world_open(&a, false, &t);
    assert_true(roster_find(t, &a.id, epoch, &m));
    actor_abort(&a, t);
    actor_close(&a);
    return m;
}

static void grant(const char *path, const struct key_pair *sign, uint32_t epoch) {
    struct member first = root_hub(1);
    struct payload_grant p = {.actor = first.actor,
                              .epoch = epoch,
                              .sign_key = *key_pair_public(sign),
                              .transport_key = first.transport_key,
                              .unit = first.unit,
                              .renewal = {{7}}};
    struct buf b;
    buf_init(&b);
    assert_int_equal(payload_grant_encode(&p, &b, NULL), 0);
    (void)state_with(path, KIND_GRANT, buf_slice(&b));
    buf_done(&b);
}

static void revoke_hub(void) {
    char words[] = "mất khóa", *args[] = {words};
    struct member first = root_hub(1);
    struct actor a;
    struct txn *t;
    hub_world_open(&a, false, &t);
    struct log_head head = log_head_of(t, &first.actor, 1, &(struct uid){{0}});
    actor_abort(&a, t);
    actor_close(&a);
    struct last_good end_of = {first.actor, 1, {{0}}, head.seq};
    struct payload_revoke p = {first.actor, 1, &end_of, {ACT_REASON_WORDS, 1, args}};
    struct buf b;
    buf_init(&b);
    assert_int_equal(payload_revoke_encode(&p, &b, NULL), 0);
    assert_int_equal(state_with("recovery.key", KIND_REVOKE, buf_slice(&b)), ADMIT_HELD);
    buf_done(&b);
}

/* The thief, as the root hub, withdraws the campaign, and that is believed. */
static void thief_withdraws(uint32_t epoch) {
    char words[] = "thôi", *args[] = {words}, id[] = "thu";
    struct payload_campaign_withdraw p = {id, world.now - 1, {ACT_REASON_WORDS, 1, args}};
    struct member m = root_hub(epoch);
    struct buf b;
    buf_init(&b);
    assert_int_equal(payload_campaign_withdraw_encode(&p, &b, NULL), 0);
    assert_int_equal(state_by(thief, &m.actor, epoch, KIND_CAMPAIGN_WITHDRAW, buf_slice(&b)),
                     ADMIT_HELD);
    hub_world_do(&world, "board", "--json");
    assert_non_null(strstr(world.out, "\"expected\":0"));
    buf_done(&b);
}

static void the_recovery_key_is_heard_whichever_came_first(void **s) {
    (void)s;
    static const char *const orders[] = {"RG",   "RTG",  "TRG",  "RGT", "TtRG",
                                         "TRGt", "RTGt", "TWRG", "TWG", "TWtWRG"};
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        char end_words[] = "xong", *args[] = {end_words}, id[] = "thu";
        struct payload_campaign_withdraw p = {id, world.now, {ACT_REASON_WORDS, 1, args}};
        struct buf b;
        void *state = NULL;
        print_message("%s\n", orders[i]);
        begin(&state);
        thief = key_new(31);
        heir = key_new(32);
        for (const char *c = orders[i]; *c; c++) {
            if (*c == REVOKED)
                revoke_hub();
            else if (*c == THIEF_STATES)
                thief_withdraws(c[-1] == THIEF_GRANTS_ON ? 3 : 2);
            else
                grant(*c == GRANTED ? "recovery.key" : "root.key", *c == GRANTED ? heir : thief,
                      *c == THIEF_GRANTS_ON ? 3 : 2);
        }
        struct member now = root_hub(2);
        assert_memory_equal(&now.sign_key, key_pair_public(heir), sizeof now.sign_key);
        board_says(board(&world), "U6", 'u');
        buf_init(&b);
        p.from = world.now;
        assert_int_equal(payload_campaign_withdraw_encode(&p, &b, NULL), 0);
        assert_int_equal(state_by(thief, &now.actor, 2, KIND_CAMPAIGN_WITHDRAW, buf_slice(&b)),
                         ADMIT_REFUSED);
        assert_non_null(strstr(board(&world), "\"expected\":5"));
        assert_int_equal(state_by(heir, &now.actor, 2, KIND_CAMPAIGN_WITHDRAW, buf_slice(&b)),
                         ADMIT_HELD);
        assert_non_null(strstr(board(&world), "\"expected\":0"));
        hub_world_do(&world, "check");
        buf_done(&b);
        key_pair_free(thief);
        key_pair_free(heir);
        end(&state);
    }
}

/* What the thief does as the root hub, and whom it enrols for it. */
enum { THIEF_REVOKES = 'V', THIEF_ENROLS = 'X', THIEF_REPLACES = 'Y', MACHINE_STATES = 's' };

static struct hub_office impostor;

static void thief_revokes(const struct hub_office *o) {
    char words[] = "thôi", *args[] = {words};
    struct member hub = root_hub(2);
    struct last_good none = {o->actor, 1, o->unit, 0};
    struct payload_revoke p = {o->actor, 1, &none, {ACT_REASON_WORDS, 1, args}};
    struct buf b;
    buf_init(&b);
    assert_int_equal(payload_revoke_encode(&p, &b, NULL), 0);
    (void)state_by(thief, &hub.actor, 2, KIND_REVOKE, buf_slice(&b));
    buf_done(&b);
}

static void thief_enrols(const struct hub_office *o, bool instead) {
    struct member hub = root_hub(2);
    struct last_good none = {o->actor, 1, o->unit, 0};
    struct payload_enrol p = {.role = ROLE_NODE, .n_ends = instead, .ends = &none};
    struct actor a;
    struct txn *t;
    struct buf b;
    buf_init(&b);
    p.grant = (struct payload_grant){.actor = impostor.actor,
                                     .epoch = 1,
                                     .sign_key = *key_pair_public(impostor.sign),
                                     .transport_key = {{77}},
                                     .unit = o->unit};
    hub_world_open(&a, false, &t);
    join_prove(&p, &a.deployment, impostor.sign);
    actor_abort(&a, t);
    actor_close(&a);
    assert_int_equal(payload_enrol_encode(&p, &b, NULL), 0);
    (void)state_by(thief, &hub.actor, 2, KIND_ENROL, buf_slice(&b));
    buf_done(&b);
}

static bool is_member(const struct hub_office *o, struct member *ret_member) {
    struct actor a;
    struct txn *t;
    hub_world_open(&a, false, &t);
    bool found = roster_find(t, &o->actor, 1, ret_member);
    actor_abort(&a, t);
    actor_close(&a);
    return found;
}

/* The thief's machine is heard, by a hub that goes on in its own name. */
static void machine_states(const struct hub_report *report) {
    struct actor a;
    struct txn *t;
    hub_world_open(&a, true, &t);
    meta_put_u64(t, "spent", 0);
    a.spent = false;
    assert_int_equal(actor_commit(&a, t, NULL), 0);
    actor_close(&a);
    hub_world_seal(&world, &impostor, report, due + 1000);
}

static void do_step(char step, struct hub_office *victim) {
    struct hub_report late = {.campaign = "94/thu", .revision = 2};
    if (step == THIEF_GRANTS || step == GRANTED)
        grant(step == GRANTED ? "recovery.key" : "root.key", step == GRANTED ? heir : thief, 2);
    else if (step == THIEF_REVOKES)
        thief_revokes(victim);
    else if (step == THIEF_ENROLS || step == THIEF_REPLACES)
        thief_enrols(victim, step == THIEF_REPLACES);
    else if (step == MACHINE_STATES)
        machine_states(&late);
    else
        revoke_hub();
    hub_world_deliver(&world);
}

static void what_a_thief_said_of_machines_is_void_whichever_came_first(void **s) {
    (void)s;
    static const char *const orders[] = {"TVG",  "TGV",  "GTV",  "TXsG", "TXGs",
                                         "GXTs", "TYsG", "GTYs", "TXsVG"};
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        struct hub_report report = {.campaign = "94/thu"};
        struct member m;
        void *state = NULL;
        print_message("%s\n", orders[i]);
        begin(&state);
        thief = key_new(31);
        heir = key_new(32);
        struct hub_office *victim = hub_world_enrol_as(&world, "U2", ROLE_NODE);
        impostor = (struct hub_office){.unit = victim->unit, .sign = key_new(40)};
        crypto_actor(key_pair_public(impostor.sign), &impostor.actor);
        hub_world_seal(&world, victim, &report, due - 1000);
        hub_world_deliver(&world);
        board_says(board(&world), "U2", 'o');
        for (const char *c = orders[i]; *c; c++)
            do_step(*c, victim);
        board_says(board(&world), "U2", 'o');
        assert_false(is_member(&impostor, &m));
        assert_true(is_member(victim, &m));
        assert_false(m.ended);
        hub_world_do(&world, "check");
        key_pair_free(impostor.sign);
        key_pair_free(thief);
        key_pair_free(heir);
        end(&state);
    }
}

/* Rows that no record accounts for are found, whether or not a thief was overruled. */
static void check_finds_a_roster_that_does_not_follow(void **s) {
    (void)s;
    struct actor a;
    struct txn *t;
    struct slice v;
    void *state = NULL;
    struct err e = {0};
    uint8_t row[256];
    begin(&state);
    struct hub_office *o = hub_world_enrol_as(&world, "U2", ROLE_NODE);
    hub_world_do(&world, "check");
    hub_world_open(&a, true, &t);
    struct key k = {.n = 0};
    key_hash(&k, &o->actor);
    key_u32(&k, 1);
    assert_true(txn_get(t, TABLE_ACTORS, key_slice(&k), &v));
    assert_true(v.len <= sizeof row);
    memcpy(row, v.data, v.len);
    row[1] = 1; /* ended, by nobody */
    txn_put(t, TABLE_ACTORS, key_slice(&k), slice_of(row, v.len));
    assert_int_equal(actor_commit(&a, t, NULL), 0);
    actor_close(&a);
    assert_int_not_equal(hub_world_run(&world, &e, "check"), 0);
    end(&state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_recovery_key_is_heard_whichever_came_first),
        cmocka_unit_test(what_a_thief_said_of_machines_is_void_whichever_came_first),
        cmocka_unit_test(check_finds_a_roster_that_does_not_follow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
