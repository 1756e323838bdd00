#include "hub/heard.h"
#include "node/mends.h"
#include "proto/kinds.h"
#include "proto/payload_act.h"
#include "tests/unit/step_world.h"

/*
 * The root, a district below it, and a hub that the district enrolled: what is kept of the mends of
 * one clock.
 */

static struct fixture_author district, below;
static uint64_t seq, position;
static struct hash prev;

static void open_txn(bool write, struct txn **t) {
    struct err e = {0};
    FIXTURE_OK(actor_begin(&hub.actor, write, t, &e), &e);
}

/* The next record of the district, which the root takes; its id. */
static struct hash state(uint16_t kind, struct slice payload) {
    struct record_header h = fixture_header(&hub, &district, kind);
    struct buf record;
    h.lane = (struct uid){{0}};
    h.seq = ++seq;
    h.prev = prev;
    prev = fixture_sign(&district, &h, payload, &record);
    fixture_records(&hub, PEER, &district, ++position, &record, 1);
    fixture_step(&hub);
    fixture_drop_all(&hub);
    assert_true(held(&record));
    buf_done(&record);
    return prev;
}

static struct hash mend(const struct hash *of, int64_t shift_ms) {
    static char words[] = "sai giờ";
    char *args[] = {words};
    struct payload_clock_mend p = {.actor = *of,
                                   .from = 1,
                                   .until = INSTANT_MAX / 2,
                                   .shift_ms = shift_ms,
                                   .reason = {ACT_REASON_WORDS, 1, args}};
    struct buf b;
    struct err e = {0};
    buf_init(&b);
    FIXTURE_OK(payload_clock_mend_encode(&p, &b, &e), &e);
    struct hash id = state(KIND_CLOCK_MEND, buf_slice(&b));
    buf_done(&b);
    return id;
}

/* A unit below the district's, for its hub. */
static struct uid unit_below(void) {
    static char code[] = "100301", level[] = "ward", none[] = "";
    struct unit_fact fact = {.id = {{0x77}},
                             .parent = district.unit,
                             .effective = DAY_NONE,
                             .from = DAY_NONE,
                             .until = DAY_NONE,
                             .code = code,
                             .level = level,
                             .kind = none,
                             .name = code,
                             .group = none,
                             .contact = none,
                             .phone = none};
    struct payload_units p = {1, &fact};
    struct buf b;
    struct err e = {0};
    buf_init(&b);
    FIXTURE_OK(payload_units_encode(&p, &b, &e), &e);
    fixture_hub_state(&hub, KIND_UNITS, buf_slice(&b));
    buf_done(&b);
    return fact.id;
}

static int begin_tree(void **s) {
    struct buf payload;
    (void)begin(s);
    seq = position = 0;
    prev = (struct hash){{0}};
    fixture_author_init(&district, 31, &hub.communes[2]);
    struct uid unit = unit_below();
    fixture_author_init(&below, 32, &unit);
    fixture_enrol_author(&hub, &district, ROLE_HUB);
    greet(PEER, &district);
    fixture_enrol_payload(&hub, &below, ROLE_HUB, &payload);
    (void)state(KIND_ENROL, buf_slice(&payload));
    buf_done(&payload);
    return 0;
}

static int end_tree(void **s) {
    fixture_author_done(&district);
    fixture_author_done(&below);
    return end(s);
}

/* Take the bytes of the record `id` away: whoever reads it again fails. */
static void lose(struct txn *t, const struct hash *id) {
    txn_delete(t, TABLE_RECORDS, slice_of(id->b, HASH_BYTES));
}

static void what_others_state_about_others_is_looked_at_once(void **s) {
    (void)s;
    struct mends_kept k = {0};
    struct err e = {0};
    struct txn *t;
    struct hash of_below = mend(&below.id, 1000), of_root = mend(&hub.actor.id, 1000);
    open_txn(true, &t);
    FIXTURE_OK(mends_keep(&k, &hub.actor, t, &hub.actor.id, &e), &e);
    assert_int_equal(k.n_acts, 0);
    lose(t, &of_below);
    lose(t, &of_root);
    FIXTURE_OK(heard_state(&hub.actor, t, hub.now.wall, &e), &e); /* something new */
    FIXTURE_OK(mends_keep(&k, &hub.actor, t, &hub.actor.id, &e), &e);
    assert_int_equal(mends_clock(&k.mends, &hub.actor.id, 5000), 5000);
    mends_kept_done(&k);
    assert_int_not_equal(mends_keep(&k, &hub.actor, t, &hub.actor.id, NULL), 0);
    actor_abort(&hub.actor, t);
}

/* The root revokes the district, whose records in lane 0 stand up to `last`. */
static void revoke_district(uint64_t last) {
    static char words[] = "mất máy";
    char *args[] = {words};
    struct last_good end_of = {district.id, 1, {{0}}, last};
    struct payload_revoke p = {district.id, 1, &end_of, {ACT_REASON_WORDS, 1, args}};
    struct buf b;
    struct err e = {0};
    buf_init(&b);
    FIXTURE_OK(payload_revoke_encode(&p, &b, &e), &e);
    fixture_hub_state(&hub, KIND_REVOKE, buf_slice(&b));
    buf_done(&b);
}

static void a_mend_counts_from_when_it_is_held_until_it_is_void(void **s) {
    (void)s;
    static const int64_t want[] = {0, 1000, 2000, 1000};
    struct mends_kept k = {0};
    for (unsigned i = 0; i < 4; i++) {
        struct err e = {0};
        struct txn *t;
        if (i == 1 || i == 2)
            (void)mend(&below.id, want[i]);
        if (i == 3)
            revoke_district(seq - 1);
        open_txn(false, &t);
        FIXTURE_OK(mends_keep(&k, &hub.actor, t, &below.id, &e), &e);
        assert_int_equal(mends_clock(&k.mends, &below.id, 5000), 5000 + want[i]);
        actor_abort(&hub.actor, t);
    }
    mends_kept_done(&k);
}

#define TREE(f) cmocka_unit_test_setup_teardown(f, begin_tree, end_tree)

int main(void) {
    const struct CMUnitTest tests[] = {
        TREE(what_others_state_about_others_is_looked_at_once),
        TREE(a_mend_counts_from_when_it_is_held_until_it_is_void),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
