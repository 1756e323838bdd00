#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "node/append.h"
#include "node/views.h"
#include "proto/kinds.h"
#include "store/log.h"
#include "tests/unit/fixture_hub.h"
#include "tests/unit/join_proof.h"

#include <string.h>

static struct fixture_hub hub;
static struct fixture_author self, node, other; /* self: the hub's own key */
static struct txn *t;

static int begin(void **state) {
    (void)state;
    struct err e = {0};
    fixture_hub_open(&hub, NULL);
    fixture_author_init(&self, 3, &hub.province);
    fixture_author_init(&node, 21, &hub.communes[0]);
    fixture_author_init(&other, 22, &hub.communes[0]);
    fixture_enrol_author(&hub, &node, ROLE_NODE);
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
    return 0;
}

static int end(void **state) {
    (void)state;
    actor_abort(&hub.actor, t);
    fixture_author_done(&self);
    fixture_author_done(&node);
    fixture_author_done(&other);
    fixture_hub_close(&hub);
    return 0;
}

/* A record of the hub, of `version`, next in lane 0. */
static void by_hub(uint16_t kind, uint16_t version, struct slice payload, struct buf *out,
                   struct record *ret) {
    const struct uid zero = {{0}};
    struct log_head head = log_head_of(t, &self.id, 1, &zero);
    struct record_header h = fixture_header(&hub, &self, kind);
    struct err e = {0};
    h.lane = kind == KIND_RECEIPT ? node.unit : zero;
    h.payload_version = version;
    h.seq = head.seq + 1;
    h.prev = head.id;
    fixture_sign(&self, &h, payload, out);
    FIXTURE_OK(record_parse(buf_slice(out), ret, &e), &e);
}

static void the_way_of_trust_begins_with_both_root_keys_and_leads_to_each_member(void **state) {
    (void)state;
    struct roster_walk w;
    struct member m;
    unsigned root = 0, hubs = 0, nodes = 0;
    roster_walk_init(&w, t);
    while (roster_walk_next(&w, &m)) {
        root += m.by == BY_ROOT_KEY;
        hubs += m.by == BY_HUB;
        nodes += m.by == BY_NODE;
    }
    roster_walk_done(&w);
    assert_int_equal(root, 2);
    assert_int_equal(hubs, 1);
    assert_int_equal(nodes, 1);
    assert_true(roster_by_transport(t, key_pair_public(node.transport), &m));
    assert_true(hash_equal(&m.actor, &node.id));
    assert_true(hash_equal(&m.enroller, &self.id));
    assert_false(roster_by_transport(t, key_pair_public(other.transport), &m));
    assert_false(roster_find(t, &node.id, 2, &m));
    assert_false(roster_of_unit(t, &hub.communes[1], BY_NODE, &m));
    assert_false(roster_of_unit(t, &hub.communes[0], BY_HUB, &m));
}

static void an_enrolment_that_cannot_be_is_refused_by_name(void **state) {
    (void)state;
    static const char *const names[] = {"sound",
                                        "another's name",
                                        "said again (sound)",
                                        "transport key (sound)",
                                        "ends a stranger",
                                        "ends the hub itself",
                                        "asked for another unit",
                                        "asked for another role",
                                        "asked with another transport key",
                                        "never asked"};
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        struct payload_enrol p = {.role = ROLE_NODE};
        struct last_good end_of = {other.id, 1, {{0}}, 0};
        struct buf payload, b;
        struct record r;
        struct err e = {0};
        const struct fixture_author *who = i == 2 ? &node : &other;
        p.grant = (struct payload_grant){who->id, 1, *key_pair_public(who->sign),
                                         *key_pair_public(who->transport), who->unit};
        if (i == 1)
            p.grant.actor.b[0] ^= 1;
        if (i == 3)
            p.grant.transport_key = *key_pair_public(node.transport);
        join_prove(&p, &hub.actor.deployment, who->sign);
        if (i == 5)
            end_of.actor = self.id;
        p.n_ends = i == 4 || i == 5;
        p.ends = &end_of;
        if (i == 6) /* nobody but the unit is another */
            p.grant.unit = hub.communes[1];
        if (i == 7)
            p.role = ROLE_HUB;
        if (i == 8)
            p.grant.transport_key.b[0] ^= 1;
        if (i == 9)
            memset(p.grant.proof, 1, sizeof p.grant.proof);
        buf_init(&payload);
        FIXTURE_OK(payload_enrol_encode(&p, &payload, &e), &e);
        by_hub(KIND_ENROL, 1, buf_slice(&payload), &b, &r);
        print_message("%s\n", names[i]);
        assert_int_equal(roster_check(t, &r, &e), i == 0 || i == 2 || i == 3 ? 0 : ERR_REFUSED);
        buf_done(&payload);
        buf_done(&b);
    }
}

/* Enrol `node` in a later epoch as case `i` has it: what the roster says. */
enum later_case {
    LATER_SOUND,
    LATER_SKIPS,
    LATER_NO_PROOF,
    LATER_OTHERS_PROOF,
    LATER_PROOF_OF_ANOTHER,
    LATER_OTHER_UNIT,
    LATER_OTHER_ROLE,
    LATER_OTHERS_TRANSPORT,
    LATER_OWN_NEW_TRANSPORT,
    LATER_CASES
};

static int later(enum later_case i, uint32_t epoch, struct record *ret, struct buf *out) {
    struct payload_enrol p = {.role = i == LATER_OTHER_ROLE ? ROLE_HUB : ROLE_NODE};
    struct buf payload;
    struct err e = {0};
    p.grant = (struct payload_grant){.actor = node.id,
                                     .epoch = i == LATER_SKIPS ? epoch + 1 : epoch,
                                     .sign_key = *key_pair_public(node.sign),
                                     .transport_key = *key_pair_public(node.transport),
                                     .unit = i == LATER_OTHER_UNIT ? hub.communes[1] : node.unit,
                                     .renewal = {{0x61}}};
    if (i == LATER_OTHERS_TRANSPORT)
        p.grant.transport_key = *key_pair_public(hub.actor.transport);
    if (i == LATER_OWN_NEW_TRANSPORT)
        p.grant.transport_key = *key_pair_public(other.transport);
    payload_renewal_prove(&p.grant, &hub.actor.deployment,
                          i == LATER_OTHERS_PROOF ? other.sign : node.sign, p.grant.proof);
    if (i == LATER_NO_PROOF)
        memset(p.grant.proof, 1, sizeof p.grant.proof);
    if (i == LATER_PROOF_OF_ANOTHER)
        p.grant.renewal.b[1] ^= 1;
    buf_init(&payload);
    FIXTURE_OK(payload_enrol_encode(&p, &payload, &e), &e);
    by_hub(KIND_ENROL, 1, buf_slice(&payload), out, ret);
    buf_done(&payload);
    return roster_check(t, ret, &e);
}

static void a_later_epoch_follows_the_last_one_and_is_asked_for_by_its_key(void **state) {
    (void)state;
    static const struct {
        const char *name;
        enum later_case how;
        int want;
    } cases[] = {
        {"sound", LATER_SOUND, 0},
        {"it skips one", LATER_SKIPS, ERR_REFUSED},
        {"no proof", LATER_NO_PROOF, ERR_REFUSED},
        {"another's proof", LATER_OTHERS_PROOF, ERR_REFUSED},
        {"a proof of another request", LATER_PROOF_OF_ANOTHER, ERR_REFUSED},
        {"another unit", LATER_OTHER_UNIT, ERR_REFUSED},
        {"another role", LATER_OTHER_ROLE, ERR_REFUSED},
        {"another's transport key", LATER_OTHERS_TRANSPORT, 0},
        {"a transport key of its own that is new", LATER_OWN_NEW_TRANSPORT, 0},
    };
    struct record r;
    struct buf b;
    struct err e = {0};
    struct member m;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        print_message("%s\n", cases[i].name);
        assert_int_equal(later(cases[i].how, 2, &r, &b), cases[i].want);
        buf_done(&b);
    }
    assert_int_equal(later(LATER_SOUND, 2, &r, &b), 0);
    FIXTURE_OK(append_record(&hub.actor, t, &r, ORIGIN_OWN, &e), &e);
    assert_int_equal(roster_epoch(t, &node.id), 2);
    assert_true(roster_by_transport(t, key_pair_public(node.transport), &m));
    assert_int_equal(m.epoch, 2);
    buf_done(&b);
    assert_int_equal(later(LATER_SOUND, 2, &r, &b), 0); /* the same epoch once more */
    buf_done(&b);
    assert_int_equal(later(LATER_NO_PROOF, 2, &r, &b), ERR_REFUSED);
    buf_done(&b);
    assert_int_equal(later(LATER_OTHERS_TRANSPORT, 2, &r, &b), ERR_REFUSED);
    buf_done(&b);
    struct last_good end_of = {node.id, 2, node.unit, 0};
    struct payload_enrol p = {.role = ROLE_NODE, .n_ends = 1, .ends = &end_of};
    struct buf payload;
    p.grant = (struct payload_grant){.actor = other.id,
                                     .epoch = 1,
                                     .sign_key = *key_pair_public(other.sign),
                                     .transport_key = *key_pair_public(other.transport),
                                     .unit = other.unit};
    join_prove(&p, &hub.actor.deployment, other.sign);
    buf_init(&payload);
    FIXTURE_OK(payload_enrol_encode(&p, &payload, &e), &e);
    by_hub(KIND_ENROL, 1, buf_slice(&payload), &b, &r);
    FIXTURE_OK(append_record(&hub.actor, t, &r, ORIGIN_OWN, &e), &e);
    buf_done(&payload);
    buf_done(&b);
    assert_int_equal(later(LATER_SOUND, 3, &r, &b), ERR_REFUSED); /* it was replaced */
    buf_done(&b);
}

static void nothing_is_read_of_a_payload_of_another_version(void **state) {
    (void)state;
    struct member m;
    struct buf payload, b;
    struct record r;
    struct err e = {0};
    fixture_enrol_payload(&hub, &other, ROLE_NODE, &payload);
    by_hub(KIND_ENROL, 2, buf_slice(&payload), &b, &r);
    assert_int_equal(roster_check(t, &r, &e), 0);
    FIXTURE_OK(append_record(&hub.actor, t, &r, ORIGIN_OWN, &e), &e);
    assert_false(roster_find(t, &other.id, 1, &m));
    buf_done(&payload);
    buf_done(&b);
    static char code[] = "77", none[] = "";
    size_t units = units_count(hub.actor.catalog.units);
    struct unit_fact fact = {.id = {{0x77}},
                             .parent = hub.province,
                             .effective = DAY_NONE,
                             .from = DAY_NONE,
                             .until = DAY_NONE,
                             .code = code,
                             .level = code,
                             .kind = none,
                             .name = code,
                             .group = none,
                             .contact = none,
                             .phone = none};
    struct payload_units said = {1, &fact};
    buf_init(&payload);
    FIXTURE_OK(payload_units_encode(&said, &payload, &e), &e);
    by_hub(KIND_UNITS, 2, buf_slice(&payload), &b, &r);
    FIXTURE_OK(append_record(&hub.actor, t, &r, ORIGIN_OWN, &e), &e);
    assert_int_equal(units_count(hub.actor.catalog.units), units);
    buf_done(&payload);
    buf_done(&b);
}

static void say(const struct hash *record, const struct hash *author, uint32_t epoch,
                enum receipt_state state, uint16_t version, instant at, bool doubt) {
    struct receipt_entry entry = {.record = *record,
                                  .received_at = at,
                                  .clock_doubt = doubt,
                                  .state = state,
                                  .code = state == RECEIPT_REJECTED ? 2 : 0};
    struct payload_receipt p = {*author, epoch, 1, &entry};
    struct buf payload, b;
    struct record r;
    struct err e = {0};
    buf_init(&payload);
    FIXTURE_OK(payload_receipt_encode(&p, &payload, &e), &e);
    by_hub(KIND_RECEIPT, version, buf_slice(&payload), &b, &r);
    if (!log_has(t, &r.id))
        log_append(t, &r);
    FIXTURE_OK(views_apply(t, &r, &e), &e);
    buf_done(&payload);
    buf_done(&b);
}

static void receipt_of(const struct hash *record, const struct hash *author, uint32_t epoch,
                       enum receipt_state state, uint16_t version, instant at) {
    say(record, author, epoch, state, version, at, false);
}

static void a_receipt_counts_for_the_author_that_it_names_and_its_final_word_stays(void **state) {
    (void)state;
    struct buf story[2];
    struct record r;
    struct receipt_row row;
    struct err e = {0};
    fixture_story(&hub, &node, 0, story);
    FIXTURE_OK(record_parse(buf_slice(&story[0]), &r, &e), &e);
    FIXTURE_OK(append_record(&hub.actor, t, &r, ORIGIN_BELOW, &e), &e);
    receipt_of(&r.id, &other.id, 1, RECEIPT_VALID, 1, 5);
    receipt_of(&r.id, &node.id, 2, RECEIPT_VALID, 1, 5);
    receipt_of(&r.id, &node.id, 1, RECEIPT_VALID, 2, 5);
    assert_false(views_receipt(t, &r.id, &self.id, &row));
    receipt_of(&r.id, &node.id, 1, RECEIPT_HELD, 1, 5);
    assert_true(views_receipt(t, &r.id, &self.id, &row));
    assert_int_equal(row.state, RECEIPT_HELD);
    receipt_of(&r.id, &node.id, 1, RECEIPT_VALID, 1, 5);
    receipt_of(&r.id, &node.id, 1, RECEIPT_HELD, 1, 9);
    assert_true(views_receipt(t, &r.id, &self.id, &row));
    assert_int_equal(row.state, RECEIPT_VALID);
    assert_true(row.received_at == 5);
    buf_done(&story[0]);
    buf_done(&story[1]);
}

static void of_two_final_receipts_of_a_hub_the_same_one_counts_whatever_came_first(void **state) {
    (void)state;
    static const struct {
        const char *name;
        struct {
            enum receipt_state state;
            instant at;
            bool doubt;
        } said[2], want;
    } cases[] = {
        {"two instants", {{RECEIPT_VALID, 5}, {RECEIPT_VALID, 9}}, {RECEIPT_VALID, 5}},
        {"valid later", {{RECEIPT_REJECTED, 5}, {RECEIPT_VALID, 9}}, {RECEIPT_VALID, 9}},
        {"rejected later", {{RECEIPT_VALID, 5}, {RECEIPT_REJECTED, 9}}, {RECEIPT_VALID, 5}},
        {"held later", {{RECEIPT_VALID, 5}, {RECEIPT_HELD, 1}}, {RECEIPT_VALID, 5}},
        {"both rejected", {{RECEIPT_REJECTED, 5}, {RECEIPT_REJECTED, 9}}, {RECEIPT_REJECTED, 5}},
        {"one instant, one in doubt",
         {{RECEIPT_VALID, 5}, {RECEIPT_VALID, 5, true}},
         {RECEIPT_VALID, 5}},
        {"the earlier in doubt",
         {{RECEIPT_VALID, 5, true}, {RECEIPT_VALID, 9}},
         {RECEIPT_VALID, 5, true}},
    };
    for (size_t i = 0; i < 2 * (sizeof cases / sizeof *cases); i++) {
        struct hash record;
        struct receipt_row row;
        struct buf story[2];
        struct record r;
        struct err e = {0};
        fixture_story(&hub, &node, 0, story); /* two more records of the node */
        FIXTURE_OK(record_parse(buf_slice(&story[0]), &r, &e), &e);
        FIXTURE_OK(append_record(&hub.actor, t, &r, ORIGIN_BELOW, &e), &e);
        record = r.id;
        FIXTURE_OK(record_parse(buf_slice(&story[1]), &r, &e), &e);
        FIXTURE_OK(append_record(&hub.actor, t, &r, ORIGIN_BELOW, &e), &e);
        for (unsigned k = 0; k < 2; k++) {
            unsigned at = i % 2 == 0 ? k : 1 - k;
            say(&record, &node.id, 1, cases[i / 2].said[at].state, 1, cases[i / 2].said[at].at,
                cases[i / 2].said[at].doubt);
        }
        print_message("%s, %s\n", cases[i / 2].name, i % 2 == 0 ? "in order" : "the other way");
        assert_true(views_receipt(t, &record, &self.id, &row));
        assert_int_equal(row.state, cases[i / 2].want.state);
        assert_true(row.received_at == cases[i / 2].want.at);
        assert_int_equal(row.clock_doubt, cases[i / 2].want.doubt);
        buf_done(&story[0]);
        buf_done(&story[1]);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_way_of_trust_begins_with_both_root_keys_and_leads_to_each_member),
        TEST(an_enrolment_that_cannot_be_is_refused_by_name),
        TEST(a_later_epoch_follows_the_last_one_and_is_asked_for_by_its_key),
        TEST(nothing_is_read_of_a_payload_of_another_version),
        TEST(a_receipt_counts_for_the_author_that_it_names_and_its_final_word_stays),
        TEST(of_two_final_receipts_of_a_hub_the_same_one_counts_whatever_came_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
