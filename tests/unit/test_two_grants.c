#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/keyfile.h"
#include "store/log.h"
#include "tests/unit/contacts_world.h"

/*
 * A thief has the root key. The recovery key revokes the root hub and grants its next epoch, which
 * the thief granted to itself too: whichever came first, the recovery key's counts, at the hub as
 * for the auditor, who finds nothing wrong.
 */

enum { THIEF_GRANTS = 'T', THIEF_GRANTS_ON = 't', REVOKED = 'R', GRANTED = 'G' };

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

static void the_recovery_key_is_heard_whichever_came_first(void **s) {
    (void)s;
    static const char *const orders[] = {"RG", "RTG", "TRG", "RGT", "TtRG", "TRGt", "RTGt"};
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_recovery_key_is_heard_whichever_came_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
